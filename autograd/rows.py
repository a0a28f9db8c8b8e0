"""Rows: structures taken apart along an axis, and results put together along one.

Lists and arrays have axes; dicts and tuples are trees, of which each item has its own: the
conventions of JAX, with lists in place of arrays too.
`vmap` maps over rows, `scan` carries from row to row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd import tree
from autograd.containers import Same, container_of
from autograd.graph import topological_order
from autograd.number import describe, is_number
from autograd.value import Value

Axes = Any
"""An axis, None for what is not mapped, or a tuple, list or dict of such: the prefix of a tree."""

Row = Callable[[int], Any]
"""From the number of a row to an argument, or to a part of one, in that row."""


class Rows:
    """The rows of the arguments of one call.

    Args:
        who: what is called, for errors.
        names: gives the names of the arguments by position, for errors.

    Attributes:
        has_array: whether an axis that is mapped is one of an array.
    """

    def __init__(self, who: str, names: Callable[[], Sequence[str]]) -> None:
        self.has_array = False
        self._who = who
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
                f"{self._who}: {self._path(place)} has no axis {axes} to map over, it is"
                f" {describe(x)}: lists and arrays have axes; in_axes=None for what every row gets"
                " whole"
            )
        inner = _prefixes(axes, x, list(items), "in_axes", lambda: self._path(place))
        rows = [self.of(a, y, (*place, k)) for a, (k, y) in zip(inner, items.items(), strict=True)]
        return lambda i: _like(x, [row(i) for row in rows])

    def _of_array(self, axis: int, x: Any, place: tuple[Any, ...]) -> Row:
        import numpy as np

        if not -x.ndim <= axis < x.ndim:
            raise ValueError(
                f"{self._who}: {self._path(place)} has no axis {axis}, its shape is {x.shape}"
            )
        self.has_array = True
        self._lengths.append((x.shape[axis], axis, place))
        items = x.tolist() if x.ndim == 1 else np.moveaxis(x, axis, 0)
        row: Row = items.__getitem__
        return row

    def count(self, least: int = 1) -> int:
        """How many there are: so many at least."""
        if not self._lengths:
            raise ValueError("vmap: nothing is mapped over: in_axes has no axis in it")
        count, axis, place = self._lengths[0]
        for other, its_axis, its_place in self._lengths:
            if other != count:
                raise ValueError(
                    f"{self._who}: axes of different lengths: {self._path(place)} has {count} along"
                    f" axis {axis}, {self._path(its_place)} has {other} along axis {its_axis}"
                    " (in_axes=None for an argument that every row gets whole)"
                )
        if count < least:
            raise ValueError(
                f"{self._who}: {self._path(place)} has no rows along axis {axis}, so that nothing"
                " is known of the result"
            )
        return count

    def _path(self, place: tuple[Any, ...]) -> str:
        """The place of an argument, or of a part of one, in words."""
        first, *inside = place
        names = dict(enumerate(self._names()))
        return f"argument {names.get(first, first)}" + "".join(f"[{key!r}]" for key in inside)


class Together:
    """Puts the results of all rows together.

    Args:
        who: what was called, for errors.
        in_arrays: whether the new axis is one of an array where there might be a list.
        mapped: gives the Values that the rows have in their arguments, each its own.
    """

    def __init__(self, who: str, in_arrays: bool, mapped: Callable[[], set[Value]] = set) -> None:
        self._in_arrays = in_arrays
        self._who = who
        self._mapped = mapped

    def of(self, axes: Axes, results: list[Any], path: str) -> Any:
        """The results, or parts of them, as one structure with one more axis."""
        first, below = results[0], axes
        if axes is None:
            self._check_same(results, path)
            return first
        if axes.__class__ is int:
            if tree.shape_of(first):
                return _stacked(axes, results, path, self._who)
            if not self._in_arrays and (isinstance(first, list) or is_number(first)):
                axis = axes if axes >= 0 else axes + _depth(first) + 1
                if axis == 0:
                    return results
                below = axis - 1
            elif is_number(first) and axes in (0, -1):
                return _array(results, path, self._who)
        keys = keys_of(first)
        if keys is None:
            if is_number(first):
                raise ValueError(f"vmap: out_axes has {describe(axes)} for {path}, a number")
            hint = " (is its `return` missing?)" if first is None else ""
            raise TypeError(f"{self._who}: expected numbers as {path}, got {describe(first)}{hint}")
        for other in results:
            if type(other) is not type(first) or keys_of(other) != keys:
                raise ValueError(
                    f"{self._who}: {path} differs in structure between the rows: {describe(first)},"
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
        if not self._mapped().isdisjoint(topological_order(*values_in(results))):
            raise ValueError(
                f"vmap: out_axes is None for {path}, but it is computed from what is mapped over"
            )


def values_in(x: Any) -> list[Value]:
    """The Values in a structure."""
    found: list[Value] = []
    tree.map_values(found.append, x)
    return found


def _stacked(axis: int, results: list[Any], path: str, who: str) -> Any:
    import numpy as np

    shapes = list(dict.fromkeys(map(tree.shape_of, results)))
    if len(shapes) > 1:
        raise ValueError(f"{who}: {path} has different shapes: {shapes[0]}, {shapes[1]}")
    if not -len(shapes[0]) - 1 <= axis <= len(shapes[0]):
        raise ValueError(f"vmap: out_axes has {axis} for {path}, of shape {shapes[0]}")
    return np.stack(results, axis)


def _array(results: list[Any], path: str, who: str) -> Any:
    import numpy as np

    for x in results:
        if not is_number(x):
            raise ValueError(f"{who}: {path} is a number in one row, {describe(x)} in another")
    return np.array(results, object if Value in map(type, results) else None)


def _is_same(one: Any, other: Any) -> bool:
    """Whether two results are equal; in a trace that becomes a guard."""
    if one is other:
        return True
    if keys_of(one) != keys_of(other) or tree.shape_of(one) != tree.shape_of(other):
        return False
    xs, ys = (
        tree.leaves(x) if keys_of(x) is not None or tree.shape_of(x) else [x] for x in (one, other)
    )
    return all(bool(x == y) for x, y in zip(xs, ys, strict=True))


def _prefixes(
    axes: Axes, x: Any, keys: list[Any], name: str, path: Callable[[], str]
) -> list[Axes]:
    """The axes of each item of a structure."""
    if axes.__class__ is int:
        return [axes] * len(keys)
    if isinstance(axes, dict) is isinstance(x, dict):
        if isinstance(axes, dict) and axes.keys() == x.keys():
            return [axes[key] for key in keys]
        if keys_of(axes) == keys:
            return list(axes)
    raise ValueError(f"vmap: {name} has {describe(axes)} for {path()}, {describe(x)}")


def _items(x: Any) -> dict[Any, Any] | None:
    """The items of a container by key: of a dict by its own, of others by number."""
    container = container_of(type(x))
    if container is None:
        return None
    children, _ = container.take(x)
    return dict(zip(x if isinstance(x, dict) else range(len(children)), children, strict=True))


def keys_of(x: Any) -> list[Any] | None:
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
