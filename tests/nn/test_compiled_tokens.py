"""Compiled steps on integers: tokens that choose rows of a table, and classes."""

import random
from typing import Any

import pytest

import nn
from autograd import Value, dot, take
from nn.compiled_steps import CompiledSteps

pytest.importorskip("numpy")

TEXTS = ["abba", "cab", "bad", "dada", "cc", "abcd", "dab", "bcd"]
INPUTS = [[0, *(ord(c) - 96 for c in text)] for text in TEXTS]
TARGETS = [[*(ord(c) - 96 for c in text), 0] for text in TEXTS]


class Bigram(nn.Module):
    """The logits of the next token, from the row of this one."""

    def __init__(self) -> None:
        rng = random.Random(0)
        self.rows = [[Value(rng.gauss(0, 1)) for _ in range(3)] for _ in range(5)]
        self.weights = [[Value(rng.gauss(0, 1)) for _ in range(3)] for _ in range(5)]

    def __call__(self, tokens: list[Any]) -> list[list[Any]]:
        found = [take(self.rows, token) for token in tokens]
        return [[dot(row, w) for w in self.weights] for row in found]


def loss(outputs: list[Any], targets: list[Any]) -> Any:
    losses = [nn.cross_entropy(*pair) for pair in zip(outputs, targets, strict=True)]
    return sum(losses, Value(0.0)) * (1 / len(losses))


def trained(jit: bool, targets: Any = None, **options: Any) -> tuple[list[float], nn.Module]:
    model = Bigram()
    history = nn.fit(
        model,
        (INPUTS, targets or TARGETS),
        loss=loss,
        optimizer=nn.Adam(model.parameters(), lr=0.05),
        rng=1,
        jit=jit,
        **options,
    )
    return history["loss"], model


def test_documents_of_differing_lengths(steppers: list[CompiledSteps]) -> None:
    plain, one = trained(False, batch_size=1, epochs=4)
    compiled, other = trained(True, batch_size=1, epochs=4)
    assert compiled == pytest.approx(plain, rel=1e-9)
    assert [p.data for p in other.parameters()] == pytest.approx(
        [p.data for p in one.parameters()], rel=1e-9, abs=1e-12
    )
    assert steppers[0].compiled == 4 * len(TEXTS)
    assert len(steppers[0].memory["specialisations"]) == len(set(map(len, TEXTS)))


@pytest.mark.parametrize("bad", [7, -1])
@pytest.mark.parametrize("jit", [False, True])
def test_a_class_that_is_none_is_an_error(jit: bool, bad: int) -> None:
    targets = [list(row) for row in TARGETS]
    targets[-1][1] = bad
    with pytest.raises(ValueError, match=f"one of 5 classes, 0 to 4, got {bad}"):
        trained(jit, targets, batch_size=1, epochs=2)


@pytest.mark.parametrize("jit", [False, True])
def test_an_epoch_of_so_many_steps(jit: bool) -> None:
    seen = []
    options: dict[str, Any] = {"batch_size": 2, "epochs": 3}
    losses, _ = trained(
        jit, steps_per_epoch=3, callbacks=[lambda e: seen.append(e.optimizer.steps)], **options
    )
    assert (seen, len(losses)) == ([3, 6, 9], 3)
    for wrong, match in ((0, "at least 1"), (5, "takes 10 rows, there are 8")):
        with pytest.raises(ValueError, match=match):
            trained(jit, steps_per_epoch=wrong, **options)
    with pytest.raises(ValueError, match="needs a batch_size"):
        trained(jit, steps_per_epoch=1, epochs=1)


def test_a_shape_is_compiled_unasked_only_where_it_will_be_met_often(
    steppers: list[CompiledSteps],
) -> None:
    rows = [[0, 1, 2, 3, 4, 1, 2, 3]] * 20 + [[0, 1, 2]]
    model = Bigram()
    nn.fit(
        model,
        (rows, [[*row[1:], 0] for row in rows]),
        loss=loss,
        optimizer=nn.Adam(model.parameters(), lr=0.05),
        rng=1,
        batch_size=1,
        epochs=60,
    )
    (known,) = steppers[0].memory["specialisations"].values()
    assert len(known) == 1
    assert steppers[0].compiled == 1199  # the first is measured
