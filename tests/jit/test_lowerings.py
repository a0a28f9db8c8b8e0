"""The tables of lowerings, and what users add to them."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from installed import BACKENDS
from jit_programs import bits
from jit_sources import any_numbers

from autograd import Value, copysign, exp, grad, jit, primitive
from autograd.jit import register_lowering
from autograd.jit.arrays.kernels import NUMPY
from autograd.jit.backends import lower
from autograd.jit.lowerings import difference
from autograd.jit.native.formulas import NATIVE
from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import BUILT_IN
from autograd.jit.python.templates import PYTHON
from autograd.primitives import TABLE
from autograd.testing import expressions
from autograd.testing.agreement.judge import check

NUMBERS = [0.0, -0.0, 1.0, -2.5, 3.0] * 3


def named(name, arity):
    """A primitive of a user with the name of a built-in one; what it gives is -0.0 for zeros."""
    if arity == 1:
        return primitive(lambda g, out, x: -g, name=name)(lambda x: -abs(x))
    return primitive(lambda g, out, *xs: [-g] * len(xs), name=name)(lambda *xs: -abs(xs[0]))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", BUILT_IN)
def test_the_name_of_an_operation_decides_nothing(name, backend):
    arity = BUILT_IN[name].arity
    own = named(name, arity)

    def f(xs):
        made = [own(*[x] * (arity or 2)) for x in xs]
        return [*[y + 0.0 for y in made], *[copysign(1.0, y) for y in made]]

    compiled = jit(f, backend=backend)
    for _ in range(2):
        assert [*map(bits, compiled(NUMBERS))] == [*map(bits, f(NUMBERS))]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", [name for name, made in BUILT_IN.items() if made.arity])
def test_built_in_lowerings_are_held_to_more_than_those_of_users(name, backend):
    assert difference(BUILT_IN[name], backend, relative=4e-15) is None


# What users register


LOWERINGS = {"numpy": lambda x: x * x * x, "native": lambda x: x * x * x, "python": "a * a * a"}
SERVES = {"python": ["python"], "numpy": ["numpy", "native"], "native": ["native"]}
SERVED = [(x, y) for x, served in SERVES.items() for y in served if {x, y} <= {*BACKENDS}]


def cube(facts=""):
    """A primitive of a user."""
    rule = primitive(lambda g, out, x: g * 3 * x * x, facts=facts, name="cube")
    return rule(lambda x: x * x * x)


@pytest.mark.parametrize("facts", ["", "total propagates"])
@pytest.mark.parametrize(("registered", "backend"), SERVED)
def test_functions_with_lowerings_are_what_they_are_without(registered, backend, facts):
    own = cube(facts)
    register_lowering(own, registered, LOWERINGS[registered])
    f = lambda rows: sum(own(x) * own(x - y) for x, y in rows)
    rows = [[0.1 * k, 1.0 - k] for k in range(30)]
    for g in (f, grad(f)):
        compiled = jit(g, backend=backend)
        compiled(rows)
        assert np.array(compiled(rows)) == pytest.approx(np.array(g(rows)), rel=1e-13)
        assert compiled.stats["plain"] == 0
    for _ in range(2):
        assert jit(f, backend=backend)([[1e200, 1.0]] * 20) == f([[1e200, 1.0]] * 20) == math.inf


@pytest.mark.parametrize(("registered", "backend"), SERVED)
def test_a_lowering_takes_the_place_of_the_value_rule(registered, backend):
    calls = []

    @primitive(lambda g, out, x: g * 3 * x * x)
    def counted(x):
        calls.append(x)
        return x * x * x

    register_lowering(counted, registered, LOWERINGS[registered])
    program = Program()
    for k in range(50):
        program.outputs.append(program.apply(counted.primitive, program.input(f"x[{k}]")))
    lowered = lower(program, backend)
    calls.clear()
    assert [*lowered.run([2.0] * 50)] == [8.0] * 50
    assert not calls
    if registered == "native":  # the others call the value rule
        assert lower(program, "numpy").run([2.0] * 50) == [8.0] * 50
        assert len(calls) == 50


@pytest.mark.parametrize("backend", [x for x in BACKENDS if x != "python"])
def test_functions_of_arrays_are_given_arrays_of_one_dimension_and_one_length(backend):
    given = []

    def function(x, y):
        given.append((x, y))
        return x * y

    own = primitive(lambda g, out, x, y: (g * y, g * x))(lambda x, y: x * y)
    register_lowering(own, "numpy", function)
    f = lambda xs, ys: sum(own(x, y) + own(y, 3.0) for x in xs for y in ys)
    compiled, at = jit(f, backend=backend), ([0.5, 2.0, 3.0] * 3, [1.0, -2.0] * 4)
    compiled(*at)
    given.clear()
    assert compiled(*at) == pytest.approx(f(*at))
    assert given
    assert all(x.ndim == y.ndim == 1 and x.shape == y.shape for x, y in given)


COPIED = {
    "exp": np.exp,
    "tanh": np.tanh,
    "sqrt": np.sqrt,
    "mul": np.multiply,
    "div": np.divide,
    "atan2": np.arctan2,
    "maximum": lambda x, y: np.where((x < y) | np.isnan(y), y, x),
    "where": lambda c, x, y: np.where(c != 0, x, y),
    "floor": lambda x: np.floor(x) + 0.0,
}


@cache
def copied(name, backend):
    """An operation of a user that is a built-in one, with its lowering."""
    made = TABLE[name]
    own = primitive(made.derivative, name=f"own_{name}")(made.value)
    if backend == "python" and made in PYTHON:
        register_lowering(own, "python", PYTHON[made])
    elif backend != "python":
        register_lowering(own, "numpy", COPIED[name])
    return own


@pytest.mark.parametrize("backend", BACKENDS)
@given(program=expressions(operations=[*COPIED, "add", "sub"]), data=st.data())
def test_random_programs_of_operations_of_users(backend, program, data):
    row = st.lists(any_numbers, min_size=2, max_size=2)
    tables = data.draw(st.lists(st.lists(row, min_size=4, max_size=4), min_size=2, max_size=3))
    owned = {**TABLE, **{name: copied(name, backend) for name in COPIED}}
    f = lambda rows: [program.evaluate([*map(Value, row)], owned) for row in rows]
    compiled = jit(f, backend=backend)
    for table in [*tables, tables[0]]:
        check(f, compiled, [table])


WRONG = {
    "another function": ("numpy", lambda x: x * x * 1.001, "gives .* at .*, where its value rule"),
    "at large numbers": (
        "numpy",
        lambda x: np.minimum(x * x, 1e30),
        r"gives 1e\+30 at .*, where its value rule",
    ),
    "a sign": ("numpy", lambda x: x * x * np.copysign(1.0, x), "gives -.* at -"),
    "it mixes numbers": ("numpy", lambda x: x * np.sort(x), "gives .*, where its value rule"),
    "one number": ("numpy", lambda x: np.max(x), "gives .*, where its value rule"),
    "no number": ("numpy", lambda x: None, "raises TypeError"),
    "complex numbers": ("numpy", lambda x: x * x * 1j, "raises TypeError"),
    "another shape": ("numpy", lambda x: (x * x)[:, None], "raises ValueError"),
    "it writes": ("numpy", lambda x: np.multiply(x, x, out=x), "raises ValueError.*read-only"),
    "it raises": (
        "numpy",
        lambda x: np.sqrt(x) ** 4,
        "FloatingPointError.*.a choice",
    ),
    "too many operands": ("numpy", lambda x, y: x, "raises TypeError"),
    "other text": ("python", "a * abs(a)", "gives -.* at -.*, where its value rule"),
    "text of integers": ("python", "int(a * a)", "gives 0 at .*which is no float"),
    "no expression": ("python", "a *", "is no expression"),
    "another operand": ("python", "a * b", "has 'b', which is no operand .a., sign"),
    "unknown names": ("python", "square(a)", "has 'square', which is no"),
    "attributes": ("python", "a.real ** 2", "has 'a.real', which is no"),
    "logic": ("python", "a * (not a)", "has 'not a', which is no"),
    "machine code": ("native", lambda x: x * x + 1e-6, "gives .*, where its value rule"),
    "a plain number": ("native", lambda x: 1.0, "raises.*expected Lanes, got 1.0"),
}


@pytest.mark.parametrize("case", [case for case, (x, *_) in WRONG.items() if x in BACKENDS])
def test_a_lowering_that_is_another_function_is_refused_and_leaves_nothing(case):
    backend, lowering, why = WRONG[case]
    square = primitive(lambda g, out, x: 2 * g * x, name="square")(lambda x: x * x)
    before = [len(table) for table in (PYTHON, NUMPY, NATIVE)]
    with pytest.raises(ValueError, match=f"square.* {why}"):
        register_lowering(square, backend, lowering)
    assert [len(table) for table in (PYTHON, NUMPY, NATIVE)] == before
    f = lambda xs: [square(x) for x in xs]
    assert jit(f, backend=backend)(NUMBERS) == f(NUMBERS)


many = primitive(lambda g, out, *xs: [g] * len(xs), name="many")(lambda *xs: sum(xs))
same = primitive(lambda g, out, x: g, name="same", formula=lambda x: x)(lambda x: x)
nowhere = primitive(lambda g, out, x: g, name="nowhere")(lambda x: math.sqrt(-1.0 - x * x))
REFUSED = [
    (exp, "python", "a", "exp is built in; define a primitive"),
    (math.exp, "python", "a", "is no primitive"),
    (cube(), "cuda", "a", "backend must be one of"),
    (cube(), "auto", "a", "say which backend: python"),
    (cube(), "python", abs, "python needs text, got <"),
    (cube(), "numpy", "a", "numpy needs a function, got 'a'"),
    (many, "numpy", np.sum, "many takes any number of operands; give it a formula"),
    (same, "numpy", abs, "same has a formula, which other backends compute"),
    (nowhere, "python", "a", "nowhere could not be tried"),
]


@pytest.mark.parametrize(("operation", "backend", "lowering", "why"), REFUSED)
def test_what_cannot_have_a_lowering_is_said(operation, backend, lowering, why):
    with pytest.raises((TypeError, ValueError), match=why):
        register_lowering(operation, backend, lowering)


def test_a_lowering_is_replaced_by_a_later_one():
    own = cube()
    register_lowering(own, "python", "a * a * a")
    register_lowering(own, "python", "a * (a * a)")
    with pytest.raises(ValueError, match="gives"):
        register_lowering(own, "python", "a")
    assert PYTHON[own.primitive] == "a * (a * a)"
