"""A recorded training in the browser: the slider of epochs, the loss, the decision boundary."""

import base64
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from graphs import ROWS, TARGETS, xor_network
from opened import Opened, in_both_browsers
from PIL import Image, ImageChops
from selenium.webdriver.common.keys import Keys

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
