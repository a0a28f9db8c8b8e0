"""One pass over a program, from inputs to outputs, that rebuilds it in its simplest form.

Each node is made again on the new operands, and in doing so

- an operation on constants alone becomes a constant, unless it raises: then it stays, and raises
  when the program is run;
- a rule of the table may replace it. Operands come before results, so they are already in
  their simplest form when a rule looks at them, and one pass is enough;
- a node that is there already, the same operation on the same operands, is shared.

Rules are found by the operation and by the kinds of its operands (a constant, an input, or the
operation that made it). There are few such combinations, and each is looked up in the table once.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import copysign
from typing import Any

from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import (
    OPERATIONS,
    PURE,
    SIGNLESS,
    SIGNLESS_NORMAL,
    Apply,
    Bound,
    Constant,
    Node,
    Number,
    Pattern,
    Rule,
    computed,
)
from autograd.jit.programs.zeros import Zeros
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive

MUL, ADD, SUM, DOT = TABLE["mul"], TABLE["add"], TABLE["sum"], TABLE["dot"]
POWER, TAKE = TABLE["pow_number"], OPERATIONS["take"]

LONGEST = 3
"""The largest number of operands in a rule."""

_SIGNLESS = frozenset((*SIGNLESS, *SIGNLESS_NORMAL))

_CONSTANT = object()
"""The kind of an operand that is a constant."""


class Builder:
    """A program under construction, to which nodes are added in their simplest form.

    Attributes:
        program: what has been built.
        squares: the products that took the place of a power, and do not raise as it does.
    """

    def __init__(self, table: Sequence[Rule], share: bool) -> None:
        self.program = Program()
        self.squares: set[int] = set()
        self._operations = self.program.operations
        self._operands = self.program.operands
        self._constants = self.program.constants
        self._rules: dict[Primitive, list[Rule]] = {}
        for rule in table:
            self._rules.setdefault(rule.pattern.operation, []).append(rule)
        self._share = share
        self._numbers: dict[tuple[float, float], int] = {}
        self._nodes: dict[Any, int] = {}
        self._candidates: dict[Any, list[Rule]] = {}
        self._kinds: list[Any] = []

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
            self._kinds.append(_CONSTANT)
        return node

    def make(self, operation: Primitive, operands: tuple[int, ...], told: bool = True) -> int:
        """The node that stands for an operation on nodes.

        Args:
            operation: what is done.
            operands: to which nodes.
            told: whether a zero must keep its sign.
        """
        count = len(operands)
        is_pure = operation in PURE
        if is_pure and (not count or operands[0] in self._constants):
            folded = self._folded(operation, operands)
            if folded is not None:
                return folded
        if count <= LONGEST:
            kinds = self._kinds
            if count == 2:
                key: Any = operation, kinds[operands[0]], kinds[operands[1]]
            else:
                key = (operation, *[kinds[i] for i in operands])
            candidates = self._candidates.get(key)
            if candidates is None:
                candidates = self._candidates[key] = self._fitting(operation, operands)
            for rule in candidates:
                if told and rule.text in _SIGNLESS:
                    continue
                bound = self._match(rule.pattern, operands)
                if bound is not None and rule.condition(bound):
                    made = self._build(rule.result, bound, told)
                    if operation is POWER and self.program.operations[made] is MUL:
                        self.squares.add(made)
                    return made
        if not is_pure or not self._share:
            return self._append(operation, operands)
        if count == 2 and operands[0] > operands[1] and "commutative" in operation.facts:
            same: Any = operation, (operands[1], operands[0])
        else:
            same = operation, operands
        node = self._nodes.get(same)
        if node is None:
            node = self._nodes[same] = self._append(operation, operands)
        return node

    def _folded(self, operation: Primitive, operands: tuple[int, ...]) -> int | None:
        """The node of an operation whose result is known, if it is: the first operand is."""
        constants = self.program.constants
        if all(map(constants.__contains__, operands)):
            try:
                return self.constant(operation.value(*[constants[i] for i in operands]))
            except (ArithmeticError, ValueError, LookupError):
                return None
        if operation is TAKE:
            index = constants[operands[0]]
            if index.is_integer() and 1 - len(operands) <= index < len(operands) - 1:
                return operands[1:][int(index)]
        return None

    def _append(self, operation: Primitive, operands: tuple[int, ...]) -> int:
        self._kinds.append(operation)
        self._operations.append(operation)
        self._operands.append(operands)
        return len(self._kinds) - 1

    def _fitting(self, operation: Primitive, operands: tuple[int, ...]) -> list[Rule]:
        rules = self._rules.get(operation, ())
        return [rule for rule in rules if self._may_match(rule.pattern.operands, operands)]

    def _may_match(self, wanted: Sequence[Pattern], operands: tuple[int, ...]) -> bool:
        """Whether the kinds of the operands are those of a rule."""
        if len(wanted) != len(operands):
            return False
        for pattern, i in zip(wanted, operands, strict=True):
            match pattern:
                case Apply() if self._kinds[i] is not pattern.operation:
                    return False
                case Constant() | Number() if self._kinds[i] is not _CONSTANT:
                    return False
        return True

    def _match(self, pattern: Apply, operands: tuple[int, ...]) -> Bound | None:
        bound: Bound = {}
        waiting = list(zip(pattern.operands, operands, strict=True))
        for wanted, i in waiting:
            if isinstance(wanted, Node):
                if bound.setdefault(wanted.name, i) != i:
                    return None
            elif isinstance(wanted, Apply):
                if self._operations[i] is not wanted.operation:
                    return None
                waiting += zip(wanted.operands, self._operands[i], strict=True)
            else:
                number = self._constants.get(i)
                if number is None:
                    return None
                if isinstance(wanted, Constant):
                    bound[wanted.name] = number
                elif number != wanted.value or copysign(1.0, number) != copysign(1.0, wanted.value):
                    return None
        return bound

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


def rewrite(
    program: Program, table: Sequence[Rule], share: bool, squares: set[int] | None = None
) -> Program:
    """The program with the rules applied.

    Args:
        program: what to rewrite; it is not changed.
        table: the rules.
        share: whether equal nodes become one.
        squares: where to add the products that took the place of powers, and do not raise.
    """
    builder = Builder(table, share)
    make, constants, names = builder.make, program.constants, program.names
    new: list[int] = []
    gathered = squares is None  # what finds squares comes first
    is_worth = 0.0 in program.constants.values() or TABLE["neg"] in program.operations
    told = Zeros(program, PURE, gathered).confused() if is_worth else range(len(program))
    for node, (operation, operands) in enumerate(
        zip(program.operations, program.operands, strict=True)
    ):
        if operation is not None:
            new.append(make(operation, tuple([new[i] for i in operands]), node in told))
        elif node in constants:
            new.append(builder.constant(constants[node]))
        else:
            new.append(builder.input(names.get(node, "")))
    finish(program, builder.program, new)
    if squares is not None:
        squares |= builder.squares
    return builder.program


def finish(old: Program, made: Program, new: Sequence[int]) -> None:
    """Give a new program the inputs, outputs and guards of the old, by what became of the nodes.

    A guard on a constant that holds is dropped; one that does not hold stays, and fails.
    """
    made.inputs = [new[node] for node in old.inputs]
    made.outputs, made.checks = [new[node] for node in old.outputs], old.checks
    found = dict.fromkeys(new[node] for node in old.suspects)
    made.suspects = [i for i in found if i >= 0 and made.operations[i] is not None]
    guards = {(new[node], outcome): None for node, outcome in old.guards}
    made.guards = [
        (node, outcome)
        for node, outcome in guards
        if node not in made.constants or bool(made.constants[node]) is not outcome
    ]
