"""The demo of backpropagation in matrix form, beside the engine and finite differences."""

import numpy as np
import pytest

from autograd.testing import numerical_gradient
from demos.matrix_form import FORMULAS, GRADIENTS, backward, forward, matrices, network
from demos.xor import INPUTS, TARGETS
from demos.xor_matrix import (
    derived,
    derived_report,
    engine_gradients,
    gradient_report,
    largest_difference,
    train,
)
from nn import binary_cross_entropy


@pytest.mark.parametrize("seed", range(5))
def test_the_formulas_equal_the_engine(seed: int) -> None:
    model = network(seed)
    found = backward(matrices(model, lambda p: p.data))
    engine = engine_gradients(model)
    assert sorted(engine) == sorted(GRADIENTS)
    for name in GRADIENTS:
        assert found[name].shape == engine[name].shape
    assert largest_difference(found, engine) < 1e-12


def test_the_shapes() -> None:
    parameters = matrices(network(0), lambda p: p.data)
    shapes = {name: m.shape for name, m in (parameters | backward(parameters)).items()}
    assert shapes == {
        "W1": (2, 3),
        "b1": (1, 3),
        "W2": (3, 1),
        "b2": (1, 1),
        "dz2": (4, 1),
        "dW2": (3, 1),
        "db2": (1, 1),
        "dz1": (4, 3),
        "dW1": (2, 3),
        "db1": (1, 3),
    }


def test_the_formulas_equal_finite_differences() -> None:
    parameters = matrices(network(4), lambda p: p.data)

    def cost(named: dict[str, list[list[float]]]) -> float:
        outputs = forward({name: np.array(rows) for name, rows in named.items()})["y"][:, 0]
        predictions: list[float] = outputs.tolist()
        return 4 * binary_cross_entropy(predictions, TARGETS)

    (slopes,) = numerical_gradient(cost, [{name: m.tolist() for name, m in parameters.items()}])
    found = backward(parameters)
    for name, slope in slopes.items():
        np.testing.assert_allclose(found[f"d{name}"], slope, rtol=0, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_both_learn_in_step(seed: int) -> None:
    training = train(seed)
    assert training.learned
    assert training.difference < 1e-12
    assert len(training.costs) == 1501
    assert training.costs[-1] < 0.05 < 2.5 < training.costs[0]
    by_engine = [training.model(row).data for row in INPUTS]
    assert training.predictions == pytest.approx(by_engine, abs=1e-12)


def test_the_report_explains_every_formula() -> None:
    text = gradient_report(network(0))
    for name, (formula, *reason) in FORMULAS.items():
        assert f"{name} = {formula}" in text
        assert all(line in text for line in reason)
    assert "dW2, by the formula (3 x 1)" in text


@pytest.mark.parametrize("seed", range(3))
def test_jit_derives_the_formulas(seed: int) -> None:
    model = network(seed)
    source, gradients = derived(model)
    formulas = backward(matrices(model, lambda p: p.data))
    assert sorted(gradients) == sorted(GRADIENTS)
    assert largest_difference(formulas, gradients) < 1e-12
    text = derived_report(source, 0.0)
    for name, (formula, *_) in FORMULAS.items():
        assert text.count(f"<- {name} = {formula}") == 1
    for code in ("matmul(a1_T, dz2_4x1, dw2_3x1)", "matmul(dz1_T, x, dw1)"):
        assert code in source
