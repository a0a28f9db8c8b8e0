"""Names for the variables of generated Python: unique identifiers, close to the wanted ones."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable


class Identifiers:
    """Gives out identifiers.

    Args:
        taken: names that may not be given out; keywords never are.

    >>> names = Identifiers(["run"])
    >>> [names.like(wanted) for wanted in ("w[0][1]", "layers.0.bias", "run", "λ", "w.0.1")]
    ['w_0_1', 'layers_0_bias', 'run_1', 'x', 'w_0_1_1']
    >>> names.numbered("dot"), names.numbered("dot")
    ('dot_1', 'dot_2')
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {*taken, *keyword.kwlist}
        self._counts: dict[str, int] = {}

    def like(self, wanted: str) -> str:
        """The text as an identifier; with a number behind it if that is taken."""
        name = identifier(wanted)
        if name in self._taken:
            return self.numbered(name)
        self._taken.add(name)
        return name

    def numbered(self, wanted: str) -> str:
        """The text as an identifier with a number behind it."""
        stem = name = identifier(wanted)
        while name == stem or name in self._taken:
            self._counts[stem] = self._counts.get(stem, 0) + 1
            name = f"{stem}_{self._counts[stem]}"
        self._taken.add(name)
        return name


def identifier(text: str) -> str:
    r"""The text as an identifier of Python in ASCII, or as a keyword.

    >>> identifier("x[0]"), identifier("2nd"), identifier("f\nimport os")
    ('x_0', 'x_2nd', 'f_import_os')
    """
    found = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_") or "x"
    return f"x_{found}" if found[0].isdigit() else found
