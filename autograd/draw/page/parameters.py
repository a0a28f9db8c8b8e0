"""The parameters of a graph: their numbers at each moment, and the chain rule of each, use by use.

A drawing that folds a network hides its parameters inside of its neurons. The page lists them all
the same, with the gradient that a batch gives each: the sum over its uses, one for each sample, of
the adjoint of the operation's result times the local derivative.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.draw.scene.numbers import Numbers
from autograd.draw.scene.parts import NumberNode, Place, Scene, UnitNode
from autograd.draw.scene.plan import Plan
from autograd.text import called, visible
from autograd.value import Value

MOST = 2000
"""The most parameters a page has; of more, only the first, and those that its network shows."""

MOST_USES = 32
"""The most uses of one parameter whose numbers are kept; the page sums the others up."""

USES_IN_A_FRAME = 2000
"""The most uses of all parameters together whose numbers are kept at each epoch of a training."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    Attributes:
        index: in the order of the graph.
        path: in the model.
        label: of the Value.
        node: the node of the scene that shows it or that it is inside of; `None` if none does.
        uses: the operands that it is, as far as their numbers are kept.
        all_uses: how many there are.
        operations: the names of the operations that use it, for each of `uses`.
    """

    index: int
    path: str
    label: str
    node: int | None
    uses: tuple[Place, ...]
    all_uses: int
    operations: tuple[str, ...]


class Parameters:
    """The parameters of a planned drawing.

    Args:
        plan: of the drawing.
        is_training: whether there are many moments, so that each must be small.
        shown: the paths of those that the page must have.

    >>> from autograd import Value
    >>> from autograd.draw.scene.numbers import numbers_of_backward
    >>> from autograd.draw.scene.plan import plan
    >>> from nn import Neuron
    >>> neuron = Neuron(1, nonlin=False, rng=0)
    >>> neuron.weights[0].data = 2.0
    >>> made = plan([neuron([3.0]) + neuron([5.0])], neuron)
    >>> parameters = Parameters(made)
    >>> numbers = numbers_of_backward(made.structure.order, *made.structure.order[-1:])
    >>> [(one.path, one.all_uses) for one in parameters.all]
    [('weights.0', 2), ('bias', 2)]
    >>> list(parameters.read(numbers))[:4]  # both numbers, both gradients
    [2.0, 0.0, 8.0, 2.0]
    """

    def __init__(
        self, plan: Plan, *, is_training: bool = False, shown: Collection[str] = ()
    ) -> None:
        structure = plan.structure
        self.count = len(structure.paths)
        named = _some(list(structure.paths.items()), frozenset(shown))
        kept = min(MOST_USES, max(1, USES_IN_A_FRAME // len(named))) if named else 0
        uses = _uses(structure.tails, {i for i, _ in named})
        at = _holders(plan.scene)
        self.all: Sequence[Parameter] = [
            Parameter(
                i,
                path,
                structure.order[i].label,
                at.get(i),
                tuple(uses[i][: kept if is_training else MOST_USES]),
                len(uses[i]),
                tuple(_operation(structure.order[j]) for j, _ in uses[i][:MOST_USES]),
            )
            for i, path in named
        ]

    @property
    def by_path(self) -> dict[str, int]:
        """Which of `all` has a path."""
        return {one.path: n for n, one in enumerate(self.all)}

    def read(self, numbers: Numbers) -> array[float]:
        """The numbers of one moment: data of all, gradients of all; then of each use the adjoint of
        the result, the local derivative, and what flows back; NaN for what is unknown.
        """
        row = array("d", (numbers.data[one.index] for one in self.all))
        row.extend(_known(numbers.grad[one.index]) for one in self.all)
        for one in self.all:
            for i, k in one.uses:
                row.extend(
                    map(_known, (numbers.grad[i], numbers.locals[i][k], numbers.flows[i][k]))
                )
        return row

    def described(self) -> list[dict[str, Any]]:
        """What does not change from moment to moment, for the page."""
        return [
            {
                "path": visible(one.path),
                "label": called(one.label),
                "node": one.node,
                "uses": one.all_uses,
                "operations": list(map(visible, one.operations[: len(one.uses)])),
            }
            for one in self.all
        ]


def _some(named: Sequence[tuple[int, str]], shown: Collection[str]) -> list[tuple[int, str]]:
    """`MOST` of the parameters in their order, or more if more are shown."""
    others = [path for _, path in named if path not in shown]
    room = max(0, MOST - (len(named) - len(others)))
    kept = {*shown, *others[:room]}
    return [(i, path) for i, path in named if path in kept]


def _known(x: float | None) -> float:
    return math.nan if x is None else x


def _uses(tails: Sequence[Sequence[int | None]], wanted: set[int]) -> Mapping[int, list[Place]]:
    """The operands that are these Values, in the order of the graph."""
    uses: dict[int, list[Place]] = {i: [] for i in wanted}
    for j, operands in enumerate(tails):
        for k, tail in enumerate(operands):
            if tail in uses:
                uses[tail].append((j, k))
    return uses


def _holders(scene: Scene) -> dict[int, int]:
    """The node that shows each Value of a scene, or hides it inside."""
    holders: dict[int, int] = {}
    for n, node in enumerate(scene.nodes):
        if not isinstance(node, NumberNode):
            inside = node.inside if isinstance(node, UnitNode) else ()
            for i in (*node.members, *inside):
                holders.setdefault(i, n)
    return holders


def _operation(value: Value) -> str:
    assert value.primitive is not None  # it has operands
    return value.primitive.name
