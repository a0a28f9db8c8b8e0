"""Functions that do more than compute: after n calls everything is as after n plain ones."""

from __future__ import annotations

import array
import collections
import contextlib
import contextvars
import functools
import io
import logging
import os
import random
import time
import types
import warnings
from collections.abc import Callable, Iterable
from textwrap import indent
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pytest
from jit_settings import ENTRIES, made_by

from autograd import Value
from autograd.jit import jit


def kinds(numbers: Iterable[Any]) -> list[tuple[str, Any]]:
    """Each number with its type."""
    return [(type(v).__name__, v) for v in numbers]


KNOWN: dict[str, Any] = {
    m.__name__: m
    for m in (array, collections, contextvars, functools, io, logging, os, random, time, types)
}
KNOWN |= {"np": np, "kinds": kinds, "Value": Value, "COUNT": 0}

Row = tuple[str, str, str]
"""What is there before; what a call does beside `return x * x`, unless `f` is there already; what
is left outside."""

EFFECTS: list[Row] = [
    ("k = []", "k.append(x * x)", "[float(v) for v in k]"),
    ("k = {}", "k['x'] = x * x", "[*k, *kinds(k.values())]"),
    ("k = set()", "k.add(len(k))", "sorted(k)"),
    ("k = collections.deque(maxlen=2)", "k.append(x)", "kinds(k)"),
    ("k = collections.Counter()", "k['n'] += 1", "dict(k)"),
    ("k = collections.OrderedDict(a=1, b=2)", "k.move_to_end(next(iter(k)))", "list(k)"),
    ("k = collections.defaultdict(list)", "k['a'].append(1.0)", "dict(k)"),
    ("class A: ...\na = A()", "a.last = x * x", "(type(a.last).__name__, a.last)"),
    ("class A: ...\na = A()\na.z = 1", "if hasattr(a, 'z'):\n    del a.z", "vars(a)"),
    ("class A:\n    __slots__ = ('n',)\na = A()\na.n = 0", "a.n += 1", "a.n"),
    ("", "f.n = getattr(f, 'n', 0) + 1", "f.n"),
    ("class A: ...\na = A()\nnm = 'zz'", "setattr(a, nm, getattr(a, nm, 0) + 1)", "vars(a)"),
    ("a = np.zeros(3)", "a[0] += 1", "a.tolist()"),
    ("a = np.array([None, None], dtype=object)", "a[0] = x * x", "kinds(a)"),
    ("a = array.array('d', [0.0])", "a[0] += 1", "list(a)"),
    ("a = bytearray(b'\\x00')", "a[0] += 1", "bytes(a)"),
    ("k = {'a': [[1.0], {'b': 0}]}", "k['a'][1]['b'] += 1", "repr(k)"),
    ("k = []", "if x > 2:\n    k.append(x)", "kinds(k)"),
    ("", "print('p')", "None"),
    ("s = io.StringIO()", "s.write('a')", "s.getvalue()"),
    (
        "os.environ['ZZ'] = '0'",
        "os.environ['ZZ'] = str(int(os.environ['ZZ']) + 1)",
        "os.environ['ZZ']",
    ),
    ("v = contextvars.ContextVar('v', default=0)", "v.set(v.get() + 1)", "v.get()"),
    ("k = []", "list(map(k.append, [x]))", "kinds(k)"),
    ("k = []\nap = k.append", "ap(x)", "kinds(k)"),
    ("m = types.ModuleType('m')\nm.n = 0", "m.n += 1", "m.n"),
    ("m = types.ModuleType('m')", "m.last = x", "(type(m.last).__name__, m.last)"),
    ("k = collections.UserList()", "k.append(x)", "kinds(k)"),
    ("", "global COUNT\nCOUNT += 1", "COUNT"),
    ("", "global NEW\nNEW = x * 2", "kinds([NEW])"),
    ("n = 0", "nonlocal n\nn += x", "kinds([n])"),
    ("if 0: n = 1", "nonlocal n\nn = x", "kinds([n])"),
    (
        "class A: n = 0\na = A()",
        "type(a).n += 1",
        "A.n",
    ),
    ("def f(x, k=[]): return k.append(1.0) or x * x", "", "f.__defaults__"),
    ("def g(a=0.0): return a", "g.__defaults__ = (g() + 1.0,)\nreturn x * g()", "g.__defaults__"),
    ("w = Value(2.0)", "w.grad = w.grad + 1\nreturn w * x", "w.grad"),
    ("w = Value(2.0)", "w.label = 'a' + w.label\nreturn w * x", "w.label"),
    ("k = [(Value(0.0),)]", "k[0] = (0.5 * k[0][0] + x,)\nreturn k[0][0]", "float(k[0][0])"),
    ("k = [Value(1.0), Value(2.0)]", "k.reverse()\nreturn k[0] * x", "[v.data for v in k]"),
    ("it = iter(range(100))", "return x * next(it)", "next(it)"),
    ("k = {}", "if 'a' not in k: k['a'] = x * 2\nreturn x * x + k['a'] * 0", "kinds(k.values())"),
    ("k = []", "k.append(x)\nif len(k) == 2: raise KeyError('a')", "kinds(k)"),
    ("", "try: print('s')\nexcept BaseException: pass", "None"),
    (
        "k = []\nclass H(logging.Handler):\n    def emit(self, r): k.append(r.getMessage())\n"
        "logger = logging.Logger('l')\nlogger.addHandler(H())",
        "logger.info('hi')",
        "k",
    ),
    ("", "return x + 0 * time.perf_counter()", "None"),
    ("k = []\nclass Counted:\n    def __del__(self): k.append(1)", "Counted()\nreturn x", "k"),
]
DRAWS: list[Row] = [
    ("r = random.Random(3)", "return x * r.gauss(0, 1)", "r.getstate()"),
    ("", "return x * random.choice([1.0, 2.0])", "None"),
    ("", "return x * np.random.random()", "None"),
    ("r = np.random.default_rng(1)", "return x * r.random()", "r.bit_generator.state"),
]
COMPUTES: list[Row] = [
    ("class A: t = None\na = A()", "if a.t is None: a.t = [1.0, 2.0]\nreturn x * a.t[1]", "a.t"),
    ("verbose = False", "if verbose: print('s')", "None"),
    ("", "k, d = [], {}\nk.append(x)\nd['a'] = x\nreturn sum(k) * d['a']", "None"),
    (
        "class A:\n    @functools.cached_property\n    def t(self): return [3.0]\na = A()",
        "return x * a.t[0]",
        "vars(a)",
    ),
    (
        "class A:\n    w = Value(2.0)\n"
        "    @functools.cached_property\n    def t(self): return self.w * 3\na = A()",
        "return x * a.t",
        "a.t.data",
    ),
    ("k = []\nh = functools.lru_cache(lambda n: k.append(n) or n * 2.0)", "return x * h(3)", "k"),
]
"""Those that are compiled: what they leave outside is the same after one call and after two."""

ROWS = [(row, warned) for warned, table in enumerate((COMPUTES, EFFECTS + DRAWS)) for row in table]


def run(row: Row, wrap: Callable[[Any], Any]) -> tuple[list[Any], Any, str]:
    """Results or exceptions, what is left outside, and what was printed."""
    before, does, left = row
    written = f"def f(x):\n{indent(does, '    ')}\n    return x * x" if does else ""
    f, state = made_by(f"{before}\n{written}", "f", f"lambda: {left}", **KNOWN)
    random.seed(1)
    np.random.seed(1)
    found: list[Any] = []
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        made = wrap(f)
        for x in (1.0, 2.0, 3.0, 4.0):
            try:
                found.append(float(made(x)))
            except Exception as error:
                found.append(repr(error))
    return found, state(), printed.getvalue()


@pytest.mark.parametrize("backend", ENTRIES)
@pytest.mark.parametrize(("row", "warnings_of"), ROWS, ids=[": ".join(row[:2]) for row, _ in ROWS])
def test_effects_happen_once_a_call(row: Row, warnings_of: int, backend: str) -> None:
    expected = run(row, lambda f: f)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = run(row, lambda f: jit(f, backend=backend))
    assert found == expected
    messages = [str(w.message) for w in warned]
    assert len(messages) == warnings_of, messages
    assert any("draws random numbers" in text for text in messages) is (row in DRAWS)


@pytest.mark.filterwarnings("ignore:Setting the dtype")  # deprecated in NumPy 2.5
def test_the_type_of_an_array_is_put_back() -> None:
    a = np.zeros(3)

    @jit
    def f(x: float) -> float:
        a.dtype = np.dtype(int if a.dtype == float else float)
        return x * x

    with pytest.warns(RuntimeWarning, match="changes captured state"):
        assert f(2.0) == 4.0
    assert a.dtype == int


@runtime_checkable
class Sized(Protocol):
    """What has a length."""

    def __len__(self) -> int: ...


def test_protocols_may_be_asked_for() -> None:
    """For one, `typing` looks at who asks: that is no effect."""

    def f(xs: Any) -> Any:
        is_list = type(xs) is list  # so that calls are watched
        return sum(xs) if is_list and isinstance(xs, Sized | Iterable) else xs

    compiled = jit(f, fallback="raise")
    assert [compiled([1.0, x]) for x in (2.0, 3.0)] == [3.0, 4.0]
