"""A second look at what differences accuse: is it a wrong derivative, or rounding?

Differences see the last bit of a function's values, and not the rounding inside it: `1 - tanh(x)`
at 20 stands still, and its derivative is not 0. So a derivative that disagrees, or that noise makes
inconclusive, is looked at once more, along its argument only:

- The function is called with Values, and `BoundedLine` bounds the rounding of each value by its
  graph. The estimate that comes of it covers what the graph says.
- The derivative to check has been rounded too. A bound on that is read from its own graph.
- A function that does not run on Values leaves a guess, `Estimate.hidden`: a derivative that small
  is unresolved, not wrong, and a kink that small is none.
"""

from __future__ import annotations

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
"""A kink no larger than so many times what may be hidden may be one of rounding."""

FEW = 8
"""A derivative of no more than so many times its error cannot be told from 0."""

CONFIRMED = 3
"""So many arguments in which a derivative is wrong for certain are enough to say that some are; the
others are not looked at again, for a look costs as much as dozens of calls with Values."""


class GivenErrors:
    """How far a derivative to check may be off by its own rounding, by the graph it is computed by.

    Args:
        flat: the function.
        derivative: the derivative written by hand; the engine's by default.
    """

    def __init__(self, flat: Flat, derivative: Callable[..., Any] | None = None) -> None:
        self.flat = flat
        self.derivative = derivative
        self._rows: dict[int, list[float]] = {}

    def __call__(self, i: int, j: int) -> float:
        """A bound for the derivative of one output in one argument; 0 where nothing is known."""
        if i not in self._rows:
            try:
                row = self._row(i)
            except Exception:  # a rule that fails, a derivative that takes floats alone
                row = [0.0] * len(self.flat.numbers)
            self._rows[i] = [x if x < float("inf") else 0.0 for x in row]
        return self._rows[i][j]

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
    """The entries, with those that rounding explains put right.

    Args:
        entries: what was compared with the differences.
        found: the differences.
        off: how far each derivative may be off by its own rounding.
        names: how errors call the arguments.
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
        unsure = [p for p in doubtful[j] if looked[p].disagrees and looked[p].hidden]
        if unsure:
            guesses = ridders(Line(found.flat, j, found.noise, names[j], is_thorough=True))
            for place in unsure:
                hidden = guesses[entries[place].place[0]].hidden
                looked[place] = replace(looked[place], hidden=hidden)
        confirmed += any(looked[place].verdict == "wrong" for place in doubtful[j])
    return looked


def _may_be_noise(entry: Entry) -> bool:
    """Whether what speaks against an estimate may be rounding: a kink too, if it is tiny."""
    if entry.reason is None:
        return False
    is_tiny = _is_kink(entry) and entry.error <= TINY_KINK * entry.hidden
    return is_tiny or entry.reason.kind in NOISY


def _is_kink(entry: Entry) -> bool:
    return entry.reason is not None and entry.reason.kind == "kink"


def _is_proved_wrong(entry: Entry) -> bool:
    """Whether the values leave no doubt: they are smooth to a thousandth, and say something else.

    Bounds allow for the worst, also where many steps show that nothing of the kind happens.
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
    """One entry in the light of the bounds, which may acquit it, but accuse none."""
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
    if _is_proved_wrong(entry):  # or it was rounded itself
        own = off(i, j)
        for mean, gap in ((entry.numerical, entry.error), (value, min(error, own))):
            if own and agree(entry.given, Estimate(mean, gap + own)):
                return replace(entry, numerical=mean, error=gap + own, hidden=0.0)
        return known
    if reason is not None and reason.kind != "imprecise":
        return known
    if is_certain and abs(value) <= FEW * error:
        reason = None  # small, and off by rounding alone
    elif not is_certain and entry.reason is None:
        error = max(error, entry.error)
    for slack in (error, error + off(i, j)):
        if agree(entry.given, Estimate(value, slack)):
            return replace(entry, numerical=value, error=slack, reason=reason, hidden=0.0)
    return known
