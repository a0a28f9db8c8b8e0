"""Compiled functions in many threads at once."""

from __future__ import annotations

import math
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from jit_transforms import BACKENDS

import autograd
from autograd import Value, exp, hessian, tanh, value_and_grad
from autograd.jit import jit


def _zigzag(x: Any, rows: Any, mode: str) -> Any:
    total = x
    for row in rows:
        for v in row:
            total = total * 0.5 + (tanh(v) if v > 0 else v * x)
    return {"sum": total, "mode": [mode, exp(-total * total)]} if mode == "dict" else total


@pytest.mark.parametrize("backend", BACKENDS)
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
