"""Settings in objects that are arguments, and in a loss that `fit` compiles."""

from __future__ import annotations

import argparse
import types
import warnings
from array import array
from collections import defaultdict, namedtuple
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import pytest
from jit_settings import ENTRIES, outcomes

import nn
from autograd import Value, register_dataclass
from autograd.jit import jit


class Slotted:
    __slots__ = ("rate",)


@dataclass(slots=True)
class Settings:
    rate: float = 1.0


class Dot(dict[str, Any]):
    __getattr__ = dict.get
    __setattr__ = dict.__setitem__  # type: ignore[assignment]


class InClass:
    rate = 1.0


class Odd:
    """Answers to every name, and to nothing else."""

    def __init__(self) -> None:
        self.rate = 1.0

    def __getattr__(self, name: str) -> Any:
        return None

    def __eq__(self, other: object) -> Any:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]


class Disguised:
    """Says that it is a dict, and knows a setting alone."""

    def __getattribute__(self, name: str) -> Any:
        if name == "rate":
            return object.__getattribute__(self, "rate")
        if name == "__class__":
            return dict
        raise RuntimeError(name)


class Silent:
    """Raises when it is asked for anything but a setting, its class included."""

    def __getattribute__(self, name: str) -> Any:
        if name == "rate":
            return object.__getattribute__(self, "rate")
        raise RuntimeError(name)


HOLDERS: list[Callable[[], Any]] = [
    *(Slotted, Settings, Dot, Odd, Disguised, Silent, types.SimpleNamespace, argparse.Namespace),
    lambda: InClass,
]


@pytest.mark.parametrize("backend", ENTRIES)
@pytest.mark.parametrize("make", HOLDERS)
def test_a_setting_of_an_argument_is_never_missed(make: Callable[[], Any], backend: str) -> None:
    holder = make()
    change = lambda v: setattr(holder, "rate", v)
    plain = lambda x: holder.rate * x
    compiled = jit(lambda x, s: s.rate * x, backend=backend)
    assert outcomes(lambda x: compiled(x, holder), change) == outcomes(plain, change)
    assert compiled.stats["specialisations"] > 0


RATES = [1.0]


class Point(NamedTuple):
    a: float

    def by(self, x: Any) -> Any:
        return RATES[0] * self.a * x

    @property
    def rate(self) -> Any:
        return RATES[0] * self.a


class Scaled(namedtuple("Scaled", "a b")):  # noqa: PYI024 - what is asked about
    __slots__ = ()
    scale = 1.0


@register_dataclass
@dataclass
class Line:
    a: float
    power: ClassVar[float] = 1.0

    def __call__(self, x: Any) -> Any:
        return RATES[0] * self.a * x


class Key(NamedTuple):
    a: float

    def by(self, x: Any) -> Any:
        return RATES[0] * x


class Name(str):
    __slots__ = ()

    def by(self, x: Any) -> Any:
        return RATES[0] * x


first = lambda d: next(iter(d))
of_rates: Callable[[float], object] = lambda v: RATES.__setitem__(0, v)
STRUCTURES: list[tuple[Callable[..., Any], Any, Callable[[float], object]]] = [
    (lambda x, p: p.by(x), Point(1.0), of_rates),
    (lambda x, p: p.rate * x, Point(1.0), of_rates),
    (lambda x, p: p[0].by(x), [Point(1.0)], of_rates),
    (lambda x, p: p.scale * x, Scaled(1.0, 2.0), lambda v: setattr(Scaled, "scale", v)),
    (lambda x, p: p["a"].scale * x, {"a": Scaled(1, 2)}, lambda v: setattr(Scaled, "scale", v)),
    (lambda x, p: p(x), Line(1.0), of_rates),
    (lambda x, p: p.power * x, Line(1.0), lambda v: setattr(Line, "power", v)),
    (lambda x, p: first(p).by(x), {Key(1.0): 2.0}, of_rates),
    (lambda x, p: first(p).by(x), {Name("a"): 2.0}, of_rates),
    (lambda x, p: p["b"] * x, defaultdict(lambda: RATES[0], a=1.0), of_rates),
]


@pytest.mark.parametrize("backend", ENTRIES)
@pytest.mark.parametrize("which", range(len(STRUCTURES)))
def test_what_the_classes_and_keys_of_a_structure_read_is_never_missed(
    which: int, backend: str
) -> None:
    f, structure, change = STRUCTURES[which]
    compiled = jit(f, backend=backend)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = outcomes(lambda x: compiled(x, copy(structure)), change)
    assert found == outcomes(lambda x: f(x, copy(structure)), change)
    assert len(set(found)) > 1


@pytest.mark.parametrize("backend", ENTRIES)
def test_what_is_set_on_arguments_stays(backend: str) -> None:
    def f(x: Any, s: Any) -> Any:
        s.last = x * x
        x.label = "seen"
        return x * x

    made, holder, x = jit(f, backend=backend), types.SimpleNamespace(), Value(3.0)
    with pytest.warns(RuntimeWarning, match="changes"):
        found = [made(x, holder) for _ in range(3)]
    assert [y.data for y in found] == [9.0] * 3
    assert holder.last.operands == (x, x)
    assert x.label == "seen"


def trained(setting: Any, change: Callable[[float], float], jit: bool | None, size: int) -> Any:
    """The losses of a training whose callback changes what the loss reads."""
    rows = [[0.1 * i, 0.3 - 0.1 * i] for i in range(8)]
    setting.rate = 1.0
    model = nn.MLP(2, [3, 1], activation="tanh", rng=0)
    return nn.fit(
        model,
        (rows, [a * b for a, b in rows]),
        loss=lambda outputs, targets: setting.rate * nn.mean_squared_error(outputs, targets),
        optimizer=nn.SGD(model.parameters(), lr=0.1),
        epochs=30,
        batch_size=size,
        rng=1,
        callbacks=[lambda epoch: setattr(setting, "rate", change(setting.rate))],
        jit=jit,
        progress=False,
    )["loss"]


@pytest.mark.parametrize("setting", [InClass, types.SimpleNamespace(), Settings()])
@pytest.mark.parametrize("compiled", [None, True])
def test_fit_hears_a_setting_that_a_callback_changes(setting: Any, compiled: bool | None) -> None:
    losses, expected = (trained(setting, lambda _: 0.1, jit, 4) for jit in (compiled, False))
    assert losses == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("size", [4, 3])
def test_fit_hears_a_setting_that_goes_back_and_forth(size: int) -> None:
    """Whose program of one setting must not serve the other, nor another shape of batch."""
    setting, change = types.SimpleNamespace(), lambda rate: 1.5 - rate
    losses, expected = (trained(setting, change, jit, size) for jit in (True, False))
    assert losses == pytest.approx(expected, rel=1e-9)


def test_a_warning_says_what_and_where_and_the_remedy() -> None:
    state = types.SimpleNamespace(table={"it": iter([1.0])})
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        f = jit(lambda x: x * next(state.table["it"]))
        assert f(2.0) == 2.0
    text = str(warned[0].message)
    assert "closure variable 'state' -> .table['it']" in text
    assert "list_iterator" in text
    assert "pass it as an argument" in text


def test_a_buffer_that_cannot_be_hashed() -> None:
    rows = array("d", [1.0, 2.0])
    compiled = jit(lambda x, rows: x * sum(rows))
    with pytest.warns(RuntimeWarning, match="is given memoryview"):
        assert compiled(2.0, memoryview(rows)) == 6.0
    rows[0] = 3.0
    assert compiled(2.0, memoryview(rows)) == 10.0
