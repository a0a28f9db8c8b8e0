"""Each kernel gives what the value rule gives, and raises where that raises.

Those of a fixed number of operands are tried in `test_lowerings`.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jit_lowered import LOWERINGS
from strength import examples

from autograd.jit.programs.program import Program
from autograd.primitives import TABLE
from autograd.testing import points

ULPS = 16 * np.finfo(float).eps


@pytest.fixture(scope="module", params=LOWERINGS)
def lower(request):
    return LOWERINGS[request.param]


def program_of(name, samples, constant=None):
    """A program that applies a primitive to each of several lists of operands, and its inputs."""
    program = Program()
    for i, sample in enumerate(samples):
        operands = [
            program.constant(x) if j == constant else program.input(f"x{j}[{i}]")
            for j, x in enumerate(sample)
        ]
        program.outputs.append(program.apply(TABLE[name], *operands))
    return program, [x for sample in samples for j, x in enumerate(sample) if j != constant]


@pytest.mark.parametrize("name", [name for name, made in TABLE.items() if made.arity is None])
@given(data=st.data())
@settings(max_examples=examples(30))
def test_reductions_agree_with_value_rules(lower, name, data):
    samples = data.draw(st.lists(points(name), min_size=3, max_size=6))
    length = min(map(len, samples))
    samples = [sample[:length] for sample in samples]
    program, numbers = program_of(name, samples)
    expected, found = program.evaluate(numbers), lower(program).run(numbers)
    for xs, y, z in zip(samples, expected, found, strict=True):
        size = y if name == "prod" else max(map(abs, [*xs, y]))
        assert abs(y - z) <= ULPS * abs(size) or y == z


@given(st.lists(st.lists(st.floats(-800, 800), min_size=20, max_size=20), min_size=3, max_size=3))
def test_logsumexp_keeps_small_differences(lower, rows):
    program, numbers = program_of("logsumexp", rows)
    assert lower(program).run(numbers) == pytest.approx(program.evaluate(numbers), rel=1e-14)


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_inputs_that_are_not_finite_are_refused(lower, number):
    program, _ = program_of("exp", [[0.0], [0.0], [0.0]])
    with pytest.raises(FloatingPointError):
        lower(program).run([0.0, number, 0.0])


def test_powers_by_one_constant_exponent(lower):
    for exponent in (-1.0, 0.5, 1.0, 2.0, 3.0):
        samples = [[0.3, exponent], [2.0, exponent], [5.5, exponent]]
        program, numbers = program_of("pow_number", samples, constant=1)
        assert lower(program).run(numbers) == pytest.approx(program.evaluate(numbers), rel=ULPS)
