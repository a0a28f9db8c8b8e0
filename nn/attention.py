"""`MultiHeadAttention`: each row becomes a mixture of rows, by weights that the rows decide."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from autograd import Value, dot, softmax
from autograd.number import as_flag, as_integer, describe
from nn.initializers import generator
from nn.layers import Layer
from nn.matrices import Row, drawn, linear
from nn.module import Module
from nn.sizes import NO_ROW, checked_row


class MultiHeadAttention(Module):
    """Scaled dot-product attention by several heads, of rows among each other or of others.

    Args:
        size: how many numbers a row has.
        heads: how many mixtures are made; they share the numbers, so `size` is a multiple.
        bias: whether there are biases.
        rng: where the weights are drawn from: a `random.Random`, a seed, or `None` for the
            generator of the module `random`.

    Attributes:
        in_proj_weight: the weights of queries, keys and values, one after the other, as in PyTorch.
        in_proj_bias: their biases, 0 at first, or `None`.
        out_proj: the `Layer` that joins the heads.

    Raises:
        ValueError: a size is not positive, or `size` no multiple of `heads`.
        TypeError: an argument is of the wrong kind.

    Source: Vaswani et al., "Attention is all you need" (2017), section 3.2.

    >>> attention = MultiHeadAttention(4, 2, rng=0)
    >>> rows = attention([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]], causal=True)
    >>> len(rows), len(rows[0])
    (2, 4)
    """

    def __init__(
        self,
        size: int,
        heads: int = 1,
        *,
        bias: bool = True,
        rng: random.Random | int | None = None,
    ) -> None:
        name = "MultiHeadAttention"
        size, self.heads = (
            as_integer(size, f"{name}: size", 1),
            as_integer(heads, f"{name}: heads", 1),
        )
        if size % self.heads:
            raise ValueError(f"{name}: size, {size}, is no multiple of heads, {self.heads}")
        rng = generator(rng)
        has_bias = as_flag(bias, f"{name}: bias")
        self.in_proj_weight = drawn(rng, size, 3 * size, size)
        self.in_proj_bias = [Value(0.0) for _ in range(3 * size)] if has_bias else None
        self.out_proj = Layer(size, size, False, init="xavier_uniform", bias=has_bias, rng=rng)

    def __call__(
        self, rows: Sequence[Any], others: Sequence[Any] | None = None, *, causal: bool = False
    ) -> list[Row]:
        """For each row a mixture.

        Args:
            rows: rows of `size` numbers, at least one.
            others: the rows that are mixed, where these are not the same.
            causal: whether a row sees only itself and what stands before it.

        Raises:
            ValueError: a row has another length, or there are none.
            TypeError: something is not a number.
        """
        size = len(self.in_proj_weight[0])
        as_flag(causal, f"{self!r}: causal")
        for given in (rows, () if others is None else others):
            if not hasattr(given, "__iter__") or isinstance(given, (str, *NO_ROW)):
                raise TypeError(f"{self!r}: expected a list of rows, got {describe(given)}")
        asked = [checked_row(row, size, self) for row in rows]
        mixed = asked if others is None else [checked_row(row, size, self) for row in others]
        if not mixed:
            raise ValueError(f"{self!r}: expected at least one row, got none")
        queries, keys, values = (
            [self._projected(slice(part * size, (part + 1) * size), row) for row in given]
            for part, given in enumerate((asked, mixed, mixed))
        )
        return [
            self._joined(query, keys[: t + 1], values[: t + 1])
            if causal
            else self._joined(query, keys, values)
            for t, query in enumerate(queries)
        ]

    def _projected(self, part: slice, row: Row) -> Row:
        bias = None if self.in_proj_bias is None else self.in_proj_bias[part]
        return linear(self.in_proj_weight[part], row, bias)

    def _joined(self, query: Row, keys: list[Row], values: list[Row]) -> Row:
        """The mixtures of all heads for one query, joined."""
        width = len(query) // self.heads
        found = []
        for start in range(0, len(query), width):
            head = slice(start, start + width)
            shares = softmax([dot(query[head], key[head]) / width**0.5 for key in keys])
            columns = zip(*[value[head] for value in values], strict=True)
            found += [dot(shares, list(column)) for column in columns]
        joined = self.out_proj(found)
        return joined if isinstance(joined, list) else [joined]

    def __repr__(self) -> str:
        bias = "" if self.in_proj_bias is not None else ", bias=False"
        return f"MultiHeadAttention({len(self.in_proj_weight[0])}, {self.heads}{bias})"
