"""`Embedding`: a row of a table, chosen by an index."""

from __future__ import annotations

import random
from typing import Any

from autograd import Value, take
from autograd.number import as_integer, describe, is_number
from nn.initializers import generator
from nn.module import Module
from nn.sizes import NO_ROW


class Embedding(Module):
    """For each of a number of things, such as words, a row of numbers that is learned.

    Args:
        count: how many things there are.
        size: how many numbers stand for each.
        rng: where the rows are drawn from, by a normal distribution: a `random.Random`, a seed, or
            `None` for the generator of the module `random`.

    Attributes:
        weight: the rows.

    Raises:
        ValueError: a size is not positive.
        TypeError: one is not an integer.

    Source: Bengio, Ducharme, Vincent and Jauvin, "A neural probabilistic language model" (2003),
    section 2.

    >>> embedding = Embedding(3, 2, rng=0)
    >>> embedding(1) == embedding.weight[1], len(embedding([0, 2, 2]))
    (True, 3)
    """

    def __init__(self, count: int, size: int, *, rng: random.Random | int | None = None) -> None:
        count = as_integer(count, "Embedding: count", 1)
        size = as_integer(size, "Embedding: size", 1)
        rng = generator(rng)
        self.weight = [[Value(rng.gauss(0.0, 1.0)) for _ in range(size)] for _ in range(count)]

    def __call__(self, index: Any) -> Any:
        """The row of an index; for a list of indexes the list of their rows.

        Args:
            index: a whole number from 0 on, or a nested list of these. In a compiled function it
                may be an argument.

        Raises:
            ValueError: an index is not whole.
            IndexError: there is no such row.
            TypeError: it is no number.
        """
        if not is_number(index):
            is_scalar = getattr(index, "shape", None) == ()  # a number of PyTorch's
            if is_scalar or isinstance(index, (str, *NO_ROW)) or not hasattr(index, "__iter__"):
                hint = ": write tokens.tolist()" if is_scalar else ""
                raise TypeError(f"{self!r}: expected an index, got {describe(index)}{hint}")
            return [self(x) for x in index]
        if not 0 <= index < len(self.weight):
            raise IndexError(
                f"{self!r}: expected an index of at least 0 and below {len(self.weight)}, got"
                f" {describe(index)}"
            )
        return take(self.weight, index)

    def __repr__(self) -> str:
        return f"Embedding({len(self.weight)}, {len(self.weight[0])})"
