"""Graphs of any depth are copied and pickled whole, with what is shared in them shared."""

import copy
import math
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Value, exp, log, logsumexp, primitive, sin, tanh, where
from autograd.graph import topological_order
from autograd.primitives import TABLE, gammas
from autograd.primitives.tracing import ACCUMULATE, TRACED
from autograd.testing.strategies import graphs
from nn import MLP, SGD, mean_squared_error

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


class PurePythonPickler(pickle._Pickler):  # type: ignore[name-defined,misc]
    """The pickler that others derive from."""


def by_pure_python(x: Any) -> Any:
    import io

    file = io.BytesIO()
    PurePythonPickler(file).dump(x)
    return pickle.loads(file.getvalue())


WAYS: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "pickle in Python": by_pure_python,
    **{
        f"protocol {n}": lambda x, n=n: pickle.loads(pickle.dumps(x, protocol=n)) for n in PROTOCOLS
    },
}

each_way = pytest.mark.parametrize("way", WAYS)


@primitive(lambda g, out, x: 3 * g * x**2)
def cube(x: float) -> float:
    return x * x * x


@primitive(lambda g, out, *xs: [g] * len(xs), name="another name")
def summed(*xs: float) -> float:
    return math.fsum(xs)


def described(order: list[Value]) -> list[Any]:
    """The graph in words that do not depend on which objects it is made of."""
    places = {node: k for k, node in enumerate(order)}
    return [
        (
            node.data,
            node.label,
            node.primitive,
            [places[x] if isinstance(x, Value) else (type(x), x) for x in node.operands],
            node.grad if type(node.grad) is float else float(node.grad),
        )
        for node in order
    ]


def formula(x: Value) -> Value:
    y = logsumexp([x, 2 * x, autograd.sum([x, x, 1.0])]) + where(x > 0, x * x, 0.0)
    y.label = "y"
    return summed(y, cube(x), 1.5) + exp(x) / log(x + 2) - tanh(x) ** 2 + 3**x + x // 1


@each_way
def test_a_copy_is_the_same_graph_of_other_nodes(way: str) -> None:
    x = Value(0.5, label="x")
    root = formula(x)
    root.backward()
    before = described(topological_order(root))
    x2, root2 = WAYS[way]((x, root))
    assert described(topological_order(root2)) == before
    assert x2 in topological_order(root2)
    assert not set(topological_order(root)) & set(topological_order(root2))
    x2.grad = 0.0
    root2.backward()
    assert x2.grad == x.grad
    assert described(topological_order(root)) == before


@given(graphs())
def test_any_graph_is_copied(graph: Any) -> None:
    root = graph if isinstance(graph, Value) else graph.root
    before = described(topological_order(root))
    for way in ("deepcopy", "protocol 0", "protocol 5"):
        assert described(topological_order(WAYS[way](root))) == before


@each_way
@pytest.mark.parametrize("backwards", [False, True])
def test_values_in_one_structure_share_their_history(way: str, backwards: bool) -> None:
    x = Value(0.5)
    chain = [x]
    for _ in range(50):
        chain.append(sin(chain[-1]) * chain[0])
    given_ = {"some": chain[::-1] if backwards else chain, "other": (chain[7], x)}
    found = WAYS[way](given_)
    some = found["some"][::-1] if backwards else found["some"]
    assert found["other"][0] is some[7]
    assert found["other"][1] is some[0]
    assert described(topological_order(some[-1])) == described(topological_order(chain[-1]))
    order = set(topological_order(some[-1]))
    assert all(node in order for node in some)


@each_way
def test_gradients_that_are_values_come_along(way: str) -> None:
    x = Value(3.0)
    y = x**3
    y.backward(create_graph=True)  # the gradient of x was made of x: a cycle
    for given_ in ((x, y), (y, x), (x.grad, y, x)):
        found = WAYS[way](given_)
        x2 = next(node for node in topological_order(found[1], found[0]) if node.data == 3.0)
        dy, x2.grad = x2.grad, 0.0
        dy.backward()
        assert (dy.data, x2.grad) == (27.0, 18.0)


@each_way
def test_depth_does_not_matter(way: str) -> None:
    n = 2_000 if way == "pickle in Python" else 5_000
    x = Value(1.0, label="x")
    y = x
    for _ in range(n):
        y = y * 1.00001 + 0.0
    y.backward()
    x2, y2 = WAYS[way]((x, y))
    assert (y2.data, x2.grad, x2.label) == (y.data, x.grad, "x")
    x2.grad = 0.0
    y2.backward()
    assert x2.grad == x.grad


def test_a_pickle_leaves_nothing_behind() -> None:
    from autograd import copying

    x = Value(0.5)
    pickle.dumps([x, formula(x)])
    with pytest.raises(TypeError):
        pickle.dumps([formula(x), sys])
    assert not copying._graphs()


def test_threads_pickle_the_same_graph_at_once() -> None:
    """None meets a list of nodes that another is still writing."""
    from autograd import copying

    x = Value(0.5)
    y = formula(x)
    graph = copying.Graph(y)
    with ThreadPoolExecutor(4) as pool:
        assert copying._graph_of(y) is graph
        assert pool.submit(copying._graph_of, y).result() is None
        for x2, y2 in pool.map(by_pure_python, [(x, y)] * 8):
            assert len(topological_order(y2)) == len(topological_order(y))
            assert any(node is x2 for node in topological_order(y2))


def test_what_has_changed_since_is_in_the_next_pickle() -> None:
    x = Value(0.5)
    y = x * 2
    pickle.dumps(y)
    x.data, y.label = 7.0, "new"
    again = pickle.loads(pickle.dumps(y))
    assert (again.operands[0].data, again.label) == (7.0, "new")


def test_a_shallow_copy_has_the_same_operands() -> None:
    x = Value(0.5)
    y = sin(x)
    again = copy.copy(y)
    assert again is not y
    assert again.operands == (x,)
    again.backward()
    assert (x.grad, y.grad) == (math.cos(0.5), 0.0)


@each_way
def test_a_model_with_history(way: str) -> None:
    model = MLP(2, [3, 1], rng=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    loss = mean_squared_error([model([1.0, 2.0]), model([0.0, 1.0])], [1.0, 0.0])
    loss.backward()
    model2, optimizer2, loss2 = WAYS[way]((model, optimizer, loss))
    assert optimizer2.parameters == model2.parameters()
    assert [p.grad for p in model2.parameters()] == [p.grad for p in model.parameters()]
    model2.zero_grad()
    loss2.backward()
    optimizer2.step()
    optimizer.step()
    assert [p.data for p in model2.parameters()] == [p.data for p in model.parameters()]


@pytest.mark.parametrize(
    "made",
    [
        *TABLE.values(),
        *TRACED.values(),
        *[gammas.polygamma(n).primitive for n in range(5)],
        ACCUMULATE,
        cube.primitive,
        summed.primitive,
    ],
    ids=lambda made: made.name,
)
def test_a_primitive_of_a_module_is_pickled_by_name(made: Any) -> None:
    assert pickle.loads(pickle.dumps(made)) is made
    assert copy.deepcopy(made) is copy.copy(made) is made


def test_a_primitive_without_a_name_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("cloudpickle", "dill"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    local = primitive(lambda g, out, x: 2 * g)(lambda x: 2 * x)
    x = Value(1.0)
    y = local(x) * 3
    with pytest.raises(pickle.PicklingError, match=r"detach\(\)") as caught:
        pickle.dumps(y)
    assert "@primitive" in str(caught.value)
    x2, y2 = copy.deepcopy((x, y))
    y2.backward()
    assert (x2.grad, x.grad) == (6.0, 0.0)


def test_a_result_of_a_compiled_function_says_what_to_do() -> None:
    from autograd.jit import jit

    x = Value(2.0)
    y = jit(lambda x: x * x * x, backend="python")(x)
    y2 = jit(lambda x: x * x * x, backend="python")
    y2(x)
    with pytest.raises(pickle.PicklingError, match=r"detach\(\)"):
        pickle.dumps(y2(x))
    assert pickle.loads(pickle.dumps(y.detach())).data == 8.0
    x2, copied = copy.deepcopy((x, y2(x)))
    copied.backward()
    assert (x2.grad, x.grad) == (12.0, 0.0)


def test_a_pickle_is_read_in_another_process(tmp_path: Path) -> None:
    x = Value(0.5, label="x")
    file = tmp_path / "graph"
    file.write_bytes(pickle.dumps(exp(x) * sin(x)))
    program = f"import pickle; print(pickle.load(open({str(file)!r}, 'rb')).data)"
    found = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(autograd.__file__).parents[1],
    )
    assert float(found.stdout) == math.exp(0.5) * math.sin(0.5)


@given(st.lists(st.floats(), min_size=1))
def test_leaves_keep_their_numbers(numbers: list[float]) -> None:
    for again in (copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))):
        found = again([Value(x) for x in numbers])
        assert [repr(x.data) for x in found] == [repr(x) for x in numbers]
