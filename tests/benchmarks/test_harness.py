"""The harness, with the peers that need nothing but NumPy and perhaps a C compiler."""

import doctest
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from benchmarks import check, pages, summary
from benchmarks.harness import Harness, Settings
from benchmarks.peers import PEERS, Peer
from benchmarks.report import full_report, summary_table, verdict
from benchmarks.summary import figures, series, slope
from benchmarks.workloads import WORKLOADS

pytestmark = pytest.mark.peers
INSTALLED = ("jit", "eager", "lean", "numpy", *(["c"] if shutil.which("cc") else []))
ALL = "moons digits gpt chain samples width depth compile memory import"
TABLE = {
    **{name: PEERS[name] for name in INSTALLED},
    "wrong": Peer("wrong", "a wrong one", "wrong_peer", without=dict.fromkeys(ALL.split(), "no")),
    "absent": Peer("absent", "one that is not there", "no_such_module"),
}


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    """A run of some workloads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        settings = Settings(quick=True, only=("xor", "rosenbrock", "chain", "memory"), budget=0.04)
        result: dict[str, Any] = json.loads(json.dumps(Harness(settings, TABLE).run()))
    return result


@pytest.mark.parametrize("module", [check, pages, summary], ids=lambda m: m.__name__)
def test_doctests(module: Any) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


def test_peers_agree_and_are_timed(record: dict[str, Any]) -> None:
    found = figures(record)
    for workload in ("xor", "rosenbrock"):
        for peer in INSTALLED:
            figure = found[workload, None, peer]
            assert 0 < figure.low <= figure.median <= figure.high < 10
            assert figure.ratio is not None
            assert figure.first is not None
        assert found[workload, None, "jit"].ratio == 1


def test_a_wrong_gradient_is_refused_and_not_timed(record: dict[str, Any]) -> None:
    error = next(e for e in record["errors"] if "rosenbrock" in e)
    assert error.startswith("wrong at rosenbrock computes other numbers: number 9 of 102")
    assert not any(r["peer"] == "wrong" for r in record["results"])


def test_a_failure_is_an_error_with_peer_and_workload(record: dict[str, Any]) -> None:
    error = next(e for e in record["errors"] if "xor" in e)
    assert error.startswith("wrong at xor failed: ")
    assert "OverflowError: too much for this peer" in error
    assert len(record["errors"]) == 2


def test_a_missing_peer_is_named(record: dict[str, Any]) -> None:
    assert record["missing"] == {"absent": "No module named 'no_such_module'"}


def test_growth_has_a_slope_for_each_peer(record: dict[str, Any]) -> None:
    lines = series(record, WORKLOADS["chain"])
    assert set(lines) == set(INSTALLED) - {"numpy"}
    assert all([x for x, _ in points] == [1_000, 10_000] for points in lines.values())
    assert all(isinstance(slope(points), float) for points in lines.values())


def test_memory_is_weighed(record: dict[str, Any]) -> None:
    found = figures(record)
    assert 90 < found["memory", None, "eager"].median < found["memory", None, "lean"].median < 400


def test_what_is_recorded(record: dict[str, Any]) -> None:
    assert record["machine"]["python"].startswith("CPython 3.")
    assert all(record["machine"].values())
    assert record["versions"]["numpy"].keys() == {"numpy"}
    assert record["settings"]["quick"] is True


@pytest.fixture
def known(record: dict[str, Any]) -> dict[str, Any]:
    """The same without the peers that are in no table."""
    return (
        {**record, "missing": {"torch": "No module named 'torch'"}}
        | {key: [x for x in record[key] if x["peer"] in PEERS] for key in ("results", "left_out")}
        | {"versions": {k: v for k, v in record["versions"].items() if k in PEERS}}
    )


def test_the_report_shows_everything(known: dict[str, Any]) -> None:
    report = full_report(known)
    for peer in INSTALLED:
        assert PEERS[peer].title in report
    assert "Missing: PyTorch eager (No module named 'torch')" in report
    assert "no graph of single numbers is kept" in report
    assert "wrong at rosenbrock" in report
    assert known["machine"]["cpu"] in report


def test_the_report_says_who_is_faster(known: dict[str, Any]) -> None:
    def of(peer: str, seconds: float) -> dict[str, Any]:
        processes = [{"values": [seconds], "first": 1.0}]
        return {"workload": "xor", "point": None, "peer": peer, "processes": processes}

    made = {**known, "results": [of("jit", 2e-6), of("lean", 3e-4), of("numpy", 1e-6)]}
    table = summary_table(made)
    assert "| NumPy by hand | 1 µs (+0 to +0 %), **0.50 x** |" in table
    assert "| lean Python class | 300 µs (+0 to +0 %), 150 x |" in table
    assert verdict(made) == (
        "Faster than chainrule jit: NumPy by hand at XOR 2-3-1, 4 rows (0.50 of its time)."
    )
    made["results"].pop()
    assert verdict(made) == "Nothing measured here is faster than chainrule jit."


@pytest.mark.parametrize(
    ("only", "wanted"),
    [
        ((), {("xor", "jit"), ("xor", "jax"), ("moons", "jit"), ("moons", "jax")}),
        (("xor",), {("xor", "jit"), ("xor", "jax")}),
        (("/jax",), {("xor", "jax"), ("moons", "jax")}),
        (("xor/jit", "moons/jax"), {("xor", "jit"), ("moons", "jax")}),
    ],
)
def test_filters(only: tuple[str, ...], wanted: set[tuple[str, str]]) -> None:
    settings = Settings(only=only)
    pairs = {(w, p) for w in ("xor", "moons") for p in ("jit", "jax")}
    assert {pair for pair in pairs if settings.wants(*pair)} == wanted


@pytest.mark.parametrize("workload", WORKLOADS.values(), ids=lambda w: w.name)
@pytest.mark.parametrize("peer", PEERS.values(), ids=lambda p: p.name)
def test_each_peer_has_a_job_or_a_reason(workload: Any, peer: Peer) -> None:
    source = Path(__file__).parents[2].joinpath(*peer.module.split(".")).with_suffix(".py")
    if workload.measure != "import" and workload.reason_without(peer) is None:
        text = source.read_text(encoding="utf-8")
        assert re.search(rf"^(def {workload.job}\(|{workload.job} = )", text, re.MULTILINE)
