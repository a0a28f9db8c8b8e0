"""DOT is written when it is asked for, once, and shows the moment of `draw` all the same."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from autograd import Value, draw
from autograd.draw import drawing as module
from autograd.draw.picture import Drawing
from autograd.graph import topological_order


def test_a_page_is_written_without_dot(tmp_path: Path) -> None:
    drawing = draw(Value(2.0, "a") * 3)
    with patch.object(module, "to_dot", wraps=module.to_dot) as to_dot:
        drawing.save(tmp_path / "page.html")
        assert to_dot.call_count == 0
        assert drawing.source.startswith("digraph")
        assert str(drawing) == drawing.source
        assert to_dot.call_count == 1


def test_the_source_is_of_the_moment_of_draw() -> None:
    x, y = Value(2.0, "x"), Value(-3.0, "y")
    out = x * y + x
    out.backward()
    asked, late = draw(out), draw(out)
    source = asked.source
    for value in topological_order(out):
        value.data, value.grad, value.label = 7.0, 5.0, "other"
    assert late.source == source


def test_a_drawing_is_pickled_before_and_after_its_source_is_asked_for() -> None:
    drawing = draw(Value(2.0, "a") * 3)
    before = pickle.loads(pickle.dumps(drawing))
    assert before.source == drawing.source
    assert pickle.loads(pickle.dumps(drawing)).source == drawing.source


@pytest.mark.parametrize("source", [b"digraph {}", None, 3])
def test_what_is_no_source_is_refused(source: Any) -> None:
    with pytest.raises(TypeError, match="expected the text of a graph in DOT, got"):
        Drawing(source)
