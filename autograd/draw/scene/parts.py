"""What a drawing contains: plain data, with no word of how it looks and no number in it.

A `Scene` says which nodes there are, what joins them, and which Values of the graph each of them
stands for: its *members*, by their index in the topological order that the scene was made of. One
node may stand for many Values, such as one of every sample of a batch. The numbers are read from
the graph by `numbers`, for one scene as often as wanted: once for a picture, once for each epoch of
a training that is played.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias

Detail: TypeAlias = Literal["nodes", "neurons", "layers", "summary"]

Place: TypeAlias = tuple[int, int]
"""An operand: the index of the Value that was made from it, and its position there, from 0."""

RESULT = -1
"""In a `Place`, the position of the result itself."""


class Role(Enum):
    """What a number is in the graph."""

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
        role: what it is in the graph.
        label: the label of the Value; empty where the members have different ones.
        path: how to get to it from the model, for a parameter; else empty.
        members: the Values.
        box: the name of the innermost box it is in, or `None`.
    """

    name: str
    role: Role
    label: str
    path: str
    members: tuple[int, ...]
    box: str | None = None


@dataclass(frozen=True, slots=True)
class NumberNode:
    """Plain numbers among the operands, drawn as one node.

    Attributes:
        name: unique in the scene.
        role: `CONSTANT`, or `INPUT` for what a neuron reads.
        members: where the numbers are; of a number that is read in several places, the first.
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
        members: the Values that it made.
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
        title: what it is: `layers.0.neurons.2`.
        lines: what is in it, a line for each thing to say.
        members: the Values that come out of it.
        repeats: how many times it occurs, such as once for each sample of a batch.
        box: the name of the innermost box it is in, or `None`.
        inside: the other Values in it, parameters among them.
    """

    name: str
    title: str
    lines: tuple[str, ...]
    members: tuple[int, ...]
    repeats: int = 1
    box: str | None = None
    inside: tuple[int, ...] = ()


Node: TypeAlias = ValueNode | NumberNode | OperationNode | UnitNode


@dataclass(frozen=True, slots=True)
class Edge:
    """An operand on its way to an operation, or a result on its way out of it.

    Attributes:
        tail: the name of the node it leaves.
        head: the name of the node it goes to.
        operand: which operand it is; empty where the order makes no difference.
        members: the operands; of a result, the index of the Value and `RESULT`.
    """

    tail: str
    head: str
    operand: str
    members: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A frame around nodes: a layer, or a neuron of it.

    Attributes:
        name: unique in the scene.
        title: what it is: `layers.0`.
        parent: the name of the box it is in, or `None`.
        use: which use of it this is, if there are several side by side: `2 of 4`; else empty.
    """

    name: str
    title: str
    parent: str | None = None
    use: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a drawing contains, operands before results, and boxes before what is in them."""

    detail: Detail
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    boxes: tuple[Box, ...] = ()
