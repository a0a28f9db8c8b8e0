"""User-defined classes as structures of numbers, in every transform and in compiled functions."""

from __future__ import annotations

import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from installed import BACKENDS

from autograd import (
    Value,
    grad,
    hessian,
    hvp,
    jacobian,
    jit,
    jvp,
    register_container,
    register_dataclass,
    tree,
    value_and_grad,
    vjp,
    vmap,
)


@register_dataclass(static=["name"])
@dataclass
class Line:
    slope: Any
    offset: Any
    name: str = "line"


class Point:
    """A class with attributes, and one of them by another name than its argument."""

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.rest = x, y

    def __eq__(self, other: object) -> bool:
        return type(other) is Point and vars(other) == vars(self)

    def __repr__(self) -> str:
        return f"Point({self.x!r}, {self.rest!r})"

    __hash__ = None  # type: ignore[assignment]


register_container(Point, lambda p: ((p.x, p.rest), None), lambda _, items: Point(*items))


class Pair(NamedTuple):
    left: Any
    right: Any


def _default(items: dict[str, Any]) -> Any:
    return defaultdict(list, items)


numbers = st.integers(-16, 16).map(lambda k: k / 8)
structures = st.recursive(
    numbers,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.tuples(inner, inner)
        | st.builds(Pair, inner, inner)
        | st.builds(Line, inner, inner, st.sampled_from(["one", "other"]))
        | st.builds(Point, inner, inner)
        | st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=2)
        | st.dictionaries(st.sampled_from("abc"), inner, min_size=1).map(OrderedDict)
        | st.dictionaries(st.sampled_from("abc"), inner, min_size=1).map(_default)
    ),
    max_leaves=6,
)
"""Structures of every kind of container."""


def total(x: Any) -> Any:
    """A function of all numbers in a structure, whose derivatives are known."""
    return sum((k * n * n for k, n in enumerate(tree.leaves(x), 1)), 0.0)


def same(one: Any, other: Any) -> bool:
    """Whether two structures are equal, the classes of their containers included."""
    return tree.flatten(one) == tree.flatten(other)


@given(structures)
def test_every_transform_takes_and_gives_every_structure(x: Any) -> None:
    leaves, definition = tree.flatten(x)
    made = lambda numbers: tree.unflatten(definition, numbers)
    gradient = [2.0 * k * n for k, n in enumerate(leaves, 1)]
    ones = [1.0] * len(leaves)
    assert same(grad(total)(x), made(gradient))
    assert same(value_and_grad(total)(x), (total(x), made(gradient)))
    assert same(jacobian(lambda x: x)(x), made([made(row) for row in identity(len(leaves))]))
    assert same(hessian(total)(x), made([made(row) for row in diagonal(len(leaves))]))
    assert jvp(total, (x,), (made(ones),)) == (total(x), sum(gradient))
    assert same(hvp(total, (x,), (made(ones),)), made([2.0 * k for k in range(1, 1 + len(ones))]))
    out, pull = vjp(lambda x: x, x)
    assert same(out, x)
    assert same(pull(made(gradient)), (made(gradient),))


@given(structures)
def test_vmap_takes_rows_of_every_structure(x: Any) -> None:
    rows = [x, tree.map_leaves(lambda n: n + 1.0, x)]
    assert vmap(total)(rows) == [total(row) for row in rows]


@given(structures, st.sampled_from(BACKENDS))
def test_every_transform_is_compiled_for_every_structure(x: Any, backend: str) -> None:
    """The second call is that of the entry, which is written for the structure."""
    moved = tree.map_leaves(lambda n: n + 0.5, x)
    echo = lambda x: tree.map_leaves(lambda n: n * 2.0, x)
    transforms: list[Callable[[Any], Any]] = [
        total,
        echo,
        grad(total),
        value_and_grad(total),
        jacobian(echo),
        hessian(total),
        lambda x: jvp(total, (x,), (x,)),
        lambda x: vjp(echo, x)[1](x),
        lambda x: Line(echo(x), {"name": 1.0}, "made"),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for f in transforms:
            compiled = jit(f, backend=backend)
            for given in (x, moved, x):
                assert same(compiled(given), f(given))
            assert compiled.stats["plain"] == 0


@given(structures, st.sampled_from(BACKENDS))
def test_derivatives_go_through_compiled_functions_of_every_structure(x: Any, backend: str) -> None:
    compiled = jit(total, backend=backend)
    for f in (compiled, total):
        values = tree.map_leaves(Value, x)
        f(values).backward()
        gradient = tree.map_leaves(lambda v: v.grad, values)
        assert same(gradient, grad(f)(x))
        assert same(gradient, grad(total)(x))
        assert same(hessian(f)(x), hessian(total)(x))
    assert compiled.stats["plain"] == 0


def test_what_is_static_is_part_of_the_compiled_structure() -> None:
    scale = lambda line: line.slope * (2.0 if line.name == "twice" else 1.0)
    compiled = jit(scale)
    for name in ("twice", "once", "twice", "once"):
        assert compiled(Line(3.0, 1.0, name)) == scale(Line(3.0, 1.0, name))
    assert compiled.stats["structures"] == 2
    assert compiled.stats["plain"] == 0


class Setting:
    def __init__(self, rate: float) -> None:
        self.rate = rate


def test_what_is_static_and_changes_is_watched() -> None:
    setting = Setting(2.0)
    step = lambda line: Line(line.slope * line.name.rate, line.offset, line.name)
    compiled = jit(step)
    for rate in (2.0, 2.0, 5.0, 5.0):
        setting.rate = rate
        found = compiled(Line(3.0, 1.0, setting))  # type: ignore[arg-type]
        assert (found.slope, found.name) == (3.0 * rate, setting)
    assert compiled.stats["plain"] == 0


def test_a_result_of_a_class_that_is_not_registered_runs_plain() -> None:
    compiled = jit(lambda x: Config(x))
    with pytest.warns(RuntimeWarning, match=r"it returns Config.*autograd.register_dataclass"):
        assert compiled(2.0) == Config(2.0)


def test_changes_of_a_container_are_refused() -> None:
    def moves(line: Line) -> Any:
        line.slope = line.slope + 1.0
        return line.slope

    compiled, line = jit(moves), Line(1.0, 2.0)
    with pytest.warns(RuntimeWarning, match="it changes its arguments"):
        assert [compiled(line), compiled(line)] == [2.0, 3.0]


def test_one_value_in_two_places_of_containers_is_noticed() -> None:
    compares = lambda line: line.slope * 2 if line.slope is line.offset else line.slope
    compiled, x = jit(compares), Value(3.0)
    with pytest.warns(RuntimeWarning, match="is given one object in two places"):
        found = [compiled(Line(x, Value(4.0))).data, compiled(Line(x, x)).data]
    assert found == [3.0, 6.0]


def test_vmap_goes_into_containers() -> None:
    lines = Line([1.0, 2.0], [3.0, 4.0], "many")
    found = vmap(lambda line: Line(line.slope * line.offset, line.slope, line.name))(lines)
    assert found == Line([3.0, 8.0], [1.0, 2.0], "many")


def identity(count: int) -> list[list[float]]:
    return [[float(i == j) for j in range(count)] for i in range(count)]


def diagonal(count: int) -> list[list[float]]:
    return [[2.0 * (i + 1) * (i == j) for j in range(count)] for i in range(count)]


@given(structures)
def test_what_is_static_stays(x: Any) -> None:
    line = Line(x, 1.0, name="seen")
    found = grad(lambda line: total(line) if line.name == "seen" else 0.0)(line)
    assert found.name == "seen"
    assert same(found.slope, grad(total)(x))


class Strange:
    rate = 2.0


@dataclass
class Config:
    rate: float


class Mine(dict[str, float]):
    pass


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (Strange(), r"argument 0\[0\]: .* got Strange .*\(autograd.register_container\(Strange, "),
        (Config(1.0), r"argument 0\[0\]: .*Config.*\(autograd.register_dataclass\(Config\) "),
        (Mine(a=1.0), r"argument 0\[0\]: .*Mine.*\(autograd.register_container\(Mine, "),
        (Line("text", 1.0), r"argument 0\[0\].slope: .* got str 'text'$"),
        (Pair(1.0, None), r"argument 0\[0\].right: .* got None$"),
        ({1.0}, r"argument 0\[0\]: .* got set {1.0}$"),
    ],
)
def test_what_is_not_registered_is_refused_with_the_remedy(x: Any, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        grad(lambda x: 1.0)([x])


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ((1.0, 2.0), "tangents.*: expected a Line, got tuple"),
        (Line(1.0, 2.0, "curve"), "tangents.*: expected a Line that is static in the same way"),
        (Line(1.0, [2.0]), r"tangents\[0\].offset: expected a number, got list"),
    ],
)
def test_a_tangent_of_another_structure_is_refused(other: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        jvp(total, (Line(1.0, 2.0),), (other,))


@dataclass
class Computed:
    x: float
    square: float = field(init=False)


def new(base: type = object) -> type:
    return type("New", (base,), {})


WRONG: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: register_dataclass(Strange), TypeError, "expected a dataclass, .*register_container"),
    (lambda: register_dataclass(Config, static="rate"), TypeError, "a list of names, got 'rate'"),
    (lambda: register_dataclass(Config, static=["size"]), ValueError, "no field 'size'"),
    (lambda: register_dataclass(Computed), TypeError, "does not take its field 'square'"),
    (lambda: register_dataclass(Line), ValueError, "Line is known already"),
    (lambda: register_container(list, len, len), ValueError, "list is known already"),
    (lambda: register_container(new(float), len, len), TypeError, "one is a single leaf"),
    (lambda: register_container(Value, len, len), TypeError, "one is a single leaf"),
    (lambda: register_container(3, len, len), TypeError, "expected a class, got int 3"),  # type: ignore[arg-type]
    (lambda: register_container(new(), 3, len), TypeError, "flatten: expected a function"),  # type: ignore[arg-type]
    (lambda: register_container(new(), len, 3), TypeError, "unflatten: expected a function"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("register", "error", "text"), WRONG)
def test_what_cannot_be_registered(
    register: Callable[[], Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        register()


def test_functions_that_take_something_else_apart_are_found() -> None:
    one, other = new(), new()
    register_container(one, lambda x: [1.0], lambda static, items: one())
    register_container(other, lambda x: ([1.0], None), lambda static, items: items)
    with pytest.raises(ValueError, match="not enough values") as caught:
        grad(lambda x: 1.0)(one())
    assert "flatten takes a New apart, into a pair" in caught.value.__notes__[0]
    with pytest.raises(TypeError, match="expected unflatten to make a New, got "):
        grad(lambda x: 1.0)(other())
