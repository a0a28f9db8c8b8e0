"""Random draws in compiled code: on each backend the numbers of the plain function, bit by bit."""

import math
import random as standard
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from installed import BACKENDS

from autograd import grad, jit, random, scan, tree, value_and_grad, vmap, where
from autograd.jit.backends import lower
from autograd.jit.programs.program import Program
from autograd.jit.programs.simplify import simplify
from autograd.primitives.threefry import MASK, OF_WORDS

DRAWS = list(OF_WORDS)
SEEDS = st.integers(-(2**63), 2**64 - 1)
EDGES = [0, 1, 2, 2**20, 2**31 - 1, 2**31, 2**31 + 1, MASK - 1, MASK]


def blocks(count: int) -> list[list[float]]:
    """Keys and counters, those at the edges among them."""
    rng = standard.Random(count)
    return [
        [float(rng.choice([*EDGES, *[rng.getrandbits(32)] * 9])) for _ in range(4)]
        for _ in range(count)
    ]


def drawing(made: Any, count: int) -> Program:
    """A program of so many draws, each of words of its own."""
    program = Program()
    for i in range(count):
        program.outputs.append(
            program.apply(made, *[program.input(f"x{j}[{i}]") for j in range(4)])
        )
    return program


def assert_draws(made: Any, backend: str, count: int) -> None:
    words = blocks(count)
    found = lower(drawing(made, count), backend).run([x for at in words for x in at])
    assert list(found) == [made.value(*at) for at in words]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("made", DRAWS, ids=lambda made: made.name)
@pytest.mark.parametrize("count", [1, 3, 7, 33, 500])
def test_draws_are_those_of_the_value_rule(made: Any, backend: str, count: int) -> None:
    assert_draws(made, backend, count)


@pytest.mark.parametrize("width", [1, 2, 4, 8])
@pytest.mark.parametrize("made", DRAWS, ids=lambda made: made.name)
def test_draws_in_registers_of_any_width(
    made: Any, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("llvmlite")
    from autograd.jit.native import plan_functions
    from autograd.jit.native.target import Registers

    monkeypatch.setattr(plan_functions, "registers", lambda: Registers(width, 16))
    assert_draws(made, "native", 45)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("made", DRAWS, ids=lambda made: made.name)
@pytest.mark.parametrize("count", [1, 20])
def test_what_is_no_word_is_noticed_wherever_it_is(made: Any, backend: str, count: int) -> None:
    """A read, a choice by it and a result: none of them may go on with it."""
    program = drawing(made, count)
    run, words = lower(program, backend).run, [1.0] * (4 * count)
    assert len(run(words)) == count
    for place in {0, 3, 4 * count - 2}:
        for x in (0.5, -1.0, 2.0**32, -1e300, 2.0**52 + 1, 2.0**63, 1.5e308):
            with pytest.raises((ArithmeticError, ValueError)):
                run([*words[:place], x, *words[place + 1 :]])


def everything(key: Any) -> list[Any]:
    """Draws of each kind, in shapes that are lifted and in single numbers."""
    first, second, third, fourth = random.split(random.fold_in(key, 3), 4)
    hits = [where(x, 1.0, 0.0) for x in random.bernoulli(third, 0.3, 17)]
    return [
        random.uniform(first, 40),
        random.normal(second, (3, 2, 7)),
        hits,
        random.choice(fourth, [1.5, 2.5, 3.5], 11),
        random.uniform(first),
        [list(k) for k in random.split(second, 9)],
        list(fourth),
    ]


def numbers(x: Any) -> Sequence[float]:
    return tree.flatten(x)[0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_compiled_function_serves_all_keys(backend: str) -> None:
    compiled = jit(everything, backend=backend, fallback="raise")

    @given(SEEDS)
    def agrees(seed: int) -> None:
        key = random.key(seed)
        assert numbers(compiled(key)) == numbers(everything(key))

    agrees()
    assert compiled.stats["specialisations"] == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_draws_of_each_row(backend: str) -> None:
    keys = random.split(random.key(2), 12)
    draw = lambda key: random.normal(random.fold_in(key, 1), 3)
    compiled = jit(vmap(draw), backend=backend, fallback="raise")
    assert compiled(keys) == vmap(draw)(keys) == [draw(key) for key in keys]


def noisy(w: list[float], key: Any) -> Any:
    """A loss with dropout and noise, and a branch at random."""
    first, second, third = random.split(key, 3)
    kept = [where(x, 2.0 * a, 0.0) for a, x in zip(w, random.bernoulli(first, 0.5, 8), strict=True)]
    moved = random.normal(second, 8, w[0], w[1] * w[1])
    loss = sum(a * b * b for a, b in zip(kept, moved, strict=True))
    return loss if random.uniform(third) < 0.5 else -loss


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("transform", [lambda f: f, grad, value_and_grad])
def test_derivatives_of_what_is_drawn(backend: str, transform: Any) -> None:
    w = [math.cos(i) for i in range(8)]
    for compiled in (
        jit(transform(noisy), backend=backend, fallback="raise"),
        transform(jit(noisy, backend=backend, fallback="raise")),
    ):
        for seed in range(6):
            expected = numbers(transform(noisy)(w, random.key(seed)))
            found = numbers(compiled(w, random.key(seed)))
            assert found == pytest.approx(expected, rel=1e-13, abs=1e-13)


def walk(x: Any, key: Any) -> Any:
    """A random walk, in a loop that carries the key."""

    def step(carry: Any, _: Any) -> Any:
        x, key = carry
        key, first, second = random.split(key, 3)
        kept = where(random.bernoulli(second, 0.5), x, 1.0)
        return (x + 0.1 * kept * random.normal(first), key), kept

    (x, key), kept = scan(step, (x, key), [float(i) for i in range(20)])
    return x, [*key, *kept]


@pytest.mark.parametrize("backend", BACKENDS)
def test_draws_in_a_loop(backend: str) -> None:
    compiled = jit(walk, backend=backend, fallback="raise")
    slope = jit(value_and_grad(walk, has_aux=True), backend=backend, fallback="raise")
    for seed in range(5):
        key = random.key(seed)
        expected = numbers(walk(0.5, key))
        assert numbers(compiled(0.5, key)) == expected
        expected = numbers(value_and_grad(walk, has_aux=True)(0.5, key))
        assert numbers(slope(0.5, key)) == pytest.approx(expected, rel=1e-13)


def test_a_branch_at_random_is_two_specialisations() -> None:
    compiled = jit(lambda key: 1.0 if random.bernoulli(key, 0.5) else 2.0, fallback="raise")
    drawn = {compiled(random.key(seed)) for seed in range(20)}
    assert drawn == {1.0, 2.0}
    assert compiled.stats["specialisations"] == 2


def test_a_condition_is_a_result() -> None:
    f = lambda key: random.bernoulli(key, 0.3, 8)
    found = jit(f, fallback="raise")(random.key(0))
    assert found == f(random.key(0))


KEY = random.key(7)


def test_a_key_that_is_not_an_argument_is_a_constant() -> None:
    compiled = jit(
        lambda x: x * random.normal(KEY) + random.uniform(random.key(1)), fallback="raise"
    )
    expected = 2.0 * random.normal(KEY) + random.uniform(random.key(1))
    assert compiled(2.0) == compiled(2.0) == expected
    assert "normal" not in compiled.source


def test_equal_draws_are_made_once_and_those_of_constants_never() -> None:
    program = Program()
    key = [program.input(name) for name in ("high", "low")]
    zero = program.constant(0.0)
    for made in DRAWS:
        program.outputs += [program.apply(made, *key, zero, zero) for _ in range(2)]
        program.outputs.append(program.apply(made, *[zero] * 4))
    operations = simplify(program).operations
    assert [operations.count(made) for made in DRAWS] == [1] * len(DRAWS)


@pytest.mark.parametrize("backend", BACKENDS)
def test_errors_are_those_of_the_plain_function(backend: str) -> None:
    f = lambda key, x: random.uniform(random.fold_in(key, x))
    compiled = jit(f, backend=backend)
    assert compiled(KEY, 3) == f(KEY, 3)
    for x in (0.5, -1.0, 2.0**32, math.inf, math.nan):
        with pytest.raises((ValueError, OverflowError)) as plain:
            f(KEY, x)
        with pytest.raises(type(plain.value)) as found:
            compiled(KEY, x)
        assert str(found.value) == str(plain.value)
    assert compiled(KEY, 4) == f(KEY, 4)


@pytest.mark.skipif("native" not in BACKENDS, reason="there is no LLVM")
def test_a_few_draws_are_worth_machine_code() -> None:
    compiled = jit(lambda key: random.uniform(key, 10), compile_after=0)
    compiled(KEY), compiled(KEY)
    assert compiled.stats["programs"][0]["backend"] == "native"
