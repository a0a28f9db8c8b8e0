"""Tree definitions: what is left of a nested structure without its leaves.

A *leaf* is a single number or Value. A definition is one of

- a leaf: its kind, `"number"`, `"value"` or `"integer"`;
- a block of leaves: a list, as `("floats", 2)`, or an array, as `("numbers", (3, 2), "f")`;
- an object without leaves, the same in every structure: `("fixed", key)`; copied: `("copy", key)`;
- a container: its class, what is static in it, and the definitions of its children
  (`autograd.containers`).

Definitions are hashable: calls of a compiled function with equal ones can run the same code. A
`Rule` says what counts as a leaf, and what becomes of the rest. `autograd.tree` makes structures of
definitions again.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import repeat
from math import prod
from typing import Any, TypeAlias

from autograd.containers import ARRAY, CONTAINERS, Container, Same, container_of, places
from autograd.number import is_number
from autograd.value import Value

Definition: TypeAlias = Any
"""A tree definition: a string or a tuple."""

NUMBER, VALUE, INTEGER = "number", "value", "integer"
VECTORS = {"floats": NUMBER, "values": VALUE, "mixed": INTEGER, "row": INTEGER}
"""Blocks that are lists of leaves of one kind, described by their length; `"mixed"` has bools,
integers and floats in any order, and so has `"row"`, which is a tuple."""

FIXED = ("fixed", "copy", "static")
_BLOCKS = {*VECTORS, "numbers", "fixed", "copy"}
_VECTOR_OF = {float: "floats", Value: "values"}


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


class Parts(Rule):
    """Everything in a container is a leaf, and each array is one."""

    def define_array(self, x: Any, leaves: list[Any]) -> Definition:
        """One leaf."""
        return self.define_other(x, leaves)

    def define_other(self, x: Any, leaves: list[Any]) -> Definition:
        """One leaf."""
        leaves.append(x)
        return NUMBER


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


# Arrays


def is_array(x: Any) -> bool:
    """Whether this is a NumPy array with dimensions, other than `np.matrix`."""
    kind = type(x)
    is_numpy = kind.__module__ == "numpy" and kind.__name__ != "matrix"
    return is_numpy and getattr(x, "shape", ()) != ()


def number(x: Any) -> Any:
    """The number in an array without dimensions; anything else unchanged."""
    return x.item() if type(x).__module__ == "numpy" and getattr(x, "shape", None) == () else x
