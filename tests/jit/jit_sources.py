"""Random functions as Python source, with everything that makes a program more than a formula.

A function that Hypothesis draws here is text, so that a failure can be read and pasted. It reads
numbers from its arguments and Values from outside, branches on what it computed, loops as often as
a number tells, sorts, compares, chooses by index, returns early and raises errors of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import note
from hypothesis import strategies as st

import autograd

EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-8, 1e160, -1e160, 709.5, 5e-324, 2.3e-308]
NOT_FINITE = [math.inf, -math.inf, math.nan]

TAME = [
    "{} + {}",
    "{} - {}",
    "{} * {}",
    "{} / (1.5 + {} * {})",
    "tanh({})",
    "sin({})",
    "sigmoid({})",
    "exp(tanh({}))",
    "softplus({})",
    "atan2({}, 1.0 + exp(-{}))",
    "-{}",
    "{} ** 2",
    "sum([{}, {}, {}])",
    "dot([{}, {}], [{}, {}])",
    "logsumexp([{}, {}])",
    "softmax([{}, {}, {}])[1]",
    "{} * {} + {} * {}",
    "sqrt(1.0 + {} * {})",
]
"""Operations that have a value everywhere, and one of ordinary size."""

WILD = [
    "log({})",
    "sqrt({})",
    "exp({})",
    "{} / {}",
    "1.0 / {}",
    "{} ** -1",
    "{} ** 0.5",
    "{} ** 3.0",
    "{} // {}",
    "{} % {}",
    "asin({})",
    "acosh({})",
    "hypot({}, {})",
    "atan2({}, {})",
    "prod([{}, {}, {}])",
    "2.0 ** {}",
    "{} * 1e200",
    "log1p({})",
    "tan({})",
]
"""Operations that raise somewhere, or overflow."""

CHOICES = [
    "({} if {} < {} else {})",
    "({} and {})",
    "({} or {})",
    "max({}, {})",
    "min({}, {}, {})",
    "sorted([{}, {}, {}])[1]",
    "abs({})",
    "where({} < {}, {}, {})",
    "where({}, {}, {})",
    "maximum({}, {})",
    "minimum({}, {})",
    "clip({}, -0.5, 0.75)",
    "relu({})",
    "take([{}, {}], {} < {})",
    "take([{}, {}, {}], trunc(clip({}, -1.0, 1.0)))",
    "floor({})",
    "sign({})",
    "autograd.max([{}, {}, {}])",
    "autograd.min([{}, {}])",
    "(1.0 if {} in [{}, 0.5] else {})",
]
"""Operations that choose, and ways of Python to."""

CONDITIONS = [
    "{} < {}",
    "{} >= {}",
    "{} == {}",
    "{} != {}",
    "{}",
    "not {}",
    "{} < {} < {}",
    "{} > 0 and {} > 0",
    "{} > 0 or {} <= 0.5",
    "all(t > -1 for t in [{}, {}])",
    "any([{} > 1, {} > 1])",
]

NAMESPACE = {**{name: getattr(autograd, name) for name in autograd.functions.__all__}}
NAMESPACE |= {"autograd": autograd, "max": max, "min": min, "sum": sum, "abs": abs}


@dataclass(frozen=True)
class Source:
    """A function as text.

    Attributes:
        text: the definition of `f`, which reads Values of a list `w`.
        inputs: how many numbers it takes.
    """

    text: str
    inputs: int

    def function(self, w: Sequence[Any] = ()) -> Callable[..., Any]:
        """The function, with the Values that it reads from outside."""
        namespace = {**NAMESPACE, "w": w}
        exec(self.text, namespace)
        f: Callable[..., Any] = namespace["f"]
        return f


class _Writer:
    """Draws one function, statement by statement."""

    def __init__(self, draw: st.DrawFn, inputs: int, operations: Sequence[str], w: int) -> None:
        self._draw = draw
        self._operations = operations
        self._names = [f"x{i}" for i in range(inputs)]
        self._outside = [f"w[{i}]" for i in range(w)]
        self.lines: list[str] = []
        self._assigned = 0

    def choose(self, options: Sequence[Any]) -> Any:
        return self._draw(st.sampled_from(options))

    def atom(self) -> str:
        # The newest names first: programs that use what they computed shrink and grow well.
        constants = ["0.0", "1.0", "-0.5", "2.0", "3"]
        return str(self.choose([*self._names[::-1], *self._names, *self._outside, *constants]))

    def filled(self, template: str) -> str:
        return template.format(*[self.atom() for _ in range(template.count("{}"))])

    def expression(self) -> str:
        return self.filled(self.choose(self._operations))

    def assign(self, indent: str, name: str = "") -> str:
        text = self.expression()
        if not name:
            name = f"t{self._assigned}"
            self._assigned += 1
        self.lines.append(f"{indent}{name} = {text}")
        return name

    def statement(self, depth: int, kinds: Sequence[str]) -> None:
        indent = "    " * depth
        kind = self.choose(kinds) if depth < 3 else "assign"
        if kind == "assign":
            target = self.choose(self._names) if depth > 1 else ""
            made = self.assign(indent, target)
            if depth == 1:
                self._names.append(made)
        elif kind == "if":
            self.lines.append(f"{indent}if {self.filled(self.choose(CONDITIONS))}:")
            self.block(depth + 1, kinds)
            if self.choose([False, True]):
                self.lines.append(f"{indent}else:")
                self.block(depth + 1, kinds)
        elif kind == "while":
            n = f"n{len(self.lines)}"
            self.lines.append(f"{indent}{n} = 0")
            condition = self.filled(self.choose(CONDITIONS[:4]))
            self.lines.append(f"{indent}while {n} < 3 and ({condition}):")
            self.lines.append(f"{indent}    {n} += 1")
            self.block(depth + 1, ["assign"])
        elif kind == "for":
            self.lines.append(f"{indent}for i in range({self.choose([1, 2, 3])}):")
            self.block(depth + 1, ["assign"])
        else:
            self.lines.append(f"{indent}if {self.filled(self.choose(CONDITIONS[:4]))}:")
            end = self.choose(["return {}", "raise ValueError('no such number')"])
            self.lines.append(f"{indent}    {self.filled(end)}")

    def block(self, depth: int, kinds: Sequence[str]) -> None:
        for _ in range(self.choose([1, 2])):
            self.statement(depth, kinds)


@st.composite
def sources(
    draw: st.DrawFn,
    inputs: int = 2,
    branches: bool = True,
    wild: bool = False,
    parameters: int = 2,
    outputs: int = 1,
    statements: int = 5,
) -> Source:
    """Random functions of numbers.

    Args:
        draw: handed in by Hypothesis.
        inputs: how many numbers they take.
        branches: whether they have branches and loops.
        wild: whether they may divide by anything, and take logarithms of it.
        parameters: how many Values they read from outside.
        outputs: how many numbers they return, in a list if not one.
        statements: the most statements.
    """
    operations = [*TAME, *(CHOICES if branches else ()), *(WILD if wild else ())]
    writer = _Writer(draw, inputs, operations, parameters)
    kinds = ["assign", "assign", *(("if", "while", "for", "end") if branches else ())]
    for _ in range(draw(st.integers(1, statements))):
        writer.statement(1, kinds)
    results = [writer.expression() for _ in range(outputs)]
    listed = f"[{', '.join(results)}]"
    writer.lines.append(f"    return {listed if outputs > 1 else results[0]}")
    head = f"def f({', '.join(f'x{i}' for i in range(inputs))}):"
    source = Source("\n".join([head, *writer.lines]), inputs)
    note(f"{source.text}\n")
    return source


tame_numbers = st.integers(-16, 16).map(lambda k: k / 8) | st.floats(-2, 2)
"""Numbers of ordinary size. Eighths are often equal, and their sums are exact."""

numbers = tame_numbers | st.sampled_from(EDGES)
# A nan is in a list if it is the very same object, so each is an object of its own.
any_numbers = numbers | st.sampled_from(NOT_FINITE).map(lambda x: x + 0.0)
