"""Graphs in every shape: gradients that are exactly those known, at any depth."""

import random

import pytest
from hypothesis import given

from autograd import Value
from autograd.graph import leaves, topological_order
from autograd.testing.programs.graphs import SHAPES, Graph
from autograd.testing.strategies import graphs


@given(graph=graphs(max_size=2000))
def test_backward_gives_the_exact_gradient(graph: Graph) -> None:
    graph.root.backward()
    if graph.gradient is not None:
        assert [leaf.grad for leaf in graph.leaves] == graph.gradient


@given(graph=graphs(max_size=300))
def test_backward_with_a_graph_gives_the_exact_gradient(graph: Graph) -> None:
    graph.root.backward(create_graph=True)
    if graph.gradient is not None:
        assert [leaf.grad for leaf in graph.leaves] == graph.gradient


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_shapes_are_repeatable_and_made_of_their_leaves(shape: str, size: int) -> None:
    graph, again = (SHAPES[shape](size, random.Random(size)) for _ in range(2))
    assert graph.shape == shape
    assert graph.root.data == again.root.data
    assert graph.gradient == again.gradient
    order = topological_order(graph.root)
    assert set(leaves(order)) <= set(graph.leaves)
    assert graph.gradient is None or len(graph.gradient) == len(graph.leaves)


def depth(root: Value) -> int:
    """How many operations the longest path to a leaf has."""
    found: dict[Value, int] = {}
    for node in topological_order(root):
        below = [found[x] for x in node.operands if isinstance(x, Value)]
        found[node] = 1 + max(below) if below else 0
    return found[root]


def test_shapes_are_what_their_names_say() -> None:
    made = {name: build(1000, random.Random(0)) for name, build in SHAPES.items()}
    assert depth(made["chain"].root) == 1000
    assert depth(made["ladder"].root) == 1000
    assert depth(made["deep"].root) > 400
    assert depth(made["fan_in"].root) == 1
    assert depth(made["wide"].root) == 11
    assert len(made["wide"].leaves) == len(made["fan_in"].leaves) == 1000
    uses = sum(
        node.operands.count(made["fan_out"].leaves[0])
        for node in topological_order(made["fan_out"].root)
    )
    assert uses >= 1000
    assert repr(made["wide"]).startswith("<wide of 1000 leaves [")
