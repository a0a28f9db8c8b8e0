"""Protocols: what saving and `fit` need of an optimiser and a schedule, user-defined ones too."""

from __future__ import annotations

from typing import Any, Protocol

from autograd import Value


class Stateful(Protocol):
    """An optimiser or a schedule, as far as saving is concerned."""

    def state(self) -> dict[str, Any]:
        """What it remembers: numbers, strings, lists and dicts of them."""

    def load_state(self, state: dict[str, Any]) -> None:
        """Restore what `state` returned; raise, and change nothing, if it does not fit."""


class Steps(Stateful, Protocol):
    """An optimiser, as far as the loop is concerned."""

    @property
    def parameters(self) -> list[Value]:
        """What it moves."""

    @property
    def lr(self) -> float:
        """The learning rate."""

    @lr.setter
    def lr(self, lr: float) -> None: ...

    def zero_grad(self) -> None:
        """Set all gradients to 0.0."""

    def step(self) -> None:
        """Move the parameters by their gradients."""


class Factors(Stateful, Protocol):
    """A schedule, as far as the loop is concerned."""

    def __call__(self, epoch: int, loss: float | None = None) -> float:
        """The factor on the learning rate for an epoch, the first being 0."""
