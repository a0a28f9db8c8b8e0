"""Where in a graph each box is used: scope by scope, or else neuron by neuron, layer by layer.

A model that is called several times, on each sample of a batch or at each step of a recurrent
network, gives one *use* of its boxes each time. If scopes were recorded, each is one use. If not,
the parameters tell, since their paths name boxes: an operation that reads a parameter belongs to
that parameter's box, and so do the activation that follows and everything that leads only to later
layers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from autograd.draw.scene.paths import Box, box_of, common, steps, title
from autograd.draw.scene.readings import readings, united
from autograd.draw.scene.structure import Structure
from autograd.primitives import activations
from autograd.primitives.arithmetic import add
from autograd.primitives.elementary import sigmoid, tanh
from autograd.primitives.piecewise import sign
from autograd.primitives.reductions import total
from autograd.scopes import Scope

ACTIVATIONS = frozenset(
    function.primitive
    for function in (*vars(activations).values(), sigmoid, tanh, sign)
    if hasattr(function, "primitive")
)
"""The operations that may follow in a neuron, if nothing else reads their operand."""

LINEAR = frozenset({add.primitive, total.primitive})


@dataclass(slots=True)
class Use:
    """One use of a box.

    Attributes:
        box: the box.
        title: its title.
        parent: the number of the use of the box around it, or `None`.
        reads: the parameters that its operations read.
        children: the boxes inside that are in use here.
    """

    box: Box
    title: str
    parent: int | None = None
    reads: set[int] = field(default_factory=set)
    children: set[Box] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Uses:
    """All uses of the boxes of a model in a graph.

    Attributes:
        uses: the uses; a parent may come after its children.
        of: for each Value, the number of the innermost use it is in, or `None`.
        reads: for each Value, the parameters that it reads, if it belongs to their box.
        fixed: for each Value, whether it depends on parameters alone.
    """

    uses: Sequence[Use]
    of: Sequence[int | None]
    reads: Sequence[Sequence[int]]
    fixed: Sequence[bool]

    @staticmethod
    def none(structure: Structure) -> Uses:
        """No uses: for a graph without a model."""
        count = len(structure.tails)
        return Uses([], [None] * count, [()] * count, [False] * count)

    def around(self, use: int | None) -> Iterator[int]:
        """A use and those around it, from the inside out."""
        while use is not None:
            yield use
            use = self.uses[use].parent

    def innermost_around(self, uses: Iterable[int | None]) -> int | None:
        """The innermost use that is, or contains, all of these; or `None`."""
        chains = [list(self.around(use))[::-1] for use in uses]
        together: int | None = None
        for level in zip(*chains, strict=False):
            if len(set(level)) > 1:
                break
            together = level[0]
        return together


def uses_of(structure: Structure) -> Uses:
    """Find the uses of the scopes, or else of the boxes that the paths of the parameters name."""
    if structure.scopes:
        return _recorded(structure)
    if not any(box_of(path) for path in structure.paths.values()):
        return Uses.none(structure)
    of: list[int | None] = [None] * len(structure.tails)
    fixed, reads = readings(structure)
    uses = _begin(structure, _boxes(structure, fixed, reads), reads, of)
    found = Uses(uses, of, reads, fixed)
    _add_activations(structure, of)
    _nest(structure, found)
    _add_what_lies_between(structure, found)
    _add_fixed(structure, found)
    return found


def _recorded(structure: Structure) -> Uses:
    """A use for each scope; a module with an empty title, the model itself, has none."""
    numbers: dict[Scope | None, int | None] = {None: None}
    uses: list[Use] = []
    of: list[int | None] = [None] * len(structure.tails)
    fixed, reads = readings(structure)
    for i, innermost in structure.scopes.items():
        for scope in reversed([scope for scope in innermost.outward() if scope not in numbers]):
            number = parent = numbers[scope.parent]
            name = structure.titles.get(id(scope.module), scope.name)
            if name:
                number = len(uses)
                uses.append(
                    Use((*(() if parent is None else uses[parent].box), name), name, parent)
                )
            numbers[scope] = number
        use = of[i] = numbers[innermost]
        if use is not None:
            uses[use].reads.update(reads[i])
    found = Uses(uses, of, reads, fixed)
    _add_fixed(structure, found)
    return found


def _boxes(
    structure: Structure, fixed: Sequence[bool], reads: Sequence[Sequence[int]]
) -> list[Box]:
    """The box of each operation that reads parameters, or adds up results that do."""
    box_at = {i: box_of(path) for i, path in structure.paths.items()}
    boxes = [common(box_at[p] for p in those) for those in reads]
    below = [set(those) for those in reads]  # for a sum of one neuron, also what its terms read
    for i, primitive in enumerate(structure.primitives):
        if primitive in LINEAR and not fixed[i]:
            parts = _terms_of_neuron(structure, i, fixed, reads)
            if len({boxes[part] for part in parts}) == 1:
                together = united([below[part] for part in parts])
                if together:
                    boxes[i], below[i] = boxes[parts[0]], together
    return boxes


def _terms_of_neuron(
    structure: Structure, i: int, fixed: Sequence[bool], reads: Sequence[Sequence[int]]
) -> list[int]:
    """The terms of a neuron's sum, with the sum itself for the parameters among them.

    There are none if a term is a number, or if 0 is added to a sum: those begin something else.
    """
    terms: list[int] = []
    for operand, tail in zip(structure.order[i].operands, structure.tails[i], strict=True):
        if tail is not None and not fixed[tail]:
            terms.append(tail)
        elif tail is None and operand != 0:
            return []
    if len(terms) == 1 and not reads[i] and structure.primitives[terms[0]] in LINEAR:
        return []
    return [*terms, i] if reads[i] else terms


def _begin(
    structure: Structure,
    boxes: Sequence[Box],
    reads: Sequence[Sequence[int]],
    of: list[int | None],
) -> list[Use]:
    """Put the operations that have a box into uses of it, results before operands.

    An operation joins the use of an operation that reads it, unless that use would read a parameter
    twice.
    """
    uses: list[Use] = []
    for i in range(len(boxes) - 1, -1, -1):
        if not boxes[i]:
            continue
        chosen = next(
            (
                use
                for reader, _ in structure.readers[i]
                if (use := of[reader]) is not None
                and uses[use].box == boxes[i]
                and uses[use].reads.isdisjoint(reads[i])
            ),
            None,
        )
        if chosen is None:
            chosen = len(uses)
            uses.append(Use(boxes[i], title(boxes[i])))
        of[i] = chosen
        uses[chosen].reads.update(reads[i])
    return uses


def _add_activations(structure: Structure, of: list[int | None]) -> None:
    for i, primitive in enumerate(structure.primitives):
        if of[i] is None and primitive in ACTIVATIONS:
            tails = [tail for tail in structure.tails[i] if tail is not None]
            if len(tails) == 1 and len(structure.readers[tails[0]]) == 1:
                of[i] = of[tails[0]]


def _nest(structure: Structure, found: Uses) -> None:
    """Put the uses of inner boxes into uses of the boxes around them.

    Neurons belong to the same use of their layer if they have the same inputs, or else if they
    are connected, or else if one comes after the other; and never twice the same neuron.
    """
    uses = found.uses
    assert isinstance(uses, list)
    members: list[list[int]] = [[] for _ in uses]
    for i, inside in enumerate(found.of):
        if inside is not None:
            members[inside].append(i)
    of_box: dict[Box, list[int]] = {}
    for number in sorted(range(len(uses)), key=lambda number: min(members[number])):
        of_box.setdefault(uses[number].box, []).append(number)
    for depth in range(max((len(use.box) for use in uses), default=0), 1, -1):
        by_inputs: dict[Hashable, list[int]] = {}
        inner = [number for box, those in of_box.items() if len(box) == depth for number in those]
        for number in sorted(inner, key=lambda number: min(members[number])):
            use = uses[number]
            box = use.box[:-1]
            values, numbers = _inputs(structure, found, number, members[number])
            alike = by_inputs.setdefault((box, frozenset(values), tuple(numbers)), [])
            readers = (reader for m in members[number] for reader, _ in structure.readers[m])
            connected = (
                around
                for i in chain(values, readers)
                for around in found.around(found.of[i])
                if uses[around].box == box
            )
            candidates = chain(alike, connected, of_box.get(box, [])[-1:])
            parent = next((p for p in candidates if use.box not in uses[p].children), None)
            if parent is None:
                parent = len(uses)
                uses.append(Use(box, title(box)))
                members.append([])
                of_box.setdefault(box, []).append(parent)
            if parent not in alike:
                alike.append(parent)
            use.parent = parent
            uses[parent].children.add(use.box)
            members[parent] += members[number]


def _inputs(
    structure: Structure, found: Uses, number: int, members: Sequence[int]
) -> tuple[list[int], list[Hashable]]:
    """The inputs of a use: Values, and plain numbers with the parameters they multiply."""
    values: dict[int, None] = {}
    numbers: list[Hashable] = []
    for i in members:
        for k, tail in enumerate(structure.tails[i]):
            if tail is None:
                met = structure.factor_of(i, k)
                if met is not None and met in structure.paths:
                    step = steps(structure.paths[met])[-1]
                    numbers.append((step, structure.bits(i, k)))
            elif not found.fixed[tail] and number not in found.around(found.of[tail]):
                values[tail] = None
    return list(values), numbers


def _add_what_lies_between(structure: Structure, found: Uses) -> None:
    """Add Values that depend on one box's results alone and lead only to later boxes.

    So an activation of several steps belongs to its neuron, and a softmax to its layer.
    """
    of = found.of
    assert isinstance(of, list)
    candidate: list[int | None] = list(of)
    for i, tails in enumerate(structure.tails):
        if of[i] is None and tails and not found.fixed[i]:
            candidate[i] = found.innermost_around(
                candidate[tail] for tail in tails if tail is not None and not found.fixed[tail]
            )
    outputs = set(structure.outputs)
    between: set[int] = set()
    for i in range(len(candidate) - 1, -1, -1):
        readers = {reader for reader, _ in structure.readers[i]}
        if of[i] is None and candidate[i] is not None and i not in outputs:
            further = readers & between
            if all(found.reads[reader] for reader in readers - further):
                between.add(i)
                candidate[i] = found.innermost_around(
                    (candidate[i], *(candidate[reader] for reader in sorted(further)))
                )
    for i in between:
        of[i] = candidate[i]


def _add_fixed(structure: Structure, found: Uses) -> None:
    """Add parameters, and Values that depend on them alone, to the use of all their readers.

    Where scopes were recorded, parameters only: the others are where they were computed.
    """
    of = found.of
    assert isinstance(of, list)
    for i in range(len(of) - 1, -1, -1):
        is_placed = structure.scopes and structure.primitives[i] is not None
        if found.fixed[i] and not is_placed and structure.readers[i]:
            of[i] = found.innermost_around(of[reader] for reader, _ in structure.readers[i])
