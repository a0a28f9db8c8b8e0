"""The ways in which a graph can be folded, from the finest to the coarsest.

Folding goes from the inside out: what has the same shape, then scopes, neurons and layers, then the
turns of loops, then operations without a label. Labels go last.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from functools import cache, partial
from math import inf
from typing import Any, get_args

from autograd.draw.scene.assembly import Grouping
from autograd.draw.scene.blocks import Blocks
from autograd.draw.scene.coarser import formulas, steps
from autograd.draw.scene.details import Parts, folded, scene_of
from autograd.draw.scene.limits import Limits
from autograd.draw.scene.parts import Detail, Scene
from autograd.draw.scene.units import Folded

DEPTHS = (1, 2, 4, inf)  # operations in each other that become one formula, tried in this order
STARTS: tuple[Folded, ...] = get_args(Folded)


class Foldings:
    """The foldings of one graph, each worked out when it is first asked for.

    Args:
        parts: the graph.
        constants: whether plain numbers are written in formulas.
    """

    def __init__(self, parts: Parts, constants: bool) -> None:
        self._parts = parts
        self._constants = constants
        self._start = cache(self._started)
        self._in_turns = cache(self._turned)
        self._blocks = cache(self._made_of)
        self._fewest = cache(self._counted)
        self._layers = cache(partial(folded, parts, "layers"))
        self._scenes: dict[Hashable, tuple[int, Scene | None]] = {}  # with the number of groups

    def scene(self, detail: str) -> Scene:
        """The scene of a detail that was asked for, as large as it is."""
        given = next(folding for folding in STARTS if folding == detail)
        found = scene_of(self._parts.structure, folded(self._parts, given), given, inf)
        assert found is not None
        return found

    def finest(self, limits: Limits, is_needed: bool = True) -> Scene | None:
        """The finest scene within the limits, or `None`.

        Where the limits accept what is too long, that is returned if nothing is repeated in it;
        unless a scene is needed, only one within the limits is, and no operation becomes a formula.
        """
        too_long = None
        for name, *how in self._without_formulas():
            found = self._made(name, how, limits)
            if found is not None and limits.hold(found):
                return found
            if found is not None and too_long is None and limits.accept(found):
                too_long = found
        if too_long is not None or not is_needed:
            return too_long if is_needed else None
        for name, *how in self._with_formulas(limits.nodes):
            found = self._made(name, how, limits)
            if found is not None and (limits.hold(found) or limits.accept(found)):
                return found
        return None

    def _made(self, name: Detail, how: Sequence[Any], limits: Limits) -> Scene | None:
        """The scene of a folding, if each of its groups can be a node; known from then on."""
        groups, scene = self._scenes.get((name, *how), (0, None))
        if scene is None and groups <= limits.nodes:
            grouping = how[0](*how[1:], *([limits.nodes] if how[0] == self._in_formulas else []))
            scene = scene_of(self._parts.structure, grouping, name, limits.nodes)
            groups = len(set(grouping.groups))
            self._scenes[name, *how] = groups, scene
        return scene if groups <= limits.nodes else None

    def _without_formulas(self) -> Iterator[tuple[Any, ...]]:
        """The name of each folding, and the function that makes it, with its arguments."""
        has_boxes = bool(self._parts.uses.uses)
        for start in STARTS if has_boxes else STARTS[:1]:  # else layers only merge what is alike
            yield start, self._start, start
            if start == "neurons" and self._parts.structure.scopes:
                yield "folded", self._in_turns, "scopes", True  # its last turn can be opened
            for opened in (True, False):
                yield "folded", self._in_turns, start, opened

    def _with_formulas(self, most: int) -> Iterator[tuple[Any, ...]]:
        for start in STARTS:
            for opened in (True, False):
                if self._fewest(start, opened) <= most:
                    for deepest in DEPTHS:
                        yield "folded", self._in_formulas, start, opened, deepest
        yield "layers", self._layers

    def _started(self, start: str) -> Grouping:
        if start == "layers":
            return folded(self._parts, "layers", keep_labels=True)
        return folded(self._parts, "neurons", opened=start == "scopes")

    def _turned(self, start: str, opened: bool) -> Grouping:
        return steps(self._parts.structure, self._start(start), opened, self._constants)

    def _made_of(self, start: str, opened: bool) -> Blocks:
        return Blocks(self._parts.structure, self._in_turns(start, opened))

    def _in_formulas(self, start: str, opened: bool, deepest: float, most: int) -> Grouping:
        return formulas(self._blocks(start, opened), deepest, self._constants, most)

    def _counted(self, start: str, opened: bool) -> int:
        return len(set(self._in_formulas(start, opened, inf, 0).groups))
