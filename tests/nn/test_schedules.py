"""The schedules against PyTorch's, against formulas, and their state."""

import json
import math
from typing import Any

import pytest

import nn

untyped: Any = nn
EPOCHS = range(12)
LOSSES = [3.0, 2.0, 2.0, 1.9999, 2.1, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, -1.0, -1.00001, -1.0, -1.5]


def sequence(schedules: Any, optimizer: Any) -> Any:
    parts = [
        schedules.LinearLR(optimizer, start_factor=0.25, total_iters=3),
        schedules.ExponentialLR(optimizer, 0.8),
    ]
    return schedules.SequentialLR(optimizer, parts, milestones=[3])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (nn.ConstantRate(), lambda s, o: s.LambdaLR(o, lambda _: 1.0)),
        (nn.StepDecay(3, 0.5), lambda s, o: s.StepLR(o, 3, 0.5)),
        (nn.StepDecay(4), lambda s, o: s.StepLR(o, 4)),
        (nn.ExponentialDecay(0.9), lambda s, o: s.ExponentialLR(o, 0.9)),
        (nn.CosineAnnealing(11), lambda s, o: s.CosineAnnealingLR(o, 11)),
        (nn.CosineAnnealing(15, 0.25), lambda s, o: s.CosineAnnealingLR(o, 15, 0.5)),
        (nn.WarmUp(5), lambda s, o: s.LinearLR(o, total_iters=5)),
        (nn.WarmUp(3, nn.ExponentialDecay(0.8), 0.25), sequence),
    ],
    ids=lambda x: repr(x) if isinstance(x, nn.Schedule) else "",
)
# torch's own SequentialLR calls its parts in a way that torch warns of
@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")
def test_rates_are_those_of_torch(torch: Any, ours: nn.Schedule, theirs: Any) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=2.0)
    schedule = theirs(torch.optim.lr_scheduler, optimizer)
    for epoch in EPOCHS:
        rate = optimizer.param_groups[0]["lr"]
        assert 2.0 * ours(epoch) == pytest.approx(rate, rel=1e-12, abs=1e-15)
        optimizer.step()
        schedule.step()


@pytest.mark.parametrize(
    ("patience", "minimum", "threshold"),
    [(0, 0.0, 1e-4), (1, 0.2, 1e-4), (2, 0.0, 0.1), (1, 0.0, 0.0)],
)
def test_plateaus_are_those_of_torch(
    torch: Any, patience: int, minimum: float, threshold: float
) -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=2.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=patience, threshold=threshold, min_lr=2.0 * minimum
    )
    ours = nn.ReduceOnPlateau(0.5, patience, minimum, threshold)
    for epoch, loss in enumerate(x for x in LOSSES if x > 0):  # torch's rule errs below 0
        theirs.step(loss)
        assert 2.0 * ours(epoch, loss) == optimizer.param_groups[0]["lr"]


@pytest.mark.parametrize("epoch", [0, 1, 5, 10, 1000])
def test_formulas(epoch: int) -> None:
    assert nn.ConstantRate()(epoch) == 1.0
    assert nn.StepDecay(3, 0.5)(epoch) == 0.5 ** (epoch // 3)
    assert nn.ExponentialDecay(0.9)(epoch) == 0.9**epoch
    wave = (1 + math.cos(math.pi * min(epoch, 10) / 10)) / 2
    assert nn.CosineAnnealing(10, 0.1)(epoch) == pytest.approx(0.1 + 0.9 * wave, rel=1e-14)
    assert nn.WarmUp(4, start=0.2)(epoch) == pytest.approx(min(0.2 + 0.2 * epoch, 1.0))


def test_plateau_by_hand() -> None:
    schedule = nn.ReduceOnPlateau(0.1, patience=1, minimum=0.05, threshold=0.5)
    losses = [None, 4.0, 1.9, 1.0, 1.0, None, 0.5, 0.2, math.nan, 0.05]
    factors = [1.0, 1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]
    found = [schedule(epoch, loss) for epoch, loss in enumerate(losses)]
    # bad: 1.0 and 1.0 (0.95 was asked for), and NaN, which 0.05 makes good again
    assert found == factors
    assert schedule.state() == {"scale": 0.1, "best": 0.05, "bad_epochs": 0}
    assert [schedule(0, 1.0) for _ in range(4)] == [0.1, 0.05, 0.05, 0.05]


def test_negative_losses_may_stop_falling_too() -> None:
    schedule = nn.ReduceOnPlateau(0.5, patience=0)
    assert [schedule(0, loss) for loss in (-1.0, -1.00001, -2.0)] == [1.0, 0.5, 0.5]


def test_warm_up_hands_the_losses_over() -> None:
    schedule = nn.WarmUp(2, nn.ReduceOnPlateau(0.5, patience=0), start=0.5)
    losses = [None, 1.0, 1.0, 5.0, 5.0]
    assert [schedule(e, loss) for e, loss in enumerate(losses)] == [0.5, 0.75, 1.0, 1.0, 0.5]
    assert schedule.state() == {"scale": 0.5, "best": 5.0, "bad_epochs": 0}


@pytest.mark.parametrize("cut", [0, 3, 7, len(LOSSES)])
def test_a_restored_plateau_goes_on_as_the_old_one(cut: int) -> None:
    old = nn.WarmUp(1, nn.ReduceOnPlateau(0.7, patience=1))
    for epoch, loss in enumerate(LOSSES[:cut]):
        old(epoch, loss)
    new = nn.WarmUp(1, nn.ReduceOnPlateau(0.7, patience=1))
    new.load_state(json.loads(json.dumps(old.state())))
    rest = list(enumerate(LOSSES))[cut:]
    assert [new(e, loss) for e, loss in rest] == [old(e, loss) for e, loss in rest]


def test_no_state() -> None:
    schedule = nn.StepDecay(2)
    assert schedule.state() == {}
    schedule.load_state({})
    with pytest.raises(ValueError, match=r"StepDecay.load_state: expected nothing, got \['best'\]"):
        schedule.load_state({"best": 1.0})


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"scale": 2.0}, ValueError, "scale must be at least 0 and at most 1, got 2.0"),
        ({"best": math.nan}, ValueError, "best must not be nan"),
        ({"best": "a"}, TypeError, "best: expected a number, got str 'a'"),
        ({"bad_epochs": -1}, ValueError, "bad_epochs must be at least 0, got -1"),
        ({"more": 1}, ValueError, "expected .*'scale'.*, got .*'more'"),
    ],
)
def test_wrong_states(change: Any, error: type[Exception], message: str) -> None:
    schedule = nn.ReduceOnPlateau()
    schedule(0, 5.0)
    before = schedule.state()
    with pytest.raises(error, match=f"ReduceOnPlateau.load_state: {message}"):
        schedule.load_state({"scale": 0.5, "best": 1.0, "bad_epochs": 2, **change})
    assert schedule.state() == before
    with pytest.raises(TypeError, match="expected a dictionary, got list"):
        untyped.ReduceOnPlateau().load_state([])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nn.StepDecay(0), ValueError, "StepDecay: every must be at least 1, got 0"),
        (lambda: untyped.StepDecay(1.5), TypeError, "every must be an integer, got float 1.5"),
        (lambda: nn.StepDecay(1, 1.5), ValueError, "gamma must be above 0 and at most 1, got 1.5"),
        (lambda: nn.ExponentialDecay(0.0), ValueError, "ExponentialDecay: gamma .* got 0.0"),
        (lambda: nn.ExponentialDecay(math.nan), ValueError, "got nan"),
        (lambda: nn.CosineAnnealing(0), ValueError, "epochs must be at least 1"),
        (lambda: nn.CosineAnnealing(1, -0.1), ValueError, "minimum must be at least 0 and at most"),
        (lambda: nn.WarmUp(0), ValueError, "WarmUp: epochs must be at least 1, got 0"),
        (lambda: nn.WarmUp(1, start=0.0), ValueError, "start must be above 0"),
        (lambda: untyped.WarmUp(1, abs), TypeError, "then must be a Schedule, got builtin_func"),
        (
            lambda: nn.ReduceOnPlateau(1.0),
            ValueError,
            "reduction must be above 0 and below 1, got 1.0",
        ),
        (lambda: nn.ReduceOnPlateau(patience=-1), ValueError, "patience must be at least 0"),
        (lambda: nn.ReduceOnPlateau(threshold=2.0), ValueError, "threshold must be .* got 2.0"),
        (lambda: nn.ConstantRate()(-1), ValueError, "epoch must be at least 0, got -1"),
        (lambda: untyped.ConstantRate()(0.5), TypeError, "epoch must be an integer, got float"),
        (lambda: untyped.ConstantRate()(0, "a"), TypeError, "ConstantRate: loss: expected a num"),
        (lambda: nn.Schedule()(0), NotImplementedError, r"a subclass must define factor\(\)"),
    ],
)
def test_errors(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_reprs() -> None:
    assert repr(nn.ConstantRate()) == "ConstantRate()"
    warm = nn.WarmUp(2, nn.StepDecay(3), start=0.5)
    assert repr(warm) == "WarmUp(epochs=2, then=StepDecay(every=3, gamma=0.1), start=0.5)"
    plateau = "ReduceOnPlateau(reduction=0.1, patience=10, minimum=0.0, threshold=0.0001)"
    assert repr(nn.ReduceOnPlateau()) == plateau
