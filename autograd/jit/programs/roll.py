"""Rolling: loops that are recovered from the trace of a Python loop.

The turns that `periods` finds become one operation, a `Loop`, whose body is one turn. What turns
read from before is carried, a row, or the same in all turns; what is read from outside of a turn
is carried out, or left as a row. Written out again, turn by turn, the loop is what was traced,
operation for operation.

A loop in the body of another one is found in the body, where turns of the outer loop are alike. If
they are not, for the inner loops differ in length or in a turn, the inner ones are found first.
So the program is looked at again until there is nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autograd.jit.programs.compound import ROW, Compound, Item, Literal, Row, item
from autograd.jit.programs.loops import Loop, has_loops
from autograd.jit.programs.payoff import is_broad, is_narrow, pays
from autograd.jit.programs.periods import (
    Line,
    Region,
    regions,
)
from autograd.jit.programs.program import Program
from autograd.jit.programs.turn_body import Turn
from autograd.jit.tuning import LARGE_PART, LEAST_ROLLED, LEAST_TURN

Pays = Callable[[Program, Line, Region], bool]


def always(program: Program, line: Line, region: Region) -> bool:
    """Every region becomes a loop."""
    return True


def recovered(program: Program) -> Program:
    """The program with loops where they pay."""
    if program.size < LEAST_ROLLED or program.derived or has_loops(program):
        return program
    may_pay = is_broad(program) or is_narrow(program)
    return rolled(program, pays, LEAST_TURN, LARGE_PART) if may_pay else program


def rolled(program: Program, pays: Pays = always, period: int = 1, part: float = 0.0) -> Program:
    """The program with loops in the place of turns that do the same.

    Args:
        program: as it was traced; it is not changed.
        pays: whether a region of it is to be a loop.
        period: the least number of operations of a turn.
        part: how much of the program the turns are at least.

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> x, w = program.input("x"), program.input("w")
    >>> for _ in range(100):
    ...     x = program.apply(TABLE["sin"], program.apply(TABLE["mul"], w, x))
    >>> program.outputs.append(x)
    >>> print(rolled(program))
    v1 = scan(x, w)
        v1 = mul(w, carry)
        v2 = sin(v1)
        return v2, carry
    v2 = item0(v1)
    return v2
    """
    return _Roller(pays, period, part).rolled(program)


class _Roller:
    def __init__(self, pays: Pays, period: int, part: float) -> None:
        self._pays, self._period, self._part = pays, period, part
        self._loops: dict[Any, Loop] = {}
        self._literals: dict[str, Literal] = {}

    def rolled(self, program: Program) -> Program:
        while True:
            program = self._shared(program)
            line = _line(program)
            found = [
                x for x in regions(line, self._period, self._part) if self._pays(program, line, x)
            ]
            made = _Writer(program, found, self).program if found else program
            if _weight(made) >= _weight(program):  # so this comes to an end
                return program
            program = made

    def loop(self, loop: Loop) -> Loop:
        """The loop, or the one that is the same: turns of an outer loop are compared by it."""
        body = loop.programs
        key = repr((*map(_parts, body), loop.turns, loop.carried, loop.rows, loop.is_reversed))
        return self._loops.setdefault(key, loop)

    def _shared(self, program: Program) -> Program:
        """The program in which equal loops, and equal rows of constants, are one operation."""
        if not any(isinstance(x, Loop | Literal) for x in program.operations):
            return program
        made: dict[Any, Any] = {}
        for x in set(program.operations):
            if isinstance(x, Loop):
                made[x] = self.loop(x)
            elif isinstance(x, Literal):
                made[x] = self._literals.setdefault(repr([*x.numbers]), x)
        return replace(program, operations=[made.get(x, x) for x in program.operations])


def _weight(program: Program) -> int:
    """The number of operations and operands, those in bodies once."""
    found = program.size + sum(map(len, program.operands))
    loops = {x for x in program.operations if isinstance(x, Loop)}
    return found + sum(_weight(body) for x in loops for body in x.programs)


def _parts(program: Program) -> tuple[Any, ...]:
    """All that makes a body what it is, but names."""
    operations = [x and (x.name, id(x)) for x in program.operations]
    marks = program.guards, program.suspects, sorted(program.values), sorted(program.derived)
    ends = program.inputs, program.outputs
    return operations, program.operands, sorted(program.constants.items()), *ends, *marks


def _line(program: Program) -> Line:
    """The operations of a program, one after the other."""
    nodes = [node for node, x in enumerate(program.operations) if x is not None]
    places = {node: i for i, node in enumerate(nodes)}
    guards, suspects = dict(program.guards), set(program.suspects)
    kinds: dict[Any, int] = {}
    found = []
    for node in nodes:
        is_value, is_derived = node in program.values, node in program.derived
        count = len(program.operands[node])
        marks = guards.get(node), is_value, is_derived, node in suspects, count
        found.append(kinds.setdefault((program.operations[node], *marks), len(kinds)))
    operands = [
        tuple([places[i] if i in places else -1 - i for i in program.operands[node]])
        for node in nodes
    ]
    wholes: set[int] = set()
    for i, node in enumerate(nodes):
        operation = program.operations[node]
        if isinstance(operation, Item):
            source = program.operations[program.operands[node][0]]
            if isinstance(source, Loop) and operation.place >= source.carried:
                wholes.add(i)
        elif isinstance(operation, Compound):
            wholes.add(i)
    return Line(nodes, found, operands, wholes)


class _Writer:
    """A program, written again with loops in it."""

    def __init__(self, program: Program, found: Sequence[Region], roller: _Roller) -> None:
        self._old, self._roller = program, roller
        self._nodes = [node for node, x in enumerate(program.operations) if x is not None]
        self._new: dict[int, int] = {}
        self.program = made = Program(variables=program.variables)
        for node, x in enumerate(program.operations):
            if x is None:
                is_given = node not in program.constants
                self._put(node, made._leaf())
                if is_given and node in program.names:
                    made.names[self._new[node]] = program.names[node]
        made.inputs = [self._new[node] for node in program.inputs]
        made.constants = {self._new[node]: x for node, x in program.constants.items()}
        inside = {i for x in found for i in range(x.start, x.stop)}
        gone = {self._nodes[i] for i in inside}
        self._read = set(program.outputs)
        begins = {x.start: x for x in found}
        turn = {self._nodes[i]: x.start for x in found for i in range(x.start, x.stop)}
        for node in self._nodes:  # what is read from outside of its own region
            mine = turn.get(node)
            self._read.update(i for i in program.operands[node] if turn.get(i, mine) != mine)
        for i, node in enumerate(self._nodes):
            if i in begins:
                self._write(begins[i])
            if i not in inside:
                operation = program.operations[node]
                assert operation is not None
                at = [self._new[x] for x in program.operands[node]]
                self._put(node, made.apply(operation, *at))
        made.outputs = [self._new[x] for x in program.outputs]
        made.guards = [(self._new[x], y) for x, y in program.guards if x not in gone]
        made.suspects = [self._new[x] for x in program.suspects if x not in gone]
        made.regrouped = [self._new[x] for x in program.regrouped]

    def _write(self, region: Region) -> None:
        """Add a loop, and the numbers of it that are read outside."""
        old, made, period = self._old, self.program, region.period
        place_of = {self._nodes[i]: i - region.start for i in range(region.start, region.stop)}
        turn = Turn(old, [self._nodes[region.start + i] for i in range(period)], region.operands)
        k = len(turn.carried)
        ends = {x.place: i for i, x in enumerate(turn.carried) if len(x.first) == 1}
        read = sorted(i for node, i in place_of.items() if node in self._read)
        last = period * (region.turns - 1)
        left = sorted({i % period for i in read if i < last or i % period not in ends})
        body = turn.body
        body.outputs = [turn.next(x) for x in turn.carried] + [turn.at(i) for i in left]
        body.outputs += body.inputs[:k]
        loop = Loop(self._roller.rolled(body), region.turns, k, len(turn.rows))
        operands = [self._new[x.first[0]] for x in turn.carried]
        operands += [self._row(nodes) for nodes in turn.rows]
        operands += [self._new[node] for node in turn.same]
        found = self._apply(self._roller.loop(loop), *operands)
        rows = {place: self._apply(item(k + i), found) for i, place in enumerate(left)}
        for i in read:
            node = self._nodes[region.start + i]
            if i >= last and i % period in ends:
                self._put(node, made.apply(item(ends[i % period]), found))
            else:
                self._put(node, made.apply(item(i // period), rows[i % period]))

    def _row(self, nodes: Sequence[int]) -> int:
        """The row of these numbers."""
        old, made = self._old, self.program
        if all(node in old.constants for node in nodes):
            numbers = [old.constants[node] for node in nodes]
            literal = self._roller._literals.setdefault(repr(numbers), Literal(Row(numbers)))
            return made.apply(literal)
        new = [self._new[node] for node in nodes]
        whole = _whole(made, new)
        return self._apply(ROW, *new) if whole is None else whole

    def _apply(self, operation: Compound, *operands: int) -> int:
        """Add what makes a row or a loop, or a row that a loop left."""
        node = self.program.apply(operation, *operands)
        for nodes in (self.program.values, self.program.derived):
            if not nodes.isdisjoint(operands):
                nodes.add(node)
        return node

    def _put(self, node: int, new: int) -> None:
        """Note what stands for a node of the program as it was."""
        self._new[node] = new
        if node in self._old.values:
            self.program.values.add(new)
        if node in self._old.derived:
            self.program.derived.add(new)


def _whole(program: Program, nodes: Sequence[int]) -> int | None:
    """The row of a loop of which these are all numbers, in their order."""
    first = program.operands[nodes[0]]
    for place, node in enumerate(nodes):
        operation = program.operations[node]
        if not isinstance(operation, Item) or operation.place != place:
            return None
        if program.operands[node] != first:
            return None
    source = program.operations[first[0]]
    if not isinstance(source, Item):  # one of the results of a loop
        return None
    loop = program.operations[program.operands[first[0]][0]]
    return first[0] if isinstance(loop, Loop) and loop.turns == len(nodes) else None
