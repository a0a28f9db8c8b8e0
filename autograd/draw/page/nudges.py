"""What becomes of the output if one input or parameter is moved, and nothing else.

A gradient foretells it: by `grad * h`, if the number is moved by `h`. A page shows that beside what
comes true. It asks nobody, so the outputs at some places around each number are computed when it is
written: by the value rules of the engine, for only those operations that depend on the number.
"""

from __future__ import annotations

import math
import operator
from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any

from autograd.draw.page.frames import encoded
from autograd.draw.scene.numbers import Numbers
from autograd.draw.scene.parts import Scene, ValueNode
from autograd.draw.scene.structure import Structure, is_call
from autograd.number import as_float
from autograd.value import Value

PLACES = (41, 21, 11)
"""At how many places each number is tried: the most that `MOST` allows."""

MOST = 600_000
"""The most operands that are computed with for one page, in all places together."""

SMALLEST = 1e-300
"""Numbers closer to 0 than this are moved as 0 is."""

LARGEST = 1e308
"""Numbers further from 0 are not moved: half as much again would be infinite."""

OUTSIDE, TOO_LARGE = "outside of the domain", "too large"
"""Why there is no output at a place."""


def nudges(
    scene: Scene, order: Sequence[Value], numbers: Numbers, outputs: Iterable[Value]
) -> dict[str, Any] | None:
    """The sum of the outputs with one leaf moved, for each input and parameter with its own node.

    No Value is changed. Where the graph has been computed from other numbers than the leaves have,
    there is nothing to compare with. Nor is there anything for what a call of a compiled function
    takes, since these calls would have it compiled; in a summary; and in a graph that is too large.

    Args:
        scene: what is drawn.
        order: the graph that its members belong to.
        numbers: of that graph.
        outputs: the Values that are drawn, as they were computed.

    Returns:
        What the page is told, or `None` if it is nothing: the indexes of nodes, and for each of
        them by how much it is moved, from the least to the most, and the outputs there: NaN where
        there are none, with the reason by place.

    >>> from autograd.draw.scene.details import every_number
    >>> from autograd.draw.scene.numbers import numbers_of_backward
    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> scene = every_number([x, y], [y], {})
    >>> told = nudges(scene, [x, y], numbers_of_backward([x, y], y), [y])
    >>> told["nodes"], told["places"]
    ([0], 41)
    """
    if scene.detail == "summary" or len(order) > MOST // PLACES[-1]:
        return None
    nodes = [
        (not (node.label or node.path), n, order[node.members[0]])
        for n, node in enumerate(scene.nodes)
        if isinstance(node, ValueNode)
        and len(node.members) == 1
        and order[node.members[0]].primitive is None
    ]
    if not nodes:
        return None
    graph = _Graph(outputs, dict(zip(order, numbers.data, strict=True)))
    room = MOST // PLACES[-1]
    found = []
    for _, n, leaf in sorted(nodes, key=lambda node: node[:2]):  # those that have names first
        i = graph.index[leaf]
        reached, cost = graph.above(i, room)
        room -= cost
        if room < 0:
            break
        if reached and abs(graph.data[i]) <= LARGEST:
            found.append((n, i, reached, cost))
    spent = sum(cost for *_, cost in found)
    places = next(count for count in PLACES if count * spent <= MOST)
    columns = []
    for n, i, reached, _ in found:
        moves = moves_around(graph.data[i], places)
        gaps: dict[int, str] = {}
        results = graph.moved(i, reached, moves, gaps)
        if results is not None:
            columns.append((n, [*moves, *results], gaps))
    if not columns:
        return None
    flat = array("d", (x for _, column, _ in columns for x in column))
    return {
        "nodes": [n for n, _, _ in columns],
        "places": places,
        "numbers": encoded([flat]),
        "gaps": [gaps for _, _, gaps in columns],
    }


def moves_around(x: float, places: int) -> list[float]:
    """By how much a number is moved: 0 in the middle, at most half of it, in round numbers.

    >>> moves_around(-3.0, 5), moves_around(0.0, 3)
    ([-1.0, -0.5, 0.0, 0.5, 1.0], [-0.5, 0.0, 0.5])
    """
    size = abs(x) / 2 if abs(x) >= SMALLEST else 0.5
    mantissa, exponent = f"{size:.16e}".split("e")
    unit = max(unit for unit in (1, 2, 5) if unit <= float(mantissa))
    half = places // 2
    # Read from decimal digits: 0.015, not 0.015000000000000001.
    return [float(f"{unit * 100 * k // half}e{int(exponent) - 2}") for k in range(-half, half + 1)]


class _Graph:
    """A graph as it was computed, with the numbers that its leaves had when it was drawn."""

    def __init__(self, outputs: Iterable[Value], drawn: dict[Value, float]) -> None:
        self.structure = Structure.of(outputs)
        order = self.structure.order
        self.index = {value: i for i, value in enumerate(order)}
        self.data = [drawn[x] if x.primitive is None else x.data for x in order]

    def above(self, leaf: int, most: int) -> tuple[list[int], int]:
        """What is computed from a leaf, in order, and how many operands that has.

        There is nothing where it is more than so many operands, or a compiled function is called.
        """
        structure = self.structure
        reached, waiting, cost = {leaf}, [leaf], 0
        while waiting:
            for i, _ in structure.readers[waiting.pop()]:
                if i in reached:
                    continue
                reached.add(i)
                waiting.append(i)
                cost += len(structure.tails[i])
                primitive = structure.primitives[i]
                assert primitive is not None  # it reads something
                if cost > most or is_call(primitive):
                    return [], cost
        reached.remove(leaf)
        return sorted(reached), cost

    def moved(
        self, leaf: int, reached: Iterable[int], moves: Sequence[float], gaps: dict[int, str]
    ) -> list[float] | None:
        """The sum of the outputs at each place; `None` if in the middle anything is another.

        Places where there is none are added to the gaps, with the reason.
        """
        structure, data = self.structure, self.data
        columns = {leaf: [data[leaf] + h if h else data[leaf] for h in moves]}  # -0.0 + 0.0 is 0.0
        for i in reached:
            value = structure.order[i]
            assert value.primitive is not None
            given = [
                columns[tail]
                if tail in columns
                else repeat(float(x) if tail is None else data[tail])
                for x, tail in zip(value.operands, structure.tails[i], strict=True)
            ]
            made = columns[i] = _applied(value.primitive.value, given, gaps)
            at_rest = made[len(moves) // 2]
            if at_rest != data[i] and not (math.isnan(at_rest) and math.isnan(data[i])):
                return None
        results: Iterable[float] | None = None
        for i in structure.outputs:
            column = columns.get(i) or repeat(data[i])
            results = column if results is None else map(operator.add, results, column)
        assert results is not None
        return [
            math.nan if place in gaps else x
            for place, x in zip(range(len(moves)), results, strict=False)
        ]


def _applied(
    rule: Callable[..., Any], given: Sequence[Iterable[float]], gaps: dict[int, str]
) -> list[float]:
    """The results of a value rule; NaN where it fails, which is added to the gaps."""
    try:
        made = list(map(rule, *given))
        if all(type(x) is float for x in made):
            return made
    except Exception:  # such as that of a logarithm of a negative number; where is found below
        pass
    results = []
    for place, operands in enumerate(zip(*given, strict=False)):
        try:
            results.append(as_float(rule(*operands), "nudge"))
        except Exception as error:
            gaps.setdefault(place, TOO_LARGE if isinstance(error, OverflowError) else OUTSIDE)
            results.append(math.nan)
    return results
