"""Machine code lives as long as anything can call it, in whatever order the collector goes.

Each program runs in a process of its own, so that one that crashes is a failed test, and not the
end of all.
"""

import gc
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytest.importorskip("llvmlite")

from autograd.jit.native.target import Library

ROOT = Path(__file__).parents[2]

COMMON = """
import gc, os, sys, threading
from concurrent.futures import ThreadPoolExecutor
from autograd import grad, pause_gc, sin, sum, tanh
from autograd.jit import jit

def compiled(f):
    return jit(f, backend="native")

def row(count):
    return [0.1 * i for i in range(count)]
"""

PROGRAMS = {
    "a thousand in cycles": """
        class Trainer:
            def __init__(self, k):
                self.k, self.loss = k, compiled(self.loss_of)

            def loss_of(self, xs):
                return sum([sin(x) * x for x in xs])

        for k in range(5):
            with pause_gc():
                made = [Trainer(k) for k in range(200)]
                for trainer in made:
                    for _ in range(2):
                        trainer.loss(row(20 + trainer.k % 7))
            del made, trainer
            gc.collect()
            engines = [x for x in gc.get_objects() if type(x).__name__ == "ExecutionEngine"]
            assert len(engines) <= 8, len(engines)  # those of the texts that were compiled last
    """,
    "a class with a cycle, and derivatives": """
        def make(k):
            class Model:
                loss = staticmethod(compiled(lambda xs: sum([tanh(x * k) for x in xs])))
            Model.itself = Model
            Model.slope = staticmethod(compiled(grad(lambda xs: Model.loss(xs))))
            return Model

        with pause_gc():
            made = [make(k + 1.0) for k in range(20)]
            for k, model in enumerate(made):
                for _ in range(3):
                    model.loss(row(30 + k))
                    model.slope(row(30 + k))
        del made, model
        gc.collect()
    """,
    "a finaliser of the cycle calls the code": """
        called, kept = [], []

        class Last:
            def __init__(self):
                self.itself, self.loss = self, compiled(lambda xs: sum([sin(x) * x for x in xs]))

            def __del__(self):
                called.append(self.loss(row(20)))

        class Kept(Last):
            def __del__(self):
                kept.append(self)

        with pause_gc():
            expected = None
            for kind in (Last, Kept) * 20:
                made = kind()
                for _ in range(3):
                    expected = made.loss(row(20))
            del made
        gc.collect()
        assert called == [expected] * 20, called
        assert [one.loss(row(20)) for one in kept] == [expected] * 20
    """,
    "the collector runs all the time": """
        gc.set_threshold(1, 1, 1)
        for k in range(20):
            f = compiled(lambda xs: sum([sin(x) * x for x in xs]))
            f.itself = [f] if hasattr(f, "__dict__") else None
            f(row(20 + k % 3)), f(row(20 + k % 3))
    """,
    "what all calls share, made by two threads at once": """
        from autograd.jit.native import object_calls

        made = []
        for k in range(20):
            made.append(compiled(lambda xs, k=k: sum([sin(x) * k for x in xs])))
            first = [made[-1](row(5)) for _ in range(3)][-1]
            object_calls._methods.cache_clear()  # as if another one had been kept
            gc.collect()
        assert abs(made[-1](row(5)) - first) < 1e-9
        assert all(f(row(5)) is not None for f in made)
    """,
    "eight threads": """
        def same(xs):
            return sum([sin(x) * x for x in xs])

        def different(k):
            return lambda xs: sum([tanh(x * (k + 0.5)) for x in xs])

        def work(thread):
            worst = 0.0
            start.wait()
            for k in range(6):
                for f in (same, different(k), different(thread * 100 + k)):
                    one, xs = compiled(f), row(20 + k % 5)
                    found = [one(xs) for _ in range(3)][-1]
                    worst = max(worst, abs(found - f(xs)))
                    slopes = compiled(grad(f))(xs)
                    worst = max(worst, *(abs(a - b) for a, b in zip(slopes, grad(f)(xs))))
                if k % 4 == thread % 4:
                    gc.collect()
            return worst

        start = threading.Barrier(8)
        with ThreadPoolExecutor(8) as pool:
            assert max(pool.map(work, range(8))) < 1e-9
    """,
    "children of a process that compiles": """
        def f(xs):
            return sum([sin(x) * x for x in xs])

        def compile_on():
            k = 0
            while not stop.is_set():
                k += 1
                compiled(f)(row(20 + k % 50))

        before, stop = compiled(f), threading.Event()
        expected = [before(row(30)) for _ in range(3)][-1]
        others = [threading.Thread(target=compile_on) for _ in range(2)]
        for thread in others:
            thread.start()
        for _ in range(10):
            child = os.fork()
            if child == 0:
                fresh = compiled(f)
                right = before(row(30)) == expected == [fresh(row(30)) for _ in range(3)][-1]
                del before, fresh
                gc.collect()
                os._exit(0 if right else 1)
            assert os.waitpid(child, 0)[1] == 0
        stop.set()
        for thread in others:
            thread.join()
    """,
    "the end of the interpreter": """
        import atexit

        class Last:
            def __init__(self):
                self.itself, self.loss = self, compiled(lambda xs: sum([sin(x) * x for x in xs]))

            def __del__(self):
                if self.loss is not None:
                    self.loss(xs)

        xs = row(20)
        last = Last()
        for _ in range(3):
            last.loss(xs)
        atexit.register(last.loss, xs)

        def call_on():
            while True:
                last.loss(xs)

        threading.Thread(target=call_on, daemon=True).start()
    """,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_process_goes_on(name: str) -> None:
    if "fork" in PROGRAMS[name] and not hasattr(os, "fork"):
        pytest.skip("there is no fork")
    program = f"{COMMON}\n{textwrap.dedent(PROGRAMS[name])}\nprint('alive')"
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-W", "ignore::DeprecationWarning", "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=600,  # so long only if it hangs
    )
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr
    assert "Exception ignored" not in done.stderr
    assert "Traceback" not in done.stderr


TEXT = "define i64 @f(ptr %numbers) {\n  ret i64 7\n}"


def test_a_function_keeps_its_code() -> None:
    function = Library(TEXT).function("f")
    gc.collect()
    assert function(0) == 7


def test_the_collector_does_not_know_what_holds_the_code() -> None:
    """Else it might call the finaliser first, and then another one that calls the code."""
    assert not gc.is_tracked(Library(TEXT).life)
