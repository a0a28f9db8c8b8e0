"""Activation functions by name.

The functions are those of `autograd`, where their derivatives and sources stand. Wherever a name
is accepted, so is any function that makes one Value of another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import autograd
from autograd import Value
from autograd.number import describe

Activation: TypeAlias = Callable[[Value], Value]


def identity(x: Value) -> Value:
    """`x` itself: the activation of a linear neuron.

    >>> from autograd import Value
    >>> identity(Value(3.0)).data
    3.0
    """
    return x


ACTIVATIONS: dict[str, Activation] = {
    "identity": identity,
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


def activation_function(activation: str | Activation) -> Activation:
    """The function of that name, or the function itself.

    Raises:
        ValueError: there is no activation of that name.
        TypeError: neither a name nor a function was given.

    >>> activation_function("relu") is autograd.relu
    True
    """
    if isinstance(activation, str):
        if activation not in ACTIVATIONS:
            raise ValueError(
                f"unknown activation {activation!r}: expected one of {', '.join(ACTIVATIONS)}"
            )
        return ACTIVATIONS[activation]
    if not callable(activation):
        raise TypeError(f"activation: expected a name or a function, got {describe(activation)}")
    return activation


def activation_name(activation: Activation) -> str:
    """How a `repr` shows a function: by its name in the table, else by its own.

    >>> activation_name(autograd.tanh), activation_name(abs)
    ("'tanh'", 'abs')
    """
    for name, function in ACTIVATIONS.items():
        if function is activation:
            return repr(name)
    return getattr(activation, "__name__", repr(activation))
