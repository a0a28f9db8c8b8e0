"""One network of each architecture, whose compiled steps all trainings of it share.

A grid search trains hundreds of networks that differ in their numbers alone. Compiled code is that
of one model object, and reads its numbers in each call. So an estimator's numbers are brought to
the network of the workshop, trained there by `nn.fit`, and taken back: what is compiled for the
first one serves all others.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd import FallbackError, TraceError, Value, dot, jit, mean, no_grad, vmap
from autograd.forks import Lock
from autograd.mapping import each
from nn.activation_names import ACTIVATIONS, Activation, identity
from nn.compiled_steps import Kept, kept_in
from nn.layers import MLP
from nn.losses import binary_cross_entropy_with_logits, cross_entropy
from nn.optimizer import Optimizer
from nn.payoff import FIXED, RATIO
from nn.training import Epoch, fit

if TYPE_CHECKING:
    from autograd.jit import Jitted

BLOCK = 4096
"""Numbers of one call of a compiled activation: so many of any number of them are compiled once."""


def half_mean_squared_error(outputs: list[Any], targets: list[Any]) -> Any:
    """Half the mean of the squared errors, of numbers or of rows of them.

    >>> half_mean_squared_error([[1.0, 2.0], [0.0, 0.0]], [[1.0, 4.0], [0.0, 0.0]])
    0.5
    """
    return 0.5 * mean(each(_squared_error, outputs, targets))


def _squared_error(_: int, output: Any, target: Any) -> Any:
    if not isinstance(target, list):
        return (output - target) * (output - target)
    return mean((a - b) * (a - b) for a, b in zip(output, target, strict=True))


LOSSES: dict[str, Callable[[list[Any], list[Any]], Any]] = {
    "squared_error": half_mean_squared_error,
    "binary": binary_cross_entropy_with_logits,
    "classes": cross_entropy,
}
"""What is made small, of targets that are numbers or rows, 0 or 1, and indexes of classes."""


class Architecture(NamedTuple):
    """What a network is, but for its numbers, and what is made small.

    Attributes:
        sizes: the number of inputs, and of neurons in each layer.
        activation: that of the hidden layers.
        loss: a name in `LOSSES`.
        alpha: what the squares of the weights cost, as in `_Loss`.
    """

    sizes: tuple[int, ...]
    activation: str | Activation
    loss: str
    alpha: float

    def network(self, rng: random.Random) -> MLP:
        """A network with weights drawn as for layers that keep the size of their signals.

        Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
        networks" (2010), eq. 16.
        """
        nin, *nouts = self.sizes
        return MLP(nin, nouts, activation=self.activation, init="xavier_uniform", rng=rng)


class _Loss:
    """The loss of a batch, and `alpha / 2` times the squares of the weights, for each row of it.

    That is scikit-learn's: the penalty is divided by the number of rows in the batch.
    """

    def __init__(self, model: MLP, architecture: Architecture) -> None:
        self.model = model
        self.of_rows = LOSSES[architecture.loss]
        self.half_alpha = 0.5 * architecture.alpha

    def __call__(self, outputs: list[Any], targets: list[Any]) -> Any:
        found = self.of_rows(outputs, targets)
        if not self.half_alpha:
            return found
        weights = [w for layer in self.model.layers for n in layer.neurons for w in n.weights]
        return found + self.half_alpha / len(outputs) * dot(weights, weights)


class Workshop:
    """The network of an architecture, and what has been compiled for it.

    Args:
        architecture: of the network.
    """

    def __init__(self, architecture: Architecture) -> None:
        self._model = architecture.network(random.Random(0))
        self._loss = _Loss(self._model, architecture)
        self._kept: Kept = {}
        self._lock = Lock()

    def train(
        self,
        model: MLP,
        optimizer: Optimizer,
        data: tuple[list[Any], list[Any]],
        watch: Callable[[Epoch], object] | None = None,
        **options: Any,
    ) -> list[float]:
        """Train a network of this architecture by `nn.fit`; return the loss of each epoch.

        Args:
            model: the network; it has the new numbers afterwards, whatever is raised.
            optimizer: of its parameters.
            data: inputs and targets.
            watch: called after each epoch with it; its `model` is the network of the workshop.
            options: further arguments of `nn.fit`.
        """
        ours, theirs = self._model.parameters(), model.parameters()
        with self._lock, kept_in(self._kept):
            _copy(theirs, ours)
            twin = type(optimizer)(ours, lr=optimizer.lr)
            twin.load_state(optimizer.state())
            try:
                history = fit(
                    self._model,
                    data,
                    loss=self._loss,
                    optimizer=twin,
                    callbacks=[] if watch is None else [watch],
                    **options,
                )
            finally:
                _copy(ours, theirs)
                optimizer.load_state(twin.state())
        if history.interrupted:
            raise KeyboardInterrupt
        return history["loss"]


@lru_cache(maxsize=8)
def workshop(architecture: Architecture) -> Workshop:
    """The workshop of an architecture; the eight used last are kept."""
    return Workshop(architecture)


def pays(rows: int, parameters: int, steps: int) -> bool:
    """Whether it pays to compile that many steps of batches of so many rows, by a rough count."""
    return (steps - RATIO) * 2 * rows * parameters > FIXED


def _copy(source: Sequence[Any], target: Sequence[Any]) -> None:
    for mine, theirs in zip(target, source, strict=True):
        mine.data = theirs.data


# Predictions


def outputs(model: MLP, rows: Any) -> Any:
    """What a network gives for the rows of an array, as an array: products of matrices.

    Args:
        model: the network, with activations of one number.
        rows: an array with a row for each of n samples.

    Returns:
        An array with n rows, or n numbers where the network has one output.

    >>> import numpy as np
    >>> model = MLP(2, [3, 1], activation="tanh", rng=0)
    >>> bool(abs(outputs(model, np.array([[1.0, 2.0]]))[0] - model([1.0, 2.0]).data) < 1e-15)
    True
    """
    import numpy as np

    found = rows
    for layer in model.layers:
        weights = np.array([[w.data for w in neuron.weights] for neuron in layer.neurons])
        biases = np.array([neuron.bias.data for neuron in layer.neurons if neuron.bias is not None])
        found = found @ weights.T + (biases if biases.size else 0.0)
        if layer.activation is not identity:
            flat = found.ravel()
            found = _of_each(layer.activation, flat).reshape(found.shape)
    return found[:, 0] if found.shape[1] == 1 else found


def _of_each(function: Any, numbers: Any) -> Any:
    """A function of one Value for each number of an array, in compiled blocks if there are many."""
    import numpy as np

    if len(numbers) >= BLOCK:
        filled = np.concatenate([numbers, np.zeros(-len(numbers) % BLOCK)])
        compiled = _compiled(function)
        with suppress(FallbackError, TraceError):  # not of one that reads the number of a Value
            blocks = [compiled(filled[i : i + BLOCK]) for i in range(0, len(filled), BLOCK)]
            return np.concatenate(blocks)[: len(numbers)]
    if function in ACTIVATIONS.values():  # these take plain numbers too, in a quarter of the time
        return np.array([function(x) for x in numbers.tolist()])
    with no_grad():
        return np.array([function(Value(x)).data for x in numbers.tolist()])


@lru_cache(maxsize=32)
def _compiled(function: Any) -> Jitted:
    def of_value(x: Any) -> Any:  # with a plain number where `jit` asks whether this runs at all
        return function(x if isinstance(x, Value) else Value(x))

    return jit(vmap(of_value), fallback="raise")
