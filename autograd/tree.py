"""Nested structures of numbers: lists, tuples (named ones too), dicts and arrays, to any depth.

A leaf is a single number or Value. A structure is flattened into its leaves in a fixed order (that
of the dict for dicts) and rebuilt around new leaves.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

from autograd.number import describe, is_number
from autograd.value import Value

_LEAVES = frozenset({float, int, Value})
"""The classes of most leaves, recognised without further checks."""


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
    if isinstance(tree, dict):
        for other in others:
            if not isinstance(other, dict) or other.keys() != tree.keys():
                raise _mismatch(path, f"a dict with the keys {list(tree)}", other)
        return {
            key: map_leaves(function, x, *(other[key] for other in others), path=f"{path}[{key!r}]")
            for key, x in tree.items()
        }
    if isinstance(tree, list | tuple):
        for other in others:
            if not isinstance(other, list | tuple) or len(other) != len(tree):
                raise _mismatch(path, f"a {type(tree).__name__} of {len(tree)}", other)
        items = [
            map_leaves(function, *xs, path=f"{path}[{i}]")
            for i, xs in enumerate(zip(tree, *others, strict=True))
        ]
        if isinstance(tree, list):
            return items
        return tree._make(items) if hasattr(tree, "_make") else tuple(items)
    if _is_array(tree):
        for other in others:
            if not _is_array(other) or other.shape != tree.shape:
                raise _mismatch(path, f"an array of shape {tree.shape}", other)
        columns = [array.ravel().tolist() for array in (tree, *others)]
        places = product(*map(range, tree.shape))
        return array_of(
            [
                map_leaves(function, *xs, path=path + "".join(f"[{i}]" for i in place))
                for place, *xs in zip(places, *columns, strict=True)
            ],
            tree.shape,
        )
    tree, *others_ = [x if x.__class__ in _LEAVES else number(x) for x in (tree, *others)]
    if not is_number(tree):
        raise TypeError(
            f"{path or 'tree'}: expected a number or a nested list, tuple or dict of numbers,"
            f" got {describe(tree)}"
        )
    for other in others_:
        if not is_number(other):
            raise _mismatch(path, "a number", other)
    return function(tree, *others_)


def map_blocks(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """`map_leaves` with a whole array as one leaf, for structures that are known to match.

    >>> map_blocks(lambda *blocks: blocks, {"w": [1, 2]}, {"w": [3, 4]})
    {'w': [(1, 3), (2, 4)]}
    """
    if isinstance(tree, dict):
        return {
            key: map_blocks(function, x, *[other[key] for other in others])
            for key, x in tree.items()
        }
    if isinstance(tree, list | tuple):
        items = [map_blocks(function, *xs) for xs in zip(tree, *others, strict=True)]
        if isinstance(tree, list):
            return items
        return tree._make(items) if hasattr(tree, "_make") else tuple(items)
    return function(tree, *others)


def _is_array(x: Any) -> bool:
    """Whether this is a NumPy array with dimensions, other than `np.matrix`."""
    kind = type(x)
    is_numpy = kind.__module__ == "numpy" and kind.__name__ != "matrix"
    return is_numpy and getattr(x, "shape", ()) != ()


def number(x: Any) -> Any:
    """The number in an array without dimensions; anything else unchanged."""
    return x.item() if type(x).__module__ == "numpy" and getattr(x, "shape", None) == () else x


def array_of(items: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """An array of that shape: of floats if all items are, of objects otherwise."""
    import numpy as np

    is_plain = set(map(type, items)) <= {float}
    made = np.empty(len(items), float if is_plain else object)
    made[:] = items
    return made.reshape(shape)


def stacked(shape: tuple[int, ...], blocks: Sequence[Any], like: Any) -> Any:
    """Arrays or numbers of one shape as one array, whose first dimensions are `shape`.

    `like` is an example of them, for the case that there are none.
    """
    items: list[Any] = []
    for block in blocks:
        items += block.ravel().tolist() if _is_array(block) else [block]
    return array_of(items, (*shape, *getattr(like, "shape", ())))


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of an array, `()` of anything else."""
    return x.shape if _is_array(x) else ()


def leaves(tree: Any, path: str = "") -> list[Any]:
    """The leaves in order; errors as in `map_leaves`.

    >>> leaves({"w": [1.0, 2.0], "b": (3.0,)})
    [1.0, 2.0, 3.0]
    """
    found: list[Any] = []
    map_leaves(found.append, tree, path=path)
    return found


def map_values(function: Callable[[Value], Any], tree: Any) -> Any:
    """Apply a function to every Value in a structure that may hold anything else too.

    >>> map_values(float, {"loss": Value(2.0), "name": "run", "seen": [Value(3.0), 4]})
    {'loss': 2.0, 'name': 'run', 'seen': [3.0, 4]}
    """

    def of(block: Any) -> Any:
        if isinstance(block, Value):
            return function(block)
        if _is_array(block) and block.dtype == object:
            items = [map_values(function, x) for x in block.ravel().tolist()]
            return array_of(items, block.shape)
        return block

    return map_blocks(of, tree)


def rebuild(tree: Any, new_leaves: Iterator[Any]) -> Any:
    """A structure like `tree` around new leaves, taken in order.

    >>> rebuild({"w": [1.0, 2.0]}, iter("ab"))
    {'w': ['a', 'b']}
    """
    return map_leaves(lambda _: next(new_leaves), tree)


def _mismatch(path: str, expected: str, given: Any) -> ValueError:
    return ValueError(f"{path or 'tree'}: expected {expected}, got {describe(given)}")
