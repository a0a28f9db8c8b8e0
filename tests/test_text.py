"""No name of the user's does anything to a terminal, to a page, or to generated code."""

import ast
import re
import unicodedata
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from installed import BACKENDS

import nn
from autograd import AutogradError, Value, grad, primitive, value_and_grad
from autograd.draw import draw, draw_model
from autograd.jit import jit
from autograd.number import as_float, as_integer, describe
from autograd.text import visible, visible_lines
from nn.progress import progress_bar

ESCAPE, TURN = "\x1b[31mred\x9b0m\x07", "\u202eturned\u2066"
NAMES = {
    "escape": ESCAPE,
    "turned": TURN,
    "import": "f\nimport os; os.BOOM",
    "return": "f\r\x1b[2K",
    "quote": '"; import os #',
    "triple": '"""\nimport os\n"""',
    "keyword": "class",
    "digit": "1",
    "spaces": "a b",
    "call": '__import__("os")',
    "line": "f\u2028g",
    "run": "run",
    "numbers": "numbers",
    "np": "np",
    "ligature": "ﬁnite",
    "accent": "e\u0301",
    "square": "x²",
    "long": "x" * 300,
    "empty": "",
}


def is_quiet(text: str) -> bool:
    """Whether the text has nothing that a terminal or an editor would obey but ends of lines."""
    return not any(
        unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")
        or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        for c in text.replace("\n", "")
    )


@given(st.text() | st.text(st.characters(max_codepoint=0xFF)))
def test_visible_text(text: str) -> None:
    shown = visible(text)
    assert is_quiet(shown)
    assert "\n" not in shown
    assert visible(shown) == shown
    assert is_quiet(visible_lines(text))
    assert visible_lines(text).count("\n") == text.count("\n")
    if is_quiet(text) and not set(text) & set("\n\ufffe\uffff\u061c\u200e\u200f"):
        assert shown == text


@pytest.fixture(params=[pytest.param(name, id=key) for key, name in NAMES.items()])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def renamed(f: Any, name: str) -> Any:
    f.__name__ = f.__qualname__ = name
    return f


@pytest.mark.parametrize("backend", BACKENDS)
def test_generated_code_is_that_of_the_program(name: str, backend: str) -> None:
    """Names of functions, arguments, parameters and operations are comments, or identifiers."""
    square = primitive(lambda g, out, x: g * 2 * x)(renamed(lambda x: x * x, name))
    weights = [Value(0.5, name), Value(0.25, name + "2"), Value(0.1, name)]

    def program(x: Any, **options: Any) -> Any:
        total = weights[0] * x[0]
        for value in options.values():
            total = total + value * weights[1]
        for i in range(30):
            total = total + square(x[0] * i) + weights[i % 3] * x[1]
        return total * total

    options = {name: 2.0}
    function = jit(renamed(program, name), backend=backend)
    derivative = jit(
        renamed(lambda x: value_and_grad(program)(x, **options), name), backend=backend
    )
    for x in ([1.0, 2.0], [1.0, 2.5]):
        assert float(function(x, **options)) == pytest.approx(float(program(x, **options)), 1e-12)
        plain = value_and_grad(program)(x, **options)
        assert derivative(x)[1] == pytest.approx(plain[1], 1e-12)
    for source in (function.source, derivative.source):
        assert source
        assert is_quiet(source)
        nodes = list(ast.walk(ast.parse(source)))
        assert not any(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes)
        called = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
        assert "__import__" not in called
        assert not any(isinstance(node, ast.Attribute) and node.attr == "BOOM" for node in nodes)
    assert is_quiet(repr(function))
    assert "\n" not in repr(function)


def test_errors_and_reprs_are_quiet(name: str) -> None:
    label = Value(2.0, name)
    square = primitive(lambda g, out, x: g)(renamed(lambda x: 1 / x, name))
    texts = [repr(label), str(label), repr(square.primitive), describe(label), describe(name)]
    for slip in (
        lambda: square(Value(0.0, name)),
        lambda: square("x"),
        lambda: as_float("x", name),
        lambda: as_integer(0, name, 1),
        lambda: label + name,
        lambda: grad(renamed(lambda x: None, name))(1.0),
        lambda: nn.History([{name: 1.0}])[name + "!"],
    ):
        with pytest.raises(Exception) as caught:  # noqa: PT011
            slip()
        texts += [str(caught.value), *getattr(caught.value, "__notes__", [])]
    texts.append(str(AutogradError(name)))
    for text in texts:
        assert is_quiet(text), text


class Strange(nn.Module):
    """A model whose parameter has a path of any kind."""

    def __init__(self, name: str) -> None:
        setattr(self, name, Value(1.0))
        self.layer = nn.MLP(1, [1], rng=0)


def test_what_nn_shows_is_quiet(name: str, tmp_path: Path, capsys: Any) -> None:
    model = Strange(name)
    assert is_quiet(nn.summary(model))
    assert nn.summary(model).count("\n") == 3
    history = nn.History([{"epoch": 1, "lr": 0.1, "loss": 0.5, name: 1.0, f"val_{name}": 2.0}])
    assert is_quiet(repr(history))
    assert "\n" not in repr(history)
    path = nn.save(tmp_path / "model.json", model)
    with pytest.raises(nn.CheckpointError) as caught:
        nn.load(path, nn.MLP(1, [1], rng=0))
    assert is_quiet(str(caught.value))
    pytest.importorskip("tqdm", reason="tqdm is not installed")
    with progress_bar(True, 1, 0) as report:
        report({"epoch": 1, "lr": 0.1, "loss": 0.5, name: 1.0}, 1)
    shown = capsys.readouterr().err
    assert is_quiet(re.sub(r"\r|\x1b\[A", "", shown))  # what the bar itself writes


FORMULA = "$x^2$ and $"


@pytest.mark.parametrize(
    "names",
    [[*filter(None, NAMES.values())], *([name + FORMULA] for name in NAMES.values())],
    ids=["all", *NAMES],
)
def test_a_plot_of_any_names(names: list[str], tmp_path: Path) -> None:
    """Of one it is the title, of several the legend."""
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    import warnings

    rows = [{"epoch": i + 1.0, **dict.fromkeys(names, 1.0)} for i in range(3)]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        assert nn.History(rows).plot(tmp_path / "history.svg").stat().st_size > 1000


def test_drawings_are_quiet(name: str, tmp_path: Path) -> None:
    x = Value(2.0, name)
    square = primitive(lambda g, out, x: g)(renamed(lambda x: x * x, name))
    y = square(x) + x
    y.label = name
    model = nn.MLP(1, [1], rng=0)
    for parameter in model.parameters():
        parameter.label = name
    for drawing in (draw(y, legend=True), draw(y, model=Named(name, x)), draw_model(model)):
        assert is_quiet(drawing.source.replace("\t", ""))
        assert is_quiet(repr(drawing))
    page = draw(y).save(tmp_path / "page.html").read_text("utf8")
    assert is_quiet(page)


class Named:
    def __init__(self, name: str, parameter: Value) -> None:
        self.found = [(name or "x", parameter)]

    def named_parameters(self) -> Any:
        return self.found


def test_file_names_in_errors_are_quiet(tmp_path: Path) -> None:
    model, stream = nn.MLP(1, [1], rng=0), StringIO()
    file = tmp_path / f"{ESCAPE}{TURN}.json"
    try:
        file.write_text("{}")
    except (OSError, ValueError):
        pytest.skip("this file system has no such names")
    for act in (
        lambda: nn.load(file, model),
        lambda: nn.load(file.with_name(f"{TURN}{ESCAPE}.json"), model),
        lambda: nn.save(file / "none.json", model),
        lambda: nn.save(file.with_suffix(".pkl"), model),
        lambda: draw(Value(1.0)).save(file.with_suffix(f".{TURN}")),
    ):
        with pytest.raises((OSError, ValueError)) as caught:
            act()
        print(caught.value, file=stream)
    assert is_quiet(stream.getvalue())
