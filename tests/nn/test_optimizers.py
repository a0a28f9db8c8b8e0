"""The optimisers: steps by hand, 100 steps beside PyTorch's, state, errors."""

import json
import math
import random
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

import nn
from autograd import Value, grad
from nn import updates

untyped: Any = nn
SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.01, "nesterov": True}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.5, "lr_decay": 0.1, "weight_decay": 0.1, "eps": 1e-3}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.05, "alpha": 0.5, "eps": 1e-3, "weight_decay": 0.1}),
    ("RMSprop", {"lr": 0.05, "momentum": 0.9}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    ("Adam", {"lr": 0.1, "betas": (0.0, 0.0)}),
    ("Adam", {"lr": 0.1, "betas": (0.5, 0.5), "amsgrad": True}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.1, "betas": (0.0, 0.3), "amsgrad": True}),
    ("Lion", {}),
    ("Lion", {"lr": 0.1, "betas": (0.5, 0.7), "weight_decay": 0.3}),
    ("AdamW", {"lr": 0.1, "betas": (0.5, 0.9), "eps": 1e-3, "weight_decay": 0.3}),
]
each_setting = pytest.mark.parametrize(("name", "options"), SETTINGS, ids=str)


def make(name: str, parameters: Sequence[Value], options: dict[str, Any]) -> Any:
    return getattr(untyped, name)(parameters, **options)


def gradients(steps: int, count: int) -> list[list[float]]:
    """Of all sizes, and 0 now and then."""
    rng = random.Random(0)
    return [
        [rng.choice([0.0, 1.0, 1.0]) * rng.gauss(0.5, 1.0) * 10.0**i for i in range(-1, count - 1)]
        for _ in range(steps)
    ]


def run(optimizer: Any, rows: list[list[float]]) -> list[float]:
    for row in rows:
        for parameter, gradient in zip(optimizer.parameters, row, strict=True):
            parameter.grad = gradient
        optimizer.step()
    return [parameter.data for parameter in optimizer.parameters]


def lion(tensor: Any, lr: float = 1e-4, betas: Any = (0.9, 0.99), weight_decay: float = 0.0) -> Any:
    """Algorithm 2 of the paper on tensors; PyTorch has none."""
    momentum = tensor * 0.0

    def step() -> None:
        nonlocal momentum
        update = momentum * betas[0] + tensor.grad * (1 - betas[0])
        tensor.mul_(1 - lr * weight_decay).sub_(lr * update.sign())
        momentum = momentum * betas[1] + tensor.grad * (1 - betas[1])

    return SimpleNamespace(step=step)


@each_setting
def test_a_hundred_steps_are_those_of_torch(torch: Any, name: str, options: dict[str, Any]) -> None:
    start, rows = [1.0, -2.0, 0.0, 3.0], gradients(100, 4)
    optimizer = make(name, [Value(x) for x in start], options)
    tensor = torch.tensor(start, dtype=torch.float64)
    theirs = (
        lion(tensor, **options)
        if name == "Lion"
        else getattr(torch.optim, name)([tensor], **options)
    )
    for row in rows:
        tensor.grad = torch.tensor(row, dtype=torch.float64)
        theirs.step()
        assert run(optimizer, [row]) == pytest.approx(tensor.tolist(), rel=1e-12, abs=1e-12)


HALVES = {"betas": (0.5, 0.5), "eps": 4.0, "weight_decay": 0.25}
MOMENTUM: dict[str, Any] = {"momentum": 0.5, "weight_decay": 0.25}
ADAGRAD = {"lr_decay": 0.25, "weight_decay": 0.25, "eps": 3.0}
RMSPROP = {"alpha": 0.25, "eps": 4.0, "weight_decay": 0.25, "momentum": 0.5}

# One step each, from data, gradient and slots, with numbers whose roots are exact.
BY_HAND: list[tuple[str, dict[str, Any], tuple[int, ...], tuple[float, ...]]] = [
    # v = 1/2 * 4 + (2 + 1/4 * 8) = 6; 8 - 1/2 * 6
    ("sgd", {**MOMENTUM, "nesterov": False}, (8, 2, 4), (5, 6)),
    # g = 4, v = 6; 8 - 1/2 * (4 + 1/2 * 6)
    ("sgd", {**MOMENTUM, "nesterov": True}, (8, 2, 4), (9 / 2, 6)),
    # g = 4, s = 9 + 16; the rate is 1/2 / (1 + 1/4); 8 - 2/5 * 4 / (5 + 3)
    ("adagrad", ADAGRAD, (8, 2, 9), (39 / 5, 25)),
    # g = 4, s = 1/4 * 16 + 3/4 * 16; v = 1/2 * 6 + 4 / (4 + 4); 8 - 1/2 * 7/2
    ("rmsprop", RMSPROP, (8, 2, 16, 6), (25 / 4, 16, 7 / 2)),
    # g = 4, m = 1/2 * 2 + 1/2 * 4 = 3, m' = 3 / (3/4) = 4; s = 1/2 * 8 + 1/2 * 16 = 12, s' = 16
    ("adam", HALVES, (8, 2, 2, 8), (31 / 4, 3, 12)),
    # the same from 4 as the gradient, after 8 has become 7
    ("adamw", HALVES, (8, 4, 2, 8), (27 / 4, 3, 12)),
    # as the first, but for the largest average so far, 48, and a root of 48 / (3/4) = 8
    ("adam", HALVES, (8, 2, 2, 8, 48), (8 - 0.5 * 4 / (8 + 4), 3, 12, 48)),
    ("adam", HALVES, (8, 2, 2, 8, 1), (31 / 4, 3, 12, 12)),
    # the sign of 1/2 * 4 + 1/2 * 2; 8 - 1/2 * (1 + 1/4 * 8); m = 3/4 * 4 + 1/4 * 2
    ("lion", {"betas": (0.5, 0.75), "weight_decay": 0.25}, (8, 2, 4), (13 / 2, 7 / 2)),
]


@pytest.mark.parametrize(("name", "options", "before", "after"), BY_HAND)
def test_one_step_by_hand(
    name: str, options: dict[str, Any], before: tuple[int, ...], after: tuple[float, ...]
) -> None:
    rule = getattr(updates, name)
    found = rule(*map(float, before), step=2, lr=0.5, **options)
    assert found == pytest.approx(after, rel=1e-15)
    # the same rule, on Values: the same numbers, and a graph
    values = rule(*map(Value, before), step=2, lr=Value(0.5), **options)
    assert [v.data for v in values] == list(found)
    slope = grad(lambda lr: rule(*before, step=2, lr=lr, **options)[0])(0.5)
    assert slope == pytest.approx((found[0] - before[0]) / 0.5)  # each is a line in lr


def test_the_table_is_complete() -> None:
    assert {name for name, _ in SETTINGS} == set(nn.OPTIMIZERS)
    assert {rule for rule, *_ in BY_HAND} == {name.lower() for name in nn.OPTIMIZERS}


@each_setting
def test_restored_it_goes_on_to_the_last_bit(name: str, options: dict[str, Any]) -> None:
    rows = gradients(40, 3)
    whole = make(name, [Value(x) for x in (1.0, -2.0, 0.5)], options)
    middle = run(whole, rows[:20])
    state = json.loads(json.dumps(whole.state()))
    other = make(name, [Value(x) for x in middle], {"lr": 7.0})  # the rest comes with the state
    other.load_state(state)
    assert other.state() == whole.state() == state
    assert run(other, rows[20:]) == run(whole, rows[20:])
    assert repr(other) == repr(whole)


def test_what_a_state_holds() -> None:
    optimizer = nn.Adam([Value(1.0), Value(2.0)], lr=0.5)
    state = optimizer.state()
    assert state == {
        "optimizer": "Adam",
        "lr": 0.5,
        "steps": 0,
        "betas": [0.9, 0.999],
        "eps": 1e-8,
        "weight_decay": 0.0,
        "average": [0.0, 0.0],
        "square_average": [0.0, 0.0],
    }
    state["average"][0] = 5.0
    assert optimizer.slots["average"] == [0.0, 0.0]
    optimizer.load_state(state)
    state["average"][0] = 6.0
    assert optimizer.slots["average"] == [5.0, 0.0]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"optimizer": "AdamW"}, ValueError, "the state of an optimizer 'Adam', got 'AdamW'"),
        ({"optimizer": None}, ValueError, "the state of an optimizer 'Adam', got None"),
        ({"lr": -1.0}, ValueError, "lr must be at least 0 and finite, got -1.0"),
        ({"lr": "a"}, TypeError, "lr: expected a number, got str 'a'"),
        ({"steps": -1}, ValueError, "steps must be at least 0, got -1"),
        ({"steps": 1.5}, TypeError, "steps must be an integer, got float 1.5"),
        ({"betas": [0.5]}, ValueError, r"betas must be two numbers, got list \[0.5\]"),
        ({"betas": [0.5, 1.0]}, ValueError, r"betas\[1\] must be at least 0 and below 1, got 1.0"),
        ({"average": [1.0]}, ValueError, "average must be a list .* 2 parameters, got 1 entries"),
        ({"average": 1.0}, ValueError, "average must be a list .* 2 parameters, got float 1.0"),
        ({"square_average": [1.0, "a"]}, ValueError, "square_average must be a list with a number"),
        ({"velocity": [0.0]}, ValueError, "'velocity' is unknown"),
    ],
)
def test_wrong_states_change_nothing(change: Any, error: type[Exception], message: str) -> None:
    optimizer = nn.Adam([Value(1.0), Value(2.0)])
    run(optimizer, gradients(3, 2))
    before = optimizer.state()
    good = {**before, "lr": 0.25, "steps": 9, "eps": 0.5, "average": [3.0, 4.0]}
    with pytest.raises(error, match=rf"Adam.load_state: .*{message}"):
        optimizer.load_state({**good, **change})
    assert optimizer.state() == before


def test_states_that_lack_something() -> None:
    optimizer = nn.Adam([Value(1.0)])
    with pytest.raises(ValueError, match=r"'average' is missing, 'betas' is missing"):
        optimizer.load_state({"optimizer": "Adam"})
    with pytest.raises(TypeError, match=r"Adam\.load_state: expected a dictionary, got list"):
        optimizer.load_state([])  # type: ignore[arg-type]
    sgd = nn.SGD([Value(1.0)], 0.1)
    with pytest.raises(ValueError, match="nesterov must be True or False, got int 2"):
        sgd.load_state({**sgd.state(), "nesterov": 2})


def test_the_learning_rate_may_change() -> None:
    x = Value(1.0)
    sgd = nn.SGD([x], lr=0.5)
    x.grad = 1.0
    sgd.lr = 0.25
    sgd.step()
    assert x.data == 0.75
    sgd.lr = 0.0
    sgd.step()
    assert x.data == 0.75
    with pytest.raises(ValueError, match="SGD: lr must be at least 0 and finite, got nan"):
        sgd.lr = math.nan
    assert sgd.lr == 0.0


def test_a_parameter_given_twice_moves_once() -> None:
    x, twin = Value(1.0), Value(1.0)
    x.grad = 1.0
    nn.SGD(iter([x, twin, x]), lr=0.5).step()
    assert (x.data, twin.data) == (0.5, 1.0)


def test_a_gradient_that_is_a_value_leaves_no_graph_behind() -> None:
    x = Value(3.0)
    (x * x).backward(create_graph=True)
    sgd = nn.SGD([x], lr=0.5, momentum=0.9)
    sgd.step()
    assert x.data == 0.0
    assert [type(v) for v in sgd.slots["velocity"]] == [float]
    sgd.zero_grad()
    assert x.grad == 0.0


def test_an_error_in_a_step_changes_nothing() -> None:
    class Inverse(nn.Optimizer):
        rule = staticmethod(lambda data, grad, slot, *, step, lr: (data - lr / grad, slot + 1))
        slot_names = ("count",)

    x, y = Value(1.0), Value(1.0)
    optimizer = Inverse([x, y], lr=0.5)
    x.grad = 1.0
    with pytest.raises(ZeroDivisionError):
        optimizer.step()
    assert (x.data, optimizer.steps, optimizer.slots) == (1.0, 0, {"count": [0.0, 0.0]})
    y.grad = 2.0
    optimizer.step()
    assert (x.data, y.data, optimizer.slots) == (0.5, 0.75, {"count": [1.0, 1.0]})


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("SGD", {"lr": 0.0}, "lr must be positive and finite, got 0.0"),
        ("SGD", {"lr": math.inf}, "lr must be positive and finite, got inf"),
        ("Adam", {"lr": math.nan}, "lr must be positive and finite, got nan"),
        ("SGD", {"lr": 1, "momentum": 1.0}, "momentum must be at least 0 and below 1, got 1.0"),
        ("SGD", {"lr": 1, "momentum": -0.1}, "momentum must be at least 0 and below 1, got -0.1"),
        ("SGD", {"lr": 1, "weight_decay": -1}, "weight_decay must be at least 0 and finite"),
        ("SGD", {"lr": 1, "nesterov": True}, "nesterov needs a momentum above 0, got 0.0"),
        ("Adagrad", {"eps": -1.0}, "eps must be at least 0 and finite, got -1.0"),
        ("Adagrad", {"lr_decay": math.inf}, "lr_decay must be at least 0 and finite, got inf"),
        ("RMSprop", {"alpha": 1.0}, "alpha must be at least 0 and below 1, got 1.0"),
        ("Adam", {"betas": (0.9, 1.0)}, r"betas\[1\] must be at least 0 and below 1, got 1.0"),
        ("AdamW", {"betas": 0.9}, "betas must be two numbers, got float 0.9"),
    ],
)
def test_errors(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: {message}"):
        make(name, [Value(1.0)], options)


def test_what_is_no_parameter() -> None:
    with pytest.raises(ValueError, match="SGD: expected at least one parameter, got none"):
        nn.SGD([], 0.1)
    with pytest.raises(TypeError, match=r"must be a Value, got float 2\.0 as parameters\[1\]"):
        nn.SGD([Value(1.0), 2.0], lr=0.1)  # type: ignore[list-item]
    with pytest.raises(TypeError, match="Adam: lr: expected a number, got str '1'"):
        make("Adam", [Value(1.0)], {"lr": "1"})
    with pytest.raises(TypeError, match="Optimizer: has no rule; use a subclass"):
        nn.Optimizer([Value(1.0)], 0.1)


def test_repr() -> None:
    options = "momentum=0.9, weight_decay=0.0, nesterov=False"
    assert repr(nn.SGD([Value(1.0)], 0.1, 0.9)) == f"SGD(1 parameter, lr=0.1, {options})"
    options = "betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01"
    assert repr(nn.AdamW([Value(1.0)] * 2 + [Value(2.0)])) == (
        f"AdamW(2 parameters, lr=0.001, {options})"
    )
