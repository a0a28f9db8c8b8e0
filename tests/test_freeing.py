"""Graphs that are freed node by node, as where freeing a chain would overflow the stack.

That it does not overflow there is tested under Pyodide (`test_pyodide`); here, that it frees all
there is and changes nothing else.
"""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, freeing

PROGRAM = """
import gc, sys
from autograd import Value, dot, freeing
from autograd.testing import gradcheck
Value.__del__ = freeing.let_go
gc.disable()
x = Value(1.5, "x")
before = sys.getrefcount(x)
{}
assert sys.getrefcount(x) == before, (sys.getrefcount(x), before)
assert freeing._waiting == []
"""
GRAPHS = {
    "a chain": "y = x\nfor i in range(5000):\n    y = y * x\ny = None",
    "shared": "y = x\nfor i in range(500):\n    y = y * y + x\n    y = y * 0.1\ny = None",
    "of many": "y = dot([x, x, x], [x, 2.0, x]) + dot([x, 1.0, 2.0], [x, x, x])\ny = None",
    "differentiated": "y = x * x * x\ny.backward()\ny = None",
    "a derivative": "y = x * x * x\ny.backward(create_graph=True)\nx.grad = 0.0\ny = None",
    "while it is used": "kept = x * x\ny = kept * x + kept\ny = None\nkept.backward()\n"
    "assert x.grad == 3.0\nkept = None",
    "no number": "try:\n    Value([x])\nexcept TypeError:\n    pass",
    "in an error": "try:\n    (x - 1.5) ** -1\nexcept ZeroDivisionError:\n    pass",
}


@pytest.mark.parametrize("name", GRAPHS)
def test_all_is_freed_when_nothing_refers_to_it(name: str) -> None:
    program = PROGRAM.format(GRAPHS[name])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=30))
def test_only_the_node_loses_its_operands(pairs: list[tuple[int, int]]) -> None:
    nodes = [Value(1.0), Value(2.0)]
    for i, j in pairs:
        nodes.append(nodes[i % len(nodes)] + nodes[j % len(nodes)])
    operands = [node.operands for node in nodes[:-1]]
    freeing.let_go(nodes[-1])
    assert [node.operands for node in nodes[:-1]] == operands
    assert (nodes[-1]._a, nodes[-1]._b) == (None, None)
    assert freeing._waiting == []


def test_here_it_is_not_needed() -> None:
    assert not freeing.IS_NEEDED
    assert not hasattr(Value, "__del__")
