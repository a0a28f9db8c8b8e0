"""Derivatives of a trace by their pattern: as many sweeps over its graph as it has colours.

A sweep in forward mode computes the columns of one colour, one in reverse mode the rows; a matrix
with a few full rows and columns may need both. It visits the nodes that take part alone. Each node
meets the derivatives of no two columns (or rows) that end in one place, so numbers are the same, to
the last bit, as if each had been computed by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from autograd.colouring import (
    Colours,
    both_colours,
    column_colours,
    count,
    groups,
    row_colours,
    star_colours,
)
from autograd.dependence import dependences
from autograd.modes import current_tape
from autograd.number import describe
from autograd.pattern import Pattern, bits
from autograd.reverse import adjoints
from autograd.trace import Trace, plain, tangents
from autograd.value import Value

MODES = ("forward", "reverse")
BOTH = "both"  # what "auto" may choose

FEW_VISITS = 50
"""So many visits of nodes in reverse mode are made before a pattern is worth finding."""

MOST_VISITS = 2.5
"""The mode with fewer colours is taken, unless its sweeps visit so many times the nodes."""


@dataclass(frozen=True, eq=False)
class Sweeps:
    """The sweeps that compute a matrix.

    Attributes:
        mode: "forward", "reverse" or "both".
        columns: the colours of the columns, each a sweep in forward mode; none in reverse mode.
        rows: the colours of the rows, each a sweep in reverse mode, which come after the others.
        places: for each entry, by rows: its sweep, and its place in what that computes: the number
            of a result in forward mode, of an input in reverse mode. Two may be the same.
    """

    mode: str
    columns: Colours
    rows: Colours
    places: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return self.forward + count(self.rows)

    @property
    def forward(self) -> int:
        """How many sweeps are in forward mode."""
        return count(self.columns)


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
    """The sweeps for a pattern; in both modes there are none where one has no more.

    >>> arrow = Pattern(3, [[0, 1, 2], [0, 1], [0, 2]])
    >>> len(sweeps_of(arrow, "forward")), len(symmetric_sweeps(arrow, "forward", True))
    (3, 2)
    >>> cross = Pattern(9, [range(9), *([0, i] for i in range(1, 9))])
    >>> len(sweeps_of(cross, "forward")), len(sweeps_of(cross, "both"))
    (9, 3)
    """
    columns: Colours = ()
    rows: Colours = ()
    if mode == BOTH:
        found = both_colours(pattern, min(len(sweeps_of(pattern, one)) for one in MODES))
        if found is None:
            return Sweeps(mode, (), (), ())
        columns, rows = found
    elif mode == "forward":
        columns = column_colours(pattern)
    else:
        rows = row_colours(pattern)
    forward, places = count(columns), list[tuple[int, int]]()
    for i, row in enumerate(pattern.rows):
        met = Counter([columns[j] for j in row]) if columns else {}
        for j in row:
            if columns and columns[j] >= 0 and met[columns[j]] == 1:
                places.append((columns[j], i))
            else:
                places.append((forward + rows[i], j))
    return Sweeps(mode, columns, rows, tuple(places))


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
    columns, rows = (colours, ()) if mode == "forward" else ((), colours)
    return Sweeps(mode, columns, rows, tuple(places))


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
        if len(possible) > 1 and (both := sweeps_of(pattern, BOTH)):
            possible.append(both)
    orders = {sweeps: _orders(trace, sweeps) for sweeps in possible}
    visits = {sweeps: sum(map(len, orders[sweeps])) for sweeps in possible}
    most = MOST_VISITS * min(visits.values())
    sweeps = min(possible, key=lambda x: (visits[x] > most, len(x), visits[x]))
    forward = sweeps.forward
    tables = _forward(trace, groups(sweeps.columns), orders[sweeps][:forward])
    tables += _reverse(trace, groups(sweeps.rows), orders[sweeps][forward:])
    ends = [trace.results] * forward + [trace.inputs] * (len(sweeps) - forward)
    found = [tables[sweep].get(ends[sweep][k], 0.0) for sweep, k in sweeps.places]
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
    forward = sweeps.forward
    at_inputs = [(j, colour) for j, colour in enumerate(sweeps.columns) if colour >= 0]
    at_results = [(i, forward + colour) for i, colour in enumerate(sweeps.rows) if colour >= 0]
    for sweep, k in set(sweeps.places):
        (at_results if sweep < forward else at_inputs).append((k, sweep))
    starts, ends = _masks(trace.inputs, at_inputs), _masks(trace.results, at_results)
    return taking_part(trace.order, starts, ends, len(sweeps))


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
