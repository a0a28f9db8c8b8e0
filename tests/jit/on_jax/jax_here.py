"""JAX with float64, or a skip where it is not installed; what is compared."""

import math
import os
import subprocess
import sys
from typing import Any

import pytest

from autograd import Value, value_and_grad
from autograd.jit.tracing.tape import Tape
from autograd.modes import recorded, tracing
from autograd.testing.agreement.judge import CAUGHT

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)

SMALLEST = 2.0**-1022
"""The smallest number of the normal range: XLA counts what is below as 0."""


def same_bits(one: Any, other: Any) -> bool:
    """Whether two numbers are the same to the last bit; zeros of derivatives have either sign."""
    one, other = float(one), float(other)
    return one == other or (math.isnan(one) and math.isnan(other))


def close(found: Any, expected: Any, relative: float = 1e-12) -> bool:
    """Whether numbers are equal, relative to the largest of them."""
    found, expected = [float(x) for x in found], [float(x) for x in expected]
    size = max([abs(x) for x in expected if math.isfinite(x)], default=0.0)
    return len(found) == len(expected) and all(
        same_bits(x, y) or abs(x - y) <= relative * max(size, 1e-300)
        for x, y in zip(found, expected, strict=True)
    )


def has_subnormals(f: Any, at: Any) -> bool:
    """Whether an input, or a number on the way, is below the normal range."""
    tape = Tape(rolls=False)
    with recorded(), tracing(tape):
        try:
            value_and_grad(f)([Value(x) for x in at])
        except CAUGHT:
            return True
    return any(0.0 < abs(x) < SMALLEST for x in (*at, *(y._data for y in tape.nodes)))


def on_eight_devices(source: str) -> str:
    """What a program prints where JAX has eight devices."""
    flags = os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=8"
    found = subprocess.run(
        [sys.executable, "-c", source],
        env={**os.environ, "XLA_FLAGS": flags},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout
