"""The history: columns, files and pictures, each written wholly or not at all."""

import copy
import csv
import math
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from strength import slowly

from nn.history import History

ROWS: list[dict[str, float]] = [
    {
        "epoch": i + 1,
        "lr": 0.1,
        "loss": 0.9**i,
        "accuracy": 1 - 0.5 * 0.8**i,
        "val_loss": 0.92**i + 0.01,
        "val_accuracy": 1 - 0.55 * 0.8**i,
    }
    for i in range(30)
]


def test_columns() -> None:
    history = History(ROWS)
    assert history.columns == ["epoch", "lr", "loss", "accuracy", "val_loss", "val_accuracy"]
    assert history["loss"] == [0.9**i for i in range(30)]
    assert len(history) == 30
    with pytest.raises(KeyError, match="'auc': expected one of epoch, lr, loss"):
        history["auc"]
    with pytest.raises(KeyError, match="no columns"):
        History()["loss"]


def test_epochs_get_rows_when_these_are_read() -> None:
    """Whoever reads them finds those that are given one by one, in any order."""
    rows: list[dict[str, float]] = [
        {"epoch": i, "lr": 0.1 * i, "loss": 1.0 / i} for i in range(1, 10)
    ]
    history = History(rows[:2])
    for part in (rows[2:3], rows[3:7]):
        history.add([row["lr"] for row in part], [row["loss"] for row in part])
    assert len(history) == 7
    assert history.last == rows[6]
    assert repr(history) == repr(History(rows[:7]))
    assert history.columns == [*rows[0]]
    history.rows.append(rows[7])
    history.add([rows[8]["lr"]], [rows[8]["loss"]])
    assert pickle.loads(pickle.dumps(history)) == copy.deepcopy(history) == History(rows)
    assert history != History(rows, interrupted=True)
    assert history["loss"] == [row["loss"] for row in rows]
    history.add([0.1], [0.5])
    history.rows = rows[:1]
    assert history == History(rows[:1])


class Once(list[float]):
    """Numbers that do something when they are gone through for the first time."""

    def __init__(self, numbers: list[float], action: Callable[[], object]) -> None:
        super().__init__(numbers)
        self.actions = [action]

    def __iter__(self) -> Iterator[float]:
        while self.actions:
            self.actions.pop()()
        return super().__iter__()


def _interrupt() -> None:
    raise KeyboardInterrupt


def test_rows_are_made_once_by_threads_that_read_them_together() -> None:
    history = History(ROWS[:1])
    history.add([0.1], [0.5])
    history.add(Once([0.2, 0.3], lambda: history.rows), [0.25, 0.125])
    assert history["epoch"] == [1, 2, 3, 4]
    assert history["loss"][1:] == [0.5, 0.25, 0.125]


def test_ctrl_c_while_rows_are_made_loses_and_doubles_none() -> None:
    history = History()
    history.add([0.1], [0.5])
    history.add(Once([0.2], _interrupt), [0.25])
    with pytest.raises(KeyboardInterrupt):
        print(history.rows)
    assert len(history) == 2
    assert history["loss"] == [0.5, 0.25]


def test_a_copy_has_as_many_epochs() -> None:
    history = History()
    history.add([0.1, 0.1], [0.5, 0.25])
    copied = copy.copy(history)
    assert len(copied.rows) == len(history) == 2
    assert copied == history


def test_repr() -> None:
    assert repr(History()) == "<History: 0 epochs>"
    assert repr(History(ROWS[:1], interrupted=True)) == (
        "<History: 1 epochs, loss 1, accuracy 0.5, val_loss 1.01, val_accuracy 0.45, interrupted>"
    )


def test_csv_keeps_all_digits(tmp_path: Path) -> None:
    rows: list[dict[str, float]] = [*ROWS, {**ROWS[0], "loss": math.inf}]
    path = History(rows).to_csv(tmp_path / "history.csv")
    with open(path, newline="") as file:
        read = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]
    assert read == rows
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("suffix", "start"), [("png", b"\x89PNG"), slowly("pdf", b"%PDF"), slowly("svg", b"<?")]
)
def test_pictures(tmp_path: Path, suffix: str, start: bytes) -> None:
    path = tmp_path / f"history.{suffix}"
    assert History(ROWS).plot(path) == path
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "rows",
    [
        [{"epoch": 1, "lr": 0.1, "loss": 0.5}],
        [{"epoch": 1, "lr": 0.1, "loss": -0.5}, {"epoch": 2, "lr": 0.1, "loss": -1.5}],
        [{"epoch": 1, "lr": 0.1, "loss": 0.5}, {"epoch": 2, "lr": 0.1, "loss": math.nan}],
        [{"epoch": 1, "lr": 0.1, "loss": math.inf}, {"epoch": 2, "lr": 0.1, "loss": math.inf}],
        [{"epoch": 1, "lr": 0.1, "loss": 0.0}],
    ],
    ids=["one epoch", "negative", "nan", "inf", "zero"],
)
def test_pictures_of_odd_losses(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    assert History(rows).plot(tmp_path / "loss.png").stat().st_size > 1000


def test_errors(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no epochs to draw"):
        History().plot(tmp_path / "loss.png")
    with pytest.raises(ValueError, match=r"must end in one of .*\.png.* got 'loss\.txt'"):
        History(ROWS).plot(tmp_path / "loss.txt")
    with pytest.raises(FileNotFoundError, match="There is no such folder"):
        History(ROWS).plot(tmp_path / "none" / "loss.png")
    with pytest.raises(FileNotFoundError, match="There is no such folder"):
        History(ROWS).to_csv(tmp_path / "none" / "loss.csv")
    assert list(tmp_path.iterdir()) == []
