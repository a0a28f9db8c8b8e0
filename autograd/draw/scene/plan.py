"""A plan: the scene of a graph, and how to read the next graph of the same shape for it.

`plan` makes all the choices that a drawing needs: which rewrites, which detail, which nodes. A
recorded training makes them once, for its first graph; `Plan.order` lists each later graph in the
same order, so that the scene's members are the same Values in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from math import inf
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from autograd.draw.arguments import one_of
from autograd.draw.scene.assembly import Grouping
from autograd.draw.scene.coarser import formulas, steps
from autograd.draw.scene.details import Parts, folded, scene_of, unfolded
from autograd.draw.scene.graph_rewrites import gather_sums, unfold_dots
from autograd.draw.scene.joined import joined
from autograd.draw.scene.parts import Detail, Scene
from autograd.draw.scene.paths import Names
from autograd.draw.scene.structure import Structure, check_shape
from autograd.draw.scene.summary import summary
from autograd.draw.scene.units import Folded
from autograd.graph import topological_order
from autograd.modes import pause_gc
from autograd.number import as_integer, describe
from autograd.scopes import Scope
from autograd.value import Value

Choice: TypeAlias = Literal["auto", "nodes", "neurons", "layers"]
"""The detail of a drawing, as users give it."""

MAX_NODES = 60
EDGES_PER_NODE = 2  # with more edges, no eye can follow a picture
FOLDINGS: tuple[Folded, ...] = get_args(Folded)
DEPTHS = (1, 2, 4, inf)  # operations in each other that become one formula, tried in this order
LARGEST = 1_000_000  # operands of a graph that `"auto"` searches for repetitions


@dataclass(frozen=True)
class Plan:
    """The scene of a graph, and all that is needed to list a graph of the same shape for it.

    Attributes:
        scene: what to draw.
        structure: the shape of the graph that the scene's members belong to.
        outputs: the indexes of the drawn outputs in its order.
        names: the names of its parts.
        unfold: whether dot products are replaced by products and a sum.
        gather: whether chains of additions are replaced by one sum.
    """

    scene: Scene
    structure: Structure
    outputs: tuple[int, ...]
    names: Names
    unfold: bool
    gather: bool

    def order(self, *values: Value) -> list[Value]:
        """The Values of a graph of the same shape, in the order of the scene's members.

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
        now = Structure.of(_rewritten(values, self.names, self.unfold, self.gather)[0])
        check_shape(self.structure, now)
        return list(now.order)


def plan(
    values: Sequence[Value],
    model: Any = None,
    detail: str = "auto",
    unfold: bool = False,
    max_nodes: int = MAX_NODES,
    caller: str = "draw",
    scopes: Mapping[Value, Scope] = MappingProxyType({}),
) -> Plan:
    """Choose how a graph is drawn.

    Args:
        values: the outputs, one or more.
        model: the owner of the parameters, or `None`.
        detail: the detail, or `"auto"` for the finest that has at most `max_nodes` nodes.
        unfold: replace each dot product by products and a sum.
        max_nodes: the most nodes that `"auto"` may draw.
        caller: the name of the function, for errors.
        scopes: the scope of each result, where it was recorded.

    Raises:
        ValueError: there are no values, the detail is unknown, or `max_nodes` is not positive.
        TypeError: something given is not a Value, the model has no `named_parameters`, or
            `max_nodes` is not an integer.
    """
    if not values:
        raise ValueError(f"{caller}: expected at least one Value, got none")
    for value in values:
        if not isinstance(value, Value):
            raise TypeError(f"{caller}: expected Values, got {_described(value, caller)}")
    one_of(f"{caller}: detail", detail, get_args(Choice))
    most = as_integer(max_nodes, f"{caller}: max_nodes", 1)
    with pause_gc():
        known = {v: scopes[v] for v in topological_order(*values) if v in scopes} if scopes else {}
        names = Names.of(model, known, caller)
        return _plan(values, names, detail, bool(unfold), most, constants=caller == "draw")


def _described(x: object, caller: str) -> str:
    """What was given in place of a Value; of a list of Values, how they are drawn."""
    is_many = isinstance(x, Collection) and any(isinstance(item, Value) for item in x)
    return describe(x) + (": write draw(*values)" if is_many and caller == "draw" else "")


def _plan(
    values: Sequence[Value], names: Names, detail: str, unfold: bool, most: int, constants: bool
) -> Plan:
    automatic = detail == "auto"
    if automatic or detail == "nodes":
        whole = Structure.of(*_rewritten(values, names, unfold, gather=False))
        if not automatic or len(whole.order) <= most:
            scene = unfolded(Parts.of(whole))
            if not automatic or _is_readable(joined(scene), most):
                return Plan(scene, whole, whole.outputs, names, unfold, gather=False)
    gathered = Structure.of(*_rewritten(values, names, unfold, gather=True))
    made = partial(
        Plan,
        structure=gathered,
        outputs=gathered.outputs,
        names=names,
        unfold=unfold,
        gather=True,
    )
    if not automatic or sum(map(len, gathered.tails)) <= LARGEST:
        found = _folded(Parts.of(gathered), detail, most, constants)
        if found is not None:
            return made(found)
    return made(summary(gathered, most))


def _folded(parts: Parts, detail: str, most: int, constants: bool) -> Scene | None:
    """The scene of a detail; of `"auto"` the finest that is readable, or `None`.

    Folding goes from the inside out: what has the same shape, then scopes, neurons and layers, then
    the turns of loops, then operations without a label. Labels go last.
    """
    structure = parts.structure
    given = next((folding for folding in FOLDINGS if folding == detail), None)
    if given is not None:
        return scene_of(structure, folded(parts, given), given, inf)
    grouping = cache(partial(folded, parts))
    neurons, layers = partial(grouping, "neurons"), partial(grouping, "layers", True)

    @cache
    def in_turns(start: Callable[[], Grouping], opened: bool) -> Grouping:
        return steps(structure, start(), opened, constants)

    def in_formulas(start: Callable[[], Grouping], opened: bool, deepest: float) -> Grouping:
        return formulas(structure, in_turns(start, opened), deepest, constants)

    starts = (neurons, layers)
    tries: list[tuple[Detail, Callable[[], Grouping]]] = []
    for folding, start in zip(FOLDINGS, starts, strict=True):
        tries.append((folding, start))
        tries += [("folded", partial(in_turns, start, opened)) for opened in (True, False)]
    if not parts.uses.uses:  # of no model and no scopes: layers would only merge what is alike
        del tries[3:]
    for start in starts:
        tries += [
            ("folded", partial(in_formulas, start, opened, deepest))
            for opened in (True, False)
            for deepest in DEPTHS
        ]
    tries.append(("layers", partial(folded, parts, "layers")))
    for name, make in tries:
        found = scene_of(structure, make(), name, most)
        if found is not None and _is_readable(found, most):
            return found
    return None


def _rewritten(
    values: Sequence[Value], names: Names, unfold: bool, gather: bool
) -> tuple[Sequence[Value], Names]:
    """The outputs of the graph to draw, and the names in it."""
    roots: Sequence[Value] = values
    scopes = dict(names.scopes)
    if unfold:
        roots = unfold_dots(roots, scopes)
    if gather:
        roots = gather_sums(roots, names.paths, scopes)
    return roots, names._replace(scopes=scopes)


def _is_readable(scene: Scene, most: int) -> bool:
    return len(scene.nodes) <= most and len(scene.edges) <= EDGES_PER_NODE * most
