"""`functional_call`: a model as a function of its parameters; `flatten`: these as a vector.

Transforms differentiate arguments, and `jit` compiles functions of them; a model keeps its
parameters inside. During the call other Values stand in their places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import get_ident
from typing import Any, cast

from autograd import Value, tree
from autograd.forks import Lock, at_fork
from autograd.graph import leaves, topological_order
from autograd.modes import current_tape
from autograd.number import as_float, describe
from nn.module import Module, items_of, named_numbers, standing_in

_Place = tuple[Any, Any, Any, Any]
_lock = Lock()  # a model holds one set of values at a time


def functional_call(
    model: Any, values: Mapping[str, Any] | Sequence[Any], *args: Any, **options: Any
) -> Any:
    """What a model returns with these values in place of its parameters.

    The model is the same afterwards, after an error too. Calls from several threads wait for each
    other; the model itself, called in another thread meanwhile, has the values too. Parameters that
    the model reads from elsewhere than its attributes, such as a closure, stay what they are.

    Args:
        model: a Module that can be called.
        values: a number or a Value for the path of each parameter, as in `named_parameters`, and
            of others that are saved, such as `running_mean.0` of a `BatchNorm`, if they are to be
            others; or a vector of the parameters, a list or an array, in that order (`flatten`).
        args: what it is called with.
        options: the keyword arguments that it is called with.

    Returns:
        What the model returns; plain numbers where nothing but plain numbers went in.

    Raises:
        KeyError: a parameter has no value, or a path is none of the model's.
        ValueError: a vector has another length.
        TypeError: `model` is not a Module, or a value not a number.

    >>> from autograd import grad
    >>> from nn import MLP
    >>> model = MLP(2, [1], rng=0)
    >>> values = {path: 0.5 for path, _ in model.named_parameters()}
    >>> functional_call(model, values, [1.0, 2.0])
    2.0
    >>> list(grad(lambda values: functional_call(model, values, [1.0, 2.0]))(values).values())
    [1.0, 2.0, 1.0]
    """
    if not isinstance(model, Module):
        raise TypeError(f"functional_call: expected a Module, got {describe(model)}")
    with _lock:
        named = dict(model.named_parameters())
        if not isinstance(values, Mapping):
            values = dict(zip(named, _vector("functional_call", values, len(named)), strict=True))
        wrong = [f"no value for {path!r}" for path in named if path not in values]
        known = dict(named_numbers(model))
        wrong += [f"{path!r} is no parameter" for path in values if path not in known]
        if wrong:
            more = f", and {len(wrong) - 3} more" if len(wrong) > 3 else ""
            raise KeyError(f"functional_call: {', '.join(wrong[:3])}{more}")
        new = {known[path]: x if isinstance(x, Value) else Value(x) for path, x in values.items()}
        with replaced(model, new):
            out = cast(Any, model)(*args, **options)
    if current_tape() is not None:  # which makes numbers of them by itself
        return out
    mine = {x for path, given in values.items() if (x := new[known[path]]) is not given}
    if not mine:
        return out
    mine.update(x for x in known.values() if x not in new)  # plain numbers too
    return tree.map_values(
        lambda x: x.data if mine.issuperset(leaves(topological_order(x))) else x, out
    )


def flatten(model: Module) -> list[float]:
    """The numbers of a model's parameters as a vector, in the order of `named_parameters`.

    Optimisers and samplers of other libraries move vectors: `functional_call(model, vector, row)`
    is the model at one of them, and `unflatten` brings the result back.

    Raises:
        TypeError: `model` is not a Module.

    >>> from nn import MLP
    >>> model = MLP(1, [1], rng=0)
    >>> unflatten(model, [2.0, 1.0])
    >>> flatten(model), model([3.0]).data
    ([2.0, 1.0], 7.0)
    """
    if not isinstance(model, Module):
        raise TypeError(f"flatten: expected a Module, got {describe(model)}")
    return [parameter.data for parameter in model.parameters()]


def unflatten(model: Module, vector: Sequence[float]) -> None:
    """Give a model's parameters the numbers of a vector, in the order of `flatten`.

    Raises:
        ValueError: there are more or fewer numbers than parameters; nothing is changed.
        TypeError: `model` is not a Module, or something is not a number.
    """
    if not isinstance(model, Module):
        raise TypeError(f"unflatten: expected a Module, got {describe(model)}")
    parameters = model.parameters()
    given = _vector("unflatten", vector, len(parameters))
    numbers = [as_float(x, f"unflatten: vector[{i}]") for i, x in enumerate(given)]
    for parameter, x in zip(parameters, numbers, strict=True):
        parameter.data = x


def _vector(owner: str, given: Any, length: int) -> list[Any]:
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        raise TypeError(f"{owner}: expected a vector of numbers, got {describe(given)}")
    found = given.tolist() if hasattr(given, "tolist") else list(given)
    if len(found) != length:
        raise ValueError(
            f"{owner}: expected a number for each of {length} parameters, got {len(found)}"
        )
    return found


@contextmanager
def replaced(model: Module, new: Mapping[Value, Value]) -> Iterator[None]:
    """Within the block, the model has other Values in place of its parameters."""
    places = list(_places(model, new, set()))
    _replaced[id(places)] = get_ident(), places
    try:
        for holder, key, _, value in places:
            holder[key] = value
        with standing_in(new.values()):
            yield
    finally:
        _put_back(places)
        del _replaced[id(places)]


def _put_back(places: Iterable[_Place]) -> None:
    for holder, key, old, _ in places:
        holder[key] = old


def _put_back_of_others() -> None:
    for thread, places in _replaced.values():
        if thread != get_ident():
            _put_back(places)


_replaced: dict[int, tuple[int, list[_Place]]] = {}
"""The thread and the places of each open block, since a fork may leave its thread behind."""
at_fork(after_in_child=_put_back_of_others)


def _places(x: Any, new: Mapping[Value, Value], seen: set[int]) -> Iterator[_Place]:
    """The places of parameters: what holds one, under which key, and what is to stand there."""
    holder = vars(x) if isinstance(x, Module) else x
    for key, item in items_of(x, seen, True):
        other = _other(item, new)
        if other is not item and not isinstance(x, tuple):  # which is replaced as a whole
            yield holder, key, item, other
        yield from _places(item, new, seen)


def _other(item: Any, new: Mapping[Value, Value]) -> Any:
    """What stands for a Value, or for a tuple with Values in it; anything else itself."""
    if isinstance(item, Value):
        return new.get(item, item)
    if not isinstance(item, tuple):
        return item
    others = [_other(x, new) for x in item]
    if all(x is y for x, y in zip(item, others, strict=True)):
        return item
    return item._make(others) if hasattr(item, "_make") else type(item)(others)
