"""Each kernel gives what the value rule gives, and raises where that raises."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jit_lowered import LOWERINGS
from strength import examples

from autograd.jit.programs.program import Program
from autograd.primitives import TABLE
from autograd.testing import DOMAINS, points
from autograd.testing.domains import intervals

ULPS = 16 * np.finfo(float).eps


@pytest.fixture(scope="module", params=LOWERINGS)
def lower(request):
    return LOWERINGS[request.param]


PROGRAMS = {}


def lowered_for(lower, name, samples):
    """A program that applies a primitive to each of several lists of operands, lowered.

    Returns:
        What is lowered (once for any operands, if these are all inputs), the program, the inputs.
    """
    program, numbers = apply_to_samples(name, samples)
    if DOMAINS[name].constant is not None:
        return lower(program), program, numbers
    key = lower, name, len(samples), len(samples[0])
    if key not in PROGRAMS:
        PROGRAMS[key] = lower(program)
    return PROGRAMS[key], program, numbers


def apply_to_samples(name, samples):
    """The program, and its inputs."""
    program = Program()
    count = len(samples[0])
    constant = DOMAINS[name].constant
    for i, sample in enumerate(samples):
        operands = [
            program.constant(x) if j == constant else program.input(f"x{j}[{i}]")
            for j, x in enumerate(sample[:count])
        ]
        program.outputs.append(program.apply(TABLE[name], *operands))
    return program, [x for sample in samples for j, x in enumerate(sample) if j != constant]


@pytest.mark.parametrize("name", DOMAINS)
@given(data=st.data())
@settings(max_examples=examples(30, quick=8))
def test_kernels_agree_with_value_rules(lower, name, data):
    samples = data.draw(st.lists(points(name), min_size=3, max_size=6))
    length = min(map(len, samples))
    samples = [sample[:length] for sample in samples]
    lowered, program, numbers = lowered_for(lower, name, samples)
    expected, found = program.evaluate(numbers), lowered.run(numbers)
    for xs, y, z in zip(samples, expected, found, strict=True):
        size = max(map(abs, [*xs, y])) if name in CANCELLING else y
        assert abs(y - z) <= ULPS * abs(size) or y == z


CANCELLING = ("sum", "dot", "logsumexp", "mod")

EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 1e-300, 1e-20, 700.0, -700.0, 1e4, -1e4, 1e200, -1e200]


@pytest.mark.parametrize("name", [name for name, p in TABLE.items() if p.arity in (1, 2)])
@given(data=st.data())
@settings(max_examples=examples(60, quick=10))
def test_where_a_value_rule_raises_so_does_the_kernel(lower, name, data):
    arity = TABLE[name].arity
    edge = st.sampled_from(EDGES) | st.floats(-1e3, 1e3)
    calm = [high - (high - low) / 3 for low, high in intervals(name, arity)]
    samples = [calm, data.draw(st.lists(edge, min_size=arity, max_size=arity)), calm, calm]
    lowered, program, numbers = lowered_for(lower, name, samples)
    try:
        expected = program.evaluate(numbers)
    except (ArithmeticError, ValueError):
        with pytest.raises((ArithmeticError, ValueError)):
            lowered.run(numbers)
        return
    try:
        found = lowered.run(numbers)
    except (ArithmeticError, ValueError):  # it may: the plain function is run then
        assert not all(map(math.isfinite, expected)) or max(map(abs, samples[1])) >= 1e4
        return
    size = max(map(abs, samples[1])) if name == "mod" else 0.0
    steps = 4 * math.ulp(0.0) * max(map(abs, samples[1]))  # a subnormal factor has fewer digits
    assert found == pytest.approx(expected, rel=4 * ULPS, abs=4 * ULPS * size + steps)


@given(st.lists(st.lists(st.floats(-800, 800), min_size=20, max_size=20), min_size=3, max_size=3))
def test_logsumexp_keeps_small_differences(lower, rows):
    lowered, program, numbers = lowered_for(lower, "logsumexp", rows)
    assert lowered.run(numbers) == pytest.approx(program.evaluate(numbers), rel=1e-14)


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_inputs_that_are_not_finite_are_refused(lower, number):
    program, _ = apply_to_samples("exp", [[0.0], [0.0], [0.0]])
    with pytest.raises(FloatingPointError):
        lower(program).run([0.0, number, 0.0])


def test_powers_by_one_constant_exponent(lower):
    for exponent in (-1.0, 0.5, 1.0, 2.0, 3.0):
        samples = [[0.3, exponent], [2.0, exponent], [5.5, exponent]]
        program, numbers = apply_to_samples("pow_number", samples)
        assert lower(program).run(numbers) == pytest.approx(program.evaluate(numbers), rel=ULPS)
