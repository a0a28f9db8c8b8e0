"""What is almost the same at many places is computed together, in few array operations."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jit_lowered import assert_agrees
from jit_programs import with_gradient
from strength import examples

from autograd import Value, cos, dot, grad, log_softmax, mean, sin, softmax, tanh
from autograd.jit.arrays.buffer_plan import Product, Ragged, Take
from autograd.jit.arrays.lower_numpy import lower
from autograd.jit.arrays.padding import complete
from autograd.jit.arrays.schedule import heights, schedule
from autograd.jit.programs.program import Program
from autograd.jit.programs.simplify import simplify
from autograd.primitives import TABLE
from autograd.primitives.tracing import take

RAGGED = ["sum", "prod", "max", "min", "dot"]
NAMES = [*RAGGED, "logsumexp", "add", "mul", "sub", "tanh", "sin", "maximum", "neg"]


@st.composite
def programs(draw):
    """Places that do almost the same: each step does one thing at most of them."""
    rng = draw(st.randoms(use_true_random=False))
    program = Program()
    rows = [[program.input(f"x[{i}][{j}]") for j in range(4)] for i in range(rng.randint(2, 6))]
    index = [program.input(f"index[{i}]") for i in range(2)]
    nodes = [x for row in rows for x in row] + [program.constant(c) for c in (0.5, -1.0, 2.0)]
    for _ in range(rng.randint(1, 8)):
        name = rng.choice([*NAMES, "take"])
        for row in rows:
            if rng.random() < 0.2:
                continue
            for _ in range(rng.randint(1, 3)):
                row.append(_made(program, name, rng, row, nodes, index))
        nodes += [x for row in rows for x in row[-3:]]
    program.outputs = [row[-1] for row in rows] + rng.choices(nodes, k=4)
    count = len(program.inputs) - len(index)
    numbers = [rng.uniform(-1, 1) for _ in range(count)]
    return program, [*numbers, *[float(rng.randint(-2, 1)) for _ in index]]


def _made(program, name, rng, row, nodes, index):
    if name == "take":
        return program.apply(take.primitive, rng.choice(index), *rng.choices(row, k=2))
    arity = TABLE[name].arity or 2 * rng.choice((1, 2, 3, 4, 25))
    source = nodes if rng.random() < 0.2 else row
    found = program.apply(TABLE[name], *rng.choices(source[-8:] if arity <= 8 else nodes, k=arity))
    return program.apply(TABLE["tanh"], found)


@given(programs())
@settings(max_examples=examples(60))
def test_places_that_do_almost_the_same(made):
    program, numbers = made
    assert_agrees(program, numbers)


@given(programs())
def test_groups_come_after_what_they_are_made_from(made):
    program, _ = made
    done = set()
    for group in schedule(program):
        assert {i for operands in group.operands for i in operands} <= done
        assert not done & set(group.members)
        done |= set(group.members)
    assert len(done) == len(program)


@pytest.mark.parametrize("name", RAGGED)
@given(st.lists(st.integers(1, 5), min_size=3, max_size=8), st.randoms(use_true_random=False))
def test_rows_of_various_lengths_are_one_reduction(name, lengths, rng):
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(sum(lengths) * 2)]
    rest = iter(xs)
    for length in lengths:
        count = 2 * length if name == "dot" else length
        program.outputs.append(program.apply(TABLE[name], *[next(rest) for _ in range(count)]))
    lowered = assert_agrees(program, [rng.uniform(-2, 2) for _ in xs])
    if len(set(lengths)) > 1 and max(lengths) < 5:
        assert sum(isinstance(step, Ragged) for step in lowered.plan.steps) == 1
    assert lowered.stats["calls"] <= (4 if name == "dot" else 1)


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 5)), min_size=1),
    st.randoms(use_true_random=False),
)
def test_blocks_of_any_sizes_at_once(blocks, rng):
    program = Program()
    for number, (rows, columns, length) in enumerate(blocks):
        left, right = (
            [[program.input(f"{name}{number}[{i}][{j}]") for j in range(length)] for i in range(n)]
            for name, n in (("x", rows), ("w", columns))
        )
        program.outputs += [program.apply(TABLE["dot"], *a, *b) for a in left for b in right]
    rng.shuffle(program.outputs)
    assert_agrees(program, [rng.uniform(-2, 2) for _ in program.inputs])


@given(st.integers(2, 5), st.integers(1, 6), st.randoms(use_true_random=False))
def test_rows_of_a_table_are_taken_at_once(count, width, rng):
    program = Program()
    table = [[program.input(f"table.{i}.{j}") for j in range(width)] for i in range(count)]
    index = [program.input(f"index[{t}]") for t in range(4)]
    for i in index:
        for column in zip(*table, strict=True):
            program.outputs.append(program.apply(take.primitive, i, *column))
    numbers = [rng.uniform(-2, 2) for _ in range(count * width)]
    chosen = [float(rng.randint(-count, count - 1)) for _ in index]
    lowered = assert_agrees(program, [*numbers, *chosen])
    assert [step for step in lowered.plan.steps if isinstance(step, Take)]
    for wrong, error in ((count, IndexError), (-count - 1, IndexError), (0.5, ValueError)):
        bad = [*numbers, *chosen[:3], float(wrong)]
        for run in (program.evaluate, lowered.run):
            with pytest.raises(error):
                run(bad)


def attention(length, rng):
    """A layer of attention and its gradients."""
    inputs = []

    def table(name, rows):
        made = [[Value(rng.gauss(0, 1), label=f"{name}.{i}.{j}") for j in range(4)] for i in rows]
        inputs.extend(x for row in made for x in row)
        return made

    xs = table("x", range(length))
    weights = [table(name, range(4)) for name in ("query", "key", "value", "out")]
    queries, keys, values = ([[dot(w, x) for w in ws] for x in xs] for ws in weights[:3])
    outputs = []
    for t, query in enumerate(queries):
        mixed = []
        for head in (slice(0, 2), slice(2, 4)):
            shares = softmax([dot(query[head], key[head]) / 2 for key in keys[: t + 1]])
            columns = zip(*(v[head] for v in values[: t + 1]), strict=True)
            mixed += [dot(shares, column) for column in columns]
        outputs.append([x + tanh(dot(w, mixed)) for w, x in zip(weights[3], xs[t], strict=True)])
    loss = mean([-log_softmax(row)[t % 4] for t, row in enumerate(outputs)])
    return simplify(with_gradient(inputs, loss)), [x.data for x in inputs]


@pytest.mark.parametrize("length", [2, 3, 5, 9])
def test_attention_takes_as_many_calls_for_texts_of_any_length(length):
    program, numbers = attention(length, random.Random(length))
    lowered = assert_agrees(program, numbers)
    assert lowered.stats["calls"] < 150
    assert lowered.stats["scalars"] < 20


def test_weights_of_one_input_are_one_product():
    program = Program()
    xs = [[program.input(f"x[{t}][{i}]") for i in range(4)] for t in range(5)]
    for name in ("query", "key", "value"):
        rows = [[program.input(f"{name}.{i}.{j}") for j in range(4)] for i in range(3)]
        program.outputs += [program.apply(TABLE["dot"], *w, *x) for x in xs for w in rows]
    [step] = lower(program).plan.steps
    assert isinstance(step, Product)
    assert sorted(step.out.shape) == [5, 9]


def driven(controls):
    """How far a vehicle comes from its road."""
    x, y, heading, speed, total = 0.1, 0.2, 0.05, 4.0, 0.0
    for pedal, steer in zip(controls[::2], controls[1::2], strict=True):
        x, y = x + speed * cos(heading), y + speed * sin(heading)
        heading, speed = heading + speed * sin(steer), speed + pedal
        total = total + (x - 1) ** 2 + (y - sin(x)) ** 2 + 0.1 * steer * steer
    return total


@pytest.mark.parametrize(("steps", "pays"), [(2, True), (6, False)])
def test_padding_is_kept_where_it_leaves_no_more_groups(steps, pays):
    controls = [Value(0.1 * i) for i in range(2 * steps)]
    slopes = grad(driven)(controls)
    program = simplify(with_gradient(controls, sum(slope * slope for slope in slopes)))
    before = schedule(program)
    padded, after = complete(program)
    assert len(after) <= len(before)
    assert (len(padded) > len(program)) is pays


def test_what_is_ahead_of_the_others_waits_for_them():
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(4)]
    scaled = [program.apply(TABLE["mul"], x, x) for x in xs]
    late = [program.apply(TABLE["exp"], x) for x in scaled[1:]]
    sums = [program.apply(TABLE["add"], x, y) for x, y in zip(xs, [scaled[0], *late], strict=True)]
    program.outputs = [program.apply(TABLE["tanh"], x) for x in sums]
    assert heights(program)[scaled[0]] == 2
    sizes = [len(group.members) for group in schedule(program)]
    assert sizes == [0, 4, 4, 3, 4, 4]


def test_many_unlike_groups_are_scheduled_in_linear_time():
    program = Program()
    total = program.input("x")
    for i in range(3000):
        w = program.input(f"w{i}")
        term = program.apply(TABLE["mul"], w, w)
        total = program.apply(TABLE["tanh"], program.apply(TABLE["add"], total, term))
    program.outputs = [total]
    assert len(schedule(program)) <= len(program) + 1
