"""Checkpoints that were damaged: each is an error that says so, and nothing has changed then."""

import json
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.formats import CheckpointError
from nn.schedules import ReduceOnPlateau

SUFFIXES = [".json"] + [".safetensors"] * (find_spec("safetensors") is not None)
ROWS, TARGETS = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.1]], [0.1, 0.2, 0.3]


class Training:
    """All that a checkpoint changes."""

    def __init__(self, seed: int) -> None:
        self.model = nn.MLP(2, [2, 1], rng=seed)
        self.optimizer = nn.Adam(self.model.parameters(), lr=0.1 + seed)
        self.rng = random.Random(seed)
        self.schedule = ReduceOnPlateau(0.5, patience=1)

    def state(self) -> Any:
        numbers = [p.data for p in self.model.parameters()]
        return numbers, self.optimizer.state(), self.rng.getstate(), self.schedule.state()

    def fit(self, file: Path, epochs: int, resume: bool) -> nn.History:
        return nn.fit(
            self.model,
            (ROWS, TARGETS),
            validation=(ROWS, TARGETS),
            loss=nn.mean_squared_error,
            optimizer=self.optimizer,
            epochs=epochs,
            rng=self.rng,
            schedule=self.schedule,
            early_stopping=nn.EarlyStopping(patience=9),
            checkpoint=file,
            resume=resume,
            jit=False,
        )

    def resume(self, file: Path) -> None:
        self.fit(file, 2, resume=True)  # as many epochs as there are: it is only read

    def load(self, file: Path) -> None:
        nn.load(file, self.model, self.optimizer, rng=self.rng)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    for suffix in SUFFIXES:
        Training(0).fit(folder / f"whole{suffix}", 2, resume=False)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def refused(training: Training, match: str | None = None) -> Iterator[None]:
    before = training.state()
    with pytest.raises(CheckpointError, match=match):
        yield
    assert repr(training.state()) == repr(before)


CHANGES: dict[str, Callable[[bytes, int, int, bytes], bytes]] = {
    "flipped": lambda x, at, bit, _: x[:at] + bytes([x[at] ^ 1 << bit]) + x[at + 1 :],
    "replaced": lambda x, at, _, new: x[:at] + new + x[at + len(new) :],
    "inserted": lambda x, at, _, new: x[:at] + new + x[at:],
    "removed": lambda x, at, _, new: x[:at] + x[at + len(new) :],
    "repeated": lambda x, at, *_: x[: at + 64] + x[at:],
    "appended": lambda x, _, __, new: x + new,
    "cut off": lambda x, at, *_: x[:at],
}


@pytest.mark.parametrize("act", ["load", "resume"])
@pytest.mark.parametrize("suffix", SUFFIXES)
@given(
    change=st.sampled_from([*CHANGES]),
    share=st.floats(0, 1, exclude_max=True),
    bit=st.integers(0, 7),
    new=st.binary(min_size=1, max_size=9) | st.sampled_from([b"1", b"0", b" ", b"\n", b"}", b'"']),
)
def test_one_change_anywhere_is_noticed(
    folder: Path, suffix: str, act: str, change: str, share: float, bit: int,
    new: bytes,
) -> None:  # fmt: skip
    whole = (folder / f"whole{suffix}").read_bytes()
    content = CHANGES[change](whole, int(share * len(whole)), bit, new)
    file = folder / f"damaged{suffix}"
    file.write_bytes(content)
    training = Training(1)
    if content == whole:
        getattr(training, act)(file)
    else:
        with refused(training):
            getattr(training, act)(file)


def test_what_was_edited_can_be_accepted(folder: Path) -> None:
    file = folder / "edited.json"
    tree = json.loads((folder / "whole.json").read_text())
    path = next(iter(tree["parameters"]))
    tree["parameters"][path] = 99.5
    file.write_text(json.dumps(tree))
    training = Training(1)
    with refused(training, r'edited\.json: its checksum does not match.* write "edited" in place'):
        training.load(file)
    file.write_text(json.dumps({**tree, "checksum": "edited"}, indent=2))
    training.load(file)
    assert dict(training.model.named_parameters())[path].data == 99.5


def test_files_of_before_there_were_checksums(folder: Path) -> None:
    file = folder / "old.json"
    tree = json.loads((folder / "whole.json").read_text())
    del tree["checksum"]
    file.write_text(json.dumps(tree))  # lost, since the file says that it has one
    training = Training(1)
    with refused(training, "checksum"):
        training.load(file)
    del tree["requires"]
    file.write_text(json.dumps(tree))
    training.load(file)
    expected = Training(0)
    expected.load(folder / "whole.json")
    assert training.state()[:3] == expected.state()[:3]


def test_what_only_a_later_version_knows(folder: Path) -> None:
    tree = json.loads((folder / "whole.json").read_text())
    file = folder / "later.json"
    file.write_text(json.dumps({**tree, "requires": ["checksum", "tides"], "checksum": "edited"}))
    training = Training(1)
    unknown = (
        r"requires list \['checksum', 'tides'\], which this version of chainrule does not know"
    )
    with refused(training, unknown):
        training.load(file)


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items: Any = []
    if isinstance(tree, dict):
        items = tree.items()
    elif isinstance(tree, list):
        items = list(enumerate(tree))[:3]
    return [at for key, x in items for at in [(*path, key), *places(x, (*path, key))]]


STRANGE = [
    None, True, False, 0, 1, -1, 2.5, -1.5, 10**400, "x", "", [], {}, [0.5], {"a": 1.0}, [[]],
    {"$float": "nan"}, {"$float": "inf"}, {"$float": "-inf"}, {"$float": "bogus"},
]  # fmt: skip


def test_a_number_of_the_history_that_is_no_float(folder: Path) -> None:
    tree = json.loads((folder / "whole.json").read_text())
    tree["checksum"] = "edited"
    tree["extra"]["history"][0]["loss"] = 10**400
    file = folder / "broken.json"
    file.write_text(json.dumps(tree))
    training = Training(1)
    before = repr(training.state())
    with pytest.raises(CheckpointError, match="epoch 1 of its history: loss: expected a number"):
        training.resume(file)
    assert repr(training.state()) == before


@pytest.mark.parametrize("act", ["load", "resume"])
@given(data=st.data())
def test_a_broken_part_is_found_before_anything_changes(
    folder: Path, act: str, data: st.DataObject
) -> None:
    """What no checksum protects either loads, if it happens to fit, or changes nothing."""
    tree = json.loads((folder / "whole.json").read_text())
    tree["checksum"] = "edited"
    *path, key = data.draw(st.sampled_from(places(tree)))
    inside = tree
    for step in path:
        inside = inside[step]
    change = data.draw(st.sampled_from(["replace", "drop", "rename", "repeat"]))
    if change == "replace":
        inside[key] = data.draw(st.sampled_from(STRANGE))
    elif change == "rename" and isinstance(inside, dict):
        inside["renamed"] = inside.pop(key)
    elif change == "repeat" and isinstance(inside, list):
        inside.append(inside[key])
    else:
        del inside[key]
    file = folder / "broken.json"
    file.write_text(json.dumps(tree))
    training = Training(1)
    before = repr(training.state())
    try:
        getattr(training, act)(file)
    except CheckpointError as error:
        assert str(file) in str(error)  # noqa: PT017
        assert repr(training.state()) == before


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ([None], "epoch 1 of its history is None"),
        ([{}], "its columns are ; now they are epoch"),
        ([{"loss": "x"}], r"epoch 1 of its history: loss: expected a number, got str 'x'"),
        ([{"loss": None}], "loss: expected a number, got None"),
        ([{"loss": [0.1]}], "loss: expected a number, got list"),
        ([{"loss": True}], "loss: expected a number, got bool True"),
        ([{"epoch": -7}], "epoch 1 of its history is numbered int -7"),
        ([{"epoch": 1.0}], "numbered float 1.0"),
        ([{}, {"epoch": 1}], "epoch 2 of its history is numbered int 1"),
        ({"loss": 1.0}, "saved outside of fit"),
    ],
)
def test_histories_that_are_none(folder: Path, history: Any, message: str) -> None:
    tree = json.loads((folder / "whole.json").read_text())
    row = tree["extra"]["history"][0]
    if isinstance(history, list) and history not in ([None], [{}]):
        history = [(x and {**row, **x}) or row for x in history]
    tree["extra"]["history"] = history
    file = folder / "history.json"
    file.write_text(json.dumps({**tree, "checksum": "edited"}))
    training = Training(1)
    with refused(training, message):
        training.resume(file)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_key_that_is_there_twice(folder: Path, suffix: str) -> None:
    whole = (folder / f"whole{suffix}").read_bytes()
    mark = b'"' if suffix == ".json" else b'\\"'
    for key in (b"version", b"optimizer", b"parameters", b"steps", b"waited"):
        old = b"%b%b%b: " % (mark, key, mark)
        if old not in whole:  # safetensors has its parameters elsewhere
            continue
        new = b"%b0, %b" % (old, old)
        content = whole.replace(old, new, 1)
        if suffix != ".json":
            length = int.from_bytes(whole[:8], "little") + len(new) - len(old)
            content = length.to_bytes(8, "little") + content[8:]
        file = folder / f"twice{suffix}"
        file.write_bytes(content)
        training = Training(1)
        with refused(training, f"the file has '{key.decode()}' twice"):
            training.load(file)


@pytest.mark.parametrize("digits", ["1e999", "-1e400", "NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_no_floats(folder: Path, digits: str) -> None:
    text = (folder / "whole.json").read_text()
    file = folder / "large.json"
    file.write_text(re.sub(r'("layers[^"]*": )[-.0-9e]+', rf"\g<1>{digits}", text, count=1))
    training = Training(1)
    with refused(training, digits):
        training.load(file)


class Stubborn:
    """A part of somebody else's, which changes itself before it finds out."""

    def __init__(self, error: Exception) -> None:
        self.parameters: list[Any] = []
        self.error = error
        self.number = 1

    def state(self) -> dict[str, Any]:
        return {"number": self.number}

    def load_state(self, state: dict[str, Any]) -> None:
        self.number = state["number"]
        if self.number != 1:
            raise self.error


@pytest.mark.parametrize("error", [AttributeError("a"), IndexError("i"), OverflowError("o")])
def test_whatever_a_part_raises_nothing_changes(tmp_path: Path, error: Exception) -> None:
    file = tmp_path / "model.json"
    part = Stubborn(error)
    part.number = 2
    nn.save(file, Training(0).model, part, rng=random.Random(0))
    training, part = Training(1), Stubborn(error)
    with refused(training, "the state of the optimiser does not fit"):
        nn.load(file, training.model, part, rng=training.rng)
    assert part.number == 1


def test_a_generator_that_has_no_state_changes_nothing(folder: Path) -> None:
    training = Training(1)
    with refused(training, "the random generator refuses it"):
        nn.load(
            folder / "whole.json", training.model, training.optimizer, rng=random.SystemRandom()
        )


def test_arguments_in_another_order(tmp_path: Path) -> None:
    model, file = nn.MLP(2, [1], rng=0), tmp_path / "model.json"
    for function in (nn.save, nn.load):
        name = function.__name__
        with pytest.raises(TypeError, match=rf"{name}: the path comes first: {name}\('model.json'"):
            function(model, file)  # type: ignore[operator]
        with pytest.raises(TypeError, match=r"expected a model after the path.*got None"):
            function(file, None)  # type: ignore[operator]
        with pytest.raises(TypeError, match=f"{name}: expected the path of a file"):
            function(3, model)  # type: ignore[operator]
    assert list(tmp_path.iterdir()) == []
