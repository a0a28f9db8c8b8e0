"""Random programs without restrictions: any primitive, at any operands, with control flow.

Those of `autograd.testing.programs` keep every operand where its primitive is defined and smooth.
These do not: they raise, overflow, and reach infinities, NaN, ties and zeros of both signs.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from inspect import getsource
from re import sub
from typing import Any

from autograd import fori_loop, scan, vmap, where, while_loop
from autograd.primitives import TABLE
from autograd.testing.domains import DOMAINS
from autograd.testing.programs.expressions import Expression, Step

EXTREME = (
    *(0.0, -0.0, 0.0, -0.0, 1.0, -1.0, 2.0, 0.5, math.inf, -math.inf, math.nan),
    *(1e200, -1e200, 1e-200, -1e-200, 1e-310, -1e-310, 5e-324, 1.7976931348623157e308, 709.5),
)
"""Numbers at which something special happens."""

CONSTANTS = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 3.0, -0.5, 2.5, 1e200, -1e-200, *EXTREME[8:11])

ARITHMETIC = ("add", "sub", "mul", "neg", "div", "where", "maximum", "relu", "sum", "dot", "atan2")
"""The operations of every second step: the most common ones."""

Run = Callable[..., Any]


def _straight(first: Run, second: Run, bound: float, rows: int, x: Any) -> Any:
    return first(*x)


def _if(first: Run, second: Run, bound: float, rows: int, x: Any) -> Any:
    found = first(*x)
    return second(*x) if found < bound else found


def _loop(first: Run, second: Run, bound: float, rows: int, x: Any) -> Any:
    found = first(*x)
    for _ in range(3):
        if found < bound:
            break
        found = second(found, *x[1:])
    return found


def _max(first: Run, second: Run, bound: float, rows: int, x: Any) -> Any:
    return max(first(*x), second(*x))


def _rows(first: Run, second: Run, bound: float, rows: int, x: Any) -> Any:
    n = len(x) // rows
    total = first(*x[:n])
    for i in range(n, len(x), n):
        total = total + first(*x[i : i + n])
    return total


def _scan(first: Run, second: Run, bound: float, rows: int, x: Any) -> Any:
    n = len(x) // rows

    def step(carry: Any, row: Any) -> Any:
        return second(carry + row[0], *row[1:]), first(carry, *row[1:])

    last, left = scan(step, x[0], [x[i : i + n] for i in range(0, len(x), n)])
    return last + sum(left)


def _moved(first: Run, second: Run, bound: float, rows: int, x: Any) -> Any:
    n = len(x) // rows

    def step(carry: Any, row: Any) -> Any:
        a, b, c = carry
        return (second(*row), a, first(b, *row[1:])), where(c < bound, row[0], c)

    last, left = scan(step, (first(*x[:n]), x[0], 1.0), [x[i : i + n] for i in range(0, len(x), n)])
    return last[2] + sum(left)


def _mapped(first: Run, second: Run, bound: float, rows: int, x: Any) -> Any:
    n = len(x) // rows
    each = [x[i % rows * n : (i % rows + 1) * n] for i in range(70)]
    a, b = vmap(lambda row: (first(*row), x[0] * second(*row)))(each)
    return sum(a) - sum(b) * b[3]


def _nested(first: Run, second: Run, bound: float, rows: int, x: Any) -> Any:
    n = len(x) // rows

    def step(carry: Any, row: Any) -> Any:
        inner = fori_loop(0, 3, lambda i, c: second(c + i * row[0], *row[1:]), carry)
        return inner, where(inner < bound, first(carry, *row[1:]), carry)

    last, left = scan(step, x[0], [x[i : i + n] for i in range(0, len(x), n)], reverse=True)
    return last * left[0] + left[1]


def _while(first: Run, second: Run, bound: float, rows: int, x: Any) -> Any:
    def goes_on(state: Any) -> Any:
        return (state[0] < bound) * (state[1] < 4.0)

    def body(state: Any) -> Any:
        return second(state[0], *x[1:]), state[1] + 1.0

    return while_loop(goes_on, body, (first(*x), 0.0))[0]


SHAPES: dict[str, Run] = {
    "straight": _straight,
    "if": _if,
    "loop": _loop,
    "max": _max,
    "rows": _rows,
    "scan": _scan,
    "moved": _moved,
    "mapped": _mapped,
    "nested": _nested,
    "while": _while,
}
"""How the two expressions of a program are combined."""

OF_ROWS = {"rows", "scan", "moved", "mapped", "nested"}
"""Those that read several rows of inputs."""


@dataclass(frozen=True)
class RandomProgram:
    """A function of a list of numbers.

    Attributes:
        shape: how the expressions are combined; one of `SHAPES`.
        first: an expression.
        second: another, of the same inputs, for what follows the first.
        bound: the number that the first result is compared with.
        rows: the number of rows of inputs; 1 for the shapes that are not `OF_ROWS`.
    """

    shape: str
    first: Expression
    second: Expression
    bound: float
    rows: int = 1

    @property
    def inputs(self) -> int:
        """The number of inputs."""
        return self.first.inputs * self.rows

    def __call__(self, x: Sequence[Any]) -> Any:
        """The result."""
        first, second = (lambda *x, f=f: f(x) for f in (self.first, self.second))
        return SHAPES[self.shape](first, second, self.bound, self.rows, x)

    @property
    def source(self) -> str:
        """Python source of `program`, the same function."""
        run = getsource(SHAPES[self.shape]).replace(f"def _{self.shape}(", "def run(")
        run = sub(": (Any|Run|float|int)| -> Any", "", run).rstrip()
        names = [x for x in ("fori_loop", "scan", "vmap", "where", "while_loop") if f" {x}(" in run]
        parts = [
            "\n".join([*map("from autograd import {}".format, names), "from math import inf, nan"]),
            self.first.source.replace("def f(", "def first("),
            self.second.source.replace("def f(", "def second("),
            run,
            f"def program(x):\n    return run(first, second, {self.bound!r}, {self.rows}, x)",
        ]
        return "\n\n".join(parts)

    def smaller(self) -> list[RandomProgram]:
        """Smaller programs made from this one."""
        found = []
        if self.shape != "straight":
            found += [replace(self, shape="straight", rows=1)]
            found += [replace(self, shape="straight", first=self.second, rows=1)]
        if self.rows > 3:
            found += [replace(self, rows=3)]
        found += [replace(self, first=change) for change in smaller(self.first)]
        found += [replace(self, second=change) for change in smaller(self.second)]
        return found


def smaller(expression: Expression) -> list[Expression]:
    """Expressions with one step less."""
    found = []
    last = expression.inputs + len(expression.steps) - 1
    for place in range(expression.inputs, last):
        found.append(Expression(expression.inputs, expression.steps, (place,)))
    for k, step in enumerate(expression.steps):
        for x in step.operands:
            steps = [
                Step(name, tuple(_skipped(o, expression.inputs + k, x) for o in operands))
                for name, operands in expression.steps
            ]
            outputs = tuple(_skipped(o, expression.inputs + k, x) for o in expression.outputs)
            if all(type(o) is int for o in outputs) and steps != list(expression.steps):
                found.append(Expression(expression.inputs, tuple(steps), outputs))  # type: ignore[arg-type]
    return [x for x in found if len(x.steps) < len(expression.steps) and x.steps]


def _skipped(operand: float, place: int, by: float) -> int | float:
    return by if type(operand) is int and operand == place else operand


def random_program(rng: random.Random) -> RandomProgram:
    """A random program: the same for the same state of `rng`."""
    inputs = rng.randint(1, 3)
    shape = rng.choice(tuple(SHAPES))
    return RandomProgram(
        shape,
        _expression(rng, inputs),
        _expression(rng, inputs),
        rng.choice((0.0, 0.5, 1.0, math.inf, -1.0)),
        rng.choice((3, 5, 9, 20)) if shape in OF_ROWS else 1,
    )


def _expression(rng: random.Random, inputs: int) -> Expression:
    steps: list[Step] = []
    for k in range(rng.randint(1, 7)):
        name = rng.choice(ARITHMETIC if rng.random() < 0.5 else tuple(TABLE))
        count = TABLE[name].arity or 2 * rng.randint(1, 3)
        operands = [_operand(rng, inputs, k) for _ in range(count)]
        constant = DOMAINS[name].constant
        if constant is not None:
            operands[constant] = rng.choice((2.0, -1.0, 0.5, 3.0, 0.0, 1.0, 1.5))
        if name == "pow":  # of two Values; with a plain number `**` is another primitive
            operands = [x if type(x) is int else rng.randrange(inputs) for x in operands]
        steps.append(Step(name, tuple(operands)))
    return Expression(inputs, tuple(steps))


def _operand(rng: random.Random, inputs: int, steps: int) -> int | float:
    if rng.random() < 0.2:
        return rng.choice(CONSTANTS)
    if steps and rng.random() < 0.6:
        return inputs + rng.randrange(max(0, steps - 3), steps)
    return rng.randrange(inputs)


def random_points(rng: random.Random, inputs: int, count: int) -> list[list[float]]:
    """Points with ordinary numbers, with extreme ones, and with both."""
    found = []
    for _ in range(count):
        share = rng.choice((0.0, 0.0, 0.1, 0.5, 1.0))
        found.append(
            [
                rng.choice(EXTREME) if rng.random() < share else rng.choice((rng.gauss(0, 2), 1.0))
                for _ in range(inputs)
            ]
        )
    return found
