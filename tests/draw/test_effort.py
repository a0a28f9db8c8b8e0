"""The work of a layout is bounded, whatever the graph."""

import pytest
from strength import slowly

from autograd.draw.dot.effort import effort, pieces
from autograd.draw.dot.render import render
from autograd.draw.dot.writer import to_dot
from autograd.draw.scene.numbers import EdgeNumbers, NodeNumbers, Reading, Span
from autograd.draw.scene.parts import Edge, OperationNode, Role, Scene, ValueNode

ONE = Span(1.0, 1.0)


def chain(length: int) -> Scene:
    """A leaf that each of so many products in a row uses again."""
    nodes: list[ValueNode | OperationNode] = [ValueNode("n0", Role.INPUT, "x", "", (0,))]
    edges = []
    for i in range(1, length + 1):
        nodes.append(ValueNode(f"n{i}", Role.INTERMEDIATE, "", "", (i,), operation="*"))
        edges.append(Edge(f"n{i - 1}", f"n{i}", "", ((i, 0),)))
        edges.append(Edge("n0", f"n{i}", "", ((i, 1),)))
    return Scene("nodes", tuple(nodes), tuple(edges))


@pytest.mark.parametrize("length", [1, 2, 10])
def test_pieces_are_counted_edge_by_edge(length: int) -> None:
    # The results 1 each, the first leaf among them; then 2, 3, ... ranks from the leaf.
    assert pieces(chain(length)) == length + sum(range(2, length + 1))


def test_a_leaf_stands_just_before_what_uses_it() -> None:
    late = ValueNode("late", Role.INPUT, "", "", (99,))
    scene = chain(10)
    edge = Edge("late", "n10", "", ((10, 2),))
    more = Scene("nodes", (late, *scene.nodes), (*scene.edges, edge))
    assert pieces(more) == pieces(scene) + 1


def test_a_small_graph_is_laid_out_as_well_as_can_be() -> None:
    assert effort(chain(30)) == {}
    assert effort(chain(100))


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("length", [40, slowly(100), slowly(400)])
def test_a_leaf_used_over_and_over_is_laid_out(length: int) -> None:
    scene = chain(length)
    reading = Reading(
        (NodeNumbers(ONE, ONE),) * len(scene.nodes), (EdgeNumbers(ONE, ONE),) * len(scene.edges)
    )
    source = to_dot(scene, reading, direction="LR", precision=4, gradients=True)
    svg = render(source, "svg")
    assert svg.count(b'class="node"') == len(scene.nodes)
