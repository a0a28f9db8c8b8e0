"""The programs: right derivatives, the same by every peer that is installed, and the command."""

import doctest
import importlib
import json
import math
import re
from copy import deepcopy
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from test_command import run, said

from autograd import jit
from autograd.testing import gradcheck
from benchmarks import filters
from benchmarks.check import disagreement
from benchmarks.peers import Peer
from benchmarks.programs import PROGRAMS, by_hand, ours_plain, program, report, suite
from benchmarks.programs.measuring import TOLERANCE, measure, points
from benchmarks.programs.peers import PEERS, REFERENCE
from benchmarks.programs.program import Program, fixed, numbers
from benchmarks.programs.suite import Settings

pytestmark = pytest.mark.peers
every_program = pytest.mark.parametrize("name", PROGRAMS)


def found(peer: str, chosen: Program, *sizes: int) -> list[list[float]]:
    """The numbers of a peer at the points of a size, or a skip if it is not installed."""
    try:
        module = importlib.import_module(PEERS[peer].module)
    except ImportError as problem:
        pytest.skip(f"{PEERS[peer].title}: {problem}")
    jobs = module.prepare(chosen, points(chosen, *sizes))
    for job in jobs * (1 if peer == REFERENCE else 6):  # jit interprets the first four runs
        job.step()
    return [[*map(float, job.state())] for job in jobs]


@cache
def plain(name: str) -> list[list[float]]:
    """What the others are to find."""
    return found(REFERENCE, PROGRAMS[name], PROGRAMS[name].small)


@pytest.mark.parametrize("module", [filters, program], ids=lambda m: m.__name__)
def test_doctests(module: Any) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


@every_program
def test_derivatives_are_those_of_differences(name: str) -> None:
    chosen = PROGRAMS[name]
    problem = chosen.make(chosen.small)
    function = fixed(chosen.function, problem.settings)

    def of_wanted(*wanted: Any) -> Any:
        arguments = [*problem.arguments]
        for i, x in zip(chosen.wanted, wanted, strict=True):
            arguments[i] = x
        return function(*arguments)

    order = 2 if chosen.derivative == "hessian" else 1
    result = gradcheck(of_wanted, [problem.arguments[i] for i in chosen.wanted], order=order)
    assert result


@every_program
@pytest.mark.parametrize("peer", [name for name in PEERS if name != REFERENCE])
def test_peers_find_the_plain_numbers(peer: str, name: str) -> None:
    chosen = PROGRAMS[name]
    if peer in chosen.without:
        pytest.skip(chosen.without[peer])
    wanted = [chosen.make(chosen.small).arguments[i] for i in chosen.wanted]
    inputs = len([*numbers(wanted)])
    assert len(plain(name)[0]) % inputs == (chosen.derivative == "value_and_grad")
    assert plain(name)[0] != plain(name)[1]
    for here, expected in zip(found(peer, chosen, chosen.small), plain(name), strict=True):
        assert disagreement(here, expected, TOLERANCE) is None


@pytest.mark.parametrize("name", [n for n, p in PROGRAMS.items() if "numba" not in p.without])
def test_what_is_written_by_hand_is_right_without_numba_too(name: str) -> None:
    chosen = PROGRAMS[name]
    jobs = by_hand.jobs(by_hand.written(chosen), points(chosen, chosen.small))
    for job, expected in zip(jobs, plain(name), strict=True):
        job.step()
        assert disagreement([*job.state()], expected, TOLERANCE) is None


@every_program
def test_programs_are_compiled(name: str) -> None:
    """Not one is left to the plain function."""
    chosen = PROGRAMS[name]
    here, there = points(chosen, chosen.small)
    compiled = jit(ours_plain.derived(chosen, here), fallback="raise")
    for problem in (here, there, here):
        compiled(*program.as_given(problem.arguments))
    assert compiled.stats["plain"] == 0


def stand_in(name: str) -> Peer:
    module = name if name == "no_such_module" else f"odd_peers.{name}"
    return Peer(name, name, module, compiles=True)


TABLE = {
    "plain": PEERS["plain"],
    "jit": PEERS["jit"],
    **{name: stand_in(name) for name in ("off", "forgetful", "late", "raising", "no_such_module")},
}


@pytest.fixture(scope="module")
def stages() -> list[dict[str, Any]]:
    """All that is said while a program is measured."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        said: list[dict[str, Any]] = []
        request = {"program": "garch", "size": 6, "peers": [*TABLE], "seed": 0}
        measure(
            {**request, "rounds": 2, "budget": math.inf}, lambda r: said.append(deepcopy(r)), TABLE
        )
    return said


def test_right_peers_are_timed(stages: list[dict[str, Any]]) -> None:
    for name in ("plain", "jit"):
        answer = stages[-1]["peers"][name]
        assert answer["status"] == "ok"
        assert len(answer["values"]) == 2
        assert min(answer["values"]) > 0
        assert answer["slowest"] > 0 < answer["first"]


@pytest.mark.parametrize(
    ("name", "status", "says"),
    [
        ("off", "wrong", "number 3 of 4 is "),
        ("forgetful", "wrong", "number 1 of 4 is "),
        ("late", "wrong", "number 0 of 4 is "),
        ("raising", "failed", "OverflowError: too much for this peer"),
        ("no_such_module", "missing", "No module named 'no_such_module'"),
    ],
)
def test_others_are_not(stages: list[dict[str, Any]], name: str, status: str, says: str) -> None:
    answer = stages[-1]["peers"][name]
    assert answer["status"] == status
    assert says in answer["reason"]
    assert "values" not in answer


def test_what_is_known_is_said_before_the_next_peer_begins(stages: list[dict[str, Any]]) -> None:
    assert [s["stage"] for s in stages] == ["plain", *TABLE, "timing", "timing", "timing", "done"]
    for before, after in pairwise(stages):
        assert before["peers"].keys() <= after["peers"].keys()
    assert stages[3]["peers"].keys() == {"plain", "jit"}


def test_a_process_that_ends_too_early_is_an_error() -> None:
    record = suite.run(Settings(only=("garch/plain",), timeout=0.01))
    assert record["errors"] == ["garch failed, at start: not ready after 0.01 s"]
    assert "garch failed" in report.report(record)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run."""
    folder = tmp_path_factory.mktemp("out") / "deep"
    only = ("black_scholes/jit", "black_scholes/plain", "mpc_hessian/plain")
    done = run("programs", "--quick", *(f"--only={pair}" for pair in only), f"--out={folder}")
    assert done.returncode == 0, done.stderr
    assert (folder / "report.md").read_text(encoding="utf-8") in done.stdout
    assert re.match("black_scholes: chainrule jit .*, chainrule plain .*\nmpc_hess", done.stdout)
    return folder


def test_command(out: Path) -> None:
    assert {path.name for path in out.iterdir()} == {"programs.json", "report.md"}
    record = json.loads((out / "programs.json").read_text(encoding="utf-8"))
    assert {(a, b) for a, r in record["results"].items() for b in r["peers"]} == {
        ("black_scholes", "jit"),
        ("black_scholes", "plain"),
        ("mpc_hessian", "plain"),
    }
    figures = report.figures(record)
    assert figures["black_scholes", "jit"].ratio == 1
    assert figures["mpc_hessian", "plain"].ratio is None
    text = (out / "report.md").read_text(encoding="utf-8")
    assert "| Black-Scholes, 1 strike | " in text
    assert "GARCH" not in text


def test_the_report_counts_where_ours_is_as_fast() -> None:
    def result(**seconds: float) -> dict[str, Any]:
        return {
            "peers": {k: {"values": [x], "first": 2.0, "slowest": x} for k, x in seconds.items()}
        }

    record = {
        "machine": {"python": "CPython", "cpu": "one", "cores": "2", "system": "Linux"},
        "settings": {"quick": True},
        "versions": {"casadi": {"casadi": "3.7"}},
        "missing": {"plain": "why not"},
        "errors": [],
        "results": {
            "garch": result(jit=2e-6, casadi=1e-6),
            "ising": result(jit=1e-6, casadi=4e-6),
            "hmm": result(casadi=4e-6),
        },
    }
    text = report.report(record)
    assert (
        "| GARCH(1,1), 1,000 returns | 2 µs (+0 to +0 %) | 1 µs (+0 to +0 %), **0.50 x** |" in text
    )
    assert "| CasADi SX | 2 | 1 | 2.2 | 1.0 |" in text
    assert "Missing: chainrule plain (why not)." in text


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["programs", "--only=xor"], "there is no 'xor'; there are black_scholes, "),
        (["programs", "--only=garch/me"], "there is no 'me'; there are jit, plain"),
        (["programs", "--only=mpc_hessian/numba"], "no peer does what mpc_hessian/numba asks"),
        (["--quick", "programs"], "stands before `programs`, not after it: quick"),
    ],
)
def test_options_of_programs_that_make_no_sense(options: list[str], says: str) -> None:
    done = said(*options)
    assert done.exit_code == 2
    assert says in re.sub(r"[\s│]+", " ", done.stderr)
