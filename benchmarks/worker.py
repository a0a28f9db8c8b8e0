"""One process of a measurement: makes the job, checks its numbers, and only then times it.

    python -P -m benchmarks.worker RESULT < REQUEST

Request and result are JSON; the process measures one peer at one size of one workload and ends.
pyperf takes the values once the number of loops is known.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.check import disagreement
from benchmarks.job import Job
from benchmarks.workloads import WORKLOADS

WARMING_CALLS = 6
"""Calls before one is timed, after the two that are compared with the reference."""

SHORTEST = 0.02
"""Seconds that a value takes at least: as many loops are made as that needs."""

VALUES = 10
"""How many values a process takes at most."""


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The result of one request: its `status`, and what goes with it.

    `ok` comes with values; `missing`, `wrong` and `failed` with a reason.
    """
    try:
        if request["measure"] == "import":
            return {"status": "ok", **import_seconds(request["statement"], request["budget"])}
        module = importlib.import_module(request["module"])
    except ImportError as problem:
        return {"status": "missing", "reason": str(problem)}
    try:
        return _measure(request, getattr(module, request["job"]))
    except Exception:
        return {"status": "failed", "reason": traceback.format_exc(limit=-3)}


def _measure(request: dict[str, Any], make: Callable[[Any], Job]) -> dict[str, Any]:
    problem = WORKLOADS[request["workload"]].problem(request["seed"], request["point"])
    start, small = time.perf_counter(), peak()
    job = make(problem)
    found: dict[str, Any] = {}
    if request["measure"] == "memory":  # before anything else has taken memory and given it back
        found = {"values": [bytes_a_node(job, problem.length)]}
    losses = [float(job.step()), float(job.step())]
    first, grown = time.perf_counter() - start, peak() - small
    numbers = [*losses, *map(float, job.state())]
    if request["reference"] is None:
        return {"status": "ok", "numbers": numbers}
    wrong = disagreement(numbers, request["reference"], request["tolerance"])
    if wrong is not None:
        return {"status": "wrong", "reason": wrong}
    if request["measure"] == "first":
        found = {"values": [first]}
    elif request["measure"] == "peak":
        found = {"values": [max(grown, 1.0)]}
    elif request["measure"] == "step":
        found = step_seconds(job, request["budget"])
    return {"status": "ok", "first": first, **found}


def step_seconds(job: Job, budget: float) -> dict[str, Any]:
    """Seconds of a step, several times over, in about as many seconds as the budget has."""
    step = job.step

    def take(loops: int) -> float:
        turns = range(loops)
        start = time.perf_counter()
        for _ in turns:
            step()
        return time.perf_counter() - start

    # A compiler may interpret the first calls, or be busy with them.
    loops, taken = 1, [take(1) for _ in range(WARMING_CALLS)][-1]
    if taken > budget:
        return {"values": [taken], "loops": 1}
    while taken < SHORTEST:
        loops *= 2 if taken > SHORTEST / 16 else 8
        taken = take(loops)
    values = max(1, min(VALUES, int(budget / taken)))
    import pyperf

    runner = pyperf.Runner()
    runner.parse_args(["--worker", f"--loops={loops}", f"--values={values}", "--warmups=1"])
    benchmark = runner.bench_time_func("step", take)
    return {"values": list(benchmark.get_values()), "loops": loops}


def peak() -> float:
    """The most memory that the process has had so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return float(unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def bytes_a_node(job: Job, nodes: int) -> float:
    """What the process has grown by while a graph is alive, by node."""
    import psutil

    process = psutil.Process()
    if job.keep is None:
        raise TypeError("the job says nothing about what it keeps")
    gc.collect()
    before = process.memory_info().rss
    kept = job.keep()
    after = process.memory_info().rss
    del kept
    return float(after - before) / nodes


def import_seconds(statement: str, budget: float) -> dict[str, Any]:
    """What a statement adds to the start of Python; ImportError if it cannot be run."""

    def seconds(code: str) -> float:
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
        if done.returncode:
            raise ImportError(done.stderr.strip().splitlines()[-1])
        return time.perf_counter() - start

    once = seconds(statement)
    turns = max(1, min(VALUES, int(2 * budget / once)))
    return {"values": [seconds(statement) - seconds("pass") for _ in range(turns)]}


def main() -> None:
    """Answer the request on the standard input into the file named."""
    result = answer(json.load(sys.stdin))
    Path(sys.argv[1]).write_text(json.dumps(result), encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)  # a graph of a million nodes need not be taken down


if __name__ == "__main__":
    main()
