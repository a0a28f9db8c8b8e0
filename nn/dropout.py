"""Dropout: numbers that are 0 in some steps of a training, by a key, and never afterwards.

There is no mode to be switched: a call with a key is one of a training, a call without is none. So
a step is a function of its arguments, the key among them: it can be compiled, and made again.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from autograd import tree, where
from autograd.number import describe, is_number
from autograd.random import Key, bernoulli
from nn.module import Module, items_of
from nn.ranges import as_ranged


class Dropout(Module):
    """Each number becomes 0 with some probability in training; the others grow to make up for it.

    Args:
        rate: the probability.

    Raises:
        ValueError: the rate is not at least 0 and below 1.
        TypeError: it is not a number.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: a simple way to
    prevent neural networks from overfitting" (2014); what is kept is divided by `1 - rate`, so that
    nothing has to be changed afterwards.

    >>> from autograd import random
    >>> dropout = Dropout(0.5)
    >>> dropout([1.0, 2.0, 3.0, 4.0], key=random.key(2))
    [2.0, 4.0, 0.0, 8.0]
    >>> dropout([1.0, 2.0, 3.0, 4.0])
    [1.0, 2.0, 3.0, 4.0]
    """

    def __init__(self, rate: float = 0.5) -> None:
        self.rate = as_ranged(rate, "Dropout: rate", "at least 0 and below 1")

    def __call__(self, inputs: Any, key: Key | None = None) -> Any:
        """The row, some of its numbers 0.

        Args:
            inputs: numbers or Values, or one, or rows of them.
            key: what decides, which is used up; `None` for the row itself.

        Raises:
            TypeError: what was given is no key.
        """
        if key is None or self.rate == 0.0:
            return inputs
        row = [inputs] if is_number(inputs) else list(inputs)
        if any(hasattr(x, "__len__") for x in row):  # rows of rows
            row, structure = tree.flatten(row)
            return tree.unflatten(structure, self(row, key))
        scale = 1.0 / (1.0 - self.rate)
        kept = bernoulli(key, 1.0 - self.rate, len(row))
        found = [where(is_kept, x * scale, 0.0) for x, is_kept in zip(row, kept, strict=True)]
        return found[0] if is_number(inputs) else found

    def __repr__(self) -> str:
        return f"Dropout({self.rate!r})"


# What `fit` needs of it


def check_key(model: Any, key: Any) -> None:
    """Raise unless `fit` is given a key exactly if the model draws by one.

    Raises:
        ValueError: there is dropout, and no key.
        TypeError: what was given is no key, or the model takes none.
    """
    write = "key=autograd.random.key(0)"
    if key is None:
        found = next((x for x in _dropouts(model, set()) if x.rate), None)
        if found is not None:
            raise ValueError(
                f"fit: the model has {found!r}, which drops nothing without a key: write"
                f" fit(..., {write})"
            )
        return
    if not isinstance(key, Key):
        raise TypeError(f"fit: key must be a key, got {describe(key)}: write {write}")
    if not takes_key(model):
        raise TypeError(
            f"fit: there is a key, but {type(model).__name__}.__call__ takes none: write"
            " def __call__(self, row, key=None)"
        )


def takes_key(function: Any, any_name: bool = True) -> bool:
    """Whether a function, or a module, is to be called with `key=`.

    Args:
        function: it.
        any_name: whether `**options` count.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # of a builtin that does not say
        return False
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return any(
        (any_name and p.kind is p.VAR_KEYWORD) or (p.name == "key" and p.kind in named)
        for p in parameters
    )


def check_reaches(layer: Any) -> None:
    """Raise TypeError if there is dropout in a module that is called without the key there is."""
    found = next((x for x in _dropouts(layer, set()) if x.rate), None)
    if found is not None:
        raise TypeError(
            f"{type(layer).__name__}.__call__ takes no key, so that {found!r} in it would drop"
            " nothing: write def __call__(self, row, key=None), and give it on"
        )


def _dropouts(x: Any, seen: set[int]) -> Iterator[Dropout]:
    if isinstance(x, Dropout):
        yield x
    for _, item in items_of(x, seen):
        yield from _dropouts(item, seen)
