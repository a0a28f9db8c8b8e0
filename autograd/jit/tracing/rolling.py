"""A loop that a traced function says: its body is traced once, and becomes one operation.

The body is traced on fresh leaves by a tape of its own. Values that it reads from around it are
what stays the same in all turns. It is traced a second time, with the next row, to see that it does
the same again (and once more as long as another number has become a Value); and what the step can
reach from outside must be left as it was. Then the turns are computed, by the body.

Nothing is taken for a loop that might not be one: where turns differ, a branch goes another way or
an operation raises, `Unrolled` ends the trace, and the function is traced again, turn by turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from operator import is_not
from typing import TYPE_CHECKING, Any

from autograd import tree
from autograd.jit.programs.loops import ROW, Loop, Row, Unrolled, item
from autograd.jit.programs.program import Program
from autograd.jit.tracing.sweep import applied
from autograd.modes import is_recording, tracing
from autograd.primitives.tracing import COMPARISONS
from autograd.trace import differentiated
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.jit.tracing.tape import Tape

LEAST_TURNS = 3
"""Fewer are written out."""

MOST_TRACED = 6
"""Turns that are traced until those to come are like the last one."""

Step = Callable[[Any, Any], tuple[Any, Any]]
Condition = Callable[[Any], Any]
Body = Callable[[Any], Any]


class Turn:
    """One turn, traced.

    Attributes:
        body: what it computes: first the numbers of the next carry, then those that it leaves.
        outer: the Values from around it that it reads, the last inputs of the body.
        constants: for each output, what it is if that is the same in each turn, else None.
        definitions: of the next carry, and of what it leaves.
        given: for each input but `outer`, whether it is a Value in the plain function.
        kinds: for each output, whether it is one.
        depends: for each output, whether it depends on a number that is no integer.
    """

    def __init__(
        self, tape: Tape, step: Step, carry: _Given, row: _Given, kinds: Sequence[bool]
    ) -> None:
        from autograd.jit.tracing.tape import Tape
        from autograd.jit.tracing.tracer import Recording

        given = [*carry.leaves, *row.leaves]
        with tracing(None):
            leaves = [Value(x._data if x.__class__ is Value else x) for x in given]
        inner = Tape()
        for name in ("constants", "values", "plain", "integers"):
            setattr(
                inner, name, getattr(tape, name)
            )  # what is said of a Value is true of it inside
        for leaf, x, is_value in zip(leaves, given, kinds, strict=True):
            (inner.values if is_value else inner.plain).add(leaf)
            if not is_float(x) or x in tape.integers:
                inner.integers.add(leaf)
        outside = differentiated.get()
        token = differentiated.set(
            outside.union([x for x in leaves if x in inner.values]) if outside else outside
        )
        try:
            with tracing(inner):
                count = len(carry.leaves)
                handed = [carry.around(leaves[:count]), row.around(leaves[count:])]
                found = step(*handed)
        finally:
            differentiated.reset(token)
        tape.inside.update(leaves, inner.nodes, inner.inside)
        if inner.raised:
            raise Unrolled("an exception is caught")
        if any(map(is_not, leaves, [x for part in handed for x in _Given(part).leaves])):
            raise Unrolled("a turn changes what it is given")
        tape.holds_transform |= inner.holds_transform
        if tape.derived:  # what is carried may be a derivative
            inner.derived.update(leaves)
        parts = [_Given(found[0]), _Given(found[1])]
        self.definitions = [part.definition for part in parts]
        results = [x for part in parts for x in part.leaves]
        names = [*_names("carry", carry.leaves), *_names("x", row.leaves)]
        recording = Recording(
            inner, dict(zip(leaves, names, strict=True)), lambda x: x.label or "same", outside
        )
        self.body = recording.program([x if x.__class__ is Value else 0.0 for x in results])
        self.outer = recording.parameters
        self.given = [*kinds]
        self.constants = [None if self._varies(x, inner) else x for x in results]
        self.kinds = [node in self.body.values for node in self.body.outputs]
        self.depends = self._depending([*map(is_float, given), *[True] * len(self.outer)])

    @staticmethod
    def _varies(x: Any, inner: Tape) -> bool:
        return x.__class__ is Value and x not in inner.constants

    def _depending(self, are_floats: Sequence[bool]) -> list[bool]:
        body = self.body
        found = {node for node, x in zip(body.inputs, are_floats, strict=True) if x}
        for node, operands in enumerate(body.operands):
            if not found.isdisjoint(operands):
                found.add(node)
        return [node in found for node in body.outputs]

    def widen(self, outer: Sequence[Value], given: int) -> None:
        """Have inputs for these Values, in this order, behind those that are given."""
        nodes = dict(zip(self.outer, self.body.inputs[given:], strict=True))
        places = [nodes[x] if x in nodes else self.body.input(x.label) for x in outer]
        self.body.inputs = [*self.body.inputs[:given], *places]
        self.outer = [*outer]

    def is_like(self, other: Turn) -> bool:
        """Whether both turns do the same, whatever is carried into them."""
        mine, its = self.body, other.body
        are_same = all(
            repr(getattr(mine, name)) == repr(getattr(its, name))
            for name in ("operations", "operands", "constants", "inputs", "outputs", "guards")
        )
        return (
            are_same
            and self.definitions == other.definitions
            and list(map(id, self.outer)) == list(map(id, other.outer))
            and repr(list(map(_plain, self.constants))) == repr(list(map(_plain, other.constants)))
        )


class _Given:
    """A structure of numbers, taken apart; `None` has none."""

    def __init__(self, x: Any) -> None:
        self.leaves: list[Any] = []
        self.definition: Any = None
        if x is not None:
            self.leaves, self.definition = tree.flatten(x)

    def around(self, leaves: Sequence[Any]) -> Any:
        """The structure with other leaves."""
        return None if self.definition is None else tree.unflatten(self.definition, leaves)


def rolled(
    tape: Tape, f: Any, step: Step, init: Any, row: Callable[[int], Any], order: range
) -> tuple[Any, list[Any]] | None:
    """What a loop gives, its last carry and what its turns leave; None if it is written out.

    Args:
        tape: records it.
        f: the user's function.
        step: a turn, which calls it.
        init: what is carried into the first turn.
        row: what a turn reads, by its place.
        order: the places, in the order of the turns.

    Raises:
        Unrolled: it may be no loop.
    """
    if not tape.rolls or len(order) < LEAST_TURNS or not is_recording():
        return None
    try:
        first = _Given(init)
        given = {i: _Given(row(i)) for i in sorted(order)}
    except TypeError:
        return None
    some = given[order[0]]
    if any(x.definition != some.definition for x in given.values()):
        return None
    columns = [list(column) for column in zip(*[x.leaves for x in given.values()], strict=True)]
    read = [{_is_value(tape, x) for x in column} for column in columns]
    if any(len(kinds) > 1 for kinds in read):
        return None
    try:
        changed = tape.watch(f)
        turns = _traced(tape, step, first, given, [*chain(*read)], order)
        if changed():
            raise Unrolled("a turn changes what it reads from outside")
        k = len(first.leaves)
        lead = sum(turn.kinds[k:] != turns[-1].kinds[k:] for turn in turns)
        if not lead:
            return _applied(tape, turns[-1], first, columns, order)
    except Exception as problem:
        raise Unrolled(str(problem)) from problem
    carry, written = init, []  # what these turns leave is a number where it will be a Value
    for i in order[:lead]:
        carry, y = step(carry, row(i))
        written.append(y)
    rest = rolled(tape, f, step, carry, row, order[lead:])
    if rest is None:
        return None
    carry, left = rest
    return carry, [*left, *written[::-1]] if order.step < 0 else [*written, *left]


def rolled_while(tape: Tape, condition: Condition, body: Body, f: Any, init: Any) -> Any:
    """What is carried out of a loop that goes on as long as a condition holds.

    Args:
        tape: records it.
        condition: of a carry.
        body: from a carry to the next.
        f: the user's functions.
        init: what is carried into the first turn.

    Returns:
        A list of the last carry; None if the loop is written out.

    Raises:
        Unrolled: it may be no loop.
    """
    if not tape.rolls or not is_recording():
        return None
    try:
        changed = tape.watch(f)
        carry = init
        for _ in range(MOST_TRACED):
            first = _Given(carry)
            turns = [_turn(tape, body, first, [_is_value(tape, x) for x in first.leaves])]
            turns.append(_turn(tape, body, first, turns[0].kinds))
            is_stable = turns[1].kinds == turns[0].kinds
            if is_stable and turns[0].kinds == turns[0].given:
                break
            if not condition(carry):  # what is a Value after a turn need not have been one before
                return [carry]
            if is_stable:
                break
            carry = body(carry)
        else:
            raise Unrolled("turns differ in what is a Value")
        kinds = turns[1].kinds
        asked = [_turn(tape, condition, first, kinds) for _ in range(2)]
        if changed() or not (turns[0].is_like(turns[1]) and asked[0].is_like(asked[1])):
            raise Unrolled("turns differ")
        if asked[0].constants != [None]:
            raise Unrolled("the condition does not depend on what is carried")
        same = list(dict.fromkeys([*turns[0].outer, *asked[0].outer]))
        for turn in (turns[1], asked[1]):
            turn.widen(same, len(first.leaves))
        return [_applied(tape, turns[1], first, [], range(1), asked[1].body)[0]]
    except Exception as problem:
        raise Unrolled(str(problem)) from problem


def _turn(tape: Tape, f: Callable[[Any], Any], carry: _Given, kinds: Sequence[bool]) -> Turn:
    """A turn that reads no row, of a function of the carry alone."""
    return Turn(tape, lambda c, _: (f(c), None), carry, _Given(None), kinds)


def _traced(
    tape: Tape,
    step: Step,
    first: _Given,
    given: dict[int, _Given],
    read: Sequence[bool],
    order: range,
) -> list[Turn]:
    """The first turns, until those to come are like the last one."""
    kinds = [_is_value(tape, x) for x in first.leaves]
    turns: list[Turn] = []
    for i in order[:MOST_TRACED]:
        turns.append(Turn(tape, step, first, given[i], [*kinds, *read]))
        before, kinds = kinds, turns[-1].kinds[: len(kinds)]
        if len(turns) > 1 and kinds == before:
            break  # what is a Value is one in all turns to come
    else:
        raise Unrolled("turns differ in what is a Value")
    if not all(turn.is_like(turns[-1]) for turn in turns):
        raise Unrolled("turns differ")
    return turns


def _applied(
    tape: Tape,
    turn: Turn,
    first: _Given,
    columns: Sequence[Sequence[Any]],
    order: range,
    again: Program | None = None,
) -> tuple[Any, list[Any]]:
    """The results of the loop."""
    k, turns = len(first.leaves), len(order)
    if any(x is None and not y for x, y in zip(turn.constants, turn.depends, strict=True)):
        raise Unrolled("a whole number is carried, or left, that remains one")
    if any(turn.body.operations[i] in COMPARISONS for i in turn.body.outputs):
        raise Unrolled("a comparison is carried, or left")
    body = turn.body
    rows = [_row(column) for column in columns]
    body.outputs += body.inputs[:k]
    loop = Loop(body, None if again else turns, k, len(rows), order.step < 0, again)
    operands = [*first.leaves, *rows, *turn.outer]
    found = applied(loop, *[_number(x) for x in operands])
    results: list[Any] = []
    for i, (constant, kind) in enumerate(zip(turn.constants, turn.kinds, strict=True)):
        if constant is not None:
            results.append(constant if i < k else [constant] * turns)
            continue
        one = applied(item(i), found)
        each = [one] if i < k else [applied(item(t), one) for t in range(turns)]
        for x in each:
            if x.__class__ is Value:
                (tape.values if kind else tape.plain).add(x)
        results.append(each[0] if i < k else each)
    carry = tree.unflatten(turn.definitions[0], results[:k])
    if turn.definitions[1] is None:
        return carry, [None] * turns
    left = [
        tree.unflatten(turn.definitions[1], [column[t] for column in results[k:]])
        for t in range(turns)
    ]
    return carry, left


def is_float(x: Any) -> bool:
    """Whether a number is no whole one of Python: those that are given are floats."""
    return x.__class__ is Value or isinstance(x, float)


def _is_value(tape: Tape, x: Any) -> bool:
    return x.__class__ is Value and tape.is_value(x, differentiated.get())


def _number(x: Any) -> Any:
    """An operand of the loop: a Value, a row, or a float."""
    return x if x.__class__ in (Value, Row) else float(x)


def _plain(x: Any) -> Any:
    return ("value", x._data) if x.__class__ is Value else x


def _row(column: Sequence[Any]) -> Any:
    """The numbers as a row: a Value, if one of them is."""
    numbers = [x if x.__class__ is Value else float(x) for x in column]
    return applied(ROW, *numbers)


def _names(stem: str, leaves: Sequence[Any]) -> list[str]:
    return [stem] if len(leaves) == 1 else [f"{stem}[{i}]" for i in range(len(leaves))]
