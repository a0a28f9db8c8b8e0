"""`vmap` over many rows is traced for one of them, and all are computed together."""

import functools
import math
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strength import slowly

from autograd import (
    Value,
    exp,
    fori_loop,
    grad,
    hessian,
    jit,
    jvp,
    log,
    scan,
    sin,
    sqrt,
    tanh,
    value_and_grad,
    vjp,
    vmap,
    where,
    while_loop,
)
from autograd.errors import TraceError
from autograd.jit.native.loop_writer import LoopWriter
from autograd.jit.programs import mapped, payoff, roll
from autograd.jit.programs.fused_sums import fused
from autograd.jit.programs.loops import Loop
from autograd.jit.programs.mapped import turn_by_turn
from autograd.jit.programs.program import Program
from autograd.jit.tracing import recovering
from autograd.jit.tuning import LEAST_MAPPED
from autograd.primitives import TABLE
from autograd.testing.domains import DOMAINS
from autograd.tree import leaves

LENGTHS = [LEAST_MAPPED, 75]
RNG = np.random.default_rng(0)


def rows_of(count: int, width: int = 2) -> Any:
    return RNG.normal(size=(count, width)).tolist()


def flat(x: Any) -> list[float]:
    return [float(number) for number in leaves(x)]


def unit(w: Any, x: Any) -> Any:
    return log(1.0 + exp(-tanh(w[0] * x[0] + w[1] * x[1] + w[2]) * w[3]))


def mean(w: Any, xs: Any) -> Any:
    losses = vmap(lambda x: unit(w, x))(xs)
    return sum(losses) / len(losses)


def mean_and_variance(w: Any, xs: Any) -> Any:
    losses, squares = vmap(lambda x: (unit(w, x), unit(w, x) ** 2))(xs)
    mean = sum(losses) / len(xs)
    return sum(squares) / len(xs) - mean * mean


def each(w: Any, xs: Any) -> Any:
    left = vmap(lambda x: {"a": sin(x[0] * w[0]), "b": [x[1], w[1] * w[2]]})(xs)
    products = [a * b[0] for a, b in zip(left["a"], left["b"], strict=True)]
    return sum(products) + left["b"][3][1] * left["a"][-1]


def chosen(w: Any, xs: Any) -> Any:
    return sum(vmap(lambda x: where(x[0] > w[0], sqrt(x[0] * x[0] + 1.0), -w[1] * x[1]))(xs))


def gradients(w: Any, xs: Any) -> Any:
    found = vmap(lambda x: grad(unit)(w, x))(xs)
    return sum([row[0] * row[3] for row in found])


def constant_rows(w: Any, xs: Any) -> Any:
    known = np.linspace(0.1, 2.0, len(xs))
    return sum(vmap(lambda x, t: x[0] * exp(-w[0] * t))(xs, known.tolist()))


def chained(w: Any, xs: Any) -> Any:
    losses = vmap(lambda p, x: (p - x[1]) ** 2)(vmap(lambda x: unit(w, x))(xs), xs)
    return sum(losses) / len(losses)


def pairs(w: Any, xs: Any) -> Any:
    return sum([y for row in vmap(lambda x: [unit(w, x), sin(w[0] * x[1])])(xs) for y in row])


FUNCTIONS = [chained, pairs, mean, mean_and_variance, each, chosen, gradients, constant_rows]
W = [0.3, -0.7, 0.2, 1.5]


@pytest.fixture(params=["python", "numpy", "native", "native loops"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A backend; machine code that makes arrays of few turns, or loops of all."""
    name, *loops = request.param.split()
    if name == "native":
        pytest.importorskip("llvmlite")
    if loops:
        monkeypatch.setattr(mapped, "MOST_WRITTEN_OUT", 0)
    return name


@pytest.mark.parametrize("count", LENGTHS)
@pytest.mark.parametrize("f", FUNCTIONS)
def test_many_rows_are_those_of_plain(f: Callable[..., Any], backend: Any, count: int) -> None:
    plain = value_and_grad(f, argnums=(0, 1))
    compiled = jit(plain, backend=backend)
    for xs in (rows_of(count), rows_of(count)):
        assert flat(compiled(W, xs)) == pytest.approx(flat(plain(W, xs)), rel=1e-10, abs=1e-14)
    assert compiled.stats["plain"] == 0
    assert compiled.stats["specialisations"] == 1


def test_arrays_axes_and_whole_arguments(backend: Any) -> None:
    xs, scale = RNG.normal(size=(3, 80)), np.array([2.0, 3.0])

    def f(xs: Any, scale: Any) -> Any:
        return vmap(lambda x, s: s[0] * x * exp(-s[1] * x[0] ** 2), in_axes=(1, None), out_axes=1)(
            xs, scale
        )

    found = jit(f, backend=backend)(xs, scale)
    assert found.shape == (3, 80)
    np.testing.assert_allclose(found, f(xs, scale), rtol=1e-12)
    tangents = jvp(lambda xs: f(xs, scale), (xs,), (xs,))[1]
    compiled = jit(lambda xs: jvp(lambda xs: f(xs, scale), (xs,), (xs,))[1], backend=backend)
    np.testing.assert_allclose(compiled(xs).astype(float), tangents.astype(float), rtol=1e-12)


def in_a_plain_loop(w: Any, xs: Any) -> Any:
    losses = []
    for x in xs:
        losses.append(unit(w, x) + unit(x, w))
    return sum(losses) / len(losses)


def added_up(w: Any, xs: Any) -> Any:
    total, squares = 0.0, 0.0
    for x in xs:
        y = unit(w, x) * unit(x, w)
        total = total + y
        squares = squares + y * y
    return squares / len(xs) - (total / len(xs)) ** 2


@pytest.mark.parametrize("f", [in_a_plain_loop, slowly(added_up)])
def test_a_plain_loop_over_very_many_rows_becomes_one_too(
    f: Callable[..., Any], backend: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payoff, "MOST_WRITTEN_OUT", 3000)
    plain = value_and_grad(f, argnums=(0, 1))
    compiled = jit(plain, backend=backend)
    for xs in (rows_of(149, 4), rows_of(149, 4)):
        assert flat(compiled(W, xs)) == pytest.approx(flat(plain(W, xs)), rel=1e-10, abs=1e-14)
    (program,) = compiled.stats["programs"]
    assert program["nodes"]["simplified"] < 2 * 149 * 4 + 100  # the inputs, and their gradients
    assert compiled.stats["plain"] == 0


@pytest.mark.parametrize("f", [slowly(mean), chained, slowly(pairs)])
def test_what_is_traced_does_not_depend_on_the_rows(f: Callable[..., Any]) -> None:
    sizes = []
    for count in (100, 400):
        compiled = jit(value_and_grad(f))
        xs = rows_of(count)
        for _ in range(6):
            compiled(W, xs)
        (program,) = compiled.stats["programs"]
        sizes.append(program["nodes"]["simplified"] - 2 * count)  # the inputs
    assert sizes[0] == sizes[1] < 100


@pytest.mark.parametrize("backend", ["python", "numpy", "native"])
def test_loops_are_written_out_as_far_as_that_is_faster(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("llvmlite")

    def has_loop() -> bool:
        compiled = jit(value_and_grad(mean), backend=backend)
        for _ in range(6):
            compiled(W, rows_of(70))
        return "for " in compiled.source

    assert has_loop() is (backend == "python")  # which has no arrays
    monkeypatch.setattr(mapped, "MOST_WRITTEN_OUT", 0)
    assert has_loop() is (backend != "numpy")
    monkeypatch.setattr(mapped, "MOST_WITHOUT_LLVM", 0)
    assert has_loop()


@pytest.mark.parametrize("place", [0, 17, 66])
def test_an_error_of_one_row_is_raised(backend: Any, place: int) -> None:

    def f(xs: Any) -> Any:
        return sum(vmap(lambda x: log(x[0]) + 1.0 / x[1])(xs))

    compiled = jit(f, backend=backend)
    xs = [[1.0 + k, 2.0] for k in range(67)]
    assert compiled(xs) == pytest.approx(f(xs), rel=1e-12)
    for bad, kind in (([-1.0, 1.0], ValueError), ([1.0, 0.0], ZeroDivisionError)):
        with pytest.raises(kind):
            compiled([*xs[:place], bad, *xs[place + 1 :]])
    assert compiled([*xs[:place], [math.inf, 1.0], *xs[place + 1 :]]) == math.inf


def test_rows_that_take_different_branches_are_traced_one_by_one() -> None:
    def f(xs: Any) -> Any:
        return sum(vmap(lambda x: x[0] * 2.0 if x[0] > 0.0 else x[1])(xs))

    compiled = jit(f)
    xs = rows_of(70)
    for _ in range(3):
        assert compiled(xs) == pytest.approx(f(xs), rel=1e-12)
    assert compiled(rows_of(70)) == pytest.approx(compiled(rows_of(70)), abs=1e9)


def test_a_function_that_counts_its_calls_counts_all() -> None:
    calls = []

    def f(xs: Any) -> Any:
        def one(x: Any) -> Any:
            calls.append(1)
            return x[0] * x[1]

        return sum(vmap(one)(xs))

    compiled = jit(f)
    xs = rows_of(70)
    with pytest.warns(RuntimeWarning):
        assert compiled(xs) == f(xs)
    assert len(calls) == 140


@given(st.integers(16, 90), st.sampled_from([1, 2, 4, 8]), st.booleans())
def test_lanes_of_any_width_give_the_same(count: int, width: int, is_reversed: bool) -> None:
    pytest.importorskip("llvmlite")
    from autograd.jit.native import lower_loops
    from autograd.jit.native.hurried import Hurried

    body = Program()
    total, x, y, same = (body.input(name) for name in ("total", "x", "y", "same"))
    product = body.apply(TABLE["mul"], body.apply(TABLE["sin"], x), same)
    body.outputs = [
        body.apply(TABLE["add"], total, body.apply(TABLE["mul"], product, y)),
        body.apply(TABLE["sub"], product, y),
    ]
    from autograd.jit.programs.compound import ROW, item

    program = Program()
    first, same = program.input("first"), program.input("same")
    numbers = [program.input(f"x{k}") for k in range(2 * count)]
    rows = [program.apply(ROW, *numbers[::2]), program.apply(ROW, *numbers[1::2])]
    loop = Loop(body, count, 1, 2, is_reversed)
    found = program.apply(loop, first, *rows, same)
    left = program.apply(item(1), found)
    program.outputs = [program.apply(item(0), found)]
    program.outputs += [program.apply(item(k), left) for k in range(count)]
    given = RNG.normal(size=2 + 2 * count).tolist()
    expected = program.evaluate(given)
    assert turn_by_turn(program).evaluate(given) == expected
    writer = LoopWriter(program, width)
    machine = lower_loops.LoopMachine(writer, Hurried(writer.module(), ["sin"], 1))
    assert machine.run([given]).tolist() == pytest.approx(expected, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("name", TABLE)
def test_every_primitive_is_computed_in_lanes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("llvmlite")
    monkeypatch.setattr(mapped, "MOST_WRITTEN_OUT", 0)
    operation, constant = TABLE[name], DOMAINS[name].constant
    rows = RNG.choice([0.3, 0.7, 1.2, 0.9], size=(70, operation.arity or 3)).tolist()

    def f(rows: Any) -> Any:
        def one(row: Any) -> Any:
            operands = [2.0 if k == constant else x for k, x in enumerate(row)]
            return Value(0.0)._apply(operation, tuple(operands)) * 1.0

        return sum(vmap(one)(rows))

    try:
        expected = float(f(rows))
    except (ArithmeticError, ValueError, LookupError):
        pytest.skip("not defined at these operands")
    compiled = jit(f, backend="native")
    for _ in range(2):
        assert float(compiled(rows)) == pytest.approx(expected, rel=1e-10, abs=1e-12)


def test_a_sum_of_some_of_the_rows_is_not_taken_for_one_of_all() -> None:
    from autograd.jit.programs.compound import ROW, item

    def program(places: list[int]) -> Program:
        body = Program()
        body.outputs.append(body.apply(TABLE["exp"], body.input("x")))
        made = Program()
        row = made.apply(ROW, *[made.input(name) for name in "abcd"])
        left = made.apply(item(0), made.apply(Loop(body, 4, 0, 1), row))
        items = [made.apply(item(k), left) for k in places]
        made.outputs.append(made.apply(TABLE["sum"], *items))
        return made

    for places in ([0, 1, 2], [0, 1, 2, 2], [3, 1, 0, 2], [0, 1, 2, 3, 3]):
        made = fused(program(places))
        is_whole = sorted(places) == [0, 1, 2, 3]
        assert (made.operations[made.outputs[0]] is TABLE["identity"]) == is_whole
        given = [0.1, 0.2, 0.3, 0.4]
        assert made.evaluate(given) == pytest.approx(program(places).evaluate(given), rel=1e-15)


ROWS = [1.0 + 0.01 * k for k in range(70)]
LOOPS: dict[str, Callable[[Any, Any], Any]] = {
    "vmap": lambda w, xs: sum(vmap(lambda x: x * w * 0.5)(xs)),
    "scan": lambda w, xs: scan(lambda c, x: (c + x * w, None), 0.0, xs)[0],
    "computed before": lambda w, xs: (lambda u: scan(lambda c, x: (c + x * u, u), w, xs)[0])(3 * w),
    "nested": lambda w, xs: scan(
        lambda c, x: (fori_loop(0, 3, lambda i, d: d * w + i, c) * 0.1, x), xs[0], xs
    )[0],
    "fori_loop": lambda w, xs: fori_loop(0, 5, lambda i, c: c * w * xs[0], 1.0),
    "while_loop": lambda w, xs: while_loop(lambda c: c < 50.0, lambda c: c * w * xs[1], 1.0),
    "plain": lambda w, xs: reduce(lambda s, x: tanh(w * s + sin(x * w)) + x / (2.0 + s * s), xs, w),
}


@pytest.mark.parametrize("name", LOOPS)
@pytest.mark.parametrize(
    "derived",
    [
        lambda f, xs: grad(f)(0.5 + 1.0, xs),
        lambda f, xs: value_and_grad(f)(1.5, xs),
        lambda f, xs: grad(lambda p: f(p[0], xs) * p[1])([1.5, xs[0]]),
        lambda f, xs: hessian(lambda p: f(p[0], xs) * p[1])([1.5, 2.0]),
        lambda f, xs: jvp(lambda w: f(w, xs), (1.5,), (2.0,)),
        lambda f, xs: vjp(lambda w: f(w, xs), 1.5)[1](2.0),
    ],
)
def test_a_derivative_in_a_number_that_no_run_changes(
    name: str, derived: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (roll, payoff, recovering):
        monkeypatch.setattr(module, "LEAST_ROLLED", 100)
    f = LOOPS[name]
    compiled = jit(lambda xs: derived(f, xs))
    for xs in (ROWS, [x * 1.1 for x in ROWS]):
        assert flat(compiled(xs)) == pytest.approx(flat(derived(f, xs)), rel=1e-10)


CHANGES: dict[str, Callable[[Any], Any]] = {
    "append": lambda row: row.append(5.0),
    "pop": lambda row: row.pop(),
    "clear": lambda row: row.clear(),
    "extend": lambda row: row.extend([1.0]),
    "set": lambda row: row.__setitem__(0, 3.0),
    "insert": lambda row: row.insert(0, 1.0),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("loop", ["vmap", "scan"])
def test_rows_that_a_turn_changes_are_changed(change: str, loop: str) -> None:
    def one(row: list[Any]) -> Any:
        found = row[0] * 2.0
        CHANGES[change](row)
        return found

    def f(xs: Any) -> Any:
        rows = [[x, 1.0] for x in xs]
        if loop == "vmap":
            left = vmap(one)(rows)
        else:
            left = scan(lambda c, row: (c, one(row)), 0.0, rows)[1]
        return sum(left) + sum([sum(row) + len(row) for row in rows])

    compiled = jit(f)
    for _ in range(2):
        assert compiled(ROWS) == pytest.approx(f(ROWS), rel=1e-12)


def test_a_list_that_is_carried_on_as_it_is_does_not_end_a_loop() -> None:
    def f(xs: Any) -> Any:
        (total, w), _ = scan(lambda c, x: ((c[0] + c[1][0] * x, c[1]), None), (0.0, [2.0]), xs)
        return total * w[0]

    compiled = jit(f, backend="python")
    assert compiled(ROWS) == f(ROWS)
    assert compiled.stats["programs"][0]["nodes"]["traced"] < 2 * len(ROWS)


def test_lists_that_turns_share_are_shared() -> None:
    def captured(xs: Any) -> Any:
        w = [xs[0]]
        left = vmap(lambda x: w)(xs)
        left[0].append(9.0)
        return len(left[1]) * xs[1]

    def given_back(xs: Any) -> Any:
        rows = [[x] for x in xs]
        left = vmap(lambda row: row)(rows)
        left[0].append(9.0)
        return len(rows[0]) * xs[1]

    for f in (captured, given_back):
        assert jit(f)(ROWS) == f(ROWS)


@pytest.mark.parametrize(
    "numbers",
    [
        [np.int8(k + 50) for k in range(70)],
        [np.float32(0.1 * k) for k in range(70)],
        [k % 2 == 0 for k in range(70)],
        np.arange(1, 141).astype(np.uint8).reshape(70, 2),
        np.linspace(0, 1, 140).astype(np.float32).reshape(70, 2),
    ],
)
def test_numbers_of_other_kinds_compute_as_they_do(numbers: Any) -> None:
    def f(xs: Any) -> Any:
        def one(x: Any, k: Any) -> Any:
            k = k[1] * k[0] if np.shape(k) else k * k
            return x * k

        return sum(vmap(one)(list(xs), list(numbers)))

    with np.errstate(over="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = pytest.approx(float(f(ROWS)), rel=1e-12)
        with suppress(TraceError):  # of floats of another precision
            assert float(jit(f)(ROWS)) == expected


@functools.singledispatch
def by_kind(k: Any) -> float:
    return 1.0


@by_kind.register
def _(k: float) -> float:
    return 2.0


@pytest.mark.filterwarnings("ignore:jit:RuntimeWarning")
def test_what_asks_for_kinds_or_catches_errors_sees_numbers() -> None:
    def dispatched(xs: Any) -> Any:
        return sum(vmap(lambda x, k: x * by_kind(k))(xs, [0.5] * 70))

    def indexed(xs: Any) -> Any:
        def one(x: Any, k: int) -> Any:
            try:
                return x * [1.0, 2.0, 3.0][k % 3]
            except TypeError:
                return -1.0

        return sum(vmap(one)(xs, list(range(70))))

    for f in (dispatched, indexed):
        assert jit(f)(ROWS) == pytest.approx(f(ROWS), rel=1e-12)


@pytest.mark.parametrize("derive", [lambda f: f, grad])
def test_python_computes_all_rows_by_one_loop(derive: Callable[..., Any]) -> None:
    def text(rows: int) -> str:
        f = derive(lambda xs: sum(vmap(lambda x: tanh(x) * exp(x))(xs)))
        compiled = jit(f, backend="python")
        xs = [k / rows for k in range(rows)]
        for _ in range(8):
            assert compiled(xs) == pytest.approx(f(xs), rel=1e-12)
        return compiled.source

    few, many = text(100), text(400)
    assert few.count("tanh(") == many.count("tanh(") > 0
