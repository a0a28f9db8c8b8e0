"""Bools, integers and floats among data are one kind, compiled once in whatever order they come."""

import random
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value, exp, floor, grad, jvp, sin, stop_gradient, take, vjp, where
from autograd.jit import jit

np = pytest.importorskip("numpy")

KINDS: dict[str, list[Callable[[int], Any]]] = {
    "bool": [bool],
    "int": [int],
    "np.bool": [np.bool_],
    "np.int64": [np.int64],
    "bool and int": [bool, int],
    "bool and float": [bool, float],
    "int and float": [int, float],
    "all": [bool, int, float, np.bool_, np.int64, np.float64],
}
CONTAINERS: dict[str, Callable[[list[list[Any]]], Any]] = {
    "list": lambda rows: [x for row in rows for x in row],
    "tuple": lambda rows: tuple(x for row in rows for x in row),
    "lists": lambda rows: rows,
    "list of tuples": lambda rows: [tuple(row) for row in rows],
    "tuple of tuples": lambda rows: tuple(tuple(row) for row in rows),
    "array": lambda rows: np.array(rows),
    "dict": lambda rows: {"rows": rows},
}


def numbers_in(data: Any) -> list[Any]:
    if isinstance(data, dict):
        return numbers_in(data["rows"])
    if isinstance(data, list | tuple | np.ndarray):
        return [x for item in data for x in numbers_in(item)]
    return [data]


@pytest.mark.parametrize("backend", ["python", "numpy"])
@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("kinds", KINDS)
def test_every_order_of_kinds_is_served_by_one_program(
    kinds: str, container: str, backend: str
) -> None:
    weights = [Value(0.5 - 0.25 * i) for i in range(6)]

    def plain(data: Any) -> Any:
        pairs = zip(weights, numbers_in(data), strict=True)
        return sum((w * x + exp(-w * (1 - x)) / (x + 2) for w, x in pairs), Value(0.0))

    source = random.Random(0)
    compiled = jit(plain, backend=backend)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(30):
            rows = [
                [source.choice(KINDS[kinds])(source.randrange(2)) for _ in range(2)]
                for _ in range(3)
            ]
            data = CONTAINERS[container](rows)
            found, expected = compiled(data), plain(data)
            assert found.data == pytest.approx(expected.data, rel=1e-12)
            gradients = []
            for out in (found, expected):
                for w in weights:
                    w.grad = 0.0
                out.backward()
                gradients.append([w.grad for w in weights])
            assert gradients[0] == pytest.approx(gradients[1], rel=1e-12, abs=1e-15)
    stats = compiled.stats
    assert (stats["specialisations"], stats["plain"]) == (stats["structures"], 0)
    assert stats["structures"] <= 3  # all floats, all integers, or anything


def test_a_bool_that_decides_is_a_guard() -> None:
    w = Value(2.0)
    plain = lambda flags: w * 3 if flags[0] else w - 1
    compiled = jit(plain)
    for flags in ([True, False], [False, True], [True, True], [False, False]) * 2:
        assert compiled(flags).data == plain(flags).data
    assert (compiled.stats["structures"], compiled.stats["specialisations"]) == (1, 2)


def test_a_bool_by_itself_is_a_flag() -> None:
    def plain(x: Any, twice: bool = False, *, mode: Any = None) -> Any:
        if mode is True:
            return x
        return x * 2 if twice is True else x + 1

    compiled = jit(plain)
    for _ in range(2):
        for args in ((1.0,), (1.0, True), (1.0, False)):
            assert compiled(*args) == plain(*args)
        assert compiled(4.0, mode=True) == 4.0


def test_what_must_be_an_integer_or_a_bool_as_it_is() -> None:
    rows = [[1.0, 2.0], [3.0, 4.0]]
    chosen = lambda x, picks: sum((x * rows[i][j] for i, j in picks), x * 0)
    repeated = lambda x, counts: sum((x for n in counts for _ in range(n)), x * 0)
    flipped = lambda x, flags: x * sum(not flag for flag in flags)
    inverted = lambda x, flags: x * sum(flag ^ True for flag in flags)
    taken = lambda x, picks: x * take([5.0, 7.0], picks[0])
    cases: list[tuple[Any, list[Any]]] = [
        (chosen, [[(0, 1), (1, True)], [(1, 0), (False, 0)]]),
        (repeated, [[1, 2], [True, 3], [0, False]]),
        (flipped, [[True, False], [False, False]]),
        (inverted, [[True, False], [False, False]]),
        (taken, [[True, 0.5], [0, 1.5], [1, 1]]),
    ]
    for plain, data in cases:
        compiled = jit(plain)
        for _ in range(2):
            for item in data:
                assert compiled(3.0, item) == plain(3.0, item)
                assert grad(compiled)(3.0, item) == grad(plain)(3.0, item)


def test_masks_that_are_arrays_of_bools() -> None:
    x = np.array([1.0, -2.0, 3.0])
    functions: list[Callable[[Any, Any], Any]] = [
        lambda x, mask: (x * mask).sum(),
        lambda x, mask: sum(where(m, y * y, 0.0) for m, y in zip(mask, x, strict=True)),
        lambda x, mask: x[mask].sum() * 2.0,
        lambda x, mask: np.where(mask, x, 0.0).sum(),
        lambda x, mask: (x * ~mask).sum(),
    ]
    for plain in functions:
        compiled = jit(plain)
        for mask in ([True, False, True], [False, True, True], [False] * 3, [True, False, True]):
            assert compiled(x, np.array(mask)) == pytest.approx(plain(x, np.array(mask)), abs=1e-12)


def test_integers_beyond_the_floats_stay_as_they_are() -> None:
    large = 2**60 + 1
    for data in ([large, 1], [True, large], np.array([large, 1]), (large, 0.5)):
        plain = lambda x, data: x * float(data[0] % 1000)
        assert jit(plain)(2.0, data) == plain(2.0, data)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: 2.0 * grad(lambda z: z * z)(0.5),
        lambda x: exp(grad(lambda z: z * z + x)(0.5)),
        lambda x: Value(2.0) * 3.0,
        lambda x: grad(lambda z: z * z)(Value(0.5)) * 2.0,
        lambda x: exp(2.0),
        lambda x: Value(0.5) + x,
        lambda x: stop_gradient(Value(0.5)) * x,
        lambda x: sin(Value(2.0)) * x,
        lambda x: Value(2.0) ** x,
        lambda x: x**2.0 - stop_gradient(grad(lambda z: 1.0)(Value(0.5))),
        lambda x: take([1.5, 2.5], floor(x * 0.5)),
        lambda x: take([Value(1.5), Value(2.5)], 1) * x,
        lambda x: grad(lambda y, z: y * z)(x, 2.0),
        lambda x: grad(lambda y, z: y * z)(0.5, x),
        lambda x: jvp(lambda y: y * 0.0, (0.5,), (x,))[1],
        lambda x: vjp(lambda y: y * y, 0.5)[1](x)[0],
    ],
)
@pytest.mark.parametrize("at", [1.0, Value(1.0)])
def test_a_result_is_a_value_where_it_is_one(f: Callable[[Any], Any], at: Any) -> None:
    compiled = jit(f)
    for _ in range(3):
        assert type(compiled(at)) is type(f(at))
        assert float(compiled(at)) == float(f(at))


def test_a_derivative_is_a_value_where_its_argument_is_one() -> None:
    slope = grad(lambda p, x: p * x * x)
    compiled = jit(slope)
    for at in ((2.0, 3.0), (Value(2.0), 3.0), (2.0, Value(3.0)), (Value(2.0), Value(3.0))):
        for _ in range(3):
            assert type(compiled(*at)) is type(slope(*at))
            assert float(compiled(*at)) == 9.0
