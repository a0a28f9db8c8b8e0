"""A program under construction, to which nodes are added in their simplest form.

Each node is made on nodes that are in their simplest form already, and in doing so

- an operation on constants alone becomes a constant, unless it raises: then it stays, and raises
  when the program is run;
- a rule of the table may replace it;
- a node that is there already, the same operation on the same operands, is shared.

Rules are found by the operation and by the kinds of its operands (a constant, an input, or the
operation that made it). There are few such combinations, and each is looked up in the table once.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import copysign, isfinite
from typing import Any

from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import (
    OPERATIONS,
    PURE,
    SIGNLESS,
    Apply,
    Bound,
    Constant,
    Node,
    Number,
    Pattern,
    Rule,
    computed,
)
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive

MUL, ADD, SUM, DOT = TABLE["mul"], TABLE["add"], TABLE["sum"], TABLE["dot"]
TAKE = OPERATIONS["take"]

LONGEST = 3
"""The largest number of operands in a rule."""

_SIGNLESS = frozenset(SIGNLESS)

_CONSTANT = "a constant"
"""The kind of an operand that is a constant no rule mentions."""


class Rules:
    """A table of rules, for the nodes of a program.

    Args:
        table: the rules.
        program: the program; its lists may grow, and change.

    Attributes:
        kinds: the kind of each node; who adds one to the program adds its kind.
        by_operation: the rules for each operation.
    """

    def __init__(self, table: Sequence[Rule], program: Program) -> None:
        self.by_operation: dict[Primitive, list[Rule]] = {}
        self._numbers: set[float] = set()
        for rule in table:
            self.by_operation.setdefault(rule.pattern.operation, []).append(rule)
            self._numbers |= {x.value for x in rule.pattern.operands if isinstance(x, Number)}
        self._operations = program.operations
        self._operands = program.operands
        self._constants = program.constants
        self.kinds: list[Any] = list(program.operations)
        for node, number in program.constants.items():
            self.kinds[node] = self.kind(number)
        self._candidates: dict[Any, list[Rule]] = {}

    def kind(self, number: float) -> Any:
        """The kind of a constant: the number itself, with its sign, if a rule mentions it."""
        return (number, copysign(1.0, number)) if number in self._numbers else _CONSTANT

    def find(
        self, operation: Primitive, operands: tuple[int, ...], told: bool
    ) -> tuple[Rule, Bound] | None:
        """The first rule that fits an operation on nodes, and what its letters stand for.

        Args:
            operation: what is done.
            operands: to which nodes.
            told: whether a zero must keep its sign.
        """
        kinds, count = self.kinds, len(operands)
        if count == 2:
            a, b = operands
            key: Any = operation, kinds[a], kinds[b], a == b
        elif count <= LONGEST:
            are_same = operands[1:2] == operands[2:]
            key = (operation, are_same, *[kinds[i] for i in operands])
        else:
            return None
        candidates = self._candidates.get(key)
        if candidates is None:
            rules = self.by_operation.get(operation, ())
            candidates = self._candidates[key] = [x for x in rules if self._may_fit(x, operands)]
        for rule in candidates:
            if not told or rule.text not in _SIGNLESS:
                bound = self._match(rule.pattern, operands)
                if bound is not None and rule.condition(bound):
                    return rule, bound
        return None

    def _may_fit(self, rule: Rule, operands: tuple[int, ...]) -> bool:
        """Whether a rule may fit operands of these kinds, of which the last two may be equal."""
        wanted = rule.pattern.operands
        if len(wanted) != len(operands):
            return False
        for pattern, i in zip(wanted, operands, strict=True):
            kind = self.kinds[i]
            match pattern:
                case Apply() if kind is not pattern.operation:
                    return False
                case Number(number) if kind != (number, copysign(1.0, number)):
                    return False
                case Constant() if kind is not _CONSTANT and type(kind) is not tuple:
                    return False
        last = wanted[-2:]
        is_pair = len(last) == 2 and isinstance(last[0], Node) and last[0] == last[1]
        return not is_pair or operands[-2] == operands[-1]

    def _match(self, pattern: Apply, operands: tuple[int, ...]) -> Bound | None:
        bound: Bound = {}
        waiting = [*zip(pattern.operands, operands, strict=True)]
        for wanted, i in waiting:
            kind = type(wanted)
            if kind is Node:
                if bound.setdefault(wanted.name, i) != i:  # type: ignore[union-attr]
                    return None
            elif kind is Apply:
                if self._operations[i] is not wanted.operation:  # type: ignore[union-attr]
                    return None
                waiting += zip(wanted.operands, self._operands[i], strict=True)  # type: ignore[union-attr]
            elif (number := self._constants.get(i)) is None:
                return None
            elif kind is Constant:
                bound[wanted.name] = number  # type: ignore[union-attr]
            elif self.kind(number) != self.kind(wanted.value):  # type: ignore[union-attr]
                return None
        return bound


def folded(
    operation: Primitive, operands: tuple[int, ...], constants: dict[int, float]
) -> float | int | None:
    """The number that an operation on constants is, or the node that `take` takes by a constant.

    There is neither if the first operand is not a constant: who calls this checks it first.
    """
    if operation not in PURE:
        return None
    if all(map(constants.__contains__, operands)):
        try:
            return float(operation.value(*[constants[i] for i in operands]))
        except (ArithmeticError, ValueError, LookupError):
            return None
    if operation is TAKE and operands[0] in constants:
        index = constants[operands[0]]
        if index.is_integer() and 1 - len(operands) <= index < len(operands) - 1:
            return operands[1:][int(index)]
    return None


class Builder:
    """A program under construction.

    Args:
        table: the rules.

    Attributes:
        program: what has been built.
    """

    def __init__(self, table: Sequence[Rule]) -> None:
        self.program = Program()
        self._rules = Rules(table, self.program)
        self._kinds = self._rules.kinds
        self._operations, self._operands = self.program.operations, self.program.operands
        self._constants = self.program.constants
        self._numbers: dict[tuple[float, float], int] = {}
        self._nodes: dict[tuple[Primitive, tuple[int, ...]], int] = {}

    def input(self, name: str) -> int:
        """Add an input."""
        self._kinds.append(None)
        return self.program.input(name)

    def constant(self, number: float) -> int:
        """The node of a constant, the same one for the same number."""
        key = (number, copysign(1.0, number))
        node = self._numbers.get(key)
        if node is None:
            node = self._numbers[key] = self.program.constant(float(number))
            self._kinds.append(self._rules.kind(number))
        return node

    def make(self, operation: Primitive, operands: tuple[int, ...], told: bool = True) -> int:
        """The node that stands for an operation on nodes.

        Args:
            operation: what is done.
            operands: to which nodes.
            told: whether a zero must keep its sign.
        """
        nodes, same = self._nodes, (operation, operands)
        if len(operands) == 2 and operands[0] > operands[1] and "commutative" in operation.facts:
            same = operation, operands[::-1]
        node = nodes.get(same)
        if node is not None:
            return node
        if not operands or operands[0] in self._constants:
            found = folded(operation, operands, self._constants)
            if found is not None:
                return found if type(found) is int else self.constant(found)
        if operation in self._rules.by_operation:
            fitting = self._rules.find(operation, operands, told)
            if fitting is not None:
                rule, bound = fitting
                return self._build(rule.result, bound, told)
        node = len(self._kinds)
        self._kinds.append(operation)
        self._operations.append(operation)
        self._operands.append(operands)
        if operation in PURE:
            nodes[same] = node
        return node

    def _build(self, result: Pattern, bound: Bound, told: bool) -> int:
        match result:
            case Node(name):
                return int(bound[name])
            case Number(number):
                return self.constant(number)
            case Constant():
                return self.constant(computed(result, bound))
            case Apply(operation, operands):
                made = tuple(self._build(x, bound, told) for x in operands)
                return self.make(operation, made, told)


def finish(old: Program, made: Program, new: Sequence[int]) -> None:
    """Give a new program the inputs, outputs and guards of the old, by what became of the nodes.

    A guard on a constant that holds is dropped; one that does not hold stays, and fails. So does
    a node that is looked at for being nan or too large, and is, whatever the inputs are.
    """
    made.inputs = [new[node] for node in old.inputs]
    made.outputs = [new[node] for node in old.outputs]
    for name in ("suspects", "regrouped"):
        found = dict.fromkeys(new[node] for node in getattr(old, name))
        kept = [i for i in found if i >= 0 and made.operations[i] is not None]
        kept += [i for i in found if not isfinite(made.constants.get(i, 0.0))]
        setattr(made, name, getattr(made, name) + kept)
    guards = {(new[node], outcome): None for node, outcome in old.guards}
    made.guards = [
        (node, outcome)
        for node, outcome in guards
        if node not in made.constants or bool(made.constants[node]) is not outcome
    ]
