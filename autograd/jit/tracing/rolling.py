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
from operator import is_not
from typing import TYPE_CHECKING, Any

from autograd import tree
from autograd.jit.programs.compound import ROW, Row, item
from autograd.jit.programs.loops import Loop, Unrolled
from autograd.jit.programs.program import Program
from autograd.jit.tracing.sweep import applied
from autograd.jit.tracing.turn import Given, Step, Turn, has_other_numbers, is_float
from autograd.modes import is_recording
from autograd.primitives.tracing import COMPARISONS
from autograd.trace import differentiated
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.jit.tracing.tape import Tape

LEAST_TURNS = 3
"""Fewer are written out."""

MOST_TRACED = 6
"""Turns that are traced until those to come are like the last one."""

Condition = Callable[[Any], Any]
Body = Callable[[Any], Any]


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
        first = Given(init)
        given = {i: Given(row(i)) for i in sorted(order)}
        has_others = any(map(has_other_numbers, [init, *map(row, order)]))
    except TypeError:
        return None
    some = given[order[0]]
    if any(x.definition != some.definition for x in given.values()):
        return None
    if has_others:
        return None
    columns = [list(column) for column in zip(*[x.leaves for x in given.values()], strict=True)]
    kinds = [{(_is_value(tape, x), is_float(x)) for x in column} for column in columns]
    if any(len(found) > 1 for found in kinds):
        return None
    read = [is_value for found in kinds for is_value, _ in found]
    bounds = [None if is_float(column[0]) else max(map(abs, column)) for column in columns]
    try:
        changed = tape.watch(f)
        turns = _traced(tape, step, first, given, read, bounds, order)
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
            first = Given(carry)
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


def _turn(tape: Tape, f: Callable[[Any], Any], carry: Given, kinds: Sequence[bool]) -> Turn:
    """A turn that reads no row, of a function of the carry alone."""
    return Turn(tape, lambda c, _: (f(c), None), carry, Given(None), kinds)


def _traced(
    tape: Tape,
    step: Step,
    first: Given,
    given: dict[int, Given],
    read: Sequence[bool],
    bounds: Sequence[float | None],
    order: range,
) -> list[Turn]:
    """The first turns, until those to come are like the last one."""
    kinds = [_is_value(tape, x) for x in first.leaves]
    turns: list[Turn] = []
    for i in order[:MOST_TRACED]:
        turns.append(Turn(tape, step, first, given[i], [*kinds, *read], bounds))
        before, kinds = kinds, turns[-1].kinds[: len(kinds)]
        if len(turns) > 1 and kinds == before:
            break  # what is a Value is one in all turns to come
    else:
        raise Unrolled("turns differ in what is a Value")
    if not all(turn.is_like(turns[-1]) for turn in turns[:-1]):
        raise Unrolled("turns differ")
    return turns


def _applied(
    tape: Tape,
    turn: Turn,
    first: Given,
    columns: Sequence[Sequence[Any]],
    order: range,
    again: Program | None = None,
) -> tuple[Any, list[Any]]:
    """The results of the loop."""
    k, turns = len(first.leaves), len(order)
    in_order = tree.leaves_like(first.definition, turn.carry) if first.leaves else []
    if any(map(is_not, in_order, tree.leaves(turn.carry))):
        raise Unrolled("a turn hands on its numbers in another order")
    constants = [*turn.constants]
    if again is not None:  # there may be no turn, which leaves what was carried into the first
        constants[:k] = [None] * k
    if any(x is None and not y for x, y in zip(constants, turn.depends, strict=True)):
        raise Unrolled("a whole number is carried, or left, that remains one")
    if any(
        x is not None and is_float(x) != is_float(y)
        for x, y in zip(turn.constants, first.leaves, strict=False)
    ):
        raise Unrolled("a whole number is carried on as another one, or the other way round")
    if any(turn.body.operations[i] in COMPARISONS for i in turn.body.outputs):
        raise Unrolled("a comparison is carried, or left")
    body = turn.body
    rows = [_row(column) for column in columns]
    body.outputs += body.inputs[:k]
    loop = Loop(body, None if again else turns, k, len(rows), order.step < 0, again)
    operands = [*first.leaves, *rows, *turn.outer]
    found = applied(loop, *[_number(x) for x in operands])
    results: list[Any] = []
    for i, (constant, kind) in enumerate(zip(constants, turn.kinds, strict=True)):
        if constant is not None:
            results.append(constant if i < k else [constant] * turns)
            continue
        one = applied(item(i), found)
        each = [one] if i < k else [applied(item(t), one) for t in range(turns)]
        for x in each:
            if x.__class__ is Value and not kind:
                tape.plain.add(x)
            elif x.__class__ is Value and not differentiated.get():
                tape.values.add(x)  # else a transform says what it is
        results.append(each[0] if i < k else each)
    carry = tree.unflatten(turn.definitions[0], results[:k])
    if turn.definitions[1] is None:
        return carry, [None] * turns
    left = [
        tree.unflatten(turn.definitions[1], [column[t] for column in results[k:]])
        for t in range(turns)
    ]
    return carry, left


def _is_value(tape: Tape, x: Any) -> bool:
    return x.__class__ is Value and tape.is_value(x, differentiated.get())


def _number(x: Any) -> Any:
    """An operand of the loop: a Value, a row, or a float."""
    return x if x.__class__ in (Value, Row) else float(x)


def _row(column: Sequence[Any]) -> Any:
    """The numbers as a row: a Value, if one is; that which a loop left, if it is all."""
    above = column[0]._a if column[0].__class__ is Value else None
    left: Any = above._data if above.__class__ is Value else None
    if isinstance(left, Row) and len(left) == len(column):
        is_item = (
            x.__class__ is Value and x._a is above and x._primitive is item(i)
            for i, x in enumerate(column)
        )
        if all(is_item):
            return above
    numbers = [x if x.__class__ is Value else float(x) for x in column]
    return applied(ROW, *numbers)
