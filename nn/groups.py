"""`ParameterGroups`: optimisers side by side, each with its own parameters and learning rate."""

from __future__ import annotations

import math
from typing import Any

from autograd import Value
from autograd.number import as_float, describe
from nn.contracts import Steps
from nn.ranges import as_ranged


class ParameterGroups:
    """Several optimisers as one: parts of a model that learn at rates, or by rules, of their own.

    Args:
        groups: the optimisers, of one kind or of several.

    Attributes:
        groups: the same, a list.
        lr: the learning rate of the first; assigned, as by a schedule, the others change by the
            same factor. One group's by itself is `groups[1].lr`.

    Raises:
        ValueError: there are none, or a parameter is in two of them.
        TypeError: one is no optimiser.

    In `fit` loss and gradients are compiled, and the steps are those of the optimisers.

    >>> from nn import SGD
    >>> x, y = Value(1.0), Value(1.0)
    >>> optimizer = ParameterGroups(SGD([x], lr=0.5), SGD([y], lr=0.25))
    >>> x.grad = y.grad = 1.0
    >>> optimizer.step()
    >>> x.data, y.data
    (0.5, 0.75)
    """

    def __init__(self, *groups: Steps) -> None:
        if not groups:
            raise ValueError("ParameterGroups: expected at least one optimiser, got none")
        for i, group in enumerate(groups):
            is_made = not isinstance(group, type) and hasattr(group, "load_state")
            if not is_made or not hasattr(group, "step"):
                raise TypeError(
                    f"ParameterGroups: expected optimisers, got {describe(group)} as number {i}:"
                    " write ParameterGroups(SGD(model.layers[0].parameters(), lr=0.1), ...)"
                )
        self.groups = list(groups)
        self._rates = self._now = [group.lr for group in groups]
        parameters = self.parameters
        if len(set(parameters)) < len(parameters):
            twice = next(p for p in parameters if parameters.count(p) > 1)
            raise ValueError(f"ParameterGroups: {twice!r} is in two groups, or in one group twice")

    @property
    def parameters(self) -> list[Value]:
        """The parameters of all groups."""
        return [parameter for group in self.groups for parameter in group.parameters]

    @property
    def lr(self) -> float:
        """The learning rate of the first group."""
        return self.groups[0].lr

    @lr.setter
    def lr(self, lr: float) -> None:
        lr = as_ranged(lr, "ParameterGroups: lr", "at least 0 and finite")
        now = [group.lr for group in self.groups]
        rates = self._rates if now == self._now else now  # or one was assigned by itself
        if not rates[0]:
            raise ValueError(
                "ParameterGroups: the learning rate of the first group is 0, which no factor"
                " changes: assign those of the groups one by one"
            )
        moved = [rate * (lr / rates[0]) for rate in rates]
        odd = next((i for i, rate in enumerate(moved) if not math.isfinite(rate)), None)
        if odd is not None:
            raise ValueError(
                f"ParameterGroups: with a learning rate of {lr} that of groups[{odd}] would be"
                f" {moved[odd]}, since they keep their proportion: assign those of the groups one"
                " by one"
            )
        for group, rate in zip(self.groups, moved, strict=True):
            group.lr = rate
        self._rates, self._now = rates, [group.lr for group in self.groups]

    def zero_grad(self) -> None:
        """Set the gradients of all parameters to 0.0."""
        for group in self.groups:
            group.zero_grad()

    def step(self) -> None:
        """Move every parameter by its gradient, group by group.

        Raises:
            TypeError: a gradient is not a number; no group has moved.
        """
        for i, parameter in enumerate(self.parameters):
            if parameter.grad is None:
                raise TypeError(
                    f"ParameterGroups: the gradient of parameters[{i}] is None, expected a number:"
                    " optimizer.zero_grad() sets all gradients to 0.0"
                )
        for group in self.groups:
            group.step()

    def state(self) -> dict[str, Any]:
        """The states of all groups, as `json` can write them."""
        return {
            "optimizer": "ParameterGroups",
            "rates": list(self._rates),
            "groups": [group.state() for group in self.groups],
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore what `state` returned; after an error nothing has changed.

        Raises:
            ValueError: it is that of other groups.
            TypeError: it is none.
        """
        from nn.saving import unchanged_on_error

        saved = state.get("groups") if isinstance(state, dict) else None
        if not isinstance(saved, list):
            raise TypeError(
                f"ParameterGroups.load_state: expected the state of one, got {describe(state)}"
            )
        if len(saved) != len(self.groups):
            raise ValueError(
                f"ParameterGroups.load_state: expected {len(self.groups)} groups, got {len(saved)}"
            )
        given = state.get("rates")
        rates = [as_float(x, "ParameterGroups.load_state: rates") for x in given or []]
        if len(rates) != len(saved):
            raise ValueError(
                f"ParameterGroups.load_state: expected {len(saved)} rates, got {describe(given)}"
            )
        with unchanged_on_error(*self.groups):
            for group, part in zip(self.groups, saved, strict=True):
                group.load_state(part)
        self._rates, self._now = rates, [group.lr for group in self.groups]

    def __repr__(self) -> str:
        return f"ParameterGroups({', '.join(map(repr, self.groups))})"
