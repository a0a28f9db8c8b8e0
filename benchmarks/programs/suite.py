"""The measurements of a run: a process for each program, and what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.environment import machine, process_environment, version
from benchmarks.filters import wants
from benchmarks.programs import PROGRAMS
from benchmarks.programs.peers import PEERS
from benchmarks.programs.program import Program

Record = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    Attributes:
        seed: of the order of the peers.
        quick: fewer rounds.
        only: `PROGRAM/PEER`, `PROGRAM` or `/PEER`: what to measure; empty for everything.
        timeout: seconds after which the process of a program is ended.
    """

    seed: int = 0
    quick: bool = False
    only: tuple[str, ...] = ()
    timeout: float = 240.0

    def peers(self, program: Program) -> list[str]:
        """The peers that are to be measured at a program."""
        return [
            name
            for name in PEERS
            if name not in program.without and wants(self.only, program.name, name)
        ]


def run(
    settings: Settings,
    progress: Callable[[list[Any]], Iterable[Any]] = iter,
    say: Callable[[str, Record], object] = lambda program, result: None,
) -> Record:
    """Measure everything, and return what belongs into the JSON file.

    Args:
        settings: how much.
        progress: wraps the list of programs, to watch it go by.
        say: takes the name of a program that has been measured, and what came of it.
    """
    chosen = [program for program in PROGRAMS.values() if settings.peers(program)]
    results: dict[str, Record] = {}
    for program in progress(chosen):
        results[program.name] = _ask(program, settings)
        say(program.name, results[program.name])
    answers = [
        (where, peer, answer)
        for where, result in results.items()
        for peer, answer in result["peers"].items()
    ]
    words = {"wrong": "computes other numbers", "failed": "failed"}
    return {
        "machine": machine(),
        "settings": {"seed": settings.seed, "quick": settings.quick, "only": list(settings.only)},
        "versions": {
            peer.name: {name: version(name) for name in peer.packages} for peer in PEERS.values()
        },
        "missing": {
            peer: answer["reason"] for _, peer, answer in answers if answer["status"] == "missing"
        },
        "errors": [
            f"{peer} at {where} {words[answer['status']]}: {answer['reason']}"
            for where, peer, answer in answers
            if answer["status"] in words
        ]
        + [
            f"{where} failed, at {result['stage']}: {result['problem']}"
            for where, result in results.items()
            if "problem" in result
        ],
        "results": results,
    }


def _ask(program: Program, settings: Settings) -> Record:
    """Start the process of a program, and return what is known when it has ended."""
    request = {
        "program": program.name,
        "size": program.size,
        "peers": settings.peers(program),
        "seed": settings.seed,
        "rounds": 5 if settings.quick else 15,
        "budget": 0.5 if settings.quick else 2.0,
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "result.json")
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "benchmarks.programs.measuring", str(file)],
                input=json.dumps(request),
                env=process_environment([]),
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=settings.timeout,
            )
        except subprocess.TimeoutExpired:
            problem = f"not ready after {settings.timeout:g} s"
        else:
            problem = f"exit code {done.returncode}\n{done.stderr[-2000:]}"
        record: Record = {"stage": "start", "peers": {}}
        if file.exists():
            record = json.loads(file.read_text(encoding="utf-8"))
    return record if record["stage"] == "done" else {**record, "problem": problem}
