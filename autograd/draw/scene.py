"""What a drawing contains: a graph of Values as a flat list of nodes and edges.

A `Scene` is plain data, taken from the graph at one moment: changing the graph later does not
change it. How the nodes look, and how their numbers are written, is for those who read it.

Names come from the topological order, so the same graph always gives the same scene: the Value
`n3` was made by the operation `op3`, whose second operand, if a plain number, is `c3_2`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from autograd.graph import topological_order
from autograd.number import is_number
from autograd.primitives.arithmetic import add, mul
from autograd.primitives.definition import Primitive
from autograd.primitives.elementary import hypot
from autograd.primitives.piecewise import maximum, minimum, where
from autograd.primitives.reductions import inner, largest, logsumexp, product, smallest, total
from autograd.value import Value


class Role(Enum):
    """The place of a Value in the graph."""

    LEAF = "leaf"
    INTERMEDIATE = "intermediate"
    OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class ValueNode:
    """A Value; `grad` is `None` if what was assigned to it is no number."""

    name: str
    role: Role
    label: str
    data: float
    grad: float | None


@dataclass(frozen=True, slots=True)
class OperationNode:
    """The operation that made a Value."""

    name: str
    symbol: str


@dataclass(frozen=True, slots=True)
class ConstantNode:
    """A plain number among the operands of an operation."""

    name: str
    data: float


@dataclass(frozen=True, slots=True)
class Edge:
    """An operand on its way to an operation, or a result on its way out of it.

    `operand` says which operand, and is empty where the order makes no difference.
    """

    tail: str
    head: str
    operand: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a drawing contains, operands before results."""

    nodes: tuple[ValueNode | OperationNode | ConstantNode, ...]
    edges: tuple[Edge, ...]


SYMMETRIC: frozenset[Primitive] = frozenset(
    function.primitive
    for function in (
        add,
        hypot,
        largest,
        logsumexp,
        maximum,
        minimum,
        mul,
        product,
        smallest,
        total,
    )
)
"""The operations whose operands may change places."""


def scene_of(*outputs: Value) -> Scene:
    """The scene of everything that the outputs were made from.

    >>> x = Value(3.0, "x")
    >>> scene = scene_of(x * x)
    >>> [node.name for node in scene.nodes]
    ['n0', 'op1', 'n1']
    >>> [(edge.tail, edge.head) for edge in scene.edges]
    [('n0', 'op1'), ('n0', 'op1'), ('op1', 'n1')]
    """
    nodes: list[ValueNode | OperationNode | ConstantNode] = []
    edges: list[Edge] = []
    names: dict[Value, str] = {}
    roots = set(outputs)
    for index, value in enumerate(topological_order(*outputs)):
        name = names[value] = f"n{index}"
        if value.primitive is None:
            role = Role.LEAF
        else:
            role = Role.OUTPUT if value in roots else Role.INTERMEDIATE
            operation = f"op{index}"
            operands = value.operands
            for position, (operand, which) in enumerate(
                zip(operands, operand_names(value.primitive, len(operands)), strict=True), start=1
            ):
                if isinstance(operand, Value):
                    tail = names[operand]
                else:
                    tail = f"c{index}_{position}"
                    nodes.append(ConstantNode(tail, float(operand)))
                edges.append(Edge(tail, operation, which))
            nodes.append(OperationNode(operation, value.primitive.symbol))
            edges.append(Edge(operation, name))
        grad = float(value.grad) if is_number(value.grad) else None
        nodes.append(ValueNode(name, role, str(value.label), value.data, grad))
    return Scene(tuple(nodes), tuple(edges))


def operand_names(primitive: Primitive, count: int) -> Iterator[str]:
    """What tells the operands of an operation apart: nothing, if they may change places.

    The operands of `dot` are two vectors one after the other: equal numbers are multiplied.

    >>> from autograd.primitives.arithmetic import sub
    >>> list(operand_names(sub.primitive, 2)), list(operand_names(add.primitive, 2))
    (['1', '2'], ['', ''])
    >>> list(operand_names(inner.primitive, 4))
    ['1', '2', '1', '2']
    """
    if primitive is where.primitive:
        yield from ("if", "then", "else")
    elif primitive is inner.primitive and count > 2:
        half = count // 2
        yield from (str(position % half + 1) for position in range(count))
    elif count == 1 or primitive in SYMMETRIC or primitive is inner.primitive:
        yield from [""] * count
    else:
        yield from (str(position + 1) for position in range(count))
