"""What primitives say of themselves, tried on numbers at which something special happens.

A fact that is claimed holds at all of them; one that is not claimed fails at one, so that nothing
that is true goes unsaid.
"""

import ast
import math
import random
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import mpmath
import pytest

import autograd
from autograd import primitive
from autograd.jit.programs.rewrites import BUILT_IN as OPERATIONS
from autograd.jit.tracing.sweep import Factor
from autograd.primitives.definition import Primitive
from autograd.primitives.zero import SYMBOLIC_ZERO
from autograd.testing.accuracy.references import REFERENCES
from autograd.testing.detection import random_point

TINY, LARGE = 5e-324, 1.7976931348623157e308
EDGES = [
    0.0, TINY, 1e-200, 0.1, 0.5, -0.5, 1.0, -1.0, 2.0, -2.5, 3.0, -40.0, -0.0, -TINY, -1e-200,
    700.0, -200.5, -201.5, -750.0, 1e16, -1e16, 1e200, -1e200, LARGE, -LARGE,
    math.inf, -math.inf, math.nan,
]  # fmt: skip
RAISED = (ArithmeticError, ValueError, LookupError)

Outcome = float | Exception


def result(operation: Primitive, at: Sequence[float]) -> Outcome:
    try:
        return operation.value(*at)
    except RAISED as error:
        return error


@cache
def outcomes(name: str) -> list[tuple[tuple[float, ...], Outcome]]:
    """What an operation makes of operands of all kinds."""
    operation = OPERATIONS[name]
    return [(at, result(operation, at)) for at in operands(name)]


def operands(name: str) -> Iterator[tuple[float, ...]]:
    arity = OPERATIONS[name].arity
    rng = random.Random(0)
    if arity in (1, 2):
        yield from product(EDGES, repeat=arity)
        for _ in range(200):
            yield tuple(rng.uniform(-5, 5) for _ in range(arity))
        return
    for length in [arity] if arity else [4] if name == "take" else [2, 4]:
        for k in range(8000):
            at = (
                [rng.uniform(-9, 9) for _ in range(length)]
                if k < 9
                else rng.choices(EDGES, k=length)
            )
            if name == "take":
                at[0] = rng.choice([0.0, -0.0, 1.0, -1.0, 2.0, 7.0])
            yield tuple(at)


def bits(x: Outcome) -> tuple[Any, ...]:
    if isinstance(x, Exception):
        return ("raised",)
    return ("nan",) if x != x else (x, math.copysign(1.0, x))


def are_finite(at: Sequence[float]) -> bool:
    return all(map(math.isfinite, at))


def is_finite(x: Outcome) -> bool:
    return not isinstance(x, Exception) and math.isfinite(x)


def is_minus_zero(x: Outcome) -> bool:
    return bits(x) == (0.0, -1.0)


# Where a fact does not hold of an operation: at these operands, with this result


def raises(operation: Primitive, at: tuple[float, ...], out: Outcome) -> bool:
    return isinstance(out, Exception)


def hides(operation: Primitive, at: tuple[float, ...], out: Outcome) -> bool:
    return not are_finite(at) and is_finite(out)


def overflows(operation: Primitive, at: tuple[float, ...], out: Outcome) -> bool:
    return are_finite(at) and not is_finite(out) and not isinstance(out, IndexError)


def depends_on_the_order(operation: Primitive, at: tuple[float, ...], out: Outcome) -> bool:
    other = result(operation, at[::-1])
    if operation.arity == 2 or isinstance(out, Exception) or isinstance(other, Exception):
        return bits(out) != bits(other)
    if any(x and not 0.1 <= abs(x) <= 10.0 for x in at):  # it may overflow on the way, or cancel
        return False
    return abs(out - other) > 1e-15 * 10.0 ** len(at)


def is_a_minus_zero(operation: Primitive, at: tuple[float, ...], out: Outcome) -> bool:
    return is_minus_zero(out)


def is_a_zero_of_its_own(operation: Primitive, at: tuple[float, ...], out: Outcome) -> bool:
    return is_minus_zero(out) and not is_minus_zero(at[0])


def reads_signs(operation: Primitive, at: tuple[float, ...], out: Outcome) -> bool:
    """Whether it does not make different numbers of zeros of either sign."""
    for i, x in enumerate(at):
        other = result(operation, [*at[:i], -x, *at[i + 1 :]]) if x == 0 else out
        a, b = bits(out), bits(other)
        if a[0] != b[0]:
            return True
    return False


BROKEN: dict[str, Callable[[Primitive, tuple[float, ...], Outcome], bool]] = {
    "total": raises,
    "propagates": hides,
    "finite": overflows,
    "commutative": depends_on_the_order,
    "unsigned": is_a_minus_zero,
    "follows": is_a_zero_of_its_own,
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("fact", BROKEN)
def test_facts_hold_where_they_are_claimed_and_nowhere_else(fact: str, name: str) -> None:
    operation = OPERATIONS[name]
    if fact == "commutative" and operation.arity == 1:
        assert fact not in operation.facts
        return
    if fact == "follows" and "unsigned" in operation.facts:
        assert fact not in operation.facts, "said already"
        return
    broken = [at for at, out in outcomes(name) if BROKEN[fact](operation, at, out)]
    assert (fact in operation.facts) is not bool(broken), broken[:3] or "true, and not said"


@pytest.mark.parametrize("name", OPERATIONS)
def test_zeros_are_told_apart_where_that_is_claimed_and_nowhere_else(name: str) -> None:
    operation = OPERATIONS[name]
    found = [at for at, out in outcomes(name) if reads_signs(operation, at, out)]
    assert ("tells" in operation.facts) is bool(found), found[:3]


def claiming(*facts: str) -> Any:
    names = [name for name, made in OPERATIONS.items() if made.facts.intersection(facts)]
    return pytest.mark.parametrize("name", names)


@claiming("exact", "rounded")
def test_results_are_the_exact_ones_or_the_floats_next_to_them(name: str) -> None:
    operation, rng = OPERATIONS[name], random.Random(name)
    for _ in range(500):
        at = random_point(name, rng)
        found = operation.value(*at)
        with mpmath.workdps(60):
            exact = REFERENCES[name](*map(mpmath.mpf, at))
            if "exact" in operation.facts:
                assert found == exact, at
            else:
                assert abs(found - exact) <= math.ulp(found) / 2, at


STEPS = [(x, y) for x in range(-9, 10) for y in (2.0, -1.0)]


@pytest.mark.parametrize("name", [name for name, made in OPERATIONS.items() if made.arity])
def test_values_go_by_steps_where_that_is_claimed_and_nowhere_else(name: str) -> None:
    operation = OPERATIONS[name]
    is_quotient = (operation.arity, name) in ((2, "mod"), (2, "floordiv"))
    jumps = []
    for x, y in STEPS:
        if x == 0 and name not in ("sign", "where"):
            continue  # there are branch cuts, poles, and 0 ** 0
        first = x * 0.5 * (y if is_quotient else 1.0)
        at = [first, *[y] * ((operation.arity or 1) - 1)]
        if name == "where":
            at[2] = -y
        found = [result(operation, [near, *at[1:]]) for near in around(first)]
        numbers = [x for x in found if not isinstance(x, Exception)]
        if max(numbers, default=0.0) - min(numbers, default=0.0) > 0.25 and len(numbers) == 3:
            jumps.append(at)
    assert ("jumps" in operation.facts) is bool(jumps), jumps[:3]


def around(x: float) -> list[float]:
    return [math.nextafter(x, -math.inf), x, math.nextafter(x, math.inf)]


@claiming("bilinear")
def test_rules_said_to_be_bilinear_only_multiply_the_adjoint(name: str) -> None:
    operation = OPERATIONS[name]
    at = [1.0, 3.0, 2.0, 5.0][: operation.arity or 4]
    flow = operation.derivative(Factor(7.0), operation.value(*at), *at)
    expected = operation.derivative(7.0, operation.value(*at), *at)
    for part, number in zip(flow, expected, strict=True):
        if isinstance(part, tuple):
            assert part[0] * part[1] == number
        else:
            assert (number is SYMBOLIC_ZERO) if part is SYMBOLIC_ZERO else (number == 7.0)


@pytest.mark.parametrize("name", [n for n, made in OPERATIONS.items() if made.neutral is not None])
def test_neutral_operands_change_nothing(name: str) -> None:
    operation = OPERATIONS[name]
    neutral = operation.neutral
    assert neutral is not None
    for x in EDGES:
        assert bits(operation.value(x, neutral)) == bits(x)
        if "commutative" in operation.facts:
            assert bits(operation.value(neutral, x)) == bits(x)


@pytest.mark.parametrize("name", [n for n, made in OPERATIONS.items() if made.joins is not None])
def test_operations_of_many_numbers_are_those_of_two_from_left_to_right(name: str) -> None:
    operation, rng = OPERATIONS[name], random.Random(0)
    joins = operation.joins
    assert joins is not None
    assert joins.neutral is not None
    for length in range(1, 6):
        at = [rng.uniform(-3, 3) for _ in range(length)]
        found = joins.neutral
        for x in at:
            found = joins.value(found, x)
        assert operation.value(*at) == pytest.approx(found, rel=1e-14, abs=1e-14)


def test_a_fact_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no facts of wrong are comutative; there are total"):
        primitive(lambda g, out, x, y: (g, g), facts="comutative")(wrong)


def wrong(x: float, y: float) -> float:
    return x + y


# Nowhere else

ELSEWHERE = {
    "functions.py": "what it exports",
    "primitives/": "the same",
    "jit/python/templates.py": "the lowering to Python",
    "jit/arrays/kernels.py": "the lowering to NumPy",
    "jit/native/formulas.py": "the lowering to machine code",
    "jit/jax/lax_table.py": "the lowering to JAX",
    "jit/jax/lax_functions.py": "the comparisons of that",
    "ufuncs.py": "what NumPy calls them",
    "testing/domains.py": "where each is tested",
    "testing/accuracy/": "what each is held against",
    "testing/agreement/programs.py": "what random programs mostly consist of",
    "testing/programs/perceptron.py": "the same of random networks",
}


def test_no_other_table_says_what_is_true_of_operations() -> None:
    folder = Path(autograd.__file__).parent
    assert all((folder / place).exists() for place in ELSEWHERE)
    found = []
    for path in sorted(folder.rglob("*.py")):
        place = path.relative_to(folder).as_posix()
        if not place.startswith(tuple(ELSEWHERE)):
            found += [f"{place}:{line}" for line in tables(path.read_text(encoding="utf-8"))]
    assert not found, "say it on the primitive (autograd.primitives.FACTS), or in a lowering"


def tables(text: str) -> Iterator[int]:
    """The lines of displays and texts that list three operations or more, and little else."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Dict(keys=entries):
                words = [x.value for x in entries if isinstance(x, ast.Constant)]
            case ast.Set(elts=entries) | ast.List(elts=entries) | ast.Tuple(elts=entries):
                words = [x.value for x in entries if isinstance(x, ast.Constant)]
            case ast.Constant(value=str(listed)):
                words = entries = listed.split()
            case _:
                continue
        known = [word for word in words if word in OPERATIONS]
        if len(known) >= 3 and 2 * len(known) >= len(entries):
            yield node.lineno


def test_no_operation_is_known_by_its_name() -> None:
    folder = Path(autograd.__file__).parent
    found = []
    for path in sorted(folder.rglob("*.py")):
        names = compared_names(path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(folder)}:{line}" for line in names]
    assert not found, "a user's primitive may have that name: compare the primitive"


def compared_names(text: str) -> Iterator[int]:
    """The lines where a `.name` is compared with that of an operation."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Compare) and getattr(node.left, "attr", "") == "name":
            words = {x.value for x in ast.walk(node) if isinstance(x, ast.Constant)}
            if words & OPERATIONS.keys():
                yield node.lineno


def test_the_search_for_names_finds_them() -> None:
    assert list(compared_names("x.name == 'exp'")) == [1]
    assert list(compared_names("x.y.name not in ('a', 'exp')")) == [1]
    assert not list(compared_names("x.name == 'a'"))


def test_the_search_for_tables_finds_them() -> None:
    assert list(tables("x = {'exp': 1, 'log': 2, 'sin': 3}")) == [1]
    assert list(tables("x = frozenset({'exp', 'log', 'sin', 'no'})")) == [1]
    assert list(tables("x = 'exp log sin'.split()")) == [1]
    assert not list(tables("x = ('exp', 'log', 'a', 'b', 'c')"))
