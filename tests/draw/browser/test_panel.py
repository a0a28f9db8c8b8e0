"""The panel beside the graph: what it says stays inside of it, whole and by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphs import xor_loss, xor_network
from opened import Opened
from test_opening import WINDOWS, long_names

from autograd import Value, dot, scope, sin
from autograd.draw import draw
from autograd.draw.dot.labels import TIMES
from nn import MLP, mean_squared_error

Open = Callable[[Path], Opened]

# The parts of names that are broken inside of a word.
BROKEN = """
    return [...document.querySelectorAll(".leaves tbody th .whole-name")].flatMap((name) =>
        [...name.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).flatMap((node) =>
            [...node.data.matchAll(/\\S+/g)].filter((word) => {
                const range = document.createRange();
                range.setStart(node, word.index);
                range.setEnd(node, word.index + word[0].length);
                return new Set([...range.getClientRects()].map(({ top }) => top)).size > 1;
            }).map((word) => word[0])));
"""
TOO_WIDE = """
    const { right } = document.querySelector("#panel").getBoundingClientRect();
    return [...document.querySelectorAll("#panel *")].filter((element) =>
        element.getBoundingClientRect().right > right + 0.5 && !element.closest("svg"))
        .map((element) => element.outerHTML.slice(0, 100));
"""


def batch() -> Any:
    network = MLP(2, [4, 1], rng=0)
    rows = [[Value(0.123 * i - 0.3), Value(0.217 * i)] for i in range(8)]
    return draw(sum((network(row) - 0.5) ** 2 for row in rows), model=network, precision=8)


def xor() -> Any:
    network = xor_network()
    return draw(xor_loss(network), model=network)


def every_parameter() -> Any:
    network = MLP(2, [3, 1], rng=0)
    return draw(network([0.123, -0.217]), model=network, detail="nodes")


def all_digits() -> Any:
    x, y = Value(1 / 3e5, "x"), Value(-2 / 3 * 1e200, "y")
    return draw(x * y * 1e-190 + x / 7, precision=17)


@pytest.mark.parametrize("size", [*WINDOWS, (1280, 800)])
@pytest.mark.parametrize(
    "make", [batch, xor, every_parameter, all_digits, lambda: draw(long_names())]
)
def test_names_and_numbers_stay_in_the_panel(
    make: Callable[[], Any], size: tuple[int, int], open_page: Open, tmp_path: Path, driver: Any
) -> None:
    driver.resize(*size)
    opened = open_page(make().save(tmp_path / "page.html"))
    assert opened.count(".leaves tbody tr") > 1
    assert opened.run(TOO_WIDE) == []
    assert opened.run(BROKEN) == []
    assert "\N{HORIZONTAL ELLIPSIS}" not in opened.text(".leaves")


def arithmetic() -> Value:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    return (a * b - 5.0) / (a + 7.0) ** 2


def test_a_title_says_what_is_computed(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(arithmetic()).save(tmp_path / "page.html"))
    opened.click("#to-start")
    end = opened.steps_to_the_end()
    for position in range(1, end):
        opened.click("#step")
        title = opened.text("#step-title")
        if position != end // 2 + 1:  # where the backward pass starts
            assert " = " in title, title
    opened.click("#step")
    assert opened.text("#step-title") == "All gradients of L"


def test_a_line_to_a_plain_number_is_thinner_than_any_gradient(
    open_page: Open, tmp_path: Path
) -> None:
    opened = open_page(draw(arithmetic()).save(tmp_path / "page.html"))
    nodes, edges = opened.page_data()["nodes"], opened.page_data()["edges"]
    for _ in range(opened.steps_to_the_end() // 2):
        widths = opened.run(
            "return [...document.querySelectorAll('.edge[data-edge]')].map((edge) =>"
            " [edge.dataset.edge, parseFloat(getComputedStyle(edge).strokeWidth)])"
        )
        width = {int(edge): wide for edge, wide in widths}
        plain = {e for e in width if nodes[edges[e]["tail"]]["kind"] == "number"}
        assert plain
        assert max(width[e] for e in plain) < min(width[e] for e in width.keys() - plain)
        opened.click("#back")


def test_parameters_inside_of_neurons_are_in_the_table_at_the_end(
    open_page: Open, tmp_path: Path
) -> None:
    model = MLP(2, [3, 1], activation="tanh", rng=0)
    loss = mean_squared_error([model([0.5, x]) for x in (-1.0, 0.25, 0.5, 2.0)], [1.0, 0.0] * 2)
    opened = open_page(draw(loss, model=model).save(tmp_path / "batch.html"))
    assert opened.count("#panel [data-parameter]") == len(model.parameters())
    opened.click('#panel [data-parameter="2"]')
    assert "layers.0.neurons.0.bias" in opened.text("#panel")
    opened.click("#panel .more")
    assert opened.count("#panel [data-parameter]") == len(model.parameters())


def test_a_graph_that_has_changed_says_so(open_page: Open, tmp_path: Path) -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    c = a * b
    c.backward()
    a.data = 2.5
    with pytest.warns(RuntimeWarning, match="mixes two moments"):
        drawing = draw(c)
    opened = open_page(drawing.save(tmp_path / "changed.html"))
    said = opened.text("#panel .warning")
    assert "mul of its operands is now -7.5, not -6.0" in said
    assert opened.count("#panel .warning") == 1


def test_a_step_of_many_turns_says_only_what_is_true(open_page: Open, tmp_path: Path) -> None:
    y = Value(0.5, "x")
    for _ in range(500):
        y = sin(y)
    y.label = "y"
    opened = open_page(draw(y).save(tmp_path / "page.html"))
    opened.set_slider("#position", 1)
    said = opened.text("#explanation")
    assert "499 turns" in said
    assert "what the last leaves" in said
    assert "ranges" not in said
    opened.set_slider("#position", 2)
    assert "y = sin(sin(…)) = " in opened.text("#explanation")


def test_what_is_alike_is_chosen_by_number(open_page: Open, tmp_path: Path) -> None:
    squares = sum(v * v for v in [Value(k / 7) for k in range(20)])
    opened = open_page(draw(squares).save(tmp_path / "page.html"))
    options = "return [...document.querySelectorAll('#sample option')].map(({ text }) => text)"
    assert opened.run(options) == ["All 20", *(f"{k} of 20" for k in range(1, 17))]
    network = MLP(2, [3, 1], rng=0)
    loss = sum(network([0.5, k]) ** 2 for k in range(3))
    opened = open_page(draw(loss, model=network, detail="neurons").save(tmp_path / "two.html"))
    assert opened.run(options) == ["All 3 samples", *(f"Sample {k} of 3" for k in range(1, 4))]


X = "v\N{SUBSCRIPT ONE}"
SAME_OPERANDS = {
    "sum": (lambda x, t: sum([x] * 1000, t), ["t + 1000 * x", "1 + 1000 * 0.01"]),
    "only": (lambda x, t: sum([x] * 1000), ["1000 * x", "1000 * 0.01"]),
    "few": (lambda x, t: sum([x] * 3), ["x + x + x", "0.01 + 0.01 + 0.01"]),
    "apart": (lambda x, t: sum([x, t] * 4), ["4 * x + 4 * t", "4 * 0.01 + 4 * 1"]),
    "numbers": (lambda x, t: sum([x] + [0.25] * 99), ["x + 99 * 0.25", "0.01 + 99 * 0.25"]),
    "dot": (
        lambda x, t: dot([x, t] * 40, [t] * 80),
        [
            "x * t + t * t + x * t + t * t + … 75 more … + t * t",
            "0.01 * 1 + 1 * 1 + 0.01 * 1 + 1 * 1 + … 75 more … + 1 * 1",
        ],
    ),
}


@pytest.mark.parametrize("case", SAME_OPERANDS)
def test_the_same_operand_many_times_is_written_as_that(
    case: str, open_page: Open, tmp_path: Path
) -> None:
    make, said = SAME_OPERANDS[case]
    out = make(Value(0.01, "x"), Value(1.0, "t"))
    opened = open_page(draw(out, detail="neurons").save(tmp_path / "page.html"))
    opened.set_slider("#position", 1)
    written = opened.run(
        "return [...document.querySelectorAll('.in-names, .in-numbers')].map((x) => x.innerText)"
    )
    assert [text.strip().replace(TIMES, "*") for text in written] == said


def test_operands_that_share_an_edge_are_written_in_their_order(
    open_page: Open, tmp_path: Path
) -> None:
    xs = [Value(x) for x in (0.5, 1.5, 2.5, 3.5)]
    out = sum((x * x - x / (x + 9.0)) ** x for x in xs)
    neighbours = sum(a * b for a, b in zip(xs, [*xs[1:], xs[0]], strict=True))
    formulas = []
    for name, drawing in (
        ("squares", draw(out, detail="neurons")),
        ("ring", draw(neighbours, detail="layers")),
    ):
        opened = open_page(drawing.save(tmp_path / f"{name}.html"))
        for step in range(1, opened.steps_to_the_end() // 2 + 1):
            opened.set_slider("#position", step)
            formulas += [opened.text("#step-title").partition(" = ")[2].replace(TIMES, "*")]
    assert f"{X} * {X}" in formulas
    assert f"{X}[1] * {X}[2]" in formulas
    assert not [said for said in formulas if said.startswith(("*(", "-(", "/("))]


def test_parameters_drawn_as_one_are_called_by_their_name(open_page: Open, tmp_path: Path) -> None:
    layer = MLP(2, [2], activation="tanh", rng=0)

    def loop() -> Value:
        h = [Value(0.1), Value(0.2)]
        for i in range(200):
            with scope(f"step {i}"):
                h = layer(h)
        return h[0] + h[1]

    opened = open_page(draw(loop).save(tmp_path / "page.html"))
    names = opened.run(
        "return [...document.querySelectorAll('g.node text')].map((text) => text.textContent)"
    )
    assert {"weights", "bias"} <= set(names)
    assert "*" not in names
    assert "weights.*" in opened.text(".leaves")


def test_a_label_of_which_nothing_is_seen_is_none(open_page: Open, tmp_path: Path) -> None:
    x, blank = Value(2.0, "x"), Value(3.0, " \t\N{NO-BREAK SPACE}")
    out = x * blank
    out.label = "\n"
    opened = open_page(draw(out).save(tmp_path / "page.html"))
    opened.set_slider("#position", 1)
    assert opened.text("#step-title").replace(TIMES, "*") == f"Forward: L = x * {X}"
    assert opened.driver.title == "Computation graph"
    out.label = "two\nlines"
    assert open_page(draw(out).save(tmp_path / "page.html")).driver.title == "two lines"


def test_counts_have_separators(open_page: Open, tmp_path: Path) -> None:
    out = Value(1.0, "x")
    for _ in range(2500):
        out = sin(out) * 0.5
    drawing = draw(out)
    opened = open_page(drawing.save(tmp_path / "page.html"))
    labels = opened.run(
        "return [...document.querySelectorAll('g.node')].map((x) => x.getAttribute('aria-label'))"
    )
    assert any("2,499 turns" in label for label in labels)
    shown = opened.run("return document.querySelector('svg.graph').textContent")
    assert f"{TIMES} 2,499" in shown
    assert "(2,500 of 2,500)" in shown
    assert "For 2,499 turns" in opened.text("#panel")
    assert "2499" not in drawing.source
    many = draw(sum(Value(x / 7) for x in range(1100)) * 2.0)
    opened = open_page(many.save(tmp_path / "many.html"))
    options = opened.text("#sample")
    assert options.startswith("All 1,100")
    assert "1 of 1,100" in options


@pytest.mark.parametrize(
    ("exponent", "rule"),
    [(1.1, "1.1 * x ** 0.1"), (0.7, "0.7 * x ** (-0.3)"), (3, "3 * x ** 2"), (2, "2 * x")],
)
def test_the_rule_of_a_power_has_the_digits_of_its_exponent(
    exponent: float, rule: str, open_page: Open, tmp_path: Path
) -> None:
    x = Value(1.5, "x")
    opened = open_page(draw(x**exponent).save(tmp_path / "page.html"))
    said = opened.text(".chain td").replace(TIMES, "*")
    assert said == f"∂L/∂x = {rule} = " + (f"{exponent * 1.5 ** (exponent - 1):.4g}")


@pytest.mark.parametrize("count", [2, 5])
def test_of_one_sample_a_sum_over_all_tells_what_is_known(
    count: int, open_page: Open, tmp_path: Path
) -> None:
    x = [Value(i + 0.5) for i in range(count)]
    out = sum(v * v for v in x)
    opened = open_page(draw(out, detail="neurons").save(tmp_path / "page.html"))
    for step, said in (
        (1, "1.5 * 1.5"),
        (2, f"{'+' if count == 2 else 'sum'}({count} numbers, 2.25 among them)"),
    ):
        opened.set_slider("#position", step)
        choose = "const s = document.querySelector('#sample'); s.value = 1;"
        opened.run(f"{choose} s.dispatchEvent(new Event('change', {{ bubbles: true }}))")
        assert opened.text(".in-numbers").strip().replace(TIMES, "*") == said
