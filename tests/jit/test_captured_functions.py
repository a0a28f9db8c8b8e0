"""Settings in functions, modules and the process: watched, or refused with a warning."""

from __future__ import annotations

import builtins
import decimal
import sys
import types
import warnings
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jit_settings import Row, made, never_missed, outcomes

from autograd import relu, sigmoid
from autograd.jit import jit

WATCHED: list[Row] = [
    # functions
    ("f = lambda x: f.rate * x", "", "f.rate = v"),
    ("g = lambda x: x", "g(x) * getattr(g, 'rate', 1.0)", "later(g, v)"),
    ("g = lambda x, rate=1.0: x * rate", "g(x)", "g.__defaults__ = (v,)"),
    ("g = lambda x, *, rate=1.0: x * rate", "g(x)", "g.__kwdefaults__['rate'] = v"),
    (
        "g = lambda x: x\none, five = g.__code__, (lambda x: x * 5).__code__",
        "g(x)",
        "g.__code__ = five if v == 5.0 else one",
    ),
    (
        "f = lambda x: x\none, five = f.__code__, (lambda x: x * 5).__code__",
        "",
        "f.__code__ = five if v == 5.0 else one",
    ),
    ("g = lambda x: x", "float(g.__doc__) * x", "g.__doc__ = str(v)"),
    ("g = lambda x: x", "float(g.__name__) * x", "g.__name__ = str(v)"),
    ("by = a.by", "by(x)", "a.rate = v"),
    ("get = d.get", "get('rate') * x", "d['rate'] = v"),
    ("r = {'by': lambda x: x}", "r['by'](x)", "r['by'] = lambda x: x * v"),
    ("q[0] = relu", "q[0](x)", "q[0] = sigmoid if v == 5.0 else relu"),
    ("key = lambda i: d[i]", "sorted([1, 2], key=key)[0] * x", "d[1], d[2] = v, 1.5"),
    ("g = eval('lambda x: x * rate', {'rate': 1.0})", "g(x)", "g.__globals__['rate'] = v"),
    ("g = jit(lambda x: x * q[0])", "g(x) + 1", "q[0] = v"),
    ("f = lambda x: (lambda y: y * q[0])(x)", "", "q[0] = v"),
    ("", "sum(y * q[0] for y in [x])", "q[0] = v"),
    (
        "def f(x):\n    class A:\n        def by(self, x): return x * q[0]\n    return A().by(x)",
        "",
        "q[0] = v",
    ),
    ("p = functools.partial(lambda d, x: d['rate'] * x, d)", "p(x)", "d['rate'] = v"),
    ("f = functools.partial(lambda d, x: d['rate'] * x, d)", "", "d['rate'] = v"),
    ("g = functools.wraps(abs)(lambda *a: abs(*a) * q[0])", "g(x)", "q[0] = v"),
    ("g = functools.lru_cache(lambda: q[0])", "g() * x", "q[0] = v\ng.cache_clear()"),
    (
        "by = functools.singledispatch(lambda kind, x: x)",
        "by(1, x)",
        "by.register(int, lambda kind, x: x * v)",
    ),
    (
        "@contextlib.contextmanager\ndef cm(): yield q[0]\n"
        "def f(x):\n    with cm() as r: return r * x",
        "",
        "q[0] = v",
    ),
    ("g = threading.Lock()\ndef f(x):\n    with g: return x * q[0]", "", "q[0] = v"),
    # names of a module
    ("", "x * RATE", "global RATE\nRATE = v"),
    ("", "helper(x)", "globals()['helper'] = lambda x: x * v"),
    (
        "def f(x):\n    try: return x * LATE\n    except NameError: return x",
        "",
        "if v == 5.0: globals()['LATE'] = v\nelse: globals().pop('LATE', None)",
    ),
    (
        "space = {'__builtins__': __builtins__}\nf = eval('lambda x: sum([x, x])', space)",
        "",
        "if v == 5.0: space['sum'] = lambda xs: xs[0] * 5\nelse: space.pop('sum', None)",
    ),
    (
        "known = dict(vars(builtins))\n"
        "f = eval('lambda x: sum([x, x]) / 2', {'__builtins__': known})",
        "",
        "known['sum'] = lambda xs: xs[0] * v * 2",
    ),
    # modules
    ("", "m.rate * x", "m.rate = v"),
    ("", "vars(m)['rate'] * x", "m.rate = v"),
    ("", "m.by(x)", "m.by = lambda x: v * x"),
    ("", "getattr(m, 'a rate')(x)", "setattr(m, 'a rate', lambda x: x * v)"),
    ("m.sub = types.ModuleType('settings.sub')", "m.sub.rate * x", "m.sub.rate = v"),
    ("m.__getattr__ = lambda name: q[0]", "m.rate * x", "q[0] = v"),
    (
        "class Lazy(types.ModuleType):\n    def __getattr__(self, name): return d[name]\n"
        "m = Lazy('lazy')",
        "m.rate * x",
        "d['rate'] = v",
    ),
    (
        "sys.modules['own'] = m\ndef f(x):\n    from own import rate\n    return x * rate",
        "",
        "m.rate = v",
    ),
    (
        "sys.modules['own'] = m\ndef f(x):\n    import own\n    return x * own.rate",
        "",
        "m.rate = v",
    ),
    (
        "def f(x):\n"
        "    try:\n        import late\n        return late.rate * x\n"
        "    except ImportError: return x",
        "",
        "sys.modules.pop('late', None)\nm.rate = v\nif v != 1.0: sys.modules['late'] = m",
    ),
    # the context and the process
    ("var = contextvars.ContextVar('rate', default=1.0)", "var.get() * x", "var.set(v)"),
    ("var = contextvars.ContextVar('rate', default=q)", "var.get()[0] * x", "q[0] = v"),
    ("var = threading.local()", "var.rate * x", "var.rate = v"),
    ("", "float(sys.argv[-1]) * x", "sys.argv[:] = ['a', str(v)]"),
    (
        "one, three = decimal.Decimal(1), decimal.Decimal(3)",
        "float(one / three) * x",
        "decimal.getcontext().prec = int(v)",
    ),
    ("", "float(decimal.Decimal(1) / 3) * x", "decimal.getcontext().prec = int(v)"),
]
REFUSED: list[Row] = [
    ("", "globals()['RATE'] * x", "globals()['RATE'] = v"),
    ("", "eval('RATE') * x", "globals()['RATE'] = v"),
    ("sys.modules['own'] = m", "sys.modules['own'].rate * x", "m.rate = v"),
    ("", "float(os.environ['RATE']) * x", "os.environ['RATE'] = str(v)"),
    ("", "float(os.getenv('RATE')) * x", "os.environ['RATE'] = str(v)"),
    ("", "decimal.getcontext().prec * x", "decimal.getcontext().prec = int(v)"),
    ("", "np.get_printoptions()['precision'] * x", "np.set_printoptions(precision=int(v))"),
    ("g = threading.Event()", "5 * x if g.is_set() else x", "g.set() if v == 5 else g.clear()"),
    (
        "g = threading.Lock()",
        "(2.0 if g.locked() else 1.0) * x",
        "g.acquire() if v == 5 else g.locked() and g.release()",
    ),
    ("from time import perf_counter", "x + 0 * perf_counter()", ""),
    ("", "x + 0 * datetime.datetime.now().year", ""),
    ("", "x + 0 * secrets.randbelow(5)", ""),
    ("", "x + 0 * np.random.default_rng().normal()", ""),
]
KNOWN = {"jit": jit, "relu": relu, "sigmoid": sigmoid, "builtins": builtins}

test_a_changed_setting_is_never_missed = never_missed(WATCHED, REFUSED, **KNOWN)


class Agreeable:
    """Equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


@pytest.mark.parametrize("base", [object, Agreeable])
def test_a_cache_whose_keys_are_objects_is_cleared_after_they_have_changed(base: Any) -> None:
    class Holder(base):  # type: ignore[misc]
        rate = 1.0

        @lru_cache  # noqa: B019 - as users write it
        def kept(self) -> float:
            return self.rate

    holder = Holder()
    compiled = jit(lambda x: holder.kept() * x)
    found = [compiled(2.0), compiled(2.0)]
    Holder.rate = 3.0
    found += [compiled(2.0), compiled(2.0)]
    Holder.kept.cache_clear()
    assert [*found, compiled(2.0)] == [2.0, 2.0, 2.0, 2.0, 6.0]


@pytest.mark.parametrize("size", [None, 2])
def test_a_trace_takes_nothing_from_a_cache(size: int | None) -> None:
    @lru_cache(size)
    def rates(name: str) -> list[float]:
        return [1.0]

    rates("a")[0] = 5.0
    compiled = jit(lambda x, name: rates(name)[0] * x)
    assert [compiled(1.0, name) for name in "bbaab"] == [1.0, 1.0, 5.0, 5.0, 1.0]
    assert rates("a") == [5.0]
    assert rates.cache_info().currsize == 2


def test_what_a_cache_has_kept_stays() -> None:
    """A stale cache is stale in the plain function too."""
    case = ("g = functools.lru_cache(lambda: q[0])", "g() * x", "q[0] = v")
    assert outcomes(*made(case)) == [3.0] * 8
    f, change = made(case)
    assert outcomes(jit(f), change) == [3.0] * 8


@pytest.fixture(autouse=True)
def _settings_of_others(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What belongs to the process stays as it was."""
    monkeypatch.setattr(sys, "argv", ["a"])
    monkeypatch.setenv("RATE", "1.0")
    with decimal.localcontext(), np.printoptions():
        yield
    sys.modules.pop("own", None)
    sys.modules.pop("late", None)


def test_a_module_may_be_loaded_by_the_first_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loaded_in_a_trace.py").write_text("rate = 3.0\n")
    monkeypatch.syspath_prepend(tmp_path)

    @jit
    def f(x: float) -> float:
        import loaded_in_a_trace as found

        return float(found.rate) * x

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [f(x) for x in (1.0, 2.0, 3.0)] == [3.0, 6.0, 9.0]
    assert f.stats["plain"] == 0
    del sys.modules["loaded_in_a_trace"]


def test_numpy_that_is_being_imported_by_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = types.ModuleType("numpy.random")
    monkeypatch.setitem(sys.modules, "numpy.random", begun)
    f = jit(lambda x: x * x, backend="python")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [f(x) for x in (1.0, 2.0)] == [1.0, 4.0]


def test_a_file_with_the_name_of_a_module_of_python_is_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file beside a program hides the module of the standard library that is called so."""
    text = "rate = 1.0\nclass A: rate = 1.0\ndef scaled(x): return rate * x\n"
    Path(tmp_path, "colorsys.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    import colorsys as hides

    module: Any = hides
    for f, holder in (
        (lambda x: module.scaled(x), module),
        (lambda x: module.rate * x, module),
        (lambda x: module.A.rate * x, module.A),
    ):
        change = partial(setattr, holder, "rate")
        assert outcomes(jit(f), change) == outcomes(f, change)
    monkeypatch.delitem(sys.modules, "colorsys")
