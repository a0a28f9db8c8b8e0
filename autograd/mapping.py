"""`vmap`: a function of one row as a function of all rows, in the conventions of JAX.

It is the loop that one would write, with the rows taken out of the arguments and the results put
together. Lists and arrays have axes; dicts and tuples are trees, of which each item has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from inspect import signature
from typing import Any

from autograd import tree
from autograd.containers import Same, container_of
from autograd.graph import topological_order
from autograd.number import describe, is_number
from autograd.transforms import named
from autograd.value import Value

Axes = Any
"""An axis, None for what is not mapped, or a tuple, list or dict of such: the prefix of a tree."""

Row = Callable[[int], Any]
"""From the number of a row to an argument, or to a part of one, in that row."""


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
        rows = _Rows(partial(_names, f, args))
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
        results = [f(*positional, **keyword) for positional, keyword in calls]
        together = _Together(rows.has_array, partial(_mapped_values, calls))
        return together.of(out_axes, results, "the result")

    return named("vmap", f, call)


class _Rows:
    """The rows of the arguments of one call.

    Args:
        names: gives the names of the arguments by position, for errors.

    Attributes:
        has_array: whether an axis that is mapped is one of an array.
    """

    def __init__(self, names: Callable[[], Sequence[str]]) -> None:
        self.has_array = False
        self._names = names
        self._lengths: list[tuple[int, int, tuple[Any, ...]]] = []

    def of(self, axes: Axes, x: Any, place: tuple[Any, ...]) -> Row:
        """The rows of an argument, or of the part of one that is at that place."""
        if axes is None:
            return lambda i: x
        if tree.shape_of(x) and axes.__class__ is int:
            return self._of_array(axes, x, place)
        if isinstance(x, list) and axes.__class__ is int:
            axis = axes if axes >= 0 else axes + _depth(x)
            if axis <= 0:
                self._lengths.append((len(x), axes, place))
                return x.__getitem__
            axes = axis - 1
        items = _items(x)
        if items is None:
            if axes.__class__ is not int:
                raise TypeError(
                    f"vmap: in_axes has {describe(axes)} for {self._path(place)}, {describe(x)}"
                )
            raise TypeError(
                f"vmap: {self._path(place)} has no axis {axes} to map over, it is {describe(x)}:"
                " lists and arrays have axes; in_axes=None for what every row gets whole"
            )
        inner = _prefixes(axes, x, list(items), "in_axes", lambda: self._path(place))
        rows = [self.of(a, y, (*place, k)) for a, (k, y) in zip(inner, items.items(), strict=True)]
        return lambda i: _like(x, [row(i) for row in rows])

    def _of_array(self, axis: int, x: Any, place: tuple[Any, ...]) -> Row:
        import numpy as np

        if not -x.ndim <= axis < x.ndim:
            raise ValueError(
                f"vmap: {self._path(place)} has no axis {axis}, its shape is {x.shape}"
            )
        self.has_array = True
        self._lengths.append((x.shape[axis], axis, place))
        items = x.tolist() if x.ndim == 1 else np.moveaxis(x, axis, 0)
        row: Row = items.__getitem__
        return row

    def count(self) -> int:
        """How many there are."""
        if not self._lengths:
            raise ValueError("vmap: nothing is mapped over: in_axes has no axis in it")
        count, axis, place = self._lengths[0]
        for other, its_axis, its_place in self._lengths:
            if other != count:
                raise ValueError(
                    f"vmap: axes of different lengths: {self._path(place)} has {count} along"
                    f" axis {axis}, {self._path(its_place)} has {other} along axis {its_axis}"
                    " (in_axes=None for an argument that every row gets whole)"
                )
        if count == 0:
            raise ValueError(
                f"vmap: {self._path(place)} has no rows along axis {axis}, so that nothing is"
                " known of the result"
            )
        return count

    def _path(self, place: tuple[Any, ...]) -> str:
        """The place of an argument, or of a part of one, in words."""
        first, *inside = place
        names = dict(enumerate(self._names()))
        return f"argument {names.get(first, first)}" + "".join(f"[{key!r}]" for key in inside)


class _Together:
    """Puts the results of all rows together.

    Args:
        in_arrays: whether the new axis is one of an array where there might be a list.
        mapped: gives the Values that the rows have in their arguments, each its own.
    """

    def __init__(self, in_arrays: bool, mapped: Callable[[], set[Value]]) -> None:
        self._in_arrays = in_arrays
        self._mapped = mapped

    def of(self, axes: Axes, results: list[Any], path: str) -> Any:
        """The results, or parts of them, as one structure with one more axis."""
        first, below = results[0], axes
        if axes is None:
            self._check_same(results, path)
            return first
        if axes.__class__ is int:
            if tree.shape_of(first):
                return _stacked(axes, results, path)
            if not self._in_arrays and (isinstance(first, list) or is_number(first)):
                axis = axes if axes >= 0 else axes + _depth(first) + 1
                if axis == 0:
                    return results
                below = axis - 1
            elif is_number(first) and axes in (0, -1):
                return _array(results, path)
        keys = _keys(first)
        if keys is None:
            if is_number(first):
                raise ValueError(f"vmap: out_axes has {describe(axes)} for {path}, a number")
            hint = " (is its `return` missing?)" if first is None else ""
            raise TypeError(f"vmap: expected numbers as {path}, got {describe(first)}{hint}")
        for other in results:
            if type(other) is not type(first) or _keys(other) != keys:
                raise ValueError(
                    f"vmap: {path} differs in structure between the rows: {describe(first)},"
                    f" {describe(other)}"
                )
        inner = _prefixes(below, first, keys, "out_axes", lambda: path)
        columns = zip(*[_items(result).values() for result in results], strict=True)  # type: ignore[union-attr]
        items = [
            self.of(a, list(column), f"{path}[{k!r}]")
            for a, k, column in zip(inner, keys, columns, strict=True)
        ]
        return _like(first, items)

    def _check_same(self, results: list[Any], path: str) -> None:
        """Raise ValueError if they differ, or one is computed from what differs."""
        for other in results:
            if not _is_same(results[0], other):
                raise ValueError(
                    f"vmap: out_axes is None for {path}, but it differs between the rows:"
                    f" {describe(results[0])}, {describe(other)}"
                )
        if not self._mapped().isdisjoint(topological_order(*_values(results))):
            raise ValueError(
                f"vmap: out_axes is None for {path}, but it is computed from what is mapped over"
            )


def _values(x: Any) -> list[Value]:
    found: list[Value] = []
    tree.map_values(found.append, x)
    return found


def _mapped_values(calls: Sequence[Any]) -> set[Value]:
    """The Values among the arguments that not all calls have."""
    found = [set(_values(call)) for call in calls]
    return found[0].union(*found) - found[0].intersection(*found)


def _stacked(axis: int, results: list[Any], path: str) -> Any:
    import numpy as np

    shapes = list(dict.fromkeys(map(tree.shape_of, results)))
    if len(shapes) > 1:
        raise ValueError(f"vmap: {path} has different shapes: {shapes[0]}, {shapes[1]}")
    if not -len(shapes[0]) - 1 <= axis <= len(shapes[0]):
        raise ValueError(f"vmap: out_axes has {axis} for {path}, of shape {shapes[0]}")
    return np.stack(results, axis)


def _array(results: list[Any], path: str) -> Any:
    import numpy as np

    for x in results:
        if not is_number(x):
            raise ValueError(f"vmap: {path} is a number in one row, {describe(x)} in another")
    return np.array(results, object if Value in map(type, results) else None)


def _is_same(one: Any, other: Any) -> bool:
    """Whether two results are equal; in a trace that becomes a guard."""
    if one is other:
        return True
    if _keys(one) != _keys(other) or tree.shape_of(one) != tree.shape_of(other):
        return False
    xs, ys = (
        tree.leaves(x) if _keys(x) is not None or tree.shape_of(x) else [x] for x in (one, other)
    )
    return all(bool(x == y) for x, y in zip(xs, ys, strict=True))


def _check(name: str, axes: Axes) -> None:
    """Raise TypeError unless these are axes."""
    if axes is None or axes.__class__ is int:
        return
    keys = _keys(axes)
    if keys is None:
        raise TypeError(
            f"vmap: {name} must be an integer, None, or a tuple, list or dict of these, got"
            f" {describe(axes)}"
        )
    for key in keys:
        _check(f"{name}[{key!r}]", axes[key])


def _prefixes(
    axes: Axes, x: Any, keys: list[Any], name: str, path: Callable[[], str]
) -> list[Axes]:
    """The axes of each item of a structure."""
    if axes.__class__ is int:
        return [axes] * len(keys)
    if isinstance(axes, dict) is isinstance(x, dict):
        if isinstance(axes, dict) and axes.keys() == x.keys():
            return [axes[key] for key in keys]
        if _keys(axes) == keys:
            return list(axes)
    raise ValueError(f"vmap: {name} has {describe(axes)} for {path()}, {describe(x)}")


def _items(x: Any) -> dict[Any, Any] | None:
    """The items of a container by key: of a dict by its own, of others by number."""
    container = container_of(type(x))
    if container is None:
        return None
    children, _ = container.take(x)
    return dict(zip(x if isinstance(x, dict) else range(len(children)), children, strict=True))


def _keys(x: Any) -> list[Any] | None:
    """The keys of the items of a container; None for anything else."""
    items = _items(x)
    return None if items is None else list(items)


def _like(x: Any, items: list[Any]) -> Any:
    """The items in a container like `x`."""
    container: Any = container_of(type(x))
    found = container.take(x)[1]
    if container.is_registered:
        found = list(map(Same, found))
    return container.make(found, items)


def _depth(x: Any) -> int:
    """The number of axes of nested lists, or of an array, or of a list of arrays."""
    depth = 0
    while isinstance(x, list):
        depth += 1
        x = x[0] if x else None
    return depth + len(tree.shape_of(x))


def _names(f: Callable[..., Any], args: Sequence[Any]) -> list[str]:
    """The names of the arguments given by position, as far as the function says."""
    try:
        return list(signature(f).bind_partial(*args).arguments)
    except (TypeError, ValueError):
        return []
