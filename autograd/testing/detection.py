"""The proof that `gradcheck` works: it finds every derivative rule broken in several ways.

    python -m autograd.testing.detection
    python -m autograd.testing.detection --programs 10000 --seed 1

The other half of the proof is programs that are right: none may be called wrong.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.errors import GradientError
from autograd.primitives import TABLE, Primitive
from autograd.progress import with_progress
from autograd.testing.breaks import BREAKS, SMALL_FACTOR, SMALLEST, broken, differs
from autograd.testing.checking.findings import GradcheckResult, InconclusiveError
from autograd.testing.checking.gradcheck import gradcheck
from autograd.testing.domains import DOMAINS, intervals
from autograd.testing.programs.generation import random_expression

TRIES = 200
SHOWN = {"found": "found", "missed": "MISSED", "none": "-"}


@dataclass(frozen=True)
class Alarms:
    """What `gradcheck` says of programs that are right.

    Attributes:
        programs: the number of programs that were checked.
        false: those that it calls wrong, with their points and its message.
        inconclusive: the number that it could not judge, in full or in part.
    """

    programs: int
    false: list[tuple[str, Sequence[float], str]]
    inconclusive: int


def random_point(name: str, rng: random.Random) -> list[float]:
    """Operands at which a primitive may be tested, not near a corner.

    >>> [x] = random_point("log", random.Random(0))
    >>> x > 0
    True
    """
    arity = TABLE[name].arity
    count = arity if arity is not None else 4
    while True:
        at = [rng.uniform(low, high) for low, high in intervals(name, count)]
        if not DOMAINS[name].near_corner(*at):
            return at


def detects(name: str, kind: str, rng: random.Random) -> str:
    """Whether `gradcheck` finds a broken rule: "found", "missed", or "none".

    "none" says that the break changes nothing: the derivative is 0 everywhere, or there is no
    second operand to swap with.

    >>> detects("exp", "sign", random.Random(0)), detects("floor", "sign", random.Random(0))
    ('found', 'none')
    """
    for _ in range(TRIES):
        at = random_point(name, rng)
        if differs(TABLE[name], kind, at):
            f, free = on_free_operands(broken(TABLE[name], kind), at, DOMAINS[name].constant)
            try:
                if not can_tell(gradcheck(f, free, modes=("reverse",)), kind):
                    continue
            except GradientError:
                return "found"
            except InconclusiveError:
                continue
            return "missed"
    return "none"


def can_tell(result: GradcheckResult, kind: str) -> bool:
    """Whether the numerical derivatives are precise enough to show a break of a kind.

    All show every break except the smallest, unless they are unresolved. They show that one if
    twice their error, the tolerance of `gradcheck`, is less than half of it.
    """
    if kind != SMALLEST:
        return not result.unresolved
    largest = max((abs(e.numerical) for e in result.entries), default=0.0)
    return all(4 * e.error <= (SMALL_FACTOR - 1) * largest for e in result.entries)


def on_free_operands(
    primitive: Primitive, at: Sequence[float], constant: int | None
) -> tuple[Callable[..., Any], list[float]]:
    """A primitive as a function of the operands that may be Values, and these operands."""
    if constant is None:
        return primitive, list(at)
    free = [x for i, x in enumerate(at) if i != constant]
    return (lambda *xs: primitive(*xs[:constant], at[constant], *xs[constant:])), free


def false_alarms(programs: int, rng: random.Random, inputs: int = 2) -> Alarms:
    """Check random programs that are right, at random points.

    >>> alarms = false_alarms(5, random.Random(0))
    >>> alarms.programs, alarms.false
    (5, [])
    """
    false: list[tuple[str, Sequence[float], str]] = []
    inconclusive = 0
    for _ in with_progress(range(programs), "programs"):
        program = random_expression(rng, inputs)
        at = [rng.uniform(-2.0, 2.0) for _ in range(inputs)]
        try:
            result = gradcheck(program, at, modes=("reverse",), inconclusive="skip")
            inconclusive += bool(result.inconclusive)
        except GradientError as error:
            false.append((str(program), at, str(error)))
    return Alarms(programs, false, inconclusive)


def detection_table(rng: random.Random) -> dict[str, dict[str, str]]:
    """For every primitive and every kind of break, whether it is found."""
    names = with_progress(list(TABLE), "rules")
    return {name: {kind: detects(name, kind, rng) for kind in BREAKS} for name in names}


def report(table: dict[str, dict[str, str]], alarms: Alarms) -> str:
    """Both halves of the proof, as text."""
    width = max(map(len, table))
    lines = [" " * width + "".join(f"{kind:>17}" for kind in BREAKS)]
    for name, row in table.items():
        lines.append(f"{name:<{width}}" + "".join(f"{SHOWN[row[kind]]:>17}" for kind in BREAKS))
    cells = [verdict for row in table.values() for verdict in row.values()]
    lines += [
        "",
        f"{cells.count('found')} breaks found, {cells.count('missed')} missed;"
        f" {cells.count('none')} change no derivative (-)",
        f"{alarms.programs} programs that are right: {len(alarms.false)} false alarms,"
        f" {alarms.inconclusive} inconclusive",
    ]
    for program, at, text in alarms.false[:3]:
        lines += ["", program, f"at {list(at)}: {text}"]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit code is 1 if a break is missed or an alarm false."""
    parser = argparse.ArgumentParser(
        prog="python -m autograd.testing.detection",
        description="Break every derivative rule in several ways, and see what gradcheck finds.",
    )
    parser.add_argument("--programs", type=int, default=1000, help="right programs to check")
    parser.add_argument("--seed", type=int, default=0, help="of points and programs")
    options = parser.parse_args(arguments)
    if options.programs < 0:
        parser.error("--programs must be at least 0")
    rng = random.Random(options.seed)
    table = detection_table(rng)
    alarms = false_alarms(options.programs, rng)
    sys.stdout.write(report(table, alarms) + "\n")
    missed = any("missed" in row.values() for row in table.values())
    return 1 if missed or alarms.false else 0


if __name__ == "__main__":
    sys.exit(main())
