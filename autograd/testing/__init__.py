"""Checking derivatives: numerical ones with error estimates, `gradcheck`, and random inputs for it.

The strategies and `derivative_property` need Hypothesis, and are imported when first used.
"""

from typing import TYPE_CHECKING, Any

from autograd.testing.checking.findings import Diagnosis, Entry, GradcheckResult, InconclusiveError
from autograd.testing.checking.gradcheck import gradcheck
from autograd.testing.domains import DOMAINS, Domain
from autograd.testing.numerical.differences import numerical_gradient, numerical_jacobian
from autograd.testing.numerical.estimates import Estimate, Inconclusive
from autograd.testing.programs.expressions import Expression
from autograd.testing.programs.generation import random_expression

if TYPE_CHECKING:
    from autograd.testing.properties import derivative_property
    from autograd.testing.strategies import datasets, expressions, graphs, mlps, points, values

_LATER = {
    "derivative_property": "autograd.testing.properties",
    **dict.fromkeys(
        ("datasets", "expressions", "graphs", "mlps", "points", "values"),
        "autograd.testing.strategies",
    ),
}

__all__ = [
    "DOMAINS",
    "Diagnosis",
    "Domain",
    "Entry",
    "Estimate",
    "Expression",
    "GradcheckResult",
    "Inconclusive",
    "InconclusiveError",
    "datasets",
    "derivative_property",
    "expressions",
    "gradcheck",
    "graphs",
    "mlps",
    "numerical_gradient",
    "numerical_jacobian",
    "points",
    "random_expression",
    "values",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        found = getattr(import_module(_LATER[name]), name)
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        from autograd.extras import missing

        needs = missing(f"autograd.testing.{name}", "test", ["hypothesis"])
        raise ModuleNotFoundError(needs, name=error.name) from None
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
