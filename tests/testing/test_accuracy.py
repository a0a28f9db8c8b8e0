"""The measurement of accuracy: that the table is clean, and that what is careless shows in it."""

import math
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf
from strength import examples

from autograd import exp, log
from autograd.primitives import TABLE, Primitive
from autograd.testing import DOMAINS
from autograd.testing.accuracy.__main__ import main
from autograd.testing.accuracy.measure import DIGITS, Entry, measure, ulps
from autograd.testing.accuracy.points import points
from autograd.testing.accuracy.reasons import SLOPE_REASONS, VALUE_REASONS
from autograd.testing.accuracy.references import REFERENCES, SLOPES
from autograd.testing.strategies import points as tame_points

PAGE = Path(__file__).parents[2] / "docs" / "accuracy.md"
FLAT = {"sign", "floor", "ceil", "trunc", "rint", "floordiv"}
"""The primitives whose derivative is 0."""
FEW = 60
"""Points that show what is wrong at all of them."""


@cache
def truth(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The references of a primitive, which take long: each point is computed once."""
    return cache(REFERENCES[name]), cache(SLOPES[name])


def measured(primitive: Primitive, count: int = 300) -> Entry:
    """The entry of a primitive, or of a broken one in its place."""
    name = primitive.name
    at = points(name, TABLE[name].arity, count)
    return measure(primitive, *truth(name), at, (VALUE_REASONS.get(name), SLOPE_REASONS.get(name)))


def broken(name: str, derivative: Callable[..., Any], count: int = 300) -> Entry:
    """The entry of a primitive with another derivative rule."""
    return measured(Primitive(name, TABLE[name].value, derivative), count)


# The table


@pytest.mark.slow
def test_every_error_is_within_the_limit_or_has_its_reason_and_none_is_idle() -> None:
    entries = list(map(measured, TABLE.values()))
    assert [e.name for e in entries] == list(TABLE)
    assert [(e.name, e.remark) for e in entries if not e.is_explained] == []
    assert all(e.value.count >= 300 and e.slope.count for e in entries)
    # From Python 3.12 on the built-in `sum` compensates for rounding.
    needless = {"sum"} if sys.version_info >= (3, 12) else set()
    assert {e.name for e in entries if e.value.ulps > 4} == set(VALUE_REASONS) - needless
    assert {e.name for e in entries if e.slope.ulps > 4} == set(SLOPE_REASONS)


def test_the_page_has_every_primitive() -> None:
    page = PAGE.read_text()
    assert re.findall(r"^\| `(\w+)` ", page, re.MULTILINE) == list(TABLE)
    assert "no reason known" not in page
    assert "but it is" not in page


# What is wrong shows

CARELESS: dict[str, Callable[..., Any]] = {
    "tanh": lambda g, out, x: g * (1 - out * out),
    "sigmoid": lambda g, out, x: g * out * (1 - out),
    "asin": lambda g, out, x: g / (1 - x * x) ** 0.5,
    "atanh": lambda g, out, x: g / (1 - x * x),
    "atan": lambda g, out, x: g / (1 + x * x),
    "log10": lambda g, out, x: g / (x * math.log(10)),
    "erf": lambda g, out, x: g * 2 / math.sqrt(math.pi) * exp(-(x * x)),
    "silu": lambda g, out, x: g * (out + (1 - out) / (1 + exp(-x))) if x > -700 else 0.0,
    "pow_number": lambda g, out, a, b: (g * b * a ** (b - 1) if b else 0.0, 0.0),
    "number_pow": lambda g, out, a, b: (0.0, g * out * log(a)),
    "hypot": lambda g, out, x, y: (g * x / (x * x + y * y) ** 0.5, g * y / out),
    "logsumexp": lambda g, out, *xs: [g * exp(x - out) for x in xs],
}


@pytest.mark.parametrize("name", CARELESS)
def test_careless_rule_is_found(name: str) -> None:
    entry = broken(name, CARELESS[name])
    assert not entry.is_explained
    assert entry.slope.excess > 4 >= entry.value.excess


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLE)
def test_small_error_is_found_in_spite_of_all_reasons(name: str) -> None:
    old, rule = TABLE[name], TABLE[name].derivative

    def value(*operands: float) -> float:
        return old.value(*operands) * (1 + 2e-14)

    wrong = Primitive(name, value, rule)
    wrong.arity = old.arity
    assert measured(wrong, FEW).value.excess > 4
    if name in FLAT:
        return

    def slightly_wrong(g: float, *operands: float) -> Any:
        flow = rule(g, *operands)
        scaled = [d * (1 + 2e-14) for d in (flow if TABLE[name].arity != 1 else [flow])]
        return scaled if TABLE[name].arity != 1 else scaled[0]

    assert broken(name, rule, FEW).is_explained
    assert not broken(name, slightly_wrong, FEW).is_explained


@pytest.mark.parametrize("result", [math.nan, math.inf, ZeroDivisionError("no")])
def test_result_that_should_be_a_number_is_found(result: float | Exception) -> None:
    def derivative(g: float, out: float, x: float) -> float:
        if isinstance(result, Exception):
            raise result
        return result

    assert broken("exp", derivative).slope.excess == math.inf


def test_exception_where_a_derivative_is_too_large_is_right() -> None:
    entry = broken("log", lambda g, out, x: 1 / x if x > 1e-307 else 1 / 0)
    assert entry.slope.excess == math.inf  # here it is not yet too large
    assert broken("log", lambda g, out, x: 1 / x if x > 5e-309 else 1 / 0).is_explained


@pytest.mark.parametrize(
    ("computed", "exact", "error"),
    [
        (1.0, "1", 0.0),
        (1.0 + 2**-52, "1", 1.0),
        (-1.0, "1", 2**53),
        (2.0, "1.9999999999999997779553950749686919152736663818359375", 1.0),
        (0.0, "-0.0", 0.0),
        (5e-324, "0", 1.0),
        (0.0, "1e-400", 0.0),
        (math.inf, "1e400", 0.0),
        (-math.inf, "1e400", math.inf),
        (math.inf, "1e300", math.inf),
        (math.nan, "1", math.inf),
    ],
)
def test_ulps(computed: float, exact: str, error: float) -> None:
    with mpmath.workdps(60):
        assert ulps(computed, mpf(exact)) == pytest.approx(error, rel=1e-12)


# The truth


@pytest.mark.parametrize("name", TABLE)
@settings(max_examples=examples(20, quick=10))
@given(data=st.data())
def test_slopes_are_those_of_the_references(name: str, data: st.DataObject) -> None:
    at = data.draw(tame_points(name))
    with mpmath.workdps(60):
        slopes = SLOPES[name](*map(mpf, at))
        for i, slope in enumerate(slopes):
            if i == DOMAINS[name].constant or (name == "where" and i == 0):
                continue

            def along(x: Any, i: int = i) -> Any:
                return REFERENCES[name](*map(mpf, at[:i]), x, *map(mpf, at[i + 1 :]))

            assert abs(mpmath.diff(along, mpf(at[i])) - slope) <= mpf("1e-20") * (1 + abs(slope))


@pytest.mark.parametrize("name", TABLE)
def test_truth_has_digits_to_spare(name: str) -> None:
    def truth(digits: int, point: tuple[float, ...]) -> list[Any]:
        with mpmath.workdps(digits):
            at = [mpf(x) for x in point]
            try:
                return [REFERENCES[name](*at), *SLOPES[name](*at)]
            except ZeroDivisionError:
                return [REFERENCES[name](*at)]

    for point in points(name, TABLE[name].arity, 30, seed=1):
        with mpmath.workdps(120):
            for short, long in zip(truth(DIGITS, point), truth(120, point), strict=True):
                unit = math.ulp(min(abs(float(long)), sys.float_info.max))
                assert abs(short - long) <= max(mpf(unit), abs(long) * mpf("1e-15")) / 10**9


# The command


def test_command_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "accuracy.md"
    assert main(["--points", "50", "--seed", "3", "--out", str(path), "tanh", "sum"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    page = path.read_text()
    assert page.endswith(shown.out)
    assert re.findall(r"^\| `(\w+)` ", shown.out, re.MULTILINE) == ["tanh", "sum"]
    assert len({line.count("|") for line in shown.out.splitlines()}) == 1
    assert "--points 50 --seed 3" in page


def test_command_fails_for_an_error_without_a_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    careless = Primitive("tanh", TABLE["tanh"].value, CARELESS["tanh"])
    monkeypatch.setitem(TABLE, "tanh", careless)
    assert main(["--points", "100", "tanh", "exp"]) == 1
    shown = capsys.readouterr()
    assert "no reason known" in shown.out
    assert shown.err.strip() == "above 4 ulp without a reason: tanh"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tahn"], "there is no primitive tahn"),
        (["--points", "0"], "must be 1 or more, got 0"),
        (["--points", "many"], "invalid"),
        (["--out", "no/such/folder/accuracy.md"], "There is no such folder"),
    ],
)
def test_command_says_what_is_wrong(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert message in capsys.readouterr().err


def test_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mpmath", None)
    with pytest.raises(SystemExit):
        main(["exp"])
    assert 'pip install -e ".[test]"' in capsys.readouterr().err
