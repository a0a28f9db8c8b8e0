"""`jit`: a compiled function does what the plain one does, in every way that can be observed."""

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from installed import BACKENDS

from autograd import Value, grad, log, primitive, sqrt, value_and_grad
from autograd.errors import TraceError
from autograd.jit import jit
from nn import MLP, mean_squared_error


def close(expected: Any) -> Any:
    return pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


# Structures


def test_integers_that_must_be_integers_are_part_of_the_structure() -> None:
    def power(x: Any, n: int) -> Any:
        out = 1.0
        for _ in range(n):
            out = out * x
        return out

    compiled = jit(power)
    assert [compiled(2.0, n) for n in (3, 3, 3, 4, 4)] == [8.0, 8.0, 8.0, 16.0, 16.0]
    assert compiled.stats["specialisations"] == 2
    with pytest.warns(RuntimeWarning, match="ever new integers"):
        assert [compiled(2.0, n) for n in range(30)] == [2.0**n for n in range(30)]


# Parameters and training


def test_a_module_is_an_argument_by_identity() -> None:
    f = jit(lambda model, x: model(x))
    one, two = (MLP(2, [3, 1], rng=seed) for seed in (0, 1))
    for model in (one, two, one, two):
        assert f(model, [1.0, 2.0]).data == close(model([1.0, 2.0]).data)
    calls = next(iter(f._structures.values()))
    assert "layers" in " ".join(calls.paths[0].compiled.traced.names.values())


def test_plain_exponents_are_not_differentiated_in() -> None:
    f = jit(lambda x, n: x**n)
    for x in (-2.0, -3.0, -4.0):
        assert grad(f)(x, 2.0) == close(2 * x)
        assert grad(grad(f))(x, 2.0) == close(2.0)


# Transforms, inside and outside


def test_create_graph() -> None:
    f = jit(lambda x: x**3)
    for number in (2.0, 3.0):
        x = Value(number)
        f(x).backward(create_graph=True)
        slope, x.grad = x.grad, 0.0
        slope.backward()
        assert (slope.data, x.grad) == close((3 * number**2, 6 * number))


def test_gradient_inside_a_compiled_function() -> None:
    f = jit(lambda x: x * grad(lambda y: y**3 * x)(2.0))
    assert [f(x) for x in (1.0, 2.0)] == [12.0, 48.0]
    assert grad(f)(3.0) == close(72.0)
    x = Value(3.0)
    for _ in range(2):  # without a derivative further out the inner one is a plain number
        x.grad = 0.0
        f(x).backward()
        assert x.grad == 36.0
    assert grad(f)(3.0) == close(72.0)


# Ways through a function


def test_another_branch_is_traced_and_the_first_kept() -> None:
    f = jit(lambda x: x * 2 if x > 0 else log(1 - x))
    for x in (1.0, -1.0, 2.0, -2.0, 3.0):
        assert f(x) == close(x * 2 if x > 0 else math.log(1 - x))
        assert grad(f)(x) == close(2.0 if x > 0 else -1 / (1 - x))
    assert f.stats["specialisations"] == 4  # of numbers, and of Values
    assert f.stats["plain"] == 0


def test_a_derivative_rule_with_a_branch_of_its_own() -> None:
    @primitive(lambda g, out, x: g if x > 1 else 2 * g)
    def bent(x: float) -> float:
        return x if x > 1 else 2 * x - 1

    f = jit(lambda x: bent(x) * 3)
    assert [grad(f)(x) for x in (2.0, 0.0, 3.0, 0.5)] == [3.0, 6.0, 3.0, 6.0]


# Exceptions


def test_the_number_of_a_traced_value_is_refused_where_it_would_be_baked_in() -> None:
    w = Value(2.0)
    with pytest.raises(TraceError, match=r"test_jit.py:\d+: data of .*use the Value itself"):
        jit(lambda x: w.data * x)(1.0)
    with pytest.raises(ValueError, match="it is bad"):
        jit(lambda x: _fail(f"it is bad: {x:.2f}"))(1.0)


def _fail(message: str) -> None:
    raise ValueError(message)


def test_what_cannot_be_traced_runs_as_it_is_with_a_warning() -> None:
    f = jit(lambda x: bytearray(b"x") if x is None else bytearray(b"y"))
    with pytest.warns(RuntimeWarning, match="could not be traced"):
        assert f(1.0) == b"y"
    assert f(1.0) == b"y"
    for given, read in (
        ({1, 2}, len),
        (iter([2.0]), next),
        (random.Random(0), lambda source: source.random()),
    ):
        g = jit(lambda s, x, read=read: x * read(s))
        with pytest.warns(RuntimeWarning, match=f"is given {type(given).__name__}"):
            g(given, 3.0)


def test_arguments_of_jit_are_checked() -> None:
    with pytest.raises(ValueError, match="backend"):
        jit(lambda x: x, backend="cuda")
    with pytest.raises(TypeError, match="function"):
        jit(3)  # type: ignore[call-overload]


# Threads


def test_stats_say_what_each_stage_made() -> None:
    model = MLP(2, [3, 1], rng=0)
    f = jit(lambda xs: mean_squared_error([model(x) for x in xs], [1.0, 0.0]), compile_after=0)
    for _ in range(2):
        f([[1.0, 2.0], [3.0, 4.0]]).backward()
    stats = f.stats
    assert "derivative of" in f.source
    assert [stats[k] for k in ("structures", "specialisations", "derivatives", "plain")] == [
        1,
        1,
        1,
        0,
    ]
    forward, backward = stats["programs"]
    assert (forward["name"], backward["name"]) == (
        "<lambda>, specialisation 1",
        "derivative of <lambda>, specialisation 1",
    )
    assert forward["nodes"]["traced"] > 0 == backward["nodes"]["traced"]
    assert backward["nodes"]["differentiated"] > forward["nodes"]["traced"]
    counts = list(backward["passes"].values())
    assert next(iter(backward["passes"])) == "traced"
    assert counts[-1] == backward["nodes"]["simplified"] < counts[0]
    for key in ("nodes", "seconds"):
        assert stats[key] == {name: forward[key][name] + backward[key][name] for name in stats[key]}
    assert stats["operations"] == forward["operations"] + backward["operations"] > 0
    assert list(stats["seconds"]) == ["trace", "differentiate", "simplify", "lift", "lower"]
    assert min(stats["seconds"].values()) >= 0.0


# Batches, arrays, several outputs


def test_one_program_differentiates_all_outputs() -> None:
    model = MLP(2, [3, 3], activation="tanh", rng=0)
    compiled = jit(model)
    for x in ([1.0, 2.0], [0.5, -1.0]):
        found = []
        for f in (model, compiled):
            model.zero_grad()
            mean_squared_error(f(x), [1.0, 2.0, 3.0]).backward()
            found.append([p.grad for p in model.parameters()])
        assert found[1] == close(found[0])
    assert compiled.stats["derivatives"] == 1


def test_an_output_whose_derivative_does_not_exist_beside_one_whose_does() -> None:
    plain = lambda x: [sqrt(x[0]), x[1] * 2.0]
    compiled = jit(plain)
    for f in (plain, compiled):
        x = [Value(0.0), Value(1.0)]
        f(x)[1].backward()
        assert (x[0].grad, x[1].grad) == (0.0, 2.0)
        with pytest.raises(ZeroDivisionError):
            f(x)[0].backward()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_training_step_from_arrays_to_arrays(backend: str) -> None:
    def step(weights: Any, x: Any, y: Any) -> Any:
        loss = lambda w: sum(((x @ w) - y) ** 2)
        found, gradient = value_and_grad(lambda w: loss(np.array(w)))(list(weights))
        return found, weights - 0.01 * np.array(gradient)

    compiled = jit(step, backend=backend)
    x, y = np.arange(12.0).reshape(4, 3) / 6, np.ones(4)
    ours = theirs = np.array([0.1, 0.2, 0.3])
    for _ in range(5):
        before = ours.copy()
        loss, new = compiled(ours, x, y)
        expected, theirs = step(theirs, x, y)
        assert type(loss) is float
        assert (new.dtype, new.shape) == (np.float64, (3,))
        assert loss == close(float(expected))
        np.testing.assert_allclose(new, theirs.astype(float), rtol=1e-12)
        np.testing.assert_array_equal(ours, before)
        ours = new


def test_an_array_may_change_between_a_call_and_its_backward() -> None:
    w = Value(2.0)
    f = jit(lambda x: (x * w).sum())
    for _ in range(3):
        x, w.grad = np.array([1.0, 2.0, 3.0]), 0.0
        out = f(x)
        x[:] = 0.0
        out.backward()
        assert w.grad == 6.0


NETWORK = MLP(2, [2, 1], rng=0)


class Holder:
    def __init__(self) -> None:
        self.slope = Value(2.0)
        self.nets = {"a": MLP(1, [1], rng=0)}

    def at(self, x: Any) -> Any:
        return self.slope * x + self.nets["a"]([x])


def test_source_names_parameters_by_the_way_to_them() -> None:
    local = MLP(1, [1], rng=0)
    weights = [Value(1.0), Value(2.0)]
    functions: list[tuple[Callable[..., Any], tuple[Any, ...], str]] = [
        (lambda x: sum(NETWORK([x, y]) for y in [x]), (1.0,), "NETWORK_layers_0_neurons_1_bias"),
        (lambda x: local([x]) * weights[1], (1.0,), "local_layers_0_neurons_0_weights_0"),
        (lambda x: local([x]) * weights[1], (1.0,), "weights_1"),
        (Holder().at, (1.0,), "self_slope"),
        (Holder().at, (1.0,), "self_nets_a_layers_0_neurons_0_bias"),
        (lambda model, x: model([x]), (local, 1.0), "model_layers_0_neurons_0_bias"),
        (local, ([1.0],), "self_layers_0_neurons_0_bias"),
    ]
    for f, args, name in functions:
        compiled = jit(f, backend="python")
        compiled(*args)
        assert name in compiled.source.replace("__", "_"), compiled.source


def test_a_call_that_fits_no_longer_goes_the_general_way() -> None:
    compiled = jit(lambda p, x: [w * x["k"] for w in p] if x["k"] > 0 else p[0] / x["k"])
    for _ in range(3):
        assert compiled([1.0, 2.0], {"k": 3.0}) == [3.0, 6.0]
    with pytest.raises(TypeError):
        compiled([1.0, 2.0])
    with pytest.raises(ZeroDivisionError):
        compiled([1.0, 2.0], {"k": 0.0})
    assert compiled([1.0, 2.0], x={"k": 3.0}) == [3.0, 6.0]
    assert compiled([1.0, 2.0, 4.0], {"k": 3.0}) == [3.0, 6.0, 12.0]
    assert compiled([1.0, 2.0], {"k": -2.0}) == -0.5
    found = compiled([Value(1.0), 2.0], {"k": 3.0})
    assert [type(x) for x in found] == [Value, float]
    for k in (3.0, -2.0, 3.0, -2.0):
        assert compiled([1.0, 2.0], {"k": k}) == ([3.0, 6.0] if k > 0 else -0.5)
    assert compiled([1.0, 2.0], {"j": 0.0, "k": 3.0}) == [3.0, 6.0]


def test_a_direct_call_inside_a_derivative_and_inside_another_trace() -> None:
    inner = jit(lambda x: value_and_grad(lambda y: y**3 + k[0] * y)(x))
    k = [1.0]
    for _ in range(3):
        assert inner(2.0) == (10.0, 13.0)
    assert grad(lambda x: inner(x)[1])(2.0) == pytest.approx(12.0)
    assert jit(lambda x: inner(x)[0] + x)(2.0) == 12.0
    k[0] = 2.0
    assert inner(2.0) == (12.0, 14.0)
