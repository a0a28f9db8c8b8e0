"""One pass over a program, from inputs to outputs, that builds it anew in its simplest form.

Each node is made again on the new operands, and on the way

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

from autograd.jit.program import Program
from autograd.jit.rewrites import (
    OPERATIONS,
    PURE,
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
POWER, TAKE = TABLE["pow_number"], OPERATIONS["take"]

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
        self._table = table
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
            node = self._numbers[key] = self.program.constant(number)
            self._kinds.append(_CONSTANT)
        return node

    def make(self, operation: Primitive, operands: tuple[int, ...]) -> int:
        """The node that stands for an operation on nodes."""
        kinds = self._kinds
        key = (operation, *[kinds[i] for i in operands]) if len(operands) < 4 else operation
        candidates = self._candidates.get(key)
        if candidates is None:
            fitting = (rule for rule in self._table if self._may_match(rule, operation, operands))
            candidates = self._candidates[key] = list(fitting)
        for rule in candidates:
            bound = self._match(rule.pattern, operands)
            if bound is not None and rule.condition(bound):
                made = self._build(rule.result, bound)
                if operation is POWER and self.program.operations[made] is MUL:
                    self.squares.add(made)
                return made
        return self._folded(operation, operands)

    def _folded(self, operation: Primitive, operands: tuple[int, ...]) -> int:
        constants = self.program.constants
        if operation in PURE:
            if all(i in constants for i in operands):
                try:
                    return self.constant(operation.value(*[constants[i] for i in operands]))
                except (ArithmeticError, ValueError, LookupError):
                    pass
            if operation is TAKE and operands[0] in constants:
                index = constants[operands[0]]
                if index.is_integer() and 1 - len(operands) <= index < len(operands) - 1:
                    return operands[1:][int(index)]
            if self._share:
                commutes = operation is MUL or operation is ADD
                key = (operation, *(sorted(operands) if commutes else operands))
                node = self._nodes.get(key)
                if node is None:
                    node = self._nodes[key] = self._append(operation, operands)
                return node
        return self._append(operation, operands)

    def _append(self, operation: Primitive, operands: tuple[int, ...]) -> int:
        self._kinds.append(operation)
        return self.program.apply(operation, *operands)

    def _may_match(self, rule: Rule, operation: Primitive, operands: tuple[int, ...]) -> bool:
        """Whether the operation and the kinds of the operands are those of the rule."""
        wanted = rule.pattern.operands
        if rule.pattern.operation is not operation or len(wanted) != len(operands):
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
        constants = self.program.constants
        while waiting:
            wanted, i = waiting.pop()
            match wanted:
                case Node(name):
                    if bound.setdefault(name, i) != i:
                        return None
                case Number(number):
                    found = constants.get(i)
                    if found != number or copysign(1.0, found) != copysign(1.0, number):
                        return None
                case Constant(name):
                    if i not in constants:
                        return None
                    bound[name] = constants[i]
                case Apply(operation, inner):
                    if self.program.operations[i] is not operation:
                        return None
                    waiting += zip(inner, self.program.operands[i], strict=True)
        return bound

    def _build(self, result: Pattern, bound: Bound) -> int:
        match result:
            case Node(name):
                return int(bound[name])
            case Number(number):
                return self.constant(number)
            case Constant():
                return self.constant(computed(result, bound))
            case Apply(operation, operands):
                return self.make(operation, tuple(self._build(x, bound) for x in operands))


def rewrite(program: Program, table: Sequence[Rule], share: bool) -> tuple[Program, set[int]]:
    """The program with the rules applied, and the squares that took the place of powers.

    Args:
        program: what to rewrite; it is not changed.
        table: the rules.
        share: whether equal nodes become one.
    """
    builder = Builder(table, share)
    given = {node: program.names.get(node, "") for node in program.inputs}
    constants = program.constants
    new: list[int] = []
    for node, operation in enumerate(program.operations):
        if operation is not None:
            operands = program.operands[node]
            made = builder.make(operation, tuple([new[i] for i in operands]))
        elif node in given:
            made = builder.input(given[node])
        else:
            made = builder.constant(constants[node])
        new.append(made)
    finish(program, builder.program, new)
    return builder.program, builder.squares


def finish(old: Program, made: Program, new: Sequence[int]) -> None:
    """Give a new program the inputs, outputs and guards of the old, by what became of the nodes.

    A guard on a constant that holds is dropped; one that does not hold stays, and fails.
    """
    made.inputs = [new[node] for node in old.inputs]
    made.outputs = [new[node] for node in old.outputs]
    guards = {(new[node], outcome): None for node, outcome in old.guards}
    made.guards = [
        (node, outcome)
        for node, outcome in guards
        if node not in made.constants or bool(made.constants[node]) is not outcome
    ]
