"""Checking derivatives against finite differences."""

from autograd.testing.differences import numerical_gradient
from autograd.testing.domains import DOMAINS, Domain
from autograd.testing.gradcheck import gradcheck

__all__ = ["DOMAINS", "Domain", "gradcheck", "numerical_gradient"]
