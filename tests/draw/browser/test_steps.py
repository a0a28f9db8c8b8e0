"""The stepper against the engine: every number, at every step, to the last bit."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from graphs import backward, forward, xor_loss, xor_network
from opened import Opened, in_both_browsers

from autograd import Value, log, relu
from autograd.draw import draw
from autograd.graph import topological_order

Open = Callable[[Path], Opened]


def numbers(opened: Opened, what: str) -> dict[str, float]:
    """The data or the gradients on show, but those of plain numbers and operations."""
    shown = {name: getattr(node, what) for name, node in opened.nodes().items() if name[0] == "n"}
    return {name: float(text) for name, text in shown.items() if text is not None}


def products() -> Value:
    """One Value used three times, an operand used twice, a minus, a plain number."""
    x, y = Value(1.1, "x"), Value(-0.7, "y")
    z = x * y
    out = z * z - relu(x) * 0.3 + x
    out.backward()
    return out


def network_loss() -> Value:
    return xor_loss(xor_network())


@in_both_browsers
@pytest.mark.parametrize("make", [products, network_loss])
def test_every_step_shows_the_numbers_of_the_engine(
    make: Callable[[], Value], open_page: Open, tmp_path: Path
) -> None:
    loss = make()
    order = topological_order(loss)
    opened = open_page(draw(loss, detail="nodes").save(tmp_path / "page.html"))
    opened.click("#to-start")
    known = list(forward(loss))
    gradients = list(backward(loss))
    assert opened.steps_to_the_end() == len(known) - 1 + len(gradients)
    assert numbers(opened, "data") == known[0]
    assert numbers(opened, "grad") == {}
    for data in known[1:]:
        opened.click("#step")
        assert numbers(opened, "data") == data
        assert numbers(opened, "grad") == {}
    for grad in gradients:
        opened.click("#step")
        shown = numbers(opened, "grad")
        assert {name: shown[name] for name in grad} == grad
        assert all(x == 0.0 for name, x in shown.items() if name not in grad)
    assert opened.position == opened.steps_to_the_end()
    assert numbers(opened, "data") == {f"n{i}": value.data for i, value in enumerate(order)}
    assert numbers(opened, "grad") == {f"n{i}": value.grad for i, value in enumerate(order)}
    assert opened.find("#step").get_attribute("aria-disabled") == "true"


def test_back_and_forth_is_the_same(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(products()).save(tmp_path / "page.html"))
    opened.click("#to-start")
    end = opened.steps_to_the_end()
    states = [opened.nodes()]
    texts = [opened.text("#explanation")]
    for _ in range(end):
        opened.click("#step")
        states.append(opened.nodes())
        texts.append(opened.text("#explanation"))
    assert len(set(texts)) == end + 1  # each step says something of its own
    assert all(before != after for before, after in pairwise(states))
    for position in reversed(range(end)):
        opened.click("#back")
        assert opened.nodes() == states[position]
        assert opened.text("#explanation") == texts[position]
    assert opened.find("#back").get_attribute("aria-disabled") == "true"
    opened.click("#to-end")
    assert opened.nodes() == states[-1]
    opened.click("#to-start")
    assert opened.nodes() == states[0]
    opened.set_slider("#position", 5)
    assert opened.nodes() == states[5]


def test_what_is_not_reached_is_dim(open_page: Open, tmp_path: Path) -> None:
    x = Value(2.0, "x")
    opened = open_page(draw(log(x * 3)).save(tmp_path / "page.html"))
    opened.click("#to-start")

    def states() -> dict[str, str]:
        return {name: node.state for name, node in opened.nodes().items()}

    assert states() == {
        "n0": "forward", "c1_1": "forward", "op1": "dim", "n1": "dim", "op2": "dim", "n2": "dim",
    }  # fmt: skip
    opened.click("#step")
    assert [states()[name] for name in ("op1", "n1", "op2", "n2")] == [
        "forward", "forward", "dim", "dim",
    ]  # fmt: skip
    opened.click("#to-end")
    assert {states()[name] for name in ("n0", "op1", "n1", "op2", "n2")} == {"backward"}


def test_a_backward_step_says_where_its_numbers_come_from(open_page: Open, tmp_path: Path) -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    c = a * b + a
    opened = open_page(draw(c * 10).save(tmp_path / "page.html"))
    opened.set_slider("#position", 6)  # 3 operations, the gradient of the output, 2 back
    opened.click("#step")
    said = opened.text("#explanation").replace("\N{MINUS SIGN}", "-")
    # d(a b)/da = b = -3, times the gradient 10 of the product, added to the 10 that a has
    for number in ("-3", "10", "-30", "-20", "2", "20"):
        assert number in said
    assert "a" in said


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda x, y: y / x, "1 / (x1*w1 + x2*w2)"),
        (lambda x, y: y / x, "-y / (x1*w1 + x2*w2)²"),
        (lambda x, y: x / y, "-(x1*w1 + x2*w2) / y²"),
        (lambda x, y: x**2, "2 * (x1*w1 + x2*w2)"),
        (lambda x, y: x**-1.5, "-1.5 * (x1*w1 + x2*w2) ** (-2.5)"),
        (lambda x, y: log(x), "1 / (x1*w1 + x2*w2)"),
        (lambda x, y: x * 1e-5, "(x1*w1 + x2*w2) * 1e-05"),
    ],
)
def test_a_name_that_is_a_formula_stands_in_brackets(
    make: Callable[[Value, Value], Value], rule: str, open_page: Open, tmp_path: Path
) -> None:
    x, y = Value(3.0, "x1*w1 + x2*w2"), Value(2.0, "y")
    opened = open_page(draw(make(x, y)).save(tmp_path / "page.html"))
    said = opened.text("#explanation")
    for _ in range(opened.steps_to_the_end()):
        opened.click("#step")
        said += opened.text("#explanation")
    said = said.replace("\N{MINUS SIGN}", "-").replace("\N{MULTIPLICATION SIGN}", "*")
    assert rule in said


def test_a_pass_that_cannot_go_on_says_so(open_page: Open, tmp_path: Path) -> None:
    x, y = Value(-2.0, "x"), Value(2.0, "y")
    opened = open_page(draw(x**y).save(tmp_path / "page.html"))
    opened.click("#to-end")
    assert "derivative" in opened.text("#explanation") or "base" in opened.text("#explanation")


def test_play_goes_to_the_end_and_pause_stops_it(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(products()).save(tmp_path / "page.html"))
    opened.click("#to-start")
    play = opened.find("#play")
    assert "Play" in play.text
    play.click()
    assert "Pause" in play.text
    opened.wait_for("return document.querySelector('#position').value >= 2")
    play.click()
    assert "Play" in play.text
    stopped = opened.position
    assert 2 <= stopped < opened.steps_to_the_end()
    opened.find("#speed").send_keys("4")
    opened.run(
        "return new Promise((resolve) => setTimeout(resolve, 600))"
    )  # two steps, if it went on
    assert opened.position == stopped
    play.click()
    opened.wait_for("const p = document.querySelector('#position'); return p.value === p.max")
    opened.wait_for("return document.querySelector('#play').textContent.includes('Play')")
    grad = numbers(opened, "grad")
    assert grad
    assert 0.0 not in grad.values()
