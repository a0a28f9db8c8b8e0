"""The details of a drawing: which Values of a graph are drawn together.

- "nodes": every number is a node.
- "neurons": parts with the same shape, such as those of the samples of a batch, are drawn once;
  each neuron of the model is folded into a unit; penalties on weights are drawn layer by layer.
- "layers": the same for each layer, and inputs of one kind are one node.

Each gives a `Grouping`, from which `assembly` makes a scene.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from autograd.draw.scene.assembly import Grouping, assemble, ordered
from autograd.draw.scene.inputs import inputs_of
from autograd.draw.scene.operands import slot
from autograd.draw.scene.parts import Box, Detail, Place, Scene
from autograd.draw.scene.paths import Box as Path
from autograd.draw.scene.paths import Names, box_of, steps, without_digits
from autograd.draw.scene.repeats import kinds_by_making, kinds_by_use, shared_leaves
from autograd.draw.scene.structure import Structure
from autograd.draw.scene.units import Folded, Folding, unit_boxes
from autograd.draw.scene.uses import Uses, uses_of
from autograd.value import Value


class Parts(NamedTuple):
    """A graph, and what every detail needs to know of it."""

    structure: Structure
    uses: Uses
    inputs: Mapping[Place, Place]

    @staticmethod
    def of(structure: Structure) -> Parts:
        """Find the uses of the model's boxes, and the inputs."""
        uses = uses_of(structure)
        return Parts(structure, uses, inputs_of(structure, uses))


def every_number(
    order: Sequence[Value], outputs: Sequence[Value], paths: Mapping[Value, str]
) -> Scene:
    """The scene in which every Value, operation and number is a separate node.

    Args:
        order: the Values, operands before results.
        outputs: those of them that are drawn as outputs.
        paths: the path of each parameter in the model.

    Names come from the topological order, so the same graph always gives the same scene: the
    Value `n3` is the result of the operation `op3`, whose second operand, if a plain number, is
    `c3_1`.

    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> scene = every_number([x, y], [y], {})
    >>> [node.name for node in scene.nodes]
    ['n0', 'op1', 'n1']
    >>> [(edge.tail, edge.head) for edge in scene.edges]
    [('n0', 'op1'), ('n0', 'op1'), ('op1', 'n1')]
    """
    return unfolded(Parts.of(Structure.of_order(order, outputs, Names(paths))))


def unfolded(parts: Parts) -> Scene:
    """The same scene, for a graph whose parts are known."""
    structure, uses, inputs = parts
    boxes, names = _boxes(structure, uses, range(len(uses.uses)), set())
    grouping = Grouping(
        groups=range(len(structure.tails)),
        numbers={place: inputs.get(place, place) for place in structure.numbers},
        inputs=inputs,
        box_of={i: names[use] for i, use in enumerate(uses.of) if use is not None},
        boxes=boxes,
        each_operand=True,
    )
    return assemble(structure, grouping, range(len(structure.tails)), "nodes")


def folded(
    parts: Parts, detail: Folded, keep_labels: bool = False, opened: bool = False
) -> Grouping:
    """Repetitions are drawn once, and each neuron or layer is one unit.

    Args:
        parts: the graph.
        detail: what is one unit.
        keep_labels: in layers, merge only what has the same label, but for its digits.
        opened: leave every neuron and layer an open box.
    """
    structure, uses, _ = parts
    kinds = kinds_by_making(structure, _marks(structure, uses, detail, keep_labels))
    folding = Folding.of(structure, uses, kinds, detail)
    if opened:
        folding = replace(folding, boxes=frozenset())
    if detail == "neurons":
        kinds = _penalties_by_layer(parts, kinds)
    while True:
        grouping = _grouping(parts, kinds, folding, detail)
        order = ordered(structure, grouping)
        if isinstance(order, list):
            return grouping
        circles = (i for i, group in enumerate(grouping.groups) if group in order)
        folding = folding.without(circles)


def scene_of(structure: Structure, grouping: Grouping, detail: Detail, most: float) -> Scene | None:
    """The scene of a grouping, or `None` if its groups alone would be more than `most` nodes."""
    if len(set(grouping.groups)) > most:
        return None
    order = ordered(structure, grouping)
    assert isinstance(order, list)
    return assemble(structure, grouping, order, detail)


def _grouping(parts: Parts, kinds: Sequence[int], folding: Folding, detail: Folded) -> Grouping:
    structure, uses, inputs = parts
    settled = folding.units
    by_layer = detail == "layers"

    def place(i: int, k: int) -> Hashable:
        """The slot of an operand: for a unit, it includes the operation in it that reads it."""
        if by_layer and settled[i] is not None:
            return None
        primitive = structure.primitives[i]
        assert primitive is not None
        where = slot(primitive, k, len(structure.tails[i]), by_layer)
        return where if settled[i] is None else (kinds[i], where)

    merged = structure.paths.keys() - set(structure.outputs)
    together = [
        kind if unit is None and kind < 0 and i in merged else unit
        for i, (unit, kind) in enumerate(zip(settled, kinds, strict=True))
    ]
    groups = kinds_by_use(structure, kinds, together, place)
    readings: dict[Place, set[Hashable]] = {}
    for i, k in structure.numbers:
        readings.setdefault(inputs.get((i, k), (i, k)), set()).add((groups[i], place(i, k)))
    numbers: dict[Place, Hashable] = {}
    for at in structure.numbers:
        first = inputs.get(at, at)
        if at in inputs or settled[at[0]] is None:  # a constant in a unit is part of it
            numbers[at] = (at in inputs, frozenset(readings[first]))
    unit_of = {group: unit for group, unit in zip(groups, settled, strict=True) if unit is not None}
    boxes, names = _boxes(structure, uses, folding.kinds, folding.hidden)
    box_of_group: dict[Hashable, str] = {}
    for i, group in enumerate(groups):
        around = folding.box_around(i)
        if around is not None and group not in box_of_group:
            box_of_group[group] = names[around]
    return Grouping(
        groups=groups,
        numbers=numbers,
        inputs=inputs,
        units={group: folding.describe(unit) for group, unit in unit_of.items()},
        built_in=folding.built_in,
        box_of=box_of_group,
        boxes=boxes,
    )


def _boxes(
    structure: Structure, uses: Uses, kinds: Sequence[int], hidden: Iterable[int]
) -> tuple[tuple[Box, ...], dict[int, str]]:
    """The boxes of a scene, one for each kind of use, and the name of each use's box."""
    names: dict[int, str] = {}
    name_of_kind: dict[int, str] = {}
    boxes: list[Box] = []
    skipped = set(hidden)
    first: dict[int, int] = {}
    for i, inside in enumerate(uses.of):
        if structure.primitives[i] is not None:
            for around in uses.around(inside):
                first.setdefault(around, i)
    for number in sorted(first, key=lambda number: (len(uses.uses[number].box), first[number])):
        use, kind = uses.uses[number], kinds[number]
        if number in skipped:
            continue
        if kind not in name_of_kind:
            name_of_kind[kind] = f"b{len(boxes)}"
            parent = None if use.parent is None else names[use.parent]
            boxes.append(Box(name_of_kind[kind], use.title, parent))
        names[number] = name_of_kind[kind]
    return _with_uses(boxes), names


def _with_uses(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """The boxes, numbered where there are several in the same place."""
    counts = Counter((box.parent, box.title) for box in boxes)
    numbers: Counter[tuple[str | None, str]] = Counter()
    numbered: list[Box] = []
    for box in boxes:
        numbers[box.parent, box.title] += 1
        count = counts[box.parent, box.title]
        use = f"{numbers[box.parent, box.title]:,} of {count:,}" if count > 1 else ""
        numbered.append(replace(box, use=use))
    return tuple(numbered)


def _marks(
    structure: Structure, uses: Uses, detail: Folded, keep_labels: bool = False
) -> list[Hashable]:
    """Marks that distinguish Values of the same shape: the recorded scope is one.

    Each parameter has another mark, or, for layers, each layer and name; without a model, leaves
    that all samples of a batch share count as parameters. Labels are marks too; where layers are
    drawn, they are if `keep_labels`, without their digits.
    """
    shared = set() if structure.paths else shared_leaves(structure)
    marks: list[Hashable]
    if detail == "neurons":
        marks = [
            i if i in structure.paths or i in shared else value.label or None
            for i, value in enumerate(structure.order)
        ]
    else:
        layers = unit_boxes(map(box_of, structure.paths.values()), "layers")
        marks = [
            (next((b for b in _outward(box_of(path)) if b in layers), ()), _name(path))
            if (path := structure.paths.get(i)) is not None
            else (i in shared, without_digits(value.label) if keep_labels else "")
            for i, value in enumerate(structure.order)
        ]
    units = unit_boxes((use.box for use in uses.uses), detail)
    for i in structure.scopes:
        if (use := uses.of[i]) is not None:
            box = uses.uses[use].box
            marks[i] = (marks[i], next((b for b in _outward(box) if b in units), box))
    return marks


def _penalties_by_layer(parts: Parts, kinds: Sequence[int]) -> list[int]:
    """The kinds, where Values outside the network that depend on parameters alone get one by layer.

    A penalty on every weight would otherwise be larger than the network. These kinds are negative.
    """
    structure, uses, _ = parts
    by_layer = kinds_by_making(structure, _marks(structure, uses, "layers"))
    return [
        -1 - of_layer if uses.fixed[i] and uses.of[i] is None else kind
        for i, (kind, of_layer) in enumerate(zip(kinds, by_layer, strict=True))
    ]


def _outward(box: Path) -> Iterator[Path]:
    """A box and those around it, from the inside out."""
    return (box[:end] for end in range(len(box), 0, -1))


def _name(path: str) -> str:
    """The name of a parameter in its box, without an index."""
    return steps(path)[-1].split(".")[0]
