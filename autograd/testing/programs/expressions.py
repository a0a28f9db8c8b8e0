"""`Expression`: a straight-line program over the table of primitives, as data.

It can be called (on floats, on Values, on another library's numbers), compared, and printed as
Python source to paste into a test. `generation` makes random ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from autograd.functions import pow
from autograd.primitives import TABLE
from autograd.testing.domains import DOMAINS

LINE = 72
"""The longest step, in characters, that includes earlier ones; longer ones get their own lines."""

INFIX = {
    name: made.symbol
    for name, made in TABLE.items()
    if made.arity == 2 and not made.symbol.isidentifier()
}
PREFIX = {"identity": "+", "neg": "-"}
CALLS: dict[str, Callable[[Sequence[str]], str]] = {
    **{
        name: lambda xs, name=name: f"{name}([{', '.join(xs)}])"  # type: ignore[misc]
        for name, made in TABLE.items()
        if made.arity is None
    },
    "gelu_tanh": lambda xs: f'gelu({xs[0]}, approximate="tanh")',
    "dot": lambda xs: f"dot([{', '.join(xs[: len(xs) // 2])}], [{', '.join(xs[len(xs) // 2 :])}])",
}
IMPORTS = {"gelu_tanh": "gelu", "abs": ""}
"""What to import for a primitive, where that is not its name."""


OPERATIONS: dict[str, Callable[..., Any]] = {**TABLE, "pow": pow}
"""What a step does. A power of a number and a Value is a primitive of its own, as in `2.0 ** x`."""


class Step(NamedTuple):
    """One operation of a program.

    Attributes:
        operation: the name of a primitive.
        operands: for each an integer, the index of an earlier number (the inputs come first, then
            the results of the steps), or a float, which is a constant.
    """

    operation: str
    operands: tuple[int | float, ...]


@dataclass(frozen=True)
class Expression:
    """A straight-line program: each step applies a primitive to earlier numbers.

    Steps that no output depends on are dropped, so two programs that differ only in these are
    equal.

    Args:
        inputs: the number of inputs.
        steps: the operations, in order.
        outputs: the indexes of the numbers it returns; by default the last one.

    Raises:
        ValueError: a step or an output refers to a number that is not computed before it, or a step
            has the wrong number of operands for its primitive.

    >>> f = Expression(2, [Step("mul", (0, 1)), Step("exp", (2,)), Step("add", (3, 0.5))])
    >>> f(2.0, 0.0)
    1.5
    >>> print(f)
    from autograd import exp
    <BLANKLINE>
    <BLANKLINE>
    def f(x0, x1):
        return exp(x0 * x1) + 0.5
    >>> from autograd import grad
    >>> grad(f)(2.0, 3.0) == 3 * grad(f, 1)(2.0, 3.0) / 2
    True
    """

    inputs: int
    steps: tuple[Step, ...]
    outputs: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        steps = [Step(name, tuple(operands)) for name, operands in self.steps]
        for place, step in enumerate(steps, self.inputs):
            _check(step, place)
        last = self.inputs + len(steps) - 1
        outputs = tuple(self.outputs) or (last,)
        if not all(0 <= place <= last for place in outputs):
            raise ValueError(f"Expression: outputs must be from 0 to {last}, got {outputs}")
        steps, outputs = _live(self.inputs, steps, outputs)
        object.__setattr__(self, "steps", tuple(steps))
        object.__setattr__(self, "outputs", outputs)

    def __call__(self, *inputs: Any) -> Any:
        """The result for some inputs: floats or Values, as arguments or as one list."""
        return self.evaluate(inputs[0] if len(inputs) == 1 and _is_list(inputs[0]) else inputs)

    def evaluate(
        self, inputs: Sequence[Any], operations: Mapping[str, Callable[..., Any]] = OPERATIONS
    ) -> Any:
        """The result for some inputs by another table of operations, such as another library's.

        Args:
            inputs: numbers of the kind that the operations take.
            operations: a function for the name of each primitive, called with its operands one
                by one (those of `dot` are the numbers of the first vector, then of the second).

        Returns:
            One result, or a list of them if the program has several outputs.

        >>> double = Expression(1, [Step("add", (0, 0))])
        >>> double.evaluate(["ab"], {"add": lambda a, b: a + b})
        'abab'
        """
        numbers = self._numbers(inputs, operations)
        results = [numbers[place] for place in self.outputs]
        return results[0] if len(results) == 1 else results

    def is_smooth_at(self, point: Sequence[Any]) -> bool:
        """Whether no step is near a corner, a jump or a pole of its primitive.

        `DOMAINS` defines near: the steps of `gradcheck` stay on the same side.

        >>> Expression(1, [Step("relu", (0,))]).is_smooth_at([0.01])
        False
        """
        numbers = self._numbers([float(x) for x in point], TABLE)
        return not any(
            DOMAINS[name].near_corner(*_chosen(operands, numbers)) for name, operands in self.steps
        )

    def _numbers(
        self, inputs: Sequence[Any], operations: Mapping[str, Callable[..., Any]]
    ) -> list[Any]:
        """The inputs, followed by the result of each step."""
        if len(inputs) != self.inputs:
            raise TypeError(f"the program takes {self.inputs} numbers, got {len(inputs)}")
        numbers = list(inputs)
        for name, operands in self.steps:
            numbers.append(operations[name](*_chosen(operands, numbers)))
        return numbers

    @property
    def source(self) -> str:
        """Python source of a function `f` that computes the same numbers, to the last bit.

        An operation that is used once is written where it is used, if the line is not too long.
        """
        uses = Counter(x for step in self.steps for x in step.operands if type(x) is int)
        uses.update(self.outputs)
        texts = [f"x{i}" for i in range(self.inputs)]
        lines: list[str] = []
        for place, (name, operands) in enumerate(self.steps, self.inputs):
            text = _written(name, [texts[x] if type(x) is int else repr(x) for x in operands])
            if uses[place] > 1 or (len(text) > LINE and (place,) != self.outputs):
                lines.append(f"t{len(lines)} = {text}")
                text = f"t{len(lines) - 1}"
            texts.append(text)
        results = [texts[place] for place in self.outputs]
        lines.append("return " + (results[0] if len(results) == 1 else f"[{', '.join(results)}]"))
        body = "".join(f"\n    {line}" for line in lines)
        return f"{self._imports()}def f({', '.join(texts[: self.inputs])}):{body}"

    def _imports(self) -> str:
        used = {name for name, _ in self.steps if name not in INFIX and name not in PREFIX}
        names = sorted({IMPORTS.get(name, name) for name in used} - {""})
        return f"from autograd import {', '.join(names)}\n\n\n" if names else ""

    def __str__(self) -> str:
        return self.source


def _chosen(operands: Sequence[int | float], numbers: Sequence[Any]) -> list[Any]:
    return [numbers[x] if type(x) is int else x for x in operands]


def _is_list(x: Any) -> bool:
    return isinstance(x, list | tuple)


def _check(step: Step, place: int) -> None:
    """Raise ValueError unless a step can be computed from the numbers before it."""
    for x in step.operands:
        if type(x) is not float and not (type(x) is int and 0 <= x < place):
            raise ValueError(
                f"Expression: {step.operation} at index {place} needs floats, or indexes of"
                f" numbers before it, got {x!r}"
            )
    known = TABLE.get(step.operation)
    if known is not None and known.arity not in (None, len(step.operands)):
        raise ValueError(
            f"Expression: {step.operation} takes {known.arity} operands, got {len(step.operands)}"
        )


def _live(
    inputs: int, steps: Sequence[Step], outputs: tuple[int, ...]
) -> tuple[list[Step], tuple[int, ...]]:
    """The steps that some output depends on, and the outputs' indexes among them."""
    needed = set(outputs)
    for place in reversed(range(inputs, inputs + len(steps))):
        if place in needed:
            needed.update(x for x in steps[place - inputs].operands if type(x) is int)
    moved = {place: place for place in range(inputs)}
    kept = []
    for place, (name, operands) in enumerate(steps, inputs):
        if place in needed:
            kept.append(Step(name, tuple(moved[x] if type(x) is int else x for x in operands)))
            moved[place] = inputs + len(kept) - 1
    return kept, tuple(moved[place] for place in outputs)


def _written(name: str, operands: Sequence[str]) -> str:
    """One operation as Python writes it."""
    if name in INFIX:
        return f" {INFIX[name]} ".join(map(_in_parentheses, operands))
    if name in PREFIX:
        return PREFIX[name] + _in_parentheses(operands[0])
    return CALLS[name](operands) if name in CALLS else f"{name}({', '.join(operands)})"


def _in_parentheses(text: str) -> str:
    """The text of an operand, in parentheses if it is written with an operator.

    >>> _in_parentheses("x0 + 1.0"), _in_parentheses("exp(x0 + 1.0)"), _in_parentheses("-1.5")
    ('(x0 + 1.0)', 'exp(x0 + 1.0)', '(-1.5)')
    """
    depth, bare = 0, ""
    for character in text:
        depth += (character in "([") - (character in ")]")
        bare += character if depth == 0 else ""
    return f"({text})" if " " in bare or text[0] in "+-" else text
