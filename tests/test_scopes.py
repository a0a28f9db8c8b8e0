"""`scope` and `record_scopes`: which part of a program computed a Value, if anybody asks."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, grad, is_recording, jit, modes, no_grad, record_scopes, scope
from autograd.scopes import Scope, Scopes
from nn import MLP, Layer, Module


@pytest.fixture(autouse=True)
def _everything_is_put_back() -> Iterator[None]:
    yield
    assert is_recording()
    assert not modes.is_quiet
    assert modes.current_observer() is None


def path(scopes: Scopes, value: Value) -> list[str]:
    """The names of the scopes of a Value, from the outside in."""
    if value not in scopes.of:
        return []
    return [found.name for found in scopes.of[value].outward()][::-1]


class Scale(Module):
    def __init__(self, factor: float) -> None:
        self.factor = Value(factor)

    def __call__(self, x: Any) -> Value:
        return self.factor * x


# Any nesting of blocks and calls, with exceptions among them, gives each result the path of what is
# open around it.

Tree = list[Any]
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.just([]),
    lambda inside: st.lists(
        st.tuples(st.sampled_from(["block", "decorated", "module", "result", "raises"]), inside),
        max_size=4,
    ),
    max_leaves=12,
)


class Part(Module):
    def __init__(self, run: Callable[[], None]) -> None:
        self.run = run

    def __call__(self) -> None:
        self.run()


@given(TREES)
def test_each_result_has_the_scopes_open_around_it(tree: Tree) -> None:
    expected: list[tuple[Value, list[str]]] = []
    x = Value(2.0)

    def run(items: Tree, around: list[str]) -> None:
        for number, (kind, inside) in enumerate(items):
            name = f"{kind} {number}"
            if kind == "result":
                expected.append((x * 2.0, around))
                expected.append((x + x, around))
            elif kind == "module":
                Part(lambda inside=inside: run(inside, [*around, "Part"]))()  # type: ignore[misc]
            elif kind == "decorated":
                scope(name)(run)(inside, [*around, name])
            else:
                try:
                    with scope(name):
                        run(inside, [*around, name])
                        if kind == "raises":
                            raise KeyError
                except KeyError:
                    pass

    with record_scopes() as scopes:
        run(tree, [])
    assert [path(scopes, value) for value, _ in expected] == [around for _, around in expected]


def test_each_call_of_a_module_is_a_scope() -> None:
    network = MLP(2, [3, 1], rng=0)
    with record_scopes() as scopes:
        first, second = network([1.0, 0.0]), network([1.0, 0.0])
    assert path(scopes, first) == ["MLP", "Layer", "Neuron"]
    calls = [list(scopes.of[y].outward()) for y in (first, second)]
    assert all(a is not b and a.module is b.module for a, b in zip(*calls, strict=True))
    assert calls[0][-1].module is network
    neurons = {s for s in scopes.of.values() if s.name == "Neuron"}
    assert len(neurons) == 8


def test_a_call_of_the_base_class_is_the_same_scope() -> None:
    class Doubled(Scale):
        def __call__(self, x: Any) -> Value:
            return super().__call__(x) * 2.0

    with record_scopes() as scopes:
        y = Doubled(3.0)(Value(2.0))
    assert path(scopes, y) == path(scopes, y.operands[0]) == ["Doubled"]
    assert scopes.of[y] is scopes.of[y.operands[0]]


def test_a_module_needs_only_named_parameters() -> None:
    class Line:
        def named_parameters(self) -> list[tuple[str, Value]]:
            return []

        def __call__(self, xs: list[Value]) -> Value:
            return next(x * 2.0 for x in xs)

    with record_scopes() as scopes:
        assert path(scopes, Line()([Value(1.0)])) == ["Line"]


def test_nothing_is_recorded_outside_of_the_block() -> None:
    scale = Scale(3.0)
    with scope("before"):
        before = scale(Value(2.0))
        with record_scopes() as scopes:
            inside = scale(Value(2.0))
    after = scale(Value(2.0))
    assert (path(scopes, before), path(scopes, inside), path(scopes, after)) == ([], ["Scale"], [])


def test_the_innermost_block_records() -> None:
    with record_scopes() as outer, scope("a"):
        x = Value(1.0) * 2.0
        with record_scopes() as inner, scope("b"):
            y = x * 2.0
        z = y * 2.0
    assert [path(outer, v) for v in (x, y, z)] == [["a"], [], ["a"]]
    assert path(inner, y) == ["b"]


def test_results_without_a_history_are_in_no_scope() -> None:
    with record_scopes() as scopes, scope("a"):
        with no_grad():
            quiet = Value(1.0) * 2.0
        loud = quiet * 2.0
    assert (path(scopes, quiet), path(scopes, loud)) == ([], ["a"])
    assert loud.operands == (quiet, 2.0)


def test_other_threads_are_not_recorded() -> None:
    def work() -> Value:
        with scope("thread"):
            return Scale(2.0)(Value(1.0))

    def recorded() -> list[str]:
        with record_scopes() as scopes:
            y = work()
        return path(scopes, y)

    with ThreadPoolExecutor(1) as pool, record_scopes() as scopes:
        y = pool.submit(work).result()
        assert pool.submit(recorded).result() == ["thread", "Scale"]
    assert scopes.of == {}
    assert y.operands


def test_tasks_do_not_mix() -> None:
    class Slow(Module):
        async def __call__(self, name: str) -> list[Value]:
            x = Value(1.0)
            found = []
            with scope(name):
                for _ in range(3):
                    found.append(x * 2.0)
                    await asyncio.sleep(0)
            return found

    async def both() -> list[list[Value]]:
        return list(await asyncio.gather(Slow()("a"), Slow()("b")))

    with record_scopes() as scopes:
        found = asyncio.run(both())
    for name, values in zip("ab", found, strict=True):
        assert [path(scopes, value) for value in values] == [["Slow", name]] * 3
        assert len({scopes.of[value] for value in values}) == 1


def test_a_compiled_call_is_one_operation_in_its_scope() -> None:
    layer = Layer(2, 2, activation="tanh", rng=0)

    @jit
    def energy(x: Any, y: Any) -> Any:
        with scope("inside"):
            a, b = layer([x, y])
            return a * b

    plain = energy(1.0, 2.0)
    with record_scopes() as scopes, scope("outside"):
        y = energy(Value(1.0), 2.0)
        assert energy(1.0, 2.0) == plain
        assert grad(energy)(1.0, 2.0) == grad(energy)(1.0, 2.0)
    traces = energy.traces
    assert path(scopes, y) == ["outside"]
    assert {found.name for found in scopes.of.values()} == {"outside"}
    with record_scopes(), scope("again"):
        energy(Value(1.0), 2.0)
    energy(Value(1.0), 2.0)
    assert energy.traces == traces


def test_what_a_call_holds_is_let_go_of() -> None:
    class Big:
        pass

    kept: list[weakref.ref[Big]] = []

    class Holder(Module):
        def __call__(self, x: Value) -> Value:
            big = Big()
            kept.append(weakref.ref(big))
            return x * 2.0

    with record_scopes() as scopes:
        Holder()(Value(1.0))
    gc.collect()
    assert kept[0]() is None
    assert len(scopes.of) == 1


@pytest.mark.parametrize(("name", "error"), [(3, TypeError), (None, TypeError), ("", ValueError)])
def test_a_name_is_a_string_that_is_not_empty(name: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="scope: the name must"):
        scope(name)


def test_a_scope_says_where_it_is() -> None:
    inner = Scope("scores", None, Scope("Attention", None, None))
    assert repr(inner) == "<scope scores in <scope Attention>>"
