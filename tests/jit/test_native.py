"""Machine code: formulas, registers of any width, what is noticed, and what is left to Python."""

import gc
import itertools
import math
import weakref
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jit_lowered import assert_agrees
from strength import examples

import autograd
from autograd import Value, grad, logsumexp, primitive, tanh, value_and_grad
from autograd.jit import backends, jit
from autograd.jit.arrays.lift import lift
from autograd.jit.choose import choose
from autograd.jit.programs.compound import ROW, item
from autograd.jit.programs.loops import Loop
from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import OPERATIONS
from autograd.primitives import TABLE

pytest.importorskip("llvmlite")

from autograd.jit.arrays import buffer_plan
from autograd.jit.native import formulas, hurried, lower_loops, plan_functions
from autograd.jit.native.lower_native import lower
from autograd.jit.native.machine import NativeMachine
from autograd.jit.native.target import Library, Registers, library

ULP = np.finfo(float).eps


def applied(name, count):
    """A function that applies a primitive to so many numbers at once."""
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(count)]
    program.outputs = [program.apply(TABLE[name], x) for x in xs]
    return lower(program).run


COUNT = 200
WRITTEN_OUT = {name: applied(name, COUNT) for name in ("exp", "tanh", "sigmoid", "log", "log1p")}


@pytest.mark.parametrize("name", ["exp", "tanh", "sigmoid"])
@given(start=st.floats(-745, 709), step=st.sampled_from([0.0, 1e-300, 1e-12, 1e-3, 0.01]))
@settings(max_examples=examples(100))
def test_functions_written_out_are_those_of_the_library(name, start, step):
    numbers = [max(-745.0, min(start + step * i, 709.0)) for i in range(COUNT)]
    expected = [TABLE[name].value(x) for x in numbers]
    for x, y, z in zip(numbers, expected, WRITTEN_OUT[name](numbers), strict=True):
        assert abs(y - z) <= 4 * ULP * abs(y) + math.ulp(0.0), (x, y, z)


def test_the_exponential_where_it_ends():
    assert WRITTEN_OUT["exp"]([-1e308] * COUNT) == [0.0] * COUNT
    for number in (709.79, 1e308):
        with pytest.raises(FloatingPointError):
            WRITTEN_OUT["exp"]([0.0] * (COUNT - 1) + [number])


@pytest.mark.parametrize("name", ["log", "log1p"])
@given(
    middle=st.floats(5e-324, 1.7e308) | st.just(1.0),
    sizes=st.lists(st.floats(-1.0, 1.0), min_size=1, max_size=20),
    power=st.integers(-60, 1),
)
@settings(max_examples=examples(100))
def test_logarithms_are_those_of_the_library(name, middle, sizes, power):
    """Of numbers of any size, close to each other, close to 1 (`log1p`: to 0), subnormal ones."""
    shift = 1.0 if name == "log1p" and middle == 1.0 else 0.0
    numbers = [min(middle * (1.0 + x * 2.0**power), 1.7e308) - shift for x in sizes]
    least = -1.0 if shift else 0.0
    numbers = [x for x in numbers if x > least] or [0.5]
    numbers = [numbers[i % len(numbers)] for i in range(COUNT)]
    expected = [TABLE[name].value(x) for x in numbers]
    for x, y, z in zip(numbers, expected, WRITTEN_OUT[name](numbers), strict=True):
        assert abs(y - z) <= 2 * ULP * abs(y), (x, y, z)
        assert math.copysign(1.0, y) == math.copysign(1.0, z), (x, y, z)


@pytest.mark.parametrize(("name", "ends"), [("log", [0.0, -0.0, -1.0]), ("log1p", [-1.0, -2.0])])
def test_the_logarithm_where_it_ends(name, ends):
    for number in (*ends, math.inf, math.nan):
        with pytest.raises(FloatingPointError):
            WRITTEN_OUT[name]([0.5] * (COUNT - 1) + [number])


@pytest.mark.parametrize("exponent", [-2.0, -3.0, -4.0])
@given(st.floats(300.0, 323.0), st.sampled_from([-1.0, 1.0]))
def test_powers_that_are_subnormal(exponent, digits, sign):
    program = Program()
    xs, constant = [program.input(f"x[{i}]") for i in range(3)], program.constant(exponent)
    program.outputs = [program.apply(TABLE["pow_number"], x, constant) for x in xs]
    number = sign * 10.0 ** (digits / -exponent)
    found, *_ = lower(program).run([number, 2.0, 3.0])
    assert abs(found - number**exponent) <= 8 * ULP * abs(number**exponent) + math.ulp(0.0)


# Registers

WIDTHS = [Registers(1, 16), Registers(2, 16), Registers(4, 16), Registers(8, 32)]


@pytest.fixture(params=WIDTHS, ids=lambda registers: f"width {registers.width}")
def registers(request, monkeypatch):
    monkeypatch.setattr(plan_functions, "registers", lambda: request.param)


def matrix(program, name, rows, columns, is_turned):
    """Inputs as a matrix; turned, its columns lie side by side."""
    count = (columns, rows) if is_turned else (rows, columns)
    made = [[program.input(f"{name}[{i}][{j}]") for j in range(count[1])] for i in range(count[0])]
    return list(map(list, zip(*made, strict=True))) if is_turned else made


@pytest.mark.usefixtures("registers")
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 9, 5), (9, 1, 5), (7, 11, 3), (13, 37, 17)])
@pytest.mark.parametrize("is_left_turned", [False, True])
@pytest.mark.parametrize("is_right_turned", [False, True])
def test_products_of_any_shape(shape, is_left_turned, is_right_turned):
    rows, columns, length = shape
    program = Program()
    left = matrix(program, "a", rows, length, is_left_turned)
    right = matrix(program, "b", columns, length, is_right_turned)
    program.outputs = [program.apply(TABLE["dot"], *a, *b) for a in left for b in right]
    assert_agrees(program, [math.sin(i) for i in range(len(program.inputs))], 1e-13)


@pytest.mark.usefixtures("registers")
@pytest.mark.parametrize("name", ["sum", "prod", "max", "min", "logsumexp"])
@pytest.mark.parametrize("shape", [(1, 41), (41, 3), (6, 23)])
@pytest.mark.parametrize("is_turned", [False, True])
def test_rows_of_any_shape(name, shape, is_turned):
    program = Program()
    table = matrix(program, "x", *shape, is_turned)
    program.outputs = [program.apply(TABLE[name], *row) for row in table]
    assert_agrees(program, [1.5 + math.sin(i) for i in range(shape[0] * shape[1])], 1e-13)


@pytest.mark.usefixtures("registers")
@pytest.mark.parametrize("activation", ["tanh", "relu", "softplus", "silu", "elu", "gelu"])
def test_a_network_and_its_gradient(activation):
    rows = [[math.sin(3 * i + j) for j in range(3)] for i in range(13)]
    activate = getattr(autograd, activation)

    def loss(w):
        hidden = [
            [tanh(sum(w[3 * j + k] * x for k, x in enumerate(row))) for j in range(5)]
            for row in rows
        ]
        outs = [activate(sum(h * v for h, v in zip(hs, w[15:], strict=True))) for hs in hidden]
        return sum(y * y for y in outs) / max(outs)

    start = [math.cos(i) for i in range(20)]
    compiled = jit(grad(loss), backend="native")
    for _ in range(2):
        found = compiled(start)
    assert found == pytest.approx(grad(loss)(start), rel=1e-11)


# What is not finite is noticed

OF_THREE = ("sum", "prod", "max", "min", "logsumexp", "dot", "take")


def of_products(name, count):
    """A program that applies an operation to products, so many times; and how many operands."""
    program, operation = Program(), OPERATIONS[name]
    arity = operation.arity or (4 if name == "dot" else 3)
    for i in range(count):
        xs = [program.input(f"x{j}[{i}]") for j in range(arity)]
        squares = [program.apply(TABLE["mul"], x, x) for x in xs]
        program.outputs.append(program.apply(operation, *squares))
    return program, arity


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize(
    "name", [*(name for name, made in OPERATIONS.items() if made.arity), *OF_THREE]
)
def test_infinity_among_operands_is_noticed_wherever_it_is(name, count):
    program, arity = of_products(name, count)
    run, calm = lower(program).run, [0.9] * (arity * count)
    if name == "take":
        calm[::arity] = [1.0] * count
    for place in {0, arity - 1, arity * count - 1}:
        for large in (1e200, -1e200):
            with pytest.raises((ArithmeticError, ValueError, LookupError)):
                run([*calm[:place], large, *calm[place + 1 :]])


LARGE = [1.7976931348623157e308, -1.7976931348623157e308, 1e200, -1e200, 5e-324, -0.0, 1.0, -40.0]


@pytest.mark.parametrize(
    "name", [n for n, made in OPERATIONS.items() if "finite" in made.facts and made.arity]
)
def test_operations_said_to_make_finite_numbers_do_so_in_machine_code(name):
    operation = OPERATIONS[name]
    points = list(itertools.product(LARGE, repeat=operation.arity))
    program = Program()
    for i in range(len(points)):
        xs = [program.input(f"x{j}[{i}]") for j in range(operation.arity)]
        program.outputs.append(program.apply(operation, *xs))
    found = lower(program).run(list(itertools.chain(*points)))
    for at, x in zip(points, found, strict=True):
        assert x == pytest.approx(operation.value(*at), rel=1e-13), at


def test_what_nobody_reads_is_looked_at():
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(20)]
    for x in xs:
        program.apply(TABLE["exp"], x)
    program.outputs = [program.apply(TABLE["sum"], *xs)]
    run = lower(program).run
    assert run([1.0] * 20) == [20.0]
    with pytest.raises(FloatingPointError):
        run([1.0] * 19 + [1000.0])


# What is not one function


@primitive(lambda g, out, x: g * 3 * x * x)
def cube(x):
    return x * x * x


def test_operations_without_a_formula_are_computed_in_between():
    def f(xs):
        return [math.pi * tanh(cube(tanh(x))) for x in xs]

    compiled = jit(f, backend="native")
    for start in (0.1, 0.2):
        xs = [start + i / 10 for i in range(30)]
        assert compiled(xs) == pytest.approx(f(xs), rel=1e-14)
        ws = [Value(x) for x in xs]
        sum(compiled(ws)).backward()
        slopes = [w.grad for w in ws]
        for w in ws:
            w.grad = 0.0
        sum(f(ws)).backward()
        assert slopes == pytest.approx([w.grad for w in ws], rel=1e-13)
    with pytest.raises(FloatingPointError):
        lower_in_between().run([1e200] * 3)


def lower_in_between():
    """A primitive of one's own between a product and a function that bounds it."""
    program = Program()
    for i in range(3):
        x = program.input(f"x[{i}]")
        large = program.apply(TABLE["mul"], x, x)
        bounded = program.apply(identity_of_ones_own.primitive, large)
        program.outputs.append(program.apply(TABLE["tanh"], bounded))
    return lower(program)


@primitive(lambda g, out, x: g)
def identity_of_ones_own(x):
    return min(x, 1.0)


def long_program(count):
    program = Program()
    x = program.input("x")
    for i in range(count):
        x = program.apply(TABLE[("sin", "cos", "tanh")[i % 3]], x)
    program.outputs = [x]
    return program


@pytest.mark.parametrize("limit", ["LINES_OF_FUNCTION", "SINGLES_OF_FUNCTION"])
def test_long_code_is_cut(limit, monkeypatch):
    program = long_program(300)
    whole = lower(program)
    monkeypatch.setattr(plan_functions, limit, 10)
    cut = lower(program)
    for x in (0.5, -2.0):
        expected = pytest.approx(program.evaluate([x]), rel=1e-13)
        assert cut.run([x]) == expected
        assert whole.run([x]) == expected
    with pytest.raises(FloatingPointError):
        cut.run([math.inf])


def flat(x):
    return [x] if isinstance(x, float) else [number for part in x for number in flat(part)]


@pytest.mark.parametrize("reads", [0, 16, 1000])
def test_unrolled_array_operations_compute_the_same(reads, monkeypatch):
    def mixed(rows, factors):
        out, last = [], 0.0
        for i, row in enumerate(rows):
            last = tanh(last * 0.5 + logsumexp(row)) - sum(row[i // 2 :]) * max(row)
            out.append(sum(x * y for x, y in zip(row, factors[i % 3], strict=True)) + last)
        return sum(out[k] * out[-1 - k // 2] for k in range(len(out)))

    monkeypatch.setattr(buffer_plan, "UNROLLED_READS", reads)
    monkeypatch.setattr(buffer_plan, "UNROLLED_RESULTS", reads)
    given = [[[math.sin(7 * i + j) for j in range(4)] for i in range(n)] for n in (6, 3)]
    plain = value_and_grad(mixed, (0, 1))
    compiled = jit(plain, backend="native")
    for _ in range(3):
        assert flat(compiled(*given)) == pytest.approx(flat(plain(*given)), rel=1e-12)


@pytest.mark.parametrize(
    ("few", "count"), [(0, "QUICK_RUNS"), (plan_functions.FEW_ARRAYS, "EXPECTED_CALLS")]
)
@pytest.mark.parametrize("works", [True, False])
def test_long_code_is_compiled_quickly_and_made_faster_later(monkeypatch, few, count, works):
    def compiled(text, calls, is_quick=False):
        if not (works or is_quick):
            raise RuntimeError("LLVM has no memory left")
        return library(text, calls, is_quick=is_quick)

    for name, number in (("FEW_ARRAYS", few), (count, 3)):
        monkeypatch.setattr(plan_functions, name, number)
    monkeypatch.setattr(hurried, "LINES_AT_FULL_SPEED", 10)
    monkeypatch.setattr(hurried, "library", compiled)
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", "off")
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(40)]
    ys = [program.apply(TABLE["tanh"], program.apply(TABLE["mul"], x, x)) for x in xs]
    program.outputs = [program.apply(TABLE["dot"], *xs, *ys), *ys]
    functions = plan_functions.Functions(lift(program))
    one, other = NativeMachine(functions), NativeMachine(functions)
    numbers = [math.sin(i) for i in range(40)]
    found, are_quick = [], []
    for _ in range(6):
        are_quick.append(functions.code.library.is_quick)
        found += [one.run([numbers]).tolist(), other.run([numbers]).tolist()]
    assert are_quick == ([True, True, False, False, False, False] if works else [True] * 6)
    assert all(numbers == found[0] for numbers in found)
    with pytest.raises(FloatingPointError):
        one.run([[math.inf] * 40])


def test_quick_code_lives_as_long_as_a_call_that_was_made_of_it(monkeypatch):
    """Made by another thread, while faster code is compiled."""
    made = []

    def compiled(text, calls, is_quick=False):
        if not is_quick:
            made.append(lowered.object_call("floats", [None, None]))
        return Library(text, calls, is_quick)

    monkeypatch.setattr(hurried, "LINES_AT_FULL_SPEED", 10)
    monkeypatch.setattr(plan_functions, "EXPECTED_CALLS", 2)
    monkeypatch.setattr(hurried, "library", compiled)
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", "off")
    program = Program()
    x, y = program.input("x"), program.input("y")
    program.outputs = [program.apply(TABLE["tanh"], program.apply(TABLE["mul"], x, y))]
    lowered = lower(program)
    quick = weakref.ref(lowered._functions.code.library.life)
    for _ in range(3):
        lowered.run([0.5, 2.0])
    lowered.idle.clear()
    gc.collect()
    assert not lowered._functions.code.library.is_quick
    if made != [None]:
        assert quick() is not None
        assert made[0](0.5, 2.0) == pytest.approx((math.tanh(1.0),))
        made.clear()
    gc.collect()
    assert quick() is None


@pytest.mark.parametrize(
    ("operations", "longest", "runs"),
    [(10, 10**5, 1), (3 * 10 * 2, 10**5, 3), (10**9, 10**5, 4), (10, 10, 6)],
)
def test_so_are_long_loops_by_what_they_compute(monkeypatch, operations, longest, runs):
    """Ten turns of two operations: so many runs are made by quick code, and four at most.

    All of them, where it is too long: LLVM would take minutes.
    """
    monkeypatch.setattr(lower_loops, "LINES_OF_LOOPS", longest)
    monkeypatch.setattr(hurried, "LINES_AT_FULL_SPEED", 10)
    monkeypatch.setattr(lower_loops, "QUICK_RUNS", 4)
    monkeypatch.setattr(lower_loops, "QUICK_OPERATIONS", operations)
    monkeypatch.setenv("CHAINRULE_CACHE_DIR", "off")
    body, program = Program(), Program()
    carry, x = body.input("carry"), body.input("x")
    body.outputs = [body.apply(TABLE["tanh"], body.apply(TABLE["mul"], carry, x))]
    start, *xs = [program.input(f"x[{i}]") for i in range(11)]
    found = program.apply(Loop(body, 10, 1, 1), start, program.apply(ROW, *xs))
    program.outputs = [program.apply(item(0), found)]
    lowered = lower_loops.lower(program)
    machine = lowered.idle[0]
    numbers, found, are_quick = [1.5 - 0.1 * i for i in range(11)], [], []
    for _ in range(6):
        are_quick.append(machine._code.library.is_quick)
        found.append(lowered.run(numbers))
    assert are_quick == [True] * runs + [False] * (6 - runs)
    assert found == [found[0]] * 6
    assert lower_loops.LoopMachine(*lower_loops.machine_code(program)).run([numbers]) == found[0]


@pytest.fixture
def texts(monkeypatch):
    """What is handed to LLVM."""
    found = []
    monkeypatch.setattr(
        hurried,
        "library",
        lambda text, calls, **how: found.append(text) or library(text, calls, **how),
    )
    return found


def test_what_only_neighbours_read_is_not_stored(texts):
    program = Program()
    x, y = program.input("x"), program.input("y")
    for _ in range(70):
        x, y = program.apply(TABLE["sin"], y), program.apply(TABLE["mul"], x, y)
    program.outputs = [x, y]
    assert lower(program).run([0.5, 1.5]) == pytest.approx(program.evaluate([0.5, 1.5]))
    assert texts[0].count("store double") < 10


@pytest.mark.parametrize("name", ["exp", "tanh", "sigmoid", "silu"])
def test_functions_of_single_numbers_are_written_once(texts, name):
    program = Program()
    x, minus = program.input("x"), program.constant(-0.5)
    for _ in range(100):
        x = program.apply(TABLE["mul"], minus, program.apply(TABLE[name], x))
    program.outputs = [x]
    assert lower(program).run([0.5]) == pytest.approx(program.evaluate([0.5]), rel=1e-12)
    assert len(texts[0].splitlines()) < 2000


def test_numbers_one_by_one_and_in_arrays_give_the_same():
    def f(xs):
        return [x * sum(xs) for x in xs]

    compiled = jit(f, backend="native")
    xs = [math.sin(i) for i in range(40)]
    for _ in range(3):
        one_by_one = compiled(xs)
        in_an_array = compiled(np.array(xs))
    assert one_by_one == in_an_array == pytest.approx(f(xs), rel=1e-14)


def test_a_platform_that_lacks_a_function(monkeypatch):
    monkeypatch.setitem(formulas.NATIVE, TABLE["sin"], lambda x: x.each("no_such_function"))
    program = Program()
    xs = [program.input(f"x[{i}]") for i in range(20)]
    for _ in range(20):
        xs = [program.apply(TABLE["sin"], x) for x in xs]
    program.outputs = xs
    assert choose(program, lift(program))[0] == "native"
    with pytest.raises(RuntimeError, match="no function no_such_function"):
        backends.lower(program, "native")
    expected = program.evaluate([0.5] * 20)
    assert backends.lower(program, "auto").run([0.5] * 20) == pytest.approx(expected)


STATUS = Path("/proc/self/statm")


@pytest.mark.slow
@pytest.mark.skipif(not STATUS.exists(), reason="needs Linux to tell how much memory there is")
def test_nothing_is_left_of_a_library():
    def pages():
        return int(STATUS.read_text().split()[1])

    before = None
    for seed in range(30):
        rng = np.random.default_rng(seed)
        numbers = ", ".join(f"double 0x{bits:016X}" for bits in rng.integers(2**62, size=20_000))
        Library(f"@table = constant [20000 x double] [{numbers}]")
        before = before or (pages() if seed == 5 else None)
    assert pages() - before < 3000  # it was 14,600


def test_one_text_is_compiled_once_and_its_tables_are_those_of_the_program():
    library.cache_clear()
    for repeated in range(3):
        run = applied("tanh", 20)
        assert run([0.5] * 20) == pytest.approx([math.tanh(0.5)] * 20, rel=1e-15)
        assert library.cache_info()[:2] == (repeated, 1)
    for seed in range(40):  # tables come and go, and one may be where another was
        program = Program()
        xs = [program.input(f"x[{i}]") for i in range(60)]
        order = [(7 * i * i + seed * i) % 60 for i in range(60)]
        program.outputs = [program.apply(TABLE["neg"], xs[i]) for i in order]
        found = lower(program).run([float(i) for i in range(60)])
        assert found == [-float(i) for i in order]
