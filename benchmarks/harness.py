"""The measurements of a run, round by round.

A *pair* is a peer at one size of one workload. Each round starts, for each pair, one new process
that checks its numbers against the reference and then takes several values (by pyperf, after
warm-up, with as many loops as make a value long enough). The peers of a workload come directly
after one another, in a new order each round: a machine that slows down slows all of them, and what
differs between processes (addresses, hashes) shows in the spread, not in the result. pyperf by
itself would measure all processes of one peer, then all of the next, minutes later.

Ratios are taken within a round, and their median is what is reported.
"""

from __future__ import annotations

import math
import random
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.environment import asked, isolated_folder, machine, version
from benchmarks.filters import wants
from benchmarks.peers import PEERS, Peer
from benchmarks.workloads import WORKLOADS, Workload

REFERENCES = ("numpy", "lean", "eager")
"""The first of these that does a job says what the numbers are."""


SLOWER = {"first": 10, "peak": math.inf}
"""How many times as long as a step something may take; a peak is no time."""


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    Attributes:
        seed: of data, first parameters and the order of the peers.
        quick: one round, and the small sizes only.
        only: `WORKLOAD/PEER`, `WORKLOAD` or `/PEER`: what to measure; empty for everything.
        budget: seconds that the values of a process may take together.
        timeout: seconds after which a process is ended; a third of that in a quick run.
        slow: seconds of a step above which no larger size follows; ten times as many for what is
            measured once a process, and for the process of a pair that is not to be repeated.
        isolated: the folder with the peer whose name collides; made if not given.
        cache: where it is made.
    """

    seed: int = 0
    quick: bool = False
    only: tuple[str, ...] = ()
    budget: float = 0.5
    timeout: float = 90.0
    slow: float = 1.0
    isolated: Path | None = None
    cache: Path | None = None

    @property
    def limit(self) -> float:
        """Seconds after which no process is started any more."""
        return 145.0 if self.quick else 1080.0

    def wants(self, workload: str, peer: str) -> bool:
        """Whether a pair is to be measured."""
        return wants(self.only, workload, peer)


@dataclass(frozen=True)
class Pair:
    """A peer at one size of one workload."""

    workload: Workload
    point: int | None
    peer: Peer


@dataclass
class Harness:
    """Measures, and keeps what came of it.

    Attributes:
        settings: how much is measured.
        peers, workloads: the tables.
        missing: peers that cannot be imported, each with the reason.
        found: for each pair the results of its processes.
        ended: pairs that are not measured any more, each with the reason.
        errors: what must not be: wrong numbers and failures, each with peer and workload.
    """

    settings: Settings
    peers: Mapping[str, Peer] = field(default_factory=lambda: PEERS)
    workloads: Mapping[str, Workload] = field(default_factory=lambda: WORKLOADS)
    missing: dict[str, str] = field(default_factory=dict)
    found: dict[Pair, list[dict[str, Any]]] = field(default_factory=dict)
    ended: dict[Pair, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    _references: dict[tuple[str, int | None], list[float]] = field(default_factory=dict)
    _folders: dict[str, Path] = field(default_factory=dict)

    def run(self, progress: Callable[[list[Any]], Iterable[Any]] = iter) -> dict[str, Any]:
        """Measure everything, and return what belongs into the JSON file.

        Args:
            progress: wraps the list of rounds of pairs, to watch it go by.
        """
        start = time.monotonic()
        for number, pair in progress(list(self._schedule())):
            is_late = time.monotonic() - start > self.settings.limit
            if is_late and pair not in self.found:
                self.ended.setdefault(pair, "no time was left")
            elif not is_late and not self._is_over(pair, number):
                self._measure(pair)
        return self._record(time.monotonic() - start)

    def _schedule(self) -> Iterator[tuple[int, Pair]]:
        """All processes, in order."""
        rng = random.Random(self.settings.seed)
        rounds = 1 if self.settings.quick else max(w.processes for w in self.workloads.values())
        for number in range(rounds):
            for workload in self.workloads.values():
                points = workload.points[: workload.quick if self.settings.quick else None]
                for point in points if number < workload.processes else ():
                    pairs = [Pair(workload, point, peer) for peer in self._taking_part(workload)]
                    rng.shuffle(pairs)
                    yield from ((number, pair) for pair in pairs)

    def _taking_part(self, workload: Workload) -> list[Peer]:
        return [
            peer
            for peer in self.peers.values()
            if self.settings.wants(workload.name, peer.name)
            and workload.reason_without(peer) is None
        ]

    def _is_over(self, pair: Pair, number: int) -> bool:
        """Whether nothing more is to be measured of a pair, or nothing at all."""
        if pair.peer.name in self.missing or pair in self.ended:
            return True
        results = self.found.get(pair, [])
        if number and results and results[-1]["seconds"] > 10 * self.settings.slow:
            return True
        slow = self.settings.slow * SLOWER.get(pair.workload.measure, 1)
        for smaller in pair.workload.points[: pair.workload.points.index(pair.point)]:
            before = Pair(pair.workload, smaller, pair.peer)
            if before in self.ended:
                self.ended[pair] = self.ended[before]
            elif before in self.found and min(self._values(before)) > slow:
                self.ended[pair] = f"over {slow:g} s at {smaller:,} already"
        return pair in self.ended

    def _measure(self, pair: Pair) -> None:
        workload, peer = pair.workload, pair.peer
        where = f"{peer.name} at {workload.name}" + ("" if pair.point is None else f" {pair.point}")
        if workload.measure != "import" and (workload.name, pair.point) not in self._references:
            self._refer(workload, pair.point)
        start = time.monotonic()
        result = self._ask(pair, self._references.get((workload.name, pair.point), []))
        result["seconds"] = time.monotonic() - start
        match result["status"]:
            case "ok":
                self.found.setdefault(pair, []).append(result)
            case "missing":
                self.missing[peer.name] = result["reason"]
            case "slow":
                self.ended[pair] = result["reason"]
            case status:
                word = "computes other numbers" if status == "wrong" else "failed"
                self.ended[pair] = word
                self.errors.append(f"{where} {word}: {result['reason']}")

    def _refer(self, workload: Workload, point: int | None) -> None:
        """Find out what the numbers of a workload are."""
        peer = next(PEERS[name] for name in REFERENCES if workload.job not in PEERS[name].without)
        result = self._ask(Pair(workload, point, peer), None)
        if "numbers" not in result:
            raise RuntimeError(f"the reference {peer.name} failed at {workload.name}: {result}")
        self._references[workload.name, point] = result["numbers"]

    def _ask(self, pair: Pair, reference: list[float] | None) -> dict[str, Any]:
        """Start a process for a pair, and return its answer."""
        peer, settings = pair.peer, self.settings
        timeout = settings.timeout / (3 if settings.quick else 1)
        request = {
            "workload": pair.workload.name,
            "job": pair.workload.job,
            "measure": pair.workload.measure,
            "point": pair.point,
            "module": peer.module,
            "statement": peer.statement,
            "tolerance": peer.tolerance,
            "seed": settings.seed,
            "budget": settings.budget / (4 if settings.quick else 1),
            "reference": reference,
        }
        try:
            paths = [] if peer.isolated is None else [str(self._folder(peer))]
        except (OSError, subprocess.SubprocessError) as problem:
            return {"status": "missing", "reason": f"{peer.isolated}: {problem}"}
        answer, end = asked("benchmarks.worker", request, timeout, paths)
        if end is None:
            return {"status": "slow", "reason": f"not ready after {timeout:g} s"}
        found: dict[str, Any] = answer or {"status": "failed", "reason": end}
        return found

    def _folder(self, peer: Peer) -> Path:
        assert peer.isolated is not None
        if self.settings.isolated is not None:
            return self.settings.isolated
        if peer.name not in self._folders:
            self._folders[peer.name] = isolated_folder(peer.isolated, self.settings.cache)
        return self._folders[peer.name]

    def _values(self, pair: Pair) -> list[float]:
        return [x for result in self.found[pair] for x in result["values"]]

    def _record(self, seconds: float) -> dict[str, Any]:
        """Everything, as it goes into the JSON file."""
        return {
            "machine": machine(),
            "settings": {
                "seed": self.settings.seed,
                "quick": self.settings.quick,
                "only": list(self.settings.only),
            },
            "seconds": round(seconds, 1),
            "versions": {peer.name: self._versions(peer) for peer in self.peers.values()},
            "missing": self.missing,
            "errors": self.errors,
            "results": [
                {
                    "workload": pair.workload.name,
                    "point": pair.point,
                    "peer": pair.peer.name,
                    "processes": [
                        {key: x for key, x in result.items() if key != "status"}
                        for result in results
                    ],
                }
                for pair, results in self.found.items()
            ],
            "left_out": [*self._left_out()],
        }

    def _left_out(self) -> Iterator[dict[str, Any]]:
        for workload in self.workloads.values():
            for peer in self.peers.values():
                reason = workload.reason_without(peer)
                if self.settings.wants(workload.name, peer.name) and reason is not None:
                    yield {"workload": workload.name, "peer": peer.name, "reason": reason}
        for pair, reason in self.ended.items():
            yield {
                "workload": pair.workload.name,
                "point": pair.point,
                "peer": pair.peer.name,
                "reason": reason,
            }

    def _versions(self, peer: Peer) -> dict[str, str]:
        folder = None
        if peer.isolated is not None:
            folder = self.settings.isolated or self._folders.get(peer.name, Path("nowhere"))
        found = {name: version(name, folder) or version(name) for name in peer.packages}
        return {name: x for name, x in found.items() if x is not None}
