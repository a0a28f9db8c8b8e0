"""A number that leaves the graph where its derivative is lost is told; reading a number is not."""

import array
import cmath
import copy
import functools
import itertools
import math
import pickle
import statistics
import struct
import subprocess
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import exp as exp_by_name
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    LeftGraphWarning,
    Value,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    primitive,
    value_and_grad,
    vjp,
)


def told(f: Callable[[], Any]) -> list[warnings.WarningMessage]:
    """The warnings of numbers that left the graph."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        f()
    return [warning for warning in said if warning.category is LeftGraphWarning]


def buffered(x: Any) -> Any:
    buffer = np.zeros(2)
    buffer[0] = x
    return buffer.sum() * x


def through_data(x: Any) -> Any:
    w = Value(0.0)
    w.data = x
    return w * x


def in_a_thread(x: Any) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(float, x).result() * x


LOSSES: dict[str, Callable[[Any], Any]] = {
    "math": lambda x: math.exp(x) * x,
    "cmath": lambda x: cmath.exp(x).real * x,
    "float": lambda x: float(x) * x,
    "complex": lambda x: complex(x).real * x,
    "math.fsum": lambda x: math.fsum([x, x]) * x,
    "math.hypot": lambda x: math.hypot(x, 1.0) * x,
    "item of an array": buffered,
    "np.array": lambda x: np.array([x, x * x], dtype=float).sum() + x,
    "np.asarray": lambda x: np.asarray([x], float)[0] * x,
    "np.full": lambda x: np.full(2, x, float).sum() * x,
    "astype": lambda x: np.array([x]).astype(float)[0] * x,
    "np.mean": lambda x: np.mean([x, x], dtype=float) * x,
    "np.float64": lambda x: np.float64(x) * x,
    "np.interp": lambda x: np.interp(x, [0.0, 1.0], [0.0, 1.0]) * x,
    "array.array": lambda x: array.array("d", [x])[0] * x,
    "struct.pack": lambda x: struct.unpack("d", struct.pack("d", x))[0] * x,
    "statistics.fmean": lambda x: statistics.fmean([x, x]) * x,
    "Value": lambda x: Value(x) * x,
    "Value.data": through_data,
    "map": lambda x: next(iter(map(float, [x]))) * x,
    "another thread": in_a_thread,
    "deepcopy": lambda x: copy.deepcopy(x) * x,
    "copy": lambda x: copy.copy(x) * x,
    "pickle": lambda x: pickle.loads(pickle.dumps(x)) * x,
    "deepcopy of a result": lambda x: copy.deepcopy(x * x) * x,
    "max(float, 0)": lambda x: max(float(x), 0.0) ** 2 * x,
    "text with globals of its own": lambda x: eval("e(x) * x", {"e": math.exp, "x": x}),
}
"""Programs that lose a part of their derivative in x."""


@pytest.mark.parametrize("name", LOSSES)
def test_a_lost_part_of_a_derivative_is_told_with_its_line(name: str) -> None:
    f = LOSSES[name]
    said = told(lambda: grad(f)(0.5))
    assert said
    assert "autograd" in str(said[0].message)
    assert "x.detach()" in str(said[0].message)
    if name not in ("another thread", "text with globals of its own"):
        assert said[0].filename == __file__
        first = f.__code__.co_firstlineno
        assert first <= said[0].lineno <= first + 3
        assert f"line {said[0].lineno} of test_leaving.py" in str(said[0].message)


TRANSFORMS: dict[str, Callable[[Any], Any]] = {
    "grad": lambda f: grad(f)(0.5),
    "value_and_grad": lambda f: value_and_grad(f)(0.5),
    "jacobian": lambda f: jacobian(lambda x: [x, f(x)])(0.5),
    "hessian": lambda f: hessian(f)(0.5),
    "jvp": lambda f: jvp(f, (0.5,), (1.0,)),
    "vjp": lambda f: vjp(f, 0.5),
    "hvp": lambda f: hvp(f, (0.5,), (1.0,)),
    "grad of grad": lambda f: grad(grad(f))(0.5),
    "grad at a Value": lambda f: grad(f)(Value(0.5)),
    "grad of an array": lambda f: grad(lambda v: f(v[0]) + v[1])(np.array([0.5, 1.0])),
    "grad in no_grad": lambda f: no_grad()(grad(f))(0.5),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_tells(name: str) -> None:
    assert told(lambda: TRANSFORMS[name](lambda x: math.sin(x) * x))
    assert not told(lambda: TRANSFORMS[name](lambda x: autograd.sin(x) * x))


def test_a_cut_between_two_derivatives_is_told() -> None:
    @primitive(lambda g, out, x: g * math.exp(x))
    def frozen(x: float) -> float:
        return math.exp(x)

    assert not told(lambda: grad(frozen)(0.5))
    assert told(lambda: grad(grad(frozen))(0.5))
    x = Value(0.5)
    assert told(lambda: frozen(x).backward(create_graph=True))


CONSTANT, LEAF = Value(3.0) * Value(2.0), Value(3.0)

HARMLESS: dict[str, Callable[[Any], Any]] = {
    "a constant": lambda x: float(LEAF) * x,
    "a result of constants": lambda x: math.exp(LEAF.data) * float(CONSTANT * 2) * x,
    "a comparison": lambda x: x * x if x > 0 else x,
    "sorting": lambda x: sorted([x, CONSTANT], key=lambda y: y)[0] * max(x, x * x),
    "bool": lambda x: x if x else x * x,
    "int": lambda x: int(x) * x,
    "round": lambda x: round(x, 1) * x,
    "math.floor": lambda x: x - math.floor(x),
    "math.isfinite": lambda x: x if math.isfinite(x) and not math.isnan(x) else x * 0,
    "math.isclose": lambda x: x if math.isclose(x, 1.0) else x * x,
    "text": lambda x: (f"{x:.3f} {x}", "%.3f %s" % (x, x), repr(x), "{:e}".format(x)) and x * x,  # noqa: UP031, UP032
    "data": lambda x: x.data * x,
    "detach": lambda x: float(x.detach()) * x,
    "math of what is detached": lambda x: math.exp(x.detach() * 2) * x,
    "math of what is stopped": lambda x: math.exp(autograd.stop_gradient(x)) * x,
    "np.exp": lambda x: np.exp(x) * np.sqrt(x),
    "an array of Values": lambda x: np.sum(np.array([x, x * x])) + np.dot([x, 1.0], [x, x]),
    "an inner derivative": lambda x: x * grad(lambda y: y * y)(2.0),
    "an inner derivative of x": lambda x: grad(lambda y: y * y * x)(x),
    "softmax": lambda x: autograd.softmax([x, 2 * x])[0] + autograd.log_softmax([x, 1.0])[0],
    "no_grad": lambda x: x * x,
}
"""Programs whose derivative is right, whatever numbers they look at."""


@pytest.mark.parametrize("name", HARMLESS)
def test_what_loses_nothing_is_silent(name: str) -> None:
    assert not told(lambda: grad(HARMLESS[name])(0.5))
    assert not told(lambda: hessian(HARMLESS[name])(0.5))
    assert not told(lambda: HARMLESS[name](Value(0.5)))


def test_numbers_read_while_nothing_is_differentiated_are_silent() -> None:
    x = Value(0.5) * 2
    for read in (
        lambda: float(x),
        lambda: [float(y) for y in (x, x)],
        lambda: list(map(float, [x, x])),
        lambda: np.array([x, x], dtype=float),
        lambda: np.mean(np.asarray([x], float)),
        lambda: np.zeros(2).__setitem__(0, x),
        lambda: "%.3f" % x,  # noqa: UP031
        lambda: struct.pack("d", x),
        lambda: array.array("d", [x]),
        lambda: complex(x),
        lambda: float(x) * math.exp(1.0),
        lambda: float(math.exp(1.0) * x),
        lambda: np.array([math.exp(1.0), x], dtype=float),
        lambda: (list(map(math.exp, [1.0])), float(x)),
        lambda: math.exp(x.data),
        lambda: math.exp(x.detach()) + math.hypot(*[x.detach() * 2, x.detach()]),
        lambda: math.prod([x, x]),
    ):
        assert not told(read)


class Holder:
    act = staticmethod(math.tanh)

    def __init__(self) -> None:
        self.function = math.sin
        self.functions = [math.cos, {"exp": math.exp}]


HOLDER, X = Holder(), Value(0.5)
M = math


def called(f: Callable[[Any], Any]) -> Any:
    return f(X)


def in_blocks() -> Any:
    found = None
    try:
        for i in range(2):
            with no_grad() if i > 5 else warnings.catch_warnings(record=False):
                found = [math.exp(X), i]
    finally:
        del i
    return found


def consumed_elsewhere() -> Any:
    lazy = map(math.exp, [X])
    return list(lazy)


MATHEMATICS: dict[str, Callable[[], Any]] = {
    "module": lambda: math.exp(X),
    "another name of it": lambda: M.exp(X),
    "function": lambda: exp_by_name(X),
    "argument": lambda: called(math.exp),
    "attribute": lambda: HOLDER.function(X),
    "static method": lambda: HOLDER.act(X),
    "in a list": lambda: HOLDER.functions[0](X),  # type: ignore[operator]
    "in a dict in a list": lambda: HOLDER.functions[1]["exp"](X),  # type: ignore[index]
    "list of a map": lambda: list(map(math.exp, [X, X])),
    "sum of a map": lambda: sum(map(math.exp, [X])),
    "loop over a map": lambda: [y for y in map(math.exp, [X])],  # noqa: C416
    "unpacked map": lambda: [*map(math.exp, [X])],
    "map made before": consumed_elsewhere,
    "next of a map": lambda: next(map(math.exp, [X])),
    "starmap": lambda: list(itertools.starmap(math.pow, [(X, 2.0)])),
    "generator": lambda: list(math.exp(x) for x in [X]),  # noqa: C400
    "partial": lambda: functools.partial(math.exp)(X),
    "reduce": lambda: functools.reduce(math.hypot, [X, X]),
    "vectorize": lambda: np.vectorize(math.exp)([X]),
    "frompyfunc": lambda: np.frompyfunc(math.exp, 1, 1)(np.array([X])),
    "choice inside": lambda: math.exp(X if X > 0 else -X),
    "call inside": lambda: math.exp(X * math.sqrt(2.0)),
    "star": lambda: math.exp(*[X]),
    "two operands": lambda: math.hypot(X, 2.0),
    "the second operand": lambda: math.pow(2.0, X),
    "fsum": lambda: math.fsum([X]),
    "cmath": lambda: cmath.exp(X),
    "blocks": in_blocks,
    "the standard library": lambda: statistics.NormalDist(0.0, 1.0).pdf(X),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", MATHEMATICS)
def test_a_function_of_math_on_a_value_is_told_anywhere(name: str) -> None:
    said = told(MATHEMATICS[name])
    assert said
    assert said[0].filename == __file__
    assert "math." in str(said[0].message)
    assert "x.data" in str(said[0].message)
    with no_grad():
        assert not told(MATHEMATICS[name])


def test_the_remedy_is_the_function_of_that_name() -> None:
    (warning,) = told(lambda: math.tanh(X))
    assert "autograd.tanh(x)" in str(warning.message)


def test_once_for_each_place_and_an_error_if_made_one() -> None:
    def loss(x: Any) -> Any:
        return sum(math.exp(x) for _ in range(5)) + math.sin(x)

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("default")
        for _ in range(3):
            grad(loss)(1.0)
    assert len(said) == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error", LeftGraphWarning)
        for _ in range(2):
            with pytest.raises(LeftGraphWarning, match=r"autograd\.exp") as caught:
                grad(loss)(1.0)
            assert any("math.exp(x)" in str(entry.statement) for entry in caught.traceback)
        with pytest.raises(LeftGraphWarning):
            grad(buffered)(1.0)
        with pytest.raises(LeftGraphWarning):
            grad(LOSSES["np.array"])(1.0)


def test_many_reads_in_a_long_graph_cost_a_walk_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd import leaving

    looked_at = 0

    class Counted(dict[Any, bool]):
        def __setitem__(self, key: Any, outcome: bool) -> None:
            nonlocal looked_at
            looked_at += 1
            super().__setitem__(key, outcome)

    def loss(x: Any) -> Any:
        monkeypatch.setattr(leaving, "_depending", Counted())
        y, constant = x, Value(1.0)
        for _ in range(300):
            constant = constant * 1.01
            y = y * (1.0 + 0.0 * float(constant))
        return y

    assert not told(lambda: grad(loss)(1.0))
    assert looked_at < 1000


def test_without_source_and_without_positions(tmp_path: Path) -> None:
    program = """
import math, warnings
from autograd import Value
x = Value(0.5)
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    exec("float(x); y = math.exp(x); list(map(math.sin, [x]))")
print(len(said), said[0].filename)
"""
    found = subprocess.run(
        [sys.executable, "-X", "no_debug_ranges", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(autograd.__file__).parents[1],
    )
    assert found.stdout.split() == ["2", "<string>"]


VALUES = np.array([Value(2.0), Value(3.0)])


def test_the_truth_of_what_is_called_is_not_asked() -> None:
    assert VALUES.astype(float).tolist() == [2.0, 3.0]
    values = VALUES
    assert values.astype(float).tolist() == [2.0, 3.0]
