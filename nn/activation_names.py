"""Activation functions by name.

The functions are those of `autograd`, where their derivatives and sources stand. Most map one
number to another, neuron by neuron; a *row activation* maps the row of all the weighted sums of a
layer to a row, as softmax does. Wherever a name is accepted, so is the function itself, and any
user-defined function from one Value to another.
"""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType
from typing import Any, TypeAlias

import autograd
from autograd import Value
from autograd.functions import N
from autograd.number import describe
from autograd.text import visible

Activation: TypeAlias = Callable[[Value], Value]
RowActivation: TypeAlias = Callable[[list[Value]], list[Value]]


def identity(x: N) -> N:
    """`x` itself: the activation of a linear neuron.

    >>> from autograd import Value
    >>> identity(Value(3.0)).data
    3.0
    """
    return x


def step(x: N) -> N:
    """1 above 0, else 0: the threshold of the perceptron. Derivative: 0, so no gradient passes it.

    Source: McCulloch and Pitts, "A logical calculus of the ideas immanent in nervous activity"
    (1943); Rosenblatt, "The perceptron" (1958).

    >>> step(0.5), step(0.0), step(-2.0)
    (1.0, 0.0, 0.0)
    """
    return autograd.relu(autograd.sign(x))


ACTIVATIONS: dict[str, Activation] = {
    "identity": identity,
    "step": step,
    "sigmoid": autograd.sigmoid,
    "tanh": autograd.tanh,
    "relu": autograd.relu,
    "leaky_relu": autograd.leaky_relu,
    "elu": autograd.elu,
    "gelu": autograd.gelu,
    "silu": autograd.silu,
    "softplus": autograd.softplus,
    "softsign": autograd.softsign,
}
"""The activations of one number."""

ROW_ACTIVATIONS: dict[str, RowActivation] = {
    "softmax": autograd.softmax,
    "log_softmax": autograd.log_softmax,
}
"""The activations of a whole layer."""


def row_activation(
    activation: str | Activation | RowActivation,
) -> RowActivation | None:
    """The row activation of that name, or that function; `None` if it is not in the table.

    >>> row_activation("softmax") is row_activation(autograd.softmax) is autograd.softmax
    True
    >>> row_activation("tanh")
    """
    for name, function in ROW_ACTIVATIONS.items():
        if activation is function or activation == name:
            return function
    return None


def activation_function(activation: str | Activation | RowActivation) -> Activation:
    """The function of that name, or the function itself.

    Raises:
        ValueError: there is no activation of that name, or it is a row activation.
        TypeError: neither a name nor a function was given, or a function of `math`.

    >>> activation_function("relu") is autograd.relu
    True
    >>> activation_function("softmax")
    Traceback (most recent call last):
    ValueError: activation 'softmax' is one of a whole layer, not of one neuron: give it to a Layer
    """
    over_row = row_activation(activation)
    if over_row is not None:
        raise ValueError(
            f"activation {activation_name(over_row)} is one of a whole layer, not of one neuron:"
            " give it to a Layer"
        )
    if isinstance(activation, str):
        if activation not in ACTIVATIONS:
            names = ", ".join([*ACTIVATIONS, *ROW_ACTIVATIONS])
            raise ValueError(f"unknown activation {activation!r}: expected one of {names}")
        return ACTIVATIONS[activation]
    if isinstance(activation, BuiltinFunctionType) and activation.__module__ in ("math", "cmath"):
        raise TypeError(
            f"activation: math.{activation.__name__} returns a plain number, through which no"
            f" gradient flows; {activation_remedy(activation)}"
        )
    if not callable(activation):
        raise TypeError(f"activation: expected a name or a function, got {describe(activation)}")
    return activation  # type: ignore[return-value]  # not a row activation: checked above


def activation_remedy(activation: Any) -> str:
    """What to give in place of a function that returns a plain number.

    >>> import math
    >>> activation_remedy(math.tanh)
    "write activation='tanh'"
    """
    name = getattr(activation, "__name__", None)
    if name in ACTIVATIONS:
        return f"write activation={name!r}"
    return "write it with operators and the functions of autograd in place of those of math"


def activation_name(activation: Activation | RowActivation) -> str:
    """How a `repr` shows a function: by its name in a table, else by its `__name__`.

    >>> activation_name(autograd.tanh), activation_name(autograd.softmax), activation_name(abs)
    ("'tanh'", "'softmax'", 'abs')
    """
    for name, function in [*ACTIVATIONS.items(), *ROW_ACTIVATIONS.items()]:
        if function is activation:
            return repr(name)
    return visible(getattr(activation, "__name__", None) or repr(activation))
