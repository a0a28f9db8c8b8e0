"""The figures in README.md and docs/benchmarks.md, both rewritten from one run."""

from __future__ import annotations

import re
from pathlib import Path

from autograd.files import write_whole
from benchmarks.report import medians_section, summary_section
from benchmarks.summary import Record

BEGIN, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"

PLOT = "images/benchmarks.svg"
"""Where the picture is, as docs/benchmarks.md sees it."""


def publish(record: Record, out: Path, root: Path) -> None:
    """Put the medians into the README, and everything with its picture into docs/benchmarks.md.

    Args:
        record: the run.
        out: the folder where its pictures are.
        root: the folder of the README.

    Raises:
        ValueError: one of the pages has no place for it. Neither is changed.
    """
    sections = {
        root / "README.md": medians_section(record),
        root / "docs" / "benchmarks.md": summary_section(record, PLOT),
    }
    texts = {
        page: replaced(page.read_text(encoding="utf-8"), section)
        for page, section in sections.items()
    }
    (root / "docs" / PLOT).parent.mkdir(parents=True, exist_ok=True)
    write_whole(root / "docs" / PLOT, (out / "steps.svg").read_bytes())
    for page, text in texts.items():
        write_whole(page, text.encode("utf-8"))


def replaced(text: str, section: str) -> str:
    r"""A page with something else between the markers, and nothing else changed.

    Raises:
        ValueError: the two markers are not there, once each and in order.

    >>> print(replaced("a\n<!-- benchmarks -->\nold\n<!-- /benchmarks -->\nb", "new"))
    a
    <!-- benchmarks -->
    <BLANKLINE>
    new
    <BLANKLINE>
    <!-- /benchmarks -->
    b
    """
    if [*re.findall(f"{BEGIN}|{END}", text)] != [BEGIN, END]:
        raise ValueError(f"expected {BEGIN} and {END}, once each and in order")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{section}\n\n{END}{after}"
