"""Settings in attributes of objects and classes: watched, or refused with a warning."""

from __future__ import annotations

import argparse
import operator
from collections.abc import Callable
from dataclasses import asdict, make_dataclass, replace
from enum import Enum
from typing import Any, Protocol, runtime_checkable
from unittest.mock import MagicMock

import pytest
from jit_settings import Row, never_missed

from autograd import Value
from autograd.jit import jit


@runtime_checkable
class HasNumber(Protocol):
    number: float


@runtime_checkable
class HasRate(Protocol):
    def rate(self) -> float: ...


class Color(Enum):
    A = 1.0
    B = 5.0


WATCHED: list[Row] = [
    # attributes of classes
    ("", "A.rate * x", "A.rate = v"),
    ("", "B.rate * x", "A.rate = v"),
    ("", "B.rate * x", "later(B, v)"),
    ("", "B.rate * x", "B.__bases__ = (type('D', (), {'rate': 5.0}),) if v == 5 else (A,)"),
    ("", "b.by(x)", "A.rate = v"),
    ("class C(A):\n    def by(self, x): return super().by(x)\nc = C()", "c.by(x)", "A.rate = v"),
    ("A.rates = q", "A.rates[0] * x", "q[0] = v"),
    ("A.table = d", "A.table['rate'] * x", "d['rate'] = v"),
    ("E.A = A", "E.A.rate * x", "A.rate = v"),
    ("", "A.w * x", "A.w = Value(v)"),
    # attributes that others hide
    ("B.rate = 7.0", "B.__mro__[1].rate * x", "A.rate = v"),
    ("B.rate = 7.0", "B.__base__.rate * x", "A.rate = v"),
    ("B.rate = 7.0", "super(B, b).rate * x", "A.rate = v"),
    ("B.rate, A.rate = 7.0, q", "B.__bases__[0].rate[0] * x", "q[0] = v"),
    ("B.rate, A.rate = 7.0, q", "B.mro()[1].rate[0] * x", "q[0] = v"),
    ("A.rate, a.rate = q, 7.0", "type(a).rate[0] * x", "q[0] = v"),
    ("A.rate, a.rate = q, 7.0", "a.__class__.rate[0] * x", "q[0] = v"),
    (
        "class D:\n    def __get__(self, a, kind): return 5.0\n    def set(self, a, v): ...\n"
        "A.rate = D()\na.__dict__['rate'] = 1.0",
        "a.rate * x",
        "if v == 5.0: D.__set__ = D.set\nelif '__set__' in vars(D): del D.__set__",
    ),
    ("A.__call__ = A.by\nf = a", "", "A.rate = v"),
    ("A.by = classmethod(A.by)\nf = A.by", "", "A.rate = v"),
    ("A.by = lambda self, x: x * self.__class__.rate\nf = a.by", "", "A.rate = v"),
    ("A.by = lambda self, x: x * type(self).rate\nf = a.by", "", "A.rate = v"),
    ("class M(type): rate = 1.0\nclass A(metaclass=M): ...", "x * A.rate", "M.rate = v"),
    (
        "class M(type):\n    def __getattr__(cls, n): return d[n]\n    __getitem__ = __getattr__\n"
        "class A(metaclass=M): ...",
        "A.rate * A['rate'] * x",
        "d['rate'] = v",
    ),
    ("class OwnError(Exception): rate = 1.0", "OwnError.rate * x", "OwnError.rate = v"),
    ("", "float(E.__name__) * x", "E.__name__ = str(v)"),
    ("", "float(E.__doc__) * x", "E.__doc__ = str(v)"),
    ("class A: x: 1.0", "float(A.__annotations__['x']) * x", "A.__annotations__['x'] = v"),
    # attributes of objects
    ("s = types.SimpleNamespace(rate=1.0)", "s.rate * x", "s.rate = v"),
    ("s = argparse.Namespace(rate=1.0)", "s.rate * x", "s.rate = v"),
    (
        "s, t = types.SimpleNamespace(rate=1.0), types.SimpleNamespace(rate=5.0)",
        "2.0 * x if s == t else x",
        "s.rate = v",
    ),
    (
        "s, t = argparse.Namespace(rate=1.0), argparse.Namespace(rate=5.0)",
        "2.0 * x if s == t else x",
        "s.rate = v",
    ),
    ("s = types.SimpleNamespace(rate=1.0)", "float(f'{s}'[15:-1]) * x", "s.rate = v"),
    ("e.a = types.SimpleNamespace(rate=q)", "e.a.rate[0] * x", "q[0] = v"),
    ("class A: __slots__ = ('rate',)\na = A()", "a.rate * x", "a.rate = v"),
    ("class A: __slots__ = ('rate',)\na = A()", "getattr(a, 'rate', 9.0) * x", "later(a, v)"),
    (
        "class A: __slots__ = ('rate',)\nclass B(A): __slots__ = ('other',)\nb = B()",
        "b.rate * x",
        "b.rate = v",
    ),
    (
        "class A: __slots__ = ('other',)\nclass B(A): ...\nb = B()",
        "b.rate * b.other * x",
        "b.rate, b.other = v, v + 1",
    ),
    ("", "getattr(e, 'rate', 9.0) * x", "later(e, v)"),
    ("", "getattr(e, 'rate', 9.0) * x", "later(E, v)"),
    ("", "a.rate * x", "later(a, v)"),
    (
        "def f(x):\n    try: return e.rate * x\n    except AttributeError: return x",
        "",
        "later(e, v)",
    ),
    ("", "vars(e)['rate'] * x", "e.rate = v"),
    ("", "e.__dict__['rate'] * x", "e.rate = v"),
    ("name = 'rate'", "getattr(a, name) * x", "a.rate = v"),
    ("parts = ['ra', 'te']", "getattr(a, ''.join(parts)) * x", "a.rate = v"),
    ("parts = ['ra', 'te']", "getattr(a, 'ra' + parts[1]) * x", "a.rate = v"),
    ("first = lambda held, _: held", "getattr(first(a, 'other'), 'rate') * x", "a.rate = v"),
    ("", "getattr(max([a], key=lambda _: 'other'), 'rate') * x", "a.rate = v"),
    ("parts = ['ra', 'te']", "getattr(a, f'ra{parts[1]}') * x", "a.rate = v"),
    ("", "getattr(a, 'rates'[:4], None) * x", "a.rate = v"),
    ("", "getattr(e, 'rate', len(q) + 1.0) * x", "e.rate = v"),
    ("get = operator.attrgetter('rate')", "get(a) * x", "a.rate = v"),
    ("get = operator.methodcaller('by', 1.0)", "get(a) * x", "A.by = lambda self, x: v"),
    ("", "copy.copy(a).rate * x", "a.rate = v"),
    (
        "s = types.SimpleNamespace(rate='')",
        "len(pickle.dumps(s)) * x",
        "s.rate = '*' * int(v)",
    ),
    # what reads attributes, under another name
    ("read = getattr", "read(a, 'rate') * x", "a.rate = v"),
    ("d = {'read': getattr}", "d['read'](a, 'rate') * x", "a.rate = v"),
    ("f = lambda x, read=getattr: read(a, 'rate') * x", "", "a.rate = v"),
    ("view = vars\na.rate = 1.0", "view(a)['rate'] * x", "a.rate = v"),
    ("make = operator.attrgetter", "make('rate')(a) * x", "a.rate = v"),
    ("read = object.__getattribute__", "read(a, 'rate') * x", "a.rate = v"),
    ("read = a.__getattribute__", "read('rate') * x", "a.rate = v"),
    (
        "class A: __slots__ = ('rate',)\na, read = A(), A.rate.__get__",
        "read(a) * x",
        "a.rate = v",
    ),
    (
        "class A: __slots__ = ('rate',)\na, slot = A(), A.rate",
        "slot.__get__(a) * x",
        "a.rate = v",
    ),
    (
        "class A: __match_args__ = ('rate',)\na = A()\n"
        "def f(x):\n    match a:\n        case A(rate): return x * rate",
        "",
        "a.rate = v",
    ),
    # methods and operators
    ("", "a.by(x)", "A.by = lambda self, x: v * x"),
    ("", "b.by(x)", "A.by = lambda self, x: v * x"),
    ("a.z = 1", "a.by(x)", "vars(a).clear()\nif v == 1: a.z = 1\nelse: a.by = lambda x: x * v"),
    ("A.__call__ = A.by", "a(x)", "a.rate = v"),
    ("A.__call__ = A.by\nf = a", "", "A.__call__ = lambda self, x: v * x"),
    ("A.__add__ = A.by", "a + x", "A.__add__ = lambda self, x: v * x"),
    ("A.by = staticmethod(lambda x: x)", "A.by(x)", "A.by = staticmethod(lambda x: x * v)"),
    ("E.by = lambda self, x: 5 * x", "a.by(x)", "a.__class__ = E if v == 5.0 else A"),
    ("A.by = lambda self, x: x * RATE\nf = a.by", "", "global RATE\nRATE = v"),
    ("rate = 1.0\nA.by = lambda self, x: x * rate", "a.by(x)", "nonlocal rate\nrate = v"),
    ("A.__init__ = lambda self: setattr(self, 'z', RATES[0])", "A().z * x", "RATES[0] = v"),
    (
        "A.__init__ = lambda self: setattr(self, 'z', RATES[0])\n"
        "A.by = lambda self, x: type(self)().z * x",
        "a.by(x)",
        "RATES[0] = v",
    ),
    (
        "",
        "x if a == b else 5 * x",
        "A.__eq__ = (lambda self, y: False) if v == 5.0 else lambda self, y: True",
    ),
    ("E.__eq__ = lambda self, y: RATES[0] == 1.0", "x if e == 3 else x * 5", "RATES[0] = v"),
    ("", "float(f'{a.rate}') * x", "a.rate = v"),
    ("", "float('{a.rate}'.format_map({'a': a})) * x", "a.rate = v"),
    ("A.__format__ = lambda self, spec: str(self.rate)", "float(f'{a}') * x", "a.rate = v"),
    ("A.__str__ = lambda self: str(self.rate)", "float(f'{a!s}') * x", "a.rate = v"),
    ("A.__repr__ = lambda self: str(self.rate)", "float(str(a)) * x", "a.rate = v"),
    (
        "A.__index__ = A.__len__ = lambda self: self.rate\n"
        "A.__float__ = lambda self: float(self.rate)\n"
        "A.__bool__ = lambda self: self.rate == 1\n"
        "A.__contains__ = lambda self, k: k == self.rate\n"
        "A.__iter__ = lambda self: iter([self.rate])",
        "(float(a) + len(a) + range(9)[a] + (1 in a) + sum(a) + bool(a)) * x",
        "a.rate = int(v)",
    ),
    # properties and descriptors
    ("A.rate = property(lambda self: self._rate)", "a.rate * x", "a._rate = v"),
    ("", "a.rate * x", "A.rate = property(lambda self: v)"),
    (
        "class A:\n    @functools.cached_property\n    def rate(self): return self.z\na = A()",
        "a.rate * x",
        "vars(a).clear()\na.z = v",
    ),
    (
        "class D:\n    def __get__(self, x, owner): return self.rate\nE.rate = D()",
        "e.rate * x",
        "vars(E)['rate'].rate = v",
    ),
    # classes that somebody else's code makes
    ("a = make_dataclass('A', ['rate'])(1.0)", "a.rate * x", "a.rate = v"),
    ("a = make_dataclass('A', ['rate'])(1.0)", "asdict(a)['rate'] * x", "a.rate = v"),
    ("a = make_dataclass('A', ['rate'], slots=True)(1.0)", "a.rate * x", "a.rate = v"),
    (
        "q = [make_dataclass('A', ['rate'], frozen=True)(1.0)]",
        "q[0].rate * x",
        "q[0] = replace(q[0], rate=v)",
    ),
    (
        "A = make_dataclass('A', ['rate'])\na, b = A(1.0), A(1.0)",
        "x if a == b else 5 * x",
        "a.rate = v",
    ),
    (
        "A = make_dataclass('A', ['rate'], repr=False)\na, b = A(1.0), A(1.0)",
        "x if a == b else 5 * x",
        "a.rate = v",
    ),
    (
        "a = make_dataclass('A', ['rate'], eq=False)(1.0)",
        "float(repr(a).partition('=')[2][:-1]) * x",
        "a.rate = v",
    ),
    (
        "K = make_dataclass('K', ['z'], frozen=True)\nd = {K(v): v for v in (1.0, 2.0, 5.0)}",
        "d[q[0]] * x",
        "q[0] = K(v)",
    ),
    (
        "K = make_dataclass('K', ['z'], frozen=True)\nd = {K(v): v for v in (1.0, 2.0, 5.0)}",
        "d.get(q[0], 0.0) * x",
        "q[0] = K(v)",
    ),
    (
        "A = make_dataclass('A', ['rate'])\na, b = A(1.0), A(1.0)",
        "x if a == b else 5 * x",
        "A.__eq__ = (lambda self, y: False) if v == 5.0 else lambda self, y: True",
    ),
    (
        "attr = pytest.importorskip('attr')\na = attr.make_class('A', {'rate': attr.ib(1.0)})()",
        "attr.asdict(a)['rate'] * x",
        "a.rate = v",
    ),
    (
        "attr = pytest.importorskip('attr')\n"
        "a = attr.make_class('A', {'rate': attr.ib(1.0), 'z': attr.ib(1.0)}, slots=True)()",
        "attr.evolve(a, rate=2.0).z * x",
        "a.z = v",
    ),
    (
        "D = make_dataclass('D', [('rate', float, 1.0)], namespace={'by': A.by})\n"
        "a, D.__module__ = D(), 'types'\ndel a.rate",
        "a.by(x) + D.rate",
        "D.rate = v",
    ),
    (
        "D = types.new_class('D', (), {}, lambda n: n.update(by=lambda self, x: q[0] * x))\n"
        "a = D()",
        "a.by(x)",
        "q[0] = v",
    ),
    ("A.__module__ = 'math'", "a.by(x)", "A.rate = v"),
    ("q[0] = Color.A", "q[0].value * x", "q[0] = Color.B if v == 5.0 else Color.A"),
    ("", "Color.A.rate * x", "Color.A.rate = v"),
    (
        "class F(enum.Flag):\n    A = 1\n    B = 4\nq[0] = F.A",
        "q[0].value * x",
        "q[0] = F.A | F.B if v == 5 else F.A",
    ),
    (
        "class F(enum.StrEnum):\n    A = 'a'\n    B = 'b'\nq[0] = F.A",
        "(1 if q[0] == F.A else 5) * x",
        "q[0] = F.B if v == 5 else F.A",
    ),
    ("", "q[0].rate * q[0].other[0] * x", "q[0] = Pair(1.0, [v])"),
    ("p = Pair(1.0, q)", "p.other[0] * x", "q[0] = v"),
    (
        "",
        "e.rate() * x if isinstance(e, HasRate) else x",
        "if v == 5.0: del e.rate\nelse: e.rate = lambda: v",
    ),
    (
        "",
        "e.number * x if isinstance(e, HasNumber) else x",
        "if v == 5.0: del e.number\nelse: e.number = v",
    ),
    (
        "class Known(metaclass=abc.ABCMeta):\n    @abc.abstractmethod\n    def rate(self): ...",
        "(2.0 if isinstance(e, Known) else 1.0) * x",
        "if v == 5.0: Known.register(E)",
    ),
    # classes that do not behave
    ("A.__getattr__ = lambda self, name: None", "a.rate * x", "a.rate = v"),
    ("a = MagicMock()", "a.rate * x", "a.rate = v"),
    (
        "E.__getattr__ = E.__eq__ = E.__len__ = E.__iter__ = E.__bool__ = fails\nE.__hash__ = None",
        "e.rate * x",
        "e.rate = v",
    ),
    ("class A: __class__ = property(lambda self: dict)\na = A()", "a.rate * x", "a.rate = v"),
    (
        "E.__getattribute__ = lambda self, name: object.__getattribute__(self, '_' + name)",
        "e.rate * x",
        "object.__setattr__(e, '_rate', v)",
    ),
    ("E.__getattr__ = lambda self, n: getattr(self._x, n)\ne._x = a", "e.rate * x", "a.rate = v"),
    # Values
    ("", "x * w", "w.data = v"),
    ("", "float(w.label) * x * w", "w.label = str(v)"),
    ("", "x if q[0] is None else x * q[0]", "q[0] = None if v == 1.0 else Value(v)"),
    ("", "2 * x if isinstance(q[0], Value) else x", "q[0] = w if v == 5.0 else v"),
    ("", "2 * x if hasattr(q[0], 'backward') else x", "q[0] = w if v == 5.0 else v"),
    ("", "2 * x if type(q[0]) is float else x", "q[0] = w if v == 5.0 else v"),
]
REFUSED: list[Row] = [
    ("", "x if a == b else 5 * x", "A.__eq__ = lambda self, y: v != 5.0"),
    ("", "len(E.__subclasses__()) * x", "q.append(type('Child', (E,), {}))"),
    (
        "class A:\n    rate = 1.0\n    __dict__ = property(fails)\na = A()",
        "a.rate * x",
        "A.rate = v",
    ),
    ("", "x * w.grad", "w.grad = v"),
    ("z = [w * 2]", "z[0].operands[0] * x", "z[0] = Value(v) * 2"),
]
KNOWN = {x.__name__: x for x in (asdict, make_dataclass, replace, MagicMock, Color, argparse)}
KNOWN |= {"HasNumber": HasNumber, "HasRate": HasRate}

test_a_changed_setting_is_never_missed = never_missed(WATCHED, REFUSED, **KNOWN)

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


def test_an_attribute_of_a_class_that_its_object_comes_to_hide() -> None:
    class Holder:
        rate = 2.0

    holder = Holder()
    compiled = jit(lambda x: type(holder).rate * x)
    found = [compiled(1.0), compiled(1.0)]
    holder.rate, Holder.rate = 2.0, 5.0
    assert [*found, compiled(1.0)] == [2.0, 2.0, 5.0]
