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


shared = Layer(3, 3, activation="tanh", rng=0)
MODELS: dict[str, Any] = {
    "layer": lambda: Layer(3, 2, rng=0),
    "functions": lambda: Sequential(Layer(3, 4, activation="identity", rng=0), autograd.softmax),
    "shared": lambda: Sequential(shared, Dropout(0.5), shared),
    "residual": lambda: Residual(Sequential(shared, Residual(Layer(3, 3, rng=1)))),
    "nested": lambda: Sequential(MLP(3, [3, 3], rng=0), Sequential(MLP(3, [1], rng=1))),
}


@pytest.mark.parametrize("dtype", EPSILON)
@pytest.mark.parametrize("name", MODELS)
def test_modules_in_modules(name: str, dtype: str) -> None:
    model = MODELS[name]()
    assert_equal(model, 5, 0, dtype)
    names = [tensor.name for tensor in to_onnx(model).graph.initializer]
    assert sorted(names) == sorted(model.state_dict())


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
        (lambda: nn.LayerNorm(3), {}, TypeError, "LayerNorm.* has no counterpart: .* MLP, Layer"),
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
