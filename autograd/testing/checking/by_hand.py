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
from autograd.testing.numerical.lines import Flat, is_array, map_parts, unwrapped, watching_graph
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
    rows = _rows(flat.out, _called(derivative, flat, on_values), flat.structure)
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


def _rows(out: Any, given: Any, structure: tuple[Any, ...]) -> list[list[Any]]:
    """A row for each number of `out`, which is the result or a part of it."""
    if isinstance(out, dict):
        if not isinstance(given, dict) or out.keys() != given.keys():
            raise ValueError(_mismatch(f"a dict with the keys {list(out)}", given))
        return [row for key, y in out.items() for row in _rows(y, given[key], structure)]
    if isinstance(out, list | tuple):
        if not isinstance(given, list | tuple) or len(given) != len(out):
            raise ValueError(_mismatch("the structure of the result", given))
        return [
            row for y, part in zip(out, given, strict=True) for row in _rows(y, part, structure)
        ]
    if is_array(out):
        return _rows_of_array(out, given, structure)
    return [_gradient(structure, given)]


def _rows_of_array(out: Any, given: Any, structure: tuple[Any, ...]) -> list[list[Any]]:
    """The rows for an array: from arrays that begin with its shape, or item by item."""
    shape = out.shape
    jacobians = [x for x in [given, (given,)] if _fits(structure, x, shape)]
    rows = []
    for place in product(*map(range, shape)):
        if jacobians:
            gradient = map_parts(lambda x, at=place: unwrapped(x[at]), jacobians[0])  # type: ignore[misc]
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
    if isinstance(structure, dict):
        return (
            isinstance(given, dict)
            and structure.keys() == given.keys()
            and all(_fits(x, given[key], shape) for key, x in structure.items())
        )
    if isinstance(structure, list | tuple):
        return (
            isinstance(given, list | tuple)
            and len(given) == len(structure)
            and all(_fits(x, y, shape) for x, y in zip(structure, given, strict=True))
        )
    own = structure.shape if is_array(structure) else ()
    return is_array(given) and given.shape == shape + own


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
