"""One process: a program by all its peers, side by side.

    python -P -m benchmarks.programs.measuring RESULT < REQUEST

Request and result are JSON. The numbers of each peer, value and derivatives, are compared with the
plain ones at two points before anything is timed. Then the peers take turns, in a new order each
round: a machine that slows down slows all of them. The result is written whenever more is known,
so that what one peer does to the process does not take away what the others have shown.
"""

from __future__ import annotations

import gc
import importlib
import itertools
import json
import math
import os
import random
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from autograd.files import write_whole
from benchmarks.check import disagreement
from benchmarks.job import Job
from benchmarks.peers import Peer
from benchmarks.programs import PROGRAMS
from benchmarks.programs.data import Problem
from benchmarks.programs.peers import PEERS, REFERENCE
from benchmarks.programs.program import Program, moved

TOLERANCE = 1e-9
"""How far a number may be from the plain one: relatively, or absolutely where that is below 1."""

WARMING_CALLS = 250
"""Calls of what compiles before one is timed: chainrule compiles for speed after a hundred."""

WARMING_SECONDS = 10.0
"""How long they may take."""

SHORTEST = 0.02
"""Seconds that a value takes at least: as many turns are made as that needs."""

Say = Callable[[dict[str, Any]], object]


class Warm(NamedTuple):
    """A peer that is to be timed.

    Attributes:
        jobs: one at each point.
        turns: of all of them, that a value takes.
        first: seconds of the first two calls.
        slowest: seconds of the slowest call after them.
    """

    jobs: list[Job]
    turns: int
    first: float
    slowest: float


class OtherNumbersError(Exception):
    """A peer computes other numbers than the plain ones."""


def points(program: Program, size: int) -> tuple[Problem, Problem]:
    """Where a program is computed: at its data, and at others near them."""
    turns = map(math.cos, itertools.count())
    problem = program.make(size)
    return problem, problem._replace(arguments=tuple(moved(problem.arguments, turns.__next__)))


def measure(request: dict[str, Any], say: Say, peers: dict[str, Peer] = PEERS) -> None:
    """Check and time a program.

    Args:
        request: `program` and `size`; `peers`, their names; `rounds` and `budget`: how often each
            is timed at most, and for how many seconds; `seed`: of the order.
        say: takes the record whenever more is known: for each peer its `status`, and with it the
            seconds of the `first` two calls, of the `slowest` one while it warms up, and the
            `values` of a warm one, or a `reason`; and which `stage` has begun.
        peers: the table.
    """
    program = PROGRAMS[request["program"]]
    here, there = points(program, request["size"])
    record: dict[str, Any] = {"stage": REFERENCE, "peers": {}}
    ready: dict[str, Warm] = {}
    say(record)
    expected = _numbers(_prepared(peers[REFERENCE], program, (here, there)))
    for name in request["peers"]:
        record["stage"] = name
        say(record)
        try:
            warm = _warmed(peers[name], program, (here, there), expected)
        except ImportError as problem:
            answer: dict[str, Any] = {"status": "missing", "reason": str(problem)}
        except OtherNumbersError as problem:
            answer = {"status": "wrong", "reason": str(problem)}
        except Exception:
            answer = {"status": "failed", "reason": traceback.format_exc(limit=-3)}
        else:
            answer = {"status": "ok", "first": warm.first, "slowest": warm.slowest, "values": []}
            ready[name] = warm
        record["peers"][name] = answer
    record["stage"] = "timing"
    say(record)
    rng, spent = random.Random(request["seed"]), dict.fromkeys(ready, 0.0)
    gc.collect()
    for _ in range(request["rounds"]):
        for name in rng.sample([*ready], len(ready)):
            if spent[name] <= request["budget"]:
                jobs, turns = ready[name].jobs, ready[name].turns
                seconds = _seconds(jobs, turns)
                spent[name] += seconds
                record["peers"][name]["values"].append(seconds / turns / len(jobs))
        say(record)
    record["stage"] = "done"
    say(record)


def _warmed(
    peer: Peer, program: Program, points: tuple[Problem, ...], expected: list[list[float]]
) -> Warm:
    """Prepares a peer, calls it until it is warm, and compares its numbers.

    Those of the first calls and those of warm ones: a compiler may interpret at first.
    """
    small = PROGRAMS["curve_jacobian"]
    for job in _prepared(peer, small, (small.make(small.small),)):
        job.step()  # packages are there before anything is timed
    start = time.perf_counter()
    jobs = _prepared(peer, program, points)
    jobs[0].step(), jobs[0].step()
    first = time.perf_counter() - start
    _compare([*map(float, jobs[0].state())], expected[0])
    taken = [_seconds(jobs[:1], 1)]
    while peer.compiles and len(taken) < WARMING_CALLS and sum(taken) < WARMING_SECONDS:
        taken.append(_seconds(jobs[:1], 1))
    turns = 1
    while (last := _seconds(jobs, turns)) < SHORTEST:
        turns *= 2 if last > SHORTEST / 16 else 8
    for found, wanted in zip(_numbers(jobs), expected, strict=True):
        _compare(found, wanted)
    return Warm(jobs, turns, first, max(taken))


def _compare(found: list[float], expected: list[float]) -> None:
    problem = disagreement(found, expected, TOLERANCE)
    if problem is not None:
        raise OtherNumbersError(problem)


def _prepared(peer: Peer, program: Program, points: tuple[Problem, ...]) -> list[Job]:
    jobs: list[Job] = importlib.import_module(peer.module).prepare(program, points)
    return jobs


def _numbers(jobs: list[Job]) -> list[list[float]]:
    """What is computed at each point, and then at the first one again."""
    found = []
    for job in (*jobs, jobs[0]):
        job.step()
        found.append([*map(float, job.state())])
    return found


def _seconds(jobs: list[Job], turns: int) -> float:
    """The time of so many turns; in each all points are computed, so that nothing is remembered."""
    steps, many = [job.step for job in jobs], range(turns)
    start = time.perf_counter()
    for _ in many:
        for step in steps:
            step()
    return time.perf_counter() - start


def main() -> None:
    """Answer the request on the standard input into the file named."""
    file = Path(sys.argv[1])
    measure(json.load(sys.stdin), lambda record: write_whole(file, json.dumps(record).encode()))
    sys.stdout.flush()
    os._exit(0)  # graphs need not be taken down


if __name__ == "__main__":
    main()
