"""Compiled functions in many threads at once."""

from __future__ import annotations

import math
import sys
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from jit_transforms import BACKENDS
from strength import slowly

import autograd
from autograd import Value, exp, hessian, tanh, value_and_grad
from autograd.jit import jit
from autograd.jit.calls import calls


def _zigzag(x: Any, rows: Any, mode: str) -> Any:
    total = x
    for row in rows:
        for v in row:
            total = total * 0.5 + (tanh(v) if v > 0 else v * x)
    return {"sum": total, "mode": [mode, exp(-total * total)]} if mode == "dict" else total


@pytest.mark.parametrize("backend", [x if x in ("native", "auto") else slowly(x) for x in BACKENDS])
def test_eight_threads_with_differing_structures_and_ways(backend: str) -> None:
    compiled = jit(_zigzag, backend=backend)

    def work(seed: int) -> tuple[Any, Any]:
        x = math.sin(seed)
        rows = [[math.cos(seed + i * j) for i in range(1 + seed % 3)] for j in range(seed % 4)]
        mode = ("dict", "sum")[seed % 2]
        args = (x, rows, mode)
        expected, found = _zigzag(*args), compiled(*args)
        if mode == "dict":
            return expected, found
        slope = value_and_grad(lambda x, rows: _zigzag(x, rows, mode), (0, 1))(x, rows)
        return slope, value_and_grad(lambda x, rows: compiled(x, rows, mode), (0, 1))(x, rows)

    def numbers(out: Any) -> list[float]:
        return [float(v) for v in autograd.tree.leaves(out if not isinstance(out, dict) else
                [out["sum"], out["mode"][1]])]  # fmt: skip

    barrier = threading.Barrier(8)

    def thread(k: int) -> list[tuple[Any, Any]]:
        barrier.wait()
        return [work(seed % 40) for seed in range(k, 80 + k)]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        with ThreadPoolExecutor(8) as pool:
            for pairs in pool.map(thread, range(8)):
                for expected, found in pairs:
                    assert numbers(found) == pytest.approx(numbers(expected), rel=1e-12, abs=1e-15)
    assert autograd.modes.is_tracing is False


def test_a_trace_in_one_thread_does_not_show_in_another() -> None:
    done = threading.Event()

    def trace_again_and_again() -> None:
        while not done.is_set():

            def slow(x: Any) -> Any:
                for _ in range(2000):
                    x = x * 0.999 + 0.1
                return x

            assert jit(slow, backend="python")(3.0) > 3.0

    seen = 0
    with ThreadPoolExecutor(1) as pool:
        tracing = pool.submit(trace_again_and_again)
        try:
            while seen < 20 and not tracing.done():
                if not autograd.modes.is_tracing:
                    time.sleep(0)  # the other thread's turn
                    continue
                seen += 1
                v = Value(2.0)
                assert (v > 1) is True
                assert float(v * 3) == 6.0
                assert f"{v:.1f}" == "2.0"
                assert jit(lambda x: x * 5)(2.0) == 10.0
                assert hessian(lambda x: x * x * x)(2.0) == 12.0
        finally:
            done.set()
        tracing.result(600)
    assert seen == 20


def test_what_another_thread_sets_during_a_trace_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    setting, weight, traced = {"rate": 2.0}, Value(1.0), calls.trace
    changes = [1.0, 3.0]

    def change() -> None:
        setting["rate"] = weight.data = weight.grad = changes.pop()

    def disturbed(*args: Any, **options: Any) -> Any:
        found = traced(*args, **options)
        if changes:
            pool.submit(change).result(60)
        return found

    monkeypatch.setattr(calls, "trace", disturbed)
    interval = sys.getswitchinterval()
    f = jit(lambda x: x * setting["rate"] + weight)
    with ThreadPoolExecutor(1) as pool, warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [f(2.0).data for _ in range(2)] == [3.0, 3.0]
    assert (setting, weight.data, weight.grad) == ({"rate": 1.0}, 1.0, 1.0)
    assert not changes
    assert f.stats["plain"] == 0
    assert sys.getswitchinterval() == interval


EFFECTS: list[Callable[[list[Any], Any], Any]] = [
    lambda kept, x: kept.append(1.0),
    lambda kept, x: kept.append(x),
    lambda kept, x: kept.extend([kept]),
    lambda kept, x: kept or kept.append(2.0),
    lambda kept, x: kept or kept.append([x, {}]),
]


@pytest.mark.parametrize("effect", EFFECTS)
def test_beside_other_threads_effects_happen_once_a_call(effect: Any) -> None:
    def run(wrap: Any) -> tuple[list[Any], str]:
        kept: list[Any] = []
        f = wrap(lambda x: (effect(kept, x) and x) or x * x)
        return [f(x) for x in (2.0, 3.0, 4.0)], repr(kept)

    with ThreadPoolExecutor(1) as pool, warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        pool.submit(int).result(60)
        assert run(jit) == run(lambda f: f)
