"""Primitives with a formula: compiled without a call of their value rules."""

import math

import pytest
from installed import BACKENDS
from jit_lowered import LOWERINGS

from autograd import exp, jit, primitive, sqrt, where
from autograd.errors import TraceError
from autograd.jit.programs.inline import inlined
from autograd.jit.programs.program import Program
from autograd.primitives import TABLE
from autograd.testing.accuracy.points import points as hard_points


@pytest.fixture(params=LOWERINGS)
def lower(request):
    return LOWERINGS[request.param]


def applied(operation, count=1, arity=1):
    """A program that applies an operation so many times."""
    program = Program()
    for i in range(count):
        xs = [program.input(f"x{j}[{i}]") for j in range(arity)]
        program.outputs.append(program.apply(operation, *xs))
    return program


def made(value, formula):
    """A primitive with a formula."""
    own = primitive(lambda g, out, x: g, name="own", formula=formula)(value)
    return own.primitive


FORMULAS = [name for name, made in TABLE.items() if made.formula is not None]


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_are_right_at_hard_points(name, lower):
    at = [*hard_points(name, TABLE[name].arity, 400)]
    numbers = [(x, y) for x in at if math.isfinite(y := TABLE[name].value(*x))]
    program = applied(TABLE[name], len(numbers), TABLE[name].arity)
    found = lower(program).run([x for at, _ in numbers for x in at])
    wrong = [(*x, z) for x, z in zip(numbers, found, strict=True) if not isclose(x[1], z)]
    assert not wrong, wrong[:5]


def isclose(x, y):
    return math.isclose(x, y, rel_tol=1e-14, abs_tol=5e-323)


def test_formula_of_xlogy_is_0_where_the_first_operand_is_whatever_the_other_is(lower):
    at = [(0.0, 1e300), (-0.0, 5e-324), (0.0, 0.0), (0.0, -1.0), (-0.0, -1e300)]
    found = lower(applied(TABLE["xlogy"], len(at), 2)).run([x for pair in at for x in pair])
    assert found == [0.0] * len(at)


@pytest.mark.parametrize("at", [(2.0,), (math.inf,), (math.nan,)])
def test_what_a_value_rule_refuses_a_formula_does_not_compute(at, lower):
    with pytest.raises((ArithmeticError, ValueError)):
        lower(applied(TABLE["erfinv"])).run(at)


def test_formula_takes_the_place_of_the_value_rule(lower):
    calls = []

    def value(x):
        calls.append(x)
        return x * x * x

    compiled = lower(applied(made(value, lambda x: x * x * x), count=50))
    calls.clear()
    assert compiled.run([2.0] * 50) == pytest.approx([8.0] * 50)
    assert not calls


def test_formula_of_formulas(lower):
    double = primitive(lambda g, out, x: 2 * g, name="double", formula=lambda x: x + x)(
        lambda x: x + x
    )
    fourfold = made(lambda x: 4 * x, lambda x: double(double(x)))
    assert lower(applied(fourfold)).run([3.0]) == [12.0]


DIFFERENT = {
    "a factor": (lambda x: x, lambda x: x * 1.001, r"gives .* at .*, where its value rule gives"),
    "at zero": (
        lambda x: x,
        lambda x: where(x == 0, 1.0, x),
        r"gives 1.0 at 0.0, where its value rule gives 0.0",
    ),
    "the sign of zero": (
        abs,
        lambda x: where(x < 0, -x, x),
        r"gives -0.0 at -0.0, where its value rule gives 0.0 \(the sign of a zero counts",
    ),
    "the sign of a zero of two": (
        lambda x, y: x * y,
        lambda x, y: x * y + 0.0,
        r"gives 0.0 at \(0.0, -0.0\), where its value rule gives -0.0 \(the sign",
    ),
    "a constant": (lambda x: x, lambda x: 1.0, r"gives 1.0 at .*, where its value rule gives"),
    "an infinity": (
        lambda x: x if x < 1 else math.inf,
        lambda x: x,
        "gives .*, where its value rule gives inf",
    ),
    "where it raises": (
        lambda x: x + 0.0 * math.sqrt(x),
        lambda x: x,
        "gives .*, where its value rule raises ValueError.* .let it raise there too",
    ),
    "a choice": (abs, lambda x: x if x > 0 else -x, r"chooses by if \(use autograd.where\)"),
    "it raises": (abs, lambda x: exp(1e3 * (x * x + 1)), "raises OverflowError"),
    "it raises elsewhere": (
        lambda x: x,
        lambda x: x + 0.0 * sqrt(x),
        "raises ValueError.*, where its value rule gives .* .a choice computes both sides",
    ),
    "too few operands": (
        lambda x: x,
        lambda x, y: x,
        "cannot be called as its value rule is: missing a required argument: 'y'",
    ),
    "too many": (
        lambda x, y: x,
        lambda x: x,
        "cannot be called as its value rule is: too many positional arguments",
    ),
    "nowhere": (
        lambda x: math.sqrt(-1.0 - x * x),
        exp,
        "could not be tried: its value rule gives no",
    ),
    "at large numbers": (
        lambda x: 2 * x + 1,
        lambda x: (x + 1) * (x + 1) - x * x,
        "gives .* at -1e.16, where its value rule gives",
    ),
    "at small ones": (
        math.expm1,
        lambda x: exp(x) - 1,
        "gives 0.0 at .*, where its value rule gives",
    ),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_formula_that_is_another_function_is_refused(case):
    value, formula, why = DIFFERENT[case]
    operation = made(value, formula)
    with pytest.raises(TraceError, match=f"the formula of the primitive own {why}"):
        inlined(applied(operation, arity=operation.arity))


@pytest.mark.parametrize("out", [None, "1.0", (1.0,), 1j])
def test_formula_that_returns_no_number_is_refused(out):
    with pytest.raises(TypeError, match="the formula of the primitive own: expected a number, got"):
        inlined(applied(made(lambda x: x, lambda x: out)))


@pytest.mark.parametrize("formula", [1.0, "x", [abs]])
def test_formula_that_is_no_function_is_refused_where_it_is_given(formula):
    with pytest.raises(TypeError, match="primitive: the formula of own is no function, but"):
        made(lambda x: x, formula)


@pytest.mark.parametrize(
    ("value", "formula"),
    [
        (lambda x: 2.0, lambda x: 2),
        (lambda x: 2 * x, lambda x, k=2: k * x),
        (lambda x: math.sqrt(x), lambda x: sqrt(x)),
        (lambda x: 2 * x, lambda x: 2 * x + 0.0 * exp(-x * x) * where(x == 0, x, 0.0)),
        (lambda x: 2 * x, lambda x: (exp(x), 2 * x)[1]),
    ],
)
def test_formula_of_another_form_is_compiled(value, formula, lower):
    assert lower(applied(made(value, formula), count=3)).run([1.0] * 3) == [value(1.0)] * 3


@pytest.mark.parametrize("domain", [(100.0, 200.0), (-math.inf, -1e3), (1e3, 1e9), (-0.1, 0.1)])
@pytest.mark.parametrize("factor", [1.0, 1.001])
def test_formula_is_tried_in_the_domain_that_the_primitive_says(domain, factor):
    def value(x):
        if domain[0] < x < domain[1]:
            return 2 * x
        raise ValueError("outside")

    def formula(x):
        inside = (x > domain[0]) * (x < domain[1])
        return factor * (x + x) * sqrt(where(inside, 1.0, -1.0))

    rule = primitive(lambda g, out, x: 2 * g, name="own", formula=formula, domain=[domain])
    program = applied(rule(value).primitive)
    if factor == 1.0:
        assert inlined(program)
    else:
        with pytest.raises(TraceError, match=r"own gives .* at .*, where its value rule"):
            inlined(program)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_a_formula_reads_may_change(backend):
    factors = [2.0]

    @primitive(lambda g, out, x: g * factors[0], formula=lambda x: x * factors[0])
    def scaled(x):
        return x * factors[0]

    compiled = jit(lambda xs: [scaled(x) for x in xs], backend=backend)
    assert [compiled([1.0, 2.0]) for _ in range(2)] == [[2.0, 4.0]] * 2
    factors[0] = 5.0
    assert [compiled([1.0, 2.0]) for _ in range(2)] == [[5.0, 10.0]] * 2
