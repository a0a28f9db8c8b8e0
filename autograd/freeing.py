"""Graphs freed one node after another, where a chain of them would overflow the stack.

A node holds its operands, so the last reference to a result frees a whole graph, each node from
within the one before. CPython bounds how deep that goes by what is left of the stack. In
WebAssembly (Emscripten, as Pyodide is built) calls are on a stack of the JavaScript engine which it
cannot measure: about 10,000 nodes in a chain end the interpreter. There alone, a node that goes
hands its operands over, and the first of them to go lets go of all, one by one.
"""

from __future__ import annotations

import sys
from typing import Any

IS_NEEDED = sys.platform == "emscripten"

_waiting: list[Any] = []
_is_freeing = False


def let_go(node: Any) -> None:
    """What `Value.__del__` is where it is needed: the operands are freed after the node.

    >>> from autograd import Value
    >>> node = Value(2.0) * 3.0
    >>> let_go(node)
    >>> node._a is None
    True
    """
    global _is_freeing
    try:
        if node._a is None and node.grad.__class__ is float:  # a leaf
            return
        _waiting.append((node._a, node._b, node.grad))
    except AttributeError:  # it was never finished: its data was no number
        return
    node._a = node._b = node.grad = None
    if _is_freeing:
        return
    _is_freeing = True
    try:
        while _waiting:
            _waiting.pop()
    finally:
        _is_freeing = False
