"""Checkpoints: every bit comes back, whatever is wrong is refused, and SIGKILL does no harm."""

import json
import math
import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import nn
from autograd import AutogradError, Value
from nn.formats import CheckpointError, from_json, to_json
from nn.saving import load, save

ROOT = Path(__file__).parent.parent.parent
FORMATS = [
    "json",
    pytest.param(
        "safetensors",
        marks=pytest.mark.skipif(
            find_spec("safetensors") is None, reason="safetensors is not installed"
        ),
    ),
]


def data(model: nn.Module) -> list[float]:
    return [p.data for p in model.parameters()]


def trained(seed: int) -> tuple[nn.MLP, nn.SGD, random.Random]:
    model = nn.MLP(2, [3, 1], activation="tanh", rng=seed)
    optimizer = nn.SGD(model.parameters(), lr=0.1 + seed, momentum=0.9)
    rng = random.Random(seed)
    for _ in range(3):
        optimizer.zero_grad()
        nn.mean_squared_error(model([rng.gauss(), 1.0]), 0.5).backward()
        optimizer.step()
    return model, optimizer, rng


@pytest.mark.parametrize("suffix", FORMATS)
def test_everything_comes_back(tmp_path: Path, suffix: str) -> None:
    model, optimizer, rng = trained(0)
    rng.gauss()
    for parameter, number in zip(
        model.parameters(), [math.inf, -math.inf, math.nan, -0.0, 5e-324, 0.1], strict=False
    ):
        parameter.data = number
    extra = {"epoch": 3, "name": "é", "on": True, "none": None, "numbers": [0.1, math.inf, 1]}
    path = tmp_path / f"model.{suffix}"
    assert save(path, model, optimizer, rng=rng, extra=extra) == path
    twin, other, generator = trained(1)
    assert load(path, twin, other, rng=generator) == extra
    assert repr(data(twin)) == repr(data(model))
    assert other.state() == optimizer.state()
    assert generator.getstate() == rng.getstate()
    assert generator.gauss() == rng.gauss()
    assert list(tmp_path.iterdir()) == [path]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
@example({"$float": None, "$$float": {"$float": "inf"}, "$": "$float", "float": 1.0})
@example([{"$float": "nan"}, math.inf])
def test_trees_come_back(tree: Any) -> None:
    text = to_json(tree)
    json.loads(text, parse_constant=pytest.fail)
    assert repr(from_json(text)) == repr(tree)


def test_safetensors_are_read_by_pytorch(tmp_path: Path, torch: Any) -> None:
    pytest.importorskip("safetensors", reason="safetensors is not installed")
    from safetensors.torch import load_file

    model, optimizer, _ = trained(0)
    tensors = load_file(save(tmp_path / "model.safetensors", model, optimizer))
    assert {name: tensor.tolist() for name, tensor in tensors.items()} == model.state_dict()


def test_a_part_can_be_left_out(tmp_path: Path) -> None:
    model, optimizer, rng = trained(0)
    twin, other, generator = trained(1)
    full = save(tmp_path / "full.json", model, optimizer, rng=rng)
    assert load(full, twin) == {}
    assert data(twin) == data(model)
    bare = save(tmp_path / "bare.json", trained(2)[0])
    with pytest.raises(CheckpointError, match=r"bare\.json: no optimizer was saved"):
        load(bare, twin, other)
    with pytest.raises(CheckpointError, match=r"bare\.json: no random generator was saved"):
        load(bare, twin, rng=generator)
    assert data(twin) == data(model)


class Wide(nn.Module):
    def __init__(self, *names: str) -> None:
        for name in names:
            setattr(self, name, Value(1.0))


@pytest.mark.parametrize("suffix", FORMATS)
def test_other_parameters(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"model.{suffix}", Wide("a", "b"))
    for names, message in [
        ("abc", "lacks the parameter c of the model$"),
        ("abcd", r"lacks the parameter c \(and 1 more\) of"),
        ("b", "has a parameter a, which the model lacks$"),
        ("", r"has a parameter a \(and 1 more\)"),
    ]:
        model = Wide(*names)
        for parameter in model.parameters():
            parameter.data = 7.0
        with pytest.raises(CheckpointError, match=message):
            load(path, model)
        assert set(data(model)) <= {7.0}


def broken(**changes: Any) -> str:
    tree: dict[str, Any] = {
        "format": "chainrule checkpoint",
        "version": 1,
        "parameters": {"a": 2.0, "b": 3.0},
        "optimizer": trained(0)[1].state(),
        "rng": [3, [0] * 625, None],
        "extra": {},
    }
    return json.dumps({**tree, **changes})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "not a checkpoint of chainrule"),
        ("3", "not a checkpoint of chainrule"),
        ('{"layers": [1.0]}', "not a checkpoint of chainrule"),
        ("\x80\x04pickle", "truncated or not a checkpoint"),
        ("[" * 100_000, "truncated or not a checkpoint"),
        (broken(version=2), "expected version 1, got int 2"),
        (broken(parameters=None), "'parameters' is missing"),
        (broken(parameters={"a": 1.0, "b": "2"}), "parameter b: expected a float, got str '2'"),
        (broken(parameters={"a": 1.0, "b": [2.0]}), r"parameter b: expected a float, got list"),
        (broken(parameters={"a": 2.0}), "lacks the parameter b"),
        (broken(extra=None), "'extra' is missing or broken"),
        (broken(optimizer=[]), "'optimizer' is missing or broken"),
        (broken(optimizer={"lr": 1.0}), "the state of the optimiser does not fit"),
        (broken(rng=[3, [0] * 9, None]), "the state of the random generator is broken"),
        (broken(rng=[3, [2**40] * 625, None]), "the state of the random generator is broken"),
        (broken(rng=[3, [0] * 625, "x"]), "the state of the random generator is broken"),
        (broken(rng=[3, [0] * 625, True]), "the state of the random generator is broken"),
        (broken(rng=[1, 2]), "the state of the random generator is broken"),
    ],
)
def test_what_is_no_checkpoint(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(text)
    model, rng = Wide("a", "b"), random.Random(0)
    optimizer = nn.SGD(model.parameters(), lr=0.5)
    before, state = optimizer.state(), rng.getstate()
    with pytest.raises(CheckpointError, match=message) as caught:
        load(path, model, optimizer, rng=rng)
    assert isinstance(caught.value, ValueError | AutogradError)
    assert str(path) in str(caught.value)
    assert (data(model), optimizer.state(), rng.getstate()) == ([1.0, 1.0], before, state)


def test_foreign_safetensors(tmp_path: Path) -> None:
    pytest.importorskip("safetensors", reason="safetensors is not installed")
    import numpy as np
    from safetensors.numpy import save_file

    path, ours = tmp_path / "model.safetensors", {"chainrule": "null"}
    for tensors, metadata, message in [
        ({"a": np.array(1.0), "b": np.zeros(2, np.int8)}, ours, "of type float64, got int8"),
        ({"a": np.array(1, np.float32), "b": np.array(1.0)}, ours, "of type float64, got float32"),
        ({"a": np.array(1.0), "b": np.zeros(2, np.int8)}, {}, "not a checkpoint of chainrule"),
        ({"a": np.array(1, np.float32)}, {"format": "pt"}, "not a checkpoint of chainrule"),
        ({"a": np.array(1.0), "b": np.array(1.0)}, None, "not a checkpoint of chainrule"),
        ({"a": np.array(1.0)}, {"chainrule": "{"}, "truncated or not a checkpoint"),
    ]:
        save_file(tensors, path, metadata)
        with pytest.raises(CheckpointError, match=message):
            load(path, Wide("a", "b"))


def test_safetensors_of_half_precision_by_others(tmp_path: Path) -> None:
    """The remedy in the message is one: tensors of PyTorch, which NumPy has no type for."""
    pytest.importorskip("safetensors", reason="safetensors is not installed")
    header = b'{"a":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}}'
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\x40\x40")
    with pytest.raises(CheckpointError, match=r"not a checkpoint .* safetensors\.torch"):
        load(path, Wide("a"))
    if find_spec("torch") is None:
        return
    from safetensors.torch import load_file

    model = Wide("a")
    model.load_state_dict(load_file(path))
    assert data(model) == [3.0]


def test_old_safetensors_with_a_tensor_for_each_number(tmp_path: Path) -> None:
    pytest.importorskip("safetensors", reason="safetensors is not installed")
    import numpy as np
    from safetensors.numpy import save as encoded

    from nn.formats import UNSEALED, sealed

    model, optimizer, _ = trained(0)
    tree = {"checksum": UNSEALED, "format": "chainrule checkpoint", "version": 1}
    tree |= {"requires": ["checksum"], "optimizer": optimizer.state(), "rng": None, "extra": {}}
    tensors = {path: np.array(p.data) for path, p in model.named_parameters()}
    path = tmp_path / "old.safetensors"
    path.write_bytes(sealed(encoded(tensors, {"chainrule": to_json(tree)})))
    twin, other, _ = trained(1)
    assert load(path, twin, other) == {}
    assert (data(twin), other.state()) == (data(model), optimizer.state())


def test_what_cannot_be_saved(tmp_path: Path) -> None:
    model = Wide("a")
    path = tmp_path / "model.json"
    save(path, model)
    before = path.read_bytes()
    for extra, message in [
        ({"x": object()}, r"save: extra\.x: this cannot be saved: object"),
        ({"x": [{1: 2}]}, r"save: extra\.x\[0\]: a key must be a string, got int 1"),
        ({"x": {1.0}}, "this cannot be saved: set"),
        ({"\x1b[2J": object()}, r"save: extra\.\\x1b\[2J: this cannot be saved: object"),
    ]:
        with pytest.raises(TypeError, match=message):
            save(path, model, extra=extra)
    for name in ("model", "model.pkl"):
        with pytest.raises(ValueError, match=r"must end in one of \.json, \.safetensors, got"):
            save(tmp_path / name, model)
        with pytest.raises(ValueError, match="must end in one of"):
            load(tmp_path / name, model)
    twice = Wide()
    twice.__dict__.update({"a.b": Value(1.0), "a": {"b": Value(2.0)}})
    with pytest.raises(ValueError, match=r"two parameters have the same path: a\.b"):
        save(path, twice)
    with pytest.raises(FileNotFoundError, match="There is no such folder"):
        save(tmp_path / "none" / "model.json", model)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.json", model)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


CHILD = """
import os, sys, time
from nn import MLP, SGD, mean_squared_error
from nn.training import fit

path, kill_in_save = sys.argv[1], int(sys.argv[2])
model = MLP(2, [4, 1], activation="tanh", rng=0)
rows = [[i / 10, (i * i % 7) / 7] for i in range(20)]
if kill_in_save:
    sync, calls = os.fsync, []

    def slow(descriptor):
        sync(descriptor)
        calls.append(descriptor)
        if len(calls) == kill_in_save:  # the file is complete, but not in its place
            print("saving", flush=True)
            time.sleep(3600)

    os.fsync = slow
history = fit(
    model, (rows, [x * y for x, y in rows]), loss=mean_squared_error,
    optimizer=SGD(model.parameters(), lr=0.05, momentum=0.9), epochs=40, batch_size=3, rng=1,
    checkpoint=path, resume=True, jit=False,
    callbacks=[lambda epoch: print("epoch", flush=True), lambda epoch: time.sleep(0.005)],
)
print([p.data.hex() for p in model.parameters()], [x.hex() for x in history["loss"]])
"""


def child(path: Path, kill_in_save: int = 0) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(kill_in_save)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(path: Path) -> str:
    with child(path) as process:
        out, _ = process.communicate()
    assert process.returncode == 0
    return out.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("suffix", FORMATS)
def test_killed_at_any_moment_and_resumed(tmp_path: Path, suffix: str) -> None:
    expected = finish(tmp_path / f"never.{suffix}")
    path = tmp_path / f"killed.{suffix}"
    for kill_in_save in (1, 5):  # odd calls force the file to the disk, even ones its folder
        with child(path, kill_in_save) as process:
            assert process.stdout is not None
            while process.stdout.readline() != "saving\n":
                pass
            process.send_signal(signal.SIGKILL)
    assert len(list(tmp_path.glob(f".{path.name}.*.tmp"))) == 1
    rng = random.Random(2)
    for _ in range(3):
        with child(path) as process:
            assert process.stdout is not None
            for _ in range(rng.randint(2, 9)):
                process.stdout.readline()
            with suppress(subprocess.TimeoutExpired):  # it may be done, if this process had to wait
                process.wait(rng.uniform(0, 0.01))
            process.send_signal(signal.SIGKILL)
    assert finish(path) == expected
    assert sorted(x.name for x in tmp_path.iterdir()) == [path.name, f"never.{suffix}"]
