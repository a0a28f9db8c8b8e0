"""A training step: predictions, loss, gradients, update.

`PlainSteps` runs the engine; `CompiledSteps`, in `nn.compiled_steps`, runs compiled code, and falls
back on the plain steps; `DeviceSteps`, in `nn.devices`, runs JAX. The numbers of the last two are
kept elsewhere between steps (`KeptSteps`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from autograd import LeftGraphWarning, Value, pause_gc
from autograd.graph import topological_order
from autograd.leaving import plain_result, unwatch, watch
from autograd.mapping import each
from autograd.number import describe
from autograd.random import Key, fold_in
from nn.batch_norm import BatchNorm, Statistics, batch_norms, gathering, of_batch, update
from nn.contracts import Steps
from nn.interruption import Interruption
from nn.optimizer import Optimizer
from nn.warning import warn

Draws: TypeAlias = Key | tuple[()]
"""What a model draws by in a step; nothing, where it is called without a key."""

Seen: TypeAlias = Sequence[Sequence[Statistics]]
"""The statistics of a batch, for each `BatchNorm` of a model (`nn.batch_norm.gathering`)."""


class PlainSteps:
    """Steps by the engine.

    Args:
        model: called with one row at a time.
        loss: called with a list of outputs and one of targets.
        optimizer: moves its parameters.
        before_step: called with these once their gradients are known.

    Attributes:
        norms: what in the model needs the rows of a batch at once.
        memory: what a checkpoint has to save of them, as `json` can write it.
        is_stored: whether parameters and optimiser hold the current numbers.
        is_shared: whether several processes make them together.
        is_first_process: whether this process speaks for all: writes, and shows progress.
    """

    is_shared = False
    is_first_process = True

    def __init__(
        self,
        model: Callable[[Any], Any],
        loss: Callable[[list[Any], list[Any]], Any],
        optimizer: Steps,
        before_step: Callable[[list[Value]], object] | None = None,
    ) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.before_step = before_step
        self.norms = batch_norms(model)
        self.memory: dict[str, Any] = {}
        self.is_stored = True
        self._is_first = True

    def step(
        self,
        inputs: list[Any],
        targets: list[Any],
        interruption: Interruption,
        draws: Draws = (),
    ) -> tuple[float, list[Any]]:
        """Move the parameters; return loss and outputs from before the move.

        Raises:
            TypeError: the loss is not a Value, or not the result of an operation.
        """
        parameters = self.optimizer.parameters
        with pause_gc():
            watch(parameters)
            try:
                loss, outputs, seen = forward(
                    self.model, self.loss, inputs, targets, draws, self.norms
                )
            finally:
                unwatch(parameters)
            self.descend(loss, interruption, seen)
        return loss.data, outputs

    def descend(self, loss: Value, interruption: Interruption, seen: Seen = ()) -> None:
        """Move the parameters along the gradients of a loss, and running statistics by those seen.

        Raises:
            TypeError: it is not the result of an operation.
        """
        parameters = self.optimizer.parameters
        if loss.primitive is None and all(loss is not p for p in parameters):
            raise TypeError(
                f"fit: the loss returned {loss!r}, which is not the result of an operation, so"
                " that no gradient flows through it; compute it from the outputs of the model"
            )
        self.optimizer.zero_grad()
        loss.backward()
        if self._is_first:
            self._is_first = False
            check_dependence(loss, parameters)
        self.move(interruption, seen)

    def move(self, interruption: Interruption, seen: Seen = ()) -> None:
        """Move the parameters along the gradients that they have, and the running statistics."""
        if self.before_step is not None:
            self.before_step(self.optimizer.parameters)
        with interruption:
            self.optimizer.step()
            update(self.norms, seen)

    def finish(self) -> None:
        """What is to be done after the last step."""

    def is_finite(self) -> bool:
        """Whether the parameters are finite that are not stored."""
        return True

    def store(self) -> None:
        """Write the current numbers to parameters and optimiser, if they do not hold them."""


class KeptSteps(PlainSteps):
    """Steps whose numbers are kept elsewhere until `store` writes them back."""

    _state: Any = None  # parameters and slots, an array with a row for each, if they are not stored
    _gradients: Any = None

    @property
    def is_by_rule(self) -> bool:
        """Whether a step is the optimiser's rule, and nothing else acts on the gradients."""
        kind: Any = type(self.optimizer)
        return (
            self.before_step is None
            and issubclass(kind, Optimizer)
            and kind.step is Optimizer.step
            and kind.zero_grad is Optimizer.zero_grad
        )

    def is_finite(self) -> bool:
        """Whether the parameters are finite that are not stored."""
        return self.is_stored or math.isfinite(sum(listed(self._state[0])))

    def store(self) -> None:
        """Write the current numbers to the parameters and the optimiser."""
        if self.is_stored:
            return
        optimizer: Any = self.optimizer
        numbers, *columns = listed(self._state)
        gradients = listed(self._gradients)
        for parameter, x, grad in zip(optimizer.parameters, numbers, gradients, strict=True):
            parameter.data, parameter.grad = x, grad
        for name, column in zip(optimizer.slot_names, columns, strict=True):
            optimizer.slots[name][:] = column
        self.is_stored = True


def listed(numbers: Any) -> list[Any]:
    """The numbers of an array, or a list, in a list."""
    return numbers.tolist() if hasattr(numbers, "tolist") else numbers  # type: ignore[no-any-return]


def forward(
    model: Callable[..., Any],
    loss: Callable[[list[Any], list[Any]], Any],
    inputs: list[Any],
    targets: list[Any],
    draws: Draws = (),
    norms: Sequence[BatchNorm] = (),
) -> tuple[Value, list[Any], Seen]:
    """The loss of a batch, the predictions, and the statistics for `norms`.

    Args:
        model: called with one row, and with a key of its own where there is one for the batch; its
            `on_batch` with all rows where there are `norms`.
        loss: called with all outputs and targets.
        inputs: the rows.
        targets: theirs.
        draws: the key of the batch.
        norms: what in the model needs all rows at once.

    Raises:
        TypeError: the loss is not a Value.
    """
    with gathering(norms) as seen:
        if norms:
            outputs = of_batch(model)(inputs, key=draws or None)
        elif draws:
            numbers = range(len(inputs))
            outputs = each(lambda _, row, i: model(row, key=fold_in(draws, i)), inputs, numbers)
        else:
            outputs = each(lambda _, row: model(row), inputs)
    try:
        value = loss(outputs, targets)
    except LeftGraphWarning:
        value = plain_result(loss, outputs, targets)
    if not isinstance(value, Value):
        raise TypeError(
            f"fit: the loss must return a Value, got {describe(value)}: no gradient flows"
            " through a plain number; compute it from the outputs of the model, with"
            " operators and the functions of autograd in place of those of math"
        )
    return value, outputs, seen


def check_dependence(loss: Value, parameters: list[Value]) -> None:
    """Warn if the loss depends on none of the parameters."""
    if any(p.grad != 0.0 for p in parameters):
        return
    if set(parameters).isdisjoint(topological_order(loss)):
        warn(
            "fit: the loss of the first batch does not depend on any parameter that the optimizer"
            " holds: no gradient flows to them, and nothing is learned. Compute it from the outputs"
            " of the model as they are (x.data, x.detach() and float(x) are plain numbers, and"
            " Value(x) is a new Value that nothing flows through)"
        )
