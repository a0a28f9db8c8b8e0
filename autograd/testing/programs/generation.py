"""Random expressions, grown from the result downwards, so that every step is used.

An operation is chosen first, then each of its operands: an input, a constant, an earlier result (so
that numbers are shared), or a further operation. All choices go through one function,
`choose(count)`, which returns an integer below `count`: that of `random.Random` for commands, one
that Hypothesis draws for tests; 0 is the simplest choice, to which Hypothesis shrinks. Those for
one operation and all below it are made inside a call of `together`, so that Hypothesis can replace
an operation by one of its operands.

For all inputs within their bounds, every operand is where its primitive is defined and smooth, if
it is smooth at all. Where the domain is less than the real line, the operand `x` becomes
`middle + radius * sin(x)`, which, unlike a sigmoid, does not saturate; where a result would become
large, operands become `asinh(x)`, which hardly changes small numbers and has no bound. These steps
are part of the program.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import product

from autograd.errors import ARITHMETIC
from autograd.primitives import TABLE
from autograd.primitives.definition import Interval
from autograd.testing.domains import DOMAINS, SMOOTH
from autograd.testing.programs.expressions import Expression, Step

Choose = Callable[[int], int]
Together = Callable[[Callable[[], int]], int]

CONSTANTS = (2.0, 0.5, -1.0, 3.0, -0.5, 1.5, 0.75, -2.0, 0.3, -1.25)
TAME = 6.0
"""The size below which `asinh` brings an operand that has to be smaller."""
LARGE = 60.0
"""The size of a result above which operands are made smaller."""
DEEPEST = 60
"""The largest depth of operations, because of Python's stack."""


def random_expression(
    rng: random.Random,
    inputs: int = 2,
    max_operations: int = 8,
    operations: Sequence[str] | None = None,
    smooth: bool = False,
    outputs: int = 1,
    within: float = 2.0,
) -> Expression:
    """A random program, without Hypothesis: the same for the same state of `rng`.

    Args:
        rng: the source of randomness.
        inputs: the number of inputs.
        max_operations: the largest number of operations, not counting those that bring an operand
            into the domain of the next.
        operations: the primitives to choose from, by name, simple ones first; by default all.
        smooth: choose only from those that have derivatives of every order.
        outputs: the number of results.
        within: it is safe for inputs from `-within` to `within`.

    Raises:
        ValueError: there is no operation to choose from, or a count is less than 1.

    >>> print(random_expression(random.Random(4), max_operations=4, smooth=True))
    from autograd import cos, prod
    <BLANKLINE>
    <BLANKLINE>
    def f(x0, x1):
        return cos(prod([x0, x0, x0, x1]))
    """
    return grow(
        rng.randrange,
        lambda make: make(),
        inputs,
        max_operations,
        operations,
        smooth,
        outputs,
        within,
    )


def grow(
    choose: Choose,
    together: Together,
    inputs: int,
    max_operations: int,
    operations: Sequence[str] | None,
    smooth: bool,
    outputs: int,
    within: float,
) -> Expression:
    """A program from choices; the other arguments are those of `random_expression`."""
    names = [name for name in operations or TABLE if not smooth or name in SMOOTH]
    if unknown := [name for name in names if name not in TABLE]:
        raise ValueError(f"expressions: there is no primitive named {unknown[0]!r}")
    if not names or min(inputs, max_operations, outputs) < 1:
        raise ValueError(
            "expressions: expected at least one input, one operation and one output, got"
            f" inputs={inputs}, max_operations={max_operations}, outputs={outputs} and"
            f" {len(names)} operations to choose from"
        )
    plant = _Plant(choose, together, inputs, names, within)
    plant.budget = 1 + _any(choose, max_operations)
    roots = [together(lambda: plant.operation(0))]
    while len(roots) < outputs:
        roots.append(plant.operand(0))
    return Expression(inputs, tuple(plant.steps), tuple(roots))


class _Plant:
    """A program being grown, with an interval for each of its numbers."""

    def __init__(
        self,
        choose: Choose,
        together: Together,
        inputs: int,
        names: Sequence[str],
        within: float,
    ) -> None:
        self.choose = choose
        self.together = together
        self.inputs = inputs
        self.names = names
        self.steps: list[Step] = []
        self.budget = 0
        self.intervals: list[Interval] = [(-within, within)] * inputs

    def operation(self, depth: int) -> int:
        """A new operation with its operands; returns the index of its result."""
        self.budget -= 1
        name = self.names[_any(self.choose, len(self.names))]
        arity, domain = TABLE[name].arity, DOMAINS[name]
        count = arity if arity is not None else 2 * (1 + _any(self.choose, 2))
        inner = domain.inner or (None,) * count
        operands: list[int | float] = []
        for i, interval in enumerate(inner):
            # A power of a constant, or to a constant, is another primitive.
            may_be_constant = i > 0 and name != "pow" and domain.constant is None
            if i == domain.constant or (may_be_constant and _any(self.choose, 8) == 7):
                operands.append(self.constant(interval))
            else:
                place = self.operand(depth + 1)
                if domain.distinct and place in operands:
                    operands.append(self.constant(interval, taken=operands))
                else:
                    operands.append(place)
        for i, (interval, x) in enumerate(zip(inner, operands, strict=True)):
            if interval is not None and type(x) is int:
                operands[i] = self.moved(x, interval)
        if self.largest(name, operands) > LARGE:
            operands = [self.compressed(x) if type(x) is int else x for x in operands]
        return self.add(name, *operands)

    def operand(self, depth: int) -> int:
        """The index of a number: a new result, or an earlier one."""
        if _any(self.choose, 8) and self.budget > 0 and depth < DEEPEST:
            return self.together(lambda: self.operation(depth))
        return _any(self.choose, len(self.intervals))

    def constant(self, interval: Interval | None, taken: Sequence[float] = ()) -> float:
        low, high = interval or (-TAME, TAME)
        fitting = [c for c in CONSTANTS if low <= c <= high and c not in taken]
        return fitting[_any(self.choose, len(fitting))]

    def moved(self, place: int, interval: Interval) -> int:
        """The index of the number moved into an interval."""
        low, high = interval
        inside = self.add("sin", self.compressed(place))
        if (radius := (high - low) / 2) != 1:
            inside = self.add("mul", inside, radius)
        if middle := (low + high) / 2:
            inside = self.add("add", inside, middle)
        self.intervals[inside] = interval
        return inside

    def compressed(self, place: int) -> int:
        """The index of the number made smaller, if it may be large."""
        while max(map(abs, self.intervals[place])) > TAME:
            place = self.add("asinh", place)
        return place

    def add(self, name: str, *operands: float) -> int:
        """The index of the result of a new step."""
        size = self.largest(name, operands)
        self.steps.append(Step(name, operands))
        self.intervals.append((-size, size))
        return len(self.intervals) - 1

    def largest(self, name: str, operands: Sequence[int | float]) -> float:
        """A bound on the size of a result.

        Over a box inside its domain, every primitive is largest at a corner of the box, or is at
        most 4 (`sin`, `cos`, `atan2`, remainders).
        """
        ends = [self.intervals[x] if type(x) is int else (x,) for x in operands]
        try:
            return max(4.0, *(abs(TABLE[name].value(*corner)) for corner in product(*ends)))
        except ARITHMETIC:
            return float("inf")


def _any(choose: Choose, count: int) -> int:
    """A choice, made only if there are at least two possibilities."""
    return choose(count) if count > 1 else 0
