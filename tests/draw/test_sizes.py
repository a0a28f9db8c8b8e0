"""Pictures for a slide or a page of paper: as large as that, with numbers that can be read."""

from __future__ import annotations

import builtins
import math
import operator
import re
import struct
import warnings
from collections.abc import Callable
from random import Random
from typing import Any, cast

import pytest
from measured import LARGEST, Measured
from strength import slowly

from autograd import Value, sin
from autograd.draw import Drawing, draw
from autograd.draw.sizes import LEAST, LEAST_OF_WORDS
from autograd.graph import topological_order
from demos.gallery_graphs import GALLERY, black_scholes
from nn import MLP, mean_squared_error

ROUNDING = 0.02  # inches: Graphviz rounds sizes to points
untyped = cast(Any, draw)
pytestmark = pytest.mark.usefixtures("without_process")


def one_row(size: str) -> Drawing:
    model = MLP(2, [3, 1], activation="sigmoid", output_activation="sigmoid", rng=0)
    loss = mean_squared_error(model([1.0, 0.0]), 1.0)
    loss.backward()
    return draw(loss, model=model, size=size)


SIZES = [("16:9", 20, 11.25), (6.5, 6.5, math.inf), ("4:3", 20, 15)]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("make", "size", "width", "height"),
    [
        slowly(make, *size) if name in LARGEST or size == SIZES[2] else (make, *size)
        for name, make in GALLERY.items()
        for size in (SIZES[:2] if name in LARGEST else SIZES)
    ],
)
def test_numbers_can_be_read_in_the_size_that_is_asked_for(
    make: Callable[..., Drawing], size: str | float, width: float, height: float
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = Measured(make(size=size).render("svg"))
    assert picture.width / 72 <= width + ROUNDING
    assert picture.height / 72 <= height + ROUNDING
    assert len(picture.numbers) > 1
    assert min(picture.numbers) >= LEAST * (1 - ROUNDING)
    assert min(picture.words) >= LEAST_OF_WORDS * (1 - ROUNDING)
    assert picture.crossings() == []


OPERATIONS: list[Callable[[Value, Value], Value]] = [
    operator.sub,
    lambda x, y: sin(x),
    lambda x, y: x * y / 3,
]


def operations(count: int, named: int = 0, long: bool = False) -> Value:
    """Random operations of four inputs, and sometimes with names between."""
    random = Random(count)
    pool = [Value(random.uniform(0.5, 1.5), name) for name in "abcd"]
    for k in range(count):
        x, y = (random.choice(pool[-9:] + pool[:4]) for _ in range(2))
        pool.append(random.choice(OPERATIONS)(x, y))
        if named and k % (count // named) == 0:
            pool[-1].label = f"{'a rather long name of ' * long}mid {k}"
    root = builtins.sum(pool[-30:], Value(0.0))
    root.label = "out"
    root.backward()
    return root


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("graph", "options"),
    [
        (lambda: operations(40), {}),
        (lambda: operations(22, 22, long=True), {}),
        (lambda: operations(12), {"precision": 17}),
        (lambda: operations(12), {"legend": True}),
        slowly(lambda: operations(12), {"direction": "TB"}),
    ],
)
@pytest.mark.parametrize("size", ["16:9", slowly(6.5)])
def test_no_text_is_too_small(
    graph: Callable[[], Value], options: dict[str, Any], size: str | float
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = Measured(untyped(graph(), size=size, **options).render("svg"))
    assert picture.width / 72 <= (20 if size == "16:9" else float(size)) + ROUNDING
    assert picture.height / 72 <= (11.25 if size == "16:9" else math.inf) + ROUNDING
    assert min(picture.numbers) >= LEAST * (1 - ROUNDING)
    assert min(picture.words) >= LEAST_OF_WORDS * (1 - ROUNDING)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("count", "size"), [(300, "16:9"), (30, 3.25), slowly(300, 6.5)])
def test_names_are_kept_where_they_can_be_read(count: int, size: str | float) -> None:
    root = operations(count, 10)
    source = untyped(root, size=size).source
    labels = {str(value.label) for value in topological_order(root) if value.label}
    assert len(labels) > 5
    assert [label for label in labels if label not in source] == []


def test_without_a_size_numbers_may_be_small() -> None:
    """As they would be on the page, so that the tests above have something to find."""
    picture = Measured(black_scholes().render("svg"))
    assert min(picture.numbers) * 6.5 * 72 / picture.width < LEAST


@pytest.mark.usefixtures("engine")
def test_what_fits_is_not_folded() -> None:
    shown = re.findall(r"weights\.\d", one_row(size="16:9").source)
    assert sorted(set(shown)) == ["weights.0", "weights.1", "weights.2"]


@pytest.mark.usefixtures("engine")
def test_what_is_long_is_in_rows_before_it_is_folded() -> None:
    x = Value(1.0)
    for _ in range(30):
        x = -x
    for drawing, operations in (
        (draw(x, detail="nodes", size="16:9"), 30),
        (black_scholes(size="16:9"), 20),
    ):
        assert drawing.source.count("subgraph cluster_row_") > 1
        assert Measured(drawing.render("svg")).described.keys() >= {"1: goes on in row 2"}
        assert drawing.source.count('<FONT POINT-SIZE="14">') >= operations


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("size", [6.5])
def test_what_is_folded_keeps_its_names(size: float) -> None:
    source = black_scholes(size=size).source
    for label in ("S", "K", "r", "sigma", "T", "d1", "d2", "call"):
        assert f"<B>{label}</B>" in source


@pytest.mark.usefixtures("engine")
def test_a_png_has_the_size() -> None:
    width, height = struct.unpack(">II", one_row(size="16:9").render("png")[16:24])
    assert width == pytest.approx(20 * 192, abs=8)
    assert height <= 11.25 * 192 + 8


@pytest.mark.usefixtures("engine")
def test_what_cannot_be_folded_is_warned_of() -> None:
    x = Value(1.0)
    for _ in range(300):
        x = -x
    with pytest.warns(UserWarning, match=r'"TB" or detail="auto" may help') as said:
        drawing = draw(x, detail="nodes", size="16:9")
    assert said[0].filename == __file__
    assert Measured(drawing.render("svg")).width / 72 == pytest.approx(20, abs=ROUNDING)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("direction", "other"), [("LR", "TB"), ("TB", "LR")])
def test_the_advice_is_not_what_is_done_already(direction: str, other: str) -> None:
    with pytest.warns(UserWarning, match=f'direction="{other}" or a larger size may help') as said:
        untyped(operations(30), direction=direction, size=0.5)
    assert "detail" not in str(said[0].message)


@pytest.mark.parametrize(
    ("size", "error"),
    [
        *((size, ValueError) for size in ("large", "16:0", "0:9", "16", "-1:1", "", 0, -1.0)),
        *((size, ValueError) for size in (math.nan, math.inf)),
        *((size, TypeError) for size in (True, [16, 9], (16, 9), b"16:9", 1j)),
    ],
)
def test_what_is_no_size(size: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="draw: size must be a shape such as '16:9', or a width"):
        untyped(Value(1.0), size=size)


@pytest.mark.usefixtures("no_engine")
def test_a_size_needs_graphviz() -> None:
    from autograd import RenderError

    with pytest.raises(RenderError, match="cannot be rendered"):
        draw(Value(1.0) + 1, size="16:9")


@pytest.mark.usefixtures("engine")
def test_a_network_from_top_to_bottom_fits_a_column() -> None:
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    drawing = draw(model([0.5, 1.0]), model=model, direction="TB", size=6.5)
    picture = Measured(drawing.render("svg"))
    assert picture.width / 72 <= 6.5 + ROUNDING
    assert min(picture.numbers) >= LEAST * (1 - ROUNDING)
    assert picture.crossings() == []
