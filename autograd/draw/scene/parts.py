"""What a drawing contains: plain data, without styles and without numbers.

A `Scene` has nodes, edges, and the Values of the graph that each of them stands for: its *members*,
by their index in the topological order that the scene was made from. One node may stand for many
Values, such as one of every sample of a batch. `numbers` reads the numbers from the graph, as often
as needed for one scene: once for a picture, once for each epoch of a training that is played.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, TypeAlias

Detail: TypeAlias = Literal["nodes", "neurons", "layers", "folded", "summary"]

Place: TypeAlias = tuple[int, int]
"""An operand: the index of the Value that is computed from it, and its position there, from 0."""

RESULT = -1
"""In a `Place`, the position of the result itself."""


class Role(Enum):
    """The role of a number in the graph."""

    INPUT = "input"
    PARAMETER = "parameter"
    CONSTANT = "constant"
    INTERMEDIATE = "intermediate"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class ValueNode:
    """Values drawn as one node.

    Attributes:
        name: unique in the scene.
        role: its role in the graph.
        label: the label of the Value; empty where the members have different ones.
        path: its path in the model, for a parameter; else empty.
        members: the Values.
        box: the name of the innermost box it is in, or `None`.
        operation: the operation that it is the result of, where both are one node; else empty.
        is_inner: whether the unit that it comes out of reads it as well.
    """

    name: str
    role: Role
    label: str
    path: str
    members: tuple[int, ...]
    box: str | None = None
    operation: str = ""
    is_inner: bool = False


@dataclass(frozen=True, slots=True)
class NumberNode:
    """Plain numbers among the operands, drawn as one node.

    Attributes:
        name: unique in the scene.
        role: `CONSTANT`, or `INPUT` for a number that a neuron reads.
        members: the places of the numbers; for one that is read in several places, the first.
        box: the name of the innermost box it is in, or `None`.
    """

    name: str
    role: Role
    members: tuple[Place, ...]
    box: str | None = None


@dataclass(frozen=True, slots=True)
class OperationNode:
    """Operations drawn as one node.

    Attributes:
        name: unique in the scene.
        symbol: how the operation is written.
        members: its results.
        box: the name of the innermost box it is in, or `None`.
    """

    name: str
    symbol: str
    members: tuple[int, ...]
    box: str | None = None


@dataclass(frozen=True, slots=True)
class UnitNode:
    """A part of the graph folded into one node: a neuron, a layer, or a stretch of a huge graph.

    Attributes:
        name: unique in the scene.
        title: its title: `layers.0.neurons.2`.
        lines: its content, as lines of text.
        members: its results.
        repeats: how many times it occurs, such as once for each sample of a batch.
        box: the name of the innermost box it is in, or `None`.
        inside: the other Values in it, parameters among them.
        turns: how many of the times one comes after the other, as the turns of a loop do; the
            others are beside each other.
    """

    name: str
    title: str
    lines: tuple[str, ...]
    members: tuple[int, ...]
    repeats: int = 1
    box: str | None = None
    inside: tuple[int, ...] = ()
    turns: int = 1


Node: TypeAlias = ValueNode | NumberNode | OperationNode | UnitNode


@dataclass(frozen=True, slots=True)
class Edge:
    """The edge from an operand to its operation, or from an operation to its result.

    Attributes:
        tail: the name of the node it leaves.
        head: the name of the node it enters.
        operand: the name of the operand; empty where the order does not matter.
        members: the operands; of a result, the index of the Value and `RESULT`.
        is_one: whether each of the operations reads one and the same Value, or number, in all of
            its places.
    """

    tail: str
    head: str
    operand: str
    members: tuple[Place, ...]
    is_one: bool = True


@dataclass(frozen=True, slots=True)
class Box:
    """A frame around nodes: a layer, or a neuron of it.

    Attributes:
        name: unique in the scene.
        title: its title: `layers.0`.
        parent: the name of the box it is in, or `None`.
        use: which use of it this is, if there are several side by side: `2 of 4`; else empty.
        is_row: whether it is no frame but a row of a picture that is wrapped into rows.
    """

    name: str
    title: str
    parent: str | None = None
    use: str = ""
    is_row: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A node that says where an edge goes on, in a picture that is wrapped into rows.

    Attributes:
        number: the same at both ends.
        row: where the other end is, from 1; of several, the first.
        is_entry: whether the edge comes from there, and does not lead there.
    """

    number: int
    row: int
    is_entry: bool


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a drawing contains, operands before results, and boxes before what is in them.

    Attributes:
        detail: how far it is folded.
        nodes: its nodes.
        edges: its edges.
        boxes: its boxes.
        marks: the nodes that say where an edge goes on, by name. Each shows the numbers of the node
            that the edge comes from.
    """

    detail: Detail
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    boxes: tuple[Box, ...] = ()
    marks: Mapping[str, Mark] = field(default_factory=dict, hash=False)
