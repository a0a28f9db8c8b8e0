"""Batches that are made while a training runs: they train as rows in memory do."""

import random
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strength import examples, slowly

from nn import MLP, SGD, batches, fit, mean_squared_error
from nn.compiled_steps import CompiledSteps, _NotCompiledError
from nn.payoff import RATIO
from nn.sources import UNKNOWN

untyped: Any = fit
SOURCE = random.Random(0)
ROWS = [[SOURCE.uniform(-1, 1), SOURCE.uniform(-1, 1)] for _ in range(24)]
TARGETS = [x * y for x, y in ROWS]


def cut(size: int, rows: Any = ROWS, targets: Any = TARGETS) -> list[Any]:
    return [(rows[i : i + size], targets[i : i + size]) for i in range(0, len(rows), size)]


class Again:
    """Batches that can be gone through again."""

    def __init__(self, batches: list[Any]) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[Any]:
        return iter(self.batches)


class Unsized(Again):
    """As a DataLoader of a set without a length: it has `__len__`, which is a TypeError."""

    def __len__(self) -> int:
        raise TypeError("has no len()")


def repeated(batches: list[Any]) -> Iterator[Any]:
    while True:
        yield from batches


WAYS: dict[str, Callable[[list[Any]], tuple[Any, dict[str, Any]]]] = {
    "a function": lambda batches: (lambda: iter(batches), {}),
    "an object": lambda batches: (Again(batches), {}),
    "an iterator": lambda batches: (repeated(batches), {"steps_per_epoch": len(batches)}),
    "an object that begins anew": lambda batches: (
        Again(batches),
        {"steps_per_epoch": len(batches)},
    ),
}


def trained(
    data: Any, epochs: int, jit: bool | None, hidden: int = 3, **options: Any
) -> tuple[Any, list[float]]:
    model = MLP(2, [hidden, 1], activation="tanh", rng=0)
    history = fit(
        model,
        data,
        loss=mean_squared_error,
        optimizer=SGD(model.parameters(), lr=0.1, momentum=0.5),
        epochs=epochs,
        jit=jit,
        **options,
    )
    return history, [p.data for p in model.parameters()]


@pytest.mark.parametrize("way", WAYS)
@given(size=st.integers(1, 24), epochs=st.integers(1, 4), jit=st.sampled_from([True, False, None]))
@settings(max_examples=examples(30, quick=6))
def test_they_train_as_rows_in_memory_do(way: str, size: int, epochs: int, jit: Any) -> None:
    data, options = WAYS[way](cut(size))
    history, found = trained(data, epochs, jit, **options)
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.5)
    for _ in range(epochs):
        for inputs, targets in cut(size):
            optimizer.zero_grad()
            mean_squared_error([model(row) for row in inputs], targets).backward()
            optimizer.step()
    assert len(history) == epochs
    assert found == pytest.approx([p.data for p in model.parameters()], rel=1e-9, abs=1e-12)


def test_the_first_loss_is_that_of_the_same_rows_in_memory() -> None:
    streamed, _ = trained(lambda: cut(24), 3, None)
    in_memory, _ = trained((ROWS, TARGETS), 3, None)
    assert streamed["loss"] == pytest.approx(in_memory["loss"], rel=1e-12)


def test_they_are_compiled_where_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[CompiledSteps] = []
    begin = CompiledSteps.__init__
    monkeypatch.setattr(
        CompiledSteps, "__init__", lambda self, *args: (made.append(self), begin(self, *args))[1]
    )
    trained(repeated(cut(12)), 10, None, steps_per_epoch=100)
    assert made[-1].compiled > 900


def test_an_iterator_is_not_read_ahead() -> None:
    read = 0

    def counted() -> Iterator[Any]:
        nonlocal read
        for batch in repeated(cut(6)):
            read += 1
            yield batch

    trained(counted(), 3, False, steps_per_epoch=5)
    assert read == 15


def test_batches_of_arrays() -> None:
    np = pytest.importorskip("numpy")
    arrays = [(np.array(x), np.array(t)) for x, t in cut(8)]
    assert trained(lambda: arrays, 2, False)[1] == trained(lambda: cut(8), 2, False)[1]


@pytest.mark.parametrize("length", [1, 5, 7, 10])
def test_batches_that_end_are_warned_of(length: int) -> None:
    """Three epochs of four batches: what was learned stays, and the last row may have fewer."""
    with pytest.warns(RuntimeWarning, match=f"the batches ended after {length}") as caught:
        history, _ = trained(iter((cut(2) * 2)[:length]), 3, False, steps_per_epoch=4)
    assert [Path(w.filename).name for w in caught] == ["test_streams.py"]
    assert len(history) == -(-length // 4)


def test_batches_that_end_with_the_last_epoch_are_enough() -> None:
    history, _ = trained(iter(cut(2)), 3, False, steps_per_epoch=4)
    assert len(history) == 3
    assert len(trained(iter(cut(2)), 1, False)[0]) == 1


@pytest.mark.parametrize("suffix", ["json", "safetensors"])
@pytest.mark.parametrize("jit", [True, False, None])
def test_a_resumed_training_is_the_same_to_the_last_bit(
    tmp_path: Path, suffix: str, jit: bool | None
) -> None:
    if suffix == "safetensors":
        pytest.importorskip("safetensors")
    options: Any = {"checkpoint": tmp_path / f"training.{suffix}", "resume": True}
    data = lambda: cut(5)
    trained(data, 4, jit, **options)
    resumed = trained(data, 9, jit, **options)[1]
    assert resumed == trained(data, 9, jit, checkpoint=tmp_path / f"whole.{suffix}")[1]


def test_a_resumed_training_makes_batches_by_the_generator_that_it_had(tmp_path: Path) -> None:
    """The first ones are made before the checkpoint is read, to see what they are."""
    found = []
    for name, stops in (("whole", [7]), ("parts", [3, 3, 7])):
        for i, epochs in enumerate(stops):
            rng = random.Random(i)
            path = tmp_path / f"{name}.json"
            data = lambda rng=rng: batches(ROWS, TARGETS, 5, rng=rng)
            last = trained(data, epochs, False, rng=rng, checkpoint=path, resume=True)[1]
        found.append(last)
    assert found[0] == found[1]


def reused(batches: list[Any], make: Callable[[Any], Any]) -> Iterator[Any]:
    """Batches in the same lists, or arrays, which are changed as soon as the next one is asked."""
    first_rows, first_targets = batches[0]
    rows, targets = make(first_rows), make(first_targets)
    for batch in batches:
        for buffer, source in zip((rows, targets), batch, strict=True):
            for i, x in enumerate(source):
                if isinstance(x, list):
                    buffer[i][:] = x
                else:
                    buffer[i] = x
        yield rows, targets


def copied(rows: Any) -> Any:
    return [list(row) if isinstance(row, list) else row for row in rows]


@pytest.mark.parametrize("is_row", [False, True])
@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("kind", ["lists", "arrays"])
def test_a_reader_may_use_its_lists_again(kind: str, jit: bool, is_row: bool) -> None:
    make = copied if kind == "lists" else pytest.importorskip("numpy").array
    data = cut(6, targets=[[t] for t in TARGETS] if is_row else TARGETS)
    first = lambda targets: [t[0] for t in targets] if is_row else targets
    sums = lambda predictions, targets: sum(
        abs(p - t) for p, t in zip(predictions, first(targets), strict=True)
    )
    found = []
    for stream in (lambda: data, lambda: reused(data, make)):
        model = MLP(2, [2, 1], rng=0)
        found.append(
            fit(
                model,
                stream,
                loss=lambda outputs, targets: mean_squared_error(outputs, first(targets)),
                optimizer=SGD(model.parameters(), lr=0.1),
                epochs=2,
                metrics={"sum": sums},
                jit=jit,
            )
        )
    assert found[0].rows == found[1].rows


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The shapes for which a step would be compiled, if that cost nothing but its 25 steps."""
    made: list[str] = []

    def note(self: Any, key: str, *_: Any) -> Any:
        made.append(key)
        raise _NotCompiledError("noted only")

    monkeypatch.setattr(CompiledSteps, "_step", note)
    monkeypatch.setattr("nn.payoff.FIXED", 1000)
    return made


def of_sizes(sizes: list[int]) -> Any:
    return [([[0.1, 0.2]] * n, [0.5] * n) for n in sizes]


@pytest.mark.parametrize("has_length", [False, True])
def test_what_is_compiled_in_vain_is_bounded(has_length: bool, compiled: list[str]) -> None:
    """Each shape comes twice in an epoch, and compiling one takes as long as 25 steps."""
    data = of_sizes([i // 2 + 1 for i in range(40)])
    trained(Again(data) if not has_length else deque(data), 2, None)
    assert 0 < len(set(compiled)) <= 2 * (len(data) if has_length else UNKNOWN) / RATIO


def test_a_shape_that_comes_often_is_compiled_at_last(compiled: list[str]) -> None:
    """After as many others, in an epoch of more batches than one is taken to have."""
    data = of_sizes([*range(1, 11), *[11] * 110, *range(1, 11)])
    trained(lambda: iter(data), 1, None)
    (often,) = [key for key in set(compiled) if key.startswith("11 ")]
    assert compiled.count(often) >= 80
    assert len(set(compiled)) <= 1 + UNKNOWN / RATIO


@pytest.mark.parametrize("stops", [[1, 2], slowly([3])])
def test_what_was_seen_decides_when_it_is_resumed(
    tmp_path: Path, stops: list[int], monkeypatch: pytest.MonkeyPatch, steppers: list[CompiledSteps]
) -> None:
    """Some shapes are compiled at once, some when they have come often, some never."""
    monkeypatch.setattr("nn.payoff.FIXED", 3000)
    monkeypatch.setattr("nn.payoff.RATIO", 5)
    monkeypatch.setattr("nn.sources.UNKNOWN", 8)
    data = of_sizes([1, 3, 3, 2, 4, 5, 5, 3])
    found = []
    for name, ends in (("whole", [6]), ("parts", [*stops, 6])):
        for end in ends:
            stop = lambda epoch, end=end: epoch.stop() if epoch.row["epoch"] == end else None
            options: Any = {"checkpoint": tmp_path / f"{name}.json", "resume": True}
            _, last = trained(lambda: data, 6, None, callbacks=[stop], **options)
        found.append((last, steppers[-1].memory))
    assert found[0] == found[1]
    assert [*found[0][1]["sizes"]] == [*found[1][1]["sizes"]]
    assert 0 < len(steppers[0].memory["specialisations"]) < 5
    assert steppers[0].compiled == sum(stepper.compiled for stepper in steppers[1:])


@pytest.mark.parametrize("way", [iter, lambda batches: (b for b in batches), Unsized])
def test_the_length_is_asked_for_where_there_is_one(way: Any) -> None:
    assert len(trained(lambda: way(cut(8)), 2, None)[0]) == 2
    assert len(trained(Again(cut(8)) if way is iter else Unsized(cut(8)), 2, None)[0]) == 2


once = lambda: iter(cut(8))


@pytest.mark.parametrize(
    ("data", "options", "error", "message"),
    [
        (once, {"batch_size": 4}, ValueError, "batch_size is for rows, and function .* leave it"),
        (once(), {}, ValueError, "used up after one pass, and there are 2 epochs: .* steps_per_ep"),
        (once(), {"checkpoint": "x.json"}, ValueError, "used up after one pass|begin anew"),
        (
            once,
            {"checkpoint": "x.json", "steps_per_epoch": 2},
            ValueError,
            "between two epochs, where batches begin anew",
        ),
        (lambda: iter([]), {}, ValueError, "expected at least one batch, got none"),
        (lambda: 3, {}, TypeError, r"expected batches, pairs \(inputs, targets\), got int 3"),
        (lambda: [ROWS], {}, TypeError, "batch 1 must be a pair .* gives pairs of lists"),
        (lambda: (ROWS, TARGETS), {}, TypeError, "batch 1 must be a pair .* gives pairs of lists"),
        (
            lambda: zip(ROWS, TARGETS, strict=True),
            {},
            TypeError,
            r"batch 1 must be .* make a batch, \(\[row\], \[target\]\)",
        ),
        (
            lambda: [(x, t, t) for x, t in cut(8)],
            {},
            TypeError,
            r"write fit\(model, lambda: \(\(b\[0\], b\[1\]\) for b in batches\), \.\.\.\)",
        ),
        (
            lambda: [{"x": x, "y": t} for x, t in cut(8)],
            {},
            TypeError,
            r"write fit\(model, lambda: \(\(b\['x'\], b\['y'\]\) for b in batches\), \.\.\.\)",
        ),
        (cut(8), {}, TypeError, r"write fit\(model, lambda: batches, \.\.\.\)"),
        (cut(12), {}, TypeError, r"write fit\(model, lambda: batches, \.\.\.\)"),  # two of them
        (once, {"validation": once}, TypeError, r"write validation=\(inputs, targets\)"),
        (lambda: [*cut(8), None], {}, TypeError, "batch 4 must be a pair .* got None"),
        (lambda: [([[0.1]], [1.0, 2.0])], {}, ValueError, "batch 1: expected a target for each"),
        (lambda: [([], [])], {}, ValueError, "batch 1: expected at least one row"),
        (once, {"steps_per_epoch": 0}, ValueError, "steps_per_epoch must be at least 1, got 0"),
        ("text", {}, TypeError, "train must be a pair"),
        ({"x": 1}, {}, TypeError, "train must be a pair"),
        (3, {}, TypeError, "train must be a pair"),
    ],
)
def test_what_is_no_batch_is_an_error(
    data: Any, options: dict[str, Any], error: Any, message: str
) -> None:
    if not callable(data) and hasattr(data, "__next__"):
        data = once()
    with pytest.raises(error, match=f"fit: .*{message}"):
        trained(data, 2, None, **options)


def test_a_function_that_gives_a_used_up_iterator() -> None:
    batches = once()
    with pytest.raises(ValueError, match=r"in each epoch, got none .*make a new one for each"):
        trained(lambda: batches, 2, False)
    batches = once()
    with pytest.raises(ValueError, match=r"in each epoch, got none .*make a new one for each"):
        trained(lambda: batches, 2, False, steps_per_epoch=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the error is enough
        with pytest.raises(ValueError, match="at least one batch, got none"):
            trained(iter([]), 2, False, steps_per_epoch=2)


def test_an_error_of_a_reader_ends_the_training() -> None:
    def broken() -> Iterator[Any]:
        yield from cut(8)
        raise OSError("the disk is gone")

    model = MLP(2, [1], rng=0)
    before = [p.data for p in model.parameters()]
    with pytest.raises(OSError, match="the disk is gone"):
        untyped(
            model,
            broken,
            loss=mean_squared_error,
            optimizer=SGD(model.parameters(), lr=0.1),
            epochs=2,
        )
    assert [p.data for p in model.parameters()] != before


def test_an_error_says_in_which_step() -> None:
    data = [*cut(8), ([[0.5]], [1.0])]
    with pytest.raises(ValueError, match="expected 2 inputs, got 1") as caught:
        trained(lambda: data, 2, None)
    assert caught.value.__notes__ == ["in step 4 of epoch 1 of fit"]


@pytest.mark.parametrize("rows", [(ROWS[0], ROWS[1]), [tuple(ROWS[0]), tuple(ROWS[1])]])
@pytest.mark.parametrize("wanted", [(1.0, 2.0), [1.0, 2.0]])
def test_a_list_of_two_rows_and_their_targets_is_no_list_of_two_batches(
    rows: Any, wanted: Any
) -> None:
    model = MLP(2, [1], rng=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    given: Any = [rows, wanted]
    history = fit(model, given, loss=mean_squared_error, optimizer=optimizer, epochs=2)
    assert history["loss"][1] < history["loss"][0]
