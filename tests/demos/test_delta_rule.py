"""The delta rule demo: deltas beside the engine, and what `gradcheck` says about the slips."""

import pytest

from autograd.graph import topological_order
from demos.delta_rule import check, engine_deltas, labelled_loss, train_in_step, wrong_parameters
from demos.deltas import NAMES, SPOILED, VARIANTS, deltas, network, train
from demos.xor import INPUTS, TARGETS


@pytest.mark.parametrize("seed", range(5))
def test_the_deltas_equal_the_engine(seed: int) -> None:
    model = network(seed)
    parameters = [p.data for p in model.parameters()]
    assert len(parameters) == len(NAMES) == 13
    for row, target in zip(INPUTS, TARGETS, strict=True):
        by_engine = engine_deltas(model, row, target)
        assert deltas(parameters, row, target) == pytest.approx(by_engine, rel=0, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_gradcheck_names_what_each_slip_spoils(seed: int) -> None:
    parameters = [p.data for p in network(seed).parameters()]
    hidden = [f"h{j}: {part}" for j in (1, 2, 3) for part in ("w1", "w2", "bias")]
    wrong = {name: wrong_parameters(check(parameters, slips)) for name, slips in VARIANTS.items()}
    assert wrong == {
        "right": [],
        "slip one": hidden,
        "slip two": ["h1: bias", "h2: bias", "h3: bias"],
        "both, as published": hidden,
    }
    assert wrong == SPOILED


def test_the_table_of_gradcheck() -> None:
    parameters = [p.data for p in network(0).parameters()]
    error = check(parameters, VARIANTS["slip two"])
    assert error is not None
    table = str(error).splitlines()
    assert table[0] == "3 of 13 derivatives disagree with finite differences"
    assert table[1].split()[:3] == ["derivative", "given", "numerical"]
    assert [line.split(" / ")[0] for line in table[2:5]] == ["d out"] * 3


@pytest.mark.parametrize("seed", range(5))
def test_gradcheck_says_what_each_slip_is(seed: int) -> None:
    parameters = [p.data for p in network(seed).parameters()]
    for name, kind, words in [
        ("slip one", "chain factor", "the derivative in args[0]['y: bias'] (= "),
        ("slip two", "other entry", "is the one in args[0]['y: bias']"),
    ]:
        error = check(parameters, VARIANTS[name])
        assert error is not None
        first = error.result.diagnoses[0]
        assert first.kind == kind
        assert words in first.words


@pytest.mark.slow
def test_training_by_hand_and_by_the_engine_in_step() -> None:
    training = train_in_step(seed=1)
    assert training.learned
    assert training.derivatives < 1e-12
    assert training.difference < 1e-12
    start = [p.data for p in network(1).parameters()]
    alone, errors = train(start, 4000, 0.3)
    assert alone == training.parameters
    assert len(errors) == 4001
    assert errors[-1] < 0.02 < 0.4 < errors[0]


def test_the_published_listing_does_not_learn() -> None:
    start = [p.data for p in network(0).parameters()]
    for name in ("slip one", "both, as published"):
        _, errors = train(start, 4000, 0.3, VARIANTS[name])
        assert errors[-1] > 0.4


def test_the_drawn_gradients_of_the_sums_are_the_deltas() -> None:
    model = network(2)
    loss = labelled_loss(model)
    assert loss.label == "loss"
    sums = {value.label: value.grad for value in topological_order(loss)}
    expected = deltas([p.data for p in model.parameters()], (1.0, 1.0), 0.0)
    for name in ("h1", "h2", "h3", "y"):
        delta = expected[NAMES.index(f"{name}: bias")]  # a bias has the factor 1
        assert sums[f"sum of {name}"] == pytest.approx(delta, rel=0, abs=1e-12)
