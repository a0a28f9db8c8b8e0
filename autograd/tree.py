"""Nested structures taken apart: their leaves in a list, and the rest as a tree definition.

`flatten` takes a structure apart, and `unflatten` makes one around other leaves. What a definition
is says `autograd.definitions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from math import prod
from typing import Any

from autograd.containers import ARRAY, CONTAINERS, array_of, remedy
from autograd.definitions import (
    NUMBER,
    VECTORS,
    Definition,
    NotANumberError,
    Numbers,
    Parts,
    Rule,
    blocks,
    is_array,
    number,
    shape_of_block,
)
from autograd.number import describe, is_number
from autograd.value import Value

_LEAVES = frozenset({float, int, Value})
"""The classes of most leaves, recognised without further checks."""

_NUMBERS, _ANYTHING, _PARTS = Numbers(), Rule(), Parts()


def flatten(tree: Any, path: str = "") -> tuple[list[Any], Definition]:
    """The leaves of a structure of numbers, in order, and its tree definition.

    Args:
        tree: the structure.
        path: its name in errors.

    Raises:
        TypeError: a leaf is not a number.

    >>> flatten({"w": [1.0, 2.0], "b": 3})
    ([1.0, 2.0, 3], (<class 'dict'>, ('w', 'b'), ('floats', 2), 'number'))
    """
    leaves: list[Any] = []
    try:
        return leaves, _NUMBERS.define(tree, leaves)
    except NotANumberError:
        found = blocks(_ANYTHING.define(tree, []), path)
        for place, block in found:
            x: Any = block[1].thing if block[0] == "fixed" else 0.0
            if not all(map(is_number, x.ravel().tolist() if is_array(x) else [x])):
                raise TypeError(
                    f"{place or 'tree'}: expected a number or a nested list, tuple or dict of"
                    f" numbers, got {describe(x)}{remedy(x)}"
                ) from None
        raise


def unflatten(definition: Definition, leaves: Iterable[Any]) -> Any:
    """The structure of a tree definition around these leaves.

    >>> unflatten((dict, ("w", "b"), ("floats", 2), "number"), "xyz")
    {'w': ['x', 'y'], 'b': 'z'}
    """
    return _unflatten(definition, iter(leaves))


def _unflatten(definition: Definition, leaves: Iterator[Any]) -> Any:
    if definition.__class__ is str:
        return next(leaves)
    kind, static, *parts = definition
    if kind in _BLOCKS:
        return _BLOCKS[kind](static, leaves)
    return CONTAINERS[kind].make(static, [_unflatten(part, leaves) for part in parts])


def _numbers(shape: tuple[int, ...], leaves: Iterator[Any]) -> Any:
    return array_of(list(islice(leaves, prod(shape))), shape)


_BLOCKS: dict[Any, Callable[[Any, Iterator[Any]], Any]] = {
    **dict.fromkeys(VECTORS, lambda count, leaves: list(islice(leaves, count))),
    "row": lambda count, leaves: tuple(islice(leaves, count)),
    "numbers": _numbers,
    "fixed": lambda key, _: key.thing,
    "copy": lambda key, _: key.thing.copy(),
}


# Several structures at once


def map_leaves(function: Callable[..., Any], tree: Any, *others: Any, path: str = "") -> Any:
    """Apply a function to every leaf, and to the leaves at the same place in other structures.

    Args:
        function: called as `function(leaf, *leaves_of_others)`.
        tree: the structure of the result.
        others: structures of the same shape.
        path: the root's name in errors.

    Raises:
        TypeError: a leaf is not a number.
        ValueError: another structure has a different shape.

    >>> map_leaves(lambda x, y: x + y, {"w": [1, 2], "b": 3}, {"w": [10, 20], "b": 30})
    {'w': [11, 22], 'b': 33}
    """
    if tree.__class__ in _LEAVES and not others:
        return function(tree)
    leaves, definition = flatten(tree, path)
    columns = [leaves_like(definition, other, path) for other in others]
    return unflatten(definition, map(function, leaves, *columns))


def leaves(tree: Any, path: str = "") -> list[Any]:
    """The leaves in order; errors as in `map_leaves`.

    >>> leaves({"w": [1.0, 2.0], "b": (3.0,)})
    [1.0, 2.0, 3.0]
    """
    return flatten(tree, path)[0]


def leaves_like(
    definition: Definition, tree: Any, path: str = "", are_numbers: bool = True
) -> list[Any]:
    """The leaves of a structure that must have the shape of a definition.

    A list may stand for a tuple, and the keys of a dict may have another order.

    Args:
        definition: the tree definition.
        tree: the structure.
        path: its name in errors.
        are_numbers: whether its leaves must be numbers; else each is whatever is at that place.

    Raises:
        ValueError: it has another shape.

    >>> leaves_like((dict, ("w", "b"), "number", "number"), {"b": 1.0, "w": 2.0})
    [2.0, 1.0]
    """
    shape = shape_of_block(definition) if definition[0] not in CONTAINERS else None
    if shape == ():
        if not are_numbers:
            return [tree]
        tree = number(tree)
        if not is_number(tree):
            raise _mismatch(path, "a number", tree)
        return [tree]
    kind, static, *parts = definition
    if kind == ARRAY or kind == "numbers":
        if not is_array(tree) or tree.shape != static:
            raise _mismatch(path, f"an array of shape {static}", tree)
        return flatten(tree, path)[0]
    if shape is not None:
        kind, parts = list, [NUMBER] * static
    children, steps = children_like(kind, static, len(parts), tree, path)
    return [
        leaf
        for part, child, step in zip(parts, children, steps, strict=True)
        for leaf in leaves_like(part, child, path + step, are_numbers)
    ]


def children_like(
    kind: Any, static: Any, count: int, tree: Any, path: str
) -> tuple[Sequence[Any], Iterable[str]]:
    """The children of a container that must be like another one, and the steps to them."""
    container = CONTAINERS[kind]
    steps = container.steps(static, count)
    if issubclass(kind, dict):
        keys = container.make(static, list(range(count)))
        if not isinstance(tree, dict) or tree.keys() != keys.keys():
            raise _mismatch(path, f"a dict with the keys {list(keys)}", tree)
        return [tree[key] for key in keys], steps
    if issubclass(kind, list | tuple) and not container.is_registered:
        if not isinstance(tree, list | tuple) or len(tree) != count:
            raise _mismatch(path, f"a {kind.__name__} of {count}", tree)
        return tree, steps
    if type(tree) is not kind:
        raise _mismatch(path, f"a {kind.__name__}", tree)
    children, found = container.take(tree)
    if len(children) != count or not all(
        key.thing is x or key.thing == x for key, x in zip(static, found, strict=True)
    ):
        raise _mismatch(path, f"a {kind.__name__} that is static in the same way", tree)
    return children, steps


def _mismatch(path: str, expected: str, given: Any) -> ValueError:
    return ValueError(f"{path or 'tree'}: expected {expected}, got {describe(given)}")


def map_values(function: Callable[[Value], Any], tree: Any) -> Any:
    """Apply a function to every Value in a structure that may hold anything else too.

    >>> map_values(float, {"loss": Value(2.0), "name": "run", "seen": [Value(3.0), 4]})
    {'loss': 2.0, 'name': 'run', 'seen': [3.0, 4]}
    """
    leaves: list[Any] = []
    definition = _ANYTHING.define(tree, leaves)
    return unflatten(definition, [function(x) if x.__class__ is Value else x for x in leaves])


def map_parts(function: Callable[[Any], Any], tree: Any) -> Any:
    """Apply a function to whatever is in the containers of a structure; an array is one part.

    >>> map_parts(lambda x: 2 * x, {"w": [1j, 2.0]})
    {'w': [2j, 4.0]}
    """
    leaves: list[Any] = []
    definition = _PARTS.define(tree, leaves)
    return unflatten(definition, map(function, leaves))


def outer(results: Definition, arguments: Definition, rows: Iterable[Sequence[Any]]) -> Any:
    """The structure of the results, each number in it replaced by its derivatives.

    These have the structure of the arguments; but those of an array are one array, whose shape
    begins with that of the results.

    Args:
        results: the tree definition of the results.
        arguments: of the arguments.
        rows: for each number in the results, its derivatives.

    >>> outer(("floats", 2), (tuple, None, "number", "number"), [[1.0, 2.0], [3.0, 4.0]])
    [(1.0, 2.0), (3.0, 4.0)]
    """
    remaining = iter(rows)
    coarse, shapes = with_whole_arrays(arguments)

    def block(shape: tuple[int, ...]) -> Any:
        if not shape:
            return unflatten(arguments, next(remaining))
        mine = list(islice(remaining, prod(shape)))
        columns, start = [], 0
        for inner in shapes:
            end = start + prod(inner)
            columns.append(array_of([x for row in mine for x in row[start:end]], shape + inner))
            start = end
        return unflatten(coarse, columns)

    coarse_results, shapes_of_results = with_whole_arrays(results)
    return unflatten(coarse_results, map(block, shapes_of_results))


def with_whole_arrays(definition: Definition) -> tuple[Definition, list[tuple[int, ...]]]:
    """A definition in which each array is one leaf, and the shapes of all leaves then."""
    shapes: list[tuple[int, ...]] = []

    def coarse(part: Definition) -> Definition:
        if part.__class__ is str:
            shapes.append(())
            return part
        kind, static, *parts = part
        if kind in ("numbers", ARRAY):
            shapes.append(static)
            return NUMBER
        if kind in VECTORS:
            shapes.extend([()] * static)
            return part
        return (kind, static, *map(coarse, parts))

    return coarse(definition), shapes


# Arrays


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of an array, `()` of anything else."""
    return x.shape if is_array(x) else ()
