"""Backpropagation by hand in C, compiled when it is needed: `cc -O3 -march=native`.

What the machine could do: loops over arrays, called once a step.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.job import Job, flat
from benchmarks.problems import Chain, Network, Point

COMPILER = shutil.which("cc")
if COMPILER is None:
    raise ImportError("no C compiler (cc) on the PATH")

FLAGS = ["-O3", "-march=native", "-fopenmp-simd", "-shared", "-fPIC", "-std=c11", "-D_GNU_SOURCE"]
SOURCE = Path(__file__).with_suffix(".c")

Doubles = ctypes.POINTER(ctypes.c_double)


def compiled(**constants: str) -> Any:
    """The library, with sizes that the compiler knows; kept for other processes."""
    source = SOURCE.read_bytes()
    options = [*FLAGS, *(f"-D{name}={x}" for name, x in constants.items())]
    key = hashlib.sha256(source + repr(options).encode()).hexdigest()[:16]
    library = Path(tempfile.gettempdir(), f"chainrule-benchmark-{os.getuid()}-{key}.so")
    if not library.exists():
        with tempfile.TemporaryDirectory() as folder:
            unfinished = Path(folder, library.name)
            command = [str(COMPILER), *options, str(SOURCE), "-o", str(unfinished), "-lm"]
            subprocess.run(command, check=True, capture_output=True)
            shutil.move(unfinished, library)
    return ctypes.CDLL(str(library))


def array(numbers: list[float]) -> Any:
    """A C array of doubles."""
    return (ctypes.c_double * len(numbers))(*numbers)


def _function(library: Any, name: str, *arguments: Any) -> Callable[[], float]:
    """A function of arrays, all bound, that returns a number."""
    function = getattr(library, name)
    function.restype = ctypes.c_double
    function.argtypes = [Doubles if isinstance(x, ctypes.Array) else type(x) for x in arguments]
    pointers = [ctypes.cast(x, Doubles) if isinstance(x, ctypes.Array) else x for x in arguments]
    return lambda: float(function(*pointers))


def _network(problem: Network, name: str) -> Job:
    sizes = [len(problem.rows[0]), *(len(layer.biases) for layer in problem.layers)]
    library = compiled(
        LAYERS=str(len(sizes) - 1),
        SIZES=",".join(map(str, sizes)),
        WIDEST=str(max(sizes)),
        ROWS=str(len(problem.rows)),
        COUNT=str(sum((a + 1) * b for a, b in pairwise(sizes))),
    )
    columns = [list(zip(*layer.weights, strict=True)) for layer in problem.layers]
    p = array(
        [
            x
            for matrix, layer in zip(columns, problem.layers, strict=True)
            for x in (*flat(matrix), *layer.biases)
        ]
    )
    x, t = array(flat(problem.rows)), array(list(map(float, problem.targets)))
    rates = [ctypes.c_double(problem.lr), ctypes.c_double(problem.decay)]

    def state() -> list[float]:
        found: list[float] = []
        start = 0
        for nin, nout in pairwise(sizes):
            end = start + nin * nout
            found += [p[start + i * nout + j] for j in range(nout) for i in range(nin)]
            found += p[end : end + nout]
            start = end + nout
        return found

    return Job(_function(library, name, p, x, t, *rates), state)


def xor(problem: Network) -> Job:
    """Sigmoids."""
    return _network(problem, "sigmoid_step")


def moons(problem: Network) -> Job:
    """ReLUs and a hinge."""
    return _network(problem, "hinge_step")


def digits(problem: Network) -> Job:
    """ReLUs and a softmax."""
    return _network(problem, "softmax_step")


def _derivatives(name: str, x: list[float], size: int) -> Job:
    out = array([0.0] * size)
    call = _function(compiled(), name, array(x), ctypes.c_int(len(x)), out)
    return Job(call, lambda: list(out))


def rosenbrock(problem: Point) -> Job:
    """The gradient, written down."""
    return _derivatives("rosenbrock", problem.x, len(problem.x))


def hessian(problem: Point) -> Job:
    """The second derivatives, written down."""
    return _derivatives("hessian", problem.x, len(problem.x) ** 2)


def chain(problem: Chain) -> Job:
    """Two loops."""
    out = array([0.0])
    numbers = [ctypes.c_double(x) for x in (problem.start, problem.factor, problem.term)]
    turns = ctypes.c_int(problem.length // 2)
    return Job(_function(compiled(), "chain", *numbers, turns, out), lambda: list(out))
