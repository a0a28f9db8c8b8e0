"""A derivative written by hand, flattened into numbers.

It has the structure of the function's result with a gradient in place of each number, or, where the
result is an array, it is an array of the result's shape followed by the argument's, as `jacobian`
gives.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from autograd import tree
from autograd.number import as_float, describe
from autograd.testing.numerical.lines import Flat, is_array, unwrapped, watching_graph
from autograd.value import Value


def rows_by_hand(
    derivative: Callable[..., Any], flat: Flat, on_values: bool = False
) -> list[list[Any]]:
    """The derivatives as a user's function gives them, a row for each number of the result.

    Args:
        derivative: the function; called with floats, and with Values if it does not take floats.
        flat: the function it is the derivative of.
        on_values: whether to call it with Values, and to return Values.

    Raises:
        ValueError: its result has the wrong structure.
    """
    given, structure = _called(derivative, flat, on_values), flat.at(flat.numbers)
    definition, shapes = tree.with_whole_arrays(flat.results)
    found = tree.leaves_like(definition, given, "gradcheck: derivative", are_numbers=False)
    rows: list[list[Any]] = []
    for part, shape in zip(found, shapes, strict=True):
        rows += _rows_of_array(shape, part, structure) if shape else [_gradient(structure, part)]
    if on_values:
        return rows
    return [[as_float(d, "derivative") for d in row] for row in rows]


def _called(derivative: Callable[..., Any], flat: Flat, on_values: bool) -> Any:
    values = flat.at(list(map(Value, flat.numbers)))
    if on_values:
        with watching_graph():
            return unwrapped(derivative(*values))
    try:
        return unwrapped(derivative(*flat.at(flat.numbers)))
    except (AttributeError, TypeError):
        if not flat.takes_values:
            raise
        return unwrapped(derivative(*values))


def _rows_of_array(
    shape: tuple[int, ...], given: Any, structure: tuple[Any, ...]
) -> list[list[Any]]:
    """The rows for an array: from arrays that begin with its shape, or item by item."""
    jacobians = [x for x in [given, (given,)] if _fits(structure, x, shape)]
    rows = []
    for place in product(*map(range, shape)):
        if jacobians:
            gradient = tree.map_parts(lambda x, at=place: unwrapped(x[at]), jacobians[0])  # type: ignore[misc]
        else:
            gradient = given
            for i in place:
                if not hasattr(gradient, "__len__") or len(gradient) <= i:
                    raise ValueError(_mismatch(f"an array of the result's shape {shape}", given))
                gradient = gradient[i]
        rows.append(_gradient(structure, gradient))
    return rows


def _fits(structure: Any, given: Any, shape: tuple[int, ...]) -> bool:
    """Whether this is a structure of arrays of a given shape followed by the argument's."""
    definition, shapes = tree.with_whole_arrays(tree.flatten(structure)[1])
    try:
        found = tree.leaves_like(definition, given, are_numbers=False)
    except ValueError:
        return False
    return all(is_array(x) and x.shape == shape + own for x, own in zip(found, shapes, strict=True))


def _gradient(structure: tuple[Any, ...], given: Any) -> list[Any]:
    """The numbers of a gradient for all arguments, or for the only one."""
    candidates = [given, (given,)] if len(structure) == 1 else [given]
    for candidate in candidates:
        found: list[Any] = []
        take = lambda _, d: found.append(d)  # noqa: B023
        try:
            tree.map_leaves(take, structure, _alike(structure, candidate), path="derivative")
        except ValueError:
            continue
        return found
    expected = f"one gradient for each of {len(structure)} arguments, in its structure"
    raise ValueError(_mismatch(expected, given))


def _alike(structure: Any, given: Any) -> Any:
    """What is given, with lists where the argument has lists, and arrays where it has arrays."""
    if is_array(structure) and isinstance(given, list | tuple):
        from numpy import array

        made = array(given, object)
        return made if made.shape == structure.shape else given
    if isinstance(structure, list | tuple) and is_array(given) and given.ndim:
        given = list(given)
    is_list = isinstance(structure, list | tuple) and isinstance(given, list | tuple)
    if is_list and len(structure) == len(given):
        return [_alike(x, y) for x, y in zip(structure, given, strict=True)]
    is_dict = isinstance(structure, dict) and isinstance(given, dict)
    if is_dict and structure.keys() == given.keys():
        return {key: _alike(x, given[key]) for key, x in structure.items()}
    return given


def _mismatch(expected: str, given: Any) -> str:
    return f"gradcheck: derivative must return {expected}, got {describe(given)}"
