"""What onnxruntime computes of a network that `to_onnx` has written."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from nn import MLP, Dropout, Layer, Residual, Sequential

np = pytest.importorskip("numpy")
onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

from nn.onnx import to_onnx  # noqa: E402

pytestmark = pytest.mark.peers
NAMES = [*nn.ACTIVATIONS, *nn.ROW_ACTIVATIONS]
IN_FLOAT64 = [name for name in NAMES if name != "gelu"]
EPSILON = {"float64": 2**-52, "float32": 2**-23}


def outputs(made: Any, rows: Any) -> Any:
    session = runtime.InferenceSession(made.SerializeToString())
    (found,) = session.run(None, {"inputs": rows})
    return found


def ours(model: Any, rows: Any) -> Any:
    made = [model(row) for row in rows.tolist()]
    return np.array([[float(x) for x in (y if isinstance(y, list) else [y])] for y in made])


def assert_equal(model: Any, count: int, seed: int, dtype: str = "float64") -> None:
    rows = 3 * np.random.default_rng(seed).normal(size=(count, 3)).astype(dtype)
    expected = ours(model, rows.astype(float))
    found = outputs(to_onnx(model, dtype=dtype), rows)
    assert found.dtype == dtype
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 50 * EPSILON[dtype] * (1 + np.abs(expected).max())


@given(
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    names=st.tuples(st.sampled_from(IN_FLOAT64), st.sampled_from(IN_FLOAT64)),
    bias=st.booleans(),
    dropout=st.sampled_from([0.0, 0.5]),
    count=st.integers(1, 7),
    seed=st.integers(0, 10**6),
)
def test_networks(
    sizes: list[int], names: Any, bias: bool, dropout: float, count: int, seed: int
) -> None:
    """`step` jumps where rounding may decide: it is compared where it is exact, below."""
    inner, outer = ("relu" if name == "step" else name for name in names)
    options: Any = {"activation": inner, "output_activation": outer, "rng": seed}
    assert_equal(MLP(3, sizes, bias=bias, dropout=dropout, **options), count, seed)


@pytest.mark.parametrize("dtype", EPSILON)
@pytest.mark.parametrize("name", NAMES)
def test_each_activation_at_the_edges(name: str, dtype: str) -> None:
    if (name, dtype) == ("gelu", "float64"):
        with pytest.raises(TypeError, match=r"'gelu' .* write dtype='float32'"):
            to_onnx(Layer(3, 3, activation=name))
        return
    layer = Layer(3, 3, activation=name, rng=0)
    for i, neuron in enumerate(layer.neurons):
        neuron.bias.data = 0.0
        for j, weight in enumerate(neuron.weights):
            weight.data = float(i == j)
    rows = np.array([[0.0, 1e-9, -1e-9], [40.0, -40.0, 1.0], [700.0, -700.0, -1.0]], dtype)
    found, expected = outputs(to_onnx(layer, dtype=dtype), rows), ours(layer, rows)
    assert np.abs(found - expected).max() <= 4 * EPSILON[dtype] * (1 + np.abs(expected).max())


turned = Layer(1, 3, activation="sigmoid", rng=0)
shared = Layer(3, 3, activation="tanh", rng=0)
MODELS: dict[str, Any] = {
    "layer": lambda: Layer(3, 2, rng=0),
    "functions": lambda: Sequential(Layer(3, 4, activation="identity", rng=0), autograd.softmax),
    "shared": lambda: Sequential(shared, Dropout(0.5), shared),
    "residual": lambda: Residual(Sequential(shared, Residual(Layer(3, 3, rng=1)))),
    "one neuron": lambda: Sequential(Layer(3, 1, rng=0), Residual(MLP(1, [2, 1], rng=1)), turned),
    "activations": lambda: Sequential(
        Residual(autograd.tanh), Layer(3, 2, rng=0), autograd.sigmoid
    ),
    "nested": lambda: Sequential(MLP(3, [3, 3], rng=0), Sequential(MLP(3, [1], rng=1))),
}


@pytest.mark.parametrize("dtype", EPSILON)
@pytest.mark.parametrize("name", MODELS)
def test_modules_in_modules(name: str, dtype: str) -> None:
    model = MODELS[name]()
    assert_equal(model, 5, 0, dtype)
    names = [tensor.name for tensor in to_onnx(model).graph.initializer]
    assert sorted(names) == sorted(model.state_dict())


def without(*biases: int) -> Layer:
    layer = Layer(3, 3, rng=0)
    for i, neuron in enumerate(layer.neurons):
        neuron.bias = None if i in biases else autograd.Value(i + 2.0)
    return layer


def with_plain_numbers() -> Layer:
    layer: Any = Layer(3, 3, rng=0)
    layer.neurons[0].weights = [1.0, 2, np.float64(3.0)]
    layer.neurons[1].weights[0] = layer.neurons[2].bias * 2
    layer.neurons[1].bias = 0.5
    return layer


def tied(first: Layer, second: Layer) -> Sequential:
    """The numbers of the first, row by row, are those of the second."""
    values = [w for neuron in first.neurons for w in neuron.weights]
    for neuron in second.neurons:
        neuron.weights, values = values[: len(neuron.weights)], values[len(neuron.weights) :]
    return Sequential(first, second)


def with_a_weight_as_bias() -> Sequential:
    first, second = Layer(3, 1, rng=0), Layer(1, 3, rng=1)
    for weight, neuron in zip(first.neurons[0].weights, second.neurons, strict=True):
        neuron.bias = weight
    return Sequential(first, second)


CHANGED: dict[str, Any] = {
    "the first bias missing": lambda: without(0),
    "the last bias missing": lambda: without(2),
    "two biases missing": lambda: without(0, 1),
    "plain numbers": with_plain_numbers,
    "other shapes": lambda: tied(Layer(3, 2, rng=0), Layer(2, 3, rng=1)),
    "a weight as bias": with_a_weight_as_bias,
}


@pytest.mark.parametrize("name", CHANGED)
def test_layers_that_somebody_has_changed(name: str) -> None:
    assert_equal(CHANGED[name](), 5, 0)


@pytest.mark.parametrize("dtype", EPSILON)
@pytest.mark.parametrize("name", NAMES)
def test_numbers_that_are_not_finite(name: str, dtype: str) -> None:
    if (name, dtype) == ("gelu", "float64"):
        return
    layer = Layer(1, 1, activation=name, bias=False, rng=0)
    layer.neurons[0].weights[0].data = 1.0
    rows = np.array([[np.inf], [-np.inf], [np.nan], [1e30], [-1e30]], dtype)
    found, expected = outputs(to_onnx(layer, dtype=dtype), rows), ours(layer, rows)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("count", [0, 1, 7])
def test_any_number_of_rows(count: int) -> None:
    made = to_onnx(MLP(3, [2, 4], output_activation="softmax", rng=0))
    assert outputs(made, np.zeros((count, 3))).shape == (count, 4)


def test_networks_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    from nn.torch import from_torch

    t = torch.nn
    theirs = t.Sequential(
        t.Tanh(), t.Linear(3, 1), t.ReLU(), t.Dropout(0.5), t.SiLU(), t.Linear(1, 3), t.Softmax(-1)
    )
    theirs = theirs.double().eval()
    rows = torch.randn(5, 3, dtype=torch.float64)
    found = outputs(to_onnx(from_torch(theirs)), rows.numpy())
    assert np.abs(found - theirs(rows).detach().numpy()).max() < 1e-14


def test_a_file(tmp_path: Path) -> None:
    model = MLP(2, [3, 1], rng=0)
    made = to_onnx(model, tmp_path / "model.onnx")
    loaded = onnx.load(tmp_path / "model.onnx")
    assert loaded == made
    onnx.checker.check_model(loaded, full_check=True)
    batch, width = loaded.graph.input[0].type.tensor_type.shape.dim
    assert batch.dim_param == "batch"
    assert width.dim_value == 2


class Own(MLP):
    def __call__(self, inputs: Any, key: Any = None) -> Any:
        return [2 * x for x in super().__call__(inputs)]


def odd_neurons() -> Layer:
    layer = Layer(2, 2, rng=0)
    layer.neurons[0].activation = autograd.tanh
    return layer


def ragged() -> Layer:
    layer = Layer(2, 2, rng=0)
    del layer.neurons[0].weights[1]
    return layer


def large() -> Layer:
    layer = Layer(2, 1, rng=0)
    layer.neurons[0].weights[1].data = 1e39
    return layer


@pytest.mark.parametrize(
    ("make", "options", "error", "message"),
    [
        (lambda: Sequential(Layer(3, 2), Layer(3, 1)), {}, ValueError, "takes 3 inputs, but .* 2"),
        (lambda: Residual(Layer(3, 1)), {}, ValueError, "as many outputs as inputs, 3, got 1"),
        (lambda: Sequential(Layer(2, 3), Residual(Layer(3, 1))), {}, ValueError, "3, got 1"),
        (lambda: Sequential(Dropout(0.5)), {}, ValueError, "the model has no Layer"),
        (lambda: autograd.tanh, {}, ValueError, "the model has no Layer"),
        (lambda: MLP(2, [2], output_activation=lambda x: 2 * x), {}, TypeError, "<lambda> has no"),
        (lambda: Layer(2, 2, activation=np.tanh), {}, TypeError, "write activation='tanh'"),
        (ragged, {}, ValueError, "as many weights in each neuron, got 1, 2"),
        (
            lambda: nn.LayerNorm(3),
            {},
            TypeError,
            "LayerNorm.* has no counterpart: .* MLP, .*export",
        ),
        (lambda: Own(2, [2]), {}, TypeError, "Own has a __call__ of its own"),
        (odd_neurons, {}, TypeError, "expected neurons with one activation"),
        (lambda: 3, {}, TypeError, "int 3 has no counterpart"),
        (lambda: MLP, {}, TypeError, "has no counterpart"),
        (lambda: MLP(2, [2]), {"dtype": "float16"}, ValueError, "one of float64, float32, got str"),
        (large, {"dtype": "float32"}, ValueError, r"weight: 1e\+39 is beyond float32"),
    ],
)
def test_what_cannot_be_is_an_error(make: Any, options: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=f"to_onnx: .*{message}"):
        to_onnx(make(), **options)
