"""Scalar automatic differentiation: write one number at a time, read the graph.

>>> from autograd import Value
>>> a = Value(2.0)
>>> b = a * 3
>>> c = b * b
>>> c.backward()
>>> a.grad
36.0
"""

from os.path import exists
from typing import TYPE_CHECKING, Any

from autograd import functions
from autograd.errors import (
    AutogradError,
    GradientError,
    LeftGraphWarning,
    RenderError,
    TraceError,
)
from autograd.functions import *  # noqa: F403
from autograd.modes import is_recording, no_grad, pause_gc
from autograd.primitives import SYMBOLIC_ZERO, Primitive, primitive
from autograd.transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.draw import draw as draw
    from autograd.jit import jit as jit

_FOLDER = __file__.removesuffix("__init__.py")

if exists(f"{_FOLDER}tracer.py"):  # HIPS autograd's, never this project's
    from warnings import warn

    warn(
        f"chainrule and HIPS autograd, which share the import name autograd, are both installed in"
        f" {_FOLDER}: the second has overwritten files of the first, which is broken now."
        " Remove both (pip uninstall autograd chainrule) and install the one that you need, or"
        " each in an environment of its own",
        RuntimeWarning,
        stacklevel=2,
    )

_LATER = ("draw", "jit", "testing")  # imported when first used: none of them is light

if not TYPE_CHECKING:  # or every name would have a type

    def __getattr__(name: str) -> Any:
        if name not in _LATER:
            raise AttributeError(f"module 'autograd' has no attribute {name!r}")
        from importlib import import_module

        return import_module(f"autograd.{name}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_LATER, "__doc__", "__file__", "__name__", "__path__"])


__all__ = [
    "SYMBOLIC_ZERO",
    "AutogradError",
    "GradientError",
    "LeftGraphWarning",
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
