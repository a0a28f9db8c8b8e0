"""`ParameterGroups`, and gradients of several batches: against PyTorch, plain and compiled."""

import random
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd import Value

ROWS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
TARGETS = [0.0, 1.0, 1.0, 0.0]


def model_and_groups() -> tuple[nn.MLP, nn.ParameterGroups]:
    model = nn.MLP(2, [4, 1], activation="tanh", rng=0)
    first, last = model.layers
    return model, nn.ParameterGroups(
        nn.Adam(first.parameters(), lr=0.03), nn.SGD(last.parameters(), lr=0.1, momentum=0.5)
    )


def train(
    jit: bool | None = False, epochs: int = 12, size: int | None = 2, **options: Any
) -> tuple[Any, Any]:
    model, optimizer = model_and_groups()
    nn.fit(
        model, (ROWS, TARGETS), loss=nn.mean_squared_error, optimizer=optimizer, epochs=epochs,
        batch_size=size, rng=1, jit=jit, schedule=nn.ExponentialDecay(0.9), **options,
    )  # fmt: skip
    return nn.flatten(model), optimizer


def test_groups_of_pytorch(torch: Any) -> None:
    rng = random.Random(0)
    ours = [Value(rng.gauss(0, 1)) for _ in range(6)]
    theirs = [torch.tensor(x.data, dtype=torch.float64, requires_grad=True) for x in ours]
    optimizer = nn.ParameterGroups(
        nn.AdamW(ours[:2], lr=0.1), nn.AdamW(ours[2:], lr=0.01, weight_decay=0.5)
    )
    groups = [
        {"params": theirs[:2], "lr": 0.1},
        {"params": theirs[2:], "lr": 0.01, "weight_decay": 0.5},
    ]
    reference = torch.optim.AdamW(groups)
    schedule = torch.optim.lr_scheduler.ExponentialLR(reference, 0.95)
    for epoch in range(40):
        for x, y in zip(ours, theirs, strict=True):
            x.grad = rng.gauss(0, 1)
            y.grad = torch.tensor(x.grad, dtype=torch.float64)
        optimizer.lr = 0.1 * 0.95**epoch
        optimizer.step()
        reference.step()
        schedule.step()
        assert [x.data for x in ours] == pytest.approx([y.item() for y in theirs], rel=1e-11)


def test_each_group_moves_as_its_optimiser_alone() -> None:
    found, optimizer = train(size=None)
    alone = nn.MLP(2, [4, 1], activation="tanh", rng=0)
    adam = nn.Adam(alone.layers[0].parameters(), lr=0.03)
    sgd = nn.SGD(alone.layers[1].parameters(), lr=0.1, momentum=0.5)
    for epoch in range(12):
        adam.lr, sgd.lr = 0.03 * 0.9**epoch, 0.1 * 0.9**epoch
        loss = nn.mean_squared_error([alone(row) for row in ROWS], TARGETS)
        alone.zero_grad()
        loss.backward()
        adam.step()
        sgd.step()
    assert found == pytest.approx(nn.flatten(alone), rel=1e-9)
    assert optimizer.groups[0].steps == 12
    assert [group.lr for group in optimizer.groups] == [0.03, 0.1]  # given back by `fit`


@pytest.mark.parametrize("jit", [True, None])
def test_compiled_gradients_give_the_same(jit: bool | None) -> None:
    assert train(jit)[0] == pytest.approx(train(False)[0], rel=1e-9)


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
def test_a_resumed_training_is_the_same_to_the_last_bit(tmp_path: Path, suffix: str) -> None:
    if suffix == "safetensors":
        pytest.importorskip("safetensors")
    once, _ = train(checkpoint=tmp_path / f"once.{suffix}")
    train(checkpoint=tmp_path / f"twice.{suffix}", epochs=5)
    assert train(checkpoint=tmp_path / f"twice.{suffix}", resume=True)[0] == once


def test_rates_keep_their_proportion_to_the_last_bit() -> None:
    optimizer = nn.ParameterGroups(*[nn.SGD([Value(0.0)], lr=lr) for lr in (0.3, 0.1, 0.7)])
    for lr in (0.0, 1e-300, 0.05, 0.3):  # 0, and what is close to it, leave the proportion
        optimizer.lr = lr
        assert optimizer.lr == pytest.approx(lr, rel=1e-15)
    assert [group.lr for group in optimizer.groups] == [0.3, 0.1, 0.7]
    optimizer.groups[2].lr = 0.6  # by itself: kept
    optimizer.lr = 0.15
    assert [group.lr for group in optimizer.groups] == pytest.approx([0.15, 0.05, 0.3])
    twin = nn.ParameterGroups(*[nn.SGD([Value(0.0)], lr=1.0) for _ in range(3)])
    twin.load_state(optimizer.state())
    assert twin.state() == optimizer.state()
    twin.lr = 0.3
    assert [group.lr for group in twin.groups] == pytest.approx([0.3, 0.1, 0.6])
    optimizer.groups[0].lr = 0.0
    with pytest.raises(ValueError, match="the first group is 0, which no factor changes"):
        optimizer.lr = 0.1


def test_a_rate_that_is_too_large_changes_no_group() -> None:
    rates = [1.0, 1e-3, 1e10]
    optimizer = nn.ParameterGroups(*[nn.SGD([Value(0.0)], lr=rate) for rate in rates])
    with pytest.raises(ValueError, match=r"that of groups\[2\] would be inf, .* one by one"):
        optimizer.lr = 1e305
    assert [group.lr for group in optimizer.groups] == rates


def test_fit_says_how_groups_are_made() -> None:
    model, optimizer = model_and_groups()
    train: Any = {"loss": nn.mean_squared_error, "epochs": 1, "optimizer": optimizer}
    with pytest.raises(ValueError, match=r"ParameterGroups\(Adam\(model\.parameters\(\), lr=0\.03"):
        nn.fit(model_and_groups()[0], (ROWS, TARGETS), **train)
    model.layers[0].freeze()
    with pytest.raises(
        ValueError, match=r"Groups\(Adam\(model\.trainable_parameters\(\), lr=0\.03"
    ):
        nn.fit(model, (ROWS, TARGETS), **train)


def test_what_does_not_fit_changes_nothing() -> None:
    _, optimizer = model_and_groups()
    before = optimizer.state()
    x = Value(1.0)
    other = nn.ParameterGroups(nn.SGD([x], lr=1.0))
    for state, kind, said in [
        (3, TypeError, "expected the state of one"),
        (other.state(), ValueError, "expected 2 groups, got 1"),
        ({**before, "groups": before["groups"][:1] * 2}, ValueError, "the state of an optimizer"),
        ({**before, "rates": [1.0]}, ValueError, "expected 2 rates, got list"),
        ({**before, "rates": ["a", 1.0]}, TypeError, "rates: expected a number"),
    ]:
        with pytest.raises(kind, match=said):
            optimizer.load_state(state)  # type: ignore[arg-type]
        assert optimizer.state() == before
    moved = [p.data for p in optimizer.parameters]
    for p in optimizer.parameters:
        p.grad = 1.0
    optimizer.parameters[-1].grad = None  # type: ignore[assignment]
    with pytest.raises(TypeError, match=r"the gradient of parameters\[16\] is None"):
        optimizer.step()
    assert [p.data for p in optimizer.parameters] == moved
    with pytest.raises(ValueError, match="lr must be at least 0"):
        optimizer.lr = -1.0
    with pytest.raises(ValueError, match="at least one optimiser"):
        nn.ParameterGroups()
    with pytest.raises(ValueError, match="is in two groups"):
        nn.ParameterGroups(nn.SGD([x], lr=1.0), nn.SGD([x], lr=1.0))
    for given in (nn.SGD, [x], {"params": [x], "lr": 0.1}):
        with pytest.raises(TypeError, match="expected optimisers, got"):
            nn.ParameterGroups(given)  # type: ignore[arg-type]


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_gradients_of_several_batches_are_that_of_one(parts: int) -> None:
    """As in PyTorch `backward` adds, so that a step may be of the mean of several losses."""
    found = []
    for size in (4, 4 // parts):
        model = nn.MLP(2, [4, 1], activation="tanh", rng=0)
        optimizer = nn.Adam(model.parameters(), lr=0.05)
        for _ in range(5):
            optimizer.zero_grad()
            for rows, targets in nn.batches(ROWS, TARGETS, size, rng=0):
                loss = nn.mean_squared_error([model(row) for row in rows], targets)
                (loss * (len(rows) / len(ROWS))).backward()
            optimizer.step()
        found.append(nn.flatten(model))
    assert found[0] == pytest.approx(found[1], rel=1e-10)


def test_groups_as_pytorch_has_them_are_told_how_they_are_made_here() -> None:
    model, _ = model_and_groups()
    groups: Any = [{"params": layer.parameters(), "lr": 0.1} for layer in model.layers]
    write = r"write ParameterGroups\(Adam\(one\.parameters\(\), .*, Adam\(another\.parameters\(\), "
    with pytest.raises(TypeError, match=write):
        nn.Adam(groups)
