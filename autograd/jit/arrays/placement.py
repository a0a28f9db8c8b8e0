"""Placement: numbers are written where they will be read, rather than brought there.

The gradients of a network's parameters are made matrix by matrix, and then an update reads them in
the order of the parameters. A plan has a step for each matrix, and gathers what comes out. A run
does better:

- A step is done to what is gathered, instead of to every part of it before. `2 * a`, `2 * b` and
  their gathering are the gathering of `a` and `b`, and one multiplication.
- What is gathered and read by nothing else is written to its place from the beginning.
- So are numbers that go on unchanged where a condition holds: the others are put among them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograd.jit.arrays.plan import Apply, Gather, Plan, Product, Reduce, Scalars, Step, reads
from autograd.jit.arrays.views import Positions, View, contiguous, strided

_COMMUTES = ("add", "mul")

_DEPTH = 16
"""So many operations in a row are done to what is gathered."""


def placed(plan: Plan) -> Plan:
    """The plan with its numbers written where they are read.

    >>> plan = Plan(size=8, inputs=2, outputs=[6, 7])
    >>> a, b = (Apply("exp", View(2 + i, (1,), (1,)), (View(i, (1,), (1,)),)) for i in (0, 1))
    >>> plan.steps += [a, b, Gather(View(4, (2,), (1,)), np.array([2, 3]))]
    >>> plan.steps.append(Apply("neg", View(6, (2,), (1,)), (View(4, (2,), (1,)),)))
    >>> [step.name for step in placed(plan).steps]
    ['exp', 'neg']
    """
    return _Placement(plan).plan


class _Placement:
    def __init__(self, plan: Plan) -> None:
        self.plan = replace(plan, steps=[])
        self._steps: list[Step | None] = []
        self._uses = np.zeros(plan.size, np.int64)
        self._maker = np.full(plan.size, -1)
        self._uses[plan.outputs] = 1
        self._literals = np.full(plan.size, np.nan)
        for start, numbers in plan.literals:
            self._literals[start : start + len(numbers)] = numbers
        slots = [[self._add(step)] for step in plan.steps]
        for slot, step in zip(slots, plan.steps, strict=True):
            if isinstance(step, Gather):
                self._pull(slot, step)
            elif isinstance(step, Apply) and step.name.startswith("where"):
                self._put_in_place(slot[0], step)
        order = [self._steps[number] for slot in slots for number in slot]
        self.plan.steps = [step for step in order if step is not None]

    # Steps

    def _add(self, step: Step) -> int:
        self._steps.append(step)
        number = len(self._steps) - 1
        self._maker[_written(step)] = number
        for positions in reads(step):
            self._uses[positions] += 1  # by one, where a position comes several times
        return number

    def _remove(self, number: int) -> None:
        """Take a step away, and the gathering of what only it has read."""
        step = self._steps[number]
        assert step is not None
        self._steps[number] = None
        for positions in reads(step):
            self._uses[positions] -= 1
            for maker in np.unique(self._maker[positions]).tolist():
                found = self._steps[maker] if maker >= 0 else None
                if isinstance(found, Gather) and not self._uses[_written(found)].any():
                    self._remove(maker)

    def _room(self, count: int) -> int:
        start = self.plan.size
        self.plan.size += count
        if self.plan.size > len(self._uses):
            more = self.plan.size
            self._uses = np.append(self._uses, np.zeros(more, np.int64))
            self._maker = np.append(self._maker, np.full(more, -1))
            self._literals = np.append(self._literals, np.full(more, np.nan))
        return start

    # Gathering

    def _pull(self, slot: list[int], step: Gather, depth: int = 0) -> None:
        """Do to what is gathered what is done to every part of it."""
        operation = self._operation(step.index) if depth < _DEPTH else None
        if operation is None:
            self._write_in_place(slot[0], step)
            return
        name, table, makers = operation
        found = [self._view(column) for column in table.T]
        if found.count(None) > 1:
            return  # gathering twice is dearer
        self._remove(slot.pop(0))
        for maker in makers:
            self._remove(maker)
        views, gathers = [], []
        for view, column in zip(found, table.T, strict=True):
            if view is None:
                view = contiguous(self._room(len(column)), column.shape)
                gathers.append(Gather(view, column))
            views.append(view.trimmed())
        above = [[self._add(gather)] for gather in gathers]
        slot.append(self._add(Apply(name, step.out, tuple(views))))
        for numbers, gather in zip(above, gathers, strict=True):
            self._pull(numbers, gather, depth + 1)
            slot[:0] = numbers

    def _operation(self, index: Positions) -> tuple[str, Positions, list[int]] | None:
        """What made these numbers and nothing else, from what, and in which steps."""
        numbers = np.unique(self._maker[index]).tolist()
        if len(numbers) < 2 or numbers[0] < 0 or (self._uses[index] != 1).any():
            return None
        size = sum(len(_written(self._steps[number])) for number in numbers)
        if not size == len(index) == len(np.unique(index)):
            return None
        rows: dict[int, tuple[int, ...]] = {}
        names = set()
        for number in numbers:
            step = self._steps[number]
            if isinstance(step, Apply) and not step.name.startswith("where"):
                names.add(step.name)
                columns = [
                    np.broadcast_to(x.positions(), step.out.shape).ravel() for x in step.operands
                ]
                operands = np.stack(columns, 1).tolist()
                rows.update(zip(_written(step).tolist(), operands, strict=True))
            elif isinstance(step, Scalars):
                names.update(name for name, *_ in step.entries)
                rows.update({out: operands for _, _, out, operands in step.entries})
            else:
                return None
        if len(names) != 1 or not any(isinstance(self._steps[i], Apply) for i in numbers):
            return None
        if len({len(row) for row in rows.values()}) > 1:
            return None
        (name,) = names
        table = self._sources(np.array([rows[i] for i in index.tolist()], np.int64))
        return name, np.sort(table, axis=1) if name in _COMMUTES else table, numbers

    def _sources(self, table: Positions) -> Positions:
        """The same numbers, before they were gathered."""
        waiting = np.unique(self._maker[table]).tolist()
        while waiting:
            number = waiting.pop()
            step = self._steps[number] if number >= 0 else None
            if isinstance(step, Gather):
                which = self._maker[table] == number
                table[which] = step.index[table[which] - step.out.start]
                waiting += np.unique(self._maker[step.index]).tolist()
        return table

    def _view(self, column: Positions) -> View | None:
        numbers = self._literals[column]
        if (numbers == numbers[0]).all() and (np.signbit(numbers) == np.signbit(numbers[0])).all():
            return View(int(column[0]), column.shape, (0,))
        return strided(column)

    # Writing in place

    def _write_in_place(self, number: int, step: Gather) -> None:
        """Have what is gathered written there, if all of it can be."""
        moved = {}
        for maker in np.unique(self._maker[step.index]).tolist():
            made = self._steps[maker] if maker >= 0 else None
            if not isinstance(made, Apply | Product | Reduce) or not self._is_free(made.out):
                return
            at = np.flatnonzero(self._maker[step.index] == maker)
            positions = _written(made)
            place = slice(int(at[0]), int(at[0]) + len(positions))
            if len(at) != len(positions) or not np.array_equal(step.index[place], positions):
                return
            moved[maker] = contiguous(step.out.start + place.start, made.out.shape)
        self._remove(number)
        for maker, view in moved.items():
            self._move(maker, view)

    def _put_in_place(self, number: int, step: Apply) -> None:
        """Have the numbers chosen where a condition holds written where the choice is."""
        chosen = step.operands[-2]
        maker = int(self._maker[chosen.start])
        made = self._steps[maker] if maker >= 0 else None
        if not isinstance(made, Apply | Product) or not self._is_free(chosen):
            return
        is_whole = chosen.shape == step.out.shape and made.out == chosen
        if not is_whole or step.operands[-1].shape not in ((), step.out.shape):
            return
        operands = (*step.operands[:-2], step.out, step.operands[-1])
        self._move(maker, step.out)
        self._steps[number] = replace(step, operands=operands)
        self._maker[_written(step)] = number
        self._uses[chosen.positions()] = 0

    def _is_free(self, view: View) -> bool:
        """Whether numbers lie side by side, and are read once."""
        is_plain = view == contiguous(view.start, view.shape)
        return is_plain and bool((self._uses[view.positions()] == 1).all())

    def _move(self, number: int, view: View) -> None:
        step = self._steps[number]
        assert isinstance(step, Apply | Product | Reduce)
        self._steps[number] = replace(step, out=view)
        self._maker[_written(step)] = -1
        self._maker[view.positions()] = number


def _written(step: Step | None) -> Positions:
    """The positions of what a step makes."""
    if isinstance(step, Scalars):
        return np.array([out for _, _, out, _ in step.entries], np.int64)
    if step is None or not hasattr(step, "out"):
        return np.zeros(0, np.int64)
    found: Positions = step.out.positions().reshape(-1)
    return found
