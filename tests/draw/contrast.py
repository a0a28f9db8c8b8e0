"""Contrast as WCAG 2 measures it, and which colours of a picture meet."""

import itertools

from autograd.draw.dot import styles
from autograd.draw.dot.scale import Scale

WHITE = "#FFFFFF"
FILLS = [WHITE, styles.UNIT_FILL, styles.ALARM_FILL, *styles.BOX_FILLS]
FILLS += [style.fill for style in styles.STYLES.values()]

# A colour, and what it lies on.
TEXTS = [
    *itertools.product([styles.INK, styles.FAINT, styles.ALARM], FILLS),
    (WHITE, styles.UNIT_BAR),
    (WHITE, styles.MARK_FILL),
]
LINES = [
    (Scale(1.0).colour(x), ground)
    for x in (-1.0, -1e-9, 0.0, 1e-9, 0.25, 1.0)
    for ground in (WHITE, *styles.BOX_FILLS)
]


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
