"""The measurement of accuracy as a table, and as a page of the documentation."""

from __future__ import annotations

import platform
from collections.abc import Sequence

from autograd.testing.accuracy.measure import DIGITS, Entry

COMMAND = "python -m autograd.testing.accuracy"

HEAD = """\
# Accuracy

How far each operation, and its derivative in each operand, may be from the truth. Written by
`{command}`
with {python}; other mathematical libraries differ a little.

{results:,} results were compared with mpmath at {digits} digits: at zeros, subnormals, the largest
numbers, next to poles, corners and points of overflow, and at random numbers spread over all
exponents. *value* and *derivative* are the largest errors met, in **units in the last place** of
the exact result: correct rounding is 0.5 or less, and 1 is the distance to the next float. *at*
are the operands where that was; where there are several, a number before them says in which of
them, counted from 0, the derivative was taken. Operands count as exact, so a badly conditioned
function is no excuse. Where an error is above 4, the last column says what limits it; 4 times the
condition number k given there is a bound that the command checks, and it fails where an error is
larger. Where a sum or product overflows or gets subnormal on the way there is no bound.
The definitions stand in `autograd/testing/accuracy/measure.py`.

"""


def table(entries: Sequence[Entry]) -> str:
    """The entries as a Markdown table."""
    rows = [("primitive", "value", "at", "derivative", "at", "why above 4")]
    rows += [
        (f"`{e.name}`", str(e.value), e.value.place, str(e.slope), e.slope.place, e.remark)
        for e in entries
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    widths[-1] = len(rows[0][-1])  # the last column needs no padding
    lines = [
        "| " + " | ".join(f"{x:<{w}}" for x, w in zip(row, widths, strict=True)) + " |\n"
        for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * w for w in widths) + " |\n")
    return "".join(lines)


def document(entries: Sequence[Entry], count: int, seed: int) -> str:
    """The table and how to read it, as a Markdown page."""
    library = " ".join(filter(None, platform.libc_ver())) or platform.system()
    return HEAD.format(
        command=f"{COMMAND} --points {count} --seed {seed} --out docs/accuracy.md",
        python=f"{platform.python_implementation()} {platform.python_version()}, {library}",
        digits=DIGITS,
        results=sum(e.value.count + e.slope.count for e in entries),
    ) + table(entries)
