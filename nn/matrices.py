"""What layers of weights share: matrices of Values, their products with rows, and first weights."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

from autograd import Value, dot

Row = list[Any]
Matrix = list[list[Value]]


def drawn(rng: random.Random, inputs: int, *shape: int) -> Any:
    """Weights, or biases, of neurons with that number of inputs, as a nested list.

    They are spread evenly from `-1 / sqrt(inputs)` to `1 / sqrt(inputs)`, as in PyTorch.

    Source: LeCun, Bottou, Orr and Müller, "Efficient BackProp" (1998), section 4.6.
    """
    if not shape:
        limit = 1.0 / math.sqrt(inputs)
        return Value(rng.uniform(-limit, limit))
    return [drawn(rng, inputs, *shape[1:]) for _ in range(shape[0])]


def linear(weight: Sequence[Sequence[Any]], row: Row, bias: Sequence[Any] | None = None) -> Row:
    """A matrix times a row, plus the biases if there are any.

    >>> linear([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0], [0.5, 0.5])
    [3.5, 7.5]
    """
    products = [dot(weights, row) for weights in weight]
    if bias is None:
        return products
    return [product + b for product, b in zip(products, bias, strict=True)]
