"""A child of a fork goes on, whatever other threads of its parent were in the middle of."""

import os
import subprocess
import sys
import textwrap
from collections import deque
from pathlib import Path

import pytest

from autograd.jit import generated

ROOT = Path(__file__).parent.parent

COMMON = """
import faulthandler, gc, os, threading
from autograd import Value, grad, jit, modes, no_grad, pause_gc, value_and_grad
from nn import Module, Neuron, functional_call

inside, goes_on = threading.Event(), threading.Event()

def here(x):
    if threading.current_thread() is not threading.main_thread():
        inside.set()
        goes_on.wait(60)
    return x

def beside(work):
    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(60)
    return thread

def forked(work):
    child = os.fork()
    if child == 0:
        faulthandler.dump_traceback_later(60, exit=True)  # nothing else ends a child that hangs
        work()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0

def nothing_is_open():
    assert gc.isenabled()
    assert not modes.is_quiet and not modes.is_tracing
    assert Value.__hash__ is object.__hash__
"""

PROGRAMS = {
    "a trace of the same function": """
        from autograd.jit.calls import calls

        real = calls.trace

        def trace(call, *args, **options):
            return real(lambda given: (here(0), call(given))[1], *args, **options)

        calls.trace = trace
        compiled = jit(value_and_grad(lambda x: x * x + 1.0))

        def work():
            nothing_is_open()
            assert [compiled(x) for x in (2.0, 3.0, 4.0)] == [(5.0, 4.0), (10.0, 6.0), (17.0, 8.0)]
            nothing_is_open()

        thread = beside(lambda: compiled(2.0))
        forked(work)
        goes_on.set()
        thread.join()
        work()
    """,
    "a stage of the compiler": """
        from autograd.jit.calls import compiled as stages

        for stage in ("recovered", "simplify", "lower", "differentiate"):
            inside.clear(), goes_on.clear()
            real = getattr(stages, stage)
            setattr(stages, stage, lambda *args: (here(0), real(*args))[1])
            shared = jit(lambda x: x * x * x, compile_after=0)
            slope = lambda x: grad(shared)(x)

            def work():
                assert [slope(x) for x in (2.0, 3.0)] == [12.0, 27.0]
                fresh = jit(lambda x: x * x)
                assert [grad(fresh)(x) for x in (2.0, 3.0, 4.0)] == [4.0, 6.0, 8.0]

            thread = beside(lambda: slope(2.0))
            forked(work)
            goes_on.set()
            thread.join()
            work()
            setattr(stages, stage, real)
    """,
    "a block that pauses the collector, or records nothing": """
        def work():
            nothing_is_open()
            with no_grad():
                assert modes.is_quiet
            nothing_is_open()

        def pausing():
            with pause_gc(), no_grad():
                here(0)

        thread = beside(pausing)
        assert not gc.isenabled()
        forked(work)
        with pause_gc():

            def within():
                assert not gc.isenabled()

            forked(within)
        goes_on.set()
        thread.join()
        work()
    """,
    "a call with other numbers in a model": """
        class Model(Module):
            def __init__(self):
                self.neuron = Neuron(1, activation="identity", rng=0)

            def __call__(self, x):
                return here(self.neuron([x]))

        model = Model()
        own = model(2.0).data
        others = {path: 1.0 for path, _ in model.named_parameters()}

        def work():
            assert model(2.0).data == own
            assert functional_call(model, others, 2.0) == 3.0
            assert model(2.0).data == own

        thread = beside(lambda: functional_call(model, others, 2.0))
        forked(work)
        goes_on.set()
        thread.join()
        work()
    """,
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_child_goes_on(name: str) -> None:
    program = f"{COMMON}\n{textwrap.dedent(PROGRAMS[name])}\nprint('alive')"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.stdout == "alive\n", done.stderr


def test_another_thread_may_drop_the_last_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    class Raced(deque[str]):
        def popleft(self) -> str:
            self.clear()
            return super().popleft()

    monkeypatch.setattr(generated, "_GONE", Raced(["<jit of a function that is gone>"]))
    assert generated.define("def run(x):\n    return x + 1\n", {})(1) == 2
