"""`vmap`: a function of one row as a function of all rows, in the conventions of JAX.

It is the loop that one would write, with the rows taken out of the arguments and the results put
together. Lists and arrays have axes; dicts and tuples are trees, of which each item has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from inspect import signature
from typing import Any

from autograd.arguments import named
from autograd.modes import current_tape
from autograd.number import describe
from autograd.rows import Axes, Rows, Together, keys_of, values_in
from autograd.value import Value


def vmap(f: Callable[..., Any], in_axes: Axes = 0, out_axes: Axes = 0) -> Callable[..., Any]:
    """The function that maps `f` over an axis of its arguments, as `jax.vmap` does.

    `vmap(f)(xs, ys)` calls `f(x, y)` for each pair of rows. Inside `jit` that becomes array code;
    derivatives go through it, and it goes through derivatives: `vmap(grad(f))` has one gradient for
    each row, `grad` of a mean over `vmap(f)` is the gradient of the mean.

    Args:
        f: a function of numbers, Values, and nested lists, arrays, tuples and dicts of them.
        in_axes: which axis of the arguments is mapped: an integer for all; `None` for an argument
            that every call gets whole; a tuple with one of these for each argument. In place of an
            integer a tuple, list or dict may stand, with one for each item of the argument that is
            a tuple, list or dict itself. Axis 0 of a list are its items, axis 1 the items of these;
            negative axes count from the last. Keyword arguments are mapped over axis 0.
        out_axes: where the axis stands in the result, in the same form; `None` for a part of the
            result that is the same in all calls.

    Returns:
        A function of the same arguments. If one that is mapped is an array, so is each number and
        array of the result, with one axis more, inside the lists, tuples and dicts that `f`
        returns, as in JAX. If all are lists, the axis is a list, and lists that `f` returns have
        axes: for rows given as lists the result is the list of `f`'s results.

    Raises:
        TypeError: `f` is not a function, or an axis not an integer; (when called) something has no
            such axis, or `f` returns something else than numbers.
        ValueError: (when called) the axes have different lengths, or none at all; there is nothing
            to map over; or a result with `None` in `out_axes` differs between the calls.

    >>> vmap(lambda x, y: x * y)([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    [4.0, 10.0, 18.0]
    >>> vmap(lambda row, scale: scale * sum(row), in_axes=(0, None))([[1.0, 2.0], [3.0, 4.0]], 10.0)
    [30.0, 70.0]
    >>> from autograd import grad
    >>> vmap(grad(lambda x: x**3))([1.0, 2.0])
    [3.0, 12.0]
    >>> import numpy as np
    >>> vmap(lambda row: row[0] * row[1], in_axes=1)(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([3., 8.])
    """
    if not callable(f):
        raise TypeError(f"vmap: expected a function, got {describe(f)}; write vmap(f)(x)")
    _check("in_axes", in_axes)
    _check("out_axes", out_axes)

    def call(*args: Any, **options: Any) -> Any:
        rows = Rows("vmap", partial(_names, f, args))
        if isinstance(in_axes, tuple | list) and len(in_axes) != len(args):
            raise ValueError(
                f"vmap: in_axes has {len(in_axes)} entries, for {len(args)} arguments by position"
            )
        each = in_axes if isinstance(in_axes, tuple | list) else [in_axes] * len(args)
        given = [rows.of(a, x, (n,)) for n, (a, x) in enumerate(zip(each, args, strict=True))]
        options_ = {name: rows.of(0, x, (name,)) for name, x in options.items()}
        calls = [
            ([row(i) for row in given], {name: row(i) for name, row in options_.items()})
            for i in range(rows.count())
        ]
        results = _traced(f, calls, [axis is not None for axis in each])
        if results is None:
            results = [f(*positional, **keyword) for positional, keyword in calls]
        together = Together("vmap", rows.has_array, partial(_mapped_values, calls))
        return together.of(out_axes, results, "the result")

    return named("vmap", f, call)


def _traced(f: Callable[..., Any], calls: Sequence[Any], mapped: Sequence[bool]) -> Any:
    """The results, by a trace of one call, where the others do the same; None elsewhere."""
    tape = current_tape()
    if tape is None:
        return None
    whole = calls[0][0]

    def row(i: int) -> Any:
        positional, keyword = calls[i]
        return [x for x, is_mapped in zip(positional, mapped, strict=True) if is_mapped], keyword

    def one(_: Any, row: Any) -> tuple[Any, Any]:
        given = iter(row[0])
        positional = [
            next(given) if is_mapped else x for x, is_mapped in zip(whole, mapped, strict=True)
        ]
        return (), f(*positional, **row[1])

    return tape.mapped(f, one, row, len(calls))


def each(f: Callable[..., Any], *columns: Sequence[Any]) -> list[Any]:
    """What a function gives for each row of these columns.

    A trace follows one of them, where all do the same, from `Tape.least_rows` on.

    Args:
        f: called with the number of the row, for errors alone, and what the columns have there.
        columns: of the same length.

    >>> each(lambda i, x, y: x * y, [1.0, 2.0], [3.0, 4.0])
    [3.0, 8.0]
    """
    tape, rows = current_tape(), [*zip(*columns, strict=True)]
    if tape is not None and len(rows) >= tape.least_rows:
        found = tape.mapped(f, lambda _, row: ((), f(0, *row)), rows.__getitem__, len(rows))
        if found is not None:
            return found
    return [f(i, *row) for i, row in enumerate(rows)]


@contextmanager
def traced_from(least: int) -> Iterator[None]:
    """Within this, a trace follows every row where `each` has fewer."""
    tape = current_tape()
    if tape is None:
        yield
        return
    before, tape.least_rows = tape.least_rows, least
    try:
        yield
    finally:
        tape.least_rows = before


def _mapped_values(calls: Sequence[Any]) -> set[Value]:
    """The Values among the arguments that not all calls have."""
    found = [set(values_in(call)) for call in calls]
    return found[0].union(*found) - found[0].intersection(*found)


def _check(name: str, axes: Axes) -> None:
    """Raise TypeError unless these are axes."""
    if axes is None or axes.__class__ is int:
        return
    keys = keys_of(axes)
    if keys is None:
        raise TypeError(
            f"vmap: {name} must be an integer, None, or a tuple, list or dict of these, got"
            f" {describe(axes)}"
        )
    for key in keys:
        _check(f"{name}[{key!r}]", axes[key])


def _names(f: Callable[..., Any], args: Sequence[Any]) -> list[str]:
    """The names of the arguments given by position, as far as the function says."""
    try:
        return list(signature(f).bind_partial(*args).arguments)
    except (TypeError, ValueError):
        return []
