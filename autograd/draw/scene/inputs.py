"""Plain numbers that neurons read: one input for all the neurons that read it.

A graph does not say that two neurons were given the same row of plain numbers: each holds its
operands separately. They count as the same input if they are the same to the last bit and are
multiplied by the same position of the weights, in one use of a layer; without a model, if two dot
products have the same row of numbers. No parameter is multiplied by the same input twice, so two
samples of a batch that happen to be equal remain two.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from autograd.draw.scene.parts import Place
from autograd.draw.scene.paths import steps
from autograd.draw.scene.structure import DOT, Structure
from autograd.draw.scene.uses import Uses


def inputs_of(structure: Structure, uses: Uses) -> dict[Place, Place]:
    """For each plain number that is an input, the first place where the same input is read.

    >>> from autograd import Value, dot
    >>> v, w = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]
    >>> row = [0.5, 0.25]
    >>> structure = Structure.of([dot(v, row) * dot(w, row)])
    >>> inputs_of(structure, Uses.none(structure))
    {(2, 2): (2, 2), (2, 3): (2, 3), (5, 2): (2, 2), (5, 3): (2, 3)}
    """
    found: dict[Place, Place] = {}
    has_layers = any(use.reads for use in uses.uses)
    rows = _read_by_layers(structure, uses) if has_layers else _read_by_dots(structure)
    known: dict[Hashable, list[tuple[tuple[Place, ...], set[Hashable]]]] = {}
    for key, partner, places in rows:
        readings = known.setdefault(key, [])
        reading = next((reading for reading in readings if partner not in reading[1]), None)
        if reading is None:
            reading = (places, set())
            readings.append(reading)
        first, partners = reading
        partners.add(partner)
        found.update(zip(places, first, strict=True))
    return found


def _read_by_layers(
    structure: Structure, uses: Uses
) -> Iterator[tuple[Hashable, Hashable, tuple[Place, ...]]]:
    """For each number that meets a parameter: the key of its input, the parameter, its place."""
    for i, k in structure.numbers:
        use = uses.of[i]
        met = structure.factor_of(i, k)
        if use is None or met is None or met not in structure.paths:
            continue
        layer = uses.uses[use].parent
        column = _column(structure.paths[met])
        yield (use if layer is None else layer, column, structure.bits(i, k)), met, ((i, k),)


def _column(path: str) -> tuple[str, ...]:
    """Which input a parameter is multiplied by: in a matrix, each row has the same.

    >>> _column("layers.0.neurons.2.weights.1"), _column("cell.weight_ih.2.1")
    (('weights', '1'), ('weight_ih', '1'))
    """
    name, *indexes = steps(path)[-1].split(".")
    return (name, *indexes[-1:]) if len(indexes) == 2 else (name, *indexes)


def _read_by_dots(
    structure: Structure,
) -> Iterator[tuple[Hashable, Hashable, tuple[Place, ...]]]:
    """The same for each row of numbers that meets a row of leaves in a dot product."""
    for i, tails in enumerate(structure.tails):
        if structure.primitives[i] is not DOT or None not in tails:
            continue
        half = len(tails) // 2
        for row in (range(half), range(half, 2 * half)):
            partners = [structure.factor_of(i, k) for k in row]
            numbers = all(tails[k] is None for k in row)
            if numbers and all(p is not None and not structure.tails[p] for p in partners):
                bits = tuple(structure.bits(i, k) for k in row)
                yield bits, tuple(partners), tuple((i, k) for k in row)
