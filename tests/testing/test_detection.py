"""`gradcheck` bites: every rule of the table, broken in every way, is found; right ones pass."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import GradientError
from autograd.primitives import TABLE
from autograd.testing import DOMAINS, InconclusiveError, gradcheck
from autograd.testing.breaks import BREAKS, broken, differs
from autograd.testing.detection import (
    can_tell,
    detects,
    false_alarms,
    on_free_operands,
    random_point,
)

FLAT = {"floordiv", "sign", "floor", "ceil", "trunc", "rint"}  # their derivative is 0 everywhere
JUDGED = 15
"""At how many of 20 fixed points the differences can tell at least, whatever the operation."""
# What changes places with something else, or with nothing: all else has equal derivatives, or one.
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("kind", BREAKS)
@pytest.mark.parametrize("name", TABLE)
def test_every_broken_rule_is_found(name: str, kind: str) -> None:
    verdict = detects(name, kind, random.Random(f"{name} {kind}"))
    assert verdict != "missed"
    if kind != "swapped":
        assert (verdict == "none") == (name in FLAT)
    elif TABLE[name].arity == 1 or name in {*FLAT, "add", "sum", "where"}:
        assert verdict == "none"
    else:
        assert verdict == "found"


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLE)
def test_found_wherever_it_can_be_judged(name: str) -> None:
    """At points that are drawn; of fixed ones enough can be judged."""

    @given(seed=st.integers(0, 10**6), kind=st.sampled_from(sorted(BREAKS)))
    def check(seed: int, kind: str) -> None:
        judged = is_found(name, seed, kind)
        assert judged is not False

    check()
    rng = random.Random(name)
    told = [is_found(name, rng.randrange(10**6), rng.choice(sorted(BREAKS))) for _ in range(20)]
    assert told.count(None) <= 20 - JUDGED


def is_found(name: str, seed: int, kind: str) -> bool | None:
    """Whether a break is found at a point; `None` where it cannot be, or changes nothing."""
    at = random_point(name, random.Random(seed))
    f, free = on_free_operands(broken(TABLE[name], kind), at, DOMAINS[name].constant)
    right, _ = on_free_operands(TABLE[name], at, DOMAINS[name].constant)
    try:
        if not can_tell(gradcheck(right, free), kind):
            return None
    except InconclusiveError:
        return None
    if not differs(TABLE[name], kind, at):
        return True
    try:
        gradcheck(f, free, modes=("reverse",))
    except GradientError:
        return True
    return False


def test_no_false_alarm() -> None:
    alarms = false_alarms(300, random.Random(7))
    assert alarms.false == []
    assert alarms.inconclusive <= 3


@pytest.mark.slow
def test_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autograd.testing.detection", "--programs", "5", "--seed", "2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert "0 missed" in done.stdout
    assert "5 programs that are right: 0 false alarms" in done.stdout
    assert all(name in done.stdout for name in TABLE)
