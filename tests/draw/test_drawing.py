"""What `draw` accepts, and what a `Drawing` does."""

import base64
import json
import math
import re
import struct
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image

from autograd import RenderError, Value, dot, sigmoid
from autograd.draw import Drawing, draw, draw_model
from autograd.draw.arguments import Direction
from autograd.draw.dot.labels import TIMES
from autograd.draw.dot.pictures import inches
from autograd.draw.dot.render import render
from nn import MLP


def example() -> Value:
    a = Value(2.0, "a")
    b = a * 3
    c = b * b
    c.backward()
    return c


def texts(svg: bytes) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]


# What is drawn


EVERY_DETAIL = """
import sys
from autograd import Value
from autograd.draw import draw, draw_model
from nn import MLP

model = MLP(2, [5, 3, 1], activation="tanh", rng=0)
loss = sum((model([float(i), 0.5]) - 1) ** 2 for i in range(5))
loss = loss + sum(0.01 * p * p for p in model.parameters())
loss.backward()
chain = Value(1.0)
for _ in range(300):
    chain = chain * 1.0001
drawings = [draw(chain, max_nodes=9)]
print(draw_model(MLP(20, [17, 3], rng=5)).source)
for known in (model, None):
    drawings += [draw(loss, model=known, detail=x) for x in ("nodes", "neurons", "layers")]
    drawings.append(draw(loss, model=known, max_nodes=5, legend=True))
for i, drawing in enumerate(drawings):
    print(drawing.source)
    print(drawing.save(f"{sys.argv[1]}/{i}.html").read_text())
"""


@pytest.mark.slow
def test_drawings_and_pages_are_the_same_from_run_to_run(tmp_path: Path) -> None:
    runs = [
        subprocess.run(
            [sys.executable, "-c", EVERY_DETAIL, str(tmp_path)],
            capture_output=True,
            check=True,
            cwd=Path(__file__).parents[2],
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0].count(b"digraph") == runs[0].count(b"<!DOCTYPE") + 1 == 10
    assert runs[0] == runs[1]


@pytest.mark.usefixtures("engine")
def test_data_gradients_symbols_and_constants_are_shown() -> None:
    svg = draw(example()).render("svg")
    assert " ".join(sorted(texts(svg))) == "* * 1 12 2 3 36 36 6 a data data data grad grad grad"
    assert svg.count(b'class="edge"') == 4  # b is an operand twice


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("times", [1, 2, 1000])
def test_an_operand_says_how_often_it_is_read(times: int) -> None:
    x, y = Value(1.0, "x"), Value(2.0, "y")
    drawing = draw(sum([x for _ in range(times)], y), detail="neurons")
    shown = [text for text in texts(drawing.render("svg")) if text.startswith(TIMES)]
    assert shown == [f"{TIMES} {times:,}"] * (times > 1)
    ordered = draw(dot([x, y], [x, y]), detail="neurons").source
    assert ordered.count(f"({TIMES} 2)") == 2


@pytest.mark.usefixtures("engine")
def test_order_of_operands_is_shown() -> None:
    assert {"1", "2", "sigmoid"} <= set(texts(draw(sigmoid(Value(7.0) - Value(8.0))).render("svg")))


def test_gradients_can_be_left_out() -> None:
    traces = re.compile(r"grad|flows back|derivative|style=dashed|#D55E00")
    assert traces.search(draw(example()).source)
    assert not traces.search(draw(example(), gradients=False, legend=True).source)


@pytest.mark.usefixtures("engine")
def test_numbers_that_are_none() -> None:
    x = Value(math.nan, "x")
    y = x * math.inf
    y.grad = -math.inf
    x.grad = None
    assert sorted(texts(draw(y).render("svg"))) == sorted(
        ["x", "*", *["data", "grad", "⚠\u00a0nan"] * 2, "none", "⚠\u00a0inf", "⚠\u00a0-inf"]
    )


@pytest.mark.parametrize(
    ("precision", "expected"), [(1, "0.3"), (4, "0.3333"), (17, f"{1 / 3:.17g}")]
)
def test_precision(precision: int, expected: str) -> None:
    source = draw(Value(1 / 3), precision=precision).source
    assert f"<BR/>{expected}</TD>" in source
    assert repr(1 / 3) in source  # the tooltip


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_direction(direction: Direction) -> None:
    svg = draw(example(), direction=direction).render("svg").decode()
    width, height = (float(x) for x in re.findall(r'(?:width|height)="([\d.]+)pt"', svg)[:2])
    assert (width > height) == (direction in ("LR", "RL"))


def test_a_deep_graph() -> None:
    x = Value(1.0)
    for _ in range(2000):
        x = x * 1.0001
    drawing = draw(x, detail="nodes")
    rows = drawing.source.count("subgraph cluster_row_")
    assert rows > 40
    assert drawing.source.count(" -> ") == 4000 + rows - 1  # an edge is cut at the end of each
    assert drawing.source.count(">*</FONT>") == 2000
    assert draw(x).source.count(" -> ") < 30


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_a_deep_graph_is_rendered() -> None:
    x = Value(1.0)
    for _ in range(1500):
        x = -x
    svg = draw(x, detail="nodes").render("svg")
    marks = re.findall(rb"<title>(?:leave|enter)_\w+</title>", svg)
    assert svg.count(b'class="node"') == 1501 + len(marks)


# What is refused


class Misnamed:
    def named_parameters(self) -> list[object]:
        return [Value(1.0)]


X, untyped = Value(1.0), cast(Any, draw)


@pytest.mark.parametrize(
    ("slip", "error", "said"),
    [
        (lambda: draw(), ValueError, "at least one Value"),
        (lambda: untyped(X, 2.0), TypeError, "expected Values, got float 2.0"),
        (lambda: untyped(X, None), TypeError, "expected Values, got None"),
        (lambda: untyped({"x": X}), TypeError, r"got dict .*: write draw\(\*values.values\(\)\)"),
        (lambda: untyped(lambda x: x), TypeError, r"\(missing a .* 'x'\): write draw\(lambda: f\("),
        (lambda: untyped(X, gradients="no"), TypeError, "gradients must be True or False, got str"),
        (lambda: untyped(X, legend=1), TypeError, "legend must be True or False, got int 1"),
        (lambda: untyped(X, unfold="yes"), TypeError, "unfold must be True or False, got str"),
        (lambda: untyped([X, X]), TypeError, r"got list \[Value\(.*: write draw\(\*values\)"),
        (lambda: untyped(lambda: (X, X)), TypeError, r"got tuple .*: write draw\(\*values\)"),
        (lambda: untyped([1.0]), TypeError, r"expected Values, got list \[1.0\]$"),
        (lambda: draw(X, precision=0), ValueError, "precision must be at least 1, got 0"),
        (lambda: draw(X, precision=18), ValueError, "precision must be at most 17, got 18"),
        (lambda: untyped(X, precision=4.0), TypeError, "precision must be an integer, got"),
        (lambda: untyped(X, precision=None), TypeError, "precision must be an integer, got"),
        (lambda: untyped(X, direction="left"), ValueError, "LR, RL, TB, BT, got 'left'"),
        (lambda: untyped(X, detail="summary"), ValueError, "one of auto, nodes, neurons, layers,"),
        (lambda: draw(X, max_nodes=0), ValueError, "draw: max_nodes must be at least 1, got 0"),
        (lambda: untyped(X, max_nodes=9.0), TypeError, "max_nodes must be an integer, got float"),
        (lambda: draw(X, model=[X]), TypeError, "model must have a method named_parameters"),
        (lambda: draw(X, model=MLP), TypeError, r"the class MLP itself: write model = MLP\(...\)"),
        (lambda: draw(X, model=Misnamed()), TypeError, "pairs of a path and a Value, got Value"),
        (lambda: untyped(X).render("bmp"), ValueError, "svg, png, pdf, got 'bmp'"),
    ],
)
def test_what_is_refused(slip: Callable[[], Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        slip()


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("name", ["graph.html", "graph.dot", "graph.gv"])
def test_pages_and_text_need_no_package(name: str, tmp_path: Path) -> None:
    assert "36" in draw(example(), legend=True).source
    assert "first" in draw(Value(1.0, "first") + 1).save(tmp_path / name).read_text("utf8")
    if name != "graph.html":
        network = draw_model(MLP(2, [3, 1], rng=0)).save(tmp_path / name)
        assert "digraph network" in network.read_text("utf8")


# Pictures


def chain(length: int, size: str | None = None) -> Drawing:
    """From top to bottom, where nothing is wrapped into rows."""
    x = Value(1.0)
    for _ in range(length):
        x = -x
    return draw(x, detail="nodes", direction="TB", size=size)


def size_and_resolution(png: bytes) -> tuple[tuple[int, int], float]:
    with Image.open(BytesIO(png)) as image:
        image.load()
        across, down = image.info["dpi"]
        assert across == down
        return image.size, across


@pytest.mark.usefixtures("engine")
def test_png_says_its_resolution() -> None:
    drawing = draw(example())
    size, dpi = size_and_resolution(drawing.render("png"))
    assert dpi == pytest.approx(192, abs=0.1)
    assert size == pytest.approx([192 * x for x in inches(drawing.render("svg"))], abs=8)


@pytest.mark.usefixtures("engine")
def test_png_never_shrinks_in_silence(tmp_path: Path) -> None:
    drawing = chain(100)
    with pytest.warns(UserWarning, match="pixels an inch in place of 192") as said:
        drawing.save(tmp_path / "graph.png")
    assert said[0].filename == __file__
    size, dpi = size_and_resolution((tmp_path / "graph.png").read_bytes())
    message = str(said[0].message)
    told = re.search(r"has ([0-9.]+) pixels", message)
    assert told
    assert float(told[1]) == pytest.approx(dpi, rel=2e-3)  # a PNG says it in whole pixels a metre
    assert 7000 < size[1] < 8200
    assert size[0] < 300
    high = inches(drawing.render("svg"))[1]
    assert size[1] / dpi == pytest.approx(high, rel=0.01)
    assert message.startswith("draw: ")
    whole = re.search(r"would be [0-9]+ by ([0-9]+),([0-9]{3}),", message)
    assert whole
    assert float(whole[1] + whole[2]) == pytest.approx(192 * high, rel=0.01)
    assert 'draw(..., size="16:9") would do' in message
    with pytest.warns(UserWarning, match=r"on a side: SVG and PDF can be enlarged") as said:
        draw_model(MLP(1, [1] * 30, rng=0)).save(tmp_path / "graph.png")
    assert said[0].filename == __file__


@pytest.mark.usefixtures("engine")
def test_a_size_makes_a_long_png_as_sharp_as_any() -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="draw: numbers are .* pixels high")
        warnings.filterwarnings("error", message="draw: the PNG")
        picture = chain(100, size="16:9").render("png")
    size, dpi = size_and_resolution(picture)
    assert dpi == pytest.approx(192, abs=0.1)
    assert size[0] <= 3840
    assert size[1] <= 2160


@pytest.mark.usefixtures("engine")
def test_a_graph_that_graphviz_refuses() -> None:
    with pytest.raises(RenderError, match=r"(?s)failed with exit status .*syntax error"):
        render("digraph {", "svg")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for dot")
@pytest.mark.parametrize(
    "text", ["#!/bin/sh\necho no plugin >&2; exit 1\n", "no program", "#!/bin/sh\n"]
)
def test_a_dot_that_fails_gives_way(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dot = tmp_path / "dot"
    dot.write_text(text)
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(RenderError, match=f"{re.escape(str(dot))} (failed|could not)") as caught:
        draw(example()).render("svg")
    assert ("no plugin" in str(caught.value)) == ("no plugin" in text)
    monkeypatch.undo()
    pytest.importorskip("pygraphviz")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "36" in texts(draw(example()).render("svg"))


@pytest.mark.usefixtures("no_engine")
def test_without_graphviz() -> None:
    with pytest.raises(RenderError, match=re.escape('pip install -e ".[draw]"')) as caught:
        draw(example()).render("svg")
    assert "pip install pygraphviz" in str(caught.value)
    assert ".save('graph.html')" in str(caught.value)


# Files


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("suffix", "magic"),
    [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("SVG", b"<?xml")],
)
def test_save_a_picture(suffix: str, magic: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"a graph.{suffix}"
    assert draw(example()).save(path) == path
    assert path.read_bytes().startswith(magic)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("no_engine")
@pytest.mark.parametrize("suffix", ["dot", "gv"])
def test_save_the_text(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"graph.{suffix}"
    drawing = draw(Value(1.0, "重み\ud83d"))
    assert drawing.save(str(path)) == path
    assert path.read_text(encoding="utf-8") == drawing.source == str(drawing)


@pytest.mark.usefixtures("no_engine")
def test_save_a_page(tmp_path: Path) -> None:
    path = tmp_path / "graph.html"
    a = Value(2.0, "a")
    drawing = draw(a * a)
    a.data = 3.0  # the page is of the graph as it was
    assert drawing.save(path) == path
    text = path.read_text(encoding="utf-8")
    [data] = re.findall(r'id="page-data">(.*?)</script>', text, re.DOTALL)
    numbers = base64.b64decode(json.loads(data)["frames"]["numbers"])
    assert struct.unpack("<3d", numbers[:24])[0] == 2.0


def test_what_is_not_a_graph_of_values_has_no_page(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"not of one: expected one of .*\.pdf, got 'x.html'"):
        Drawing("digraph {}").save(tmp_path / "x.html")
    assert ".html" not in repr(Drawing("digraph {}"))
    assert ".html" in repr(draw(Value(1.0)))


@pytest.mark.parametrize("name", ["graph", "graph.jpg", ".svg", "graph.svg.gz"])
def test_save_in_an_unknown_format(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.dot, \.gv, \.svg, \.png, \.pdf, \.html, got"):
        draw(example()).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_engine")
def test_save_without_graphviz_saves_the_text_and_overwrites_nothing(tmp_path: Path) -> None:
    drawing, beside = draw(example()), tmp_path / "graph.dot"
    with pytest.raises(RenderError, match=re.escape(f"saved in {beside}")):
        drawing.save(tmp_path / "graph.svg")
    assert beside.read_text() == drawing.source
    beside.write_text("mine")
    (tmp_path / "graph-2.dot").mkdir()
    for _ in range(2):
        with pytest.raises(RenderError, match=r"saved in .*graph-3\.dot"):
            drawing.save(tmp_path / "graph.svg")
    assert beside.read_text() == "mine"
    assert (tmp_path / "graph-3.dot").read_text() == drawing.source
    assert len(list(tmp_path.iterdir())) == 3


def test_third_parties_are_imported_only_for_drawing() -> None:
    program = (
        "import sys, autograd.draw\n"
        "assert not {'graphviz', 'pygraphviz', 'IPython'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])
