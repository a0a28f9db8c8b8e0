"""A run in numbers to show: medians, spreads, ratios, slopes; from the JSON file alone."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import Any

from benchmarks.peers import PEERS
from benchmarks.workloads import WORKLOADS, Workload

OURS = "jit"
"""The peer that the others are compared with."""

Record = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """What was measured of a peer at one size of a workload.

    Attributes:
        median: of the medians of the processes.
        low, high: the smallest and the largest value of all.
        first: seconds to the second result, the median of the processes; None if not measured.
        ratio: the median over the rounds of this, divided by ours in the same round; None if there
            is no such round.
        values: how many there are.
    """

    median: float
    low: float
    high: float
    first: float | None
    ratio: float | None
    values: int


def figures(record: Record) -> dict[tuple[str, int | None, str], Figure]:
    """All figures, by workload, size and peer."""
    results = {(r["workload"], r["point"], r["peer"]): r["processes"] for r in record["results"]}
    found = {}
    for (workload, point, peer), processes in results.items():
        values = [x for process in processes for x in process["values"]]
        medians = [statistics.median(process["values"]) for process in processes]
        ours = results.get((workload, point, OURS), [])
        ratios = [
            median / statistics.median(other["values"])
            for median, other in zip(medians, ours, strict=False)
        ]
        firsts = [process["first"] for process in processes if "first" in process]
        found[workload, point, peer] = Figure(
            statistics.median(medians),
            min(values),
            max(values),
            statistics.median(firsts) if firsts else None,
            statistics.median(ratios) if ratios else None,
            len(values),
        )
    return found


def series(record: Record, workload: Workload) -> dict[str, list[tuple[int, float]]]:
    """For each peer the medians at each size that was measured."""
    found: dict[str, list[tuple[int, float]]] = {}
    known = figures(record)
    for peer in PEERS:
        for point in workload.points:
            if point is not None and (workload.name, point, peer) in known:
                found.setdefault(peer, []).append((point, known[workload.name, point, peer].median))
    return found


def slope(points: list[tuple[int, float]]) -> float | None:
    """The exponent of the power of the size that fits best, by least squares of logarithms.

    >>> slope([(1, 3.0), (10, 300.0), (100, 30000.0)])
    2.0
    """
    if len(points) < 2:
        return None
    x, y = ([math.log(z) for z in column] for column in zip(*points, strict=True))
    return round(statistics.linear_regression(x, y).slope, 6)


def faster(record: Record) -> list[tuple[str, str, float]]:
    """Where a peer takes less time than ours: workload, peer, share of our time."""
    return [
        (workload, peer, figure.ratio)
        for (workload, point, peer), figure in figures(record).items()
        if WORKLOADS[workload].measure == "step" and point is None
        if figure.ratio is not None and figure.ratio < 1 and peer != OURS
    ]


BYTES = ("memory", "peak")
"""What is measured in bytes; the rest is measured in seconds."""

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def quantity(x: float, measure: str) -> str:
    """A figure with its unit, to three digits.

    >>> quantity(0.000123456, "step"), quantity(104.2, "memory"), quantity(72.0, "first")
    ('123 µs', '104 B', '72 s')
    >>> quantity(12345678.0, "peak")
    '12.3 MB'
    """
    if measure in BYTES:
        return f"{x:.0f} B" if x < 1e4 else f"{x / 1e6:.3g} MB"
    for unit, name in UNITS:
        if abs(x) >= 0.9995 * unit:
            return f"{x / unit:.3g} {name}" if abs(x) < 999.5 * unit else f"{x / unit:,.0f} {name}"
    return f"{x * 1e9:.1f} ns"


def times(ratio: float) -> str:
    """A ratio, to two digits; more where it is large.

    >>> times(0.456), times(3.14), times(28.3), times(12345.6)
    ('0.46', '3.1', '28', '12,346')
    """
    if ratio < 1:
        return f"{ratio:.2f}"
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"
