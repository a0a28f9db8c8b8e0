"""Graphs of Values in given shapes, each with its exact gradient where that is known.

All numbers in them are small integers and powers of two, so that every sum and product is exact and
gradients can be compared with `==`, in whatever order they are added up.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from autograd.functions import dot
from autograd.testing.programs.generation import random_expression
from autograd.value import Value


@dataclass(frozen=True)
class Graph:
    """A graph of Values.

    Attributes:
        shape: the name of its shape in `SHAPES`.
        root: its result.
        leaves: the Values it is computed from.
        gradient: the exact derivative of the root in each leaf; `None` where it is not known.
    """

    shape: str
    root: Value
    leaves: list[Value]
    gradient: list[float] | None

    def __repr__(self) -> str:
        data = [leaf.data for leaf in self.leaves[:3]]
        more = ", ..." if len(self.leaves) > 3 else ""
        return f"<{self.shape} of {len(self.leaves)} leaves {str(data)[:-1]}{more}]>"


def chain(size: int, rng: random.Random) -> Graph:
    """One leaf and `size` operations in a row: halving, doubling, negating, adding 1.

    >>> graph = chain(4, random.Random(0))
    >>> graph.root.backward()
    >>> graph.leaves[0].grad == graph.gradient[0]
    True
    """
    leaf = Value(float(rng.randint(-3, 3)))
    root, slope = leaf + 0.0, 1.0
    for _ in range(size - 1):
        kind = rng.randrange(3)
        if kind == 0:
            factor = 2.0 if abs(slope) < 1 else 0.5
            root, slope = root * factor, slope * factor
        elif kind == 1:
            root, slope = -root, -slope
        else:
            root = root + 1
    return Graph("chain", root, [leaf], [slope])


def ladder(size: int, rng: random.Random) -> Graph:
    """Diamonds on top of each other: `x = x + x`, so that the paths double with every step.

    At most 1,000 steps, since floats overflow beyond.

    >>> graph = ladder(60, random.Random(0))
    >>> graph.root.backward()
    >>> graph.leaves[0].grad == 2.0**60
    True
    """
    steps = min(size, 1000)
    leaf = Value(float(rng.randint(-3, 3)))
    root = leaf
    for _ in range(steps):
        root = root + root
    return Graph("ladder", root, [leaf], [2.0**steps])


def fan_in(size: int, rng: random.Random) -> Graph:
    """Many leaves, one operation: an inner product with constants.

    >>> fan_in(2, random.Random(0)).root.operands[2:] == tuple(fan_in(2, random.Random(0)).gradient)
    True
    """
    leaves = [Value(float(rng.randint(-3, 3))) for _ in range(size)]
    weights = [float(rng.randint(-3, 3)) for _ in leaves]
    return Graph("fan_in", dot(leaves, weights), leaves, weights)


def fan_out(size: int, rng: random.Random) -> Graph:
    """One leaf, used by many operations whose results are added up one by one."""
    leaf = Value(float(rng.randint(-3, 3)))
    weights = [float(rng.randint(-3, 3)) for _ in range(size)]
    root = leaf * weights[0]
    for weight in weights[1:]:
        root = root + leaf * weight
    return Graph("fan_out", root, [leaf], [sum(weights)])


def shared(size: int, rng: random.Random) -> Graph:
    """A product of two leaves that several operations use; one leaf is used by itself too."""
    x, y = (Value(float(rng.randint(-3, 3))) for _ in range(2))
    product = x * y
    root, uses = product + x, 1.0
    for _ in range(size):
        weight = float(rng.randint(-3, 3))
        root, uses = root + product * weight, uses + weight
    return Graph("shared", root, [x, y], [uses * y.data + 1, uses * x.data])


def deep(size: int, rng: random.Random) -> Graph:
    """Two chains of `size` operations side by side that exchange their numbers at every step.

    For sizes in the thousands it is deeper than Python's stack.
    """
    x, y = (Value(float(rng.randint(-3, 3))) for _ in range(2))
    a, b = x + 0.0, y + 0.0
    for _ in range(size):
        a, b = b, -a
    turn = size % 4  # (a, b) has been rotated by this number of right angles
    slopes = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)]
    return Graph("deep", a * 1.0, [x, y], list(slopes[turn]))


def wide(size: int, rng: random.Random) -> Graph:
    """Many leaves, each squared, added up in pairs: wide, and of logarithmic depth."""
    leaves = [Value(float(rng.randint(-3, 3))) for _ in range(size)]
    level = [leaf * leaf for leaf in leaves]
    while len(level) > 1:
        pairs = [a + b for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(level) // 2 * 2 :]
    return Graph("wide", level[0], leaves, [2 * leaf.data for leaf in leaves])


def tangle(size: int, rng: random.Random) -> Graph:
    """Sums and differences of any two earlier numbers; the gradient is known by adding integers.

    At most 50 operations, so that numbers that double with each stay exact floats.
    """
    leaves = [Value(float(rng.randint(-3, 3))) for _ in range(3)]
    numbers = list(leaves)
    slopes = [[int(i == j) for j in range(3)] for i in range(3)]
    for _ in range(min(size, 50)):
        i, j, sign = rng.randrange(len(numbers)), rng.randrange(len(numbers)), rng.choice((1, -1))
        numbers.append(numbers[i] + numbers[j] if sign == 1 else numbers[i] - numbers[j])
        slopes.append([a + sign * b for a, b in zip(slopes[i], slopes[j], strict=True)])
    return Graph("tangle", numbers[-1], leaves, [float(slope) for slope in slopes[-1]])


def program(size: int, rng: random.Random) -> Graph:
    """The graph of a random program of up to `size` operations; its gradient is not known."""
    leaves = [Value(rng.uniform(-2, 2)) for _ in range(2)]
    root = random_expression(rng, 2, size)(leaves)
    return Graph("program", root, leaves, None)


SHAPES: dict[str, Callable[[int, random.Random], Graph]] = {
    shape.__name__: shape
    for shape in (chain, ladder, fan_in, fan_out, shared, deep, wide, tangle, program)
}
"""For each shape what builds a graph of about a given size, with a random generator."""
