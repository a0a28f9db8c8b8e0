"""Compiled programs agree with plain ones, and the command that says so finds what does not."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from installed import BACKENDS
from strength import examples

from autograd import cbrt, copysign, remainder
from autograd.jit.arrays.kernels import NUMPY
from autograd.jit.programs.zeros import Zeros
from autograd.jit.tracing import pullbacks, tracer
from autograd.primitives import TABLE
from autograd.testing.agreement.judge import check, rounding_errors
from autograd.testing.agreement.run import compare

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("backend", BACKENDS)
def test_random_programs_agree(backend: str) -> None:
    found = compare(range(examples(60, quick=30)), [backend])
    assert not found.differences, str(found.differences[0])
    assert found.programs >= 30
    assert found.outcomes["undecided"] <= 0.02 * found.calls
    assert found.outcomes["equal"] >= 0.6 * found.calls
    assert found.outcomes["raised"] >= 0.05 * found.calls


def _wrong_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    right = NUMPY[TABLE["mul"]]

    def wrong(out: Any, *xs: Any) -> Any:
        return [*right.kernel(out, *xs), partial(np.add, out, 1e-9, out)]

    monkeypatch.setitem(NUMPY, TABLE["mul"], right._replace(kernel=wrong))


def _lost_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Zeros, "_look_back", lambda self, pure: self.told.clear())


def _zero_times_infinity(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (tracer, pullbacks):
        monkeypatch.setattr(module, "find_suspects", lambda program: [])


BREAKS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str, str, int]] = {
    "a kernel": (_wrong_kernel, "numpy", "jit(f)", 0),
    "signs of zeros": (_lost_signs, "python", "jit(f)", 1800),  # one program in 2,000 shows it
    "what does not flow": (_zero_times_infinity, "python", "jit(jvp(f))", 0),
}
"""What breaks it, the backend and the use that show it, and the seed of the first program."""


@pytest.mark.slow
@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks, backend, use, first = BREAKS[name]
    breaks(monkeypatch)
    [found] = compare(range(first, 3000), [backend], uses=[use]).differences
    namespace: dict[str, Any] = {}
    exec(found.program.source, namespace)
    steps = len(found.program.first.steps) + len(found.program.second.steps)
    assert steps <= 14
    for point in found.points:
        try:
            expected = found.program(point)
        except (ArithmeticError, ValueError) as error:
            with pytest.raises(type(error)):
                namespace["program"](point)
        else:
            assert namespace["program"](point) == pytest.approx(expected, nan_ok=True)


def test_the_command() -> None:
    command = [sys.executable, "-m", "autograd.testing.agreement", "--programs", "3", "--seed", "5"]
    for more, calls in ((), 48), (("--use", "jit(jvp(f))"), 24):
        done = subprocess.run(
            [*command, "--backend", "python", *more],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        assert f"3 programs by python: {calls} calls compared" in done.stdout
        assert "0 different" in done.stdout


def test_the_command_refuses_what_is_no_number_of_programs() -> None:
    command = [sys.executable, "-m", "autograd.testing.agreement", "--programs", "0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--programs must be at least 1" in done.stderr


def test_rounding_explains_any_remainder_by_a_number_that_is_rounded_more_than_once_around() -> (
    None
):
    """A divisor's last bit, times a quotient of 1e200, is many divisors."""
    f = lambda x: remainder(x[0], cbrt(x[1]))
    [error] = rounding_errors(f, [[1e200, 3.0]]) or [0.0]
    assert error > 3.0
    [error] = rounding_errors(f, [[1.0, 3.0]]) or [0.0]
    assert error < 1e-14


def test_the_sign_of_a_nan_is_undecided() -> None:
    def program(x: list[Any]) -> Any:
        return 0.0 ** copysign(3.0, x[0])

    at = [[math.copysign(math.nan, -1.0)]]
    assert check(program, lambda x: math.nan, at) == "undecided"
    with pytest.raises(AssertionError, match="instead of"):
        check(program, lambda x: math.nan, [[-1.0]])
