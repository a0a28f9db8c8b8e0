"""Compiled loops beside the loops that they stand for."""

from __future__ import annotations

import cProfile
import math
import operator
import random
import subprocess
import sys
import warnings
from collections.abc import Callable
from functools import reduce
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jit_loops import mixed, numbers
from jit_programs import outcome
from jit_transforms import BACKENDS, CURVATURES, GRADIENTS, agree
from strength import examples

from autograd import (
    Value,
    atan2,
    exp,
    fori_loop,
    grad,
    hessian,
    hvp,
    jit,
    jvp,
    log,
    scan,
    sin,
    sqrt,
    tanh,
    tree,
    value_and_grad,
    where,
    while_loop,
)
from autograd.jit.api import Jitted
from autograd.jit.programs.loops import Loop, Unrolled
from autograd.jit.tracing.tracer import trace
from autograd.jit.tuning import MOST_LEFT

choices = st.lists(st.integers(0, 10**6), min_size=6, max_size=12)


def until(choices: list[int], carried: int) -> Callable[[list[Any], list[Any]], Any]:
    """The same for a loop that ends by what it computes, or after a while."""

    def f(p: list[Any], rows: list[Any]) -> Any:
        def body(state: Any) -> Any:
            carry, count = state
            return mixed(choices, [*p, *carry, *rows[0]], carried), count + 1.0

        def goes_on(state: Any) -> Any:
            return (state[1] < 6.0) * (state[0][0] < 1.5)

        carry, count = while_loop(goes_on, body, ([0.5, p[0], 1.0][:carried], 0.0))
        return sum(carry) * count + p[1]

    return f


def program(
    choices: list[int], turns: int, carried: int, left: int, reverse: bool, is_nested: bool
) -> Callable[[list[Any], list[Any]], Any]:
    """A function with a loop: parameters, and rows of two numbers, to a number."""

    def f(p: list[Any], rows: list[Any]) -> Any:
        def step(carry: list[Any], row: list[Any]) -> tuple[list[Any], list[Any]]:
            found = mixed(choices, [*p, *carry, *row], carried + left)
            if is_nested:
                inner, _ = scan(lambda c, x: (sin(c * x + found[0]), None), found[0], rows[0])
                found[-1] = found[-1] + inner
            return found[:carried], found[carried:]

        init = [0.5, p[0], 1.0][:carried]
        carry, ys = scan(step, init, rows[:turns], reverse=reverse)
        total = carry[0] - p[1]
        for row in ys:
            for k, y in enumerate(row):
                total = total + y * (k + 1.0)
        return total + sum(carry)

    return f


def close(found: Any, expected: Any) -> None:
    ours, theirs = tree.leaves(found), tree.leaves(expected)
    assert tree.flatten(found)[1] == tree.flatten(expected)[1]
    for x, y in zip(ours, theirs, strict=True):
        assert type(x) is type(y)
        x, y = float(x), float(y)
        assert math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9) or (x != x and y != y)


def compiled(f: Callable[..., Any], backend: str, *args: Any, rolls: bool = True) -> Any:
    """The compiled function, whose calls agree with the plain one's."""
    made = jit(f, backend=backend)
    expected = f(*args)
    for _ in range(2):
        close(made(*args), expected)
    assert is_rolled(made) is rolls
    return made


def is_rolled(made: Jitted) -> bool:
    """Whether there is a loop in what was compiled, and it did compile."""
    assert made.stats["plain"] == 0
    assert all(one._misses == 0 for path in made._paths() for one in path.compiled.family())
    programs = [path.compiled.traced for path in made._paths()]
    return any(isinstance(x, Loop) for one in programs for x in one.operations)


def along(f: Callable[..., Any]) -> Callable[..., Any]:
    """The value and the derivative of a function along a direction, in forward mode."""
    return lambda p, rows: jvp(lambda p: f(p, rows), (p,), ([1.0, -0.5],))


TRANSFORMS: list[Callable[[Any], Any]] = [lambda f: f, value_and_grad, hessian]


@given(
    choices=choices,
    turns=st.integers(3, 6),
    carried=st.integers(1, 3),
    left=st.integers(0, 2),
    reverse=st.booleans(),
    kind=st.sampled_from(["scan", "nested", "while"]),
    p=st.lists(numbers, min_size=2, max_size=2),
    rows=st.lists(st.lists(numbers, min_size=2, max_size=2), min_size=6, max_size=6),
    transform=st.sampled_from([*TRANSFORMS, along]),
    backend=st.sampled_from(BACKENDS),
)
def test_compiled_loops_equal_plain_ones(
    choices: list[int],
    turns: int,
    carried: int,
    left: int,
    reverse: bool,
    kind: str,
    p: list[float],
    rows: list[list[float]],
    transform: Callable[[Any], Any],
    backend: str,
) -> None:
    if kind == "while":
        f = transform(until(choices, carried))
    else:
        f = transform(program(choices, turns, carried, left, reverse, kind == "nested"))
    made = jit(f, backend=backend)
    for q in (p, p, [x + 0.125 for x in p]):
        found, expected = outcome(made, q, rows), outcome(f, q, rows)
        if isinstance(expected, type):
            assert found is expected
        else:
            close(found, expected)


@pytest.mark.slow
@given(
    choices=choices,
    turns=st.integers(3, 6),
    carried=st.integers(1, 3),
    left=st.integers(0, 2),
    reverse=st.booleans(),
    p=st.lists(numbers, min_size=2, max_size=2),
    rows=st.lists(st.lists(numbers, min_size=2, max_size=2), min_size=6, max_size=6),
    which=st.lists(st.booleans(), min_size=14, max_size=14),
    backend=st.sampled_from(BACKENDS),
)
def test_what_is_a_value_is_one(
    choices: list[int],
    turns: int,
    carried: int,
    left: int,
    reverse: bool,
    p: list[float],
    rows: list[list[float]],
    which: list[bool],
    backend: str,
) -> None:
    """Values among plain numbers: the results are of the same kinds, and so are the gradients."""

    def f(p: list[Any], rows: list[Any]) -> Any:
        def step(carry: list[Any], row: list[Any]) -> tuple[list[Any], list[Any]]:
            found = mixed(choices, [*p, *carry, *row], carried + left)
            return found[:carried], found[carried:]

        return scan(step, [0.5, p[0], 1.0][:carried], rows[:turns], reverse=reverse)

    def given() -> tuple[list[Any], list[Any]]:
        kinds = iter(which)
        return tree.map_leaves(lambda x: Value(x) if next(kinds) else x, (p, rows))  # type: ignore[no-any-return]

    made = jit(f, backend=backend)
    for _ in range(2):
        ours, its = given(), given()
        found, expected = outcome(made, *ours), outcome(f, *its)
        if isinstance(expected, type):
            assert found is expected
            continue
        close(found, expected)
        for x in tree.leaves([found, expected]):
            if isinstance(x, Value):
                x.backward()
        gradients = [
            [x.grad for x in tree.leaves(arguments) if isinstance(x, Value)]
            for arguments in (ours, its)
        ]
        close(*gradients)


def running(w: Any, xs: Any) -> Any:
    carry, ys = scan(lambda c, x: (tanh(c * w) + x, c * x), 0.5, xs)
    return carry * carry + sum(ys)


def squared(x: Any) -> Any:
    return while_loop(lambda x: x < 100.0, lambda x: x * x, x)


XS = [0.3, -0.7, 1.1, 0.2, 0.9]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_loops_stay_loops(transform: Callable[[Any], Any], backend: str) -> None:
    made = compiled(transform(running), backend, 0.7, XS)
    sizes = [path.compiled.traced.size for path in made._paths()]
    long = jit(transform(running), backend=backend)
    long(0.7, XS * 4)
    # what a turn leaves is read number by number
    assert next(path.compiled.traced.size for path in long._paths()) < 4 * sizes[0]


def test_nodes_do_not_depend_on_the_number_of_turns() -> None:
    def decayed(turns: int) -> Callable[[Any], Any]:
        return grad(lambda rate: fori_loop(0, turns, lambda i, x: x - rate * x + i * 0.01, 1.0))

    sizes = []
    for turns in (10, 1000):
        made = jit(decayed(turns))
        close(made(0.01), decayed(turns)(0.01))
        close(made(0.02), decayed(turns)(0.02))
        sizes.append([len(path.compiled.program) for path in made._paths()])
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_loop_is_differentiated_from_outside(backend: str) -> None:
    made = jit(running, backend=backend)
    for transform in (grad, value_and_grad, hessian):
        close(transform(made)(0.7, XS), transform(running)(0.7, XS))
    w, x = Value(0.7), Value(0.7)
    made(w, XS).backward()
    running(x, XS).backward()
    close(w.grad, x.grad)
    assert is_rolled(made)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("transform", [hvp, jvp])
@pytest.mark.parametrize("f", [lambda w: running(w, XS), squared])
def test_forward_mode(f: Callable[..., Any], transform: Callable[..., Any], backend: str) -> None:
    compiled(lambda w, v: transform(f, (w,), (v,)), backend, 1.7, 1.0)

    def slope(w: Any, v: Any) -> Any:
        return grad(lambda w: tree.leaves(transform(f, (w,), (v,)))[-1])(w)

    compiled(slope, backend, 1.7, 1.0)


# What is no loop is not taken for one


def counts(w: Any, xs: Any) -> Any:
    k = 0

    def step(c: Any, x: Any) -> Any:
        nonlocal k
        k += 1
        return c + k * x * w, None

    return scan(step, 0.0, xs)[0]


def appends(w: Any, xs: Any) -> Any:
    seen: list[int] = []

    def step(c: Any, x: Any) -> Any:
        seen.append(1)
        return c + x * w, None

    return scan(step, 0.0, xs)[0] * len(seen)


def leaks(w: Any, xs: Any) -> Any:
    seen: dict[str, Any] = {}

    def step(c: Any, x: Any) -> Any:
        seen["last"] = c * x
        return c + x * w, None

    return scan(step, 0.0, xs)[0] + seen["last"]


def reads_on(w: Any, xs: Any) -> Any:
    others = iter([1.0, 4.0, 9.0, 16.0, 25.0])
    return scan(lambda c, x: (c + x * w * next(others), None), 0.0, xs)[0]


def branches(w: Any, xs: Any) -> Any:
    return scan(lambda c, x: (c + (x * w if x > 0 else 0.25), None), 0.0, xs)[0]


def asks(w: Any, xs: Any) -> Any:
    return scan(lambda c, x: (c + (x * w if (x > 0) is True else 0.25), None), 0.0, xs)[0]


def asks_while(w: Any, xs: Any) -> Any:
    return while_loop(lambda c: (c < xs[-1]) is True, lambda c: c + 0.3 + w * w, w)


def asks_for_floats(w: Any, xs: Any) -> Any:
    return scan(lambda c, x: (c + w * isinstance(x, float) + xs[0], None), 0.0, [0.5, 1.5, 2.5])[0]


def asks_for_types(w: Any, xs: Any) -> Any:
    return scan(lambda c, x: (c + w * (type(x) is float) + xs[0], None), 0.0, [0.5, 1.5, 2.5])[0]


def matches(w: Any, xs: Any) -> Any:
    def step(c: Any, x: Any) -> Any:
        match x:
            case float():
                return c + w, None
        return c - w, None

    return scan(step, 0.0, [0.5, 1.5, 2.5])[0] + xs[0]


def of_two_kinds(w: Any, xs: Any) -> Any:
    return scan(lambda c, x: (c + x * w, x), 0.0, [1, 2.0, 3, 4.0])


def becomes_whole(w: Any, xs: Any) -> Any:
    return scan(lambda c, x: ((c[0] + x * w * c[1], 3), c[1]), (0.0, 1.0), xs)


def no_more_whole(w: Any, xs: Any) -> Any:
    return scan(lambda c, x: ((c[0] + x * w * c[1], 3.0), c[1]), (0.0, 1), xs)


def in_another_order(w: Any, xs: Any) -> Any:
    turn = lambda c, x: ({"b": c["b"] + x, "a": c["a"] * w}, None)
    return scan(turn, {"a": 1.0, "b": 0.0}, xs)[0]


def in_another_order_while(w: Any, xs: Any) -> Any:
    turn = lambda c: {"b": c["b"] + xs[0], "a": c["a"] * w}
    return while_loop(lambda c: c["a"] > 0.1, turn, {"a": 1.0, "b": 0.0})


def large_powers(w: Any, xs: Any) -> Any:
    return fori_loop(1, 40, lambda i, c: c + w * (i**20 % 7), xs[0])


def large_quotients(w: Any, xs: Any) -> Any:
    return fori_loop(1, 30, lambda i, c: c + w * (i**15 // i**14), xs[0])


def large_in_the_inner_loop(w: Any, xs: Any) -> Any:
    def turn(i: Any, c: Any) -> Any:
        return fori_loop(0, 3, lambda j, d: d + w * ((i * 10**9 + j) ** 2 % 7), c)

    return fori_loop(0, 4, turn, xs[0])


def nanoseconds(w: Any, xs: Any) -> Any:
    stamps = [17 * 10**17 + k for k in (1, 3, 9)]
    return scan(lambda c, t: (c + w * (t - 17 * 10**17), None), xs[0], stamps)[0]


def whole(w: Any, xs: Any) -> Any:
    (i, total), ys = scan(lambda c, x: ((c[0] + 1, c[1] + x * w), c[0]), (0, 0.0), xs)
    return [i, total, *ys]


def compares(w: Any, xs: Any) -> Any:
    total, ys = scan(lambda c, x: (c + x * w, x > 0), 0.0, xs)
    return [total, *ys]


def in_place(w: Any, xs: Any) -> Any:
    state = [0.0, 1.0]

    def step(c: list[Any], x: Any) -> Any:
        c[0] = c[0] + x * w
        return c, c

    last, ys = scan(step, state, xs)
    return [last, state, ys[0]]


def attributes(w: Any, xs: Any) -> Any:
    class Log:
        turns = 0

    log = Log()

    def step(c: Any, x: Any) -> Any:
        log.turns += 1
        return c + x * w, None

    return scan(step, 0.0, xs)[0] * log.turns


@pytest.mark.parametrize(
    "f",
    [
        counts,
        appends,
        leaks,
        reads_on,
        branches,
        asks,
        asks_while,
        asks_for_floats,
        asks_for_types,
        matches,
        of_two_kinds,
        becomes_whole,
        no_more_whole,
        in_another_order,
        in_another_order_while,
        large_powers,
        large_quotients,
        large_in_the_inner_loop,
        nanoseconds,
        whole,
        compares,
        in_place,
        attributes,
    ],
)
@pytest.mark.filterwarnings("ignore:jit:RuntimeWarning")
def test_what_is_no_loop_is_written_out(f: Callable[..., Any]) -> None:
    made = jit(f, backend="python")
    for _ in range(3):
        found, expected = made(0.7, XS), f(0.7, XS)
        close(found, expected)
    assert not any(
        isinstance(x, Loop) for path in made._paths() for x in path.compiled.traced.operations
    )


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_end_of_a_trace_cannot_be_caught(backend: str) -> None:
    def caught(w: Any, xs: Any) -> Any:
        try:
            return branches(w, xs)
        except:  # noqa: E722
            return -1.0

    def caught_in_a_turn(w: Any, xs: Any) -> Any:
        def step(c: Any, x: Any) -> Any:
            try:
                return c + branches(w, xs) * x, None
            except:  # noqa: E722
                return c, None

        return scan(step, 0.0, xs)[0]

    for f in (caught, caught_in_a_turn):
        compiled(f, backend, 0.7, XS, rolls=False)


@pytest.mark.parametrize("f", [counts, leaks, reads_on, in_place, branches])
def test_turns_that_differ_end_a_trace(f: Callable[..., Any]) -> None:
    """Also where nobody looks at what the step can reach."""
    names = [f"x{i}" for i in range(1 + len(XS))]
    with pytest.raises(Unrolled):
        trace(lambda xs: f(xs[0], xs[1:]), [0.7, *XS], names, tree.leaves, str)


def test_a_step_that_imports_a_module_is_a_loop() -> None:
    """Its effects are watched for; what the compiler does first in a process is none of them."""
    program = """
from autograd import jit, scan
def f(xs):
    def step(c, x):
        import math
        return c * math.pi + x, None
    return scan(step, 0.0, xs)[0]
made = jit(f, backend="numpy")
assert made([1.0, 2.0, 3.0]) == f([1.0, 2.0, 3.0])
assert made.stats["plain"] == 0, made.stats
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_branch_that_goes_the_same_way_in_all_turns_is_a_guard(backend: str) -> None:
    made = compiled(branches, backend, 0.7, [0.5, 1.0, 0.25, 2.0])
    xs = [-0.5, -1.0, -0.25, -2.0]
    close(made(0.7, xs), branches(0.7, xs))
    assert made.stats["specialisations"] == 2
    xs = [-0.5, 1.0, -0.25, -2.0]
    for _ in range(2):
        close(made(0.7, xs), branches(0.7, xs))
    assert made.stats["specialisations"] == 3


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("number", [3.0, -0.0, Value(3.0)])
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_constant_is_carried(transform: Callable[[Any], Any], number: Any, backend: str) -> None:
    """From the second turn on, whatever it is in the first."""

    def f(w: Any, xs: Any) -> Any:
        turn = lambda c, x: ((c[0] + x * w * c[1], number, c[1]), (c[1], number, c[2]))
        (last, *_), (before, same, later) = scan(turn, (0.0, 1.0, w), xs)
        return last + sum(map(operator.mul, before, xs)) + same[-1] + later[2]

    w = Value(0.7) if transform is TRANSFORMS[0] else 0.7
    compiled(transform(f), backend, w, XS)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("bad", range(5))
def test_an_exception_in_the_middle_is_that_of_the_plain_loop(backend: str, bad: int) -> None:
    def f(xs: Any) -> Any:
        return scan(lambda c, x: (c + log(x), sqrt(x)), 0.0, xs)

    made = jit(f, backend=backend)
    close(made([1.0, 2.0, 3.0, 4.0, 5.0]), f([1.0, 2.0, 3.0, 4.0, 5.0]))
    xs = [1.0, 2.0, 3.0, 4.0, 5.0]
    xs[bad] = -1.0
    for _ in range(2):
        with pytest.raises(ValueError, match="log") as ours:
            made(xs)
        with pytest.raises(ValueError, match="log") as theirs:
            f(xs)
        assert str(ours.value) == str(theirs.value)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_not_finite_in_a_turn_is_noticed(backend: str) -> None:
    def f(x: Any) -> Any:
        last, ys = scan(lambda c, y: (c * 10.0, exp(c) + y), x, [0.0] * 8)
        return ys[0] + 1 / last

    made = jit(f, backend=backend)
    close(made(1e-9), f(1e-9))
    with pytest.raises(OverflowError):
        f(1e-4)
    with pytest.raises(OverflowError):
        made(1e-4)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_not_finite_in_the_last_turn_is_noticed(backend: str) -> None:
    def f(x: Any) -> Any:
        carry, _ = scan(lambda c, _: ((c[0] + c[1], exp(c[0])), None), (x, 0.0), length=5)
        return carry[0]  # not the last exponential

    made = jit(f, backend=backend)
    close(made(0.1), f(0.1))
    for x in (1.5, 1.7, 1.9):
        outcomes = []
        for g in (f, made):
            try:
                outcomes.append(type(g(x)))
            except OverflowError as error:
                outcomes.append(type(error))
        assert outcomes[0] is outcomes[1]


@pytest.mark.parametrize("backend", BACKENDS)
def test_derivatives_that_do_not_flow_do_not_matter(backend: str) -> None:
    """A root at 0 raises where its derivative takes part, and only there."""

    def f(w: Any, xs: Any) -> Any:
        return scan(lambda c, x: (where(x > 0, c * w + sqrt(x), c * w), None), 1.0, xs)[0]

    g = value_and_grad(f, (0, 1))
    made = jit(g, backend=backend)
    for xs in ([1.0, 4.0, 2.0], [1.0, 0.0, 2.0]):
        close(made(0.7, xs), g(0.7, xs))


def test_a_profiler_goes_on() -> None:
    profile = cProfile.Profile()
    made = jit(lambda w, xs: scan(lambda c, x: (c * w + x, None), 0.0, xs)[0], backend="python")
    with profile:
        found = made(0.5, XS)
        profiled = sum(XS)
    assert found == reduce(lambda c, x: c * 0.5 + x, XS, 0.0)
    assert profiled == sum(XS)
    assert any("built-in method builtins.sum" in str(entry.code) for entry in profile.getstats())


def test_kinds_of_results_are_those_of_the_plain_loop() -> None:
    def f(w: Any, xs: Any) -> Any:
        (a, b), ys = scan(lambda c, x: ((c[0] * w, c[1] + x), (c[1], 2.0)), (1.0, 0.0), xs)
        return {"a": a, "b": b, "ys": ys}

    w = Value(0.5)
    for one in (0.5, w):
        found, expected = jit(f, backend="python")(one, XS), f(one, XS)
        assert tree.flatten(found)[1] == tree.flatten(expected)[1]
        close(found, expected)


def test_parameters_are_read_at_each_call() -> None:
    w = Value(0.5)
    made = jit(lambda xs: scan(lambda c, x: (c * w + x, None), 0.0, xs)[0], backend="python")
    assert made(XS).data == reduce(lambda c, x: c * 0.5 + x, XS, 0.0)
    w.data = 0.25
    assert made(XS).data == reduce(lambda c, x: c * 0.25 + x, XS, 0.0)
    made(XS).backward()
    assert w.grad == grad(lambda w: reduce(lambda c, x: c * w + x, XS, 0.0))(0.25)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_derivative_in_a_turn(backend: str) -> None:
    def f(w: Any, xs: Any) -> Any:
        slope = grad(lambda c: sin(c * w) * c)
        return scan(lambda c, x: (c - 0.1 * slope(c) + x, None), 0.5, xs)[0]

    for g in (f, value_and_grad(f), hessian(f)):
        made = jit(g, backend=backend)
        for _ in range(2):
            close(made(0.7, XS), g(0.7, XS))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_power_whose_exponent_is_differentiated(backend: str) -> None:
    """While it is traced, what stands for a plain number is a Value of a transform."""
    f = value_and_grad(lambda w: scan(lambda c, x: (abs(c) ** w + x, None), w, XS)[0])
    g = value_and_grad(lambda w: while_loop(lambda c: c < 9.0, lambda c: (c + 1.0) ** w, w))
    compiled(f, backend, 0.5)
    compiled(g, backend, 1.5)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_derivative_that_takes_a_branch_in_one_turn(backend: str) -> None:
    """The rule of a power asks whether the base is 0."""

    def f(w: Any, xs: Any) -> Any:
        return scan(lambda c, x: (c * 0.5 + x ** (w + 1.0), None), 0.0, xs)[0]

    compiled(value_and_grad(f), backend, 0.5, [1.0, 0.0, 2.0], rolls=False)
    made = compiled(f, backend, 0.5, [1.0, 0.0, 2.0])
    for xs in ([1.0, 0.0, 2.0], [1.0, 3.0, 2.0], [0.0, 0.0, 0.0]):
        for _ in range(2):
            close(grad(made)(0.5, xs), grad(f)(0.5, xs))


def test_random_numbers_in_a_turn_stay_random() -> None:
    made = jit(lambda w: scan(lambda c, _: (c + w * random.random(), None), 0.0, length=5)[0])
    with pytest.warns(RuntimeWarning, match="random"):
        first = made(1.0)
    assert made(1.0) != first


def test_arrays() -> None:
    np = pytest.importorskip("numpy")

    def f(w: Any, rows: Any) -> Any:
        return scan(lambda c, row: (c * w + row[0] * row[1], c * row), 0.5, rows)

    rows = np.arange(12.0).reshape(6, 2) / 4
    made = jit(f, backend="numpy")
    for _ in range(2):
        carry, ys = made(0.7, rows)
        expected, its = f(0.7, rows)
        assert carry == expected
        assert ys.shape == its.shape == (6, 2)
        assert (ys == its).all()


def linear(x: Any) -> Any:
    """Its derivative reads nothing of what the turns began with, and runs as often."""
    body = lambda c: (c[0] * 0.9 + x, c[1] + 1.0)
    return while_loop(lambda c: c[1] < 2.0 * x, body, (1.0, 0.0))[0]


def newton(target: Any) -> Any:
    """The root of `x exp(x) = target`."""

    def better(x: Any) -> Any:
        return x - (x * exp(x) - target) / ((1.0 + x) * exp(x))

    return while_loop(lambda x: abs(x * exp(x) - target) > 1e-13, better, 0.5)


def collatz(x: Any) -> Any:
    """Two numbers, a count, and a loop in each turn."""

    def turn(carry: Any) -> Any:
        a, b, count = carry
        a, _ = scan(lambda c, _: (c * 0.9 + b * 0.01, None), a, length=4)
        return a, b + a * x, count + 1.0

    a, b, count = while_loop(lambda c: (c[0] > 0.01) * (c[2] < 50.0), turn, (x, 1.0, 0.0))
    return a * count + b


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("f", [squared, linear, newton, collatz])
@pytest.mark.parametrize("transform", [lambda f: f, value_and_grad, lambda f: grad(grad(f))])
def test_a_while_loop_is_compiled_for_any_number_of_turns(
    transform: Callable[[Any], Any], f: Callable[[Any], Any], backend: str
) -> None:
    g = transform(f)
    made, inner = jit(g, backend=backend), transform(jit(f, backend=backend))
    expected = {x: g(x) for x in (2.0, 3.0, 50.0, 5.5, 1.25)}
    for x in expected:
        for _ in range(2):
            close(made(x), expected[x])
    for x in (50.0, 1.25, 2.0, 3.0, 5.5):  # traced where it runs long
        close(inner(x), expected[x])
    assert is_rolled(made)
    assert made.stats["specialisations"] == 1


@pytest.mark.parametrize("turns", [MOST_LEFT - 1, MOST_LEFT, MOST_LEFT + 1])
def test_a_long_while_loop(turns: int) -> None:
    """Machine code has room for what so many turns leave; Python goes on."""
    pytest.importorskip("llvmlite")

    def f(rate: Any, turns: Any) -> Any:
        body = lambda c: (c[0] * 0.999 + rate, c[1] + 1.0)
        return while_loop(lambda c: c[1] < turns, body, (1.0, 0.0))[0]

    made = jit(value_and_grad(f), backend="native")
    close(made(0.5, 5.0), value_and_grad(f)(0.5, 5.0))
    close(made(0.5, float(turns)), value_and_grad(f)(0.5, float(turns)))
    assert made.stats["specialisations"] == 1


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "f",
    [
        lambda a: scan(lambda c, x: (0.9 * c + 0.1 * x, None), a, [a, a, a])[0],
        lambda a: fori_loop(0, 5, lambda i, c: c * 2.0 + c * 3.0, a),
        lambda a: while_loop(
            lambda c: c[1] < 3.0, lambda c: (c[0] * 0.5 + c[0] * 0.25, c[1] + 1.0), (a, 0.0)
        )[0],
        lambda a: fori_loop(-4, 0, lambda i, c: c + 0 * i, a),
        lambda a: fori_loop(0, 4, lambda i, c: atan2(-i + 0 * i, -1.0) + a * c, a),
        lambda a: fori_loop(-4, 1, lambda i, c: c + i % 2, a) * fori_loop(0, 3, lambda i, c: -i, a),
        lambda a: fori_loop(0, 4, lambda i, c: c - 0.0 * c, a),
    ],
)
def test_zeros_of_a_body_have_their_sign(f: Callable[[Any], Any], backend: str) -> None:
    made = jit(f, backend=backend)
    for x in (-0.0, 0.0, -0.0, 1.0):
        for _ in range(6):
            assert math.copysign(1.0, made(x)) == math.copysign(1.0, f(x))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_constant_is_read_two_loops_deep(backend: str) -> None:
    def f(a: Any) -> Any:
        c = a**0
        return fori_loop(0, 3, lambda i, q: fori_loop(0, 3, lambda k, w: w * c + i, q), a)

    for g in (f, grad(f)):
        compiled(g, backend, 0.7)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("number", [3.0, 3, Value(3.0)])
def test_a_while_loop_that_makes_no_turn_and_carries_a_constant(number: Any, backend: str) -> None:
    f = lambda x: while_loop(lambda c: c[0] < x, lambda c: (c[0] + 1.0, number), (0.5, x))[1]
    made = jit(f, backend=backend)
    for x in (2.0, 0.0, 5.0, -1.0):
        assert float(made(x)) == float(f(x))
        assert grad(made)(x) == grad(f)(x)


def test_a_while_loop_that_makes_no_turn() -> None:
    made = jit(squared, backend="python")
    for x in (200.0, 3.0, 200.0):
        assert made(x) == squared(x)
        assert grad(made)(x) == grad(squared)(x)
    assert made.stats["specialisations"] == 2  # of a number, and of a Value
    w = Value(200.0)
    assert type(jit(lambda w: while_loop(lambda x: x < 9.0, lambda x: x + w, 20.0))(w)) is float


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_exception_in_a_while_loop_is_that_of_the_plain_one(backend: str) -> None:
    def f(x: Any) -> Any:
        return while_loop(lambda c: c[0] > -1.0, lambda c: (c[0] - 0.4, log(c[0])), (x, 0.0))[1]

    made = jit(f, backend=backend)
    for x in (-3.0, 1.0, 2.0):
        outcomes = []
        for g in (made, f):
            try:
                outcomes.append(repr(g(x)))
            except ValueError as error:
                outcomes.append(str(error))
        assert outcomes[0] == outcomes[1]


def test_conditions_that_are_no_comparison_are_written_out() -> None:
    def both(x: Any) -> Any:
        return while_loop(lambda x: x < 100.0 and x > 1.0, lambda x: x * x, x)

    def counted(x: Any) -> Any:
        left = [3]

        def goes_on(_: Any) -> bool:
            left[0] -= 1
            return left[0] > 0

        return while_loop(goes_on, lambda x: x * x, x)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for f in (both, counted):
            made = jit(f)
            for x in (2.0, 3.0, 50.0, 200.0):
                assert made(x) == f(x)
                assert grad(made)(x) == grad(f)(x)


POWERS: dict[str, Callable[[Any, list[float]], Any]] = {
    "scan": lambda x, ks: scan(lambda c, k: (c + (x + 2.0) ** k, None), 0.0, ks)[0],
    "rows": lambda x, ks: sum(scan(lambda c, k: (c, (x + 2.0) ** k * c), x, ks)[1]),
    "Python": lambda x, ks: sum([sin((x + 2.0) ** k) for k in ks]),
    "carried": lambda x, ks: scan(lambda c, k: ((c * c + 1.5) ** k, None), x, ks)[0],
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", POWERS)
@given(
    st.lists(st.sampled_from([0.0, 0.25, -1.0, 1.0, 2.0]), min_size=2, max_size=5),
    st.sampled_from([1, 12]),
    st.sampled_from([*GRADIENTS, *CURVATURES]),
)
@settings(max_examples=examples(15, quick=5))
def test_what_a_rule_chooses_by_the_number_of_a_turn(
    name: str, backend: str, ks: list[float], times: int, use: str
) -> None:
    """The derivative of a power is 0 for the exponent 0, and written otherwise below 0.5."""
    f = lambda x: POWERS[name](x[0], ks * times)
    agree(f, {**GRADIENTS, **CURVATURES}[use], backend, [[0.5], [0.25]])
