"""Derivatives of a trace by their pattern: as many sweeps over its graph as it has colours.

A sweep in forward mode computes the columns of one colour, one in reverse mode the rows. It visits
the nodes that take part alone. Each node meets the derivatives of no two columns (or rows) that end
in one place, so numbers are the same, to the last bit, as if each had been computed by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from autograd.colouring import Colours, column_colours, groups, row_colours, star_colours
from autograd.dependence import dependences
from autograd.modes import current_tape
from autograd.number import describe
from autograd.pattern import Pattern, bits
from autograd.reverse import adjoints
from autograd.trace import Trace, plain, tangents
from autograd.value import Value

MODES = ("forward", "reverse")

FEW_VISITS = 50
"""So many visits of nodes in reverse mode are made before a pattern is worth finding."""

MOST_VISITS = 2.5
"""The mode with fewer colours is taken, unless its sweeps visit so many times the nodes."""


@dataclass(frozen=True, eq=False)
class Sweeps:
    """The sweeps that compute a matrix.

    Attributes:
        mode: "forward" or "reverse".
        colours: of the columns in forward mode, of the rows in reverse mode.
        places: for each entry, by rows: its sweep, and its place in what that computes: the number
            of a result in forward mode, of an input in reverse mode. Two may be the same.
    """

    mode: str
    colours: Colours
    places: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return max(self.colours, default=-1) + 1


def check_mode(who: str, mode: Any) -> tuple[str, ...]:
    """The modes to choose from.

    Raises:
        ValueError: there is no such mode.
    """
    if mode == "auto":
        return MODES
    if mode not in MODES:
        raise ValueError(
            f"{who}: mode must be 'auto', 'forward' or 'reverse', got {describe(mode)}"
        )
    return (mode,)


def pattern_of(trace: Trace, is_symmetric: bool = False) -> Pattern:
    """Where the derivatives of a trace's results in its inputs can be other than 0.

    Args:
        trace: one call of the function.
        is_symmetric: whether the entries are known to be symmetric; the pattern is then.
    """
    found = dependences(trace.order, trace.inputs)
    pattern = Pattern(len(trace.inputs), [bits(found.get(id(y), 0)) for y in trace.results])
    return symmetric(pattern) if is_symmetric else pattern


def symmetric(pattern: Pattern) -> Pattern:
    """The pattern of a symmetric matrix of which this pattern has at least a half."""
    transposed = pattern.transposed
    return pattern if pattern == transposed else pattern | transposed


@lru_cache(maxsize=128)
def sweeps_of(pattern: Pattern, mode: str) -> Sweeps:
    """The sweeps for a pattern.

    >>> arrow = Pattern(3, [[0, 1, 2], [0, 1], [0, 2]])
    >>> len(sweeps_of(arrow, "forward")), len(symmetric_sweeps(arrow, "forward", True))
    (3, 2)
    """
    if mode == "forward":
        colours = column_colours(pattern)
        return Sweeps(mode, colours, tuple([(colours[j], i) for i, j in pattern]))
    colours = row_colours(pattern)
    return Sweeps(mode, colours, tuple([(colours[i], j) for i, j in pattern]))


@lru_cache(maxsize=128)
def symmetric_sweeps(pattern: Pattern, mode: str, below: bool) -> Sweeps:
    """The sweeps for the pattern of a symmetric matrix: each two equal entries are computed once.

    Args:
        pattern: the pattern.
        mode: the mode, which makes no difference to colours and places.
        below: which of two entries that are both alone in their rows is taken.
    """
    colours = star_colours(pattern)
    met = [Counter([colours[j] for j in row]) for row in pattern.rows]
    places = []
    for i, j in pattern:
        if (i < j) is below:
            i, j = j, i
        if met[i][colours[j]] > 1:
            i, j = j, i
        places.append((colours[j], i))
    return Sweeps(mode, colours, tuple(places))


def entries(
    trace: Trace,
    pattern: Pattern,
    modes: Iterable[str] = MODES,
    is_symmetric: bool = False,
) -> tuple[list[Any], Sweeps]:
    """The derivatives at the places of a pattern, by rows, and the sweeps that computed them.

    They are as few as possible, unless others visit far fewer nodes.

    Args:
        trace: one call of the function.
        pattern: that of the trace, or one with more entries.
        modes: the modes to choose from.
        is_symmetric: whether the matrix is symmetric.
    """
    if is_symmetric:
        possible = [symmetric_sweeps(pattern, mode, b) for mode in modes for b in (True, False)]
    else:
        possible = [sweeps_of(pattern, mode) for mode in modes]
    orders = {sweeps: _orders(trace, sweeps) for sweeps in possible}
    visits = {sweeps: sum(map(len, orders[sweeps])) for sweeps in possible}
    most = MOST_VISITS * min(visits.values())
    sweeps = min(possible, key=lambda x: (visits[x] > most, len(x), visits[x]))
    run = _forward if sweeps.mode == "forward" else _reverse
    tables = run(trace, groups(sweeps.colours), orders[sweeps])
    ends = trace.results if sweeps.mode == "forward" else trace.inputs
    found = [tables[colour].get(ends[k], 0.0) for colour, k in sweeps.places]
    return [plain(x, trace.nested) for x in found], sweeps


def _forward(
    trace: Trace, seeded: Sequence[Sequence[int]], orders: Sequence[Sequence[Value]]
) -> list[dict[Value, Any]]:
    """For each colour the tangents of all nodes that move with its columns."""
    create_graph = trace.nested or current_tape() is not None
    results = [y for y in trace.results if isinstance(y, Value)]
    flows: dict[int, Sequence[Any]] = {}
    return [
        tangents(order, {trace.inputs[j]: 1.0 for j in group}, results, create_graph, flows)
        for group, order in zip(seeded, orders, strict=True)
    ]


def _reverse(
    trace: Trace, seeded: Sequence[Sequence[int]], orders: Sequence[Sequence[Value]]
) -> list[dict[Value, Any]]:
    """For each colour the adjoints of the inputs, from its rows."""
    create_graph = trace.nested or current_tape() is not None
    found = []
    for group, order in zip(seeded, orders, strict=True):
        seeds = {trace.results[i]: 1.0 for i in group}
        wrt = {*order, *trace.inputs}  # to what takes no part nothing is handed on
        found.append(adjoints(order, seeds, create_graph, wrt, is_whole=False))
    return found


def _orders(trace: Trace, sweeps: Sweeps) -> list[list[Value]]:
    """For each sweep the nodes that take part, operands before results.

    They depend on an input that moves, and a result that is asked for depends on them.
    """
    count = len(sweeps)
    seeded = [(k, colour) for k, colour in enumerate(sweeps.colours) if colour >= 0]
    asked = [(k, colour) for colour, k in set(sweeps.places)]
    at_inputs, at_results = (seeded, asked) if sweeps.mode == "forward" else (asked, seeded)
    starts, ends = _masks(trace.inputs, at_inputs), _masks(trace.results, at_results)
    return taking_part(trace.order, starts, ends, count)


def _masks(at: Sequence[Any], marked: Iterable[tuple[int, int]]) -> dict[int, int]:
    """For the `id` of each marked Value its colours, as the bits of an integer."""
    found: dict[int, int] = {}
    for k, colour in marked:
        found[id(at[k])] = found.get(id(at[k]), 0) | 1 << colour
    return found


def taking_part(
    order: Sequence[Value], starts: Mapping[int, int], ends: Mapping[int, int], count: int
) -> list[list[Value]]:
    """For each of many walks the nodes between its starts and its ends, operands before results.

    Args:
        order: the graph, operands before results.
        starts: for the `id` of a Value the walks that start there, as the bits of an integer.
        ends: the same for where they end.
        count: how many walks there are.
    """
    have, need = dict(starts), dict(ends)
    for node in order:
        mask = 0
        for x in node.operands:
            if x.__class__ is Value:
                mask |= have.get(id(x), 0)
        if mask:
            have[id(node)] = mask
    found: list[list[Value]] = [[] for _ in range(count)]
    for node in reversed(order):
        mask = need.get(id(node), 0) & have.get(id(node), 0)
        if mask:
            for x in node.operands:
                if x.__class__ is Value:
                    need[id(x)] = need.get(id(x), 0) | mask
            for k in bits(mask):
                found[k].append(node)
    return [nodes[::-1] for nodes in found]


def rows_of(
    trace: Trace, modes: Sequence[str] = MODES, is_symmetric: bool = False
) -> list[list[Any]]:
    """The derivatives of each result in each input, as rows; those outside the pattern are 0.

    Args:
        trace: one call of the function.
        modes: the modes to choose from.
        is_symmetric: whether the matrix is symmetric.
    """
    count = sum(isinstance(y, Value) for y in trace.results)
    if "reverse" in modes and (count < 2 or count * len(trace.order) <= FEW_VISITS):
        return [trace.gradients({y: 1.0} if isinstance(y, Value) else {}) for y in trace.results]
    pattern = pattern_of(trace, is_symmetric)
    data, _ = entries(trace, pattern, modes, is_symmetric)
    made = [[plain(0.0, trace.nested) for _ in trace.inputs] for _ in trace.results]
    for (i, j), x in zip(pattern, data, strict=True):
        made[i][j] = x
    return made
