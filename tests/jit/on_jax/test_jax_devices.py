"""`fit(..., devices=)`: the same training on any number of devices, and in several processes."""

import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from device_trainings import PRODUCTS, ROWS, TRAININGS, left, perceptron
from jax_here import close

from autograd import FallbackError, Value, relu, where
from nn import MLP, SGD, Module, fit, mean_squared_error
from nn.optimizer import Optimizer

HERE = Path(__file__).parent
untyped: Any = fit


def environment(**more: str) -> dict[str, str]:
    paths = [str(HERE), os.getcwd(), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **more}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[Any, Any]:
    """All trainings, made where JAX has eight devices, and the steps that XLA has compiled."""
    steps = tmp_path_factory.mktemp("steps")
    flags = "--xla_force_host_platform_device_count=8 --xla_dump_hlo_as_text"
    found = subprocess.run(
        [sys.executable, HERE / "device_trainings.py"],
        env=environment(
            XLA_FLAGS=f"{flags} --xla_dump_hlo_module_re=jit_step --xla_dump_to={steps}"
        ),
        capture_output=True,
        text=True,
        timeout=1500,
    )
    assert found.returncode == 0, found.stderr
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    compiled = [path.read_text() for path in steps.glob("*after_optimizations.txt")]
    return {"steps": compiled, **{(name, devices): result for name, devices, result in lines}}


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for what in ("columns", "steps", "ended"):
        assert found[what] == expected[what]
    for what in ("parameters", "held", "gradients", "slots"):
        assert close(found[what], expected[what]), what
    assert len(found["history"]) == len(expected["history"])
    for row, wanted in zip(found["history"], expected["history"], strict=True):
        assert row == pytest.approx(wanted, rel=1e-12, abs=1e-13)


CASES = [(name, count) for name, (_, counts) in TRAININGS.items() for count in counts]


@pytest.mark.parametrize(("name", "devices"), [x for x in CASES if x[0] != "diverging"])
def test_a_training_is_the_plain_one(made: Any, name: str, devices: int) -> None:
    assert_same(made[name, devices], made[name, None])


def test_a_training_that_diverges_says_so(made: Any) -> None:
    found, plain = made["diverging", 2], made["diverging", None]
    assert found["ended"] == plain["ended"] != [None, False]
    assert len(found["history"]) == len(plain["history"])


@pytest.mark.parametrize("then", [2, None])
def test_a_checkpoint_is_read_with_devices_and_without(made: Any, then: int | None) -> None:
    assert_same(made["resumed", then], made["scheduled", None])


def test_ctrl_c_ends_a_training_after_the_step(made: Any) -> None:
    found = made["interrupted", 2]
    assert found["ended"] == [None, True]
    assert found["history"] == made["scheduled", 2]["history"][:2]


def test_a_step_has_one_all_reduce(made: Any) -> None:
    assert len(made["steps"]) >= len(CASES)
    for text in made["steps"]:
        assert len(re.findall(r" all-reduce(?:-start)?\(", text)) == 1
        assert not re.findall(r" (?:all-gather|all-to-all|collective-permute)", text)


# What cannot be


def step_of(**options: Any) -> list[float]:
    """The parameters after one step on one device; by default of a small network."""
    model = options.pop("model", None) or MLP(2, [1], rng=0)
    optimizer = options.pop("optimizer", lambda parameters: SGD(parameters, lr=0.1))
    given = {
        "train": (ROWS, PRODUCTS),
        "loss": mean_squared_error,
        "optimizer": optimizer(model.parameters()),
        "epochs": 1,
        "devices": 1,
        **options,
    }
    before = [p.data for p in model.parameters()]
    try:
        untyped(model, given.pop("train"), **given)
    except Exception:
        assert [p.data for p in model.parameters()] == before
        raise
    return [p.data for p in model.parameters()]


class Asks(Module):
    """A model that is no program of numbers."""

    def __init__(self, call: Callable[[Any, Any], Any]) -> None:
        self.weight, self.call = Value(0.5), call

    def __call__(self, row: Any) -> Any:
        return self.call(self.weight, row)


OUTSIDE = Value(2.0)


def errors(outputs: Any, targets: Any) -> list[Any]:
    return [(y - t) ** 2 for y, t in zip(outputs, targets, strict=True)]


def trimmed(outputs: Any, targets: Any) -> Any:
    """Of ten and more rows those that cost most are left out."""
    found = sorted(errors(outputs, targets))
    return sum(found[: len(found) - len(found) // 10]) / len(found)


def weighted(outputs: Any, targets: Any) -> Any:
    """A mean by weights, which are the same in the first rows."""
    weights = [w for _, w in targets]
    costs = errors(outputs, [t for t, _ in targets])
    return sum(w * x for w, x in zip(weights, costs, strict=True)) / sum(weights)


def placed(outputs: Any, targets: Any) -> Any:
    weights = [1.0] * 12 + [2.0] * len(outputs)
    return sum(w * x for w, x in zip(weights, errors(outputs, targets), strict=False))


def switched(outputs: Any, targets: Any) -> Any:
    return sum(errors(outputs, targets)) / (1 if len(outputs) > 10 else len(outputs))


def present(outputs: Any, targets: Any) -> Any:
    """The mean of the rows that have a target: all but one, which is none of the first."""
    found = [x for x, t in zip(errors(outputs, targets), targets, strict=True) if t == t]
    return sum(found) / max(len(found), 1)


COUPLED: list[tuple[dict[str, Any], str]] = [
    ({"loss": lambda y, t: sum(errors(y, t)) ** 0.5}, "meet in pow_number"),
    ({"loss": trimmed}, "a condition reads several rows"),
    (
        {"loss": weighted, "train": (ROWS, [(t, 1.0 + (i > 11)) for i, t in enumerate(PRODUCTS)])},
        "meet in div",
    ),
    ({"loss": placed}, "otherwise than another one in its place"),
    ({"loss": switched}, "is neither"),
    ({"loss": present, "train": (ROWS, [*PRODUCTS[:15], math.nan, *PRODUCTS[16:]])}, "is neither"),
    ({"loss": lambda y, t: sum(errors(y, t)) / (len(y) - 0.5)}, "is neither"),
]


@pytest.mark.parametrize(("options", "why"), COUPLED)
def test_a_loss_that_is_no_sum_over_rows_is_refused(options: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=f"must be the mean or the sum of the losses.*{why}"):
        step_of(**options)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"devices": 99}, ValueError, r'JAX has 1 \(.*\): write devices="all" \(XLA_FLAGS=.*=99'),
        ({"devices": 0}, ValueError, "devices .* must be at least 1, got 0"),
        ({"devices": "some"}, TypeError, r"must be \"all\" or a number of devices, got str 'some'"),
        ({"devices": True}, TypeError, "got bool True"),
        ({"devices": 1.0}, TypeError, "got float 1.0"),
        ({"jit": False}, ValueError, "leave jit=False out"),
        ({"train": (ROWS[:2], [1, 2**53])}, ValueError, r"targets have whole numbers of 2\*\*53"),
        (
            {"loss": lambda y, t: Value(float(y[0])) + y[0]},
            FallbackError,
            r"fit: devices: the loss of a batch .*float\(\).* train without devices=",
        ),
        (
            {"train": ([[1.0, 2.0], [1.0, 2.0, 3.0]], [0.0, 1.0])},
            ValueError,
            r"devices: inputs\[1\]: .* must have one shape: pad them",
        ),
        ({"train": ([[1.0, "a"]], [1.0])}, TypeError, r"inputs\[0\]\[1\]: expected a number"),
        (
            {"train": ([[1.0, 2.0], [1.0, "2.0"]], [0.0, 1.0])},
            ValueError,
            r"inputs\[1\]\[1\]: expected a number, got str '2.0'",
        ),
        (
            {"model": Asks(lambda w, row: w * float(w * row[0]))},
            FallbackError,
            r"fit: devices: the loss of a row .*float\(\)",
        ),
        (
            {"model": Asks(lambda w, row: w * row[0] * OUTSIDE)},
            FallbackError,
            "the loss of a row reads Values from outside",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        step_of(**options)


def test_a_loss_that_is_another_one_of_longer_batches_is_refused_there() -> None:
    def batches() -> Iterator[Any]:
        for count in (9, 12):
            yield ROWS[:count], PRODUCTS[:count]

    model = MLP(2, [1], rng=0)
    optimizer = SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match="the one given is neither"):
        untyped(model, batches, loss=switched, optimizer=optimizer, epochs=1, devices=1)


def test_too_many_branches_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nn.devices.BRANCHES", 1)
    model = Asks(lambda w, row: w * row[0] if row[0] > 0 else w)
    with pytest.raises(FallbackError, match=r"takes more than 1 branches: choose by .*where"):
        step_of(model=model)


class Undecided(Optimizer):
    rule = staticmethod(lambda data, grad, *, step, lr: (data - lr if grad > 0 else data + lr,))


class Decided(Optimizer):
    rule = staticmethod(lambda data, grad, *, step, lr: (where(grad > 0, data - lr, data + lr),))


def test_a_rule_with_a_branch_is_refused_and_one_that_chooses_is_not() -> None:
    with pytest.raises(FallbackError, match=r"the rule of Undecided takes another branch for"):
        step_of(model=perceptron(), optimizer=lambda parameters: Undecided(parameters, 0.1))
    plainly = step_of(optimizer=lambda parameters: Decided(parameters, 0.1), devices=None)
    assert step_of(optimizer=lambda parameters: Decided(parameters, 0.1)) == plainly


def test_a_question_about_a_type_is_noticed() -> None:
    model = Asks(lambda w, row: relu(w) * row[0] if isinstance(row[0], float) else w)
    with pytest.raises((ValueError, FallbackError), match="fit: devices: "):
        step_of(model=model)


# Several processes

START = """
import sys
import jax
jax.distributed.initialize(
    sys.argv[1], 2, int(sys.argv[2]), initialization_timeout=120,
    heartbeat_timeout_seconds=10, shutdown_timeout_seconds=20,
)
import json, os, signal, time
from device_trainings import *

me, folder = int(sys.argv[2]), sys.argv[3]
signal.signal(signal.SIGINT, signal.default_int_handler)

def tell(epoch):
    print("epoch", epoch.row["epoch"], flush=True)

def trained(name, *callbacks, **options):
    usual = {"callbacks": [tell, *callbacks], "checkpoint": f"{folder}/{name}{me}.json"}
    return left("scheduled", "all", **{"resume": True, **usual, **options})

def show(name, found):
    print(json.dumps([name, found]), flush=True)
"""

KILLED = """
options = {"epochs": 12, "checkpoint": f"{folder}/both.json"}
trained("killed", lambda epoch: time.sleep(0.3), **options)
"""

TOGETHER = """
def press(epoch):
    if me and epoch.row["epoch"] == 2:
        os.kill(os.getpid(), signal.SIGINT)

show("plain", trained("plain"))
show("interrupted", trained("interrupted", press))
for name, options in (("epochs", {"epochs": 3 + me}), ("rows", {})):
    number = ROWS[3][0]
    ROWS[3][0] += 1e-9 * me * (name == "rows")
    try:
        show(name, trained(name, **options))
    except ValueError as error:
        show(name, f"{error}")
    ROWS[3][0] = number
for victim in range(2):
    checkpoint = f"{folder}/{victim}/both.json"
    show(f"killed {victim}", trained("again", epochs=12, checkpoint=checkpoint))
trained("end", rng=me)
"""
"""All that two processes can do one after the other; the last of it ends them."""


@contextmanager
def two_processes(folder: Path, program: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Two processes of one training, which are ended hard when the block is left."""
    with socket.create_server(("localhost", 0)) as server:
        address = f"localhost:{server.getsockname()[1]}"
    found: list[subprocess.Popen[str]] = []
    with ExitStack() as files:
        for me in range(2):
            out, err = [
                files.enter_context((folder / f"{x}{me}").open("w")) for x in ("out", "err")
            ]
            command = [sys.executable, "-c", START + program, address, str(me), str(folder)]
            made = subprocess.Popen(
                command, env=environment(JAX_PLATFORMS="cpu"), stdout=out, stderr=err, text=True
            )
            found.append(made)
    try:
        yield found
    finally:
        for process in found:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The folder of two trainings of which a process was killed, and what the other said."""
    above, told = tmp_path_factory.mktemp("processes"), []
    for victim in range(2):
        folder = above / str(victim)
        folder.mkdir()
        with two_processes(folder, KILLED) as processes:
            seen = folder / f"out{victim}"
            while "epoch 3\n" not in seen.read_text():
                assert processes[victim].poll() is None, (folder / f"err{victim}").read_text()
                time.sleep(0.1)
            processes[victim].send_signal(signal.SIGKILL)
            assert processes[1 - victim].wait(60) != 0
        told.append((folder / f"err{1 - victim}").read_text())
    return above, told


@pytest.fixture(scope="module")
def together(killed: tuple[Path, list[str]]) -> dict[str, Any]:
    """What both of two processes say of each training, and of their end."""
    folder, _ = killed
    with two_processes(folder, TOGETHER) as processes:
        ends = [process.wait(600) for process in processes]
    errors = [(folder / f"err{me}").read_text() for me in range(2)]
    texts = [(folder / f"out{me}").read_text().splitlines() for me in range(2)]
    first, second = [[json.loads(x) for x in text if x.startswith('["')] for text in texts]
    assert first == second, errors
    assert [name for name, _ in first][-1:] == ["killed 1"], errors
    return {**dict(first), "ends": ends, "errors": errors}


@pytest.mark.slow
def test_two_processes_make_the_plain_training(killed: Any, together: dict[str, Any]) -> None:
    assert_same(together["plain"], left("scheduled", None))
    assert (killed[0] / "plain0.json").exists()
    assert not (killed[0] / "plain1.json").exists()


@pytest.mark.slow
def test_ctrl_c_in_one_process_ends_both(together: dict[str, Any]) -> None:
    assert together["interrupted"]["ended"] == [None, True]
    assert together["interrupted"]["history"] == together["plain"]["history"][:2]


@pytest.mark.slow
@pytest.mark.parametrize("difference", ["epochs", "rows", "rng"])
def test_processes_that_differ_are_told(together: dict[str, Any], difference: str) -> None:
    told = together["errors"] if difference == "rng" else [together[difference]]
    for text in told:
        assert "the processes do not make the same step" in text
    assert 0 not in together["ends"]


@pytest.mark.slow
@pytest.mark.parametrize("victim", [0, 1])
def test_a_process_that_is_killed_ends_the_other_and_both_go_on(
    killed: Any, together: dict[str, Any], victim: int
) -> None:
    told = killed[1][victim]
    assert "another process has ended" in told or "another task died" in told
    assert victim == 0 or "resume=True" in told
    assert_same(together[f"killed {victim}"], left("scheduled", None, epochs=12))
