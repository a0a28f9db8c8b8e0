"""Nested structures taken apart: their leaves in a list, and the rest as a tree definition.

A *leaf* is a single number or Value. What is left of a structure without its leaves is its *tree
definition*, and `unflatten` makes a structure of it around other leaves. Definitions are hashable:
calls of a compiled function with equal ones can run the same code. A definition is one of

- a leaf: its kind, `"number"`, `"value"` or `"integer"`;
- a block of leaves: a list, as `("floats", 2)`, or an array, as `("numbers", (3, 2), "f")`;
- an object without leaves, the same in every structure: `("fixed", key)`; copied: `("copy", key)`;
- a container: its class, what is static in it, and the definitions of its children
  (`autograd.containers`).

A `Rule` says what counts as a leaf, and what becomes of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import islice, repeat
from math import prod
from typing import Any, TypeAlias

from autograd.containers import (
    ARRAY,
    CONTAINERS,
    Container,
    Same,
    array_of,
    container_of,
    places,
    remedy,
)
from autograd.number import describe, is_number
from autograd.value import Value

Definition: TypeAlias = Any
"""A tree definition: a string or a tuple."""

NUMBER, VALUE, INTEGER = "number", "value", "integer"
VECTORS = {"floats": NUMBER, "values": VALUE, "integers": INTEGER, "mixed": INTEGER, "row": INTEGER}
"""Blocks that are lists of leaves of one kind, described by their length; `"mixed"` has bools,
integers and floats in any order, and so has `"row"`, which is a tuple."""

FIXED = ("fixed", "copy", "static")
_VECTOR_OF = {float: "floats", Value: "values"}
_LEAVES = frozenset({float, int, Value})
"""The classes of most leaves, recognised without further checks."""


class Rule:
    """What counts as a leaf: in this one floats and Values alone. Anything else is fixed."""

    def define(self, x: Any, leaves: list[Any]) -> Definition:
        """The tree definition of a structure; its leaves are appended to the list.

        >>> found = []
        >>> Rule().define({"x": [1.0, 2.0], "y": Value(3.0)}, found)
        (<class 'dict'>, ('x', 'y'), ('floats', 2), 'value')
        >>> found
        [1.0, 2.0, Value(data=3.0, grad=0.0)]
        """
        kind = type(x)  # what an object says of itself is its own affair
        if kind is float:
            leaves.append(x)
            return NUMBER
        if kind is Value:
            leaves.append(x)
            return VALUE
        if kind is list or kind is tuple:
            return self.define_items(kind, x, leaves)
        container = container_of(kind)
        if container is None:
            if is_array(x):
                return self.define_array(x, leaves)
            return self.define_other(x, leaves)
        return self.define_children(kind, container, x, leaves)

    def define_items(self, kind: type, items: Any, leaves: list[Any]) -> Definition:
        """The definition of a list or a tuple."""
        if kind is list and len(kinds := set(map(type, items))) == 1:
            vector = _VECTOR_OF.get(kinds.pop())
            if vector is not None:
                leaves += items
                return (vector, len(items))
        define = self.define
        return (kind, None, *[define(x, leaves) for x in items])

    def define_children(
        self, kind: Any, container: Container, x: Any, leaves: list[Any]
    ) -> Definition:
        """The definition of another container."""
        children, static = container.take(x)
        if container.is_registered:
            static = tuple([self.fixed(y) for y in static])
        return (kind, static, *[self.define(y, leaves) for y in children])

    def define_array(self, x: Any, leaves: list[Any]) -> Definition:
        """The definition of an array with dimensions."""
        if x.dtype.kind == "O":
            return self.define_children(ARRAY, CONTAINERS[ARRAY], x, leaves)
        return ("fixed", self.fixed(x))

    def define_other(self, x: Any, leaves: list[Any]) -> Definition:
        """The definition of anything else."""
        return ("fixed", self.fixed(x))

    def fixed(self, x: Any) -> Hashable:
        """The key of an object that is part of the definition."""
        return Same(x)


class Numbers(Rule):
    """Every number is a leaf, and there is nothing else."""

    def define_array(self, x: Any, leaves: list[Any]) -> Definition:
        """The definition of an array with dimensions."""
        items = x.ravel().tolist()
        if x.dtype.char != "d" and not all(map(is_number, items)):
            return super().define_children(ARRAY, CONTAINERS[ARRAY], x, leaves)
        leaves += items
        return ("numbers", x.shape, x.dtype.kind)

    def define_other(self, x: Any, leaves: list[Any]) -> Definition:
        """The definition of a number."""
        x = number(x)
        if not is_number(x):
            raise NotANumberError
        leaves.append(x)
        return NUMBER


class NotANumberError(TypeError):
    """There is something in a structure that is no number."""


class _Parts(Rule):
    """Everything in a container is a leaf, and each array is one."""

    def define_array(self, x: Any, leaves: list[Any]) -> Definition:
        return self.define_other(x, leaves)

    def define_other(self, x: Any, leaves: list[Any]) -> Definition:
        leaves.append(x)
        return NUMBER


_NUMBERS, _ANYTHING, _PARTS = Numbers(), Rule(), _Parts()


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
            if block[0] == "fixed" and not is_number(x := block[1].thing) and not is_array(x):
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


# Reading definitions


def blocks(definition: Definition, path: str = "") -> Iterator[tuple[str, Definition]]:
    """The leaves, the blocks of leaves and the fixed objects of a definition, each with its path.

    What is static in a registered container comes as `("static", key)`.

    >>> list(blocks((dict, ("x", "y"), ("floats", 2), "number"), "p"))
    [("p['x']", ('floats', 2)), ("p['y']", 'number')]
    """
    if definition.__class__ is str or definition[0] in _BLOCKS:
        yield path, definition
        return
    kind, static, *parts = definition
    container = CONTAINERS[kind]
    for step, part in zip(container.steps(static, len(parts)), parts, strict=True):
        yield from blocks(part, path + step)
    if container.is_registered:
        yield from ((path, ("static", key)) for key in static)


def shape_of_block(block: Definition) -> tuple[int, ...] | None:
    """How the leaves of a block are arranged: `()` if it is one leaf, None if it is fixed."""
    if block.__class__ is str:
        return ()
    kind, shape = block[:2]
    return None if kind in FIXED else shape if kind == "numbers" else (shape,)


def paths(definition: Definition, path: str = "") -> list[str]:
    """The path of each leaf, as in Python.

    >>> paths((dict, ("x", "y"), ("floats", 2), "number"), "p")
    ["p['x'][0]", "p['x'][1]", "p['y']"]
    """
    return [
        name + step
        for name, block in blocks(definition, path)
        if (shape := shape_of_block(block)) is not None
        for step in places(shape)
    ]


def kinds(definition: Definition) -> Iterator[str]:
    """The kind of each leaf, in order.

    >>> list(kinds((tuple, None, "integer", ("floats", 2))))
    ['integer', 'number', 'number']
    """
    for _, block in blocks(definition):
        if (shape := shape_of_block(block)) is not None:
            yield from repeat(_kind_of(block), prod(shape))


def _kind_of(block: Definition) -> str:
    if block.__class__ is str:
        return str(block)
    return (NUMBER if block[2] == "f" else INTEGER) if block[0] == "numbers" else VECTORS[block[0]]


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
    children, steps = _children_like(kind, static, len(parts), tree, path)
    return [
        leaf
        for part, child, step in zip(parts, children, steps, strict=True)
        for leaf in leaves_like(part, child, path + step, are_numbers)
    ]


def _children_like(
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


def is_array(x: Any) -> bool:
    """Whether this is a NumPy array with dimensions, other than `np.matrix`."""
    kind = type(x)
    is_numpy = kind.__module__ == "numpy" and kind.__name__ != "matrix"
    return is_numpy and getattr(x, "shape", ()) != ()


def shape_of(x: Any) -> tuple[int, ...]:
    """The shape of an array, `()` of anything else."""
    return x.shape if is_array(x) else ()


def number(x: Any) -> Any:
    """The number in an array without dimensions; anything else unchanged."""
    return x.item() if type(x).__module__ == "numpy" and getattr(x, "shape", None) == () else x
