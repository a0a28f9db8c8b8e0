"""A graph whose leaves have changed since it was computed is drawn with a warning that says so."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograd import Value, grad, jit, primitive, tanh
from autograd.draw import draw
from autograd.draw.scene.changes import change_in
from autograd.graph import topological_order
from autograd.testing import expressions
from nn import MLP, SGD, mean_squared_error


def written(drawing: Any, folder: Path) -> Any:
    text = drawing.save(folder / "page.html").read_text("utf8")
    return json.loads(re.search(r'id="page-data">(.*?)</script>', text, re.DOTALL)[1])  # type: ignore[index]


def network() -> tuple[Value, list[Value]]:
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    loss = mean_squared_error([model([0.5, -1.0]), model([1.0, 0.25])], [1.0, 0.0])
    return loss, model.parameters()


def compiled() -> tuple[Value, list[Value]]:
    x, y = Value(0.5), Value(0.25)
    return jit(lambda a, b: tanh(a * b) + a)(x, y) * y, [x, y]


def second() -> tuple[Value, list[Value]]:
    x = Value(0.5)
    return grad(lambda a: a**3 * tanh(a))(x), [x]


@pytest.mark.parametrize("make", [network, compiled, second])
def test_a_step_before_the_drawing_is_told(
    make: Callable[[], tuple[Value, list[Value]]], tmp_path: Path
) -> None:
    out, parameters = make()
    out.backward()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert written(draw(out), tmp_path)["change"] is None
    SGD(parameters, lr=0.5).step()
    with pytest.warns(RuntimeWarning, match=r"draw: the numbers have changed .* is now .*, not "):
        drawing = draw(out)
    assert " of its operands is now " in written(drawing, tmp_path)["change"]


def test_a_summary_tells_it_too() -> None:
    out, parameters = network()
    out.backward()
    SGD(parameters, lr=0.5).step()
    with pytest.warns(RuntimeWarning, match="mixes two moments"):
        draw(out, max_nodes=1)


@given(expressions(inputs=3), st.lists(st.floats(-2, 2), min_size=3, max_size=3), st.data())
def test_any_change_of_what_matters_is_found(
    program: Any, numbers: list[float], data: st.DataObject
) -> None:
    leaves = [Value(x) for x in numbers]
    out = program(*leaves)
    assume(isinstance(out, Value))
    order = topological_order(out)
    assert change_in(order) is None
    changed = data.draw(st.sampled_from(leaves))
    changed.data = changed.data + data.draw(st.sampled_from([0.5, -1.0, 1e-3]))
    try:
        again = program(*[Value(x.data) for x in leaves])
    except ArithmeticError:
        return
    if isinstance(again, Value) and again.data != out.data:
        assert change_in(order) is not None


def test_a_rule_that_raises_now_has_changed() -> None:
    @primitive(lambda g, out, x: 2 * g)
    def picky(x: float) -> float:
        if x > 1.0:
            raise LookupError("no such number")
        return 2 * x

    x = Value(0.5)
    out = picky(x) + 1.0
    assert change_in(topological_order(out)) is None
    x.data = 2.0
    assert change_in(topological_order(out)) == "picky of its operands is now nan, not 1.0"
