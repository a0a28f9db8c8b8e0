"""A second check of derivatives that differences contradict: are they wrong, or is it rounding?

Differences see the last bit of a function's values, and not the rounding inside it: `1 - tanh(x)`
at 20 is constant in floats, and its derivative is not 0. So a derivative that disagrees, or that
noise makes inconclusive, is checked again, along its argument only:

- The function is called with Values, and `BoundedLine` bounds the rounding of each value by its
  graph. The new estimate of the error includes that bound.
- The derivative to check is rounded too. Its graph bounds that.
- For a function that does not run on Values there is a guess, `Estimate.hidden`: a derivative that
  small is unresolved, not wrong, and a kink that small is ignored.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autograd.testing.checking.by_hand import rows_by_hand
from autograd.testing.checking.findings import Entry, agree
from autograd.testing.numerical.differences import Differences
from autograd.testing.numerical.estimates import PRECISION, Estimate, Inconclusive
from autograd.testing.numerical.lines import BoundedLine, Flat, Line
from autograd.testing.numerical.ridders import ridders
from autograd.testing.numerical.rounding import adjoint_errors, running_errors

NOISY = ("noise", "unsettled", "imprecise")
"""The kinds of reasons against an estimate that a bound on the rounding may remove."""

TINY_KINK = 2.0**10
"""A kink of at most this many times `Estimate.hidden` may come from rounding."""

FEW = 8
"""A derivative of at most this many times its error cannot be distinguished from 0."""

REACH = (1.0, 1.4, 1.9, 2.3, 2.7, 3.1, 3.5, 4.0)
"""Times the smallest step in which differences can tell what is said to be wrong."""

CONFIRMED = 3
"""After this many arguments in which a derivative is certainly wrong, the others are not checked
again: one check costs as much as dozens of calls with Values."""


def _doubted(entry: Entry, line: BoundedLine, off: GivenErrors) -> Entry:
    """A wrong derivative, unless the function has structure too fine for differences to see.

    In a step that is too small, the difference to the derivative drowns in the rounding of
    the values. If the engine's derivative is another within such a step, as that of `sin` is at
    1e16, differences have passed over what happens at the point.
    """
    i, j = entry.place
    gap = abs(entry.given - entry.numerical)
    if not (math.isfinite(gap) and line.has_graph[i]):
        return entry
    near = f"near {line.name} = {line.x:.6g}"
    if off.is_unbounded(i, j):
        words = f"the rounding of the derivative cannot be bounded {near}"
        return replace(entry, reason=Inconclusive("noise", words))
    least = _least_step(line, i, gap / 4)
    here = line.detail(i, line.x)
    for times in REACH:
        h = times * least
        around = [line.detail(i, line.x + far) for far in (-h, h, -2 * h, 2 * h)]
        if here is None or None in around:
            continue
        (a, b, c, d), steps = zip(*around, strict=True)
        expected = (4 * (a + b) - (c + d)) / 6  # where it is smooth, to the order of h**4
        if abs(expected - here[0]) > gap / 2 or any(x != here[1] for x in steps):
            words = f"it changes in steps too small for differences {near}"
            return replace(entry, reason=Inconclusive("noise", words))
    return entry


def _least_step(line: BoundedLine, output: int, gap: float) -> float:
    """The smallest step in which a slope stands out of the rounding of the values around."""
    h = math.ulp(line.x)
    while True:
        h = max(h, line.rounding(output, h) / gap)
        if line(line.x - h) is None or line(line.x + h) is None:
            return h
        if line.rounding(output, h) <= gap * h:
            return h
        h *= 2


class GivenErrors:
    """Bounds on the rounding error of a derivative to check, from the graph that computes it.

    Args:
        flat: the function.
        derivative: the derivative written by hand; the engine's by default.
    """

    def __init__(self, flat: Flat, derivative: Callable[..., Any] | None = None) -> None:
        self.flat = flat
        self.derivative = derivative
        self._rows: dict[int, list[float]] = {}

    def __call__(self, i: int, j: int) -> float:
        """The bound for the derivative of one output in one argument; 0 where it is unknown."""
        if i not in self._rows:
            try:
                row = self._row(i)
            except Exception:  # a rule that fails, a derivative that takes floats only
                row = [0.0] * len(self.flat.numbers)
            self._rows[i] = row
        return 0.0 if self.is_unbounded(i, j) else self._rows[i][j]

    def is_unbounded(self, i: int, j: int) -> bool:
        """Whether there is no bound, where it was looked for."""
        return i in self._rows and not self._rows[i][j] < math.inf

    def _row(self, i: int) -> list[float]:
        if self.derivative is not None:
            return running_errors(rows_by_hand(self.derivative, self.flat, on_values=True)[i])
        traced = self.flat.traced(self.flat.numbers)
        if traced is None:
            return [0.0] * len(self.flat.numbers)
        results, leaves = traced
        return adjoint_errors(results[i], leaves)


def look_again(
    entries: Sequence[Entry], found: Differences, off: GivenErrors, names: Sequence[str]
) -> list[Entry]:
    """The entries, with those corrected that rounding explains.

    Args:
        entries: the comparisons with the differences.
        found: the differences.
        off: the rounding error that each derivative may have.
        names: the names of the arguments in errors.
    """
    looked = list(entries)
    doubtful: dict[int, list[int]] = {}
    for place, entry in enumerate(entries):
        if entry.disagrees or _may_be_noise(entry):
            doubtful.setdefault(entry.place[1], []).append(place)
    confirmed = 0
    worst = sorted(doubtful, key=lambda j: -max(entries[place].excess for place in doubtful[j]))
    for j in worst:
        if confirmed >= CONFIRMED:
            break
        bounded = _bounded(found.flat, j, names[j])
        for place in doubtful[j]:
            looked[place] = _judged(entries[place], bounded, off)
            if looked[place].verdict == "wrong" and bounded is not None:
                looked[place] = _doubted(looked[place], bounded[0], off)
        unsure = [p for p in doubtful[j] if looked[p].disagrees and looked[p].hidden]
        if unsure:
            guesses = ridders(Line(found.flat, j, found.noise, names[j], is_thorough=True))
            for place in unsure:
                hidden = guesses[entries[place].place[0]].hidden
                looked[place] = replace(looked[place], hidden=hidden)
        confirmed += any(looked[place].verdict == "wrong" for place in doubtful[j])
    return looked


def _may_be_noise(entry: Entry) -> bool:
    """Whether the reason against an estimate may be rounding: noise, or a tiny kink."""
    if entry.reason is None:
        return False
    is_tiny = _is_kink(entry) and entry.error <= TINY_KINK * entry.hidden
    return is_tiny or entry.reason.kind in NOISY


def _is_kink(entry: Entry) -> bool:
    return entry.reason is not None and entry.reason.kind == "kink"


def _is_proved_wrong(entry: Entry) -> bool:
    """Whether the values prove it wrong: they are smooth to a thousandth, and contradict it.

    This goes first, since bounds allow for the worst case even where many steps exclude it.
    """
    size = PRECISION * abs(entry.numerical)
    return entry.disagrees and entry.error <= size < abs(entry.given - entry.numerical)


def _bounded(flat: Flat, j: int, name: str) -> tuple[BoundedLine, list[Estimate]] | None:
    """The estimates of all outputs from values with bounds, if the function runs on Values."""
    try:
        line = BoundedLine(flat, j, name)
    except ValueError:
        return None
    return line, ridders(line)


def _judged(
    entry: Entry, bounded: tuple[BoundedLine, list[Estimate]] | None, off: GivenErrors
) -> Entry:
    """One entry, judged with the bounds: these can clear it, but not make it wrong."""
    i, j = entry.place
    if bounded is None or not bounded[0].has_graph[i]:
        is_below = _is_kink(entry) and entry.error <= entry.hidden
        return replace(entry, reason=None) if is_below else entry
    line, estimates = bounded
    if line.has_fine_steps[i]:
        words = f"steps inside the function are too fine to be seen near {line.name} = {line.x:.6g}"
        return replace(entry, reason=Inconclusive("noise", words))
    value, error, reason, _ = estimates[i]
    is_certain = line.is_certain[i] and off.derivative is None
    known = replace(entry, hidden=0.0) if is_certain else entry
    if _is_proved_wrong(entry):  # or the given derivative is rounded
        own = off(i, j)
        for mean, gap in ((entry.numerical, entry.error), (value, min(error, own))):
            if own and agree(entry.given, Estimate(mean, gap + own)):
                return replace(entry, numerical=mean, error=gap + own, hidden=0.0)
        return known
    if reason is not None and reason.kind != "imprecise":
        return known
    if is_certain and abs(value) <= FEW * error:
        reason = None  # small, and wrong by no more than rounding
    elif not is_certain and entry.reason is None:
        error = max(error, entry.error)
    for slack in (error, error + off(i, j)):
        if agree(entry.given, Estimate(value, slack)):
            return replace(entry, numerical=value, error=slack, reason=reason, hidden=0.0)
    return known
