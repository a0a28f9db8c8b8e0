"""The data of a page: a scene, and its numbers at one moment or at each epoch of a training.

Names and structure are JSON, with the numbers of `frames` in it. `files/data.js` reads this.
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd.draw.arguments import Direction
from autograd.draw.page.frames import Frame, all_frames, all_samples, encoded, stored_gradients
from autograd.draw.page.parameters import Parameters
from autograd.draw.page.samples import Samples
from autograd.draw.scene.numbers import Reading
from autograd.draw.scene.parts import (
    RESULT,
    Node,
    NumberNode,
    OperationNode,
    Scene,
    UnitNode,
    ValueNode,
)
from autograd.text import called, visible, visible_lines

MOST_IN_ORDER = 200
"""The most operands of one operation whose order is told, where an edge stands for several."""

MOST_VISIBLE = 120
"""The most nodes a page shows at first; boxes beyond that are folded until they are opened."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """The outputs of a model of two inputs over a part of the plane, at each frame.

    Attributes:
        grids: for each frame the outputs, row by row from the top (the largest second input) and
            within a row from the left, as many in a row as there are rows.
        x: the range of the first input.
        y: the range of the second input.
        names: of the two inputs.
        points: the samples: both inputs and the target.
    """

    grids: Sequence[Sequence[Sequence[float]]]
    x: tuple[float, float]
    y: tuple[float, float]
    names: tuple[str, str] = ("x1", "x2")
    points: Sequence[tuple[float, float, float]] = ()


def page_data(
    scene: Scene,
    frames: Sequence[Frame],
    *,
    title: str,
    direction: Direction,
    precision: int,
    boundary: Boundary | None = None,
    network: dict[str, Any] | None = None,
    parameters: Parameters | None = None,
    samples: Samples | None = None,
    now: Reading | None = None,
    change: str | None = None,
    nudges: dict[str, Any] | None = None,
    has_backward: bool = True,
) -> dict[str, Any]:
    """All that a page reads, ready to be written as JSON.

    Args:
        scene: what to show.
        frames: its numbers: one frame for a drawing, one for each recorded epoch of a training.
        title: of the page.
        direction: where edges lead: `"LR"`, `"RL"`, `"TB"` or `"BT"`.
        precision: the number of significant digits of numbers.
        boundary: the model's outputs over the plane of its two inputs, at each frame.
        network: what `Network` describes, with the maps of its units, if there are any.
        parameters: those of the graph; each frame has their numbers.
        samples: those of a batch; each frame has their numbers.
        now: what the Values hold: the page says where it is not what the pass gives.
        change: what has changed since the graph was computed, from `change_in`.
        nudges: what becomes of the outputs if one leaf is moved, from `nudges`.
        has_backward: whether the frames have what flows back along the edges.

    Raises:
        ValueError: there are no frames, or the boundary has another number of grids.
    """
    if not frames:
        raise ValueError("page: expected at least one frame, got none")
    position = {node.name: n for n, node in enumerate(scene.nodes)}
    boxes = {box.name: b for b, box in enumerate(scene.boxes)}
    folded = folded_at_first(scene)
    return {
        "title": visible(title),
        "direction": direction,
        "precision": precision,
        "hasBackward": has_backward,
        "nodes": [_node(node, boxes) for node in scene.nodes],
        "edges": [
            {
                "tail": position[edge.tail],
                "head": position[edge.head],
                "operand": edge.operand,
                "count": len(edge.members),
                "result": any(k == RESULT for _, k in edge.members),
            }
            for edge in scene.edges
        ],
        "several": _several(scene, position),
        "boxes": [
            {
                "name": box.name,
                "title": visible_lines(box.title),
                "use": box.use,
                "parent": None if box.parent is None else boxes[box.parent],
                "folded": box.name in folded,
            }
            for box in scene.boxes
        ],
        "frames": all_frames(frames),
        "boundary": boundary and _boundary(boundary, len(frames)),
        "network": network,
        "parameters": parameters
        and {
            "all": parameters.described(),
            "count": parameters.count,
            "numbers": encoded(frame.parameters for frame in frames),
        },
        "samples": samples and all_samples(samples, frames),
        "change": change and visible(change),
        "stored": now and stored_gradients(now, frames[-1]),
        "nudges": nudges,
    }


def _node(node: Node, boxes: dict[str, int]) -> dict[str, Any]:
    unit = node if isinstance(node, UnitNode) else None
    role = getattr(node, "role", None)
    return {
        "name": node.name,
        "kind": {NumberNode: "number", OperationNode: "operation", UnitNode: "unit"}.get(
            type(node), "value"
        ),
        "role": role and role.value,
        "label": called(getattr(node, "label", "")),
        "path": visible_lines(getattr(node, "path", "")),
        "symbol": visible_lines(getattr(node, "symbol", "")),
        "title": visible_lines(unit.title) if unit else "",
        "lines": list(map(visible_lines, unit.lines)) if unit else [],
        "count": len(node.members),
        "inner": isinstance(node, ValueNode) and node.is_inner,
        "repeats": unit.repeats if unit else 1,
        "turns": unit.turns if unit else 1,
        "box": None if node.box is None else boxes[node.box],
    }


def _several(scene: Scene, position: dict[str, int]) -> dict[int, dict[str, Any]]:
    """The operations that read several operands along one edge, by the indexes of their nodes.

    For each of them the edges of its operands, in order, unless they are too many; and the edges
    along which it reads the same operand each time.
    """
    into: dict[str, list[int]] = {}
    for e, edge in enumerate(scene.edges):
        into.setdefault(edge.head, []).append(e)
    told = {}
    for node in scene.nodes:
        edges = into.get(node.name, [])
        if not isinstance(node, OperationNode) or all(
            len(scene.edges[e].members) <= len(node.members) for e in edges
        ):
            continue
        first = node.members[0]
        read = {k: e for e in edges for i, k in scene.edges[e].members if i == first}
        told[position[node.name]] = {
            "order": [read[k] for k in sorted(read)] if len(read) <= MOST_IN_ORDER else None,
            "one": [e for e in edges if scene.edges[e].is_one],
        }
    return told


def folded_at_first(scene: Scene) -> set[str]:
    """The boxes that are folded when the page opens: the fewest levels that make it fit.

    >>> from autograd.draw.scene.parts import Box
    >>> folded_at_first(Scene("nodes", (), (), (Box("b0", "layers.0"),)))
    set()
    """
    depth: dict[str | None, int] = {None: 0}
    for box in scene.boxes:
        depth[box.name] = depth[box.parent] + 1
    levels = [depth[node.box] for node in scene.nodes]
    for level in range(max(depth.values()), 0, -1):
        heads = sum(d == level + 1 for d in depth.values())
        if sum(at <= level for at in levels) + heads <= MOST_VISIBLE:
            break
    else:
        level = 0
    return {box.name for box in scene.boxes if depth[box.name] > level}


def _boundary(boundary: Boundary, count: int) -> dict[str, Any]:
    if len(boundary.grids) != count:
        raise ValueError(
            f"page: expected a grid of the boundary for each of {count} frames,"
            f" got {len(boundary.grids)}"
        )
    size = len(boundary.grids[0])
    flat = [x for grid in boundary.grids for row in grid for x in row]
    if len(flat) != count * size * size:
        raise ValueError("page: every grid of the boundary must be as wide as it is high")
    low, high = _range(flat, [target for *_, target in boundary.points])
    return {
        "size": size,
        "x": list(boundary.x),
        "y": list(boundary.y),
        "names": list(boundary.names),
        "pixels": b64encode(bytes(_level(x, low, high) for x in flat)).decode(),
        "low": low,
        "high": high,
        "points": [list(point) for point in boundary.points],
    }


def _range(outputs: Sequence[float], targets: Sequence[float]) -> tuple[float, float]:
    """The range of outputs that colours resolve; those far beyond the targets would blur it."""
    finite = [x for x in outputs if math.isfinite(x)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    least, most = min(targets, default=low), max(targets, default=high)
    margin = most - least
    low, high = max(low, least - margin), min(high, most + margin)
    half = max(0.5, 256 * math.ulp(low))
    return (low, high) if low < high else (low - half, low + half)


def _level(x: float, low: float, high: float) -> int:
    """An output as a byte; NaN is in the middle, which shows nothing."""
    if math.isnan(x):
        return 128
    return round(255 * (min(max(x, low), high) - low) / (high - low))
