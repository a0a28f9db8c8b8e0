"""`gradcheck` bites: every rule of the table, broken in every way, is found; right ones pass."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import GradientError
from autograd.primitives import TABLE
from autograd.testing import DOMAINS, InconclusiveError, detection, gradcheck
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
    draws = [(rng.randrange(10**6), rng.choice(sorted(BREAKS))) for _ in range(20)]
    told = [is_judged(name, random_point(name, random.Random(seed)), kind) for seed, kind in draws]
    assert told.count(True) >= JUDGED


def is_judged(name: str, at: list[float], kind: str) -> bool:
    """Whether the differences at a point can tell a break from the right rule."""
    right, free = on_free_operands(TABLE[name], at, DOMAINS[name].constant)
    try:
        return can_tell(gradcheck(right, free, modes=("reverse",)), kind)
    except InconclusiveError:
        return False


def is_found(name: str, seed: int, kind: str) -> bool | None:
    """Whether a break is found at a point; `None` where it cannot be."""
    at = random_point(name, random.Random(seed))
    if not is_judged(name, at, kind):
        return None
    f, free = on_free_operands(broken(TABLE[name], kind), at, DOMAINS[name].constant)
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


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a few operations: docs/checking.md runs it of all, as a process."""
    few = {name: TABLE[name] for name in ("sin", "mul", "floor")}
    monkeypatch.setattr(detection, "TABLE", few)
    assert detection.main(["--programs", "5", "--seed", "2"]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert "9 breaks found, 0 missed; 6 change no derivative (-)" in shown.out
    assert "5 programs that are right: 0 false alarms" in shown.out
    assert all(f"\n{name} " in shown.out for name in few)
    monkeypatch.setattr(detection, "detects", lambda *_: "missed")
    assert detection.main(["--programs", "5", "--seed", "2"]) == 1
    assert "0 breaks found, 15 missed" in capsys.readouterr().out
