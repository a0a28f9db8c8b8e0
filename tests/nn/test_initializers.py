"""The initialisers: the bounds and the variances that their papers state, and their errors."""

import math
import random
from typing import Any

import pytest

import nn
from nn.initializers import Initializer

NIN, NOUT, COUNT = 30, 20, 20_000
GLOROT, HE = 2 / (NIN + NOUT), 2 / NIN  # variances
# the initialiser, the variance of its weights, and the limit that they come close to, if any
CASES: list[tuple[str, Initializer, float, float | None]] = [
    ("uniform", nn.uniform(0.5), 0.5**2 / 3, 0.5),
    ("normal", nn.normal(0.05), 0.05**2, None),
    ("xavier_uniform", nn.xavier_uniform(), GLOROT, math.sqrt(6 / (NIN + NOUT))),
    ("xavier_normal", nn.xavier_normal(), GLOROT, None),
    ("xavier, gain", nn.xavier_uniform(5 / 3), 25 / 9 * GLOROT, 5 / 3 * math.sqrt(6 / 50)),
    ("xavier normal, gain", nn.xavier_normal(2.0), 4 * GLOROT, None),
    ("he_uniform", nn.he_uniform(), HE, math.sqrt(6 / NIN)),
    ("he_normal", nn.he_normal(), HE, None),
    ("he, gain", nn.he_uniform(1.0), HE / 2, math.sqrt(3 / NIN)),
    ("he normal, gain", nn.he_normal(1.0), HE / 2, None),
]


@pytest.mark.parametrize(("name", "init", "variance", "limit"), CASES, ids=[c[0] for c in CASES])
def test_statistics(name: str, init: Initializer, variance: float, limit: float | None) -> None:
    rng = random.Random(1)
    weights = [init(rng, NIN, NOUT) for _ in range(COUNT)]
    sigma = math.sqrt(variance)
    assert abs(sum(weights) / COUNT) < 4 * sigma / math.sqrt(COUNT)
    # the standard error of a variance is sqrt(2 / n) of it for a normal, less for an even spread
    assert sum(w * w for w in weights) / COUNT == pytest.approx(
        variance, rel=4 * math.sqrt(2 / COUNT)
    )
    largest = max(map(abs, weights))
    if limit is None:
        assert 3 * sigma < largest < 6 * sigma
        within = sum(abs(w) < sigma for w in weights) / COUNT
        assert within == pytest.approx(math.erf(1 / math.sqrt(2)), abs=0.015)
    else:
        assert 0.999 * limit < largest <= limit


@pytest.mark.parametrize("name", nn.INITIALIZERS)
def test_names(name: str) -> None:
    def weights() -> list[float]:
        layer = nn.Layer(4, 3, init=name, rng=7)
        return [w.data for neuron in layer.neurons for w in neuron.weights]

    rng = random.Random(7)
    assert weights() == weights() == [nn.INITIALIZERS[name](rng, 4, 3) for _ in range(12)]


ALIASES = {"glorot": "xavier", "kaiming": "he"}


@pytest.mark.parametrize("name", [name for name in nn.INITIALIZERS if name != "zeros"])
def test_names_stand_for_the_defaults(name: str) -> None:
    kind, _, rest = name.partition("_")
    factory = getattr(nn, "_".join(filter(None, [ALIASES.get(kind, kind), rest])))
    assert nn.INITIALIZERS[name](random.Random(3), 4, 3) == factory()(random.Random(3), 4, 3)


def test_constant() -> None:
    rng = random.Random(0)
    state = rng.getstate()
    assert [p.data for p in nn.Neuron(2, init=nn.constant(-0.5), rng=rng).weights] == [-0.5, -0.5]
    assert nn.INITIALIZERS["zeros"](rng, 2, 3) == 0.0
    assert rng.getstate() == state


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_constant_refuses(number: float) -> None:
    with pytest.raises(ValueError, match=f"constant: number must be finite, got {number}"):
        nn.constant(number)


@pytest.mark.parametrize("number", [0.0, -1.0, math.inf, math.nan])
@pytest.mark.parametrize(
    ("factory", "role"),
    [
        (nn.uniform, "limit"),
        (nn.normal, "std"),
        (nn.xavier_uniform, "gain"),
        (nn.xavier_normal, "gain"),
        (nn.he_uniform, "gain"),
        (nn.he_normal, "gain"),
    ],
)
def test_factories_refuse(factory: Any, role: str, number: float) -> None:
    message = f"{factory.__name__}: {role} must be positive and finite, got {number}"
    with pytest.raises(ValueError, match=message):
        factory(number)
