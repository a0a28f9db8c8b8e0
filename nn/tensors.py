"""A model's parameters as tensors: `layers.0.weight`, a matrix, in place of a path for each number.

Other libraries keep the weights of a layer in one matrix. A tensor here is a nested list of Values,
all its rows of one length, in the order of PyTorch: a row for each neuron. Lists of numbers in a
module are tensors as they are; a module whose numbers lie otherwise says so (`Module.arrangement`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from autograd import Value
from autograd.number import as_float, describe
from nn.module import Module, items_of

Tensor: TypeAlias = Any  # a Value, or a list of tensors of one shape


def tensors(module: Module) -> dict[str, Tensor]:
    """The parameters of a module as tensors, by name; each is in one of them, or in several alike.

    Raises:
        ValueError: two have the same name, as of keys with a dot, or of 1 and "1".

    >>> from nn import Layer
    >>> {name: shape(tensor) for name, tensor in tensors(Layer(2, 3, rng=0)).items()}
    {'weight': (3, 2), 'bias': (3,)}
    """
    named = list(_named(module, "", set()))
    found = dict(named)
    if len(found) < len(named):
        names = [name for name, _ in named]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(
            f"two parameters have the same name, {twice}: rename a key or an attribute"
        )
    inside = {id(x) for tensor in found.values() for x in numbers(tensor)}
    rest = {path: x for path, x in module.named_parameters() if id(x) not in inside}
    return {**found, **rest}


def numbers(tensor: Tensor) -> list[Any]:
    """The numbers of a tensor, row by row.

    >>> numbers([[1.0, 2.0], [3.0, 4.0]])
    [1.0, 2.0, 3.0, 4.0]
    """
    if not isinstance(tensor, list):
        return [tensor]
    return [x for part in tensor for x in numbers(part)]


def shape(tensor: Tensor) -> tuple[int, ...] | None:
    """The shape of a tensor; `None` if rows differ in length.

    >>> shape([[1.0, 2.0], [3.0, 4.0]]), shape(1.0), shape([[1.0], 2.0])
    ((2, 2), (), None)
    """
    if not isinstance(tensor, list):
        return ()
    shapes = {shape(part) for part in tensor}
    if len(shapes) != 1 or None in shapes:
        return (0,) if not tensor else None
    (inner,) = shapes
    return (len(tensor), *(inner or ()))


def state_dict(module: Module) -> dict[str, Tensor]:
    """The same with floats in place of the Values."""
    return {name: _map(lambda x: x.data, tensor) for name, tensor in tensors(module).items()}


def load_state_dict(module: Module, state: Any, owner: str = "load_state_dict: state") -> None:
    """Give the parameters the numbers of tensors; `Module.load_state_dict` says more."""
    for parameter, x in assignments(module, state, owner):
        parameter.data = x


def assignments(module: Module, state: Any, owner: str) -> list[tuple[Value, float]]:
    """Which parameter gets which number.

    Args:
        module: has the parameters.
        state: nested lists or arrays of numbers, by name.
        owner: what they were given to, for the error message.

    Raises:
        ValueError: names or shapes are not those of the module.
        TypeError: something is not a number.
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"{owner}: expected a dict of tensors by name, got {describe(state)}")
    mine = tensors(module)
    state = {name: x for name, x in state.items() if not _is_count(name, mine)}
    for names, others, problem in (
        (mine, state, "lacks the parameter {} of the model"),
        (sorted(state, key=str), mine, "has a parameter {}, which the model lacks"),
    ):
        odd = [name for name in names if name not in others]
        if odd:
            more = f" (and {len(odd) - 1} more)" if len(odd) > 1 else ""
            has = ""
            if others is state and not set(state) <= set(mine):  # under other names, perhaps
                others_names = [str(name) for name in state if name not in mine]
                has = f"; it has {', '.join(others_names[:3])}{', ...' * (len(others_names) > 3)}"
            raise ValueError(f"{owner} {problem.format(str(odd[0]) + more)}{has}")
    found: dict[int, tuple[Value, float]] = {}
    for name, tensor in mine.items():
        given = state[name]
        try:
            given = given.tolist() if hasattr(given, "tolist") else _listed(given)
        except Exception as error:  # of PyTorch's: a tensor without numbers, or a sparse one
            raise TypeError(f"{owner}: {name}: its numbers cannot be read: {error}") from error
        if shape(given) != shape(tensor):
            raise ValueError(
                f"{owner}: {name}: expected the shape {shape(tensor)}, got {shape(given)}"
            )
        for parameter, x in zip(numbers(tensor), numbers(given), strict=True):
            number = as_float(x, f"{owner}: {name}")
            before = found.setdefault(id(parameter), (parameter, number))[1]
            if before != number and not (before != before and number != number):
                raise ValueError(
                    f"{owner}: {name}: a parameter that is in two tensors has {before!r} in one and"
                    f" {number!r} in the other"
                )
    return list(found.values())


def _named(x: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Tensor]]:
    """The tensors in a module or a container, with their names."""
    if isinstance(x, Module):
        if id(x) in seen:
            return
        seen.add(id(x))
        items: Any = x.arrangement().items()
    else:
        items = items_of(x, seen)
    for key, item in items:
        inside = f"{path}.{key}" if path else str(key)
        tensor = _listed(item)
        if shape(tensor) and all(_is_parameter(leaf) for leaf in numbers(tensor)):
            yield inside, tensor
        elif _is_parameter(item):
            yield inside, item
        else:
            yield from _named(item, inside, seen)


def _is_count(name: Any, mine: Mapping[str, Tensor]) -> bool:
    """Whether it is PyTorch's count of the batches of a `BatchNorm`, which nothing here reads."""
    owner, _, last = str(name).rpartition("num_batches_tracked")
    return not last and f"{owner}running_var" in mine


def _is_parameter(x: Any) -> bool:
    return isinstance(x, Value) and x.primitive is None


def _listed(x: Any) -> Any:
    """Lists in place of tuples, and of arrays."""
    return [_listed(item) for item in x] if isinstance(x, list | tuple) else x


def _map(function: Any, tensor: Tensor) -> Tensor:
    if isinstance(tensor, list):
        return [_map(function, part) for part in tensor]
    return function(tensor)
