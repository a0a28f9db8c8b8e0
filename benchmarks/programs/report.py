"""The programs' tables, in Markdown, from the JSON file alone."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.programs import PROGRAMS
from benchmarks.programs.measuring import TOLERANCE
from benchmarks.programs.peers import PEERS
from benchmarks.report import NONE, cell, machine_line, table
from benchmarks.summary import OURS, Figure, quantity, times

Record = dict[str, Any]


@dataclass(frozen=True)
class Timed(Figure):
    """What was measured of a peer at a program.

    Attributes:
        first: seconds of the first two calls, with all that comes before.
        slowest: seconds of the slowest call while it warmed up after them.
    """

    first: float
    slowest: float


Figures = dict[tuple[str, str], Timed]


def figures(record: Record) -> Figures:
    """What was measured, by program and peer. A ratio is the median of those within a round."""
    found = {}
    for program, result in record["results"].items():
        ours = result["peers"].get(OURS, {}).get("values", [])
        for peer, answer in result["peers"].items():
            values = answer.get("values")
            if values:
                ratios = [x / y for x, y in zip(values, ours, strict=False)]
                found[program, peer] = Timed(
                    statistics.median(values),
                    min(values),
                    max(values),
                    answer["first"],
                    statistics.median(ratios) if ratios else None,
                    len(values),
                    answer["slowest"],
                )
    return found


def report(record: Record) -> str:
    """Everything that was measured."""
    found = figures(record)
    parts = ["# Programs of single numbers", about(record)]
    if record["errors"]:
        parts += ["## Errors", *(f"    {line}" for e in record["errors"] for line in e.split("\n"))]
    parts += [
        "## A call",
        _table(found, cell),
        _reasons(found),
        "## The first two calls",
        "Of compilers also the slowest call of those that follow, until all is warm: chainrule"
        " interprets its first runs, and compiles in a later one.",
        _table(found, _first),
        "## Together",
        _together(found),
        "## What was measured with",
        "\n".join(
            f"- {PEERS[peer].title}: {', '.join(f'{p} {v}' for p, v in packages.items())}"
            for peer, packages in record["versions"].items()
            if peer in _peers(found)
        ),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def line(program: str, result: Record) -> str:
    """What came of a program, while others are measured."""
    cells = [
        f"{PEERS[peer].title} {quantity(statistics.median(answer['values']), 'step')}"
        if answer.get("values")
        else f"{PEERS[peer].title} {answer['status']}"
        for peer, answer in result["peers"].items()
    ]
    return f"{program}: {', '.join(cells)}" + (" and failed" if "problem" in result else "")


def about(record: Record) -> str:
    """How to read the figures, and where they were made."""
    missing = "; ".join(f"{PEERS[name].title} ({why})" for name, why in record["missing"].items())
    return (
        "Value and derivatives in double precision on one thread. In one process for each program,"
        f" the numbers of all were first compared with the plain ones, to {TOLERANCE:g}; then all"
        " were timed in turns. Medians, with the smallest and largest value; `x` is the time"
        f" divided by that of {PEERS[OURS].title} in the same round. {machine_line(record)}"
        + (f" Missing: {missing}." if missing else "")
        + (" A quick run: provisional figures." if record["settings"]["quick"] else "")
    )


def _peers(found: Figures) -> list[str]:
    return [peer for peer in PEERS if any(peer == who for _, who in found)]


def _first(figure: Timed, peer: str) -> str:
    text = quantity(figure.first, "first")
    return f"{text}, {quantity(figure.slowest, 'first')}" if PEERS[peer].compiles else text


def _table(found: Figures, show: Callable[[Timed, str], str]) -> str:
    """Programs by peers."""
    peers = _peers(found)
    rows = [["", *(PEERS[peer].title for peer in peers)]]
    for name, program in PROGRAMS.items():
        shown = [found.get((name, peer)) for peer in peers]
        if any(shown):
            cells = [show(f, peer) if f else NONE for f, peer in zip(shown, peers, strict=True)]
            rows.append([program.title, *cells])
    return table(rows) if peers else ""


def _reasons(found: Figures) -> str:
    """Why peers do not do some programs."""
    return "\n".join(
        f"- {PEERS[peer].title} without {PROGRAMS[program].title}: {why}."
        for program in dict.fromkeys(program for program, _ in found)
        for peer, why in PROGRAMS[program].without.items()
        if peer in _peers(found)
    )


def _together(found: Figures) -> str:
    """Each peer's times divided by ours, over all programs."""
    rows = [["", "programs", "chainrule jit at least as fast in", "median x", "first, median x"]]
    for peer in _peers(found):
        pairs = [
            (figure.ratio, figure.first / found[program, OURS].first)
            for (program, who), figure in found.items()
            if who == peer and peer != OURS and figure.ratio is not None
        ]
        if pairs:
            later, first = zip(*pairs, strict=True)
            rows.append(
                [
                    PEERS[peer].title,
                    str(len(pairs)),
                    str(sum(ratio >= 1 for ratio in later)),
                    times(statistics.median(later)),
                    times(statistics.median(first)),
                ]
            )
    return table(rows) if len(rows) > 1 else ""
