"""`Neuron`, `Layer` and `MLP`: a weighted sum and an activation; neurons side by side; layers.

Positional arguments, attributes and defaults are those of micrograd: weights from -1 to 1, biases
0, ReLU in the hidden layers, a linear last layer, and a bare Value where there is one output.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autograd import LeftGraphWarning, Value, dot
from autograd.leaving import plain_result
from autograd.number import as_flag, as_integer, describe
from autograd.random import Key, fold_in
from nn.activation_names import (
    Activation,
    RowActivation,
    activation_function,
    activation_name,
    activation_remedy,
    identity,
    row_activation,
)
from nn.dropout import Dropout
from nn.initializers import Initializer, generator, initializer
from nn.module import Module
from nn.sizes import checked_row, flag, positional_slip


class Neuron(Module):
    """The activation of a weighted sum of the inputs and a bias.

    Args:
        nin: the number of inputs.
        nonlin: whether there is an activation; `False` makes the neuron linear.
        activation: a name in `ACTIVATIONS`, or a function of one Value.
        init: a name in `INITIALIZERS`, or a function `(rng, nin, nout) -> float` that draws one
            weight; `nout` is 1 for a neuron on its own.
        bias: whether there is a bias; it starts at 0.
        rng: where the weights are drawn from: a `random.Random`, a seed, or `None` for the
            generator of the module `random`.

    Attributes:
        weights: `nin` Values, also called `w`.
        bias: a Value, or `None`; also called `b`.
        activation: the function.

    Raises:
        ValueError: `nin` is not positive, a name is unknown, or the activation is a row activation,
            as softmax is.
        TypeError: an argument is of the wrong kind.

    Source: Rosenblatt, "The perceptron" (1958), with a smooth activation for the threshold as in
    Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors" (1986).

    >>> neuron = Neuron(2, activation="tanh", rng=0)
    >>> neuron
    Neuron(2, activation='tanh')
    >>> for weight, number in zip(neuron.weights, [3.0, 2.0]):
    ...     weight.data = number
    >>> round(neuron([0.5, -1.0]).data, 6)  # tanh(3 * 0.5 - 2 * 1)
    -0.462117
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: str | Activation | RowActivation = "relu",
        init: str | Initializer = "uniform",
        bias: bool = True,
        rng: random.Random | int | None = None,
    ) -> None:
        nin = as_integer(nin, "Neuron: nin", 1)
        rng = generator(rng)
        draw = initializer(init)
        self.weights = [Value(draw(rng, nin, 1)) for _ in range(nin)]
        self.bias = Value(0.0) if as_flag(bias, "bias") else None
        function = activation_function(activation)
        self.activation = function if flag("Neuron", nonlin) else identity

    @property
    def w(self) -> list[Value]:
        """The weights."""
        return self.weights

    @property
    def b(self) -> Value | None:
        """The bias."""
        return self.bias

    def __call__(self, inputs: Iterable[Any]) -> Value:
        """The output for one row of inputs.

        Args:
            inputs: `nin` numbers or Values.

        Raises:
            ValueError: there are more or fewer.
            TypeError: one is not a number, or the activation returns a plain number.
        """
        row = inputs if inputs.__class__ is list else checked_row(inputs, len(self.weights), self)
        try:
            total: Any = dot(self.weights, row)
        except (TypeError, ValueError):
            checked_row(
                row, len(self.weights), self
            )  # if it is the row, says what is wrong with it
            raise
        if self.bias is not None:
            total = total + self.bias
        try:
            output: Any = self.activation(total)
        except LeftGraphWarning:
            output = plain_result(self.activation, total)
        if output.__class__ is not Value and total.__class__ is Value:
            raise TypeError(
                f"{self!r}: the activation must return a Value, got {describe(output)}: no gradient"
                f" flows through a plain number; {activation_remedy(self.activation)}"
            )
        return output  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"Neuron({len(self.weights)}{_options(self.activation, self)})"


class Layer(Module):
    """Neurons side by side, all with the same inputs.

    Args:
        nin: the number of inputs.
        nout: the number of neurons.
        nonlin: as for `Neuron`, and so are the remaining arguments.
        activation: a name in `ACTIVATIONS`, or a function of one Value; or one of
            `ROW_ACTIVATIONS`, by name or itself, which is given all the weighted sums at once.
        init: a name in `INITIALIZERS`, or a function `(rng, nin, nout) -> float`.
        bias: whether the neurons have biases.
        rng: a `random.Random`, a seed, or `None` for the generator of the module `random`.

    Attributes:
        neurons: `nout` neurons; linear ones, if the activation is one of the whole layer.
        row_activation: the activation of the whole layer, or `None`.

    Raises:
        ValueError: a size is not positive, or a name is unknown.
        TypeError: an argument is of the wrong kind.

    >>> layer = Layer(2, 3, activation="sigmoid", rng=0)
    >>> layer
    Layer(2, 3, activation='sigmoid')
    >>> len(layer([1.0, 0.0])), len(layer.parameters())
    (3, 9)
    >>> probabilities = Layer(2, 3, activation="softmax", rng=0)([1.0, 0.0])
    >>> round(sum(p.data for p in probabilities), 12)
    1.0
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        nonlin: bool = True,
        *,
        activation: str | Activation | RowActivation = "relu",
        init: str | Initializer = "uniform",
        bias: bool = True,
        rng: random.Random | int | None = None,
    ) -> None:
        nin, nout = as_integer(nin, "Layer: nin", 1), as_integer(nout, "Layer: nout", 1)
        rng = generator(rng)
        draw = initializer(init)
        over_row = row_activation(activation) if flag("Layer", nonlin) else None
        if over_row is None and row_activation(activation) is None:
            activation_function(activation)
        self.neurons = [
            Neuron(
                nin,
                activation="identity" if over_row is not None or not nonlin else activation,
                init=lambda rng, nin, _: draw(rng, nin, nout),
                bias=bias,
                rng=rng,
            )
            for _ in range(nout)
        ]
        self.row_activation = over_row

    @property
    def activation(self) -> Activation | RowActivation:
        """The activation: that of the whole layer, or else that of its neurons."""
        return self.row_activation or self.neurons[0].activation

    def __call__(self, inputs: Iterable[Any]) -> Any:
        """The outputs for one row of inputs.

        Args:
            inputs: `nin` numbers or Values.

        Returns:
            A list of `nout` Values; of a layer with one neuron, its Value itself.

        Raises:
            ValueError: there are more or fewer inputs than `nin`.
            TypeError: one is not a number.
        """
        row = checked_row(inputs, len(self.neurons[0].weights), self)
        outputs = [neuron(row) for neuron in self.neurons]
        if self.row_activation is not None:
            outputs = self.row_activation(outputs)
        return outputs[0] if len(outputs) == 1 else outputs

    def arrangement(self) -> Mapping[str, Any]:
        """The weights of all neurons as a matrix, and their biases as a vector."""
        rest = {key: x for key, x in vars(self).items() if key != "neurons"}
        found = {**rest, "weight": [neuron.weights for neuron in self.neurons]}
        if any(neuron.bias is not None for neuron in self.neurons):
            found["bias"] = [neuron.bias for neuron in self.neurons]
        return found

    def __repr__(self) -> str:
        first = self.neurons[0]
        return f"Layer({len(first.weights)}, {len(self.neurons)}{_options(self.activation, first)})"


class MLP(Module):
    """A multi-layer perceptron: each layer takes the outputs of the one before.

    Args:
        nin: the number of inputs.
        nouts: the number of neurons in each layer, the last one's outputs being the network's.
        activation: that of the hidden layers: a name in `ACTIVATIONS`, or a function of one Value.
        output_activation: that of the last layer. Both may be one of `ROW_ACTIVATIONS` instead.
        init: a name in `INITIALIZERS`, or a function `(rng, nin, nout) -> float` that draws one
            weight of a layer with `nin` inputs and `nout` neurons.
        bias: whether the neurons have biases.
        rng: a `random.Random`, a seed, or `None` for the generator of the module `random`. The
            same seed gives the same network to the last bit.
        dropout: the rate of dropout of the outputs of hidden layers, in calls with a key.

    Attributes:
        layers: the layers, in order.
        dropout: the `Dropout`, or `None` where the rate is 0.

    Raises:
        ValueError: a size is not positive, there are no layers, a name is unknown, or the rate is
            not at least 0 and below 1.
        TypeError: an argument is of the wrong kind.

    >>> model = MLP(2, [3, 1], activation="sigmoid", rng=0)
    >>> model
    MLP(2, [3, 1], activation='sigmoid', output_activation='identity')
    >>> [path for path, _ in model.named_parameters()][-2:]
    ['layers.1.neurons.0.weights.2', 'layers.1.neurons.0.bias']
    >>> model([1.0, 2.0, 3.0])
    Traceback (most recent call last):
    ValueError: layers.0: Layer(2, 3, activation='sigmoid'): expected 2 inputs, got 3
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int] = (),
        *unnamed: object,
        activation: str | Activation | RowActivation = "relu",
        output_activation: str | Activation | RowActivation = "identity",
        init: str | Initializer = "uniform",
        bias: bool = True,
        rng: random.Random | int | None = None,
        dropout: float = 0.0,
    ) -> None:
        if unnamed or hasattr(nin, "__iter__") or not hasattr(nouts, "__iter__"):
            raise TypeError(positional_slip(nin, nouts, *unnamed))
        sizes = [
            as_integer(nin, "MLP: nin", 1),
            *[as_integer(nout, f"MLP: nouts[{i}]", 1) for i, nout in enumerate(nouts)],
        ]
        if len(sizes) == 1:
            raise ValueError("MLP: nouts must name the size of at least one layer, got none")
        rng = generator(rng)
        for given in (activation, output_activation):
            if row_activation(given) is None:
                activation_function(given)
        last = len(sizes) - 2
        self.layers = [
            Layer(
                sizes[i],
                sizes[i + 1],
                activation=output_activation if i == last else activation,
                init=init,
                bias=bias,
                rng=rng,
            )
            for i in range(last + 1)
        ]
        made = Dropout(dropout)
        self.dropout = made if made.rate else None

    def __call__(self, inputs: Iterable[Any], *, key: Key | None = None) -> Any:
        """The outputs for one row of inputs.

        Args:
            inputs: `nin` numbers or Values.
            key: what dropout draws by, in training (`autograd.random`).

        Returns:
            A list of Values, one for each neuron of the last layer; if that has only one neuron,
            its Value itself.

        Raises:
            ValueError: there are more or fewer inputs than `nin`; the message names the layer.
            TypeError: one is not a number.
        """
        outputs: Any = inputs
        for i, layer in enumerate(self.layers):
            row = [outputs] if i > 0 and isinstance(outputs, Value) else outputs
            outputs = layer(checked_row(row, len(layer.neurons[0].weights), layer, f"layers.{i}: "))
            if self.dropout is not None and key is not None and layer is not self.layers[-1]:
                outputs = self.dropout(outputs, fold_in(key, i))
        return outputs

    def __repr__(self) -> str:
        first, last = self.layers[0], self.layers[-1]
        neuron = first.neurons[0]
        sizes = [len(layer.neurons) for layer in self.layers]
        hidden = f", activation={activation_name(first.activation)}" if len(sizes) > 1 else ""
        output = f", output_activation={activation_name(last.activation)}"
        dropout = f", dropout={self.dropout.rate!r}" if self.dropout is not None else ""
        options = f"{hidden}{output}{_bias_option(neuron)}{dropout}"
        return f"MLP({len(neuron.weights)}, {sizes}{options})"


def _options(activation: Activation | RowActivation, neuron: Neuron) -> str:
    return f", activation={activation_name(activation)}{_bias_option(neuron)}"


def _bias_option(neuron: Neuron) -> str:
    return "" if neuron.bias is not None else ", bias=False"
