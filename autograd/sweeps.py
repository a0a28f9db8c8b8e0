"""Derivatives of a trace by its pattern."""

from __future__ import annotations

from autograd.dependence import dependences
from autograd.pattern import Pattern, bits
from autograd.trace import Trace


def pattern_of(trace: Trace) -> Pattern:
    """Where the derivatives of a trace's results in its inputs can be other than 0."""
    found = dependences(trace.order, trace.inputs)
    return Pattern(len(trace.inputs), [bits(found.get(id(y), 0)) for y in trace.results])
