"""The diagram of a network."""

import itertools
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strength import examples

from autograd import Value, softmax, tanh
from autograd.draw.dot import styles
from autograd.draw.dot.labels import WARNING
from autograd.draw.dot.scale import AMPLE, NEGATIVE, POSITIVE
from autograd.draw.network.draw_model import draw_model
from autograd.draw.network.layered import layers_of
from autograd.draw.network.placement import MOST_UNITS
from autograd.draw.picture import Drawing
from nn import MLP, Dropout, Layer, LayerNorm, Module, Neuron, Residual, Sequential

pytestmark = pytest.mark.usefixtures("without_process")

SVG = "{http://www.w3.org/2000/svg}"
TITLE = "{http://www.w3.org/1999/xlink}title"


def texts(drawing: Drawing) -> list[str]:
    root = ElementTree.fromstring(drawing.render("svg"))
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def edges(drawing: Drawing) -> dict[tuple[str, str], dict[str, str]]:
    """The attributes of each line but its tooltip, by what it joins."""
    found = re.findall(r"^\t(\w+) -> (\w+)(?: \[(.*)\])?$", drawing.source, re.MULTILINE)
    return {
        (tail, head): dict(re.findall(r'(\w+)="?([^\s"]+)', rest)) for tail, head, rest in found
    }


def places(drawing: Drawing) -> dict[str, tuple[float, float]]:
    """Where the nodes are, by name."""
    found = re.findall(r'^\t(\w+) \[.*pos="([-.\d]+),([-.\d]+)!"', drawing.source, re.MULTILINE)
    return {name: (float(x), float(y)) for name, x, y in found}


def model_231() -> MLP:
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    for i, parameter in enumerate(model.parameters()):
        parameter.data = (i - 6) / 4  # -1.5 to 1.5
    return model


class Paths(Module):
    """Parameters by any paths."""

    def __init__(self, *paths: str) -> None:
        self.paths = paths

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        return ((path, Value(1.0)) for path in self.paths)


# What is drawn


@pytest.mark.usefixtures("engine")
def test_all_of_a_small_network_can_be_read() -> None:
    shown = texts(draw_model(model_231()))
    numbers = [f"{(i - 6) / 4:.3g}" for i in range(13)]
    scale = ["-1.5", "0", "1.5"]
    titles = ["inputs", "2", "layers.0", "3 units", "tanh", "layers.1", "1 unit", "identity"]
    assert sorted(text.strip() for text in shown) == sorted(
        ["x1", "x2", *numbers, *scale, *titles, "weights and biases; dashed where negative"]
        + [text.strip() for text in shown if not text.strip()]
    )


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("model", "units", "lines"),
    [(Neuron(3, rng=0), 4, 3), (Layer(3, 4, rng=0), 7, 12), (MLP(1, [1], rng=0), 2, 1)],
)
def test_a_layer_and_a_neuron_on_their_own(model: Module, units: int, lines: int) -> None:
    drawing = draw_model(model)
    assert sum(name.startswith("u") for name in places(drawing)) == units
    assert len(edges(drawing)) == lines == drawing.render("svg").count(b'class="edge"')


class InAttributes(Module):
    def __init__(self) -> None:
        self.hidden = Layer(2, 3, activation="tanh", rng=0)
        self.blocks = [Layer(3, 2, activation="relu", rng=1), MLP(2, [2, 2], rng=1)]
        self.head = Neuron(2, activation="sigmoid", rng=2)


def test_layers_in_attributes_and_lists() -> None:
    drawing = draw_model(InAttributes())
    assert len(edges(drawing)) == 2 * 3 + 3 * 2 + 2 * 2 + 2 * 2 + 2
    titles = ["hidden", "blocks.0", "blocks.1.layers.0", "blocks.1.layers.1", "head"]
    assert re.findall(r"^	title\d.*?<B>(.*?)</B>", drawing.source, re.MULTILINE) == [
        "inputs",
        *titles,
    ]
    assert "tanh" in drawing.source
    assert "sigmoid" in drawing.source
    model = Paths("b.1.bias", "b.1.weights.0", "b.0.weights.0", "a.weights.0")
    assert [layer.title for layer in layers_of(model)] == ["b.0", "b.1", "a"]


def test_a_weight_is_the_width_and_colour_of_its_line() -> None:
    model = MLP(1, [3], rng=0)
    for neuron, number in zip(model.layers[0].neurons, [-2.0, 0.5, 2.0], strict=True):
        neuron.weights[0].data = number
    negative, small, positive = (edges(draw_model(model))["u0_0", f"u1_{j}"] for j in range(3))
    assert (negative["color"], negative["style"]) == (NEGATIVE, "dashed")
    assert positive["color"] == POSITIVE
    assert "style" not in positive
    assert float(negative["penwidth"]) == float(positive["penwidth"]) == AMPLE.widest
    assert AMPLE.thinnest < float(small["penwidth"]) < AMPLE.widest


@pytest.mark.usefixtures("engine")
def test_gradients_are_shown_in_place_of_numbers() -> None:
    model = model_231()
    for parameter in model.parameters():
        parameter.grad = 0.125
    weight = model.layers[1].neurons[0].weights[2]
    weight.grad = -0.75
    drawing = draw_model(model, show="gradients")
    shown = [text.strip() for text in texts(drawing)]
    assert shown.count("0.125") == 12
    assert shown.count("-0.75") == 2  # on its line, and in the scale
    assert "gradients; dashed where negative" in shown
    assert edges(drawing)["u1_2", "u2_0"]["color"] == NEGATIVE


@pytest.mark.usefixtures("engine")
def test_gradients_that_are_unknown_or_values() -> None:
    model = Neuron(2, rng=0)
    for parameter, grad in zip(model.parameters(), [None, Value(3.0), None], strict=True):
        parameter.grad = grad
    drawing = draw_model(model, show="gradients")
    assert sorted({"none", "3"} & set(texts(drawing))) == ["3", "none"]
    assert "color" not in edges(drawing)["u0_0", "u1_0"]
    assert edges(drawing)["u0_1", "u1_0"]["color"] == POSITIVE


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_stands_out(x: float) -> None:
    model = model_231()
    assert styles.ALARM not in draw_model(model).source
    model.layers[0].neurons[1].weights[0].data = x
    model.layers[1].neurons[0].bias.data = x  # type: ignore[union-attr]
    drawing = draw_model(model)
    assert edges(drawing)["u0_0", "u1_1"]["color"].startswith(styles.ALARM)
    assert texts(drawing).count(f"{WARNING}{x:g}") == 2


def test_without_biases_units_are_empty() -> None:
    drawing = draw_model(Layer(2, 2, bias=False, rng=0))
    assert len(re.findall(r'u1_\d \[label="" ', drawing.source)) == 2


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    "label", ["w <b>&\\N", '"{|}', "two\nlines", "重み", "nul\0", "x" * 10_000, "]", " "]
)
def test_labels_are_shown_as_written(label: str) -> None:
    model = Neuron(1, rng=0)
    model.weights[0].label = label
    root = ElementTree.fromstring(draw_model(model).render("svg"))
    line = label.replace("\n", " ").replace("\0", "\\x00")
    expected = line if len(line) <= 12 else line[:11] + "…"
    shown = ["".join(text.itertext()).replace("\u00a0", " ") for text in root.iter(f"{SVG}text")]
    assert expected in shown
    tooltips = [(a.get(TITLE) or "").replace("\u00a0", " ") for a in root.iter(f"{SVG}a")]
    whole = label.replace("\0", "\\x00")
    number = f"weights.0\ndata = {model.weights[0].data!r}"
    assert tooltips.count(f"{whole}\n{number}") == 2  # of the line and of its number


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("label", "bias", "precision"),
    [
        ("", -1.234e-05, 3),
        ("", -0.12345678901234567, 17),
        ("the bias is long", 0.5, 3),
        ("b", 1, 3),
    ],
)
def test_what_is_in_a_unit_fits_in_it(label: str, bias: float, precision: int) -> None:
    model = Layer(2, 3, rng=0)
    model.neurons[1].bias.data = bias
    model.neurons[1].bias.label = label
    drawing = draw_model(model, precision=precision)
    root = ElementTree.fromstring(drawing.render("svg"))
    radius = float(next(root.iter(f"{SVG}ellipse")).get("rx", "0"))
    inside = [label[:11], f"{bias:.{precision}g}"]
    assert 2 * radius >= max(map(len, inside)) * 5.2 + 4
    ys = [place[1] for name, place in places(drawing).items() if name.startswith("u1_")]
    assert all(abs(a - b) > 2 * radius for a, b in itertools.combinations(ys, 2))


def test_numbers_of_weights_are_beside_wide_units() -> None:
    model = MLP(2, [3, 1], rng=0)
    model.layers[0].neurons[0].bias.label = "x" * 12
    drawing = draw_model(model)
    unit = float(re.findall(r"u1_0 \[.*?width=([0-9.]+)", drawing.source)[0]) * 72
    place = places(drawing)
    for name, (x, _) in place.items():
        if name.startswith("w1_"):
            assert x - place["u1_0"][0] > unit / 2 + 20


def test_a_number_beside_a_line_covers_no_other() -> None:
    for nin, nout in itertools.product(range(1, 6), repeat=2):
        for direction in ("LR", "TB"):
            drawing = draw_model(Layer(nin, nout, rng=0), direction=direction)
            numbers = [place for name, place in places(drawing).items() if name.startswith("w")]
            assert len(numbers) in (0, nin * nout)
            for (x, y), (u, v) in itertools.combinations(numbers, 2):
                assert abs(x - u) > 20 or abs(y - v) > 12


@pytest.mark.parametrize(
    ("direction", "along", "sign"), [("LR", 0, 1), ("RL", 0, -1), ("TB", 1, -1), ("BT", 1, 1)]
)
def test_direction(direction: Any, along: int, sign: int) -> None:
    place = places(draw_model(model_231(), direction=direction))
    columns = [
        {sign * place[name][along] for name in names}
        for names in (["u0_0", "u0_1"], ["u1_0", "u1_1", "u1_2"], ["u2_0"])
    ]
    assert [len(column) for column in columns] == [1, 1, 1]
    assert max(columns[0]) < max(columns[1]) < max(columns[2])


@settings(deadline=None, max_examples=examples(30))
@given(st.lists(st.integers(1, 40), min_size=2, max_size=5))
def test_units_and_lines_of_any_network(sizes: list[int]) -> None:
    drawing = draw_model(MLP(sizes[0], sizes[1:], init="zeros", rng=0))
    place = places(drawing)
    shown = [min(size, MOST_UNITS) for size in sizes]
    for i, (size, count) in enumerate(zip(sizes, shown, strict=True)):
        units = [name for name in place if name.startswith(f"u{i}_")]
        assert len(units) == count
        assert f"u{i}_{size - 1}" in units
        assert (f"more{i}" in place) == (count < size)
    assert len(edges(drawing)) == sum(a * b for a, b in itertools.pairwise(shown))
    assert ("left out" in drawing.source) == (shown != sizes)
    assert len(set(place.values())) == len(place)


# Large networks


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("sizes", [(64, 32, 10), (784, 30, 10), (2, 16, 16, 1)])
def test_a_large_network_says_what_is_left_out(sizes: tuple[int, ...]) -> None:
    model = MLP(sizes[0], sizes[1:], rng=0)
    shown = texts(draw_model(model))
    for size in sizes[:-1]:
        assert (f"{size - MOST_UNITS} more" in shown) == (size > MOST_UNITS)
    assert any("left out" in text for text in shown) == (max(sizes) > MOST_UNITS)


def sums(drawing: Drawing) -> list[tuple[str, str]]:
    """From which column to which units are added."""
    found = re.findall(r'tooltip="(.*?): added to (.*?)"', drawing.source)
    return sorted(set(found), key=found.index)


def notes(model: Any) -> list[tuple[str, str]]:
    return [(layer.title, layer.note) for layer in layers_of(model)]


twelve = [Layer(2, 2, rng=i) for i in range(12)]
pair = [Layer(2, 2, False, rng=0), Layer(2, 2, rng=1)]
SEQUENCES: dict[str, tuple[Any, list[tuple[str, str]]]] = {
    "functions": (
        Sequential(tanh, pair[0], softmax, Dropout(0.25), Sequential(tanh, pair[1])),
        [("layers.1", "softmax, Dropout(0.25), tanh"), ("layers.4.layers.1", "relu")],
    ),
    "more than ten": (Sequential(*twelve), [(f"layers.{i}", "relu") for i in range(12)]),
    "in a list of lists": (
        Sequential(Sequential(Sequential(pair[0]), tanh), pair[1]),
        [("layers.0.layers.0.layers.0", "tanh"), ("layers.1", "relu")],
    ),
    "a sum": (
        Sequential(Residual(Sequential(pair[0], tanh)), softmax, pair[1]),
        [("layers.0.module.layers.0", "tanh, +, softmax"), ("layers.2", "relu")],
    ),
    "sums in sums": (
        Residual(Sequential(pair[0], Residual(pair[1]), tanh)),
        [("module.layers.0", "identity"), ("module.layers.1.module", "relu, +, tanh, +")],
    ),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_what_stands_between_layers_is_noted(name: str) -> None:
    model, expected = SEQUENCES[name]
    assert notes(model) == expected
    assert len(edges(draw_model(model))) >= 4 * len(expected)


@pytest.mark.parametrize("direction", ["LR", "RL", "TB", "BT"])
def test_what_is_added_is_a_line_beside_the_network(direction: Any) -> None:
    inner = Residual(MLP(2, [3, 2], rng=1))
    model = Sequential(Layer(2, 2, rng=0), Residual(Sequential(inner, Layer(2, 2, rng=2))))
    drawing = draw_model(model, direction=direction)
    first, last = "layers.1.module.layers.0.module.layers.1", "layers.1.module.layers.1"
    assert sums(drawing) == [("layers.0", first), ("layers.0", last)]
    found = places(drawing)
    along = 0 if direction in ("LR", "RL") else 1
    for lane, end in ((0, 3), (1, 4)):
        corners = [found[f"sum{lane}_{i}"] for i in range(4)]
        units = [at for name, at in found.items() if name.startswith("u")]
        for corner in corners[1:3]:  # outside of all units
            sides = {corner[1 - along] > unit[1 - along] for unit in units}
            assert len(sides) == 1
        ends = found["u1_0"][along], found[f"u{end}_0"][along]
        assert corners[0][along] == pytest.approx(ends[0], abs=20)
        assert corners[3][along] == pytest.approx(ends[1], abs=20)
    assert sums(draw_model(Residual(MLP(2, [3, 2], rng=0)))) == [("inputs", "module.layers.1")]
    assert sums(draw_model(MLP(2, [3, 2], rng=0))) == []


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_long_titles_cover_nothing(direction: Any) -> None:
    """Each title is as wide as the way from one column to the next at most, or beside the units."""
    model: Any = Layer(2, 2, rng=0)
    for _ in range(8):
        model = Sequential(model)
    drawing = draw_model(Sequential(model, Layer(2, 2, rng=1)), direction=direction)
    full = "layers.0." * 8 + "layers.0"
    assert full in drawing.source
    titles = re.findall(r"<B>(.*?)</B>", drawing.source)
    assert titles[1].startswith("layers.0")
    assert titles[1].endswith("layers.0")
    assert len(titles[1]) * 7 <= 420
    if direction == "TB":
        across = places(drawing)
        assert across["title1"][0] + len(titles[1]) * 3.5 < across["u1_0"][0] - 20


# What is refused


@pytest.mark.parametrize(
    ("model", "options", "said"),
    [
        *((x, {}, "draw_model: expected a model") for x in (None, 3, "MLP", [Neuron(1)], object())),
        (Neuron(1), {"show": "values"}, "show must be one of data, gradients, got 'values'"),
        (Neuron(1), {"direction": "left"}, "LR, RL, TB, BT, got 'left'"),
        (Neuron(1), {"precision": 0}, "precision must be at least 1, got 0"),
        (Neuron(1), {"precision": 18}, "precision must be at most 17, got 18"),
        (Neuron(1), {"precision": 2.0}, "precision must be an integer, got float"),
        (Paths(), {}, "no parameter"),
        (Paths("slope"), {}, "'slope': draw(lambda: model(row)) draws any model"),
        (
            Sequential(Layer(2, 2), LayerNorm(2)),
            {},
            "'layers.1.weight.0': draw(lambda: model(row))",
        ),
        (
            Sequential(pair[0], pair[0]),
            {},
            "layers.1, Layer Layer(2, 2, activation='identity'), has",
        ),
        (Sequential(*pair[:1], tanh, *pair[:1], pair[1]), {}, "the parameters of another layer"),
        (Paths("layers.0.weights.1"), {}, "layers.0: neurons.0 has 1 unshared"),
        (Paths("a.weights.0", "weights.0"), {}, "a mixture"),
        (Paths("a.weights.0", "a.neurons.0.bias"), {}, "a mixture"),
        (Paths("a.scale.0", "a.bias"), {}, "found 'a.scale.0'"),
        (Paths("a.weights.0", "b.weights.0", "b.weights.1"), {}, "b: neurons.0 has 2 unshared"),
        (Paths("blocks.2.bias"), {}, "found blocks.2, but nothing in blocks.0"),
        (Paths("layers.0.neurons.0.weights.x"), {}, "weights.x"),
        (Paths("weights.0", "neurons.0.bias"), {}, "a mixture"),
        (Paths("layers.1.neurons.0.weights.0"), {}, "found layers.1, but nothing in layers.0"),
        (Paths("neurons.1.weights.0"), {}, "found neurons [1], which has gaps"),
        (Paths("weights.1"), {}, "has 1 unshared weights, expected 1"),
        (Paths("bias"), {}, "has 0 unshared weights, expected 1"),
        (Paths("neurons.0.weights.0", "neurons.1.bias"), {}, "neurons.1 has 0 unshared weights"),
        (
            Paths(*(f"layers.{k}.neurons.0.weights.{i}" for k, i in ((0, 0), (1, 0), (1, 1)))),
            {},
            "layers.1: neurons.0 has 2 unshared weights, expected 1",
        ),
    ],
)
def test_what_is_refused(model: Any, options: dict[str, Any], said: str) -> None:
    is_type = options.get("precision") == 2.0 or said.endswith("a model")
    with pytest.raises(TypeError if is_type else ValueError, match=re.escape(said)):
        draw_model(model, **options)
