"""Settings that are reached by no name of their own: watched, or refused with a warning."""

from __future__ import annotations

import contextvars
import copy
import dataclasses
import functools
import itertools
import operator
import os
import sys
import threading
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import pytest
from jit_settings import Case, Cases

from autograd import Value, relu, sigmoid
from autograd.jit import jit

CASES = Cases()
case = CASES.case


RATE, RATES = 1.0, [1.0]


@case(False)
def globals_by_name() -> Case:
    return lambda x: globals()["RATE"] * x, lambda v: globals().update(RATE=v)


@case(False)
def evaluated() -> Case:
    return lambda x: eval("RATE") * x, lambda v: globals().update(RATE=v)


@case()
def vars_of_an_object() -> Case:
    class A:
        pass

    a = A()
    return lambda x: vars(a)["rate"] * x, lambda v: setattr(a, "rate", v)


@case()
def dict_of_an_object() -> Case:
    class A:
        pass

    a = A()
    return lambda x: a.__dict__["rate"] * x, lambda v: setattr(a, "rate", v)


@case()
def computed_name() -> Case:
    class A:
        pass

    a = A()
    name = "rate"
    return lambda x: getattr(a, name) * x, lambda v: setattr(a, "rate", v)


def _named(read: Callable[[Any], Any]) -> Case:
    class A:
        pass

    a = A()
    return lambda x: read(a) * x, lambda v: setattr(a, "rate", v)


PARTS = ["ra", "te"]


@case()
def name_that_is_joined() -> Case:
    return _named(lambda a: getattr(a, "".join(PARTS)))


@case()
def name_that_is_added() -> Case:
    return _named(lambda a: getattr(a, "ra" + PARTS[1]))


@case()
def name_that_is_formatted() -> Case:
    return _named(lambda a: getattr(a, f"ra{PARTS[1]}"))


@case()
def name_that_is_sliced() -> Case:
    return _named(lambda a: getattr(a, "rates"[:4], None))


@case()
def name_with_a_computed_default() -> Case:
    return _named(lambda a: getattr(a, "rate", len(PARTS) + 1.0))


def _kind(ask: Callable[[Any], Any]) -> Case:
    held: list[Any] = [1.0]
    value = Value(1.0)

    def set_to(v: float) -> None:
        held[0] = value if v == 5.0 else v

    return lambda x: 2 * x if ask(held[0]) else x, set_to


@case()
def number_that_becomes_a_value() -> Case:
    return _kind(lambda x: isinstance(x, Value))


@case()
def number_that_gets_a_gradient() -> Case:
    return _kind(lambda x: hasattr(x, "backward"))


@case()
def number_that_gets_another_class() -> Case:
    return _kind(lambda x: type(x) is float)


GRADIENTS: dict[str, Callable[[Any], Callable[[Any], Any]]] = {
    "getattr": lambda a: lambda x: x * getattr(a, "grad"),  # noqa: B009 - what is asked about
    "a name": lambda a, name="grad": lambda x: x * getattr(a, name),  # type: ignore[misc]
    "a list": lambda a, names=["data", "grad"]: lambda x: x * getattr(a, names[1]),  # type: ignore[misc]
    "a tuple": lambda a: lambda x: x * sum(getattr(a, name) for name in ("grad",)),
    "attrgetter": lambda a: lambda x: x * operator.attrgetter("grad")(a),
    "an attrgetter": lambda a, get=operator.attrgetter("grad"): lambda x: x * get(a),  # type: ignore[misc]
    "format": lambda a: lambda x: x * float("{.grad}".format(a)),  # noqa: UP032 - what is asked about
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_a_gradient_is_not_read_once(name: str) -> None:
    a = Value(1.0)
    compiled = jit(GRADIENTS[name](a))
    numbers = [0.0, 1.0, 2.0]
    with pytest.warns(RuntimeWarning, match=r"reads \.grad of a Value"):
        assert [(setattr(a, "grad", k), compiled(3.0))[1] for k in numbers] == [0.0, 3.0, 6.0]


@case()
def attrgetter() -> Case:
    class A:
        pass

    a = A()
    get = operator.attrgetter("rate")
    return lambda x: get(a) * x, lambda v: setattr(a, "rate", v)


@case()
def methodcaller() -> Case:
    class A:
        def by(self):
            return 1.0

    a = A()
    get = operator.methodcaller("by")
    return lambda x: get(a) * x, lambda v: setattr(A, "by", lambda self: v)


@case()
def copied_object() -> Case:
    class A:
        pass

    a = A()
    return lambda x: copy.copy(a).rate * x, lambda v: setattr(a, "rate", v)


@case()
def dataclass_as_dict() -> Case:
    @dataclass
    class A:
        rate: float = 1.0

    a = A()
    return lambda x: dataclasses.asdict(a)["rate"] * x, lambda v: setattr(a, "rate", v)


@case()
def attrs_as_dict() -> Case:
    attr = pytest.importorskip("attr")
    kind = attr.make_class("A", {"rate": attr.ib(1.0)})
    a = kind()
    return lambda x: attr.asdict(a)["rate"] * x, lambda v: setattr(a, "rate", v)


@case()
def attrs_evolved() -> Case:
    attr = pytest.importorskip("attr")
    kind = attr.make_class("A", {"rate": attr.ib(1.0), "scale": attr.ib(1.0)}, slots=True)
    a = kind()
    return lambda x: attr.evolve(a, rate=2.0).scale * x, lambda v: setattr(a, "scale", v)


@case()
def protocol() -> Case:
    class A:
        pass

    a = A()

    def change(v: float) -> None:
        if v == 5.0:
            del a.rate
        else:
            a.rate = lambda: v

    return lambda x: a.rate() * x if isinstance(a, HasRate) else x, change


@case()
def protocol_of_data() -> Case:
    class A:
        pass

    a = A()

    def change(v: float) -> None:
        if v == 5.0:
            del a.number
        else:
            a.number = v

    return lambda x: a.number * x if isinstance(a, HasNumber) else x, change


@runtime_checkable
class HasNumber(Protocol):
    number: float


@runtime_checkable
class HasRate(Protocol):
    def rate(self) -> float: ...


@case()
def partial_() -> Case:
    d = {"rate": 1.0}
    p = functools.partial(lambda d, x: d["rate"] * x, d)
    return lambda x: p(x), lambda v: d.update(rate=v)


@case()
def partial_itself() -> Case:
    d = {"rate": 1.0}
    return functools.partial(lambda d, x: d["rate"] * x, d), lambda v: d.update(rate=v)


@case()
def lru_cache_() -> Case:
    d = {"rate": 1.0}

    @functools.lru_cache
    def rate():
        return d["rate"]

    def change(v):
        d["rate"] = v
        rate.cache_clear()

    return lambda x: rate() * x, change


@case()
def stale_lru_cache() -> Case:
    d = {"rate": 1.0}

    @functools.lru_cache
    def rate():
        return d["rate"]

    return lambda x: rate() * x, lambda v: d.update(rate=v)


@case()
def singledispatch_() -> Case:
    @functools.singledispatch
    def by(kind, x):
        return x

    @by.register
    def _(kind: str, x):
        return x * 2

    def change(v):
        by.register(int, lambda kind, x: x * v)

    return lambda x: by(1, x), change


@case()
def bound_method() -> Case:
    class A:
        rate = 1.0

        def by(self, x):
            return self.rate * x

    a = A()
    by = a.by
    return lambda x: by(x), lambda v: setattr(a, "rate", v)


@case()
def bound_method_of_a_dict() -> Case:
    d = {"rate": 1.0}
    get = d.get
    return lambda x: get("rate") * x, lambda v: d.update(rate=v)


@case()
def callable_object() -> Case:
    class A:
        def __call__(self, x):
            return self.rate * x

    a = A()
    return lambda x: a(x), lambda v: setattr(a, "rate", v)


@case()
def nested_function() -> Case:
    d = [1.0]

    def f(x):
        def inner(y):
            return y * d[0]

        return inner(x)

    return f, lambda v: d.__setitem__(0, v)


@case()
def class_made_inside() -> Case:
    d = [1.0]

    def f(x):
        class A:
            def by(self, x):
                return x * d[0]

        return A().by(x)

    return f, lambda v: d.__setitem__(0, v)


@case()
def made_inside() -> Case:
    class A:
        def __init__(self):
            self.rate = RATES[0]

    return lambda x: A().rate * x, lambda v: RATES.__setitem__(0, v)


@case()
def dunder_by_new() -> Case:
    class A:
        def __eq__(self, other):
            return RATES[0] == 1.0

        __hash__ = None

    a = A()
    return lambda x: x if a == 3 else x * 5, lambda v: RATES.__setitem__(0, v)


@case()
def constructor_called_by_type_of_self() -> Case:
    class A:
        def __init__(self):
            self.rate = RATES[0]

        def by(self, x):
            return type(self)().rate * x

    a = A()
    return lambda x: a.by(x), lambda v: RATES.__setitem__(0, v)


@case()
def sorted_by_key() -> Case:
    d = {1: 1.0, 2: 5.0}
    key = lambda i: d[i]
    return lambda x: sorted([1, 2], key=key)[0] * x, lambda v: d.update({1: v, 2: 1.5})


@case()
def registry_of_functions() -> Case:
    r = {"by": lambda x: x}
    return lambda x: r["by"](x), lambda v: r.update(by=lambda x: x * v)


@case()
def match_statement() -> Case:
    class A:
        __match_args__ = ("rate",)

    a = A()

    def f(x):
        match a:
            case A(rate):
                return x * rate

    return f, lambda v: setattr(a, "rate", v)


@case()
def formatted() -> Case:
    class A:
        def __format__(self, spec):
            return str(self.rate)

    a = A()
    return lambda x: x * float(f"{a}"), lambda v: setattr(a, "rate", v)


@case()
def context_variable() -> Case:
    var = contextvars.ContextVar("rate", default=1.0)
    return lambda x: var.get() * x, var.set


@case()
def context_variable_of_list() -> Case:
    var = contextvars.ContextVar("rate", default=[1.0])  # noqa: B039
    return lambda x: var.get()[0] * x, lambda v: var.get().__setitem__(0, v)


@case()
def thread_local() -> Case:
    var = threading.local()
    return lambda x: var.rate * x, lambda v: setattr(var, "rate", v)


@case(False)
def environment() -> Case:
    def change(v):
        os.environ["CHAINRULE_TEST_RATE"] = str(v)

    return lambda x: float(os.environ["CHAINRULE_TEST_RATE"]) * x, change


@case(False)
def environment_by_getenv() -> Case:
    def change(v):
        os.environ["CHAINRULE_TEST_RATE"] = str(v)

    return lambda x: float(os.getenv("CHAINRULE_TEST_RATE")) * x, change


@case(False)
def modules_of_sys() -> Case:
    m = types.ModuleType("own_settings3")
    sys.modules["own_settings3"] = m
    return lambda x: sys.modules["own_settings3"].rate * x, lambda v: setattr(m, "rate", v)


@case(False)
def iterator() -> Case:
    d = [1.0]

    def endless():
        while True:
            yield d[0]

    it = endless()
    return lambda x: next(it) * x, lambda v: d.__setitem__(0, v)


@case(False)
def counted() -> Case:
    it = itertools.count(1)
    return lambda x: 0 * next(it) + x, lambda v: None


@case()
def lock() -> Case:
    guard = threading.Lock()
    d = [1.0]

    def f(x):
        with guard:
            return x * d[0]

    return f, lambda v: d.__setitem__(0, v)


@case(False)
def gradient_of_outside_value() -> Case:
    w = Value(2.0)
    return lambda x: x * w.grad, lambda v: setattr(w, "grad", v)


@case()
def data_of_value() -> Case:
    w = Value(2.0)
    return lambda x: x * w, lambda v: setattr(w, "data", v)


@case()
def value_of_none() -> Case:
    box = [None]
    return lambda x: x if box[0] is None else x * box[0], lambda v: box.__setitem__(
        0, None if v == 1.0 else Value(v)
    )


@case()
def everything_answered() -> Case:
    class A:
        def __init__(self):
            self.rate = 1.0

        def __getattr__(self, name):
            return None

    a = A()
    return lambda x: a.rate * x, lambda v: setattr(a, "rate", v)


@case()
def mock() -> Case:
    from unittest.mock import MagicMock

    a = MagicMock()
    return lambda x: a.rate * x, lambda v: setattr(a, "rate", v)


@case()
def odd_errors() -> Case:
    class A:
        def __getattr__(self, name):
            raise RuntimeError(name)

        def __eq__(self, other):
            raise RuntimeError

        def __len__(self):
            raise RuntimeError

        def __iter__(self):
            raise RuntimeError

        def __bool__(self):
            raise RuntimeError

        __hash__ = None

    a = A()
    return lambda x: a.rate * x, lambda v: setattr(a, "rate", v)


@case()
def lying_class() -> Case:
    class A:
        __class__ = property(lambda self: dict)

    a = A()
    return lambda x: a.rate * x, lambda v: setattr(a, "rate", v)


@case()
def getattribute() -> Case:
    class A:
        def __getattribute__(self, name):
            return object.__getattribute__(self, "_" + name)

    a = A()
    return lambda x: a.rate * x, lambda v: object.__setattr__(a, "_rate", v)


@case()
def proxy_object() -> Case:
    class P:
        def __init__(self, x):
            object.__setattr__(self, "_x", x)

        def __getattr__(self, name):
            return getattr(self._x, name)

    a = types.SimpleNamespace(rate=1.0)
    p = P(a)
    return lambda x: p.rate * x, lambda v: setattr(a, "rate", v)


@case()
def wrapped_function() -> Case:
    d = [1.0]

    def deco(f):
        @functools.wraps(f)
        def g(*a):
            return f(*a) * d[0]

        return g

    @deco
    def h(x):
        return x

    return lambda x: h(x), lambda v: d.__setitem__(0, v)


@case()
def exception_class() -> Case:
    class OwnError(Exception):
        rate = 1.0

    return lambda x: OwnError.rate * x, lambda v: setattr(OwnError, "rate", v)


@case()
def static_method() -> Case:
    class A:
        @staticmethod
        def by(x):
            return x

    return lambda x: A.by(x), lambda v: setattr(A, "by", staticmethod(lambda x: x * v))


@case()
def super_() -> Case:
    class A:
        rate = 1.0

        def by(self, x):
            return x * self.rate

    class B(A):
        def by(self, x):
            return super().by(x)

    b = B()
    return lambda x: b.by(x), lambda v: setattr(A, "rate", v)


@case()
def generator_inside() -> Case:
    d = [1.0]
    return lambda x: sum(y * d[0] for y in [x]), lambda v: d.__setitem__(0, v)


@case()
def module_dict_by_vars() -> Case:
    m = types.ModuleType("settings")
    return lambda x: vars(m)["rate"] * x, lambda v: setattr(m, "rate", v)


@case()
def list_of_lists_shared() -> Case:
    row = [1.0]
    d = [row, row]
    return lambda x: d[1][0] * x, lambda v: row.__setitem__(0, v)


@case(False)
def list_in_itself() -> Case:
    d = [1.0]
    d.append(d)
    return lambda x: d[1][0] * x, lambda v: d.__setitem__(0, v)


@case()
def function_in_place_of_activation() -> Case:
    box = [relu]
    return lambda x: box[0](x), lambda v: box.__setitem__(0, sigmoid if v == 5.0 else relu)


@case()
def string() -> Case:
    d = {"mode": "a"}
    return lambda x: x if d["mode"] == "a" else 5 * x, lambda v: d.update(mode="ab"[v == 5.0])


test_a_changed_setting_is_never_missed = CASES.test()
