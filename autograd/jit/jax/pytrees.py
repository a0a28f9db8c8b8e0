"""Structures of numbers as pytrees of JAX, by their tree definitions.

A list of numbers is one for JAX too, of scalars; wherever a definition has numbers in a rectangle
(a list, rows of a list, an array), one array of that shape is taken as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from math import prod
from typing import Any

import jax
import jax.numpy as jnp

from autograd.containers import ARRAY, CONTAINERS
from autograd.definitions import FIXED, VECTORS, Definition
from autograd.number import describe
from autograd.tree import children_like
from autograd.value import Value

ROWS = (*VECTORS, "row")


def shape_of(definition: Definition) -> tuple[int, ...] | None:
    """The shape of numbers in a rectangle; None of other structures.

    >>> shape_of((list, None, ("floats", 2), ("floats", 2))), shape_of((list, None, "number"))
    ((2, 2), (1,))
    >>> shape_of((tuple, None, ("floats", 2), ("floats", 3))) is None
    True
    """
    if definition.__class__ is str:
        return ()
    kind, static, *parts = definition
    if kind in ROWS:
        return (static,)
    if kind in ("numbers", ARRAY):
        return tuple(static)
    inner = {shape_of(part) for part in parts}
    shape = inner.pop() if kind in (list, tuple) and len(inner) == 1 else None
    return None if shape is None else (len(parts), *shape)


def arrays_in(definition: Definition, tree: Any, path: str, dtype: Any) -> Iterator[Any]:
    """The numbers of a structure like a definition, in flat arrays, in order.

    Raises:
        TypeError: there is something else than numbers.
        ValueError: it has another shape, or another object where the definition has one.
    """
    shape = shape_of(definition)
    if shape is not None and (shape == () or hasattr(tree, "shape")):
        yield _array(tree, path, shape, dtype).reshape(-1)
        return
    kind, static, *parts = definition
    if kind in FIXED:
        if not static.matches(tree):
            raise ValueError(
                f"{path}: expected {describe(static.thing)}, as in the example, got"
                f" {describe(tree)} (it is compiled in; name the argument in static= to have each"
                " traced)"
            )
        return
    if kind in ROWS:
        kind, parts = list, ["number"] * static
        if isinstance(tree, list | tuple) and len(tree) == len(parts):
            texts = [f"{path}[{i}]" for i in range(len(tree))]
            each = [_array(x, text, (), dtype) for x, text in zip(tree, texts, strict=True)]
            if each:
                yield jnp.stack(each)
            return
    if kind in ("numbers", ARRAY):
        yield _array(tree, path, tuple(static), dtype).reshape(-1)
        return
    children, steps = children_like(kind, static, len(parts), tree, path)
    for part, child, step in zip(parts, children, steps, strict=True):
        yield from arrays_in(part, child, path + step, dtype)


def _array(x: Any, path: str, shape: tuple[int, ...], dtype: Any) -> Any:
    if isinstance(x, Value):
        raise TypeError(f"{path}: expected numbers of JAX, got a Value (give it x.data)")
    try:
        found = jnp.asarray(x)
        is_real = found.dtype == bool or jnp.issubdtype(found.dtype, jnp.integer)
        is_real |= jnp.issubdtype(found.dtype, jnp.floating)
    except (TypeError, ValueError):
        is_real = False
    if not is_real:
        raise TypeError(f"{path}: expected numbers, got {describe(x)}")
    if found.shape != shape:
        raise ValueError(f"{path}: expected the shape {shape} of the example, got {found.shape}")
    return found.astype(dtype)


def register_classes(definition: Definition) -> None:
    """Make pytrees of JAX of the classes in a definition that are registered as containers."""
    if definition.__class__ is str or definition[0] not in CONTAINERS:
        return
    kind, _, *parts = definition
    if CONTAINERS[kind].is_registered:
        with suppress(ValueError):  # it is one already
            jax.tree_util.register_pytree_node(kind, *_functions(kind))
    for part in parts:
        register_classes(part)


def _functions(kind: type) -> tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]:
    container = CONTAINERS[kind]

    def flatten(x: Any) -> tuple[Sequence[Any], Any]:
        children, found = container.take(x)
        return children, tuple(_Static(key) for key in found)

    def unflatten(static: Any, children: Any) -> Any:
        return container.make(static, list(children))

    return flatten, unflatten


class _Static:
    """What is static in a container, as JAX compares it."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Static) and bool(self.thing == other.thing)

    def __hash__(self) -> int:
        return hash(self.thing)


def structured(definition: Definition, numbers: Any) -> Any:
    """A structure of scalars and arrays, of one flat array."""
    found, end = _structured(definition, numbers, 0)
    assert end == numbers.size
    return found


def _structured(definition: Definition, numbers: Any, start: int) -> tuple[Any, int]:
    if definition.__class__ is str:
        return numbers[start], start + 1
    kind, static, *parts = definition
    if kind in FIXED:
        return (static.thing.copy() if kind == "copy" else static.thing), start
    if kind in ROWS:
        end = start + static
        row = [numbers[i] for i in range(start, end)]
        return (tuple(row) if kind == "row" else row), end
    if kind in ("numbers", ARRAY):
        end = start + prod(static)
        return numbers[start:end].reshape(static), end
    children = []
    for part in parts:
        child, start = _structured(part, numbers, start)
        children.append(child)
    return CONTAINERS[kind].make(static, children), start
