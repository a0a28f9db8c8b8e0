"""Lifting finds the arrays in a program: groups, views, blocks, and the steps made of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jit_programs import program_of

from autograd import Value, sigmoid
from autograd.graph import topological_order
from autograd.jit.arrays.buffer_plan import Apply, Product, Reduce
from autograd.jit.arrays.lift import lift
from autograd.jit.arrays.lower_numpy import lower
from autograd.jit.arrays.padding import complete
from autograd.jit.arrays.products import distinct_rows, find_blocks
from autograd.jit.arrays.schedule import schedule
from autograd.jit.arrays.views import View, common_shape, contiguous, factors, strided
from autograd.jit.programs.program import Program
from autograd.jit.programs.simplify import simplify
from autograd.primitives import TABLE
from autograd.reverse import adjoints
from nn import MLP, binary_cross_entropy

sizes = st.integers(1, 5)


@st.composite
def views(draw):
    shape = tuple(draw(st.lists(sizes, min_size=1, max_size=4)))
    strides = tuple(draw(st.integers(0, 50)) for _ in shape)
    return View(draw(st.integers(0, 20)), shape, strides)


@given(views())
def test_a_view_shows_its_positions(view):
    buffer = np.arange(2000.0)
    assert np.array_equal(view.on(buffer), buffer[view.positions()])


@given(views())
def test_strided_finds_a_view_of_the_same_positions(view):
    found = strided(view.positions())
    assert found is not None
    assert np.array_equal(found.positions(), view.positions())


@given(views())
def test_trimmed_views_broadcast_back(view):
    trimmed = view.trimmed().positions()
    assert np.array_equal(np.broadcast_to(trimmed, view.shape), view.positions())


@given(st.lists(st.integers(0, 9), min_size=1, max_size=24))
def test_positions_are_affine_in_the_shape_that_factors_finds(positions):
    table = np.array(positions)
    shape = factors(table)
    if shape is not None:
        assert strided(table.reshape(shape)) is not None


@given(st.permutations([2, 3, 4]), st.integers(1, 3))
def test_rows_of_a_rectangle_have_factors(lengths, stride):
    view = View(3, tuple(lengths), (100 * stride, 10 * stride, stride))
    assert factors(view.positions().reshape(-1)) is not None


@given(st.lists(st.sampled_from([(24,), (4, 6), (2, 12), (6, 4), (2, 3, 4), None]), max_size=4))
def test_the_common_shape_refines_the_first_of_several(shapes):
    found = common_shape(24, shapes)
    assert np.prod(found) == 24
    if shapes and shapes[0]:
        positions = contiguous(0, shapes[0]).positions()
        assert strided(positions.reshape(found)) is not None


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_distinct_rows_are_told_apart(rows):
    table = np.array(rows)
    found = distinct_rows(table)
    assert found.tolist() == [rows.index(row) for row in rows]


@given(sizes, sizes, sizes, st.randoms(use_true_random=False))
def test_blocks_are_found_in_any_order(stack, rows, columns, random):
    pairs = [
        (s * rows + i, s * columns + j)
        for s in range(stack)
        for i in range(rows)
        for j in range(columns)
    ]
    random.shuffle(pairs)
    left, right = np.array(pairs).T
    first = [np.array([list(side).index(x) for x in side]) for side in (left, right)]
    blocks = find_blocks(first[0], first[1], (left, right), np.arange(len(pairs)))
    assert blocks is not None
    assert sorted(blocks.order.tolist()) == list(range(len(pairs)))
    if rows * columns > 1:
        assert blocks.shape in ((stack, rows, columns), (stack, columns, rows))


def test_a_missing_dot_leaves_no_block():
    left, right = np.array([0, 0, 2]), np.array([0, 1, 0])
    assert find_blocks(left, right, (left, right), left) is None


def layer(program, rows, weights, biases):
    outputs = []
    for row in rows:
        for weight, bias in zip(weights, biases, strict=True):
            total = program.apply(TABLE["dot"], *weight, *row)
            outputs.append(program.apply(TABLE["tanh"], program.apply(TABLE["add"], total, bias)))
    return outputs


def table(program, name, rows, columns):
    return [[program.input(f"{name}[{i}][{j}]") for j in range(columns)] for i in range(rows)]


@given(st.integers(3, 6), st.integers(2, 4), st.integers(2, 4))
def test_a_layer_is_three_steps_that_read_in_place(samples, nin, nout):
    program = Program()
    x, w = table(program, "x", samples, nin), table(program, "w", nout, nin)
    b = [program.input(f"b[{i}]") for i in range(nout)]
    program.outputs = layer(program, x, w, b)
    plan = lift(program)
    assert [type(step) for step in plan.steps] == [Product, Apply, Apply]
    assert plan.steps[0].out.shape == (samples, nout)
    assert plan.outputs == sorted(plan.outputs)


def test_scores_within_each_sample_are_a_stack_of_products():
    program = Program()
    queries, keys = ([table(program, f"{n}{s}", 3, 4) for s in range(2)] for n in "qk")
    for s in range(2):
        for q in queries[s]:
            program.outputs += [program.apply(TABLE["dot"], *q, *k) for k in keys[s]]
    program.names = {}
    [step] = lift(program).steps
    assert isinstance(step, Product)
    assert step.out.shape == (2, 3, 3)


def test_sums_along_columns_are_one_reduction():
    program = Program()
    x = table(program, "x", 20, 3)
    program.outputs = [program.apply(TABLE["sum"], *[row[j] for row in x]) for j in range(3)]
    [step] = lift(program).steps
    assert isinstance(step, Reduce)
    assert step.operand.strides == (1, 3)


def test_operands_that_may_be_exchanged_do_not_split_a_group():
    program = Program()
    x, y = ([program.input(f"{name}[{i}]") for i in range(4)] for name in "xy")
    for i in range(4):
        pair = (x[i], y[i]) if i % 2 else (y[i], x[i])
        program.outputs.append(program.apply(TABLE["mul"], *pair))
    assert [len(group.members) for group in schedule(program)] == [0, 4, 4, 4]


def test_a_completed_program_takes_the_same_inputs():
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(6)]
    two = program.constant(2.0)
    parts = [program.apply(TABLE["mul"], two, x) for x in xs[:3]] + xs[3:]
    program.outputs = [program.apply(TABLE["tanh"], x) for x in parts]
    completed, _ = complete(program)
    assert len(completed) > len(program)
    numbers = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    assert completed.evaluate(numbers) == program.evaluate(numbers)


def test_a_constant_that_is_not_finite_is_refused():
    program = Program()
    program.outputs = [program.constant(float("inf"))]
    with pytest.raises(ValueError, match="not finite"):
        lift(program)


def test_the_source_of_a_network_reads_as_in_a_textbook():
    model = MLP(2, [3, 1], activation="sigmoid", rng=0)
    rows = [[Value(a), Value(b)] for a in (0.0, 1.0) for b in (0.0, 1.0)]
    targets = [Value(t) for t in (0.0, 1.0, 1.0, 0.0)]
    loss = binary_cross_entropy([sigmoid(model(row)) for row in rows], targets)
    found = adjoints(topological_order(loss), {loss: 1.0}, create_graph=True)
    named = dict(model.named_parameters())
    labels = {parameter: name for name, parameter in named.items()}
    labels |= {x: f"x[{i}][{j}]" for i, row in enumerate(rows) for j, x in enumerate(row)}
    labels |= {t: f"t[{i}]" for i, t in enumerate(targets)}
    for x, label in labels.items():
        x.label = label
    gradients = [found[parameter] for parameter in named.values()]
    text = lower(simplify(program_of(list(labels), [loss, *gradients]))).source
    lines = [line.partition("  #")[0].strip() for line in text.splitlines()]
    wanted = """
        matmul(x, w1_T, dot_1)
        add(b1, dot_1, z1)
        sigmoid(z1, scratch_1, a1)
        matmul(a1, w2_3x1, dot_2_4x1)
        multiply(w2, dz2_4x1, da1)
    """
    assert {line.strip() for line in wanted.strip().splitlines()} <= set(lines)
    assert "return numbers.take(index_1)  # loss, dw1, db1, dw2, db2" in text
