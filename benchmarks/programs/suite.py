"""The measurements of a run: a process for each program, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.environment import asked, machine, version
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
    answer, end = asked("benchmarks.programs.measuring", request, settings.timeout)
    record: Record = answer or {"stage": "start", "peers": {}}
    if record["stage"] == "done":
        return record
    return {**record, "problem": end or f"not ready after {settings.timeout:g} s"}
