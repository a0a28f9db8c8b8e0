"""The body of a loop, or a whole program with loops, as code: instruction after instruction."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from autograd.jit.native.code import Code, Index
from autograd.jit.native.finiteness import NOT_FINITE, NOT_GUARDED
from autograd.jit.native.forgotten import forgotten
from autograd.jit.native.scalars import result
from autograd.jit.native.simd import Cell, Lanes, load, splat, store
from autograd.jit.native.wide import is_wide
from autograd.jit.programs.compound import Compound, Item, Literal
from autograd.jit.programs.loops import Loop
from autograd.jit.programs.program import Program
from autograd.jit.programs.reads import reads
from autograd.jit.tuning import LEAST_COPIED, MOST_LEFT, MOST_TURNS

if TYPE_CHECKING:
    from autograd.jit.native.loop_writer import LoopWriter


class Body:
    """Writes a program, or the body of a loop in it.

    Args:
        writer: writes the function.
        program: the program.
        numbers: its nodes that are known already.
        width: how many turns are computed together, each in a lane.

    Attributes:
        places: the nodes that are in the buffer: a number, or the first of a row.
    """

    def __init__(
        self, writer: LoopWriter, program: Program, numbers: dict[int, Lanes], width: int = 1
    ) -> None:
        self.width = width
        self.code = writer.code
        self.looks = writer.looks
        self.places: dict[int, int] = {}
        self._writer = writer
        self._program = program
        self._numbers = numbers
        self._results: dict[int, list[Lanes | int]] = {}
        self._calm = set(program.constants)

    def number(self, node: int) -> Lanes:
        """A node that is a number."""
        found = self._numbers.get(node)
        if found is None:
            if node in self._program.constants:
                found = splat(self.code, self._program.constants[node], self.width)
            else:
                found = load(self.code, str(self.places[node]))
            self._numbers[node] = found
        return found

    def finite(self, node: int) -> None:
        """Write a check of a number, if it has not been checked."""
        if node not in self._calm:
            self._calm.add(node)
            self.looks.at(self.number(node))

    def known(self, nodes: Sequence[int]) -> None:
        """Note that these numbers have been checked."""
        self._calm.update(nodes)

    def write(self) -> None:
        """Write all operations."""
        program = self._program
        counts = reads(program)
        read = {i for count, at in zip(counts, program.operands, strict=True) if count for i in at}
        read.update(program.outputs)
        guards: dict[int, list[bool]] = {}
        for node, outcome in program.guards:
            guards.setdefault(node, []).append(outcome)
        for node, (operation, operands) in enumerate(
            zip(program.operations, program.operands, strict=True)
        ):
            if operation is None or not counts[node]:
                pass
            elif isinstance(operation, Loop):
                self._results[node] = self._loop(operation, operands)
            elif isinstance(operation, Item):
                self._item(node, operation, operands[0])
            elif isinstance(operation, Literal):
                self.places[node] = self._writer.room(len(operation.numbers))
                self._writer.literals.append((self.places[node], [*map(float, operation.numbers)]))
            elif isinstance(operation, Compound):
                self.places[node] = self._row(operands)
            else:
                if "propagates" not in operation.facts:
                    for i in operands:
                        self.finite(i)
                if "finite" in operation.facts and self._calm.issuperset(operands):
                    self._calm.add(node)
                self._numbers[node] = result(self, operation, [*map(self.number, operands)])
                if node not in read:
                    self.finite(node)
            for outcome in guards.get(node, ()):
                self.finite(node)
                broken = self.number(node).compared("oeq" if outcome else "une", 0.0)
                self.looks.report(self.code.any(broken, self.width), NOT_GUARDED)

    def _item(self, node: int, operation: Item, row: int) -> None:
        found = self._results.get(row)
        if found is None:
            self.places[node] = self.places[row] + operation.place
            return
        place = found[operation.place]
        if isinstance(place, int):
            self.places[node] = place
        else:
            self._numbers[node] = place
            self._calm.add(node)

    def _row(self, operands: Sequence[int]) -> int:
        """Where numbers lie side by side; they are copied if they do not yet."""
        first = self.places.get(operands[0], -1) if operands else -1
        if first >= 0 and all(self.places.get(i) == first + k for k, i in enumerate(operands)):
            return first
        start, constants = self._writer.room(len(operands)), self._program.constants
        places = [self.places.get(i, -1) for i in operands]
        stride = places[1] - first if len(places) >= LEAST_COPIED else 0
        if first >= 0 and stride > 0 and places == [*range(first, places[-1] + 1, stride)]:
            with self.code.loop(0, len(places)) as turn:
                at = self.code.plus(self.code.times(turn, stride), str(first))
                store(load(self.code, at), plus(self.code, turn, start))
            return start
        self._writer.literals.append((start, [float(constants.get(i, 0.0)) for i in operands]))
        for k, i in enumerate(operands):
            if i not in constants:
                store(self.number(i), str(start + k))
        return start

    def _loop(self, loop: Loop, operands: Sequence[int]) -> list[Lanes | int]:
        code, k = self.code, loop.carried
        for i in operands[k + loop.rows :]:
            self.finite(i)
        same = [self.number(i) for i in operands[k + loop.rows :]]
        lost = forgotten(loop)
        for place in lost:
            self.finite(operands[place])
        cells = [Cell(code, 0.0) for _ in range(k)]
        for cell, i in zip(cells, operands, strict=False):
            cell.set(self.number(i))
        rows = [self.places[i] for i in operands[k : k + loop.rows]]
        turns = MOST_LEFT if loop.turns is None else loop.turns
        left = [self._writer.room(turns) for _ in range(loop.left)]
        width = self._writer.width
        full = turns // width * width if is_wide(loop, width) else 0
        if full:
            parts = [Cell(code, -0.0, width) for _ in range(k)]
            wide = [x.spread(width) for x in same]
            with self._turns(loop, parts, wide, rows, left, range(0, full, width)) as at:
                self._turn(loop, parts, wide, rows, left, at, lost, width)
            for cell, part in zip(cells, parts, strict=True):
                cell.set(cell.get() + part.get().added())
        if full < turns:
            with self._turns(loop, cells, same, rows, left, range(full, turns)) as at:
                self._turn(loop, cells, same, rows, left, at, lost)
        last = [cell.get() for cell in cells]
        for place, x in enumerate(last):
            if place not in lost:
                self.looks.at(x)
        return [*last, *left]

    def _turn(
        self,
        loop: Loop,
        cells: Sequence[Cell],
        same: list[Lanes],
        rows: Sequence[int],
        left: Sequence[int],
        at: Index,
        lost: Collection[int],
        width: int = 1,
    ) -> None:
        """Write a turn, or some that are computed together."""
        code, body, k = self.code, loop.body, loop.carried
        read = [cell.get() for cell in cells]
        read += [load(code, plus(code, at, start), width) for start in rows]
        inner = self._inside(body, read, same, width)
        for node in [*body.outputs[k:], *[body.outputs[place] for place in lost]]:
            inner.finite(node)
        for start, node in zip(left, body.outputs[k:], strict=True):
            store(inner.number(node), plus(code, at, start))
        moved = [inner.number(node) for node in body.outputs[:k]]
        for cell, x in zip(cells, moved, strict=True):
            cell.set(x)

    def _inside(
        self, program: Program, read: list[Lanes], same: list[Lanes], width: int = 1
    ) -> Body:
        """Write a program that is part of a loop."""
        numbers = dict(zip(program.inputs, [*read, *same], strict=True))
        inner = Body(self._writer, program, numbers, width)
        inner.known(program.inputs[len(read) :])
        inner.write()
        return inner

    @contextmanager
    def _turns(
        self,
        loop: Loop,
        cells: Sequence[Cell],
        same: list[Lanes],
        rows: Sequence[int],
        left: Sequence[int],
        some: range,
    ) -> Iterator[Index]:
        """Repeat what the block writes, for these turns; gives the first place in the rows."""
        code, lengths = self.code, self._writer.lengths
        if loop.turns is not None:
            with code.loop(some.start, some.stop, some.step) as turn:
                last = loop.turns - some.step
                yield code.value(f"sub i64 {last}, {turn}") if loop.is_reversed else turn
            return
        label, slot = code.name("turns"), code.slot("i64", "0")
        if loop.again is None:
            cell = lengths[rows[0]]
            count = code.value(f"load i64, ptr {code.address(str(cell))}")
            last_place = code.value(f"sub i64 {count}, 1")
        code.lines += [f"  br label %{label}", f"{label}:"]
        turn = code.value(f"load i64, ptr {slot}")
        if loop.again is None:
            goes_on = code.value(f"icmp ult i64 {turn}, {count}")
        else:
            cell = self._writer.room(1)
            goes_on = self._goes_on(loop.again, [x.get() for x in cells], same, turn, bool(left))
        lengths.update(dict.fromkeys(left, cell))
        code.lines += [f"  br i1 {goes_on}, label %{label}.turn, label %{label}.end"]
        code.lines.append(f"{label}.turn:")
        yield code.value(f"sub i64 {last_place}, {turn}") if loop.is_reversed else turn
        after = code.value(f"add i64 {turn}, 1")
        code.lines += [f"  store i64 {after}, ptr {slot}", f"  br label %{label}"]
        code.lines.append(f"{label}.end:")
        if loop.again is not None:
            code.lines.append(f"  store i64 {turn}, ptr {code.address(str(cell))}")

    def _goes_on(
        self, again: Program, read: list[Lanes], same: list[Lanes], turn: Index, leaves: bool
    ) -> str:
        """Write the condition of a loop, which ends after many turns: Python goes on."""
        condition = self._inside(again, read, same)
        condition.finite(again.outputs[0])
        holds = condition.number(again.outputs[0]).compared("une", 0.0)
        most = MOST_LEFT if leaves else MOST_TURNS
        is_over = self.code.value(f"icmp uge i64 {turn}, {most}")
        self.looks.report(is_over, NOT_FINITE)
        is_within = self.code.value(f"xor i1 {is_over}, true")
        return self.code.value(f"and i1 {holds}, {is_within}")


def plus(code: Code, index: Index, start: int) -> Index:
    """The place of an item of a row that begins here."""
    return code.plus(index, str(start))
