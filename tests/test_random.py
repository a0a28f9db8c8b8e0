"""Random draws: known answers, what is true of every key, distributions, derivatives, errors."""

import math
from itertools import pairwise
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, grad, jit, jvp, random, where
from autograd.primitives import threefry
from autograd.primitives.zero import SYMBOLIC_ZERO
from autograd.testing import gradcheck

WORDS = st.integers(0, threefry.MASK)
SEEDS = st.integers(-(2**63), 2**64 - 1)
DRAWS = list(threefry.OF_WORDS)

PUBLISHED = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF,) * 2, (0xFFFFFFFF,) * 2, (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]
"""Key, counter, result: the lines `threefry2x32 20` of Random123's file `kat_vectors`."""


@pytest.mark.parametrize(("key", "counter", "found"), PUBLISHED)
def test_the_block_is_that_of_random123(key: Any, counter: Any, found: Any) -> None:
    assert threefry.block(*key, *counter) == found


JAX: dict[int, dict[str, Any]] = {
    42: {
        "key": (0x0, 0x2A),
        "split": [(0x6D3E048F, 0x1022172D), (0x3D7B32D, 0xADD083F4), (0x92FB20EA, 0xF38D913)],
        "fold_in": (0xEED35535, 0x3658F19A),
        "bits": [0x6D3E048F1022172D, 0x3D7B32DADD083F4, 0x92FB20EA0F38D913, 0xBAD56946354BA891],
        "uniform": "0x1.b4f8123c40884p-2 0x1.ebd996d6e8400p-7"
        " 0x1.25f641d41e71ap-1 0x1.75aad28c6a974p-1",
        "normal": [
            *(-0.18471174528191162, -2.169824560397754),
            *(0.18693555179382582, 0.6122653570510959),
        ],
        "bernoulli": [0, 1, 0, 0, 0, 0, 0, 0],
    },
    2**40 + 7: {
        "key": (0x100, 0x7),
        "split": [(0xA5714B60, 0x69A925B), (0x3DEC4EB0, 0xF4573849), (0x3A740BA8, 0x87BA4B4F)],
        "fold_in": (0xDF51D6AB, 0x6406B12B),
        "bits": [0xA5714B60069A925B, 0x3DEC4EB0F4573849, 0x3A740BA887BA4B4F, 0x6F8598B61681B6A9],
        "uniform": "0x1.4ae296c00d352p-1 0x1.ef627587a2b98p-3"
        " 0x1.d3a05d443dd20p-3 0x1.be1662d85a06cp-2",
        "normal": [
            *(0.3752426302724837, -0.7002454547989816),
            *(-0.7443472400565624, -0.1620524602378798),
        ],
        "bernoulli": [0, 1, 1, 0, 0, 0, 0, 0],
    },
    -1: {
        "key": (0xFFFFFFFF, 0xFFFFFFFF),
        "split": [(0x413979C4, 0x4E58FB3F), (0x50CB8256, 0x8CF8758E), (0x17D4AC76, 0x66780FC7)],
        "fold_in": (0x54C9E486, 0x8FC1C281),
        "bits": [0x413979C44E58FB3F, 0x50CB82568CF8758E, 0x17D4AC7666780FC7, 0x5F0D651406C62A7F],
        "uniform": "0x1.04e5e7113963cp-2 0x1.432e095a33e1cp-2"
        " 0x1.7d4ac76667800p-4 0x1.7c3594501b188p-2",
        "normal": [
            *(-0.6595128180756363, -0.48002360860948995),
            *(-1.3219710666910223, -0.3284171495453846),
        ],
        "bernoulli": [1, 0, 1, 0, 0, 0, 0, 1],
    },
}
"""By seed, what `jax.random` of JAX 0.10.2 gives with 64 bits: the data of `key(seed)`, of
`split(key, 3)` and of `fold_in(key, 2**31 + 5)`; `bits`, `uniform` and `normal` of shape (2, 2),
`bernoulli(key, 0.3, (8,))`."""


@pytest.mark.parametrize("seed", JAX)
def test_keys_and_bits_are_those_of_jax(seed: int) -> None:
    known, key = JAX[seed], random.key(seed)
    assert key == known["key"]
    assert random.split(key, 3) == known["split"]
    assert random.fold_in(key, 2**31 + 5) == known["fold_in"]
    drawn = [u for row in random.uniform(key, (2, 2)) for u in row]
    assert drawn == [(bits >> 11) * 2.0**-53 for bits in known["bits"]]
    coarser = [math.floor(u * 2**52) / 2**52 for u in drawn]  # JAX has 52 bits
    assert coarser == [*map(float.fromhex, known["uniform"].split())]
    normal = [z for row in random.normal(key, (2, 2)) for z in row]
    assert normal == pytest.approx(known["normal"], rel=1e-14)
    assert random.bernoulli(key, 0.3, 8) == known["bernoulli"]


# What is true of every key


def inverse(k0: int, k1: int, x0: int, x1: int) -> tuple[int, int]:
    """The counter of a block: its rounds backwards."""
    key, mask = (k0, k1, k0 ^ k1 ^ 0x1BD11BDA), 2**32 - 1
    for group in (5, 4, 3, 2, 1):
        x0 = (x0 - key[group % 3]) & mask
        x1 = (x1 - key[(group + 1) % 3] - group) & mask
        for turn in reversed((13, 15, 26, 6) if group % 2 else (17, 29, 16, 24)):
            x1 ^= x0
            x1 = (x1 >> turn | x1 << 32 - turn) & mask
            x0 = (x0 - x1) & mask
    return (x0 - k0) & mask, (x1 - k1) & mask


@given(*[WORDS] * 4)
def test_no_two_counters_of_a_key_give_the_same_words(k0: int, k1: int, x0: int, x1: int) -> None:
    assert inverse(k0, k1, *threefry.block(k0, k1, x0, x1)) == (x0, x1)


@given(SEEDS, st.integers(0, 50))
def test_folding_in_a_number_is_splitting(seed: int, i: int) -> None:
    key = random.key(seed)
    assert random.fold_in(key, i) == random.split(key, i + 1)[i] == random.split(key, i + 3)[i]


@given(SEEDS, st.lists(st.integers(0, 4), max_size=3))
def test_a_shape_is_nested_lists_of_the_same_numbers(seed: int, shape: list[int]) -> None:
    def flat(x: Any, lengths: list[int]) -> list[float]:
        if not lengths:
            return [x]
        assert len(x) == lengths[0]
        return [number for item in x for number in flat(item, lengths[1:])]

    key, count = random.key(seed), math.prod(shape)
    for draw in (random.uniform, random.normal, lambda k, shape: random.bernoulli(k, 0.5, shape)):
        assert flat(draw(key, tuple(shape)), shape) == draw(key, count)


@given(SEEDS)
def test_draws_of_a_key_of_values_are_the_same_numbers(seed: int) -> None:
    key = random.key(seed)
    words = [Value(x) for x in key]
    for draw in (random.uniform, random.normal):
        assert [x.data for x in draw(words, 4)] == draw(key, 4)
        assert draw(random.Key(*map(int, key)), 4) == draw(key, 4)


@given(WORDS, WORDS)
def test_numbers_of_two_words(first: int, second: int) -> None:
    u = threefry._fraction(first, second, threefry.FLOATS)
    assert u == ((first << 32 | second) >> 11) / 2**53 < 1
    z = threefry._deviate(first, second, threefry.FLOATS)
    mirrored = threefry._deviate(threefry.MASK - first, threefry.MASK - second, threefry.FLOATS)
    assert z == -mirrored != 0
    for count in (1, 2, 3, 2**31 + 1, threefry.MASK):
        assert math.floor(u * count) < count


EDGES = [0, 1, 2, 3, 2**10, 2**20, 2**30, 2**31 - 1]


@pytest.mark.parametrize("first", [*EDGES, *(threefry.MASK - x for x in EDGES)])
@pytest.mark.parametrize("second", [0, 2**11, 2**20, 2**25, 2**31, threefry.MASK])
def test_a_normal_number_is_the_quantile(first: int, second: int) -> None:
    with mpmath.workdps(40):
        middle = mpmath.mpf(2 * ((first << 32 | second) >> 11) + 1) / 2**54
        exact = mpmath.sqrt(2) * mpmath.erfinv(2 * middle - 1)
        z = threefry._deviate(first, second, threefry.FLOATS)
        assert abs(z / exact - 1) < 2e-15


# Distributions: by fixed keys, so nothing is left to luck; the bounds are five deviations wide


@pytest.mark.parametrize("seed", range(4))
def test_uniform_numbers_fill_their_bins_evenly(seed: int) -> None:
    count, bins = 6400, 64
    drawn = random.uniform(random.key(seed), count)
    hits = [0] * bins
    for u in drawn:
        hits[int(u * bins)] += 1
    expected = count / bins
    chi_square = sum((n - expected) ** 2 / expected for n in hits)
    assert abs(chi_square - (bins - 1)) < 5 * math.sqrt(2 * (bins - 1))
    centred = [u - 0.5 for u in drawn]
    for lag in (1, 2, 16):
        products = [a * b for a, b in zip(centred, centred[lag:], strict=False)]
        assert abs(sum(products)) < 5 * math.sqrt(len(products)) / 12


@pytest.mark.parametrize("seed", range(4))
def test_normal_numbers_have_the_distribution(seed: int) -> None:
    count = 4000
    drawn = sorted(random.normal(random.key(seed), count))
    phi = [0.5 * math.erfc(-z / math.sqrt(2)) for z in drawn]
    largest = max(abs(p - (i + 0.5) / count) for i, p in enumerate(phi))
    assert largest < 2.3 / math.sqrt(count)  # Kolmogorov and Smirnov: a chance of 5e-5
    assert all(a < b for a, b in pairwise(drawn))


def test_streams_of_keys_are_independent() -> None:
    """Of seeds, of split keys and of folded ones side by side, and of the keys they come from."""
    key, count = random.key(0), 2000
    streams = [random.uniform(random.key(seed), count) for seed in range(4)]
    streams += [random.uniform(k, count) for k in random.split(random.key(9), 3)]
    streams += [random.uniform(random.fold_in(random.fold_in(key, 1), i), count) for i in range(3)]
    for i, a in enumerate(streams):
        for b in streams[:i]:
            product = sum((x - 0.5) * (y - 0.5) for x, y in zip(a, b, strict=True))
            assert abs(product) < 5 * math.sqrt(count) / 12


def test_each_bit_of_key_and_counter_turns_half_of_the_result() -> None:
    start = [0x12345678, 0x9ABCDEF0, 0, 7]
    first, second = threefry.block(*start)
    total = 0
    for place in range(4):
        for bit in range(32):
            turned = list(start)
            turned[place] ^= 1 << bit
            a, b = threefry.block(*turned)
            count = (a ^ first).bit_count() + (b ^ second).bit_count()
            assert 10 <= count <= 54
            total += count
    assert abs(total - 128 * 32) < 5 * math.sqrt(128 * 16)


def test_a_probability_is_met() -> None:
    for p in (0.0, 0.1, 0.5, 0.9, 1.0):
        hits = sum(random.bernoulli(random.key(1), p, 4000))
        assert abs(hits - 4000 * p) <= 5 * math.sqrt(4000 * p * (1 - p))


def test_each_item_is_chosen_as_often() -> None:
    items = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    chosen = random.choice(random.key(3), items, 3000)
    for item in items:
        assert abs(chosen.count(item) - 1000) < 5 * math.sqrt(3000 * 2 / 9)


# Derivatives


@given(SEEDS)
def test_derivatives_of_the_parameters(seed: int) -> None:
    key = random.key(seed)
    u, z = random.uniform(key), random.normal(key)
    assert grad(lambda a, b: random.uniform(key, (), a, b), (0, 1))(2.0, 5.0) == (1 - u, u)
    assert grad(lambda m, s: random.normal(key, (), m, s), (0, 1))(2.0, 5.0) == (1.0, z)
    assert jvp(lambda s: random.normal(key, (), 0.0, s), (3.0,), (1.0,))[1] == z


def test_draws_pass_a_gradcheck() -> None:
    key = random.key(5)

    def f(a: Any, b: Any, p: Any) -> Any:
        uniform, normal = random.uniform(key, 3, a, b), random.normal(key, 3, a * b, b)
        kept = [where(x, a, b * b) for x in random.bernoulli(key, p, 3)]
        chosen = random.choice(key, [a, b, a * b], 4)
        return sum(x * x * x for x in [*uniform, *normal, *kept, *chosen])

    gradcheck(f, (0.7, 1.9, 0.45))


@pytest.mark.parametrize("seed", [0, 1, 2**31, 2**32, 2**53, -1, -(2**32), -(2**53), 123456789012])
def test_a_seed_may_be_an_argument_of_a_compiled_function(seed: int) -> None:
    assert random.key(Value(float(seed))) == random.key(seed)
    drawn = jit(lambda seed: random.uniform(random.key(seed), 3), fallback="raise")
    for each in (7, seed):
        assert drawn(each) == random.uniform(random.key(each), 3)
    assert grad(lambda x: x * random.normal(random.key(x)))(5.0) == random.normal(random.key(5))


def test_nothing_flows_to_a_key() -> None:
    words = [Value(float(x)) for x in (1, 2)]
    drawn = random.normal(words) * random.uniform(random.fold_in(words, Value(3.0)))
    drawn.backward()
    assert [x.grad for x in words] == [0.0, 0.0]
    for made in DRAWS:
        assert made.derivative(1.0, 0.5, 1.0, 2.0, 3.0, 4.0) == [SYMBOLIC_ZERO] * 4


# What is no key, no word, no shape


NO_WORDS = [0.5, -1.0, 2.0**32, 1e300, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("made", DRAWS, ids=lambda made: made.name)
@pytest.mark.parametrize("x", NO_WORDS)
def test_facts_of_draws(made: Any, x: float) -> None:
    """They raise for all that is no word, so what is infinite or NaN does not get lost."""
    assert made.facts >= {"propagates", "unsigned", "jumps"}
    for place in range(4):
        operands = [1.0, 2.0, 3.0, 4.0]
        operands[place] = x
        with pytest.raises((ValueError, OverflowError)):
            made.value(*operands)
    assert made.value(0.0, -0.0, 0.0, -0.0) == made.value(0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("x", NO_WORDS)
def test_what_is_no_word_is_refused(x: float) -> None:
    for draw in (random.uniform, random.normal):
        with pytest.raises((ValueError, OverflowError), match=r"uniform|normal"):
            draw((x, 0.0))
    with pytest.raises((ValueError, OverflowError), match="first_word"):
        random.fold_in(random.key(0), x)


@pytest.mark.parametrize("draw", ["split", "uniform", "normal", "bernoulli"])
def test_what_is_no_key_is_refused(draw: str) -> None:
    function = getattr(random, draw)
    with pytest.raises(TypeError, match=rf"^{draw}: expected a key.*write random.key\(42\)$"):
        function(42)
    for wrong in (None, "ab", (1.0,), (1.0, "2"), 0.5):
        with pytest.raises(TypeError, match=f"^{draw}: expected a key"):
            function(wrong)


def test_errors() -> None:
    key = random.key(0)
    with pytest.raises(TypeError, match=r"key: seed must be an integer, got float 1\.5"):
        random.key(1.5)  # type: ignore[arg-type]
    for seed in (2**64, -(2**63) - 1):
        with pytest.raises(ValueError, match="key: seed must be from"):
            random.key(seed)
    with pytest.raises(ValueError, match=r"uniform: shape\[1\] must be at least 0, got -1"):
        random.uniform(key, (2, -1))
    with pytest.raises(TypeError, match=r"normal: shape\[0\] must be an integer"):
        random.normal(key, 1.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="split: num must be at least 1"):
        random.split(key, 0)
    with pytest.raises(ValueError, match=r"bernoulli: p must be from 0 to 1, got 1\.5"):
        random.bernoulli(key, 1.5)
    compiled = jit(lambda p: where(random.bernoulli(key, p), 1.0, 2.0))
    for _ in range(4):
        assert compiled(1.0) == 1.0
    with pytest.raises(ValueError, match=r"bernoulli: p must be from 0 to 1, got 1\.5"):
        compiled(1.5)
    with pytest.raises(ValueError, match="choice: expected from 1 to"):
        random.choice(key, [])
