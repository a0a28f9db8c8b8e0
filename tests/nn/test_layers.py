"""Neurons, layers and networks: what they compute, where weights come from, what they refuse."""

import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Value
from nn.activation_names import activation_function

untyped: Any = nn


def data(module: nn.Module) -> list[float]:
    return [p.data for p in module.parameters()]


def test_a_neuron_is_one_dot_and_one_sum() -> None:
    neuron = nn.Neuron(3, activation="tanh", rng=1)
    assert neuron.bias is not None
    neuron.bias.data = 0.5
    out = neuron([1.0, -2.0, 0.25])
    w = [weight.data for weight in neuron.weights]
    assert out.data == math.tanh(w[0] - 2 * w[1] + 0.25 * w[2] + 0.5)
    (total,) = out.operands
    product, bias = total.operands
    assert (out._op, total._op, bias) == ("tanh", "+", neuron.bias)
    assert product.primitive.name == "dot"
    assert product.operands == (*neuron.weights, 1.0, -2.0, 0.25)


def test_without_bias() -> None:
    neuron = nn.Neuron(2, False, bias=False, rng=1)
    assert neuron.bias is None
    assert neuron.b is None
    assert len(neuron.parameters()) == 2
    primitive = neuron([1, 2]).primitive
    assert primitive is not None
    assert primitive.name == "dot"
    assert len(nn.MLP(2, [3, 1], bias=False).parameters()) == 9


def test_aliases() -> None:
    neuron = nn.Neuron(2)
    assert neuron.w is neuron.weights
    assert neuron.b is neuron.bias


@pytest.mark.parametrize("name", nn.ACTIVATIONS)
def test_activations_by_name(name: str) -> None:
    neuron = nn.Neuron(1, activation=name, rng=0)
    x = Value(1.5)
    total = neuron.weights[0].data * 1.5
    own = {"identity": total, "step": float(total > 0)}
    expected = own[name] if name in own else getattr(autograd, name)(total)
    assert neuron([x]).data == pytest.approx(expected, rel=1e-15)
    assert repr(neuron) == f"Neuron(1, activation={name!r})"


def test_an_activation_of_ones_own() -> None:
    def square(x: Value) -> Value:
        return x * x

    layer = nn.Layer(1, 1, activation=square, rng=0)
    assert layer([2.0]).data == (2 * layer.neurons[0].w[0].data) ** 2
    assert repr(layer) == "Layer(1, 1, activation=square)"
    assert activation_function(square) is square


def test_nonlin_false_is_linear() -> None:
    assert (
        nn.Neuron(1, False, activation="tanh", rng=0)([10.0]).data
        == data(nn.Neuron(1, rng=0))[0] * 10.0
    )
    assert repr(nn.Layer(1, 2, False)) == "Layer(1, 2, activation='identity')"


@pytest.mark.parametrize("activation", ["softmax", autograd.softmax], ids=["name", "function"])
def test_softmax_over_a_layer(activation: Any) -> None:
    linear = nn.MLP(2, [4, 3], activation="tanh", rng=0)
    model = nn.MLP(2, [4, 3], activation="tanh", output_activation=activation, rng=0)
    assert data(model) == data(linear)
    probabilities = [p.data for p in model(ROW)]
    assert probabilities == autograd.softmax([x.data for x in linear(ROW)])
    assert model.layers[1].activation is model.layers[1].row_activation is autograd.softmax
    assert repr(model) == "MLP(2, [4, 3], activation='tanh', output_activation='softmax')"
    assert repr(model.layers[1]) == "Layer(4, 3, activation='softmax')"


def test_softmax_in_the_hidden_layers() -> None:
    model = nn.MLP(2, [3, 2], activation="softmax", rng=0)
    hidden = model.layers[0](ROW)
    assert sum(h.data for h in hidden) == pytest.approx(1)
    assert [x.data for x in model(ROW)] == [x.data for x in model.layers[1](hidden)]
    assert repr(model) == "MLP(2, [3, 2], activation='softmax', output_activation='identity')"


def test_softmax_of_one_output_is_a_value() -> None:
    out = nn.Layer(2, 1, activation="softmax")(ROW)
    assert (type(out), out.data) == (Value, 1.0)


def test_nonlin_false_leaves_out_softmax() -> None:
    layer = nn.Layer(2, 2, False, activation="softmax")
    assert layer.row_activation is None
    assert repr(layer) == "Layer(2, 2, activation='identity')"


def test_outputs() -> None:
    assert type(nn.Layer(2, 1)([1, 2])) is Value
    assert [type(x) for x in nn.Layer(2, 2)([1, 2])] == [Value, Value]
    assert type(nn.MLP(2, [1])([1, 2])) is Value
    narrow = nn.MLP(2, [1, 1, 3])
    assert len(narrow([1, 2])) == 3


ROW = [0.5, -1.5]


@pytest.mark.parametrize(
    "row",
    [
        tuple(ROW),
        iter(ROW),
        np.array(ROW),
        np.array(ROW, dtype=np.float32),
        np.array([ROW, ROW])[0],
        [Value(x) for x in ROW],
        [Value(0.5), np.float64(-1.5)],
        [Fraction(1, 2), np.float32(-1.5)],
    ],
    ids=["tuple", "iterator", "array", "float32", "row of array", "Values", "mixed", "fraction"],
)
def test_rows_of_any_kind(row: Any) -> None:
    model = nn.MLP(2, [3, 2], rng=0)
    assert [x.data for x in model(row)] == [x.data for x in model(ROW)]


def test_gradients_reach_the_inputs() -> None:
    x = [Value(0.5), Value(-1.5)]
    nn.MLP(2, [3, 1], activation="tanh", rng=0)(x).backward()
    assert all(value.grad != 0 for value in x)


def test_rng_may_be_a_seed_a_generator_or_the_module() -> None:
    seeded = data(nn.MLP(2, [3, 1], rng=5))
    assert data(nn.MLP(2, [3, 1], rng=random.Random(5))) == seeded
    assert data(untyped.MLP(2, [3, 1], rng=np.int64(5))) == seeded
    random.seed(5)
    assert data(nn.MLP(2, [3, 1])) == seeded
    state = random.getstate()
    nn.MLP(2, [3, 1], rng=6)
    assert random.getstate() == state
    shared = random.Random(5)
    assert data(nn.Neuron(1, rng=shared)) != data(nn.Neuron(1, rng=shared))


def test_init_sees_the_size_of_the_layer() -> None:
    seen = []

    def init(rng: random.Random, nin: int, nout: int) -> float:
        seen.append((nin, nout))
        return rng.random()

    assert data(nn.MLP(2, [3, 1], init=init, rng=0))[0] == random.Random(0).random()
    assert seen == [(2, 3)] * 6 + [(3, 1)] * 3


def test_wrong_lengths_name_the_place() -> None:
    model = nn.MLP(2, [3, 1], activation="tanh")
    with pytest.raises(ValueError, match=r"^layers\.0: Layer\(2, 3, .*: expected 2 inputs, got 3$"):
        model([1, 2, 3])
    with pytest.raises(ValueError, match=r"^Layer\(2, 1, .*: expected 2 inputs, got 0$"):
        nn.Layer(2, 1)([])
    with pytest.raises(ValueError, match=r"^Neuron\(2, .*: expected 2 inputs, got 1$"):
        nn.Neuron(2)(iter([1]))
    model.layers[1] = nn.Layer(4, 1)
    with pytest.raises(ValueError, match=r"^layers\.1: Layer\(4, 1, .*expected 4 inputs, got 3$"):
        model([1, 2])


def test_what_is_no_row() -> None:
    for wrong in (1.0, Value(1.0), None):
        with pytest.raises(TypeError, match=r"layers\.0: Layer\(.*expected a row of inputs, got"):
            untyped.MLP(1, [1])(wrong)
    with pytest.raises(TypeError, match="expected a number, got list"):
        nn.Layer(1, 1)([[1.0]])
    with pytest.raises(TypeError, match="expected a number, got str 'a'"):
        nn.Neuron(2)("ab")


@pytest.mark.parametrize("made_of", [list, tuple, iter])
@pytest.mark.parametrize("owner", [nn.Neuron(2), nn.Layer(2, 3), nn.MLP(2, [3, 1])], ids=repr)
@pytest.mark.parametrize(
    ("row", "error", "message"),
    [
        ([1.0], ValueError, "expected 2 inputs, got 1"),
        ([1.0, 2.0, 3.0], ValueError, "expected 2 inputs, got 3"),
        ([1.0, "a"], TypeError, "input: expected a number, got str 'a'"),
        ([1.0, None], TypeError, "input: expected a number, got None"),
        ([1.0, 2j], TypeError, "input: expected a number, got complex 2j"),
        ([1.0, [2.0]], TypeError, "a model takes one row at a time"),
        ([1.0, np.ones(1)], TypeError, "a model takes one row at a time"),
        ([1.0, 10**400], OverflowError, "too large"),
    ],
)
def test_wrong_row_is_named_without_what_failed_first(
    made_of: Any, owner: Any, row: list[Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as raised:
        owner(made_of(row))
    assert raised.value.__context__ is None or raised.value.__suppress_context__


@pytest.mark.parametrize("error", [TypeError, ValueError])
def test_error_in_an_activation_is_left_as_it_is(error: type[Exception]) -> None:
    def activation(x: Value) -> Value:
        raise error("of the activation")

    with pytest.raises(error, match=r"^of the activation$"):
        nn.MLP(2, [1], output_activation=activation)([1.0, 2.0])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nn.Neuron(0), ValueError, "Neuron: nin must be at least 1, got 0"),
        (lambda: nn.Layer(2, -1), ValueError, "Layer: nout must be at least 1, got -1"),
        (lambda: nn.Layer(0, 1), ValueError, "Layer: nin must be"),
        (lambda: untyped.MLP(2.0, [1]), TypeError, "MLP: nin must be .*, got float 2.0"),
        (lambda: nn.MLP(2, [3, 0]), ValueError, r"MLP: nouts\[1\] must be .*, got 0"),
        (lambda: untyped.MLP(2, ["3"]), TypeError, r"nouts\[0\] must be .* got str '3'"),
        (lambda: nn.MLP(2, []), ValueError, "at least one layer, got none"),
        (lambda: untyped.MLP(2, 3), TypeError, "a list with the size of each layer, .* int 3"),
        (
            lambda: nn.Neuron(1, activation="rely"),
            ValueError,
            "unknown activation 'rely': expected one of identity, step, sigmoid, tanh, relu,"
            " leaky_relu, elu, gelu, silu, softplus, softsign, softmax, log_softmax",
        ),
        (
            lambda: nn.Neuron(1, activation="softmax"),
            ValueError,
            "activation 'softmax' is one of a whole layer, not of one neuron: give it to a Layer",
        ),
        (lambda: untyped.Neuron(1, activation=3), TypeError, "a name or a function, got int 3"),
        (lambda: nn.MLP(1, [1], output_activation="x"), ValueError, "unknown activation 'x'"),
        (lambda: nn.Neuron(1, init="he"), ValueError, "unknown init 'he': expected .* uniform"),
        (lambda: untyped.Neuron(1, init=0.5), TypeError, "a name or a function, got float 0.5"),
        (lambda: untyped.Neuron(1, rng="0"), TypeError, "a seed or None, got str '0'"),
    ],
)
def test_arguments_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_reprs() -> None:
    assert (
        repr(nn.MLP(2, [1], bias=False)) == "MLP(2, [1], output_activation='identity', bias=False)"
    )
    assert repr(nn.Layer(2, 1, bias=False)) == "Layer(2, 1, activation='relu', bias=False)"
    model = nn.MLP(2, [3, 1], activation="tanh", output_activation="sigmoid")
    assert repr(model) == "MLP(2, [3, 1], activation='tanh', output_activation='sigmoid')"
    assert repr(eval(repr(model), {"MLP": nn.MLP})) == repr(model)
