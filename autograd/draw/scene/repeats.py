"""Which parts of a graph have the same shape, so that they can be drawn once.

Two passes, each linear in the size of the graph: value numbering (Alpern, Wegman and Zadeck, 1988).
Forward, Values have one kind if they are results of the same operation on operands of the same
kinds. Backward, those with different uses are separated, so that the first inputs of all samples
are one node and the second ones another.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

from autograd.draw.scene.operands import SYMMETRIC
from autograd.draw.scene.structure import Structure

NUMBER = -1  # the kind of a plain number
SEVERAL = -2  # read by more than one sample
NONE = -1  # read by no sample


def kinds_by_making(structure: Structure, marks: Sequence[Hashable]) -> list[int]:
    """The kind of each Value by its operation and operands; different marks give different kinds.

    >>> from autograd import Value
    >>> x, y = Value(1.0), Value(2.0)
    >>> kinds_by_making(Structure.of([x * 2 + y * 3]), [None] * 5)
    [0, 1, 0, 1, 2]
    """
    # Operands come first, so their kinds are final here. By induction two Values have one kind just
    # if their expressions are equal but for leaves of the same mark and for plain numbers.
    kinds: list[int] = []
    known: dict[Hashable, int] = {}
    for primitive, tails, mark in zip(structure.primitives, structure.tails, marks, strict=True):
        made_of = [NUMBER if tail is None else kinds[tail] for tail in tails]
        if primitive in SYMMETRIC:
            made_of.sort()
        kinds.append(known.setdefault((primitive, mark, *made_of), len(known)))
    return kinds


def kinds_by_use(
    structure: Structure,
    kinds: Sequence[int],
    settled: Sequence[int | None],
    slot: Callable[[int, int], Hashable],
) -> list[int]:
    """The kinds, refined by which kinds read them, and where.

    Args:
        structure: the graph.
        kinds: the kind of each Value by its operation and operands.
        settled: the group of each Value that is not refined further, else `None`.
        slot: the slot of an operand, given the reader and the position.
    """
    # Readers come later, so going backwards theirs are final, and one pass reaches the fixed point.
    # It only splits kinds: each key holds the old kind. A settled Value needs no readers.
    found = [0] * len(kinds)
    known: dict[Hashable, int] = {}
    outputs = set(structure.outputs)
    for i in range(len(kinds) - 1, -1, -1):
        if settled[i] is None:
            uses = frozenset((found[reader], slot(reader, k)) for reader, k in structure.readers[i])
            found[i] = known.setdefault((kinds[i], i in outputs, uses), len(known))
        else:
            found[i] = known.setdefault(settled[i], len(known))
    return found


def shared_leaves(structure: Structure) -> set[int]:
    """The leaves that the samples of a batch share, as they share a network's parameters.

    The samples are the terms of the sum whose repeated terms are the deepest, or the outputs
    themselves. Without such a sum, every leaf that is read more than once counts.

    >>> from autograd import Value
    >>> w = Value(2.0)
    >>> loss = sum([w * Value(x) - 1 for x in (1.0, 2.0, 3.0)])
    >>> structure = Structure.of([loss])
    >>> [structure.order[i] is w for i in shared_leaves(structure)]
    [True]
    """
    samples = _samples(structure)
    if samples is None:
        return {
            i
            for i, primitive in enumerate(structure.primitives)
            if primitive is None and len({j for j, _ in structure.readers[i]}) > 1
        }
    sample_of = [NONE] * len(structure.tails)
    for number, i in enumerate(samples):
        sample_of[i] = number if sample_of[i] == NONE else SEVERAL
    # When `i` is reached all its readers have been: `sample_of[i]` is the one sample that reads it,
    # NONE or SEVERAL. It only ever moves from NONE to a sample to SEVERAL.
    for i in range(len(structure.tails) - 1, -1, -1):
        for tail in structure.tails[i]:
            if tail is not None and sample_of[i] != NONE:
                same = sample_of[tail] in (NONE, sample_of[i])
                sample_of[tail] = sample_of[i] if same else SEVERAL
    return {
        i
        for i, primitive in enumerate(structure.primitives)
        if primitive is None and sample_of[i] == SEVERAL
    }


def _samples(structure: Structure) -> list[int] | None:
    kinds = kinds_by_making(structure, [None] * len(structure.tails))
    heights = heights_of(structure)
    best: tuple[int, int] = (0, 0)
    found: list[int] | None = None
    candidates: Iterable[tuple[int, Sequence[int | None]]] = [
        (i, tails)
        for i, tails in enumerate(structure.tails)
        if structure.primitives[i] in SYMMETRIC
    ] + [(len(structure.tails), structure.outputs)]
    for i, tails in candidates:
        terms = list(dict.fromkeys(tail for tail in tails if tail is not None))
        alike = _most_alike(terms, kinds, heights)
        if len(alike) > 1 and (heights[alike[0]], i) > best:
            best, found = (heights[alike[0]], i), alike
    return found


def _most_alike(terms: Sequence[int], kinds: Sequence[int], heights: Sequence[int]) -> list[int]:
    """Of the kinds that several terms have, the terms of the deepest."""
    by_kind: dict[int, list[int]] = {}
    for term in terms:
        if heights[term] > 0:
            by_kind.setdefault(kinds[term], []).append(term)
    several = [alike for alike in by_kind.values() if len(alike) > 1]
    return max(several, key=lambda alike: heights[alike[0]], default=[])


def heights_of(structure: Structure) -> list[int]:
    """The number of operations on the longest path from a leaf to each Value.

    >>> from autograd import Value
    >>> heights_of(Structure.of([Value(1.0) * 2 + 3]))
    [0, 1, 2]
    """
    heights: list[int] = []
    for tails in structure.tails:
        below = [heights[tail] for tail in tails if tail is not None]
        heights.append(1 + max(below) if below else 0)
    return heights
