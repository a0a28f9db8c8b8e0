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
from functools import partial
from textwrap import indent
from typing import Any

import numpy as np
import pytest
from jit_settings import BACKENDS, made_by

from autograd import Value
from autograd.jit import jit

COUNT = 0

Case = tuple[Callable[..., Any], Callable[[], Any]]
"""A function, and what is left outside after it has been called."""


def kinds(numbers: Iterable[Any]) -> list[tuple[str, Any]]:
    """Each number with its type."""
    return [(type(v).__name__, v) for v in numbers]


KNOWN: dict[str, Any] = {m.__name__: m for m in (array, collections, contextvars, io, os, types)}
KNOWN |= {"np": np, "kinds": kinds}

CASES: dict[str, Callable[[], Case]] = {}


def case(make: Callable[[], Case]) -> Callable[[], Case]:
    CASES[make.__name__] = make
    return make


EFFECTS: dict[str, tuple[str, str, str]] = {
    "list_append": ("k = []", "k.append(x * x)", "[float(v) for v in k]"),
    "dict_item": ("k = {}", "k['x'] = x * x", "[*k, *kinds(k.values())]"),
    "set_add": ("k = set()", "k.add(len(k))", "sorted(k)"),
    "deque": ("k = collections.deque(maxlen=2)", "k.append(x)", "kinds(k)"),
    "counter": ("k = collections.Counter()", "k['n'] += 1", "dict(k)"),
    "ordered_dict": (
        "k = collections.OrderedDict(a=1, b=2)",
        "k.move_to_end(next(iter(k)))",
        "list(k)",
    ),
    "default_dict": ("k = collections.defaultdict(list)", "k['a'].append(1.0)", "dict(k)"),
    "attribute": ("class A: ...\na = A()", "a.last = x * x", "(type(a.last).__name__, a.last)"),
    "attribute_that_is_deleted": (
        "class A: ...\na = A()\na.z = 1",
        "if hasattr(a, 'z'):\n    del a.z",
        "vars(a)",
    ),
    "slot": ("class A:\n    __slots__ = ('n',)\na = A()\na.n = 0", "a.n += 1", "a.n"),
    "attribute_of_the_function": ("", "f.n = getattr(f, 'n', 0) + 1", "f.n"),
    "computed_name": (
        "class A: ...\na = A()\nnm = 'zz'",
        "setattr(a, nm, getattr(a, nm, 0) + 1)",
        "vars(a)",
    ),
    "numpy_array": ("a = np.zeros(3)", "a[0] += 1", "a.tolist()"),
    "array_of_objects": ("a = np.array([None, None], dtype=object)", "a[0] = x * x", "kinds(a)"),
    "standard_array": ("a = array.array('d', [0.0])", "a[0] += 1", "list(a)"),
    "bytes": ("a = bytearray(b'\\x00')", "a[0] += 1", "bytes(a)"),
    "nested": ("k = {'a': [[1.0], {'b': 0}]}", "k['a'][1]['b'] += 1", "repr(k)"),
    "later_path": ("k = []", "if x > 2:\n    k.append(x)", "kinds(k)"),
    "printing": ("", "print('p')", "None"),
    "stringio": ("s = io.StringIO()", "s.write('a')", "s.getvalue()"),
    "environment": (
        "os.environ['ZZ'] = '0'",
        "os.environ['ZZ'] = str(int(os.environ['ZZ']) + 1)",
        "os.environ['ZZ']",
    ),
    "context_variable": (
        "v = contextvars.ContextVar('v', default=0)",
        "v.set(v.get() + 1)",
        "v.get()",
    ),
    "by_map": ("k = []", "list(map(k.append, [x]))", "kinds(k)"),
    "bound_append": ("k = []\nap = k.append", "ap(x)", "kinds(k)"),
    "module_attribute": ("m = types.ModuleType('m')\nm.n = 0", "m.n += 1", "m.n"),
    "module_attribute_that_is_new": (
        "m = types.ModuleType('m')",
        "m.last = x",
        "(type(m.last).__name__, m.last)",
    ),
    "user_list": ("k = collections.UserList()", "k.append(x)", "kinds(k)"),
    "verbose_off": ("verbose = False", "if verbose:\n    print('s')", "None"),
}
"""By name: what is there before, what a call does beside `return x * x`, what is left outside."""


def written(before: str, does: str, left: str) -> Case:
    """The case that a row of the table says."""
    f = f"def f(x):\n{indent(does, '    ')}\n    return x * x"
    made: Case = made_by(f"{before}\n{f}", "f", f"lambda: {left}", **KNOWN)
    return made


CASES |= {name: partial(written, *row) for name, row in EFFECTS.items()}


@case
def glob() -> Case:
    global COUNT
    COUNT = 0

    def f(x):
        global COUNT
        COUNT += 1
        return x * x

    return f, lambda: COUNT


@case
def newglob() -> Case:
    globals().pop("NEWG", None)

    def f(x):
        global NEWG
        NEWG = x * 2
        return x * x

    return f, lambda: (type(NEWG).__name__, NEWG)


@case
def nonloc() -> Case:
    n = 0

    def f(x):
        nonlocal n
        n += x
        return x * x

    return f, lambda: (type(n).__name__, n)


@case
def emptycell() -> Case:
    if 0:
        q = 1

    def f(x):
        nonlocal q
        q = x
        return x * x

    return f, lambda: (type(q).__name__, q)


@case
def classattr() -> Case:
    class A:
        n = 0

        def __call__(self, x):
            type(self).n += 1
            return x * x

    return A(), lambda: A.n


@case
def default() -> Case:
    def f(x, k=[]):  # noqa: B006
        k.append(1.0)
        return x * x

    return f, lambda: list(f.__defaults__[0])


@case
def grad() -> Case:
    w = Value(2.0)

    def f(x):
        w.grad = w.grad + 1
        return w * x

    return f, lambda: w.grad


@case
def label() -> Case:
    w = Value(2.0)

    def f(x):
        w.label = "a" + w.label
        return w * x

    return f, lambda: w.label


@case
def logging_() -> Case:
    rec = []

    class H(logging.Handler):
        def emit(self, r):
            rec.append(r.getMessage())

    logger = logging.getLogger("zz")
    logger.addHandler(H())
    logger.setLevel(10)
    logger.propagate = False
    logger.handlers[:] = logger.handlers[-1:]

    def f(x):
        logger.info("hi")
        return x * x

    return f, lambda: list(rec)


@case
def iterat() -> Case:
    it = iter(range(100))

    def f(x):
        return x * next(it)

    return f, lambda: next(it)


@case
def memo() -> Case:
    cache = {}

    def f(x):
        key = "k"
        if key not in cache:
            cache[key] = x * 2
        return x * x + cache[key] * 0

    return f, lambda: {a: (type(b).__name__, b) for a, b in cache.items()}


@case
def lazy_attr() -> Case:
    class A:
        _t = None

        def __call__(self, x):
            if self._t is None:
                self._t = [1.0, 2.0]
            return x * self._t[1]

    a = A()
    return a, lambda: a._t


@case
def cachedprop() -> Case:
    class A:
        @functools.cached_property
        def t(self):
            return [3.0]

        def __call__(self, x):
            return x * self.t[0]

    a = A()
    return a, lambda: vars(a)


@case
def cachedprop_value() -> Case:
    class A:
        w = Value(2.0)

        @functools.cached_property
        def t(self):
            return self.w * 3

        def __call__(self, x):
            return x * self.t

    a = A()
    return a, lambda: a.t.data


@case
def lru() -> Case:
    calls = []

    @functools.lru_cache
    def h(n):
        calls.append(n)
        return n * 2.0

    def f(x):
        return x * h(3)

    return f, lambda: calls


@case
def raising() -> Case:
    k = []

    def f(x):
        k.append(x)
        if len(k) == 2:
            raise KeyError("a")
        return x * x

    return f, lambda: kinds(k)


@case
def rebind_value_tuple() -> Case:
    k = [(Value(0.0),)]

    def f(x):
        k[0] = (0.5 * k[0][0] + x,)
        return k[0][0]

    return f, lambda: float(k[0][0])


@case
def swap_values() -> Case:
    k = [Value(1.0), Value(2.0)]

    def f(x):
        k.reverse()
        return k[0] * x

    return f, lambda: [v.data for v in k]


@case
def made_inside_ok() -> Case:
    def f(x):
        k = []
        k.append(x)
        d = {}
        d["a"] = x
        return sum(k) * d["a"]

    return f, lambda: None


@case
def try_swallow() -> Case:
    def f(x):
        try:  # noqa: SIM105
            print("s")
        except BaseException:
            pass
        return x * x

    return f, lambda: None


@case
def clock() -> Case:
    def f(x):
        return x + 0 * time.perf_counter()

    return f, lambda: None


@case
def rnd() -> Case:
    r = random.Random(3)

    def f(x):
        return x * r.gauss(0, 1)

    return f, lambda: r.getstate()


@case
def rnd_choice() -> Case:
    def f(x):
        return x * random.choice([1.0, 2.0])

    return f, lambda: None


@case
def own_defaults() -> Case:
    def raised(a: float = 0.0) -> float:
        return a

    def f(x: float) -> float:
        raised.__defaults__ = (raised() + 1.0,)
        return x * raised()

    return f, lambda: raised.__defaults__


@case
def finaliser() -> Case:
    log: list[int] = []

    class Counted:
        def __del__(self) -> None:
            log.append(1)

    def f(x: float) -> float:
        Counted()
        return x

    return f, lambda: log


COMPUTES = {"cachedprop", "cachedprop_value", "lru", "made_inside_ok", "verbose_off"}
"""Those that are compiled: what they leave outside is the same after one call and after two."""


def run(make: Callable[[], Case], wrap: Callable[[Any], Any]) -> tuple[list[Any], Any, str]:
    """Results or exceptions, what is left outside, and what was printed."""
    f, state = make()
    random.seed(1)
    found: list[Any] = []
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        made = wrap(f)
        for x in (1.0, 2.0, 3.0, 4.0):
            try:
                found.append(float(made(x)))
            except Exception as error:
                found.append(repr(error))
    return found, state(), printed.getvalue()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CASES)
def test_effects_happen_once_a_call(name: str, backend: str) -> None:
    expected = run(CASES[name], lambda f: f)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = run(CASES[name], lambda f: jit(f, backend=backend))
    assert found == expected
    assert len(warned) == (name not in COMPUTES), [str(w.message) for w in warned]
