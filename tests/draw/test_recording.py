"""What a recording keeps, what it refuses, and when it is written."""

import base64
import json
import math
import re
import struct
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, jit, log
from autograd.draw import record
from nn import MLP, SGD, binary_cross_entropy, fit, mean_squared_error

ROWS = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
TARGETS = [0.0, 1.0, 1.0, 0.0]
untyped: Any = record


def network() -> MLP:
    return MLP(2, [3, 1], activation="sigmoid", output_activation="sigmoid", rng=1)


def descend(recording: Any, w: Value, epochs: int) -> list[tuple[float, float]]:
    """Train one weight; what it and its gradient were at each epoch."""
    history = []
    for _ in range(epochs):
        loss = (w - 2.0) ** 2
        w.grad = 0.0
        loss.backward()
        history.append((w.data, w.grad))
        recording(loss)
        w.data -= 0.01 * w.grad
    return history


def read(path: Path) -> dict[str, Any]:
    """The data of a page, with the numbers of each frame as lists of floats."""
    text = path.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="page-data">(.*?)</script>', text, re.S)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    frames = data["frames"]
    raw = base64.b64decode(frames["numbers"])
    floats = struct.unpack(f"<{len(raw) // 8}d", raw)
    size = len(floats) // frames["count"]
    frames["numbers"] = [floats[i * size : (i + 1) * size] for i in range(frames["count"])]
    return data


# What each epoch holds


def seen(data: Any, name: str) -> list[tuple[float, float]]:
    """Data and gradient of the node with this label or role, in each frame."""
    nodes = data["nodes"]
    at = next(n for n, node in enumerate(nodes) if name in (node["label"], node["role"]))
    return [(numbers[at], numbers[len(nodes) + at]) for numbers in data["frames"]["numbers"]]


def test_a_loss_without_a_graph_is_that_of_its_epoch(tmp_path: Path) -> None:
    recording, w = record(), Value(1.0)
    for number in (1.0, 2.0, 3.0):
        recording(Value(number))
    recording(lambda: w)
    w.data = 5.0
    data = read(recording.save(tmp_path / "page.html"))
    assert data["frames"]["losses"] == [1.0, 2.0, 3.0, 1.0]
    assert [number for number, _ in seen(data, "output")] == [1.0, 2.0, 3.0, 1.0]


def test_plain_numbers_are_those_of_the_epoch_to_the_sign_of_zero(tmp_path: Path) -> None:
    recording, w = record(), Value(1.0, "w")
    factors = [0.0, -0.0, 0.0, math.nan, 1.0]
    for factor in factors:
        recording(w * factor)
    found = [x for x, _ in seen(read(recording.save(tmp_path / "page.html")), "output")]
    assert list(map(repr, found)) == list(map(repr, factors))


def test_a_compiled_loss_is_recorded_with_the_rows_of_each_epoch(tmp_path: Path) -> None:
    w = Value(0.5, "w")
    loss_of = jit(lambda x, y: (w * x - y) ** 2)
    recording, history, losses = record(), [], []
    for epoch in range(6):
        loss = loss_of(epoch + 0.5, 2.0)
        w.grad = 0.0
        loss.backward()
        history.append((w.data, w.grad))
        losses.append(loss.data)
        recording(loss)
        w.data -= 0.01 * w.grad
    data = read(recording.save(tmp_path / "page.html"))
    assert data["frames"]["losses"] == losses
    for (number, grad), (number_then, grad_then) in zip(seen(data, "w"), history, strict=True):
        assert number == number_then
        assert grad == pytest.approx(grad_then, rel=1e-14)


# Which epochs are kept


@given(st.integers(1, 300), st.integers(2, 20), st.integers(1, 5))
def test_the_kept_epochs_are_few_even_and_hold_both_ends(
    epochs: int, most: int, every: int
) -> None:
    recording = record(max_frames=most, every=every)
    descend(recording, Value(0.0), epochs)
    kept = recording.epochs
    assert kept[0] == 0
    assert kept[-1] == epochs - 1
    assert len(kept) <= most
    assert len(kept) >= min(epochs // every, most // 2)
    steps = {b - a for a, b in pairwise(kept[:-1])}
    assert len(steps) <= 1
    assert all((step / every).is_integer() for step in steps)
    assert epochs >= most or every > 1 or kept == tuple(range(epochs))


def test_each_frame_holds_the_numbers_of_its_epoch(tmp_path: Path) -> None:
    w = Value(0.0, "w")
    recording = record(max_frames=5, detail="nodes", title="<One> weight")
    history = descend(recording, w, 48)
    after = w.data
    data = read(recording.save(tmp_path / "page.html"))
    assert w.data == after  # the last epoch had to be looked at again
    frames = data["frames"]
    assert tuple(frames["epochs"]) == recording.epochs
    assert frames["epochs"][-1] == 47
    assert data["title"] == "<One> weight"
    at = next(n for n, node in enumerate(data["nodes"]) if node["label"] == "w")
    count = len(data["nodes"])
    for epoch, loss, numbers in zip(
        frames["epochs"], frames["losses"], frames["numbers"], strict=True
    ):
        assert (numbers[at], numbers[count + at]) == history[epoch]
        assert loss == (history[epoch][0] - 2.0) ** 2


def test_a_function_is_called_only_for_what_is_kept(tmp_path: Path) -> None:
    w = Value(0.0, "w")
    made = []

    def loss() -> Value:
        made.append(w.data)
        return (w - 2.0) ** 2

    recording = record(max_frames=4)
    for epoch in range(100):
        w.data = float(epoch)
        recording(loss)
    assert len(made) < 20
    w.data = -1.0
    data = read(recording.save(tmp_path / "page.html"))
    assert data["frames"]["losses"][-1] == 97.0**2  # as it was at epoch 99
    assert w.data == -1.0


def test_saving_in_between_changes_nothing(tmp_path: Path) -> None:
    pages = []
    for often in (False, True):
        recording = record(max_frames=6)
        w = Value(0.0, "w")
        for _ in range(50):
            descend(recording, w, 1)
            if often:
                recording.save(tmp_path / "page.html")
        pages.append(recording.save(tmp_path / "page.html").read_bytes())
    assert pages[0] == pages[1]


def calls(f: Callable[[], object]) -> int:
    """How many functions are called, of Python and of C, while this one runs."""
    events: list[str] = []
    sys.setprofile(lambda frame, event, argument: events.append(event))
    try:
        f()
    finally:
        sys.setprofile(None)
    return events.count("call") + events.count("c_call")


def test_a_skipped_epoch_costs_next_to_nothing() -> None:
    model = MLP(2, [16, 16, 1], rng=0)
    rows = [[i / 10, 1 - i / 10] for i in range(10)]
    recording = record(model=model, max_frames=2, boundary=(model, rows, [1.0] * 10))
    loss = mean_squared_error([model(row) for row in rows], [1.0] * 10)
    recording(loss)
    recording(loss)
    while len(recording.epochs) < 2 or recording.epochs[-1] < 64:
        recording(loss)
    skipped = calls(lambda: [recording(loss) for _ in range(60)]) / 60
    assert skipped < calls(loss.backward) / 5


def test_epochs_can_have_numbers_of_their_own() -> None:
    recording = record()
    w = Value(1.0)
    for epoch in (10, 11, 20):
        recording(w * w, epoch=epoch)
    recording(w * w)
    assert recording.epochs == (10, 11, 20, 21)
    with pytest.raises(ValueError, match="must increase, got 21 after 21"):
        recording(w * w, epoch=21)
    with pytest.raises(TypeError, match="epoch must be an integer"):
        recording(w * w, epoch=untyped.__name__)


def test_as_a_callback_of_fit(tmp_path: Path) -> None:
    model = network()
    recording = record(model=model, boundary=(model, ROWS, TARGETS), boundary_size=5)

    def loss() -> Value:
        value: Value = binary_cross_entropy([model(row) for row in ROWS], TARGETS)
        return value

    before = loss().data
    history = fit(
        model,
        (ROWS, TARGETS),
        loss=binary_cross_entropy,
        optimizer=SGD(model.parameters(), lr=1.0),
        epochs=7,
        callbacks=[lambda state: recording(loss, epoch=len(state.history))],
    )
    data = read(recording.save(tmp_path / "page.html"))
    assert data["frames"]["epochs"] == [1, 2, 3, 4, 5, 6, 7]
    assert [before, *data["frames"]["losses"][:-1]] == history["loss"]


# The decision boundary


def test_the_boundary_is_what_the_network_says(tmp_path: Path) -> None:
    w = Value(1.0)
    predict: Callable[[Any], Value] = lambda row: w * (0.1 * row[0] + 0.5 * row[1])
    recording = record(boundary=(predict, [(-1, 0), (1, 4)], [-1, 1]), boundary_size=2)
    for slope in (1.0, -1.0):
        w.data = slope
        recording(w * w)
    boundary = read(recording.save(tmp_path / "page.html"))["boundary"]
    assert boundary["size"] == 2
    assert boundary["x"] == [-1.5, 1.5]
    assert boundary["y"] == [-1.0, 5.0]
    assert boundary["points"] == [[-1, 0, -1], [1, 4, 1]]
    assert boundary["low"] < boundary["high"]
    pixels = list(base64.b64decode(boundary["pixels"]))
    top_left, top_right, left, right = range(4)
    assert pixels[left] < pixels[right] < pixels[top_left] < pixels[top_right]
    later = pixels[4:]
    assert later[top_right] < later[top_left] < later[right] < later[left]


@given(st.lists(st.floats(), min_size=4, max_size=4), st.floats(-1e300, 1e300))
def test_a_boundary_has_colours_whatever_the_network_says(said: list[float], target: float) -> None:
    predict: Any = lambda row: said[2 * (row[0] > 0.5) + (row[1] > 0.5)]
    recording = record(boundary=(predict, ROWS, [target] * 4), boundary_size=2)
    recording(Value(1.0) * 2)
    assert recording._page()


def test_asking_for_the_boundary_leaves_no_graph_and_no_gradient(tmp_path: Path) -> None:
    model = network()
    made: list[Value] = []

    def predict(row: Any) -> Any:
        made.append(model(row))
        return made[-1]

    recording = record(boundary=(predict, ROWS, TARGETS), boundary_size=3)
    recording(binary_cross_entropy(model(ROWS[0]), TARGETS[0]))
    recording.save(tmp_path / "page.html")
    assert len(made) >= 9
    assert all(value.operands == () for value in made)
    assert all(parameter.grad == 0.0 for parameter in model.parameters())


def test_a_training_that_diverges_is_recorded(tmp_path: Path) -> None:
    w = Value(1.0, "w")
    recording = record(boundary=(lambda row: (row[0] + 2.0) ** 3000, ROWS, TARGETS))
    for data in (1.0, math.inf, math.nan):
        w.data = data
        recording(w * w)
    frames = read(recording.save(tmp_path / "page.html"))["frames"]
    assert frames["losses"] == [1.0, None, None]


def test_several_outputs_are_refused_with_advice() -> None:
    recording = record(boundary=(MLP(2, [3]), ROWS, TARGETS))
    with pytest.raises(TypeError, match=r"expected one number .* lambda row: network\(row\)\[0\]"):
        recording(Value(1.0) * 2)


# What is refused


@pytest.mark.parametrize("loss", [1.0, None, "loss"])
def test_what_is_no_loss(loss: Any) -> None:
    with pytest.raises(TypeError, match="expected a Value, or a function that returns one"):
        untyped()(loss)
    with pytest.raises(TypeError, match="the function must return a Value"):
        untyped()(lambda: loss)


def test_a_graph_of_another_shape_is_refused_by_its_epoch() -> None:
    recording = record()
    w = Value(1.0)
    recording(w * w)
    recording(w * w)
    with pytest.raises(ValueError, match="epoch 2"):
        recording(w + w)
    recording(w * w)  # the recording is as good as before
    assert recording.epochs == (0, 1, 2)


def test_parameters_that_change_places_are_refused_by_their_names() -> None:
    model = network()
    first, second = model.parameters()[:2]
    recording = record(model=model)
    recording(first - second * 2)
    with pytest.raises(ValueError, match=r"epoch 1: .*weights\.1 stands where .*weights\.0 stood"):
        recording(second - first * 2)
    with pytest.raises(ValueError, match=r"weights\.0 stands where no parameter stood"):
        record_two(model, Value(1.0) * 2, first * 2)


def record_two(model: Any, *losses: Value) -> None:
    recording = record(model=model)
    for loss in losses:
        recording(loss)


@pytest.mark.parametrize("last", [lambda w: w + w, lambda w: 1.0, lambda w: 1 / 0])
def test_a_last_epoch_that_cannot_be_read_costs_only_that(
    last: Callable[[Value], Any], tmp_path: Path
) -> None:
    w = Value(1.0)
    recording = record(max_frames=2)
    for _ in range(3):
        recording(w * w)
    recording(lambda: last(w))
    assert recording.epochs == (0, 3)
    with pytest.warns(RuntimeWarning, match=r"epoch 3 is left out: \w+Error"):
        data = read(recording.save(tmp_path / "page.html"))
    assert data["frames"]["epochs"] == [0]


def test_a_graph_older_than_its_numbers_is_refused() -> None:
    recording = record()
    w = Value(1.0)
    loss = w * w
    w.data = 0.5
    with pytest.raises(ValueError, match=r"epoch 0: .* before the step of the optimiser"):
        recording(loss)
    loss = log(w)
    w.data = -1.0
    with pytest.raises(ValueError, match="log of its operands is now nan"):
        recording(loss)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"path": "page.svg"}, ValueError, r"must end in \.html, got 'page.svg'"),
        ({"path": "no/such/folder/page.html"}, FileNotFoundError, "no such folder"),
        ({"max_frames": 1}, ValueError, "max_frames must be at least 2"),
        ({"max_frames": 2.5}, TypeError, "max_frames must be an integer"),
        ({"every": 0}, ValueError, "every must be at least 1"),
        ({"detail": "atoms"}, ValueError, "detail"),
        ({"direction": "up"}, ValueError, "direction"),
        ({"precision": 0}, ValueError, "precision"),
        ({"title": 3}, TypeError, "title"),
        ({"boundary": (abs, ROWS, TARGETS), "boundary_size": 1}, ValueError, "must be at least 2"),
        (
            {"boundary": (abs, [(1, 2, 3)], [1])},
            ValueError,
            r"rows\[0\]: expected two numbers, got t",
        ),
        (
            {"boundary": (abs, [1.0], [1])},
            ValueError,
            r"rows\[0\]: expected two numbers, got float 1",
        ),
        ({"boundary": (abs, [], [])}, ValueError, "expected at least one row"),
        ({"boundary": (abs, ROWS, [1])}, ValueError, "got 1 targets and 4 rows"),
        ({"boundary": (abs, [(0, math.inf)], [1])}, ValueError, "expected finite numbers"),
        ({"boundary": (abs, [(0, 1e308), (0, -1e308)], [0, 1])}, ValueError, "farther apart"),
        ({"boundary": "network"}, TypeError, r"be \(predict, rows, targets\), got str 'network'"),
        (
            {"boundary": (1, ROWS, TARGETS)},
            TypeError,
            "function of a row of two numbers, got int 1",
        ),
        ({"boundary": (abs, [("a", 2)], [1])}, TypeError, r"rows\[0\]: expected a number, got str"),
        (
            {"boundary": (abs, ROWS, [[1]] * 4)},
            TypeError,
            r"targets\[0\]: expected a number, got list",
        ),
    ],
)
def test_bad_arguments_are_refused_at_once(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        untyped(**arguments)


# When it is written


def test_nothing_to_save(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing to show"):
        record().save(tmp_path / "page.html")
    recording = record()
    recording(Value(1.0) * 2)
    with pytest.raises(ValueError, match="expected a path"):
        recording.save()
    with pytest.raises(ValueError, match=r"must end in \.html"):
        recording.save(tmp_path / "page.svg")
    assert list(tmp_path.iterdir()) == []


def test_a_with_block_saves_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    with record(path) as recording:
        descend(recording, Value(0.0), 5)
        assert not path.exists()
    assert read(path)["frames"]["count"] == 5
    with pytest.raises(ValueError, match="needs a path"), record():
        pass


@pytest.mark.parametrize("error", [KeyboardInterrupt, ArithmeticError])
def test_a_with_block_saves_whatever_ends_it(error: type[BaseException], tmp_path: Path) -> None:
    path = tmp_path / "page.html"

    def train() -> None:
        with record(path, max_frames=3) as recording:
            descend(recording, Value(0.0), 6)
            raise error

    with pytest.raises(error):
        train()
    assert read(path)["frames"]["epochs"][-1] == 5


def test_an_error_before_the_first_epoch_is_the_one_that_is_seen(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), record(tmp_path / "page.html"):
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []
