"""The proof that the property tests bite: the compiler is broken on purpose, and they find it.

Every lowering is made wrong by a part in 1e9, and every pass of the compiler is given a mistake
that somebody might make: a rewrite that is not true, a guard that is dropped, a number that is read
once and kept. Each time what `test_compiled_equals_plain` compares, on the same random programs,
must fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jit_sources import Source, any_numbers, sources, tame_numbers
from jit_transforms import CURVATURES, GRADIENTS, VALUES, agree, compiler, listed
from test_compiled_equals_plain import points

from autograd import Value
from autograd.errors import ARITHMETIC
from autograd.jit.arrays.kernels import NUMPY, Lowering
from autograd.jit.backends import BACKENDS
from autograd.jit.calls import compiled as compiled_module
from autograd.jit.calls import specialisation
from autograd.jit.native.formulas import NATIVE
from autograd.jit.programs import reads, rewrites, simplify
from autograd.jit.programs.rewrites import OPERATIONS
from autograd.jit.python.templates import PYTHON
from autograd.jit.tracing.tape import Tape
from autograd.primitives import TABLE
from autograd.testing import expressions
from autograd.testing.agreement.judge import check

pytestmark = pytest.mark.slow
USES = {**VALUES, **GRADIENTS, **CURVATURES}
SLIGHTLY = 1 + 1e-9
TABLES = ("ALWAYS", "SQUARES", "NORMAL", "SIGNLESS")

Patch = pytest.MonkeyPatch


def is_found(
    strategy: st.SearchStrategy[Any], body: Callable[[Any], None], examples: int = 4_000
) -> bool:
    """Whether a property fails for one of so many examples."""

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(strategy)
    def property_test(example: Any) -> None:
        body(example)

    try:
        property_test()
    except (AssertionError, *ARITHMETIC):
        return True
    return False


def programs_with(*names: str) -> st.SearchStrategy[Any]:
    """Straight-line programs that are made of some operations above all."""
    assert names, "no operation that users call: give it a program in WRITTEN_OUT"
    return st.tuples(expressions(operations=[*names, "add", "mul"]), points(tame_numbers)).filter(
        lambda pair: any(step.operation in names for step in pair[0].steps)
    )


# Lowerings


def wrong_kernel(right: Lowering) -> Lowering:
    def wrong(out: Any, *xs: Any) -> Any:
        return [*right.kernel(out, *xs), partial(np.multiply, out, SLIGHTLY, out)]

    return right._replace(kernel=wrong)


BROKEN: dict[str, tuple[dict[Any, Any], Callable[[Any], Any]]] = {
    "python": (PYTHON, lambda right: f"{SLIGHTLY} * ({right})"),
    "numpy": (NUMPY, wrong_kernel),
    "native": (NATIVE, lambda right: lambda *xs: right(*xs) * SLIGHTLY),
}
"""The table of each backend, and what makes an entry slightly wrong."""

LOWERED = [
    (backend, name)
    for backend, (table, _) in BROKEN.items()
    for name, made in TABLE.items()
    if name != "identity"  # which no simplified program has
    if made in table and not BACKENDS[backend].missing
    if backend != "python" or (made.arity and isinstance(table[made], str))
]


@pytest.mark.parametrize(("backend", "name"), LOWERED)
def test_a_lowering_that_is_slightly_wrong(backend: str, name: str, monkeypatch: Patch) -> None:
    table, wrong = BROKEN[backend]
    monkeypatch.setitem(table, TABLE[name], wrong(table[TABLE[name]]))

    def body(pair: Any) -> None:
        f, at = pair
        plain = lambda rows: [f(*map(Value, row)) for row in rows]  # enough to make an array
        table = [[x + k / 16, y - k / 32] for k in range(4) for x, y in at]
        check(plain, compiler(backend)(plain), [table])
        made = compiler(backend)(plain)
        made(table[::-1])
        check(plain, made, [table])

    assert is_found(programs_with(name), body)


# Rewrites

WRONG_RULES = {
    "identity(x) -> x": "identity(x) -> neg(x)",
    "stop_gradient(x) -> x": "stop_gradient(x) -> neg(x)",
    "neg(neg(x)) -> x": "neg(neg(x)) -> neg(x)",
    "add(x, -0.0) -> x": "add(x, a) -> x",
    "add(-0.0, x) -> x": "add(a, x) -> x",
    "sub(x, 0.0) -> x": "sub(x, y) -> x",
    "div(x, 1.0) -> x": "div(x, y) -> x",
    "pow_number(x, 0.0) -> 1.0": "pow_number(x, 0.0) -> 0.0",
    "pow_number(x, 1.0) -> x": "pow_number(x, a) -> x",
    "pow(x, a) -> pow_number(x, a)": "pow(x, a) -> pow_number(a, x)",
    "where(a, x, y) -> x if a": "where(a, x, y) -> x",
    "where(a, x, y) -> y if not a": "where(a, x, y) -> x if not a",
    "where(x, y, y) -> y": "where(x, y, z) -> y",
    "pow_number(x, 2.0) -> mul(x, x)": "pow_number(x, 2.0) -> mul(2.0, x)",
    "mul(x, a) -> mul(a, x)": "mul(x, a) -> mul(x, x)",
    "mul(1.0, x) -> x": "mul(2.0, x) -> x",
    "mul(-1.0, x) -> neg(x)": "mul(-1.0, x) -> x",
    "mul(neg(x), neg(y)) -> mul(x, y)": "mul(neg(x), neg(y)) -> neg(mul(x, y))",
    "mul(a, neg(x)) -> mul([-a], x)": "mul(a, neg(x)) -> mul(a, x)",
    "neg(mul(a, x)) -> mul([-a], x)": "neg(mul(a, x)) -> mul([a], x)",
    "mul(a, mul(b, x)) -> mul([a * b], x) if shifts(a, b) or shifts(b, a)": (
        "mul(a, mul(b, x)) -> mul([a + b], x)"
    ),
    "add(x, x) -> mul(2.0, x)": "add(x, x) -> mul(x, x)",
    "add(x, neg(y)) -> sub(x, y)": "add(x, neg(y)) -> sub(y, x)",
    "add(neg(x), y) -> sub(y, x)": "add(neg(x), y) -> sub(x, y)",
    "sub(x, neg(y)) -> add(x, y)": "sub(x, neg(y)) -> sub(x, y)",
    "div(x, -1.0) -> neg(x)": "div(x, a) -> neg(x)",
    "div(x, a) -> mul([1 / a], x) if is_power_of_two(a)": "div(x, a) -> mul(a, x)",
    "div(neg(x), neg(y)) -> div(x, y)": "div(neg(x), neg(y)) -> div(y, x)",
    "add(x, 0.0) -> x": "add(x, a) -> x",
    "add(0.0, x) -> x": "add(1.0, x) -> x",
    "sub(0.0, x) -> neg(x)": "sub(a, x) -> neg(x)",
    "neg(sub(x, y)) -> sub(y, x)": "neg(sub(x, y)) -> sub(x, y)",
}
"""A line of the tables of rewrites, and one like it that is not true."""

WRITTEN_OUT = {
    "stop_gradient(x) -> x": "stop_gradient(x0) * x1",
    "pow(x, a) -> pow_number(x, a)": "sigmoid(x0) ** (3.0 * x1**0) + x1",
    "where(a, x, y) -> x if a": "where(Value(0.0), x0, x1)",
    "where(a, x, y) -> y if not a": "where(Value(0.0), x0, x1)",
    "div(neg(x), neg(y)) -> div(x, y)": "-x0 / -(x1 * x1 + 1.0)",
}
"""Where a line applies that random straight-line programs do not come to."""


def test_every_rewrite_has_one_that_is_not_true() -> None:
    lines = [line for table in TABLES for line in getattr(rewrites, table)]
    assert sorted(WRONG_RULES) == sorted(lines)


def operations_of(pattern: rewrites.Pattern) -> Iterator[str]:
    """The operations of a pattern that users call."""
    if isinstance(pattern, rewrites.Apply):
        yield from {pattern.operation.name} & TABLE.keys()
        for x in pattern.operands:
            yield from operations_of(x)


def is_found_by_programs(right: str, examples: int = 4_000) -> bool:
    """Whether programs in which a line of the tables applies are compiled wrongly."""
    if right in WRITTEN_OUT:
        text = f"from autograd import Value\n\ndef f(x0, x1): return {WRITTEN_OUT[right]}"
        programs = st.tuples(st.just(Source(text, 2).function()), points(tame_numbers))
    else:
        programs = programs_with(*operations_of(rewrites.parse(right).pattern))

    def body(example: Any) -> None:
        (f, at), use = example
        agree(listed(f), USES[use], "python", at)

    return is_found(st.tuples(programs, st.sampled_from([*USES])), body, examples)


@pytest.mark.parametrize("right", WRONG_RULES)
def test_a_rewrite_that_is_not_true(right: str, monkeypatch: Patch) -> None:
    [table] = [name for name in TABLES if right in getattr(rewrites, name)]
    lines = getattr(simplify, table)
    changed = tuple(WRONG_RULES[right] if line == right else line for line in lines)
    monkeypatch.setattr(simplify, table, changed)
    assert is_found_by_programs(right)


@pytest.mark.parametrize("right", WRITTEN_OUT)
def test_nothing_is_found_where_the_rewrites_are_true(right: str) -> None:
    assert not is_found_by_programs(right, examples=100)


# Passes


def _drop_guards(monkeypatch: Patch) -> None:
    monkeypatch.setattr(Tape, "guard", lambda self, condition, outcome: None)


def _drop_one_guard_in_two(monkeypatch: Patch) -> None:
    right = Tape.guard
    monkeypatch.setattr(
        Tape, "guard", lambda self, condition, outcome: outcome and right(self, condition, outcome)
    )


def _think_nothing_raises(monkeypatch: Patch) -> None:
    monkeypatch.setattr(reads, "may_raise", lambda program, node: False)


def _keep_parameters(monkeypatch: Patch) -> None:
    right = specialisation.Path.parameters

    def parameters(self: Any) -> list[Value]:
        kept: list[Value] = self.__dict__.setdefault("kept", [Value(p) for p in right(self)])
        return kept

    monkeypatch.setattr(specialisation.Path, "parameters", parameters)


def _exchange_gradients(monkeypatch: Patch) -> None:
    right = compiled_module.differentiate

    def differentiate(*given: Any) -> Any:
        found = right(*given)
        found.outputs[1:] = found.outputs[:0:-1]
        return found

    monkeypatch.setattr(compiled_module, "differentiate", differentiate)


def _forget_that_squares_overflow(monkeypatch: Patch) -> None:
    identity = OPERATIONS["identity"]
    monkeypatch.setattr("autograd.jit.programs.reassociate.FINITE", identity)


def _share_what_is_no_more_than_alike(monkeypatch: Patch) -> None:
    sub = OPERATIONS["sub"]
    monkeypatch.setattr(sub, "facts", sub.facts | {"commutative"})


MISTAKES: dict[str, tuple[Callable[[Patch], None], st.SearchStrategy[Any], list[str]]] = {
    "a guard is dropped": (_drop_guards, sources(), ["jit(f)"]),
    "guards of what does not hold are dropped": (_drop_one_guard_in_two, sources(), ["jit(f)"]),
    "what is thrown away is not computed": (_think_nothing_raises, sources(wild=True), ["jit(f)"]),
    "gradients change places": (_exchange_gradients, sources(branches=False), [*GRADIENTS]),
    "squares may overflow": (
        _forget_that_squares_overflow,
        st.just(Source("def f(x0, x1): return x0 ** 2 + x1", 2)),
        ["jit(f)"],
    ),
    "differences are shared as sums are": (
        _share_what_is_no_more_than_alike,
        st.just(Source("def f(x0, x1): return (x0 - x1) + 3 * (x1 - x0)", 2)),
        ["jit(f)"],
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_pass_with_a_mistake(mistake: str, monkeypatch: Patch) -> None:
    patch, programs, uses = MISTAKES[mistake]
    patch(monkeypatch)
    w = [Value(0.5), Value(-1.5)]
    strategy = st.tuples(programs, points(any_numbers), st.sampled_from(uses))

    def body(example: Any) -> None:
        f, at, use = example
        agree(listed(f.function(w)), USES[use], "python", at)

    assert is_found(strategy, body)


def test_parameters_that_are_read_once(monkeypatch: Patch) -> None:
    _keep_parameters(monkeypatch)

    def body(example: Any) -> None:
        f, numbers = example
        w = [Value(0.5), Value(-1.5)]
        plain = listed(f.function(w))
        made = compiler("python")(plain)
        for number in numbers:
            w[0].data = number
            check(plain, made, [[0.5, 0.25]])

    strategy = st.tuples(sources(branches=False), st.lists(tame_numbers, min_size=3, max_size=3))
    assert is_found(strategy, body)
