"""A plan: the scene of a graph, and how to read the next graph of the same shape for it.

`plan` makes all the choices that a drawing needs: which rewrites, which detail, which nodes. A
recorded training makes them once, for its first graph; `Plan.order` lists each later graph in the
same order, so that the scene's members are the same Values in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from autograd.cached import cached_property
from autograd.draw.arguments import check_labels, integer, one_of
from autograd.draw.scene.details import Parts, unfolded
from autograd.draw.scene.foldings import Foldings
from autograd.draw.scene.graph_rewrites import (
    Origins,
    gather_sums,
    unfold_dots,
    without_identities,
)
from autograd.draw.scene.joined import joined
from autograd.draw.scene.limits import Limits
from autograd.draw.scene.numbers import Numbers, numbers_of_backward, numbers_of_values
from autograd.draw.scene.parts import Scene
from autograd.draw.scene.paths import Names
from autograd.draw.scene.structure import Structure, check_shape
from autograd.draw.scene.summary import summary
from autograd.graph import topological_order
from autograd.modes import pause_gc
from autograd.number import as_flag, describe
from autograd.scopes import Scope
from autograd.value import Value

Choice: TypeAlias = Literal["auto", "nodes", "neurons", "layers"]
"""The detail of a drawing, as users give it."""

MAX_NODES = 60
MOST_FLOWS = 200_000  # operands of a summary for which it is worked out what flows back to each
LARGEST = 1_000_000  # operands of a graph that `"auto"` searches for repetitions


class Rewrites(NamedTuple):
    """What a graph is drawn with in place of operations that tell little.

    Attributes:
        plain: identities are left out, as nested derivatives have them.
        unfold: dot products are replaced by products and a sum.
        gather: chains of additions are replaced by one sum.
    """

    plain: bool
    unfold: bool
    gather: bool

    def of(
        self, values: Sequence[Value], names: Names, origins: Origins | None = None
    ) -> tuple[Sequence[Value], Names]:
        """The outputs of the graph to draw, and the names in it; `origins` are added to."""
        scopes = dict(names.scopes)
        roots = values
        if self.plain:
            roots = without_identities(roots, scopes, origins)
        if self.unfold:
            roots = unfold_dots(roots, scopes, origins)
        if self.gather:
            roots = gather_sums(roots, names.paths, scopes, origins)
        return roots, names._replace(scopes=scopes)


@dataclass(frozen=True)
class Plan:
    """The scene of a graph, and all that is needed to list a graph of the same shape for it.

    Attributes:
        scene: what to draw.
        structure: the shape of the graph that the scene's members belong to.
        outputs: the indexes of the drawn outputs in its order.
        names: the names of its parts.
        rewrites: what that graph has in place of the given one.
    """

    scene: Scene
    structure: Structure
    outputs: tuple[int, ...]
    names: Names
    rewrites: Rewrites

    @property
    def has_backward(self) -> bool:
        """Whether what flows along edges is worked out: not in a summary of a very large graph."""
        if self.scene.detail != "summary":
            return True
        return sum(map(len, self.structure.tails)) <= MOST_FLOWS

    def numbers(self, order: Sequence[Value]) -> Numbers:
        """The numbers of a backward pass over a graph in this order, where there is one."""
        if self.has_backward:
            return numbers_of_backward(order, *(order[i] for i in self.outputs))
        return numbers_of_values(order)

    def order(self, *values: Value, origins: Origins | None = None) -> list[Value]:
        """The Values of a graph of the same shape, in the order of the scene's members.

        The outputs are `[order[i] for i in plan.outputs]`.

        Args:
            values: the outputs, as many as the plan was made for.
            origins: to be filled with those of what is new in the list.

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
        now = Structure.of(self.rewrites.of(values, self.names, origins)[0])
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
        detail: the detail, or `"auto"` for the finest that has at most `max_nodes` nodes, and no
            more than half of them in a row, if that only takes folding what is repeated.
        unfold: replace each dot product by products and a sum.
        max_nodes: the most nodes that `"auto"` may draw.
        caller: the name of the function, for errors.
        scopes: the scope of each result, where it was recorded.

    Raises:
        ValueError: there are no values, the detail is unknown, or `max_nodes` is not positive.
        TypeError: something given is not a Value, the model has no `named_parameters`, or
            `max_nodes` is not an integer, or a label is not a string.
    """
    most = integer(f"{caller}: max_nodes", max_nodes, 1)
    return Planner.of(values, model, detail, unfold, caller, scopes).plan(Limits.of(most))


class Planner:
    """Chooses how one graph is drawn within some limits or others; `plan` has the arguments."""

    def __init__(
        self, values: Sequence[Value], names: Names, detail: str, unfold: bool, constants: bool
    ) -> None:
        self._values, self._names = values, names
        self._detail, self._constants = detail, constants
        self._rewrites = Rewrites(detail != "nodes", unfold, gather=False)

    @staticmethod
    def of(
        values: Sequence[Value],
        model: Any,
        detail: str,
        unfold: bool,
        caller: str,
        scopes: Mapping[Value, Scope],
    ) -> Planner:
        """Check the arguments of `plan`, and find the names."""
        if not values:
            raise ValueError(f"{caller}: expected at least one Value, got none")
        for value in values:
            if not isinstance(value, Value):
                raise TypeError(f"{caller}: expected Values, got {_described(value, caller)}")
        one_of(f"{caller}: detail", detail, get_args(Choice))
        with pause_gc():
            order = topological_order(*values)
            check_labels(caller, order)
            known = {v: scopes[v] for v in order if v in scopes}
            names = Names.of(model, known, caller)
        unfold = as_flag(unfold, f"{caller}: unfold")
        return Planner(values, names, detail, unfold, caller == "draw")

    def plan(self, limits: Limits) -> Plan:
        """The plan of the finest scene within the limits."""
        with pause_gc():
            return self._plan(limits)

    def _plan(self, limits: Limits) -> Plan:
        automatic = self._detail == "auto"
        all_nodes: Plan | None = None
        is_small = automatic and len(self._whole.order) <= limits.nodes
        if is_small or self._detail == "nodes":
            scene = unfolded(Parts.of(self._whole))
            all_nodes = self._made(self._whole, scene, self._rewrites)
            picture = joined(scene)
            if not automatic or limits.hold(picture):
                return all_nodes
            if not limits.accept(picture):
                all_nodes = None
        gathered = self._gathered
        if not automatic:
            return self._made(gathered, self._foldings.scene(self._detail))
        if sum(map(len, gathered.tails)) <= LARGEST:
            found = self._foldings.finest(limits, is_needed=all_nodes is None)
            if found is not None:
                return self._made(gathered, found)
        return all_nodes or self._made(gathered, summary(gathered, limits))

    def _made(self, structure: Structure, scene: Scene, rewrites: Rewrites | None = None) -> Plan:
        rewrites = rewrites or self._gathering
        return Plan(scene, structure, structure.outputs, self._names, rewrites)

    @property
    def _gathering(self) -> Rewrites:
        return self._rewrites._replace(gather=True)

    @cached_property
    def _whole(self) -> Structure:
        return Structure.of(*self._rewrites.of(self._values, self._names))

    @cached_property
    def _gathered(self) -> Structure:
        return Structure.of(*self._gathering.of(self._values, self._names))

    @cached_property
    def _foldings(self) -> Foldings:
        return Foldings(Parts.of(self._gathered), self._constants)


def _described(x: object, caller: str) -> str:
    """What was given in place of a Value; of a list of Values, how they are drawn."""
    items = x.values() if isinstance(x, Mapping) else x
    is_many = isinstance(items, Collection) and any(isinstance(item, Value) for item in items)
    remedy = "*values.values()" if isinstance(x, Mapping) else "*values"
    return describe(x) + (f": write draw({remedy})" if is_many and caller == "draw" else "")
