"""`LayerNorm` and `RMSNorm`: a row brought to one scale, by numbers of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from autograd import Value, dot, mean, sqrt
from autograd.number import as_integer
from nn.module import Module
from nn.ranges import as_ranged
from nn.sizes import checked_row


class LayerNorm(Module):
    """A row brought to mean 0 and variance 1, then scaled and shifted by what is learned.

    Args:
        size: how many numbers a row has.
        eps: is added to the variance.

    Attributes:
        weight: the scale of each number, 1 at first.
        bias: its shift, 0 at first.

    Raises:
        ValueError: the size is not positive, or `eps` is negative.
        TypeError: an argument is of the wrong kind.

    Source: Ba, Kiros and Hinton, "Layer normalization" (2016), eq. 3 and 4.

    >>> [round(x.data, 3) for x in LayerNorm(3)([1.0, 2.0, 3.0])]
    [-1.225, 0.0, 1.225]
    """

    def __init__(self, size: int, eps: float = 1e-5) -> None:
        size = as_integer(size, "LayerNorm: size", 1)
        self.eps = as_ranged(eps, "LayerNorm: eps", "at least 0 and finite")
        self.weight = [Value(1.0) for _ in range(size)]
        self.bias = [Value(0.0) for _ in range(size)]

    def __call__(self, inputs: Iterable[Any]) -> list[Any]:
        """The row, normalised.

        Raises:
            ValueError: it has another length.
            TypeError: something in it is not a number.
        """
        row = checked_row(inputs, len(self.weight), self)
        middle = mean(row)
        centred = [x - middle for x in row]
        size = sqrt(dot(centred, centred) / len(row) + self.eps)
        scaled = [x / size for x in centred]
        return [w * x + b for w, x, b in zip(self.weight, scaled, self.bias, strict=True)]

    def __repr__(self) -> str:
        return f"LayerNorm({len(self.weight)}, eps={self.eps!r})"


class RMSNorm(Module):
    """A row divided by the root of the mean of its squares, then scaled by what is learned.

    Args:
        size: how many numbers a row has.
        eps: is added to the mean of the squares; by default the distance from 1 to the next float,
            as in PyTorch.

    Attributes:
        weight: the scale of each number, 1 at first.

    Raises:
        ValueError: the size is not positive, or `eps` is negative.
        TypeError: an argument is of the wrong kind.

    Source: Zhang and Sennrich, "Root mean square layer normalization" (2019), eq. 4.

    >>> [round(x.data, 3) for x in RMSNorm(2)([3.0, 4.0])]
    [0.849, 1.131]
    """

    def __init__(self, size: int, eps: float = sys.float_info.epsilon) -> None:
        size = as_integer(size, "RMSNorm: size", 1)
        self.eps = as_ranged(eps, "RMSNorm: eps", "at least 0 and finite")
        self.weight = [Value(1.0) for _ in range(size)]

    def __call__(self, inputs: Iterable[Any]) -> list[Any]:
        """The row, normalised; errors as of `LayerNorm`."""
        row = checked_row(inputs, len(self.weight), self)
        size = sqrt(dot(row, row) / len(row) + self.eps)
        return [w * (x / size) for w, x in zip(self.weight, row, strict=True)]

    def __repr__(self) -> str:
        return f"RMSNorm({len(self.weight)}, eps={self.eps!r})"
