"""Loops: a program as an operation of another one, which runs it once for each turn.

A node of a program is a number. Around a loop there are two more kinds of nodes: a *row* is a
number for each turn, and the loop itself is all that it returns, numbers and rows. Four operations
make and read them (`compound`), and to a pass that does not ask they are operations like others:

    r1 = row(x0, x1, x2)           # numbers as a row; of constants it is one node, `literal`
    v1 = scan(c, r1, w)            # the carried numbers at first, rows, and what is the same in all
    v2 = item0(v1)                 # the first carried number at last
    r2 = item1(v1)                 # the row that the turns left
    v3 = item2(r2)                 # one of its numbers

The *body* has as inputs what is carried into a turn, one number of each row, and what is the same
in all turns; as outputs what is carried out of it, and what it leaves. The turns go from the first
place of the rows to the last, or from the last to the first. What a turn leaves is put where it
read.

Invariant: until a program is simplified the last outputs of a body are its carried inputs. So a
loop leaves what each turn began with, its *trail*, and that is all a derivative needs to know: it
is a loop in the other direction whose turns compute their part again (`tracing.pullbacks`). A trail
that nothing reads is dropped, as other outputs are (`trim`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from typing import Any

from autograd.dependence import Everywhere, reach, set_of_any
from autograd.jit.programs.compound import Compound, Meaning, Row
from autograd.jit.programs.program import GuardFailure, Program, required
from autograd.jit.programs.rewrites import may_raise
from autograd.jit.tuning import LEAST_BY_MACHINE
from autograd.jit.unwatched import unwatched
from autograd.modes import current_tape
from autograd.primitives.definition import Primitive

_Run = Callable[[Sequence[Any]], Sequence[Any]]


class Unrolled(BaseException):  # not an Exception: the function must not catch it
    """What was traced as a loop may be none: the trace is to be made again, turn by turn."""


class Loop(Compound):
    """A program that runs once for each turn.

    Args:
        body: inputs are carried numbers, items of rows, numbers that stay the same; outputs are
            carried numbers, and items of new rows.
        turns: how often it runs; None for as often as the rows say, or `again`.
        carried: how many numbers are carried from turn to turn.
        rows: how many rows are read.
        is_reversed: whether the turns go from the last place of the rows to the first.
        again: of the carried numbers, and those that stay the same, whether there is another turn.
    """

    __slots__ = ("_runs", "again", "body", "carried", "facts", "is_reversed", "rows", "turns")

    def __init__(
        self,
        body: Program,
        turns: int | None,
        carried: int,
        rows: int,
        is_reversed: bool = False,
        again: Program | None = None,
    ) -> None:
        name = "while_loop" if again else "scan_back" if is_reversed else "scan"
        super().__init__(name)
        self.body = body
        self.turns = turns
        self.carried = carried
        self.rows = rows
        self.is_reversed = is_reversed
        self.again = again
        is_total = not (again or body.guards or body.suspects or body.regrouped) and not any(
            may_raise(body, node) for node in range(len(body))
        )
        self.facts = frozenset({"total"} if is_total else ())
        self._runs: list[_Run] = []

    @property
    def left(self) -> int:
        """How many rows the turns leave."""
        return len(self.body.outputs) - self.carried

    @property
    def programs(self) -> list[Program]:
        """The body, and what says whether there is another turn."""
        return [self.body] if self.again is None else [self.body, self.again]

    def changed(self, change: Callable[[Program], Program]) -> Loop:
        """The loop with other programs, of the same inputs and outputs."""
        body, *again = map(change, self.programs)
        return Loop(body, self.turns, self.carried, self.rows, self.is_reversed, *again)

    def value(self, *operands: Any) -> Any:
        """What is carried out of the last turn, and the rows that the turns left.

        Raises:
            GuardFailure: a guard does not hold in one of the turns.
            ArithmeticError, ValueError: a number cannot be computed in one of them.
        """
        with unwatched():
            return self._by_machine(operands) or self._by_python(operands)

    def _by_python(self, operands: Sequence[Any]) -> Row:
        if not self._runs:
            from autograd.jit.python.lower_python import lower

            self._runs = [lower(program, symbolic=True).run for program in self.programs]
        return self.turned(self._runs, operands)

    def _by_machine(self, operands: Sequence[Any]) -> Row | None:
        """The same by machine code, where that is sooner; None if there is none, or a number is not
        finite.

        Most often nobody reads the trail: it is computed when somebody does.
        """
        if (self.turns or 0) * work(self.body) < LEAST_BY_MACHINE:
            return None
        count = max(self.carried, self.left)  # without the trail
        last = range(count, len(self.body.outputs))
        try:
            from autograd.jit.native.loop_values import numbers_left

            found = numbers_left(self, operands, range(count))
        except (ImportError, OSError, RuntimeError):  # LLVM is not there, or does not work here
            return None
        if found is None:
            return None

        @cache
        def trail() -> Sequence[Any]:
            with unwatched():
                return numbers_left(self, operands, last) or self._by_python(operands)[count:]

        later = [Row(partial(lambda k: trail()[k], k)) for k in range(len(last))]
        return Row([*found[: self.carried], *map(Row, found[self.carried :]), *later])

    def meant(self, meaning: Meaning) -> Callable[..., Any]:
        """The loop written out, turn by turn."""

        def run(program: Program, inputs: Sequence[Any]) -> list[Any]:
            found = program.interpret(inputs, written_out(meaning), decide=required)
            return [found[i] for i in program.outputs]

        runs = [partial(run, program) for program in self.programs]
        return lambda *operands: self.turned(runs, operands)

    def turned(self, runs: Sequence[_Run], operands: Sequence[Any]) -> Row:
        """What the turns make, by what runs the body, and what says whether there is another."""
        k = self.carried
        carry, same = operands[:k], operands[k + self.rows :]
        rows: list[Any] = [(*row,) for row in operands[k : k + self.rows]]
        left: list[Sequence[Any]] = []
        run, *again = runs
        places = iter(self.places(len(rows[0]) if rows else 0))
        while again[0]([*carry, *same])[0] if again else (i := next(places, None)) is not None:
            found = run([*carry, *[row[i] for row in rows], *same])
            carry = found[:k]
            left.append(found[k:])
        columns = zip(*(left[::-1] if self.is_reversed else left), strict=True)
        return Row([*carry, *(map(Row, columns) if left else [Row(())] * self.left)])

    def dependence(self, operands: Sequence[Any]) -> Any:
        """Turn by turn; where their number is not known, until another turn adds nothing."""

        def run(inputs: Sequence[Any]) -> list[Any]:
            found = self.body.interpret(inputs, lambda operation: partial(reach, operation))
            return [found[i] for i in self.body.outputs]

        k = self.carried
        rows = operands[k : k + self.rows]
        if self.again is None and not any(isinstance(row, Everywhere) for row in rows):
            return self.turned([run], operands)
        carry: list[Any] = [*operands[:k]]
        items = [set_of_any(row) for row in rows]
        while True:
            found = run([*carry, *items, *operands[k + self.rows :]])
            joined = [set_of_any(pair) for pair in zip(carry, found[:k], strict=True)]
            if joined == carry:
                return Row([*carry, *(Everywhere([set_of_any([x])]) for x in found[k:])])
            carry = joined

    def places(self, turns: int) -> range:
        """The places of the rows, in the order of the turns.

        Args:
            turns: how many there are, if it is the rows that say.
        """
        return range(turns if self.turns is None else self.turns)[:: -1 if self.is_reversed else 1]

    def derivative(self, g: Any, out: Any, *operands: Any) -> Sequence[Any]:
        """A loop in the other direction."""
        from autograd.jit.tracing.pullbacks import pulled_back

        with _unrolled_where_turns_differ():
            return pulled_back(self, g, out, operands)

    def pushforward(self, out: Any, tangents: Mapping[Any, Any], create_graph: bool) -> Any:
        """A loop that carries tangents too."""
        from autograd.jit.tracing.pushforwards import pushed_forward

        with _unrolled_where_turns_differ():
            return pushed_forward(self, out, tangents)


@contextmanager
def _unrolled_where_turns_differ() -> Iterator[None]:
    """What a turn of a derivative raises, or decides otherwise, is left to the loop written out.

    Raises:
        Unrolled: the function is traced again.
        FloatingPointError: a program is differentiated that has been traced.
    """
    tape = current_tape()
    try:
        yield
    except (GuardFailure, ArithmeticError, ValueError) as problem:
        if tape is not None and tape.rolls:
            tape.unrolled = True
            raise Unrolled(str(problem)) from problem
        raise FloatingPointError(str(problem)) from problem


def written_out(meaning: Meaning) -> Meaning:
    """A meaning of operations on numbers, for programs with loops: these are written out."""

    def found(operation: Primitive) -> Callable[..., Any]:
        return operation.meant(meaning) if isinstance(operation, Compound) else meaning(operation)

    return found


def has_loops(program: Program) -> bool:
    """Whether a program has nodes that are no numbers."""
    return any(isinstance(operation, Compound) for operation in program.operations)


def work(program: Program) -> int:
    """How many operations a run makes, those of a loop in each turn, as far as that is known."""
    loops = [x for x in program.operations if isinstance(x, Loop)]
    return program.size + sum((x.turns or 0) * sum(map(work, x.programs)) for x in loops)


def in_bodies(program: Program, change: Callable[[Program], Program]) -> Program:
    """The program with another body in each of its loops."""
    if not has_loops(program):
        return program
    made: dict[Any, Any] = {
        x: x.changed(change) for x in set(program.operations) if isinstance(x, Loop)
    }
    return replace(program, operations=[made.get(x, x) for x in program.operations])
