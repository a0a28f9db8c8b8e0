"""What a check of derivatives found, as data and as a table to print."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from autograd.errors import AutogradError
from autograd.testing.numerical.estimates import PRECISION, SWEEP, Estimate, Inconclusive

ROWS = 20
"""How many rows of a table are printed; the worst come first."""
LOOSE = 1e-5
"""The relative error of differences from which on the result says how exact they are."""


class InconclusiveError(AutogradError):
    """A derivative could not be judged: raised by `gradcheck`.

    It is not an AssertionError, since nothing is known to be wrong; it is an error, since nothing
    is known to be right. In a property test, catch it and call `hypothesis.reject()` to try another
    point.

    Attributes:
        result: the `GradcheckResult`.
    """

    def __init__(self, message: str, result: Any = None) -> None:
        super().__init__(message)
        self.result = result


@dataclass(frozen=True)
class Entry:
    """One derivative, as it is given and by differences.

    Attributes:
        output: the path of the number that is differentiated: "out", "out['z']".
        inputs: the path of the number, or at higher orders the numbers, it is differentiated in:
            `("args[0]['w'][1]",)`.
        mode: "reverse" or "forward" for the engine's derivative, "derivative" for one handed in.
        given: the derivative to check.
        numerical: the estimate of what it should be.
        error: the estimated error of `numerical`.
        reason: why nothing can be concluded, or `None`.
        hidden: the largest derivative that rounding inside the function may hide.
        place: the index of the number in the result, and that in the arguments.
    """

    output: str
    inputs: tuple[str, ...]
    mode: str
    given: float
    numerical: float
    error: float
    reason: Inconclusive | None = None
    hidden: float = 0.0
    place: tuple[int, int] = (0, 0)

    @property
    def path(self) -> str:
        """The path of the number it is differentiated in last."""
        return self.inputs[-1]

    @property
    def name(self) -> str:
        """The derivative's name in the table."""
        order = len(self.inputs)
        top = f"d{order if order > 1 else ''} {self.output}"
        mode = " (forward)" if self.mode == "forward" else ""
        return f"{top} / {' '.join(f'd {path}' for path in self.inputs)}{mode}"

    @property
    def ratio(self) -> float:
        """Given to numerical; NaN where the latter is 0."""
        return self.given / self.numerical if self.numerical else math.nan

    @property
    def excess(self) -> float:
        """The difference of given and numerical, in estimated errors."""
        if math.isnan(self.given):
            return math.inf
        gap = abs(self.given - self.numerical)
        return gap / self.error if self.error else math.inf if gap else 0.0

    @property
    def disagrees(self) -> bool:
        """Whether reliable differences contradict it, by more than may be hidden."""
        return self.reason is None and not agree(self.given, Estimate(self.numerical, self.error))

    @property
    def verdict(self) -> str:
        """The result of the comparison with the differences.

        - "right": they agree, and know the derivative to a thousandth or better.
        - "wrong": they disagree.
        - "unresolved": they cannot tell the derivative from another one of its size, such as 0: it
          is so small that rounding, of the function's values or inside it, hides it, or negligible
          beside the slopes around, as at a minimum. It passes, and the result says so.
        - "inconclusive": they are not reliable.
        """
        if self.reason is not None:
            return "inconclusive"
        if self.disagrees:
            is_known = self.error <= PRECISION * abs(self.numerical)
            is_hidden = abs(self.given - self.numerical) <= self.hidden
            return "unresolved" if is_hidden and not is_known else "wrong"
        known = self.error <= PRECISION * max(abs(self.given), abs(self.numerical))
        return "right" if known or self.given == self.numerical else "unresolved"


def agree(given: float, estimate: Estimate) -> bool:
    """Whether a derivative is the numerical one, as far as that is known.

    The derivative is rounded too, so twice the error is allowed, and `SWEEP`.

    >>> agree(2.0, Estimate(2.000001, 1e-6)), agree(2.1, Estimate(2.0, 1e-6))
    (True, False)
    >>> agree(math.inf, Estimate(2.0, 1e-6))
    False
    """
    is_near = abs(given - estimate.value) <= 2 * estimate.error + SWEEP * abs(given)
    return is_near and math.isfinite(given)


class Violation(NamedTuple):
    """A law that a derivative breaks, regardless of the differences.

    Attributes:
        law: "transposition", "symmetry", "pattern", "linear pullback" or "linear tangents".
        words: what does not hold, with the numbers.
    """

    law: str
    words: str


class Diagnosis(NamedTuple):
    """What is likely wrong.

    Attributes:
        kind: "sign", "factor", "chain factor", "transposed", "shifted", "swapped", "dropped",
            "other entry" or "cut".
        words: the same as a sentence.
    """

    kind: str
    words: str


@dataclass(frozen=True)
class GradcheckResult:
    """The result of `gradcheck`. Printed, it is a table of what is not right.

    Attributes:
        entries: every derivative that was compared.
        violations: the laws of derivatives that do not hold.
        diagnoses: what is likely wrong, the likeliest first.
    """

    entries: Sequence[Entry]
    violations: Sequence[Violation] = ()
    diagnoses: Sequence[Diagnosis] = field(default=())

    @property
    def wrong(self) -> list[Entry]:
        """The derivatives that disagree with the differences."""
        return [entry for entry in self.entries if entry.verdict == "wrong"]

    @property
    def inconclusive(self) -> list[Entry]:
        """The derivatives that could not be judged."""
        return [entry for entry in self.entries if entry.verdict == "inconclusive"]

    @property
    def unresolved(self) -> list[Entry]:
        """The derivatives too small to be distinguished from 0, or from others that small."""
        return [entry for entry in self.entries if entry.verdict == "unresolved"]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong and nothing inconclusive."""
        return not (self.wrong or self.inconclusive or self.violations)

    def _loosely(self) -> str:
        """How exact the differences are, where they would not see errors in the last digits."""
        right = [e for e in self.entries if e.verdict == "right" and e.numerical]
        loosest = max((e.error / abs(e.numerical) for e in right), default=0.0)
        return f", which know them to {loosest:.0e} or better" if loosest > LOOSE else ""

    def __repr__(self) -> str:
        count = _distinct(self.entries)
        right = count - _distinct([*self.wrong, *self.inconclusive])
        return f"<GradcheckResult: {right} of {count} derivatives agree>"

    def __str__(self) -> str:
        parts = []
        count = _distinct(self.entries)
        if self.wrong:
            parts += [
                f"{_distinct(self.wrong)} of {count} derivatives disagree with finite differences"
            ]
            parts += table(_without_echoes(self.wrong))
        parts += [violation.words for violation in self.violations]
        parts += [f"likely: {diagnosis.words}" for diagnosis in self.diagnoses]
        if self.inconclusive:
            unknown = list({(e.output, e.inputs): e for e in reversed(self.inconclusive)}.values())
            unknown.reverse()
            parts.append(f"{len(unknown)} of {count} derivatives are inconclusive here")
            parts += [f"{entry.name}: {_words(entry)}" for entry in unknown[:ROWS]]
            parts += _more(len(unknown))
        parts = parts or [f"all {count} derivatives agree with finite differences{self._loosely()}"]
        if self.unresolved:
            parts.append(
                f"{_distinct(self.unresolved)} of {count} derivatives are too small beside the"
                " rounding of the function to be distinguished from 0: they agree, but so would 0"
            )
            parts += table(self.unresolved)
        return "\n".join(parts)


def table(entries: Sequence[Entry]) -> list[str]:
    r"""The lines of a table of derivatives, the worst first where there are many.

    >>> print(*table([Entry("out", ("args[0]",), "reverse", 6.0, 12.0, 1e-12)]), sep="\n")
    derivative                    given       numerical  error      ratio
    d out / d args[0]                 6              12  1e-12        0.5
    """
    shown = list(entries)
    if len(shown) > ROWS:
        shown = sorted(shown, key=lambda entry: -entry.excess)[:ROWS]
    width = max(len("derivative"), *(len(entry.name) for entry in shown))
    columns: list[tuple[str, int, Callable[[Entry], str]]] = [
        ("given", 18, lambda entry: f"{entry.given:.9g}"),
        ("numerical", 16, lambda entry: f"{entry.numerical:.9g}"),
        ("error", 7, lambda entry: f"{entry.error:.0e}"),
        ("ratio", 11, lambda entry: f"{entry.ratio:.6g}"),
    ]
    head = f"{'derivative':<{width}}" + "".join(f"{title:>{n}}" for title, n, _ in columns)
    rows = [
        f"{entry.name:<{width}}" + "".join(f"{text(entry):>{n}}" for _, n, text in columns)
        for entry in shown
    ]
    return [head, *rows, *_more(len(entries))]


def _distinct(entries: Sequence[Entry]) -> int:
    """The number of derivatives, each counted once over all modes."""
    return len({(entry.output, entry.inputs) for entry in entries})


def _more(count: int) -> list[str]:
    return [f"... and {count - ROWS} more"] if count > ROWS else []


def _words(entry: Entry) -> str:
    return entry.reason.words if entry.reason else ""


def _without_echoes(entries: Sequence[Entry]) -> list[Entry]:
    """The entries without those of forward mode that only repeat reverse mode."""
    said = {(e.output, e.inputs): e.given for e in entries if e.mode != "forward"}

    def is_echo(entry: Entry) -> bool:
        before = said.get((entry.output, entry.inputs))
        if entry.mode != "forward" or before is None:
            return False
        return math.isclose(before, entry.given, rel_tol=1e-9) or math.isnan(before)

    return [entry for entry in entries if not is_echo(entry)]
