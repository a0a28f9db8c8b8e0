"""The digits demo: its training as a function, and the program on both kinds of digits."""

import gzip
import random
import signal
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import caller, check_pictures

from demos.digit_pictures import hardest, save_misread, winner
from demos.digits import Training, confusion, report, small_digits, some, train
from demos.idx import FILES, Images

PICTURES = ["confusion.png", "misread.png", "training.png"]


call = caller("digits")


def bars(count: int) -> Images:
    """Images of 2 x 10 pixels, of class k where the column k is bright."""
    labels = [i % 10 for i in range(count)]
    rows = [[1.0 if j % 10 == k else 0.0 for j in range(20)] for k in labels]
    return Images(rows, labels, 2, 10)


def write_mnist(folder: Path) -> None:
    """Images of 28 x 28 pixels, one bright column for each class; half of the files compressed."""
    for part, ending in (("training", ""), ("test", ".gz")):
        labels = bytes(i % 10 for i in range(40))
        pixels = b"".join(bytes(255 * (j % 28 // 2 == k) for j in range(784)) for k in labels)
        contents = (
            bytes((0, 0, 8, 3)) + struct.pack(">3I", 40, 28, 28) + pixels,
            bytes((0, 0, 8, 1)) + struct.pack(">I", 40) + labels,
        )
        for name, content in zip(FILES[part], contents, strict=True):
            packed = gzip.compress(content) if ending else content
            (folder / f"{name}{ending}").write_bytes(packed)


def test_scikit_learns_digits_are_split() -> None:
    training, test = small_digits(random.Random(0))
    assert len(training.rows) + len(test.rows) == 1797
    assert set(training.labels) == set(test.labels) == set(range(10))
    assert all(len(row) == 64 and 0 <= min(row) and max(row) <= 1 for row in training.rows)


def test_some_of_the_images() -> None:
    images = bars(30)
    assert some(images, None, random.Random(0)) is images
    assert some(images, 30, random.Random(0)) is images
    few = some(images, 5, random.Random(0))
    assert len(few.rows) == 5
    assert all(row[label] == 1 for row, label in zip(few.rows, few.labels, strict=True))


def test_a_short_training() -> None:
    images = bars(30)
    training = train(images, images, random.Random(0), hidden=8, epochs=12, batch=7, lr=0.3)
    assert [e.number for e in training.history] == list(range(13))
    assert training.steps == 12 * 5
    first, last = training.history[0], training.history[-1]
    assert first.train_loss == first.test_loss > last.train_loss > last.test_loss
    assert last.train_accuracy > first.train_accuracy
    assert [sum(answer) for answer in training.probabilities] == pytest.approx([1] * 30)
    table = report(training, images)
    assert table.splitlines()[-1].split()[0] == "9"


def test_compiled_and_plain_trainings_are_the_same() -> None:
    images = bars(30)
    compiled, plain = (
        train(images, images, random.Random(0), 8, 3, batch=7, jit=jit) for jit in (True, False)
    )
    for epoch, expected in zip(compiled.history, plain.history, strict=True):
        assert epoch == pytest.approx(expected, rel=1e-9)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_the_training() -> None:
    def press(measure: Callable[..., object]) -> Callable[..., object]:
        def pressed(state: object) -> None:
            measure(state)
            signal.raise_signal(signal.SIGINT)

        return pressed

    images = bars(30)
    training = train(images, images, random.Random(0), 4, 3, batch=10, aside=press)
    assert [e.number for e in training.history] == [0, 1]
    assert training.steps == 3


def test_what_is_misread(tmp_path: Path) -> None:
    images = bars(4)
    sure = [[0.9 if j == k else 0.1 / 9 for j in range(10)] for k in (0, 2, 2, 5)]
    sure[3][5] = 0.95
    training = Training([], sure, 0)
    answers = [winner(answer) for answer in sure]
    assert answers == [0, 2, 2, 5]
    assert hardest(training, images, 9) == [3, 1]
    assert hardest(training, images, 1) == [3]
    table = confusion(images.labels, answers)
    assert (table[0][0], table[1][2], table[2][2], table[3][5]) == (1, 1, 1, 1)
    assert sum(map(sum, table)) == 4
    none = Training([], [sure[0]], 0)
    path = save_misread(none, images._replace(rows=images.rows[:1], labels=[0]), tmp_path / "0.png")
    assert path.stat().st_size > 0


@pytest.mark.slow
def test_the_program_reads_mnists_files(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    out = tmp_path / "out"
    options = ("--hidden", "4", "--epochs", "1", "--rows", "20", "--out", str(out))
    done = call("--mnist", str(tmp_path), *options)
    assert done.returncode == 1
    assert "784-4-10 network; 20 of 40 training rows and 40 of 40 test rows" in done.stdout
    assert "Not learned" in done.stderr
    check_pictures(out, *PICTURES)


def test_the_program_names_a_wrong_file(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    labels = tmp_path / FILES["training"][1]
    labels.write_bytes(labels.read_bytes()[:-1])
    done = call("--mnist", str(tmp_path))
    assert done.returncode == 2
    assert "truncated" in done.stderr
    labels.unlink()
    assert call("--mnist", str(tmp_path)).returncode == 2
