"""Structures of numbers as pytrees of JAX, by their tree definitions.

A list of numbers is one for JAX too, of scalars; wherever a definition has numbers in a rectangle
(a list, rows of a list, an array), one array of that shape is taken as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from autograd.containers import ARRAY, CONTAINERS, remedy
from autograd.definitions import FIXED, NUMBER, VECTORS, Definition
from autograd.jit.calls.leaves import PLAIN, Arguments, Results, are_exact
from autograd.number import describe
from autograd.tree import children_like, unflatten, with_whole_arrays
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
    is_row = isinstance(kind, type) and issubclass(kind, list | tuple)
    if is_row and not parts:
        return (0,)
    inner = {shape_of(part) for part in parts}
    shape = inner.pop() if is_row and len(inner) == 1 else None
    return None if shape is None else (len(parts), *shape)


def arrays_in(definition: Definition, tree: Any, path: str, dtype: Any) -> Iterator[Any]:
    """The numbers of a structure like a definition, in arrays and lists of scalars, in order.

    What JAX traces is left as it is: `flat` makes one array of each, where that is compiled.

    Raises:
        TypeError: there is something else than numbers.
        ValueError: it has another shape, or another object where the definition has one.
    """
    shape = shape_of(definition)
    if shape is not None and (shape == () or hasattr(tree, "shape")):
        yield _array(tree, path, shape, dtype)
        return
    kind, static, *parts = definition
    if kind in FIXED:
        if not static.matches(tree):
            raise ValueError(
                f"{path}: expected {describe(static.thing)}, as in the example, got"
                f" {describe(tree)} (it is compiled in; name the argument in static= to have each"
                f" traced){remedy(static.thing)}"
            )
        return
    if kind in ROWS:
        kind, parts = list, ["number"] * static
        if isinstance(tree, list | tuple) and len(tree) == len(parts):
            if set(map(type, tree)) <= {float}:
                yield np.array(tree, dtype)
                return
            texts = [f"{path}[{i}]" for i in range(len(tree))]
            each = [_array(x, text, (), dtype) for x, text in zip(tree, texts, strict=True)]
            yield each if any(isinstance(x, jax.Array) for x in each) else np.stack(each)
            return
    if kind in ("numbers", ARRAY):
        yield _array(tree, path, tuple(static), dtype)
        return
    children, steps = children_like(kind, static, len(parts), tree, path)
    for part, child, step in zip(parts, children, steps, strict=True):
        yield from arrays_in(part, child, path + step, dtype)


def _array(x: Any, path: str, shape: tuple[int, ...], dtype: Any) -> Any:
    """Numbers in an array of NumPy, of a type, or of JAX, where they are one already."""
    if isinstance(x, Value):
        raise TypeError(f"{path}: expected numbers of JAX, got a Value (give it x.data)")
    given = x
    try:
        if isinstance(x, int):
            x = float(x)
        found = x if isinstance(x, jax.Array) else np.asarray(x)
        is_real = found.dtype == bool or jnp.issubdtype(found.dtype, jnp.integer)
        is_real |= jnp.issubdtype(found.dtype, jnp.floating)
    except (TypeError, ValueError, OverflowError):
        is_real = False
    if not is_real:
        raise TypeError(f"{path}: expected numbers, got {describe(x)}")
    is_whole = isinstance(found, np.ndarray) and found.dtype.kind in "iu" and found.size
    if isinstance(given, int) or is_whole:
        ends = [given] if isinstance(given, int) else [found.min(), found.max()]
        if not are_exact([int(end) for end in ends]):
            raise ValueError(
                f"{path}: expected whole numbers that a float has, up to 2**53, got"
                f" {describe(given)} (write float(x), or name the argument in static=)"
            )
    if found.shape != shape:
        raise ValueError(f"{path}: expected the shape {shape} of the example, got {found.shape}")
    return found if isinstance(found, jax.Array) else found.astype(dtype)


def flat(x: Any, dtype: Any) -> Any:
    """The numbers of an array, or of a list of scalars, in an array with one axis."""
    return jnp.asarray(jnp.stack(x) if isinstance(x, list) else x, dtype).reshape(-1)


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


def pieces(definition: Definition, numbers: Any) -> Iterator[Any]:
    """The scalars and arrays of a structure, of one flat array."""
    start = 0
    for shape in with_whole_arrays(definition)[1]:
        end = start + prod(shape)
        yield numbers[start:end].reshape(shape)
        start = end


def structured(definition: Definition, found: Iterable[Any]) -> Any:
    """The structure around these scalars and arrays."""
    return unflatten(with_whole_arrays(definition)[0], found)


# Examples and results


class _Examples(Arguments):
    """Arguments of compiled functions, arrays of JAX and numbers of less precision among them."""

    def define_other(self, x: Any, leaves: list[Any]) -> Definition:
        """The definition of what is in no container."""
        wide = _as_float64(x)
        return super().define_other(x, leaves) if wide is x else self.define(wide, leaves)

    def define_array(self, x: Any, leaves: list[Any]) -> Definition:
        """The definition of an array with dimensions."""
        return super().define_array(_as_float64(x), leaves)


def _as_float64(x: Any) -> Any:
    if isinstance(x, jax.core.Tracer):
        raise TypeError(
            "as_jax: an example is made of numbers, got a tracer of JAX (call as_jax outside of"
            " what JAX traces, or give it numbers of the same structure)"
        )
    if isinstance(x, jax.Array) and not jnp.issubdtype(x.dtype, jax.dtypes.extended):
        x = np.asarray(x)
        x = x.astype(int) if x.dtype == bool else x  # data, and no flag
    is_narrow = isinstance(x, np.ndarray | np.generic) and x.dtype.itemsize < 8
    if is_narrow and jnp.issubdtype(x.dtype, jnp.floating):
        x = x.astype(np.float64)
    return x.item() if isinstance(x, np.ndarray) and not x.shape else x


class ResultsAsNumbers(Results):
    """Results in which all that is a number is a leaf, so that a wrong branch shows in each."""

    def define_other(self, x: Any, leaves: list[Any]) -> Definition:
        """The definition of what is in no container."""
        if isinstance(x, int) and type(x) in PLAIN and are_exact([int(x)]):
            leaves.append(float(x))
            return NUMBER
        return super().define_other(x, leaves)

    def define_array(self, x: Any, leaves: list[Any]) -> Definition:
        """The definition of an array with dimensions."""
        if x.dtype.kind not in "biuf":
            return super().define_array(x, leaves)
        leaves += x.astype(np.float64).ravel().tolist()
        return ("numbers", x.shape, "f")


EXAMPLES = _Examples(integers=True)
