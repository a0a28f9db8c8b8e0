"""Programs in the idiom of micrograd's notebooks run with the import lines changed."""

from typing import Any

import graphviz

from autograd import Value, where


def trace(root: Any) -> tuple[set[Any], set[Any]]:
    """Collect nodes and edges as such notebooks do: by `_prev`, in sets."""
    nodes: set[Any] = set()
    edges: set[Any] = set()

    def build(v: Any) -> None:
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root: Any) -> graphviz.Digraph:
    dot = graphviz.Digraph(format="svg", graph_attr={"rankdir": "LR"})
    nodes, edges = trace(root)
    for n in nodes:
        text = "{ data %.4f | grad %.4f }" % (n.data, n.grad)  # noqa: UP031
        dot.node(name=str(id(n)), label=text, shape="record")
        if n._op:
            dot.node(name=str(id(n)) + n._op, label=n._op)
            dot.edge(str(id(n)) + n._op, str(id(n)))
    for n1, n2 in edges:
        dot.edge(str(id(n1)), str(id(n2)) + n2._op)
    return dot


def test_notebook_drawing_code_runs_unchanged() -> None:
    x, y = Value(1.0), Value(2.0)
    z = (x * y + 3).relu()
    z.backward()
    source = draw_dot(z).source
    assert source.count("shape=record") == 6  # x, y, x * y, 3, the sum, z
    assert source.count("data 5.0000 | grad 1.0000") == 2
    assert "label=relu" in source


def test_a_node_used_twice_is_drawn_once() -> None:
    a = Value(3.0)
    nodes, edges = trace(a + a)
    assert len(nodes) == 2
    assert len(edges) == 1


def test_the_chain_rule_by_hand_with_backward_of_each_node() -> None:
    a, b, c = Value(2.0), Value(-3.0), Value(10.0)
    d = a * b + c
    out = (d * a).tanh() + 2 * b
    topo: list[Any] = []
    visited: set[Any] = set()

    def build(v: Any) -> None:
        if v not in visited:
            visited.add(v)
            for child in v._prev:
                build(child)
            topo.append(v)

    build(out)
    out.grad = 1.0
    for node in reversed(topo):
        node._backward()
    by_hand = [x.grad for x in (a, b, c, d)]
    for x in (a, b, c):
        x.grad = 0.0
    out.backward()
    assert by_hand == [x.grad for x in (a, b, c, d)]


def test_backward_of_a_node_adds_to_its_operands_alone() -> None:
    x = Value(3.0)
    y = x * x
    z = where(y > 0, y + 1.0, y / 0.5)
    z.grad = 2.0
    z._backward()
    assert (z.operands[1].grad, z.operands[2].grad, y.grad, x.grad) == (2.0, 0.0, 0.0, 0.0)
    y.grad = 5.0
    y._backward()
    y._backward()
    assert x.grad == 60.0
    x._backward()  # a leaf hands on nothing
    assert x.grad == 60.0
