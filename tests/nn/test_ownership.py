"""`fit` and whose parameters the optimiser holds."""

import copy
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import nn
from autograd import Value

ROWS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
TARGETS = [0.0, 1.0, 1.0, 0.0]


def network(seed: int = 0, hidden: int = 3) -> nn.MLP:
    return nn.MLP(2, [hidden, 1], activation="tanh", rng=seed)


def run(model: nn.MLP, optimizer: Any, jit: bool = False, **options: Any) -> nn.History:
    options.setdefault("loss", nn.mean_squared_error)
    return nn.fit(model, (ROWS, TARGETS), optimizer=optimizer, epochs=3, jit=jit, **options)


def loaded(model: nn.MLP) -> nn.MLP:
    fresh = network(hidden=len(model.layers[0].neurons))
    for ours, theirs in zip(fresh.parameters(), model.parameters(), strict=True):
        ours.data = theirs.data
    return fresh


OTHERS: dict[str, Callable[[nn.MLP], nn.MLP]] = {
    "another of the same shape": lambda model: network(1),
    "another shape": lambda model: network(1, 4),
    "a copy": copy.deepcopy,
    "loaded": loaded,
}


@pytest.mark.parametrize("optimizer", nn.OPTIMIZERS.values())
@pytest.mark.parametrize("other", OTHERS)
def test_the_optimizer_of_another_model_is_an_error(other: str, optimizer: Any) -> None:
    model = network()
    before = [p.data for p in model.parameters()]
    wrong = optimizer(OTHERS[other](model).parameters(), lr=0.1)
    with pytest.raises(ValueError, match="holds none of the 13 parameters of the model, MLP") as e:
        run(model, wrong)
    assert f"{optimizer.__name__}(model.parameters(), lr=0.1)" in str(e.value)
    assert [p.data for p in model.parameters()] == before


def test_parameters_that_are_left_out_are_named() -> None:
    model = network()
    with pytest.warns(RuntimeWarning, match=r"does not hold 9 of the 13 parameters.*") as told:
        history = run(model, nn.SGD(model.layers[1].parameters(), lr=0.1))
    assert "layers.0.neurons.0.weights.0" in str(told[0].message)
    assert "and 6 others" in str(told[0].message)
    assert "frozen=" in str(told[0].message)
    assert told[0].filename == __file__
    assert history["loss"][-1] < history["loss"][0]


def test_frozen_parameters_are_left_out_without_a_word() -> None:
    model = network()
    frozen = model.layers[0].parameters()
    before = [p.data for p in model.parameters()]
    run(model, nn.SGD(model.layers[1].parameters(), lr=0.1), frozen=frozen)
    after = [p.data for p in model.parameters()]
    assert after[:9] == before[:9]
    assert all(a != b for a, b in zip(after[9:], before[9:], strict=True))


def test_frozen_parameters_are_checked() -> None:
    model = network()
    whole, half = (nn.SGD(m.parameters(), lr=0.1) for m in (model, model.layers[1]))
    for optimizer, frozen, error, message in [
        (whole, model.layers[0].parameters(), ValueError, "holds layers.0.neurons.0.weights.0"),
        (half, [Value(1.0)], ValueError, "is not a parameter of the model"),
        (half, model.layers[0], TypeError, r"write frozen=model\.parameters\(\)"),
        (half, Value(1.0), TypeError, r"write frozen=\[x\]"),
        (half, [1.0], TypeError, "a parameter must be a Value, got float 1.0"),
    ]:
        with pytest.raises(error, match=message):
            run(model, optimizer, frozen=frozen)


@pytest.mark.parametrize("jit", [False, True])
def test_parameters_of_a_loss_may_be_trained_along(jit: bool) -> None:
    model, scale = network(), Value(0.5)

    def loss(outputs: list[Any], targets: list[Any]) -> Any:
        return nn.mean_squared_error([scale * y for y in outputs], targets)

    run(model, nn.SGD([*model.parameters(), scale], lr=0.1), jit, loss=loss)
    assert scale.data != 0.5
    idle = nn.SGD([*model.parameters(), Value(3.0)], lr=0.1)
    with pytest.warns(RuntimeWarning, match="1 parameters, .*3.0.*, that are not the model's"):
        run(model, idle, jit)


def test_a_training_of_the_loss_alone() -> None:
    model, scale = network(), Value(0.5)
    before = [p.data for p in model.parameters()]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(
            model,
            nn.SGD([scale], lr=0.1),
            loss=lambda ys, ts: nn.mean_squared_error([scale * y for y in ys], ts),
            frozen=model.parameters(),
        )
    assert scale.data != 0.5
    assert [p.data for p in model.parameters()] == before


LOST: dict[str, Callable[[list[Any], list[Any]], Any]] = {
    "data": lambda ys, ts: nn.mean_squared_error([Value(y.data) for y in ys], ts),
    "detach": lambda ys, ts: nn.mean_squared_error([y.detach() for y in ys], ts),
    "targets alone": lambda ys, ts: nn.mean_squared_error([Value(0.5) for _ in ys], ts),
}


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("loss", LOST)
def test_a_loss_that_no_parameter_flows_into_is_told(loss: str, jit: bool) -> None:
    model = network()
    before = [p.data for p in model.parameters()]
    with pytest.warns(RuntimeWarning) as told:
        run(model, nn.SGD(model.parameters(), lr=0.1), jit, loss=LOST[loss])
    (words,) = [str(one.message) for one in told if "does not depend on any" in str(one.message)]
    assert "from the outputs of the model as they are" in words
    assert [p.data for p in model.parameters()] == before


@pytest.mark.parametrize("jit", [False, True])
def test_gradients_that_are_zero_are_no_reason_to_warn(jit: bool) -> None:
    model = nn.MLP(2, [3, 1], rng=0)
    for parameter in model.layers[0].parameters():
        parameter.data = -1.0  # no unit is active
    loss = nn.hinge
    nn.fit(
        model,
        (ROWS, [1.0] * 4),
        loss=lambda ys, ts: loss([y + 5.0 for y in ys], ts),
        optimizer=nn.SGD(model.parameters(), lr=0.1),
        epochs=3,
        jit=jit,
    )


@pytest.mark.parametrize("jit", [False, True])
def test_a_loss_of_nothing_that_equals_a_parameter_is_an_error(jit: bool) -> None:
    model = network()  # its biases are 0.0
    with pytest.raises(TypeError, match="which is not the result of an operation"):
        run(model, nn.SGD(model.parameters(), lr=0.1), jit, loss=lambda ys, ts: Value(0.0))


class Plain:
    """An optimiser of a user's own."""

    lr = 0.1

    def __init__(self, parameters: Any) -> None:
        self.parameters = parameters

    def zero_grad(self) -> None:
        for parameter in self.parameters:
            parameter.grad = 0.0

    def step(self) -> None:
        for parameter in self.parameters:
            parameter.data -= self.lr * parameter.grad


@pytest.mark.parametrize("kind", [iter, lambda ps: dict.fromkeys(ps), lambda ps: lambda: ps])
def test_what_an_optimizer_holds_is_a_list(kind: Callable[[Any], Any]) -> None:
    model = network()
    with pytest.raises(TypeError, match=r"write self\.parameters = list\(parameters\) in Plain"):
        run(model, Plain(kind(model.parameters())))
    for kept in (list, tuple):
        history = run(model, Plain(kept(model.parameters())))
        assert history["loss"][-1] < history["loss"][0]
