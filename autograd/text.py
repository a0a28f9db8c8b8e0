r"""Text that is shown to somebody: labels, paths, names of functions, whatever is in them.

A terminal obeys escape sequences, a line feed ends a comment, and an override of the direction of
writing makes a line read as another one. A label that holds such a character is the user's right;
where it is shown, the character is written as Python writes it in a string.
"""

from __future__ import annotations

import re

# Control characters of both sets, marks of direction, ends of lines and paragraphs, and code points
# that are no characters.
INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str) -> str:
    r"""The text in one line that does nothing but show it.

    >>> print(visible("red \x1b[31m, two\nlines, \u202eturned"))
    red \x1b[31m, two\nlines, \u202eturned
    """
    return INVISIBLE.sub(_escaped, text)


def visible_lines(text: str) -> str:
    """The same for text that may have several lines."""
    return "\n".join(map(visible, text.split("\n")))


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
