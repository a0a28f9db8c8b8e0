r"""Showing text from users: labels, paths, names of functions, whatever they contain.

A terminal obeys escape sequences, a line feed ends a comment, and an override of the writing
direction makes a line read as another one. A label may contain such a character; where it is shown,
the character is escaped as in a Python string.
"""

from __future__ import annotations

HIDDEN = (
    (0x00, 0x1F),  # control characters
    (0x7F, 0x9F),
    (0x061C, 0x061C),  # marks of the writing direction
    (0x200E, 0x200F),
    (0x2028, 0x202E),  # ends of lines and paragraphs; more of the direction
    (0x2066, 0x2069),
    (0xD800, 0xDFFF),  # not a character
    (0xFFFE, 0xFFFF),
)


def visible(text: str) -> str:
    r"""The text in one line, with control characters escaped.

    >>> print(visible("red \x1b[31m, two\nlines, \u202eturned"))
    red \x1b[31m, two\nlines, \u202eturned
    """
    return text if text.isprintable() else text.translate(_ESCAPES)


def visible_lines(text: str) -> str:
    """The same for text that may have several lines."""
    return text if text.isprintable() else "\n".join(map(visible, text.split("\n")))


def called(label: str) -> str:
    """A label as the name in a sentence or a formula: empty where nothing of it could be seen.

    >>> called("x"), called("  ")
    ('x', '')
    """
    return "" if label.isspace() else visible_lines(label)


class _Escapes(dict[int, str]):
    """How each character is shown, computed at its first use."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if any(first <= code <= last for first, last in HIDDEN):
            character = character.encode("unicode_escape").decode()
        self[code] = character
        return character


_ESCAPES = _Escapes()
