"""A recorded training in the browser: the slider of epochs, the loss, the decision boundary."""

import base64
import io
from collections.abc import Callable, Sequence
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from graphs import ROWS, TARGETS, xor_network
from opened import Opened, in_both_browsers
from PIL import Image, ImageChops
from selenium.webdriver.common.keys import Keys

from autograd import Value
from autograd.draw import record
from autograd.graph import topological_order
from nn import SGD, binary_cross_entropy

Open = Callable[[Path], Opened]
EPOCHS = 20


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float], list[float]]:
    """The page, the losses, and what the first weight was at each epoch."""
    network = xor_network()
    optimizer = SGD(network.parameters(), lr=5.0)
    path = tmp_path_factory.mktemp("training") / "training.html"
    recording = record(model=network, boundary=(network, ROWS, TARGETS), detail="nodes")
    losses, weights = [], []
    for _ in range(EPOCHS):
        loss = binary_cross_entropy([network(row) for row in ROWS], TARGETS)
        losses.append(loss.data)
        weights.append(network.parameters()[0].data)
        optimizer.zero_grad()
        loss.backward()
        recording(loss)
        optimizer.step()
    return recording.save(path), losses, weights


@in_both_browsers
def test_the_slider_goes_through_the_epochs(
    training: tuple[Path, list[float], list[float]], open_page: Open
) -> None:
    path, losses, weights = training
    opened = open_page(path)
    opened.click("#show-graph")
    assert int(opened.find("#epoch").get_attribute("max") or 0) == EPOCHS - 1
    opened.click("#unfold-all")
    nodes = opened.page_data()["nodes"]
    weight = next(n["name"] for n in nodes if n["path"] == "layers.0.neurons.0.weights.0")
    loss = next(n["name"] for n in nodes if n["role"] == "output")
    for epoch in (0, 1, 17, EPOCHS - 1):
        opened.set_slider("#epoch", epoch)
        opened.click("#to-end")
        shown = opened.nodes()
        assert float(shown[loss].data or "nan") == losses[epoch]
        assert float(shown[weight].data or "nan") == weights[epoch]


def picture(opened: Opened) -> Image.Image:
    """What the canvas of the boundary shows."""
    url = opened.run("return document.querySelector('#boundary').toDataURL()")
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))).convert("RGB")


@in_both_browsers
def test_the_boundary_moves_with_the_epochs(
    training: tuple[Path, list[float], list[float]], open_page: Open
) -> None:
    opened = open_page(training[0])
    opened.press(Keys.HOME, on="#epoch")
    first = picture(opened)
    assert len(first.getcolors(1 << 24) or []) > 2
    opened.press(Keys.END, on="#epoch")
    last = picture(opened)
    changed = ImageChops.difference(first, last).getbbox()
    assert changed is not None
    assert changed[2] - changed[0] > first.width / 2
    opened.press(Keys.HOME, on="#epoch")
    assert picture(opened) == first


@in_both_browsers
def test_the_training_plays(
    training: tuple[Path, list[float], list[float]], open_page: Open
) -> None:
    opened = open_page(training[0])
    opened.press(Keys.END, on="#epoch")
    play = opened.find("#play-training")
    assert "Play" in play.text
    play.click()  # from the end, it starts again
    assert "Pause" in play.text
    opened.wait_for("return document.querySelector('#epoch').value > 0")
    play.click()
    assert "Play" in play.text
    opened.press(Keys.END, Keys.ARROW_LEFT, Keys.ARROW_LEFT, on="#epoch")
    play.click()
    opened.wait_for("const e = document.querySelector('#epoch'); return e.value === e.max")
    opened.wait_for("return document.querySelector('#play-training').textContent.includes('Play')")
    chart = opened.find("#loss-chart")
    assert chart.is_displayed()
    assert chart.size["width"] > 50


def test_steps_of_an_epoch_are_those_of_its_backward_pass(open_page: Open, tmp_path: Path) -> None:
    network = xor_network()
    recording = record(model=network, detail="nodes")
    grads = []
    for _ in range(3):
        loss = binary_cross_entropy(network(ROWS[1]), TARGETS[1])
        network.zero_grad()
        loss.backward()
        order = topological_order(loss)
        grads.append({f"n{i}": value.grad for i, value in enumerate(order)})
        recording(loss)
        for parameter in network.parameters():
            parameter.data -= parameter.grad
    opened = open_page(recording.save(tmp_path / "page.html"))
    opened.click("#show-graph")
    opened.click("#unfold-all")
    for epoch in range(3):
        opened.set_slider("#epoch", epoch)
        opened.click("#to-end")
        shown = {name: node.grad for name, node in opened.nodes().items() if name in grads[epoch]}
        assert {name: float(grad) for name, grad in shown.items() if grad} == grads[epoch]


def test_a_page_of_one_frame_has_no_training(open_page: Open, tmp_path: Path) -> None:
    network = xor_network()
    recording = record()
    recording(binary_cross_entropy(network(ROWS[1]), TARGETS[1]))
    opened = open_page(recording.save(tmp_path / "page.html"))
    assert opened.count("#boundary") == 0 or not opened.find("#boundary").is_displayed()


def with_losses(losses: Sequence[float], path: Path) -> Path:
    """A training with these losses."""
    w = Value(1.0, "w")
    recording = record()
    for loss in losses:
        recording(w * 0.0 + loss)
    return recording.save(path)


# The numbers beside the axis of the chart, and whether one is cut off, or another stands twice.
NUMBERS = """
    const chart = document.querySelector("#loss-chart");
    const numbers = [...chart.querySelectorAll(".grid + text")];
    const { left } = chart.getBoundingClientRect();
    return [numbers.map((x) => x.textContent),
        numbers.some((x) => x.getBoundingClientRect().left < left - 1)];
"""


@pytest.mark.parametrize(
    "losses",
    [
        [-1e6 - 0.3, -1e6 - 0.2, -1e6],
        [1e308, -1e308, 1.7e308],
        [5e-324, 0.0, 5e-324],
        [3.0, inf, 1.0],
        [nan, nan],
    ],
    ids=str,
)
def test_numbers_beside_the_losses_are_whole_and_apart(
    losses: list[float], open_page: Open, tmp_path: Path
) -> None:
    opened = open_page(with_losses(losses, tmp_path / "training.html"))
    for epoch, loss in enumerate(losses):
        opened.set_slider("#epoch", epoch)
        assert opened.text("#epoch-text").endswith(f"loss {loss:.4g}")
        numbers, is_cut = opened.run(NUMBERS)
        assert len(set(numbers)) == len(numbers)
        assert not is_cut
    assert opened.complaints() == []


def test_inputs_far_from_zero_have_numbers_of_their_own(
    open_page: Open, tmp_path: Path, driver: Any
) -> None:
    network = xor_network()
    rows = [(2000.0 + i, 1e6 + i / 10) for i in range(12)]
    recording = record(model=network, boundary=(network, rows, [1e6 + i for i in range(12)]))
    for _ in range(2):
        recording(network(rows[0]))
    spy = """
        const write = CanvasRenderingContext2D.prototype.fillText;
        window.texts = [];
        CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
            window.texts.push([text, x - this.measureText(text).width]);
            write.call(this, text, x, y);
        };
    """
    opened = open_page(recording.save(tmp_path / "training.html"))
    opened.run(spy)
    opened.press(Keys.END, on="#epoch")
    texts = opened.run("return window.texts")
    written = [text for text, _ in texts]
    assert {"2000", "2005", "2010", "1000000", "1000000.5", "1000001"} <= set(written)
    assert len(set(written)) == len(written)
    assert min(x for text, x in texts if text.startswith("1000")) > 14  # beside the name
    assert "target 1000000 to 1000005" in opened.text(".plane-key")
