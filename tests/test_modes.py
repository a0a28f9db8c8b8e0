"""`no_grad` and `pause_gc`: on inside, back as before outside, whatever happens in between."""

import asyncio
import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from autograd import Value, is_recording, no_grad, pause_gc
from autograd import modes as state


@pytest.fixture(autouse=True)
def _everything_is_put_back() -> Iterator[None]:
    yield
    assert is_recording()
    assert not state.is_quiet
    assert gc.isenabled()


def test_no_grad_nests_and_survives_exceptions() -> None:
    with no_grad():
        with pytest.raises(KeyError), no_grad():
            raise KeyError
        assert not is_recording()
    assert is_recording()


def test_no_grad_as_a_decorator() -> None:
    @no_grad()
    def predict(x: Value, depth: int = 2) -> Value:
        return predict(x, depth - 1) * 2 if depth else x * 3

    assert predict(Value(1.0)).operands == ()
    assert (Value(1.0) * 3).operands != ()


def test_no_grad_holds_for_its_thread_alone() -> None:
    barrier = Barrier(2, timeout=600)

    def work(record: bool) -> bool:
        if record:
            barrier.wait()
            remembered = bool((Value(1.0) * 2).operands)
            barrier.wait()
            return remembered
        with no_grad():
            barrier.wait()
            remembered = bool((Value(1.0) * 2).operands)
            barrier.wait()
        return remembered

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, [True, False])) == [True, False]


def test_no_grad_holds_for_its_task_alone() -> None:
    async def quiet() -> bool:
        with no_grad():
            await asyncio.sleep(0)
            return bool((Value(1.0) * 2).operands)

    async def loud() -> bool:
        await asyncio.sleep(0)
        return bool((Value(1.0) * 2).operands)

    async def both() -> list[bool]:
        return list(await asyncio.gather(quiet(), loud()))

    assert asyncio.run(both()) == [False, True]


def test_pause_gc_puts_back_what_it_found() -> None:
    with pause_gc():
        assert not gc.isenabled()
        with pause_gc():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with pause_gc():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
    with pytest.raises(KeyError), pause_gc():
        raise KeyError
    assert gc.isenabled()


def test_pause_gc_in_overlapping_threads() -> None:
    """The first to leave must not wake the collector, the last must."""
    barrier = Barrier(2, timeout=600)

    def first() -> None:
        with pause_gc():
            barrier.wait()
        barrier.wait()

    def second() -> bool:
        with pause_gc():
            barrier.wait()
            barrier.wait()
            return gc.isenabled()

    with ThreadPoolExecutor(2) as pool:
        early = pool.submit(first)
        assert pool.submit(second).result() is False
        early.result()
    assert gc.isenabled()


def test_backward_and_transforms_put_the_collector_back() -> None:
    (Value(2.0) * 3).backward()
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError):
        Value(0.0).sqrt().backward()
    assert gc.isenabled()
