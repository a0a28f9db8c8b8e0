"""Settings in attributes of objects and classes: watched, or refused with a warning."""

from __future__ import annotations

import argparse
import enum
import functools
import types
from dataclasses import dataclass, replace
from typing import NamedTuple

from jit_settings import Case, Cases

CASES = Cases()
case = CASES.case


RATE, RATES = 1.0, [1.0]


class Config:
    rate = 1.0
    rates = [1.0]  # noqa: RUF012
    table = {"rate": 1.0}  # noqa: RUF012


class Sub(Config):
    pass


@case()
def attribute_of_a_class() -> Case:
    return lambda x: Config.rate * x, lambda v: setattr(Config, "rate", v)


@case()
def attribute_of_a_base_class() -> Case:
    return lambda x: Sub.rate * x, lambda v: setattr(Config, "rate", v)


@case()
def attribute_of_a_base_class_shadowed() -> Case:
    class A:
        rate = 1.0

    class B(A):
        pass

    def change(v):
        if v == 5.0:
            B.rate = v
        elif "rate" in vars(B):
            del B.rate

    return lambda x: B.rate * x, change


@case()
def list_in_a_class() -> Case:
    return lambda x: Config.rates[0] * x, lambda v: Config.rates.__setitem__(0, v)


@case()
def dict_in_a_class() -> Case:
    return lambda x: Config.table["rate"] * x, lambda v: Config.table.update(rate=v)


@case()
def class_attribute_by_instance() -> Case:
    class A:
        rate = 1.0

        def __call__(self, x):
            return x * self.rate

    return A(), lambda v: setattr(A, "rate", v)


@case()
def class_attribute_by_cls() -> Case:
    class A:
        rate = 1.0

        @classmethod
        def by(cls, x):
            return x * cls.rate

    return A.by, lambda v: setattr(A, "rate", v)


@case()
def class_attribute_by_self_class() -> Case:
    class A:
        rate = 1.0

        def by(self, x):
            return x * self.__class__.rate

    return A().by, lambda v: setattr(A, "rate", v)


@case()
def class_attribute_by_type_of_self() -> Case:
    class A:
        rate = 1.0

        def by(self, x):
            return x * type(self).rate

    return A().by, lambda v: setattr(A, "rate", v)


@case()
def attribute_of_a_metaclass() -> Case:
    class M(type):
        rate = 1.0

    class A(metaclass=M):
        pass

    return lambda x: x * A.rate, lambda v: setattr(M, "rate", v)


@case()
def namespace() -> Case:
    s = types.SimpleNamespace(rate=1.0)
    return lambda x: s.rate * x, lambda v: setattr(s, "rate", v)


@case()
def nested_namespace() -> Case:
    s = types.SimpleNamespace(a=types.SimpleNamespace(rate=[1.0]))
    return lambda x: s.a.rate[0] * x, lambda v: s.a.rate.__setitem__(0, v)


@case()
def options() -> Case:
    s = argparse.Namespace(rate=1.0)
    return lambda x: s.rate * x, lambda v: setattr(s, "rate", v)


@case()
def slots() -> Case:
    class A:
        __slots__ = ("rate",)

    a = A()
    return lambda x: a.rate * x, lambda v: setattr(a, "rate", v)


@case()
def inherited_slots() -> Case:
    class A:
        __slots__ = ("rate",)

    class B(A):
        __slots__ = ("other",)

    a = B()
    return lambda x: a.rate * x, lambda v: setattr(a, "rate", v)


@case()
def slots_and_dict() -> Case:
    class A:
        __slots__ = ("other",)

    class B(A):
        pass

    a = B()
    return lambda x: a.rate * a.other * x, lambda v: (
        setattr(a, "rate", v),
        setattr(a, "other", v + 1),
    )


@case()
def slot_that_is_filled_later() -> Case:
    class A:
        __slots__ = ("rate",)

    a = A()

    def change(v):
        if v == 5.0:
            a.rate = v
        elif hasattr(a, "rate"):
            del a.rate

    return lambda x: getattr(a, "rate", 1.0) * x, change


@case()
def attribute_that_is_there_later() -> Case:
    class A:
        pass

    a = A()
    return (
        lambda x: getattr(a, "rate", 1.0) * x,
        lambda v: vars(a).pop("rate", None) if v == 1.0 else setattr(a, "rate", v),
    )


@case()
def class_attribute_that_is_there_later() -> Case:
    class A:
        pass

    a = A()

    def change(v):
        if v == 5.0:
            A.rate = v
        elif "rate" in vars(A):
            del A.rate

    return lambda x: getattr(a, "rate", 1.0) * x, change


@case()
def attribute_tried() -> Case:
    class A:
        pass

    a = A()

    def f(x):
        try:
            return a.rate * x
        except AttributeError:
            return x

    return f, lambda v: vars(a).pop("rate", None) if v == 1.0 else setattr(a, "rate", v)


@case()
def instance_attribute_over_class_attribute() -> Case:
    class A:
        rate = 1.0

    a = A()
    return (
        lambda x: a.rate * x,
        lambda v: vars(a).pop("rate", None) if v == 1.0 else setattr(a, "rate", v),
    )


@case()
def instance_attribute_over_method() -> Case:
    class A:
        other = 3

        def by(self, x):
            return x

    a = A()
    a.z = 1

    def change(v):
        if v == 1.0:
            vars(a).pop("by", None)
            a.z = 1
        else:
            vars(a).pop("z", None)
            a.by = lambda x: x * v

    return lambda x: a.by(x), change


@case()
def replaced_method() -> Case:
    class A:
        def by(self, x):
            return x

    a = A()
    return lambda x: a.by(x), lambda v: setattr(A, "by", lambda self, x: v * x)


@case()
def replaced_operator() -> Case:
    class A:
        def __call__(self, x):
            return x

    return A(), lambda v: setattr(A, "__call__", lambda self, x: v * x)


@case()
def operator_added() -> Case:
    class A:
        def __add__(self, x):
            return x

    a = A()
    return lambda x: a + x, lambda v: setattr(A, "__add__", lambda self, x: v * x)


@case()
def replaced_method_of_a_base() -> Case:
    class A:
        def by(self, x):
            return x

    class B(A):
        pass

    a = B()
    return lambda x: a.by(x), lambda v: setattr(A, "by", lambda self, x: v * x)


@case()
def class_of_an_instance() -> Case:
    class A:
        def by(self, x):
            return x

    class B:
        def by(self, x):
            return 5 * x

    a = A()
    return lambda x: a.by(x), lambda v: setattr(a, "__class__", B if v == 5.0 else A)


@case()
def global_read_by_a_method() -> Case:
    class A:
        def by(self, x):
            return x * RATE

    return A().by, lambda v: globals().update(RATE=v)


@case()
def closure_of_a_method() -> Case:
    rate = 1.0

    def change(v):
        nonlocal rate
        rate = v

    class A:
        def by(self, x):
            return x * rate

    a = A()
    return lambda x: a.by(x), change


@case()
def property_() -> Case:
    class A:
        def __init__(self):
            self._rate = 1.0

        @property
        def rate(self):
            return self._rate

    a = A()
    return lambda x: a.rate * x, lambda v: setattr(a, "_rate", v)


@case()
def replaced_property() -> Case:
    class A:
        rate = property(lambda self: 1.0)

    a = A()
    return lambda x: a.rate * x, lambda v: setattr(A, "rate", property(lambda self: v))


@case()
def cached_property_() -> Case:
    class A:
        base = 1.0

        @functools.cached_property
        def rate(self):
            return self.base * 1

    a = A()

    def change(v):
        a.base = v
        vars(a).pop("rate", None)

    return lambda x: a.rate * x, change


@case()
def descriptor() -> Case:
    class D:
        def __init__(self):
            self.rate = 1.0

        def __get__(self, x, owner):
            return self.rate

    class A:
        rate = D()

    a = A()
    return lambda x: a.rate * x, lambda v: setattr(vars(A)["rate"], "rate", v)


@case()
def dataclass_() -> Case:
    @dataclass
    class A:
        rate: float = 1.0

    a = A()
    return lambda x: a.rate * x, lambda v: setattr(a, "rate", v)


@case()
def dataclass_with_slots() -> Case:
    @dataclass(slots=True)
    class A:
        rate: float = 1.0

    a = A()
    return lambda x: a.rate * x, lambda v: setattr(a, "rate", v)


@case()
def frozen_dataclass() -> Case:
    @dataclass(frozen=True)
    class A:
        rate: float = 1.0

    box = [A()]
    return lambda x: box[0].rate * x, lambda v: box.__setitem__(0, replace(box[0], rate=v))


class Color(enum.Enum):
    A = 1.0
    B = 5.0


class Pair(NamedTuple):
    rate: float
    other: list


@case()
def enum_() -> Case:
    box = [Color.A]
    return lambda x: box[0].value * x, lambda v: box.__setitem__(
        0, Color.B if v == 5.0 else Color.A
    )


@case()
def enum_with_attribute() -> Case:
    Color.A.rate = 1.0
    return lambda x: Color.A.rate * x, lambda v: setattr(Color.A, "rate", v)


@case()
def namedtuple_() -> Case:
    box = [Pair(1.0, [1.0])]
    return lambda x: box[0].rate * box[0].other[0] * x, lambda v: box.__setitem__(0, Pair(1.0, [v]))


@case()
def namedtuple_inside() -> Case:
    p = Pair(1.0, [1.0])
    return lambda x: p.other[0] * x, lambda v: p.other.__setitem__(0, v)


test_a_changed_setting_is_never_missed = CASES.test()
