"""What a compiled function reads from outside: a change is never missed."""

import types
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, atan2, relu, tanh
from autograd.jit import jit
from autograd.jit.calls.captured import CapturedState
from autograd.jit.calls.plain import is_plain
from autograd.jit.calls.snapshot import Snapshot
from nn import MLP, Module

RATE = 0.5
RATES = [0.5]
WEIGHTS = [Value(2.0), Value(3.0)]
TABLE = {"scale": [1.0, 2.0]}


def both(f: Callable[..., Any], *changes: Callable[[], object], at: float = 3.0) -> Any:
    """Check that a compiled function does what the plain one does, after each of the changes."""
    compiled = jit(f)
    for change in (lambda: None, *changes, lambda: None):
        change()
        for _ in range(2):
            expected, found = f(at), compiled(at)
            assert type(found) is type(expected)
            assert float(found) == pytest.approx(float(expected), rel=1e-12)
    assert compiled.stats["plain"] == 0
    return compiled


def test_a_parameter_that_is_replaced() -> None:
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    neuron = model.layers[0].neurons[1]

    def replace() -> None:
        neuron.weights[0] = Value(neuron.weights[0].data)  # the same number in another Value
        neuron.bias = Value(7.0)

    def f(x: Any) -> Any:
        return model([x, 1.0])

    compiled = both(f, replace)
    assert compiled.stats["specialisations"] == 1
    model.zero_grad()
    compiled(3.0).backward()
    gradients = [p.grad for p in model.parameters()]
    model.zero_grad()
    f(3.0).backward()
    assert gradients == pytest.approx([p.grad for p in model.parameters()], rel=1e-12)
    assert neuron.weights[0].grad != 0.0


def test_parameters_that_were_two_and_are_one() -> None:
    pair = [Value(2.0), Value(3.0)]
    compiled = both(lambda x: pair[0] * x * pair[1], lambda: pair.__setitem__(1, pair[0]))
    pair[0].grad = 0.0
    compiled(3.0).backward()
    assert pair[0].grad == 12.0


def test_kinds_of_numbers_and_signs_of_zeros_count() -> None:
    pair: list[Any] = [0.0, 1.0]
    f = lambda x: atan2(pair[0], -x) * pair[1]
    compiled = jit(f)
    for pair[0], pair[1] in ((0.0, 1.0), (-0.0, 1.0), (0.0, 1), (0, True), (0.0, 1.0)):
        assert compiled(2.0) == f(2.0)


def test_pinned_state_is_compared_once_and_parameters_are_read_always() -> None:
    box: dict[str, Any] = {"rate": 2.0, "w": Value(3.0)}
    compiled = jit(lambda x: box["rate"] * box["w"] * x, backend="numpy")
    assert compiled(1.0).data == 6.0
    box["rate"] = 5.0
    compiled.pin()
    assert compiled(1.0).data == 15.0  # traced, and not pinned
    box["rate"] = 2.0
    compiled.pin()
    assert compiled(1.0).data == 6.0
    box["rate"] = 5.0
    box["w"].data = 4.0
    assert compiled(1.0).data == 8.0  # what the caller has promised not to happen
    compiled.pin()
    assert compiled(1.0).data == 20.0


def test_layers_that_are_added() -> None:
    model = MLP(1, [2, 2], rng=0)
    both(lambda x: sum(model([x])), lambda: model.layers.append(MLP(2, [2], rng=1).layers[0]))


@dataclass
class Options:
    rate: float
    steps: int = 0


class Scaled(Module):
    factor = 2.0

    def __init__(self) -> None:
        self.options = Options(0.5)
        self.weight = Value(1.5)
        self.history = [1.0]

    @property
    def rate(self) -> float:
        return self.options.rate

    def scale(self, x: Any) -> Any:
        return x * self.rate * self.factor

    def __call__(self, x: Any) -> Any:
        return self.scale(x) * self.weight

    def count(self) -> None:
        self.options.steps += 1
        self.history.append(1.0)


def test_what_the_function_cannot_read_may_change() -> None:
    model = Scaled()
    assert both(model, model.count, model.count).stats["specialisations"] == 1
    assert both(model.scale, model.count).stats["specialisations"] == 1


plain = st.recursive(
    st.one_of(st.floats(), st.integers(), st.text(max_size=2), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(plain, plain)
def test_plain_structures_are_compared_as_they_were(x: Any, y: Any) -> None:
    assert is_plain(x)
    box = [x]
    found = CapturedState(lambda: box[0], [])
    assert found.check() == []
    box[0] = deepcopy(x)
    assert found.check() == []
    box[0] = y
    assert (found.check() is not None) is (repr(x) == repr(y))


# Functions that are none of their arguments


def test_a_draw_shows_in_a_state_that_is_too_large_to_be_printed() -> None:
    class Source:
        state = np.zeros(5_000)

        def get_state(self) -> Any:
            return self.state.copy()

    source = Source()
    before = Snapshot([("random", source, (None, "source"))])
    assert before.change() is None
    source.state[2_500] = 1.0
    assert before.change() is not None


@pytest.mark.parametrize(
    "f",
    [
        lambda xs: xs.append(1.0) or xs[0],
        lambda xs: xs.__setitem__(0, xs[0] * 2) or xs[0],
        lambda xs: xs.reverse() or xs[0],
    ],
)
def test_a_function_that_changes_its_arguments_runs_as_it_is(f: Callable[..., Any]) -> None:
    one, other = [1.0, 2.0], [1.0, 2.0]
    compiled = jit(f)
    with pytest.warns(RuntimeWarning, match="changes its arguments"):
        assert compiled(other) == f(one)
    assert compiled(other) == f(one)
    assert one == other


def test_an_equal_tuple_of_functions_is_as_good() -> None:
    class Holder:
        functions: Any = None

    holder = Holder()

    def change(*functions: Any) -> None:
        holder.functions = functions

    change(relu, tanh)
    made = both(
        lambda x: holder.functions[0](x) * holder.functions[1](x),
        lambda: change(relu, tanh),
        lambda: change(tanh, tanh),
    )
    assert made.stats["specialisations"] == 2


SPACE, DEEP = types.SimpleNamespace(rate=0.0), [len, types.SimpleNamespace(x=[0.0])]
ROWS: dict[str, Any] = {"a": [0.0], "b": len}


@pytest.mark.parametrize(
    ("read", "write", "name"),
    [
        (lambda: ROWS["a"][0], lambda v: ROWS["a"].__setitem__(0, v), r"'ROWS' -> \['a'\]"),
        (lambda: SPACE.rate, lambda v: setattr(SPACE, "rate", v), r"'SPACE' -> \.rate"),
        (lambda: DEEP[1].x[0], lambda v: DEEP[1].x.__setitem__(0, v), r"'DEEP' -> \[1\]\.x"),
    ],
)
def test_what_changes_all_the_time_is_named(read: Any, write: Any, name: str) -> None:
    compiled = jit(lambda x: x * read())
    numbers = [float(k) for k in range(12)]
    text = f"changed more than 8 times .*{name}.*an argument, or keep .* in a Value"
    with pytest.warns(RuntimeWarning, match=text) as told:
        assert [(write(k), compiled(1.0))[1] for k in numbers] == numbers
    assert len(told) == 1
    assert compiled.stats["specialisations"] == 8
