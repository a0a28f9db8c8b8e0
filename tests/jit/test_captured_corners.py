"""Settings in corners: C code, NumPy's objects, what Python says of functions and classes."""

from __future__ import annotations

import abc
import contextlib
import ctypes
import datetime
import decimal
import enum
import io
import itertools
import secrets
import sys
import threading
import types
import warnings
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from jit_settings import Case, Cases

from autograd import Value
from autograd.jit import jit

CASES = Cases()
case = CASES.case


@case(False)
def structure() -> Case:
    class S(ctypes.Structure):
        _fields_ = [("rate", ctypes.c_double)]

    s = S(1.0)
    return lambda x: s.rate * x, lambda v: setattr(s, "rate", v)


@case(False)
def cdouble() -> Case:
    s = ctypes.c_double(1.0)
    return lambda x: s.value * x, lambda v: setattr(s, "value", v)


@case()
def poly() -> Case:
    p = np.poly1d([1.0])
    return lambda x: float(p.coeffs[0]) * x, lambda v: p.coeffs.__setitem__(0, v)


@case()
def vectorize() -> Case:
    d = [1.0]
    g = np.vectorize(lambda y: y * d[0])
    return lambda x: float(g(1.0)) * x, lambda v: d.__setitem__(0, v)


@case(False)
def frompy() -> Case:
    d = [1.0]
    g = np.frompyfunc(lambda y: y * d[0], 1, 1)
    return lambda x: float(g(1.0)) * x, lambda v: d.__setitem__(0, v)


@case()
def recarray() -> Case:
    m = np.rec.array([(1.0,)], dtype=[("rate", float)])
    return lambda x: float(m.rate[0]) * x, lambda v: m.rate.__setitem__(0, v)


@case(False)
def bytesio() -> Case:
    b = io.BytesIO(b"1")
    return lambda x: b.getvalue()[0] * x, lambda v: (b.seek(0), b.write(bytes([int(v)])))


@case(False)
def cycle() -> Case:
    c = [itertools.cycle([1.0])]
    return lambda x: next(c[0]) * x, lambda v: c.__setitem__(0, itertools.cycle([v]))


@case()
def meta_getattr() -> Case:
    d = {"rate": 1.0}

    class M(type):
        def __getattr__(cls, n):
            return d[n]

        def __getitem__(cls, n):
            return d[n]

    class A(metaclass=M):
        pass

    return lambda x: A.rate * A["rate"] * x, lambda v: d.update(rate=v)


@case()
def value_in_class() -> Case:
    class A:
        w = Value(1.0)

    return lambda x: A.w * x, lambda v: setattr(A, "w", Value(v))


@case()
def decorated_contextmanager() -> Case:
    d = [1.0]

    @contextlib.contextmanager
    def cm():
        yield d[0]

    def f(x):
        with cm() as r:
            return r * x

    return f, lambda v: d.__setitem__(0, v)


@case()
def format_attr() -> Case:
    class A:
        pass

    a = A()
    a.rate = 1.0
    return lambda x: float(f"{a.rate}") * x, lambda v: setattr(a, "rate", v)


@case()
def formatted_map() -> Case:
    class A:
        pass

    a = A()
    a.rate = 1.0
    return lambda x: float("{a.rate}".format_map({"a": a})) * x, lambda v: setattr(a, "rate", v)


@case()
def percent() -> Case:
    class A:
        def __str__(self):
            return str(self.rate)

    a = A()
    a.rate = 1.0
    return lambda x: float(f"{a!s}") * x, lambda v: setattr(a, "rate", v)


@case()
def str_of() -> Case:
    class A:
        def __repr__(self):
            return str(self.rate)

    a = A()
    a.rate = 1.0
    return lambda x: float(str(a)) * x, lambda v: setattr(a, "rate", v)


@case()
def int_of() -> Case:
    class A:
        def __index__(self):
            return self.rate

        def __float__(self):
            return float(self.rate)

        def __bool__(self):
            return self.rate == 1

        def __len__(self):
            return int(self.rate)

        def __contains__(self, k):
            return k == self.rate

        def __iter__(self):
            return iter([self.rate])

    a = A()
    a.rate = 1
    return (
        lambda x: (float(a) + len(a) + range(9)[a] + (1 in a) + sum(a) + bool(a)) * x,
        lambda v: setattr(a, "rate", int(v)),
    )


def equal_dataclasses(**options: Any) -> Case:
    @dataclass(**options)
    class A:
        rate: float

    a, b = A(1.0), A(1.0)
    return lambda x: x if a == b else 5 * x, lambda v: setattr(a, "rate", v)


@case()
def dataclass_eq() -> Case:
    return equal_dataclasses()


@case()
def dataclass_eq_without_repr() -> Case:
    return equal_dataclasses(repr=False)


@case()
def dataclass_repr() -> Case:
    @dataclass(eq=False)
    class A:
        rate: float

    a = A(1.0)
    return lambda x: float(repr(a).partition("=")[2][:-1]) * x, lambda v: setattr(a, "rate", v)


@case()
def namespace_chain() -> Case:
    class A:
        class B:
            rate = 1.0

    return lambda x: A.B.rate * x, lambda v: setattr(A.B, "rate", v)


@case()
def sys_argv() -> Case:
    return lambda x: float(sys.argv[-1]) * x, lambda v: sys.argv.__setitem__(
        slice(None), ["a", str(v)]
    )


@case(False)
def dec_context() -> Case:
    return lambda x: decimal.getcontext().prec * x, lambda v: setattr(
        decimal.getcontext(), "prec", int(v)
    )


@case()
def flag() -> Case:
    class F(enum.Flag):
        A = 1
        B = 4

    b = [F.A]
    return lambda x: b[0].value * x, lambda v: b.__setitem__(0, F.A | F.B if v == 5 else F.A)


@case()
def strenum() -> Case:
    class F(enum.StrEnum):
        A = "a"
        B = "b"

    b = [F.A]
    return lambda x: (1 if b[0] == F.A else 5) * x, lambda v: b.__setitem__(
        0, F.B if v == 5 else F.A
    )


@case()
def weakset() -> Case:
    class A:
        pass

    a = A()
    a.rate = 1.0
    s = weakref.WeakSet([a])
    return lambda x: sum(k.rate for k in s) * x + 0 * a.rate, lambda v: setattr(a, "rate", v)


@case()
def weakkey() -> Case:
    class A:
        pass

    a = A()
    s = weakref.WeakKeyDictionary({a: 1.0})
    return lambda x: s[a] * x, lambda v: s.__setitem__(a, v)


@case(False)
def thread_event() -> Case:
    e = threading.Event()
    return lambda x: 5 * x if e.is_set() else x, lambda v: e.set() if v == 5 else e.clear()


@case()
def func_doc() -> Case:
    def g(x):
        "1.0"

    return lambda x: float(g.__doc__) * x, lambda v: setattr(g, "__doc__", str(v))


@case()
def func_name() -> Case:
    def g(x):
        pass

    return lambda x: float(g.__name__) * x, lambda v: setattr(g, "__name__", str(v))


@case()
def class_name() -> Case:
    class A:
        pass

    return lambda x: float(A.__name__) * x, lambda v: setattr(A, "__name__", str(v))


@case()
def class_doc() -> Case:
    class A:
        "1.0"

    return lambda x: float(A.__doc__) * x, lambda v: setattr(A, "__doc__", str(v))


@case()
def annotations() -> Case:
    class A:
        rate: 1.0

    return lambda x: float(A.__annotations__["rate"]) * x, lambda v: A.__annotations__.update(
        rate=v
    )


@case()
def bases() -> Case:
    class B1:
        rate = 1.0

    class B2:
        rate = 5.0

    class A(B1):
        pass

    return lambda x: A.rate * x, lambda v: setattr(A, "__bases__", (B2,) if v == 5 else (B1,))


@case(False)
def clock_from() -> Case:
    return lambda x: x + 0 * perf_counter(), lambda v: None


@case(False)
def now() -> Case:
    return lambda x: x + 0 * datetime.datetime.now().year, lambda v: None


@case(False)
def token() -> Case:
    return lambda x: x + 0 * secrets.randbelow(5), lambda v: None


@case(False)
def numpy_fresh() -> Case:
    return lambda x: x + 0 * np.random.default_rng().normal(), lambda v: None


@case()
def value_label() -> Case:
    w = Value(1.0, label="1.0")
    return lambda x: float(w.label) * x * w, lambda v: setattr(w, "label", str(v))


@case(False)
def operand_read() -> Case:
    w = Value(1.0)
    z = [w * 2]
    return lambda x: z[0].operands[0] * x, lambda v: z.__setitem__(0, Value(v) * 2)


@case()
def decimal_precision() -> Case:
    third = [decimal.Decimal(1), decimal.Decimal(3)]
    set_precision = lambda v: setattr(decimal.getcontext(), "prec", int(v))
    return lambda x: float(third[0] / third[1]) * x, set_precision


@case()
def decimal_precision_of_module() -> Case:
    set_precision = lambda v: setattr(decimal.getcontext(), "prec", int(v))
    return lambda x: float(decimal.Decimal(1) / 3) * x, set_precision


@case()
def registered_subclass() -> Case:
    class Known(metaclass=abc.ABCMeta):
        @abc.abstractmethod
        def rate(self) -> float: ...

    class Late:
        pass

    late = Late()
    register = lambda v: Known.register(Late) if v == 5.0 else None
    return lambda x: (2.0 if isinstance(late, Known) else 1.0) * x, register


@case(False)
def subclasses() -> Case:
    class Parent:
        pass

    kept: list[type] = []
    more = lambda v: kept.append(type("Child", (Parent,), {}))
    return lambda x: len(Parent.__subclasses__()) * x, more


@case(False)
def locked() -> Case:
    lock = threading.Lock()
    change = lambda v: lock.acquire() if v == 5.0 else lock.locked() and lock.release()
    return lambda x: (2.0 if lock.locked() else 1.0) * x, change


@case(False)
def options_of_printing() -> Case:
    precision = lambda v: np.set_printoptions(precision=int(v))
    return lambda x: np.get_printoptions()["precision"] * x, precision


@case()
def key_of_other_type() -> Case:
    table: dict[float, object] = {}

    def change(v: float) -> None:
        table.clear()
        table[v if v == 5.0 else int(v)] = object

    return lambda x: (2.0 if isinstance(next(iter(table)), int) else 1.0) * x, change


@case()
def module_that_comes_later() -> Case:
    def f(x: float) -> float:
        try:
            import module_that_comes_later as found
        except ImportError:
            return x
        return float(found.rate) * x

    def change(v: float) -> None:
        sys.modules.pop("module_that_comes_later", None)
        if v != 1.0:
            module: Any = types.ModuleType("module_that_comes_later")
            module.rate = v
            sys.modules[module.__name__] = module

    return f, change


@case()
def module_of_own_class() -> Case:
    rates: dict[str, float] = {}

    class Lazy(types.ModuleType):
        def __getattr__(self, name: str) -> float:
            return rates[name]

    module = Lazy("lazy")
    return lambda x: module.rate * x, lambda v: rates.update(rate=v)


@case(False)
def dictionary_that_raises() -> Case:
    class Odd:
        rate = 1.0

        @property
        def __dict__(self) -> dict[str, object]:
            raise RuntimeError("not for you")

    odd = Odd()
    return lambda x: odd.rate * x, lambda v: setattr(Odd, "rate", v)


@pytest.fixture(autouse=True)
def _settings_of_others() -> Iterator[None]:
    """What belongs to the process stays as it was."""
    with decimal.localcontext(), np.printoptions():
        yield
    sys.modules.pop("module_that_comes_later", None)


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


test_a_changed_setting_is_never_missed = CASES.test()
