"""Settings in containers, arrays and views: watched, or refused with a warning."""

from __future__ import annotations

import array
import collections
import types
import weakref
from fractions import Fraction

import numpy as np
from jit_settings import Case, Cases

CASES = Cases()
case = CASES.case


RATE, RATES = 1.0, [1.0]


@case()
def deque() -> Case:
    q = collections.deque([1.0])
    return lambda x: q[0] * x, lambda v: q.__setitem__(0, v)


@case()
def user_dict() -> Case:
    q = collections.UserDict(rate=1.0)
    return lambda x: q["rate"] * x, lambda v: q.update(rate=v)


@case()
def user_list() -> Case:
    q = collections.UserList([1.0])
    return lambda x: q[0] * x, lambda v: q.__setitem__(0, v)


@case()
def chain_map() -> Case:
    q = collections.ChainMap({}, {"rate": 1.0})
    return (
        lambda x: q["rate"] * x,
        lambda v: q.update(rate=v) if v == 5.0 else q.maps[1].update(rate=v),
    )


@case()
def ordered_dict() -> Case:
    q = collections.OrderedDict(rate=1.0)
    return lambda x: q["rate"] * x, lambda v: q.update(rate=v)


@case()
def order_of_a_dict() -> Case:
    q = {"a": 1.0, "b": 2.0}

    def change(v):
        q.clear()
        q.update({"a": 1.0, "b": 2.0} if v == 1.0 else {"b": 2.0, "a": 1.0})

    return lambda x: next(iter(q.values())) * x, change


@case()
def default_dict() -> Case:
    q = collections.defaultdict(lambda: 1.0)

    def change(v):
        q.clear()
        q["rate"] = v

    return lambda x: q["rate"] * x, change


@case(False)
def default_dict_that_fills() -> Case:
    q = collections.defaultdict(lambda: 1.0)

    def change(v):
        q.clear()
        if v == 5.0:
            q["rate"] = v

    return lambda x: q["rate"] * x, change


@case()
def counter() -> Case:
    q = collections.Counter(rate=1)
    return lambda x: q["rate"] * x, lambda v: q.update({"rate": 1})


@case()
def array_array() -> Case:
    q = array.array("d", [1.0])
    return lambda x: q[0] * x, lambda v: q.__setitem__(0, v)


@case()
def bytearray_() -> Case:
    q = bytearray(b"\1")
    return lambda x: q[0] * x, lambda v: q.__setitem__(0, int(v))


@case()
def memoryview_() -> Case:
    b = bytearray(b"\1")
    q = memoryview(b)
    return lambda x: q[0] * x, lambda v: b.__setitem__(0, int(v))


@case()
def numpy_array() -> Case:
    q = np.array([1.0, 2.0])
    return lambda x: float(q[0]) * x, lambda v: q.__setitem__(0, v)


@case()
def numpy_view() -> Case:
    q = np.array([[1.0, 2.0]])
    w = q[0]
    return lambda x: float(w[0]) * x, lambda v: q.__setitem__((0, 0), v)


@case()
def numpy_zero_d() -> Case:
    q = np.array(1.0)
    return lambda x: float(q) * x, lambda v: q.__setitem__((), v)


@case()
def numpy_object() -> Case:
    q = np.array([1.0, None], dtype=object)
    return lambda x: q[0] * x, lambda v: q.__setitem__(0, v)


@case()
def numpy_structured() -> Case:
    q = np.zeros(1, dtype=[("rate", float)])
    return lambda x: float(q["rate"][0]) * x, lambda v: q["rate"].__setitem__(0, v)


@case(False)
def numpy_structured_objects() -> Case:
    q = np.zeros(1, dtype=[("rate", object)])
    q["rate"][0] = [1.0]
    return lambda x: q["rate"][0][0] * x, lambda v: q["rate"][0].__setitem__(0, v)


@case(False)
def numpy_masked() -> Case:
    q = np.ma.array([1.0, 2.0], mask=[False, False])

    def change(v):
        q.mask = [v == 5.0, False]

    return lambda x: float(q.sum()) * x, change


@case()
def numpy_scalar() -> Case:
    box = [np.float32(1.0)]
    return lambda x: float(box[0]) * x, lambda v: box.__setitem__(0, np.float32(v))


@case()
def set_of_numbers() -> Case:
    q = {1.0}
    return lambda x: sum(q) * x, lambda v: (q.clear(), q.add(v))


@case()
def set_of_objects() -> Case:
    class A:
        pass

    a = A()
    q = {a}
    return lambda x: sum([y.rate for y in q]) * x, lambda v: setattr(a, "rate", v)


@case()
def keys_that_are_objects() -> Case:
    class A:
        pass

    a = A()
    q = {a: 1.0}
    return lambda x: sum([k.rate * y for k, y in q.items()]) * x, lambda v: setattr(a, "rate", v)


@case()
def mapping_proxy() -> Case:
    d = {"rate": 1.0}
    q = types.MappingProxyType(d)
    return lambda x: q["rate"] * x, lambda v: d.update(rate=v)


@case()
def keys_view() -> Case:
    d = {"rate": 1.0}
    q = d.values()
    return lambda x: sum(q) * x, lambda v: d.update(rate=v)


@case()
def weak_reference() -> Case:
    class A:
        rate = 1.0

    a = A()
    r = weakref.ref(a)
    return lambda x: r().rate * x + (a.rate - a.rate), lambda v: setattr(a, "rate", v)


@case()
def weak_values() -> Case:
    class A:
        rate = 1.0

    a = A()
    r = weakref.WeakValueDictionary(a=a)
    return lambda x: r["a"].rate * x + (a.rate - a.rate), lambda v: setattr(a, "rate", v)


@case(False)
def weak_proxy() -> Case:
    class A:
        rate = 1.0

    a = A()
    r = weakref.proxy(a)
    return lambda x: r.rate * x + 0 * a.rate, lambda v: setattr(a, "rate", v)


@case()
def subclass_of_list() -> Case:
    class L(list):
        scale = 1.0

        def __getitem__(self, i):
            return self.scale * list.__getitem__(self, i)

    q = L([1.0])

    def change(v):
        q.scale = v
        list.__setitem__(q, 0, v)

    return lambda x: q[0] * x, change


@case()
def subclass_of_dict() -> Case:
    class L(dict):
        def __getitem__(self, i):
            return 2 * dict.__getitem__(self, i)

        def __len__(self):
            raise RuntimeError

        def __iter__(self):
            raise RuntimeError

    q = L(rate=1.0)
    return lambda x: q["rate"] * x, lambda v: q.update(rate=v)


@case()
def subclass_of_tuple() -> Case:
    class L(tuple):
        def by(self):
            return self.rate * self[0]

    q = L([1.0])
    return lambda x: q.by() * x, lambda v: setattr(q, "rate", v)


@case()
def subclass_of_float() -> Case:
    class F(float):
        pass

    q = F(1.0)
    return lambda x: q.rate * x, lambda v: setattr(q, "rate", v)


@case()
def fraction_() -> Case:
    box = [Fraction(1)]
    return lambda x: float(box[0]) * x, lambda v: box.__setitem__(0, Fraction(v))


@case()
def range_() -> Case:
    box = [range(1)]
    return lambda x: sum([1.0 for _ in box[0]]) * x, lambda v: box.__setitem__(0, range(int(v)))


test_a_changed_setting_is_never_missed = CASES.test()
