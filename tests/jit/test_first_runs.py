"""The first runs of a program are interpreted, in the order of the trace, until it is compiled."""

import threading
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, grad, hessian, jit, scan, tanh, tree, value_and_grad, vmap
from autograd.jit import backends, options
from autograd.jit.tuning import COMPILED_AT_ONCE, INTERPRETED_RUNS

POINTS = [[0.1 * k + 0.01 * i for i in range(40)] for k in range(INTERPRETED_RUNS + 4)]


def energy(xs: list[Any]) -> Any:
    total = 0.0  # the built-in `sum` compensates for rounding where the numbers are floats
    for a, b in pairwise(xs):
        total = total + tanh(a) * b - a / (b * b + 1.0)
    return total


def states(compiled: Any) -> list[tuple[str | None, int]]:
    """Backend and interpreted runs of each program."""
    return [(p["backend"], p["interpreted"]) for p in compiled.stats["programs"]]


@pytest.mark.parametrize("transform", [lambda f: f, grad, value_and_grad, hessian])
def test_first_runs_are_interpreted_and_later_ones_compiled(transform: Any) -> None:
    compiled = jit(transform(energy))
    for k, x in enumerate(POINTS):
        found, expected = compiled(x), transform(energy)(x)
        [(backend, left)] = states(compiled)
        assert left == max(0, INTERPRETED_RUNS - k)
        assert (backend is None) is (k <= INTERPRETED_RUNS)
        assert tree.leaves(found) == pytest.approx(tree.leaves(expected), rel=1e-12)


def test_interpreted_values_are_those_of_the_plain_function_bit_by_bit() -> None:
    compiled = jit(energy)
    assert [compiled(x) for x in POINTS[: INTERPRETED_RUNS + 1]] == [
        energy(x) for x in POINTS[: INTERPRETED_RUNS + 1]
    ]


@given(count=st.integers(0, 5), compile_after=st.integers(0, 3))
def test_each_program_counts_its_own_runs(count: int, compile_after: int) -> None:
    f = jit(energy, backend="python", compile_after=compile_after)
    xs = [Value(x) for x in POINTS[0]]
    for _ in range(count + 1):
        f(xs).backward()
    forward, backward = states(f)
    assert forward == (None, compile_after)  # the derivative computes the value too
    assert backward == (
        "python" if count >= compile_after else None,
        max(0, compile_after - count - 1),
    )


def test_small_programs_and_named_backends_are_compiled_at_once() -> None:
    small = jit(lambda x: x * x + 1.0)
    named = jit(energy, backend="python")
    for _ in range(2):
        small(2.0)
        named(POINTS[0])
    assert states(small) == states(named) == [("python", 0)]
    assert jit(energy)._options.interpreted(COMPILED_AT_ONCE) == 0


def test_source_says_what_runs_and_does_not_change_it() -> None:
    f = jit(energy)
    f(POINTS[0])
    assert f"# the next {INTERPRETED_RUNS} runs are interpreted" in f.source
    assert states(f)[0][1] == INTERPRETED_RUNS
    for x in POINTS[1 : INTERPRETED_RUNS + 1]:
        assert f(x) == energy(x)
    assert "interpreted" not in f.source


def test_entry_is_made_when_runs_are_compiled() -> None:
    for f in (jit(energy), jit(grad(energy)), jit(vmap(lambda x: x * x), compile_after=3)):
        for x in POINTS:
            f(x)
        [calls] = f._structures.values()
        assert len(calls.entries) == 1


def test_threads_that_cross_the_count() -> None:
    f, results = jit(value_and_grad(energy), compile_after=3), list[Any]()

    def work() -> None:
        results.extend(f(POINTS[0]) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    value, slope = value_and_grad(energy)(POINTS[0])
    assert len(results) == 30
    assert all(v == pytest.approx(value) and g == pytest.approx(slope) for v, g in results)
    assert states(f)[0][0] is not None


def test_an_interrupted_compilation_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    f = jit(energy, compile_after=1)
    f(POINTS[0]), f(POINTS[1])
    with monkeypatch.context() as patch:

        def interrupted(name: str) -> Any:
            raise KeyboardInterrupt

        patch.setattr(backends, "import_module", interrupted)
        with pytest.raises(KeyboardInterrupt):
            f(POINTS[2])
    assert states(f) == [(None, 0)]
    assert f(POINTS[2]) == pytest.approx(energy(POINTS[2]))
    assert states(f)[0][0] is not None


def test_a_branch_is_found_by_interpreted_runs() -> None:
    def f(xs: list[Any]) -> Any:
        return energy(xs) if xs[0] < 1.0 else energy(xs[::-1])

    compiled = jit(f)
    for first in (0.5, 2.0, 0.5, 2.0):
        xs = [first, *POINTS[0]]
        assert compiled(xs) == f(xs)
    assert compiled.stats["specialisations"] == 2
    assert compiled.stats["plain"] == 0


@pytest.mark.parametrize(
    ("count", "error", "message"),
    [(-1, ValueError, "compile_after must be at least 0, got -1"), (0.5, TypeError, "an integer")],
)
def test_refused_counts(count: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        jit(energy, compile_after=count)


def test_what_takes_longer_to_interpret_than_to_compile_is_compiled_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def f(x: Any) -> Any:
        rows = [y + 0.1 * k for k in range(5) for y in x]
        last, _ = scan(lambda c, row: (tanh(c + row), None), x[0], rows)
        return last

    left = []
    for most in (10_000, 100):
        monkeypatch.setattr(options, "MOST_INTERPRETED", most)
        compiled = jit(f)
        for x in POINTS[:2]:
            assert compiled(x) == pytest.approx(f(x), rel=1e-12)
        left.append(states(compiled)[0][1])
    assert left == [INTERPRETED_RUNS - 1, 0]
