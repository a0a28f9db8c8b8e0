"""Loops: a program as an operation of another one, which runs it once for each turn.

A node of a program is a number. Around a loop there are two more kinds of nodes: a *row* is a
number for each turn, and the loop itself is all that it returns, numbers and rows. Four operations
make and read them, and to every pass that does not ask they are operations like others:

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

from autograd.dependence import Everywhere, constants, reach, set_of_any
from autograd.jit.programs.program import GuardFailure, Program, required
from autograd.jit.programs.rewrites import may_raise
from autograd.jit.unwatched import unwatched
from autograd.modes import current_tape
from autograd.primitives.definition import Primitive

_Run = Callable[[Sequence[Any]], Sequence[Any]]
Meaning = Callable[[Primitive], Callable[..., Any]]


class Row(tuple[Any, ...]):
    """The numbers of a row, or the results of a loop: the data of a node that is no number.

    Compared by identity, as Values are: 0.0 and -0.0 are equal, and rows of them are not the same.
    """

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


class Unrolled(BaseException):  # not an Exception: the function must not catch it
    """What was traced as a loop may be none: the trace is to be made again, turn by turn."""


class Compound(Primitive):
    """An operation that makes or reads what is no number.

    Its derivative rule is given Values, and the adjoint of a row or loop as `Parts`.
    """

    __slots__ = ()

    arity: int | None = None
    is_additive = False
    is_product = False
    facts = frozenset({"total"})
    neutral = joins = formula = domain = None

    def __init__(self, name: str) -> None:
        self.name = self.symbol = name

    def value(self, *operands: Any) -> Any:
        """The result for floats and rows of floats."""
        raise NotImplementedError

    def derivative(self, g: Any, out: Any, *operands: Any) -> Sequence[Any]:
        """The contributions to the operands."""
        raise NotImplementedError

    def pushforward(self, out: Any, tangents: Mapping[Any, Any], create_graph: bool) -> Any:
        """The tangent of the result, given those of the operands that move.

        Of a row it is a row, of a loop a list of the tangents of its results. A graph is always
        created.
        """
        raise NotImplementedError

    def dependence(self, operands: Sequence[Any]) -> Any:
        """What the result depends on (`autograd.dependence`); of a row, at each place."""
        return self.value(*operands)

    def meant(self, meaning: Meaning) -> Callable[..., Any]:
        """What it is where operations on numbers have another meaning: the same, on rows of these.

        So a program is written out turn by turn, on Values or on the nodes of another program.
        """
        return self.value


class Item(Compound):
    """The number, or row, at a place of a row or of a loop."""

    __slots__ = ("place",)

    arity = 1

    def __init__(self, place: int) -> None:
        super().__init__(f"item{place}")
        self.place = place

    def value(self, row: Any) -> Any:
        """The item."""
        return row[self.place]

    def derivative(self, g: Any, out: Any, row: Any) -> Sequence[Any]:
        """The adjoint goes to this place alone."""
        return [Part(self.place, g)]

    def pushforward(self, out: Any, tangents: Mapping[Any, Any], create_graph: bool) -> Any:
        """That of this place."""
        from autograd.jit.tracing.sweep import applied

        found = tangents[out.operands[0]]
        return found[self.place] if found.__class__ is list else applied(self, found)


item = cache(Item)
"""The operation that reads a place."""


class Literal(Compound):
    """A row of constants: an operation without operands."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: Row) -> None:
        super().__init__("literal")
        self.numbers = numbers

    def value(self) -> Any:
        """The row."""
        return self.numbers

    def dependence(self, operands: Sequence[Any]) -> Any:
        """None of the numbers depends on anything."""
        return constants(self.numbers)

    def derivative(self, g: Any, out: Any) -> Sequence[Any]:
        """It has no operands."""
        return []


class _Collect(Compound):
    """Numbers as a row."""

    __slots__ = ()

    def value(self, *numbers: Any) -> Any:
        """The row."""
        return Row(numbers)

    def derivative(self, g: Any, out: Any, *numbers: Any) -> Sequence[Any]:
        """Each number gets the part of its place: the adjoint is a `Parts` of numbers."""
        return [g.number(k) for k in range(len(numbers))]

    def pushforward(self, out: Any, tangents: Mapping[Any, Any], create_graph: bool) -> Any:
        """A row of tangents."""
        from autograd.jit.tracing.sweep import applied
        from autograd.primitives.zero import SYMBOLIC_ZERO

        return applied(self, *[tangents.get(x, SYMBOLIC_ZERO) for x in out.operands])


ROW = _Collect("row")


class Part:
    """A contribution to the adjoint of a row or a loop, at one place."""

    __slots__ = ("g", "place")

    def __init__(self, place: int, g: Any) -> None:
        self.place = place
        self.g = g


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
            if not self._runs:
                from autograd.jit.python.lower_python import lower

                self._runs = [lower(program, symbolic=True).run for program in self.programs]
            return self.turned(self._runs, operands)

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
        carry, rows, same = operands[:k], operands[k : k + self.rows], operands[k + self.rows :]
        left: list[Sequence[Any]] = []
        run, *again = runs
        places = iter(self.places(len(rows[0]) if rows else 0))
        while again[0]([*carry, *same])[0] if again else (i := next(places, None)) is not None:
            found = run([*carry, *[row[i] for row in rows], *same])
            carry = found[:k]
            left.append(found[k:])
        columns = zip(*(left[::-1] if self.is_reversed else left), strict=True)
        return Row([*carry, *(map(Row, columns) if left else [Row()] * self.left)])

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
