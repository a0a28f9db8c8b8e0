"""`Optimizer`: an update rule, applied to every parameter, and its state.

A rule is a pure function of one number, as those in `nn.updates`. A subclass names its rule, the
rule's hyper-parameters, which become attributes, and its slots: the state of each parameter, such
as a velocity. `Optimizer` does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from autograd import Value
from autograd.number import as_integer, describe, is_number
from nn.module import listed_parameters
from nn.ranges import as_ranged


class Optimizer:
    """The base class of the optimisers.

    A subclass defines `rule` and `slot_names`, and passes the hyper-parameters of the rule to this
    constructor.

    Args:
        parameters: the Values to move; one that is given twice is moved once.
        lr: the learning rate, positive.
        hyperparameters: the remaining keyword arguments of the rule: finite numbers, at least 0.
            Each becomes an attribute.

    Attributes:
        parameters: the Values.
        lr: the learning rate, which may be assigned between steps; 0 is allowed then.
        steps: how many steps have been made.
        slots: for each name in `slot_names`, a number for each parameter.

    Raises:
        ValueError: there are no parameters, or a number is out of its range.
        TypeError: a parameter is not a Value, or an argument is not a number.

    >>> class SignDescent(Optimizer):
    ...     rule = staticmethod(lambda data, grad, *, step, lr: (data - lr * (grad > 0),))
    >>> x = Value(1.0)
    >>> x.grad = 3.0
    >>> SignDescent([x], lr=0.25).step()
    >>> x.data
    0.75
    """

    rule: ClassVar[Callable[..., tuple[Any, ...]]]
    slot_names: tuple[str, ...] = ()

    def __init__(self, parameters: Iterable[Value], lr: float, **hyperparameters: Any) -> None:
        if not hasattr(type(self), "rule"):
            raise TypeError(f"{self._name}: has no rule; use a subclass, as SGD or Adam")
        listed = listed_parameters(self._name, parameters, f"{self._name}({{}}, lr={lr!r})")
        self.parameters = list(dict.fromkeys(listed))
        if not self.parameters:
            raise ValueError(f"{self._name}: expected at least one parameter, got none")
        self.lr = as_ranged(lr, f"{self._name}: lr", "positive and finite")
        self.steps = 0
        self.slots = {name: [0.0] * len(self.parameters) for name in self.slot_names}
        self._hyperparameters = tuple(hyperparameters)
        for name, value in hyperparameters.items():
            setattr(self, name, _checked(self._name, name, value))

    @property
    def lr(self) -> float:
        """The learning rate."""
        return self._lr

    @lr.setter
    def lr(self, lr: float) -> None:
        self._lr: float = _checked(self._name, "lr", lr)

    @property
    def _name(self) -> str:
        return type(self).__name__

    def step(self) -> None:
        """Move every parameter by its gradient; all of them, or (after an error) none.

        The gradients are those that `backward()` has added up since the last `zero_grad()`: without
        `zero_grad()` before each `backward()` they include those of earlier steps, and without a
        `backward()` they are 0.0.

        Raises:
            TypeError: a gradient is not a number.
        """
        step, rule = self.steps + 1, type(self).rule
        options = {name: getattr(self, name) for name in self._hyperparameters}
        columns = [self.slots[name] for name in self.slot_names]
        try:
            moved = [
                rule(p.data, float(p.grad), *slots, step=step, lr=self.lr, **options)
                for p, *slots in zip(self.parameters, *columns, strict=True)
            ]
        except TypeError:
            for i, parameter in enumerate(self.parameters):
                if parameter.grad is None:
                    raise TypeError(
                        f"{self._name}: the gradient of parameters[{i}] is None, expected a number:"
                        " optimizer.zero_grad() sets all gradients to 0.0"
                    ) from None
            raise
        self.steps = step
        for i, (parameter, (data, *slots)) in enumerate(zip(self.parameters, moved, strict=True)):
            parameter.data = data
            for column, slot in zip(columns, slots, strict=True):
                column[i] = slot

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to 0.0."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def state(self) -> dict[str, Any]:
        """All that the next steps depend on, except the parameters, as `json` can write it.

        Returns:
            The class name under `"optimizer"`, `"lr"`, `"steps"`, each hyper-parameter, and for
            each slot a list with a number for each parameter.

        >>> from nn import SGD
        >>> SGD([Value(1.0)], lr=0.5).state()["velocity"]
        [0.0]
        """
        options = {name: getattr(self, name) for name in self._hyperparameters}
        return {
            "optimizer": self._name,
            "lr": self.lr,
            "steps": self.steps,
            **{k: list(v) if isinstance(v, tuple) else v for k, v in options.items()},
            **{name: list(column) for name, column in self.slots.items()},
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore what `state` returned, to the last bit; after an error nothing has changed.

        Args:
            state: the state of an optimiser of this class with as many parameters.

        Raises:
            ValueError: it is not; the message says what does not fit.
            TypeError: `state` is not a dictionary, or something in it is not a number.
        """
        where = f"{self._name}.load_state"
        if not isinstance(state, dict):
            raise TypeError(f"{where}: expected a dictionary, got {describe(state)}")
        if state.get("optimizer") != self._name:
            raise ValueError(
                f"{where}: expected the state of an optimizer {self._name!r},"
                f" got {state.get('optimizer')!r}"
            )
        expected = (self.state().keys() - self.slots.keys()) | set(self.slot_names)
        given = set(state)
        if expected != given:
            wrong = [f"{name!r} is missing" for name in sorted(expected - given)]
            wrong += [f"{name!r} is unknown" for name in sorted(given - expected, key=str)]
            raise ValueError(f"{where}: {', '.join(wrong)}")
        restored = {
            name: _checked(where, name, state[name]) for name in ("lr", *self._hyperparameters)
        }
        steps = as_integer(state["steps"], f"{where}: steps", 0)
        slots = {
            name: _column(where, name, state[name], len(self.parameters))
            for name in self.slot_names
        }
        for name, value in restored.items():
            setattr(self, name, value)
        self.steps, self.slots = steps, slots

    def __repr__(self) -> str:
        count = f"{len(self.parameters)} parameter{'s' * (len(self.parameters) > 1)}"
        options = [f"{name}={getattr(self, name)}" for name in ("lr", *self._hyperparameters)]
        return f"{self._name}({', '.join([count, *options])})"


_SHARES = ("momentum", "alpha", "betas")  # hyper-parameters that are decay factors
_SHARE, _AMOUNT = "at least 0 and below 1", "at least 0 and finite"


def _checked(where: str, name: str, value: Any) -> Any:
    """A hyper-parameter as a float, a bool or a tuple of floats, if it is in its range."""
    if name == "nesterov":
        if value not in (False, True):
            raise ValueError(f"{where}: nesterov must be True or False, got {describe(value)}")
        return bool(value)
    if name == "betas":
        pair = list(value) if hasattr(value, "__iter__") else []
        if len(pair) != 2:
            raise ValueError(f"{where}: betas must be two numbers, got {describe(value)}")
        shares = enumerate(pair)
        return tuple(as_ranged(x, f"{where}: betas[{i}]", _SHARE) for i, x in shares)
    return as_ranged(value, f"{where}: {name}", _SHARE if name in _SHARES else _AMOUNT)


def _column(where: str, name: str, given: Any, length: int) -> list[float]:
    column = list(given) if hasattr(given, "__iter__") and not isinstance(given, str) else None
    if column is None or len(column) != length or not all(map(is_number, column)):
        raise ValueError(
            f"{where}: {name} must be a list with a number for each of {length} parameters,"
            f" got {describe(given) if column is None else f'{len(column)} entries'}"
        )
    return [float(x) for x in column]
