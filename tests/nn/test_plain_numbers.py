"""An activation or a loss that returns a plain number where a Value is due is an error."""

import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import LeftGraphWarning, Value, grad
from nn import MLP, SGD, Layer, Neuron, fit, l2, mean_squared_error, predict

DATA = ([[0.0, 1.0], [1.0, 0.5]], [0.0, 1.0])

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "lambda of math": lambda x: math.tanh(x),
    "float": float,
    "data": lambda x: max(0.0, x.data),
    "constant": lambda x: 1.0,
    "int": lambda x: int(x > 0),
    "None": lambda x: None,
}


@pytest.mark.parametrize("filtered", ["error", "ignore"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_that_returns_a_plain_number(name: str, filtered: Any) -> None:
    activation = ACTIVATIONS[name]
    made: list[Any] = [
        Neuron(2, activation=activation),
        Layer(2, 3, activation=activation),
        MLP(2, [3, 1], activation=activation),
    ]
    for model in made:
        with warnings.catch_warnings():
            warnings.simplefilter(filtered, LeftGraphWarning)
            for call in (model, lambda row, model=model: predict(model, [row])):
                with pytest.raises(TypeError, match=r"activation must return a Value, got"):
                    call([0.0, 1.0])
            if isinstance(model, MLP):
                before = [p.data for p in model.parameters()]
                optimizer = SGD(model.parameters(), lr=0.1)
                with pytest.raises(TypeError, match=r"activation must return a Value, got"):
                    fit(model, DATA, loss=mean_squared_error, optimizer=optimizer, epochs=1)
                assert [p.data for p in model.parameters()] == before


@pytest.mark.parametrize("function", [math.tanh, math.exp, math.floor])
def test_a_function_of_math_is_refused_at_once(function: Any) -> None:
    with pytest.raises(TypeError, match=rf"math\.{function.__name__} returns a plain number"):
        MLP(2, [3, 1], activation=function)
    if function is math.tanh:
        with pytest.raises(TypeError, match="write activation='tanh'"):
            Neuron(2, activation=function)


def test_an_activation_that_keeps_the_graph() -> None:
    neuron = Neuron(1, activation=lambda x: x * autograd.sigmoid(x), rng=0)
    neuron([1.0]).backward()
    assert neuron.weights[0].grad != 0.0
    with pytest.raises(LeftGraphWarning, match=r"autograd\.exp"):
        Neuron(1, activation=lambda x: x * math.exp(x))([1.0])


LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "floats": lambda outputs, targets: mean_squared_error([o.data for o in outputs], targets),
    "math": lambda outputs, targets: math.sqrt(mean_squared_error(outputs, targets)),
    "float": lambda outputs, targets: float(mean_squared_error(outputs, targets)),
    "constant": lambda outputs, targets: 0.0,
    "None": lambda outputs, targets: None,
    "Value of a float": lambda outputs, targets: Value(mean_squared_error(outputs, targets).data),
    "detached": lambda outputs, targets: mean_squared_error(outputs, targets).detach(),
}


@pytest.mark.parametrize("filtered", ["error", "ignore"])
@pytest.mark.parametrize("jit", [False, None])
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_that_returns_a_plain_number(name: str, jit: Any, filtered: Any) -> None:
    model = MLP(2, [2, 1], rng=0)
    before = [p.data for p in model.parameters()]
    with warnings.catch_warnings():
        warnings.simplefilter(filtered, LeftGraphWarning)
        with pytest.raises(TypeError, match=r"fit: the loss (must )?return.*outputs of the model"):
            fit(
                model,
                DATA,
                loss=LOSSES[name],
                optimizer=SGD(model.parameters(), lr=0.1),
                epochs=3,
                jit=jit,
            )
    assert [p.data for p in model.parameters()] == before


def trained(loss: Callable[[Any, Any, Any], Any]) -> list[str]:
    model = MLP(2, [2, 1], rng=0)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", LeftGraphWarning)
        fit(
            model,
            DATA,
            loss=lambda outputs, targets: loss(model, outputs, targets),
            optimizer=SGD(model.parameters(), lr=0.1),
            epochs=1,
            jit=False,
        )
    return [str(warning.message) for warning in said if warning.category is LeftGraphWarning]


def test_a_part_of_a_loss_that_leaves_the_graph_is_told() -> None:
    assert trained(lambda model, o, t: mean_squared_error(o, t) + float(o[0]))
    assert trained(
        lambda model, o, t: mean_squared_error(o, t) + l2([float(p) for p in model.parameters()], 1)
    )
    assert not trained(lambda model, o, t: mean_squared_error(o, t) + l2([1.0, 2.0], 0.1))
    assert not trained(lambda model, o, t: mean_squared_error(o, t) + o[0].data + float(Value(1)))


def test_within_a_transform_an_activation_is_told_too() -> None:
    neuron = Neuron(1, activation=lambda x: 0.5 * math.tanh(x), rng=0)
    with pytest.raises(TypeError, match="activation must return a Value"):
        grad(lambda x: neuron([x]) * x)(1.0)


@pytest.mark.parametrize("bias", [0.5, "zeros", 1, None])
def test_a_bias_that_is_no_bool_is_no_bias(bias: Any) -> None:
    for make in (Neuron, lambda nin, **options: MLP(nin, [2, 1], **options)):
        with pytest.raises(TypeError, match=r"bias must be True or False"):
            make(2, bias=bias)
