"""The places of a network's units: a column for each layer, and one for the inputs.

`diagram` draws them. The columns follow each other along the network; the units of one lie across
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from autograd.draw.arguments import Direction

MOST_UNITS = 16  # the units of a column that are drawn

Place = tuple[float, float]
"""A place: x and y in points; y grows upwards."""

# From the positions along the network and across it to a place.
TURNS: dict[Direction, Callable[[float, float], Place]] = {
    "LR": lambda along, across: (along, -across),
    "RL": lambda along, across: (-along, -across),
    "TB": lambda along, across: (across, -along),
    "BT": lambda along, across: (across, along),
}


@dataclass(frozen=True, slots=True)
class Column:
    """The units of a layer that are drawn, or the inputs.

    Attributes:
        title: its title.
        size: the number of units.
        shown: the indexes of those that are drawn.
        note: a second line, such as the activation.
    """

    title: str
    size: int
    shown: Sequence[int]
    note: str = ""

    @staticmethod
    def of(title: str, size: int, note: str = "") -> Column:
        """The column of a layer, its middle left out if it is long."""
        if size <= MOST_UNITS:
            return Column(title, size, range(size), note)
        half = MOST_UNITS // 2
        return Column(title, size, [*range(half), *range(size - half, size)], note)

    def slots(self, pitch: float) -> Iterator[tuple[int | None, float]]:
        """The units that are drawn, and `None` for those left out, with their positions across."""
        units: list[int | None] = list(self.shown)
        if len(self.shown) < self.size:
            units.insert(len(units) // 2, None)
        for position, unit in enumerate(units):
            yield unit, (position - (len(units) - 1) / 2) * pitch
