"""A lowered run gives what the program gives when it is evaluated number by number."""

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jit_lowered import LOWERINGS, assert_agrees
from jit_programs import program_of, with_gradient

import nn
from autograd import Value, gelu, hessian
from autograd.jit import jit
from autograd.jit.programs.program import GuardFailure, Program
from autograd.jit.programs.rewrites import finite
from autograd.jit.programs.simplify import simplify
from autograd.primitives import TABLE, primitive, tracing
from autograd.testing import expressions
from nn import MLP, mean_squared_error

SAMPLES = 5


@pytest.fixture(scope="module", params=LOWERINGS)
def lower(request):
    return LOWERINGS[request.param]


@given(
    expressions(), st.lists(st.tuples(*[st.floats(-2, 2)] * 2), min_size=SAMPLES, max_size=SAMPLES)
)
def test_random_programs_over_samples(made, rows):
    inputs = [[Value(x, f"x[{i}][{j}]") for j, x in enumerate(row)] for i, row in enumerate(rows)]
    try:
        outputs = [made(*row) for row in inputs]
    except (ArithmeticError, ValueError):
        return
    if not all(math.isfinite(y.data) and abs(y.data) < 1e100 for y in outputs):
        return
    flat = [x for row in inputs for x in row]
    assert_agrees(program_of(flat, outputs), [x.data for x in flat], 1e-9)


@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=4),
    st.integers(1, 7),
    st.sampled_from(["tanh", "sigmoid", "relu", "softplus", "gelu"]),
    st.booleans(),
    st.integers(0, 1000),
)
def test_networks_with_all_their_gradients(layers, samples, activation, with_names, seed):
    rng = random.Random(seed)
    model = MLP(layers[0], layers[1:], activation=activation, rng=seed)
    label = (lambda i, j: f"x[{i}][{j}]") if with_names else lambda i, j: ""
    rows = [[Value(rng.gauss(0, 1), label(i, j)) for j in range(layers[0])] for i in range(samples)]
    outputs = [model(row) for row in rows]
    flat = [y for out in outputs for y in (out if isinstance(out, list) else [out])]
    loss = mean_squared_error(flat, [rng.random() for _ in flat])
    for name, parameter in model.named_parameters():
        parameter.label = name if with_names else ""
    inputs = [*model.parameters(), *[x for row in rows for x in row]]
    assert_agrees(with_gradient(inputs, loss), [x.data for x in inputs])


@pytest.mark.parametrize("op", ["sum", "prod", "max", "min", "logsumexp", "dot"])
@given(st.integers(1, 6), st.integers(1, 12), st.randoms(use_true_random=False))
def test_rows_of_operands_from_anywhere(op, count, half, rng):
    program = Program()
    nodes = [program.input(f"x[{i}]") for i in range(8)]
    nodes += [program.apply(TABLE["tanh"], x) for x in nodes] + [program.constant(0.5)]
    program.outputs = [
        program.apply(TABLE[op], *rng.choices(nodes, k=2 * half)) for _ in range(count)
    ]
    assert_agrees(program, [rng.uniform(-2, 2) for _ in range(8)])


@pytest.mark.parametrize(
    "lengths", [(3, 4, 2, 1, 1, 7, 2, 1, 0), (3, 7, 7, 4, 4, 2, 1, 3, 7, 0, 2)]
)
def test_sums_of_nothing_among_sums_of_constants(lengths):
    program = Program()
    program.input("x")
    constant = program.constant(4.0)
    program.outputs = [program.apply(TABLE["sum"], *[constant] * n) for n in lengths]
    assert_agrees(program, [1.0])


@given(st.lists(st.floats(-3, 3), min_size=6, max_size=6))
def test_guards_are_held_to(lower, numbers):
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(6)]
    signs = [program.apply(TABLE["relu"], x) for x in xs]
    program.guards = [(s, i % 2 == 0) for i, s in enumerate(signs)]
    program.outputs = [program.apply(TABLE["exp"], s) for s in signs]
    lowered = lower(program)
    if all((x > 0) == (i % 2 == 0) for i, x in enumerate(numbers)):
        assert lowered.run(numbers) == pytest.approx(program.evaluate(numbers))
    else:
        for run in (program.evaluate, lowered.run):
            with pytest.raises(GuardFailure):
                run(numbers)


def test_a_guard_is_looked_at_before_what_it_guards(lower):
    program = Program()
    for i in range(4):
        x = program.input(f"x[{i}]")
        positive = program.apply(TABLE["relu"], x)
        program.guards.append((positive, True))
        program.outputs.append(program.apply(TABLE["log"], x))
    with pytest.raises(GuardFailure):
        lower(program).run([1.0, -1.0, 1.0, 1.0])


def test_primitives_without_a_kernel_are_computed_one_by_one(lower):
    @primitive(lambda g, out, x: g)
    def exp(x):  # a name of the table, another function
        return x + 1.0

    program = Program()
    program.outputs = [program.apply(exp.primitive, program.input(f"x[{i}]")) for i in range(4)]
    lowered = lower(program)
    assert lowered.run([0.0, 1.0, 2.0, 3.0]) == [1.0, 2.0, 3.0, 4.0]
    assert lowered.stats["scalars"] == 4


def test_outputs_may_be_inputs_constants_and_the_same_twice():
    program = Program()
    x, c = program.input("x"), program.constant(2.5)
    y = program.apply(TABLE["mul"], x, c)
    program.outputs = [x, c, y, y]
    assert_agrees(program, [3.0])


def test_a_program_without_inputs_or_outputs(lower):
    program = Program()
    assert lower(program).run([]) == []


def test_inputs_in_parts(lower):
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(4)]
    program.outputs = [program.apply(TABLE["neg"], x) for x in xs]
    lowered = lower(program)
    assert lowered.run_parts([1.0], np.array([2.0, 3.0]), [4.0]).tolist() == [-1, -2, -3, -4]
    with pytest.raises(TypeError, match="expected 4 inputs, got 3"):
        lowered.run([1.0, 2.0, 3.0])


@pytest.mark.slow
def test_a_deep_program_needs_no_recursion():
    program = Program()
    x = program.input("x")
    for _ in range(5_000):
        x = program.apply(TABLE["sin"], x)
    program.outputs = [x]
    assert_agrees(program, [1.0])


@pytest.mark.parametrize(
    "made", [tracing.less, tracing.less_equal, tracing.equal, tracing.not_equal]
)
@given(st.lists(st.integers(-2, 2).map(float), min_size=12, max_size=12))
def test_comparisons_and_choices(lower, made, numbers):
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(12)]
    for a, b in zip(xs[:6], xs[6:], strict=True):
        condition = program.apply(made.primitive, a, b)
        chosen = program.apply(TABLE["where"], condition, a, b)
        program.outputs += [condition, program.apply(finite.primitive, chosen)]
    assert lower(program).run(numbers) == program.evaluate(numbers)
    assert lower(program).stats["scalars"] == 0


@pytest.mark.parametrize("count", [1, 2, 5, 300])
@pytest.mark.parametrize("hidden_by", ["tanh", "neg"])
def test_squares_out_of_range_are_noticed(lower, count, hidden_by):
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(count)]
    two = program.constant(2.0)
    squares = [program.apply(TABLE["pow_number"], x, two) for x in xs]
    total = program.apply(TABLE["sum"], *squares)
    program.outputs = [program.apply(TABLE[hidden_by], total)]
    simple = simplify(program)
    assert simple.counts()["finite"] == 1
    lowered = lower(simple)
    calm = [0.5] * count
    assert lowered.run(calm) == pytest.approx(program.evaluate(calm), rel=1e-14)
    for place in {0, count - 1}:
        numbers = [*calm[:place], -1e200, *calm[place + 1 :]]
        for run in (program.evaluate, simple.evaluate):
            with pytest.raises(OverflowError):
                run(numbers)
        with pytest.raises(ArithmeticError):
            lowered.run(numbers)


def test_a_part_of_a_group_is_completed():
    program = Program()
    rows = [[program.input(f"x[{i}][{j}]") for j in range(4)] for i in range(5)]
    one = program.constant(1.0)
    for i, row in enumerate(rows):
        numbers = [program.apply(TABLE["exp"], x) for x in row]
        numbers[i % 3] = program.apply(TABLE["sub"], numbers[i % 3], one)
        program.outputs.append(program.apply(TABLE["prod"], *numbers))
    lowered = assert_agrees(program, [math.sin(i) for i in range(20)])
    assert lowered.stats["calls"] == 3


def products_of(activation, count=4):
    """A matrix times another, of numbers to which an activation is applied, and sums of those."""
    program = Program()
    table = [[program.input(f"x[{i}][{j}]") for j in range(count)] for i in range(2 * count)]
    rows = [[program.apply(TABLE[activation], x) for x in row] for row in table]
    left, right = rows[:count], rows[count:]
    program.outputs = [program.apply(TABLE["dot"], *a, *b) for a in left for b in right]
    program.outputs += [program.apply(TABLE["sum"], *column) for column in zip(*left, strict=True)]
    program.outputs += [program.apply(TABLE["sum"], *column) for column in zip(*right, strict=True)]
    return program


@pytest.mark.parametrize("activation", ["identity", "exp"])
@pytest.mark.parametrize("size", [1.0, 20.0, 1e5, 1e9, 1e153, 1e200])
@given(st.integers(0, 31), st.sampled_from([-1.0, 1.0]))
def test_products_of_large_numbers_are_what_they_are_or_raise(lower, activation, size, place, sign):
    program = products_of(activation)
    numbers = [math.sin(i) for i in range(32)]
    numbers[place] = sign * size
    lowered = lower(program)
    try:
        expected = program.evaluate(numbers)
    except OverflowError:
        expected = [math.inf]
    if all(map(math.isfinite, expected)):
        assert lowered.run(numbers) == pytest.approx(expected, rel=1e-12, abs=1e-13 * size)
    else:
        with pytest.raises(ArithmeticError):
            lowered.run(numbers)
    calm = [math.cos(i) for i in range(32)]
    assert lowered.run(calm) == pytest.approx(program.evaluate(calm), rel=1e-12, abs=1e-14)


def test_products_that_overflow_are_noticed(lower):
    program = products_of("identity")
    with pytest.raises(ArithmeticError):
        lower(program).run([1e200] * 32)


@pytest.mark.parametrize("kept", [False, True])
@given(st.permutations(range(12)))
def test_parts_that_are_read_together_are_made_together(kept, order):
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(12)]
    made = [
        program.apply(TABLE[name], x)
        for name, part in (("exp", xs[:4]), ("sin", xs[4:8]), ("tanh", xs[8:]))
        for x in part
    ]
    two = program.constant(2.0)
    doubled = [program.apply(TABLE["mul"], x, two) for x in made]
    ys = [program.input(f"y[{i}]") for i in range(12)]
    program.outputs = [
        program.apply(TABLE["sub"], y, doubled[i]) for y, i in zip(ys, order, strict=True)
    ]
    if kept:
        program.outputs += [doubled[0], made[5]]
    assert_agrees(program, [math.sin(i) for i in range(24)])


@pytest.mark.parametrize("otherwise", ["constant", "one", "row", "each"])
@pytest.mark.parametrize("kept", [False, True])
def test_what_is_chosen_may_be_where_the_choice_is(otherwise, kept):
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(12)]
    sines = [program.apply(TABLE["sin"], x) for x in xs]
    others = {
        "constant": [program.constant(0.25)] * 12,
        "one": [xs[3]] * 12,
        "row": xs[:4] * 3,
        "each": xs[::-1],
    }[otherwise]
    zero = program.constant(0.0)
    for x, sine, other in zip(xs, sines, others, strict=True):
        condition = program.apply(tracing.less.primitive, zero, x)
        program.outputs.append(program.apply(TABLE["where"], condition, sine, other))
    if kept:
        program.outputs += sines
    assert_agrees(program, [math.sin(i) for i in range(12)])


def test_a_condition_that_is_gathered_stays_gathered_where_a_choice_moves():
    def nested(x):
        y = x[0]
        for _ in range(4):
            y = gelu(y, approximate="tanh")
        return y

    second = hessian(nested)
    compiled = jit(second, backend="numpy")
    for x in (0.0, 0.0, 0.125):
        assert compiled([x, 0.0])[0] == pytest.approx(second([x, 0.0])[0], rel=1e-12)


@pytest.mark.parametrize("seed", [7, 83, 212])
def test_the_source_of_blocks_of_dots_gives_what_the_program_does(seed):
    rng = random.Random(seed)
    count, half = rng.randint(3, 6), rng.choice([1, 2, 2, 2, 3])
    program = Program()
    nodes = [program.input(f"x[{i}]") for i in range(8)]
    nodes += [program.apply(TABLE["tanh"], x) for x in nodes] + [program.constant(0.5)]
    few = rng.sample(nodes, rng.randint(2, 5))
    program.outputs = [
        program.apply(TABLE["dot"], *rng.choices(few, k=2 * half)) for _ in range(count)
    ]
    assert_agrees(program, [rng.uniform(-2, 2) for _ in range(8)])


def test_the_source_of_a_single_comparison():
    program = Program()
    x, y = program.input("x"), program.input("y")
    program.outputs = [program.apply(tracing.less_equal.primitive, x, y)]
    assert_agrees(program, [1.0, 2.0])


def test_members_of_a_list_are_rows_whatever_it_is_called():
    class Net(nn.Module):
        def __init__(self):
            self.cells = [nn.Neuron(3) for _ in range(4)]

        def __call__(self, x):
            return [cell(x) for cell in self.cells]

    net = Net()
    compiled = jit(lambda rows: [net(x) for x in rows], backend="numpy")
    compiled([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    assert "matmul(rows, w_T, " in compiled.source
