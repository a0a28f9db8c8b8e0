"""A small GPT, written one number at a time.

Each token becomes a row of numbers: its own row of a table plus the row of its position. A block
then changes the row twice, each time by adding to it: *attention* mixes in what earlier tokens
have to say, each head by its own weights; a *perceptron* with one hidden layer works on the row
alone. Before each change, and before the end, the row is scaled to a root mean square of 1
(RMSNorm). The last step turns it into one logit for each token that may come next.

Source: Radford et al., *Language Models are Unsupervised Multitask Learners* (2019), without biases
and with relu for gelu; Zhang and Sennrich, *Root Mean Square Layer Normalization* (2019).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from autograd import Value, dot, relu, scope, softmax, take
from nn import Module

Row = list[Any]
Matrix = list[list[Value]]


class Block(Module):
    """Attention and a perceptron, each of which adds to the row of a token."""

    def __init__(self, width: int, heads: int, rng: random.Random) -> None:
        self.heads = heads
        self.query = matrix(width, width, rng)
        self.key = matrix(width, width, rng)
        self.value = matrix(width, width, rng)
        self.mix = matrix(width, width, rng)
        self.expand = matrix(4 * width, width, rng)
        self.contract = matrix(width, 4 * width, rng)

    def __call__(self, rows: list[Row]) -> list[Row]:
        """The rows of a text, in order, changed; each one depends on itself and those before it."""
        with scope("attention"):
            found = [add(x, y) for x, y in zip(rows, self.attention(rows), strict=True)]
        with scope("perceptron"):
            return [add(x, self.perceptron(normalise(x))) for x in found]

    def attention(self, rows: list[Row]) -> list[Row]:
        """For each row a mixture of what it and the rows before it are worth to it."""
        rows = [normalise(x) for x in rows]
        values = [linear(x, self.value) for x in rows]
        found = []
        for t, shares in enumerate(self.shares(rows)):
            mixed = [
                dot(share, column)
                for head, share in zip(self.slices, shares, strict=True)
                for column in zip(*(v[head] for v in values[: t + 1]), strict=True)
            ]
            found.append(linear(mixed, self.mix))
        return found

    def shares(self, rows: list[Row]) -> list[list[Row]]:
        """For each row and each head, how much of it and of each row before it goes into the mix.

        Args:
            rows: scaled, as `attention` scales them.
        """
        queries, keys = ([linear(x, weights) for x in rows] for weights in (self.query, self.key))
        scale = (len(self.query) / self.heads) ** 0.5
        return [
            [
                softmax([dot(query[head], key[head]) / scale for key in keys[: t + 1]])
                for head in self.slices
            ]
            for t, query in enumerate(queries)
        ]

    @property
    def slices(self) -> list[slice]:
        """The part of a row that each head looks at."""
        size = len(self.query) // self.heads
        return [slice(start, start + size) for start in range(0, len(self.query), size)]

    def perceptron(self, x: Row) -> Row:
        """One hidden layer, four times as wide as the row."""
        return linear([relu(h) for h in linear(x, self.expand)], self.contract)


class GPT(Module):
    """A model of texts: for each token of one, the logits of the next.

    Args:
        vocabulary: how many different tokens there are.
        length: how many tokens a text may have.
        width: how many numbers stand for a token; `heads` must divide it.
        heads: how many mixtures each attention makes.
        blocks: how often a row is changed.
        rng: draws the first weights, from a normal distribution of standard deviation 0.08.
    """

    def __init__(
        self,
        vocabulary: int,
        length: int = 16,
        width: int = 16,
        heads: int = 4,
        blocks: int = 1,
        rng: random.Random | None = None,
    ) -> None:
        rng = rng or random.Random(0)
        self.token = matrix(vocabulary, width, rng)
        self.position = matrix(length, width, rng)
        self.blocks = [Block(width, heads, rng) for _ in range(blocks)]
        self.logits = matrix(vocabulary, width, rng)

    def __call__(self, tokens: Sequence[Any]) -> list[Row]:
        """The logits of what comes after each token of a text."""
        rows = self.embed(tokens)
        for block in self.blocks:
            rows = block(rows)
        with scope("logits"):
            return [linear(normalise(x), self.logits) for x in rows]

    def embed(self, tokens: Sequence[Any]) -> list[Row]:
        """The rows that stand for a text, before any block has changed them."""
        with scope("embedding"):
            rows = [take(self.token, token) for token in tokens]
            return [add(row, self.position[t]) for t, row in enumerate(rows)]

    def shares(self, tokens: Sequence[Any]) -> list[list[list[Row]]]:
        """For each block, token and head: how much of each token so far goes into the mix."""
        rows = self.embed(tokens)
        found = []
        for block in self.blocks:
            found.append(block.shares([normalise(x) for x in rows]))
            rows = block(rows)
        return found


def matrix(rows: int, columns: int, rng: random.Random) -> Matrix:
    """Weights drawn from a normal distribution."""
    return [[Value(rng.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)]


def linear(x: Row, weights: Matrix) -> Row:
    """A matrix times a row."""
    return [dot(row, x) for row in weights]


def add(x: Row, y: Row) -> Row:
    """The sums of two rows."""
    return [a + b for a, b in zip(x, y, strict=True)]


def normalise(x: Row) -> Row:
    """The row, scaled to a root mean square of 1."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [a * scale for a in x]
