"""`Module`: something that has parameters, found by walking its attributes.

A parameter is a Value that is not the result of an operation, in an attribute, in a list, tuple or
dict in an attribute, or in another Module there. Its *path* says where it is in the module:
`layers.0.neurons.2.weights.1`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from autograd import Value
from autograd.number import describe


class Module:
    """The base class of everything that has parameters.

    A subclass assigns its Values and Modules to attributes; there is nothing to register and no
    `super().__init__()` to call.

    >>> from autograd import Value
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slopes = [Value(2.0), Value(3.0)]
    ...         self.offset = Value(1.0)
    >>> for path, parameter in Line().named_parameters():
    ...     print(path, parameter.data)
    slopes.0 2.0
    slopes.1 3.0
    offset 1.0
    """

    _buffers: tuple[str, ...] = ()
    """The attributes with Values that are no parameters, but are saved and loaded with them."""

    _is_frozen = False

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Each parameter after its path, in the order in which the attributes were defined.

        A parameter that has two paths is listed once, under the one found first. A Value that is
        the result of an operation is not a parameter.
        """
        return _named(self, "", set())

    def parameters(self) -> list[Value]:
        """The parameters, in the order of `named_parameters`."""
        found: dict[int, Value] = {}
        _collect(self, found, set())
        return list(found.values())

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to 0.0."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def freeze(self) -> None:
        """Leave the parameters of this module, and of modules in it, as they are in training.

        They are still in `parameters()`, are saved and loaded; `trainable_parameters()` of a model
        around it leaves them out, and `fit` refuses an optimiser that moves them. A `BatchNorm`
        keeps its running statistics, and uses them in training too.

        >>> from nn import MLP
        >>> model = MLP(2, [3, 1], rng=0)
        >>> model.layers[0].freeze()
        >>> len(model.parameters()), len(model.trainable_parameters())
        (13, 4)
        """
        for module in modules_of(self):
            module._is_frozen = True

    def unfreeze(self) -> None:
        """Take back what `freeze` said of this module and of modules in it."""
        for module in modules_of(self):
            module._is_frozen = False

    def trainable_parameters(self) -> list[Value]:
        """The parameters that are not frozen, for an optimiser.

        A parameter that is in two modules is frozen if one of them is.
        """
        still = {id(p) for p in frozen_parameters(self)}
        return [p for p in self.parameters() if id(p) not in still]

    def state_dict(self) -> dict[str, Any]:
        """The numbers of the parameters as tensors, with the names and shapes of PyTorch.

        Returns:
            Nested lists of floats: for a `Layer` the matrix `weight` with a row for each neuron,
            and `bias`; for a number a float.

        >>> from nn import MLP
        >>> for name, tensor in MLP(2, [1], rng=0).state_dict().items():
        ...     print(name, tensor)
        layers.0.weight [[0.6888437030500962, 0.515908805880605]]
        layers.0.bias [0.0]
        """
        from nn.tensors import state_dict

        return state_dict(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Give the parameters the numbers of such tensors; after an error nothing has changed.

        Args:
            state: a nested list, an array or a tensor of PyTorch, for each name of `state_dict`.

        Raises:
            ValueError: names or shapes are not those of the model.
            TypeError: something is not a number.
        """
        from nn.tensors import load_state_dict

        load_state_dict(self, state)

    def arrangement(self) -> Mapping[str, Any]:
        """What the tensors of this module are made of: by default, its attributes.

        A subclass whose numbers lie otherwise than in nested lists returns these.
        """
        return vars(self)


def frozen_parameters(module: Module) -> list[Value]:
    """The parameters of the modules in a module, itself included, that are frozen."""
    found: dict[int, Value] = {}
    for part in modules_of(module):
        if part._is_frozen:
            found |= {id(p): p for p in part.parameters()}
    return list(found.values())


def modules_of(x: Any) -> Iterator[Module]:
    """The modules in a module or a container, itself included."""
    return (module for _, module in named_modules(x, "", set()))


def named_modules(x: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Module]]:
    """The same, each after its path, in the order of `named_parameters`."""
    items = items_of(x, seen)
    if isinstance(x, Module) and items:
        yield path, x
    for key, item in items:
        if not isinstance(item, Value):
            yield from named_modules(item, f"{path}.{key}" if path else str(key), seen)


def named_numbers(module: Module) -> Iterator[tuple[str, Value]]:
    """All that is saved of a module, with paths: its parameters, and `_buffers`."""
    yield from module.named_parameters()
    for path, part in named_modules(module, "", set()):
        yield from _named({name: getattr(part, name) for name in part._buffers}, path, set())


_standing: ContextVar[frozenset[int]] = ContextVar("standing", default=frozenset())
"""The ids of Values that stand in for parameters, and count as such, results of operations or not.

Ids, as everywhere below: a plain number that a compiled function is given cannot be a key.
"""


@contextmanager
def standing_in(values: Iterable[Value]) -> Iterator[None]:
    """Within the block these Values are parameters of the modules that hold them."""
    token = _standing.set(_standing.get() | frozenset(map(id, values)))
    try:
        yield
    finally:
        _standing.reset(token)


def listed_parameters(role: str, given: Any, example: str) -> list[Value]:
    """What was given as parameters, as a list of Values.

    Args:
        role: what they were given to, for the error message.
        given: an iterable of Values.
        example: what to write, with `{}` where the parameters stand.

    Raises:
        TypeError: something else was given: the model itself, a method that was not called.

    >>> listed_parameters("SGD", 3, "SGD({}, lr=0.1)")
    Traceback (most recent call last):
    TypeError: SGD: expected a list of Values, got int 3: write SGD(model.parameters(), lr=0.1)
    """
    right = None
    if isinstance(given, Value):
        right, shown = "[x]", repr(given)
    elif isinstance(given, Module):
        right, shown = "model.parameters()", describe(given)
    elif callable(given):
        right, shown = "model.parameters()", f"{describe(given)} itself, without a call"
    elif not hasattr(given, "__iter__"):
        right, shown = "model.parameters()", describe(given)
    if right is not None:
        write = example.format(right)
        raise TypeError(f"{role}: expected a list of Values, got {shown}: write {write}")
    listed = list(given)
    for i, parameter in enumerate(listed):
        if not isinstance(parameter, Value):
            write = example.format("model.parameters()")
            if isinstance(parameter, dict) and "params" in parameter:  # as PyTorch has groups
                parts = (example.format(f"{part}.parameters()") for part in ("one", "another"))
                write = f"ParameterGroups({', '.join(parts)})"
            raise TypeError(
                f"{role}: a parameter must be a Value, got {describe(parameter)} as"
                f" parameters[{i}]: write {write}"
            )
    return listed


def _named(x: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Value]]:
    """The parameters in a module or a container with their paths, not counting those seen."""
    for key, item in items_of(x, seen):
        inside = f"{path}.{key}" if path else str(key)
        if not isinstance(item, Value):
            yield from _named(item, inside, seen)
        elif (item.primitive is None or id(item) in _standing.get()) and id(item) not in seen:
            seen.add(id(item))
            yield inside, item


def _collect(x: Any, found: dict[int, Value], seen: set[int]) -> None:
    """The same without paths, which take most of the time: a training loop needs it every step."""
    for _, item in items_of(x, seen):
        if not isinstance(item, Value):
            _collect(item, found, seen)
        elif item.primitive is None or id(item) in _standing.get():
            found[id(item)] = item


def items_of(x: Any, seen: set[int], has_buffers: bool = False) -> Iterable[tuple[Any, Any]]:
    """What a module or a container holds, with keys; nothing if it has been seen or is neither."""
    items: Iterable[tuple[Any, Any]]
    if isinstance(x, Module):
        items = vars(x).items()
        if x._buffers and not has_buffers:
            items = [item for item in items if item[0] not in x._buffers]
    elif isinstance(x, dict):
        items = x.items()
    elif isinstance(x, list | tuple):
        items = enumerate(x)
    else:
        return ()
    if id(x) in seen:  # shared, or a module with a reference to the one it is part of
        return ()
    seen.add(id(x))
    return items
