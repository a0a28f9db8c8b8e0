"""Scalar automatic differentiation: write one number at a time, read the graph.

>>> from autograd import Value
>>> a = Value(2.0)
>>> b = a * 3
>>> c = b * b
>>> c.backward()
>>> a.grad
36.0
"""

from autograd import functions
from autograd.errors import AutogradError, GradientError, RenderError, TraceError
from autograd.functions import *  # noqa: F403
from autograd.modes import is_recording, no_grad, pause_gc
from autograd.primitives import SYMBOLIC_ZERO, Primitive, primitive
from autograd.transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.value import Value

__all__ = [
    "SYMBOLIC_ZERO",
    "AutogradError",
    "GradientError",
    "Primitive",
    "RenderError",
    "TraceError",
    "Value",
    "grad",
    "hessian",
    "hvp",
    "is_recording",
    "jacobian",
    "jvp",
    "no_grad",
    "pause_gc",
    "primitive",
    "value_and_grad",
    "vjp",
]
__all__ += functions.__all__
