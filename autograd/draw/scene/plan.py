"""A plan: which scene a graph is drawn as, and how the next graph of the same shape is read for it.

`plan` makes all the choices that a drawing needs: which rewrites, which detail, which nodes. A
training that is played back makes them once, for its first graph; each later graph is only listed
in the same order, which `Plan.order` does, so that the scene's members mean the same Values in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any, Literal, TypeAlias, get_args

from autograd.draw.arguments import one_of
from autograd.draw.scene.details import Parts, folded, unfolded
from autograd.draw.scene.parts import Scene
from autograd.draw.scene.paths import parameter_paths
from autograd.draw.scene.rewrites import gather_sums, unfold_dots
from autograd.draw.scene.structure import Structure
from autograd.draw.scene.summary import summary
from autograd.draw.scene.units import Folded
from autograd.modes import pause_gc
from autograd.number import as_integer, describe
from autograd.value import Value

Choice: TypeAlias = Literal["auto", "nodes", "neurons", "layers"]
"""How fine a drawing is, as one asks for it."""

MAX_NODES = 60
EDGES_PER_NODE = 2  # more, and a picture is a web that no eye can follow
LARGEST = 1_000_000  # operands of a graph that is looked through for repetitions unasked


@dataclass(frozen=True)
class Plan:
    """The scene of a graph, and all that is needed to list a graph of the same shape for it.

    Attributes:
        scene: what to draw.
        structure: the shape of the graph that the scene's members are of.
        outputs: where the drawn outputs are in its order.
        paths: how to get to each parameter from the model.
        unfold: whether dot products are opened.
        gather: whether chains of additions are gathered.
    """

    scene: Scene
    structure: Structure
    outputs: tuple[int, ...]
    paths: Mapping[Value, str]
    unfold: bool
    gather: bool

    def order(self, *values: Value) -> list[Value]:
        """The Values of a graph of the same shape, listed so that the scene's members are right.

        The outputs are `[order[i] for i in plan.outputs]`.

        Args:
            values: the outputs, as many as the plan was made for.

        Raises:
            ValueError: the graph has another shape.

        >>> x = Value(2.0)
        >>> made = plan([x * x + 1])
        >>> y = Value(3.0)
        >>> [value.data for value in made.order(y * y + 1)]
        [3.0, 9.0, 10.0]
        >>> made.order(y * 2 + 1)
        Traceback (most recent call last):
        ValueError: the graph has another shape: Value 1 was mul(0, 0), now it is mul(0, a number)
        """
        now = Structure.of(_rewritten(values, self.paths, self.unfold, self.gather))
        then = self.structure
        if now.outputs != then.outputs or len(now.order) != len(then.order):
            raise ValueError(
                f"the graph has another shape: it had {len(then.order)} Values and"
                f" {len(then.outputs)} outputs, now it has {len(now.order)} and {len(now.outputs)}"
            )
        for i in range(len(now.order)):
            if now.primitives[i] is not then.primitives[i] or now.tails[i] != then.tails[i]:
                raise ValueError(
                    f"the graph has another shape: Value {i} was {_made(then, i)},"
                    f" now it is {_made(now, i)}"
                )
        return list(now.order)


def _made(structure: Structure, i: int) -> str:
    primitive = structure.primitives[i]
    if primitive is None:
        return "a leaf"
    operands = ("a number" if tail is None else str(tail) for tail in structure.tails[i])
    return f"{primitive.name}({', '.join(operands)})"


def plan(
    values: Sequence[Value],
    model: Any = None,
    detail: str = "auto",
    unfold: bool = False,
    max_nodes: int = MAX_NODES,
    caller: str = "draw",
) -> Plan:
    """Choose how a graph is drawn.

    Args:
        values: the outputs, one or more.
        model: whose parameters are named, or `None`.
        detail: how fine, or `"auto"` for the finest that has at most `max_nodes` nodes.
        unfold: open each dot product into products and a sum.
        max_nodes: how many nodes `"auto"` may draw.
        caller: the function that errors name.

    Raises:
        ValueError: there are no values, the detail is unknown, or `max_nodes` is not positive.
        TypeError: something given is not a Value, the model has no `named_parameters`, or
            `max_nodes` is not an integer.
    """
    if not values:
        raise ValueError(f"{caller}: expected at least one Value, got none")
    for value in values:
        if not isinstance(value, Value):
            raise TypeError(f"{caller}: expected Values, got {describe(value)}")
    one_of(f"{caller}: detail", detail, get_args(Choice))
    most = as_integer(max_nodes, f"{caller}: max_nodes", 1)
    with pause_gc():
        return _plan(values, parameter_paths(model, caller), detail, bool(unfold), most)


def _plan(
    values: Sequence[Value], paths: Mapping[Value, str], detail: str, unfold: bool, most: int
) -> Plan:
    automatic = detail == "auto"
    if automatic or detail == "nodes":
        whole = Structure.of(_rewritten(values, paths, unfold, gather=False), paths)
        if not automatic or len(whole.order) <= most:
            scene = unfolded(Parts.of(whole))
            if not automatic or _is_readable(scene, most):
                return Plan(scene, whole, whole.outputs, paths, unfold, gather=False)
    gathered = Structure.of(_rewritten(values, paths, unfold, gather=True), paths)
    made = partial(
        Plan,
        structure=gathered,
        outputs=gathered.outputs,
        paths=paths,
        unfold=unfold,
        gather=True,
    )
    if not automatic or sum(map(len, gathered.tails)) <= LARGEST:
        parts = Parts.of(gathered)
        for folding in get_args(Folded):
            if automatic or detail == folding:
                found = folded(parts, folding, most if automatic else inf)
                if found is not None and (not automatic or _is_readable(found, most)):
                    return made(found)
    return made(summary(gathered, most))


def _rewritten(
    values: Sequence[Value], paths: Mapping[Value, str], unfold: bool, gather: bool
) -> Sequence[Value]:
    roots: Sequence[Value] = values
    if unfold:
        roots = unfold_dots(roots)
    if gather:
        roots = gather_sums(roots, paths)
    return roots


def _is_readable(scene: Scene, most: int) -> bool:
    return len(scene.nodes) <= most and len(scene.edges) <= EDGES_PER_NODE * most
