"""Loops that are said: `scan`, `fori_loop` and `while_loop`, in the conventions of JAX.

On plain numbers and Values each is the Python loop it stands for, and its graph that of the loop.
While `jit` traces a function, the body of a `scan` or `fori_loop` is traced instead of each turn,
so that the compiled program holds one body, however many turns there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import tree
from autograd.modes import current_tape
from autograd.number import as_integer, describe, is_number
from autograd.rows import Rows, Together


def scan(
    step: Callable[[Any, Any], Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """Carry a state from row to row, and collect what each turn leaves, as `jax.lax.scan` does.

    It stands for the loop

        ys = []
        for x in xs:
            carry, y = step(carry, x)
            ys.append(y)

    Inside `jit` the step is traced once (twice, to be sure that it does the same in each turn), so
    compiling takes no longer for more rows, and derivatives are loops too. That needs a step that
    only computes, with branches that go the same way in each turn (`where` chooses in each); if it
    does more the loop is compiled turn by turn.

    Args:
        step: from the carry and a row to a pair: the next carry, of the same structure, and what
            the turn leaves, `None` for nothing.
        init: the carry of the first turn: a number, or a nested structure of them; `None` where
            nothing is carried.
        xs: the rows. A list or an array has its rows along its first axis; in a tuple or dict each
            item has rows of its own. `None` where nothing is read; `length` says how often then.
        length: the number of turns; not needed where there are rows.
        reverse: whether to go from the last row to the first. What turns leave is in the order of
            the rows.

    Returns:
        The last carry, and what the turns left, put together as `vmap` puts results together: as
        lists, or as arrays if `xs` has an array in it; `None` if they left nothing.

    Raises:
        TypeError: `step` is not a function or returns no pair, the carry is no structure of
            numbers, or `xs` has no rows.
        ValueError: the carry changes its structure, or there are different numbers of rows.

    >>> scan(lambda total, x: (total + x, total * x), 0.0, [1.0, 2.0, 3.0])
    (6.0, [0.0, 2.0, 9.0])
    >>> from autograd import grad
    >>> def last(rate):
    ...     grown, _ = scan(lambda x, _: (x * rate, None), 1.0, length=5)
    ...     return grown
    >>> last(2.0), grad(last)(2.0)
    (32.0, 80.0)
    """
    _check_function("scan", "step", step)
    rows = Rows("scan", lambda: ("xs",))
    row = (lambda i: None) if xs is None else rows.of(0, xs, (0,))
    if length is not None:
        length = as_integer(length, "scan: length", 0)
    elif xs is None:
        raise TypeError("scan: there are no rows; say how many turns, with length=")
    turns = length if xs is None else rows.count(least=0)
    if length is not None and turns != length:
        raise ValueError(f"scan: xs has {turns} rows, and length is {length}")
    assert turns is not None
    if init is None:
        _, left = _turns("scan", step, _without_carry(step), (), row, turns, reverse)
        carry = None
    else:
        carry, left = _turns("scan", step, step, init, row, turns, reverse)
    if all(y is None for y in left):
        return carry, [] if xs is not None and not turns else None
    return carry, Together("scan", rows.has_array).of(0, left, "what a turn leaves")


def fori_loop(lower: int, upper: int, body: Callable[[int, Any], Any], init: Any) -> Any:
    """Carry a state through a range of whole numbers, as `jax.lax.fori_loop` does.

    It stands for the loop

        for i in range(lower, upper):
            carry = body(i, carry)

    and inside `jit` it is compiled as `scan` is.

    Args:
        lower: the first number.
        upper: one more than the last.
        body: from a number and the carry to the next carry, of the same structure.
        init: the carry of the first turn: a number, or a nested structure of them.

    Returns:
        The last carry; `init`, if there is no turn.

    Raises:
        TypeError: `body` is not a function, a bound no integer, or the carry no structure of
            numbers.
        ValueError: the carry changes its structure.

    >>> fori_loop(1, 5, lambda i, product: i * product, 1.0)
    24.0
    """
    _check_function("fori_loop", "body", body)
    numbers = range(lower, upper)

    def step(carry: Any, i: Any) -> tuple[Any, None]:
        return body(i, carry), None

    carry, _ = _turns("fori_loop", body, step, init, numbers.__getitem__, len(numbers), False)
    return carry


def while_loop(condition: Callable[[Any], Any], body: Callable[[Any], Any], init: Any) -> Any:
    """Carry a state as long as a condition holds, as `jax.lax.while_loop` does.

    It stands for the loop

        while condition(carry):
            carry = body(carry)

    Derivatives go through the turns that were made, however many. Inside `jit` it is compiled as
    `scan` is, for any number of turns, if the condition is one comparison (or a product of some).

    Args:
        condition: from a carry to whether there is another turn.
        body: from a carry to the next, of the same structure.
        init: the first carry: a number, or a nested structure of them.

    Returns:
        The first carry for which the condition does not hold.

    Raises:
        TypeError: `condition` or `body` is not a function, or the carry no structure of numbers.
        ValueError: the carry changes its structure.

    >>> while_loop(lambda x: x < 100.0, lambda x: 2.0 * x, 3.0)
    192.0
    """
    _check_function("while_loop", "condition", condition)
    _check_function("while_loop", "body", body)
    same = _Same("while_loop", init)

    def checked(carry: Any) -> Any:
        return same(body(carry))

    tape = current_tape()
    if tape is not None:
        rolled = tape.while_loop(condition, checked, (condition, body), init)
        if rolled is not None:
            return rolled[0]
    carry = init
    while condition(carry):
        carry = checked(carry)
    return carry


def _turns(
    who: str,
    f: Callable[..., Any],
    step: Callable[[Any, Any], Any],
    init: Any,
    row: Callable[[int], Any],
    turns: int,
    reverse: bool,
) -> tuple[Any, list[Any]]:
    """The last carry, and what each turn left, in the order of the rows.

    Args:
        who: what was called, for errors.
        f: the user's function.
        step: a turn, which calls it.
        init: the carry of the first turn.
        row: what a turn reads, by its number.
        turns: how many there are.
        reverse: whether the last comes first.
    """
    same = _Same(who, init)

    def checked(carry: Any, x: Any) -> tuple[Any, Any]:
        found = step(carry, x)
        if not isinstance(found, tuple | list) or len(found) != 2:
            raise TypeError(
                f"{who}: expected the step to return a pair (carry, y), got {describe(found)}"
            )
        return same(found[0]), found[1]

    order = range(turns)[::-1] if reverse else range(turns)
    tape = current_tape()
    if tape is not None:
        rolled = tape.loop(f, checked, init, row, order)
        if rolled is not None:
            return rolled
    carry, left = init, []
    for i in order:
        carry, y = checked(carry, row(i))
        left.append(y)
    return carry, left[::-1] if reverse else left


def _without_carry(step: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A step whose carry is `None`, as one whose carry is the structure without numbers."""

    def turn(_: Any, x: Any) -> Any:
        found = step(None, x)
        if isinstance(found, tuple | list) and len(found) == 2:
            if found[0] is not None:
                raise ValueError(f"scan: the carry: expected None, got {describe(found[0])}")
            return (), found[1]
        return found

    return turn


class _Same:
    """Checks that a carry has the structure of the first one."""

    def __init__(self, who: str, init: Any) -> None:
        self._definition = None if is_number(init) else tree.flatten(init, f"{who}: the carry")[1]
        self._path = f"{who}: the carry"

    def __call__(self, carry: Any) -> Any:
        if self._definition is not None:
            tree.leaves_like(self._definition, carry, self._path)
        elif not is_number(carry):
            raise ValueError(f"{self._path}: expected a number, got {describe(carry)}")
        return carry


def _check_function(who: str, name: str, f: Any) -> None:
    if not callable(f):
        raise TypeError(f"{who}: {name} must be a function, got {describe(f)}")
