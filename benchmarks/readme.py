"""The README's section of benchmarks, rewritten from a run."""

from __future__ import annotations

import re

BEGIN, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"


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
