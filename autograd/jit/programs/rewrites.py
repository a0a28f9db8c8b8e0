"""The table of rewrites: the replacements for small patterns in a program.

A rule is one line of text, `pattern -> result`, with `if` and a condition where it holds only for
some constants. In it

- `mul(x, y)` is an operation of that name (in `OPERATIONS`),
- `x`, `y`, `z` stand for any node, the same letter for the same node,
- `a`, `b` stand for any constant, and arithmetic on them in brackets is done once and for all,
- a number stands for that constant, zeros with their sign.

Floats are not real numbers, and a rule must hold for floats: `x * 0` is not 0 (it is nan if x is
infinite), `x - x` is not 0, and nothing that could raise may disappear. Rules of `ALWAYS` give the
same bits; that of `SQUARES` rounds otherwise. Rules of `NORMAL` bring the rest to a normal form,
with the same bits; they wait until sums have been gathered, since simplifying a single term would
make it differ from its neighbours. So do those of `SIGNLESS`, which may change the sign of a zero,
and are used where it does not matter (`zeros`). No rule may lead back to its own pattern, by itself
or with others: rules are applied until none fits.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Any, TypeAlias

from autograd.jit.programs.program import Program
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive, primitive
from autograd.primitives.threefry import OF_WORDS
from autograd.primitives.tracing import ACCUMULATE, COMPARISONS, TRACED

OPERATIONS = {**TABLE, **TRACED}
"""The built-in operations, those of a trace included, by name."""

ALWAYS = (
    "identity(x) -> x",
    "stop_gradient(x) -> x",
    "neg(neg(x)) -> x",
    "add(x, -0.0) -> x",
    "add(-0.0, x) -> x",
    "sub(x, 0.0) -> x",
    "div(x, 1.0) -> x",
    "pow_number(x, 0.0) -> 1.0",
    "pow_number(x, 1.0) -> x",
    "pow(x, a) -> pow_number(x, a)",
    "where(a, x, y) -> x if a",
    "where(a, x, y) -> y if not a",
    "where(x, y, y) -> y",
)
SQUARES = ("pow_number(x, 2.0) -> mul(x, x)",)  # which does not raise: see `finite`
NORMAL = (
    "mul(x, a) -> mul(a, x)",
    "mul(1.0, x) -> x",
    "mul(-1.0, x) -> neg(x)",
    "mul(neg(x), neg(y)) -> mul(x, y)",
    "mul(a, neg(x)) -> mul([-a], x)",
    "neg(mul(a, x)) -> mul([-a], x)",
    "mul(a, mul(b, x)) -> mul([a * b], x) if shifts(a, b) or shifts(b, a)",
    "add(x, x) -> mul(2.0, x)",
    "add(x, neg(y)) -> sub(x, y)",
    "add(neg(x), y) -> sub(y, x)",
    "sub(x, neg(y)) -> add(x, y)",
    "div(x, -1.0) -> neg(x)",
    "div(x, a) -> mul([1 / a], x) if is_power_of_two(a)",
    "div(neg(x), neg(y)) -> div(x, y)",
)
SIGNLESS = (
    "add(x, 0.0) -> x",
    "add(0.0, x) -> x",
    "sub(0.0, x) -> neg(x)",
    "neg(sub(x, y)) -> sub(y, x)",
)


@primitive(lambda g, out, x: g, facts="propagates finite follows")
def finite(x: float) -> float:
    """The number itself; raises OverflowError if it is infinite or not a number.

    `x ** 2` raises where its result is beyond the range of floats, and `x * x` gives infinity.
    A program in which the one replaced the other has a node of this kind, so that such a run is
    left to the plain function, which says where it happened.

    >>> finite(2.0)
    2.0
    """
    if math.isfinite(x):
        return x
    raise OverflowError("the result is too large")


FINITE = finite.primitive


BUILT_IN = {**OPERATIONS, "finite": FINITE, "accumulate": ACCUMULATE}
"""These and the ones that only a rewrite makes."""


def _choice(comparison: Primitive) -> Primitive:
    return Primitive(
        f"where_{comparison.name}",
        lambda a, b, x, y: x if comparison.value(a, b) else y,
        lambda g, out, a, b, x, y: NotImplemented,  # array code has no derivatives left to take
        facts="total finite",
    )


CHOICES = {made: _choice(made) for made in TRACED.values() if made in COMPARISONS}
"""For each comparison, `where(a < b, x, y)` as one operation, which array code makes of two."""

PURE = frozenset([*BUILT_IN.values(), *OF_WORDS])
"""The operations known to be deterministic: a user-defined one may draw random numbers."""


def may_raise(program: Program, node: int) -> bool:
    """Whether a node could raise: its operation does somewhere, and no constant rules it out."""
    operation = program.operations[node]
    if operation is None or "total" in operation.facts:
        return False
    if operation is TABLE["div"]:
        return program.constants.get(program.operands[node][1], 0.0) == 0.0
    return True


def is_power_of_two(a: float) -> bool:
    """Whether dividing by `a` is the same, to the last bit, as multiplying by `1 / a`.

    >>> is_power_of_two(-4.0), is_power_of_two(3.0)
    (True, False)
    """
    return abs(math.frexp(a)[0]) == 0.5 and 2.0**-1000 < abs(a) < 2.0**1000


def shifts(a: float, b: float) -> bool:
    """Whether `a * (b * x)` is `(a * b) * x`, to the last bit, for all `x` of ordinary size.

    >>> shifts(2.0, 0.3), shifts(3.0, 0.3)
    (True, False)
    """
    product = abs(a * b)
    return is_power_of_two(a) and 1e-300 < product < 1e300 and (abs(b) <= 1 or abs(a) >= 1)


# How the text becomes a rule


@dataclass(frozen=True)
class Node:
    """A letter: any node."""

    name: str


@dataclass(frozen=True)
class Constant:
    """A letter for any constant; in a result, arithmetic on such letters."""

    name: str
    code: CodeType | None = None


@dataclass(frozen=True)
class Number:
    """A constant of this very value."""

    value: float


@dataclass(frozen=True)
class Apply:
    """An operation on patterns."""

    operation: Primitive
    operands: tuple[Pattern, ...]


Pattern: TypeAlias = Node | Constant | Number | Apply
Bound: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """One rewrite.

    Attributes:
        text: as it stands in the table.
        pattern: what is replaced.
        result: what it is replaced by.
        condition: whether it holds for the constants that were found.
    """

    text: str
    pattern: Apply
    result: Pattern
    condition: Callable[[Bound], bool]


def parse(text: str) -> Rule:
    """The rule that a line says.

    >>> parse("neg(neg(x)) -> x").result
    Node(name='x')
    """
    left, _, right = text.partition(" -> ")
    result, _, condition = right.partition(" if ")
    try:
        pattern = _pattern(ast.parse(left, mode="eval").body)
        made = _pattern(ast.parse(result, mode="eval").body)
    except (KeyError, SyntaxError, ValueError) as problem:
        known = "there is no such operation" if isinstance(problem, KeyError) else "not a rule"
        raise ValueError(f"rule {text!r}: {known}: {problem}") from None
    assert isinstance(pattern, Apply)
    if not condition:
        return Rule(text, pattern, made, _always)
    code = compile(condition, "<rule>", "eval")
    return Rule(text, pattern, made, lambda bound: bool(eval(code, globals(), bound)))


def _always(bound: Bound) -> bool:
    return True


def _pattern(text: ast.expr) -> Pattern:
    match text:
        case ast.Call(func=ast.Name(id=name), args=args):
            return Apply(OPERATIONS[name], tuple(_pattern(x) for x in args))
        case ast.Name(id="a" | "b" as name):
            return Constant(name)
        case ast.Name(id=name):
            return Node(name)
        case ast.List(elts=[arithmetic]):
            return Constant("", compile(ast.Expression(arithmetic), "<rule>", "eval"))
        case _:
            return Number(float(ast.literal_eval(text)))


@cache
def rules(*tables: tuple[str, ...]) -> list[Rule]:
    """The rules that the lines of the tables say."""
    return [parse(line) for table in tables for line in table]


def computed(constant: Constant, bound: Bound) -> float:
    """The number that a constant of a result is, for the constants that were found."""
    if constant.code is None:
        return float(bound[constant.name])
    return float(eval(constant.code, {}, bound))
