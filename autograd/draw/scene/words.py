"""What the operations in a box are called, and how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from autograd.draw.scene.structure import Structure
from autograd.primitives.arithmetic import number_power, power_number
from autograd.primitives.definition import Primitive

MOST_KINDS = 4  # of operations that are counted one by one

POWERS = (power_number.primitive, number_power.primitive)  # of or to a plain number
WORDS = dict.fromkeys(POWERS, "pow")


def word(primitive: Primitive) -> str:
    """The name of an operation; powers have one, whichever operand is a number."""
    return WORDS.get(primitive, primitive.name)


def counted(structure: Structure, members: Iterable[int]) -> list[str]:
    """The number of operations of each kind, the most frequent first.

    >>> from autograd import Value
    >>> x = Value(2.0)
    >>> structure = Structure.of([x**2 * x**3 + 1])
    >>> counted(structure, range(len(structure.order)))
    ['2 pow', '1 mul', '1 add']
    """
    counts = Counter(word(p) for i in members if (p := structure.primitives[i]) is not None)
    shown = counts.most_common(MOST_KINDS)
    said = [f"{count:,} {name}" for name, count in shown]
    rest = counts.total() - sum(count for _, count in shown)
    return [*said, f"{rest:,} other" + "s" * (rest > 1)] if rest else said
