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
from typing import Any

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
"""Calls before one is timed: more than compilers take before they compile for speed."""

WARMING_SECONDS = 5.0
"""How long that may take of a slow peer."""

SHORTEST = 0.02
"""Seconds that a value takes at least: as many calls are made as that needs."""

Say = Callable[[dict[str, Any]], object]


def points(program: Program, size: int) -> tuple[Problem, Problem]:
    """Where a program is computed: at its data, and at others near them."""
    turns = map(math.cos, itertools.count())
    problem = program.make(size)
    return problem, problem._replace(arguments=moved(problem.arguments, turns.__next__))


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
    ready: dict[str, Job] = {}
    say(record)
    expected = _numbers(_prepared(peers[REFERENCE], program, (here, there)))
    for name in request["peers"]:
        record["stage"] = name
        say(record)
        try:
            _load(peers[name])
            start = time.perf_counter()
            jobs = _prepared(peers[name], program, (here, there))
            jobs[0].step(), jobs[0].step()
            first = time.perf_counter() - start
            found = _numbers(jobs)
        except ImportError as problem:
            answer: dict[str, Any] = {"status": "missing", "reason": str(problem)}
        except Exception:
            answer = {"status": "failed", "reason": traceback.format_exc(limit=-3)}
        else:
            wrong = next(filter(None, map(_disagreement, found, expected)), None)
            if wrong is None:
                answer = {"status": "ok", "first": first, "values": []}
                ready[name] = jobs[0]
            else:
                answer = {"status": "wrong", "reason": wrong}
        record["peers"][name] = answer
    record["stage"] = "timing"
    say(record)
    rng, spent = random.Random(request["seed"]), dict.fromkeys(ready, 0.0)
    calls = {}
    for name, job in ready.items():
        calls[name], record["peers"][name]["slowest"] = _warmed(job)
    gc.collect()
    for _ in range(request["rounds"]):
        for name in rng.sample([*ready], len(ready)):
            if spent[name] <= request["budget"]:
                seconds = _seconds(ready[name], calls[name])
                spent[name] += seconds
                record["peers"][name]["values"].append(seconds / calls[name])
        say(record)
    record["stage"] = "done"
    say(record)


def _load(peer: Peer) -> None:
    """Have a peer do something, so that its packages are there before anything is timed."""
    program = PROGRAMS["curve_jacobian"]
    for job in _prepared(peer, program, (program.make(program.small),)):
        job.step()


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


def _disagreement(found: list[float], expected: list[float]) -> str | None:
    return disagreement(found, expected, TOLERANCE)


def _warmed(job: Job) -> tuple[int, float]:
    """Of how many calls a value is taken, and the seconds of the slowest one until it was warm."""
    taken: list[float] = []
    started = time.perf_counter()
    while len(taken) < WARMING_CALLS and time.perf_counter() - started < WARMING_SECONDS:
        taken.append(_seconds(job, 1))
    calls = 1
    while (last := _seconds(job, calls)) < SHORTEST:
        calls *= 2 if last > SHORTEST / 16 else 8
    return calls, max(taken)


def _seconds(job: Job, calls: int) -> float:
    step, turns = job.step, range(calls)
    start = time.perf_counter()
    for _ in turns:
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
