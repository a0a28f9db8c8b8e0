"""What is likely wrong with a derivative: a table of the mistakes that people make.

Each rule takes the derivatives that disagree and says in words which mistake would explain all of
them, or nothing. Derivatives that agree do not count: a sign that is wrong in one place only is
reported for that place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from autograd.testing.checking.findings import Diagnosis, Entry, agree
from autograd.testing.numerical.estimates import Estimate

SAME = 1e-9  # the relative difference that the rounding of a factor may make
NEAR = 1e-6  # two ratios closer than this count as equal
MOST = 3  # the number of diagnoses worth showing at once


@dataclass(frozen=True)
class Case:
    """What the rules are given: the entries of one order and mode at one point.

    Attributes:
        entries: all of them, the right ones too.
        wrong: those that disagree.
        arguments: the path and value of each number of the arguments.
        outputs: the same for the result.
    """

    entries: Sequence[Entry]
    wrong: Sequence[Entry]
    arguments: Sequence[tuple[str, float]]
    outputs: Sequence[tuple[str, float]]

    def at(self, row: int, column: int) -> Entry | None:
        """The derivative of one output in one argument, if there is one."""
        if 0 <= row < len(self.outputs) and 0 <= column < len(self.arguments):
            return self.entries[row * len(self.arguments) + column]
        return None

    @property
    def places(self) -> str:
        """The wrong ones, by the path of the argument."""
        paths = list(dict.fromkeys(entry.path for entry in self.wrong))
        return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


def _is(given: float, entry: Entry | None, factor: float = 1.0) -> bool:
    """Whether a number is the numerical derivative times a factor, and is not 0."""
    if entry is None or entry.reason is not None or math.isnan(given):
        return False
    estimate = Estimate(factor * entry.numerical, abs(factor) * entry.error)
    known = 10 * entry.error < abs(entry.numerical)
    return known and (agree(given, estimate) or math.isclose(given, estimate.value, rel_tol=SAME))


def _sign(case: Case) -> str | None:
    if all(_is(e.given, e, -1.0) for e in case.wrong):
        return f"the sign: the derivative in {case.places} is minus what it should be"
    return None


def _dropped(case: Case) -> str | None:
    if all(e.given == 0 for e in case.wrong):
        return f"a dropped term: the derivative in {case.places} is 0 and should not be"
    return None


def _ratio(case: Case) -> float | None:
    """The ratio of given to numerical, if it is the same for all wrong ones."""
    known = [e for e in case.wrong if e.numerical]
    if not known:
        return None
    first = min(known, key=lambda e: e.error / abs(e.numerical)).ratio
    if not 1e-100 < abs(first) < 1e100:
        return None
    return first if all(_is(e.given, e, first) for e in case.wrong) else None


def _factor(case: Case) -> str | None:
    ratio = _ratio(case)
    if ratio is None or abs(ratio + 1) < NEAR:
        return None
    several = "all " if len(case.wrong) > 1 else ""
    simple = Fraction(ratio).limit_denominator(64)
    exact = simple and abs(ratio / float(simple) - 1) < NEAR and abs(simple) <= 64
    shown = f"{simple}" if exact else f"{ratio:.9g}"
    if len(case.wrong) == 1 and not exact and abs(ratio - 1) > 0.1:
        return None  # any one number is some multiple of any other
    return f"a factor: the derivative in {case.places} is {several}{shown} times what it should be"


def _chain_factor(case: Case) -> str | None:
    for missing, power in ((1.0, "is missing"), (-1.0, "occurs once too often")):
        names = [dict(_in_play(case, entry)) for entry in case.wrong]
        for name in names[0]:
            factors = [play.get(name, math.nan) for play in names]
            # given = right / factor where it is missing, right * factor where it occurs twice
            fits = (
                1e-100 < abs(f) < 1e100 and abs(abs(f) - 1) > NEAR and _is(e.given, e, f**-missing)
                for f, e in zip(factors, case.wrong, strict=True)
            )
            if all(fits):
                value = f" (= {factors[0]:.6g})" if len(set(factors)) == 1 else ""
                return f"a factor of the chain rule: {name}{value} {power} in {case.places}"
    return None


def _in_play(case: Case, entry: Entry) -> Iterator[tuple[str, float]]:
    """The numbers that may be factors in a chain rule, by name."""
    row, column = entry.place
    out = case.outputs[row][1]
    yield "the output", out
    yield "1 - output", 1 - out
    yield "output * (1 - output)", out * (1 - out)
    yield "1 - output ** 2", 1 - out * out
    if len(case.wrong) > 1:
        yield "the argument itself", case.arguments[column][1]
    for path, value in case.arguments:
        yield path, value
    for path, value in case.arguments:
        yield f"1 - {path}", 1 - value
        yield f"{path} * (1 - {path})", value * (1 - value)
    for other in case.entries:
        if other.place[0] == row and other.verdict == "right":
            yield f"the derivative in {other.path}", other.numerical


def _transposed(case: Case) -> str | None:
    if not (len(case.outputs) > 1 and len(case.arguments) > 1):
        return None
    mirrored = [(e.given, case.at(e.place[1], e.place[0])) for e in case.wrong]
    if all(o is not None and agree(d, Estimate(o.numerical, o.error)) for d, o in mirrored):
        return "rows and columns: the matrix of derivatives is transposed"
    return None


def _transposed_argument(case: Case) -> str | None:
    """A square matrix among the arguments whose gradient is transposed."""
    shapes: dict[str, dict[tuple[int, int], int]] = {}
    for column, (path, _) in enumerate(case.arguments):
        parts = path.rsplit("[", 2)
        if len(parts) == 3 and parts[1][:-1].isdigit() and parts[2][:-1].isdigit():
            place = int(parts[1][:-1]), int(parts[2][:-1])
            shapes.setdefault(parts[0], {})[place] = column
    columns = {
        column: places.get((j, i))
        for places in shapes.values()
        for (i, j), column in places.items()
    }
    for e in case.wrong:
        other = columns.get(e.place[1])
        if other is None or not _is(e.given, case.at(e.place[0], other)):
            return None
    return f"rows and columns: the derivative in {case.places} is that of the transposed matrix"


def _shifted(case: Case) -> str | None:
    for step, side in ((1, "next"), (-1, "one before")):
        near = [(e, case.at(e.place[0], e.place[1] + step)) for e in case.wrong]
        fitting = [_is(e.given, other) for e, other in near if other is not None]
        if len(fitting) > 1 and all(fitting):
            return f"off by one: the derivative in {case.places} is that of the {side}"
    return None


def _swapped(case: Case) -> str | None:
    columns = sorted({e.place[1] for e in case.wrong})
    if len(columns) != 2:
        return None
    left, right = columns
    for e in case.wrong:
        if not _is(e.given, case.at(e.place[0], right if e.place[1] == left else left)):
            return None
    names = case.arguments[left][0], case.arguments[right][0]
    return f"swapped: the derivatives in {names[0]} and {names[1]} have changed places"


def _other_entry(case: Case) -> str | None:
    found = []
    for e in case.wrong:
        twin = next(
            (
                other
                for other in case.entries
                if other.place[0] == e.place[0] and other.place != e.place and _is(e.given, other)
            ),
            None,
        )
        if twin is None:
            return None
        found.append(twin.path)
    same = found[0] if len(set(found)) == 1 else "another argument"
    return f"another's place: the derivative in {case.places} is the one in {same}"


RULES: dict[str, tuple[Callable[[Case], str | None], ...]] = {
    "sign": (_sign,),
    "dropped": (_dropped,),
    "swapped": (_swapped,),
    "transposed": (_transposed, _transposed_argument),
    "shifted": (_shifted,),
    "other entry": (_other_entry,),
    "chain factor": (_chain_factor,),
    "factor": (_factor,),
}
"""The mistakes, the more specific ones first."""


def diagnose(case: Case) -> list[Diagnosis]:
    """The mistakes that would explain every wrong derivative, the likeliest first.

    >>> right = Entry("out", ("args[0]",), "reverse", -2.0, 2.0, 1e-12)
    >>> [found] = diagnose(Case([right], [right], [("args[0]", 7.0)], [("out", 5.0)]))
    >>> found.kind
    'sign'
    """
    if not case.wrong:
        return []
    found = []
    for kind, rules in RULES.items():
        words = next(filter(None, (rule(case) for rule in rules)), None)
        if words is not None:
            found.append(Diagnosis(kind, words))
    return found[:MOST]
