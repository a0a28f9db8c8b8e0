"""The network of a training in the browser: lines, maps, chain rules; and one sample of a batch."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from graphs import ROWS, TARGETS, xor_loss, xor_network
from opened import Opened, in_both_browsers
from selenium.webdriver.common.keys import Keys

from autograd import no_grad
from autograd.draw import draw, record
from nn import MLP, SGD, binary_cross_entropy

Open = Callable[[Path], Opened]
EPOCHS = 12


class Training(NamedTuple):
    """A page, and each parameter's data and gradient at each epoch."""

    path: Path
    numbers: list[dict[str, tuple[float, float]]]


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Training:
    network = xor_network()
    optimizer = SGD(network.parameters(), lr=5.0)
    path = tmp_path_factory.mktemp("network") / "training.html"
    recording = record(model=network, boundary=(network, ROWS, TARGETS))
    numbers = []
    for _ in range(EPOCHS):
        loss = binary_cross_entropy([network(row) for row in ROWS], TARGETS)
        optimizer.zero_grad()
        loss.backward()
        numbers.append({path: (p.data, p.grad) for path, p in network.named_parameters()})
        recording(loss)
        optimizer.step()
    return Training(recording.save(path), numbers)


def weights(opened: Opened) -> dict[str, float]:
    """The numbers of the lines, by what a screen reader calls them."""
    rows = opened.run(
        """return [...document.querySelectorAll(".weight")].map((one) =>
            [one.getAttribute("aria-label").split(":")[0], Number(one.dataset.number)])"""
    )
    return dict(rows)


@in_both_browsers
def test_each_line_is_a_weight_of_the_epoch(training: Training, open_page: Open) -> None:
    opened = open_page(training.path)
    for epoch in (0, 5, EPOCHS - 1):
        opened.set_slider("#epoch", epoch)
        for column, kind in enumerate(("data", "grad")):
            opened.click(f'[data-shows="{kind}"]')
            expected = {
                path: numbers[column]
                for path, numbers in training.numbers[epoch].items()
                if "weights" in path
            }
            assert weights(opened) == expected


def test_a_line_is_as_wide_and_of_the_sign_of_its_number(
    training: Training, open_page: Open
) -> None:
    opened = open_page(training.path)
    opened.press(Keys.END, on="#epoch")
    lines = opened.run(
        """return [...document.querySelectorAll(".weight")].map((one) => [
            Number(one.dataset.number), one.classList.contains("positive"),
            parseFloat(one.style.getPropertyValue("--width"))])"""
    )
    lines.sort(key=lambda line: abs(line[0]))
    assert [positive for _, positive, _ in lines] == [x > 0 for x, _, _ in lines]
    widths = [width for _, _, width in lines]
    assert widths == sorted(widths)
    assert widths[-1] > widths[0]


@in_both_browsers
def test_a_click_on_a_line_opens_its_chain_rule(training: Training, open_page: Open) -> None:
    opened = open_page(training.path)
    opened.press(Keys.END, on="#epoch")
    path = "layers.0.neurons.1.weights.0"
    opened.run(
        """const [one] = [...document.querySelectorAll(".weight")].filter((one) =>
            one.getAttribute("aria-label").startsWith(arguments[0]));
        one.dispatchEvent(new MouseEvent("click", { bubbles: true }))""",
        path,
    )
    said = opened.run(
        "return [...document.querySelectorAll('#watched dd')].map((e) => e.textContent)"
    )
    assert tuple(map(float, said)) == training.numbers[-1][path]
    uses = opened.run(
        """return [...document.querySelectorAll("#watched .uses-of tbody tr")].map((row) =>
            [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent)))"""
    )
    assert len(uses) == len(ROWS)
    for (adjoint, local, product), row in zip(uses, ROWS, strict=True):
        assert local == row[0]
        assert product == pytest.approx(adjoint * local, rel=1e-2)
    assert sum(product for *_, product in uses) == pytest.approx(
        training.numbers[-1][path][1], rel=0.05
    )
    opened.press(Keys.HOME, on="#epoch")  # the panel follows
    said = opened.run(
        "return [...document.querySelectorAll('#watched dd')].map((e) => e.textContent)"
    )
    assert tuple(map(float, said)) == training.numbers[0][path]
    opened.click("#in-graph")
    assert opened.run("return document.body.dataset.view") == "graph"
    assert "neurons.1" in opened.text("#chosen h2")


def test_all_parameters_have_their_gradients(training: Training, open_page: Open) -> None:
    opened = open_page(training.path)
    listed = opened.run(
        """return [...document.querySelectorAll("#watched [data-parameter]")].map((button) =>
            button.closest("tr").querySelectorAll("td")[1].textContent)"""
    )
    grads = [grad for _, grad in training.numbers[0].values()]
    assert [float(text) for text in listed] == pytest.approx(grads, rel=1e-3)
    tile = opened.find(".tile.unit")
    tile.send_keys(Keys.ENTER)
    assert opened.text("#watched h2") == "layers.0.neurons.0"
    assert opened.count("#watched [data-parameter]") == 3
    opened.press(Keys.ESCAPE)
    assert opened.text("#watched h2") == "All parameters"


@in_both_browsers
def test_maps_move_with_the_epochs(training: Training, open_page: Open) -> None:
    opened = open_page(training.path)
    pictures = "return [...document.querySelectorAll('.tile image')].map((i) => i.href.baseVal)"
    first = opened.run(pictures)
    opened.press(Keys.END)  # of the page: the epochs, while the network is seen
    assert int(opened.run("return document.querySelector('#epoch').value")) == EPOCHS - 1
    last = opened.run(pictures)
    assert first[:2] == last[:2]  # the inputs stay what they are
    assert all(a != b for a, b in zip(first[2:], last[2:], strict=True))
    opened.press(Keys.HOME)
    assert opened.run(pictures) == first


SMALL = """return [...document.querySelectorAll(arguments[0])].filter((e) =>
    e.getClientRects().length &&
    [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())).map((e) => {
        const scale = e.getScreenCTM ? e.getScreenCTM().a : 1;
        return [parseFloat(getComputedStyle(e).fontSize) * scale, e.textContent]; })"""


PLAYERS = "return document.querySelector('#player').getClientRects().length"
TABLE = """const box = document.querySelector("#watched table").getBoundingClientRect();
    return [box.left, box.right]"""


@in_both_browsers
@pytest.mark.parametrize("sizes", [(3, 1), (16, 16, 1), (20, 2)])
def test_it_can_be_read_on_any_screen(
    sizes: Any, open_page: Open, tmp_path: Path, driver: Any
) -> None:
    network = MLP(2, sizes, activation="tanh", rng=0)
    said = lambda row: network(row) if sizes[-1] == 1 else network(row)[0]
    recording = record(model=network, boundary=(said, ROWS, TARGETS), boundary_size=5)
    for _ in range(2):
        recording((said([0.5, 1.0]) - 1.0) ** 2)
        network.parameters()[0].data += 0.5
    path = recording.save(tmp_path / "page.html")
    for (width, height), opening in (((1440, 900), "light"), ((390, 844), "dark")):
        driver.resize(width, height)
        driver.prefer(color_scheme=opening)
        opened = open_page(path)
        for scheme in ("light", "dark"):
            driver.prefer(color_scheme=scheme)
            found = opened.run(SMALL, "#network text, #network p, #network button, #watched *")
            assert found
            assert [text for size, text in found if size < 12.99] == []
            assert opened.run("return document.documentElement.scrollWidth") <= width
            assert opened.run(PLAYERS) == 0
            left, right = opened.run(TABLE)
            assert 0 <= left < right <= width
        assert opened.complaints() == []


def test_a_training_of_no_network_shows_its_graph(open_page: Open, tmp_path: Path) -> None:
    recording = record()
    for _ in range(2):
        recording(xor_loss(xor_network()))
    opened = open_page(recording.save(tmp_path / "page.html"))
    assert opened.count("#show-network") == 0
    assert opened.find("#graph").is_displayed()
    assert not opened.find("#network").is_displayed()


def test_one_epoch_is_a_page_that_keys_do_not_break(open_page: Open, tmp_path: Path) -> None:
    network = xor_network()
    recording = record(model=network)
    recording(xor_loss(network))
    opened = open_page(recording.save(tmp_path / "page.html"))
    opened.press(Keys.ARROW_RIGHT, Keys.HOME, Keys.END, Keys.SPACE, Keys.ESCAPE)
    assert opened.complaints() == []
    assert len(weights(opened)) == 9


def test_numbers_that_are_none_are_told(open_page: Open, tmp_path: Path) -> None:
    network = xor_network()
    network.parameters()[0].data = float("nan")
    recording = record(model=network)
    recording(network([1.0, 0.0]) ** 2)
    opened = open_page(recording.save(tmp_path / "page.html"))
    row = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)"
    first = '#watched tr:has([data-parameter="0"]) td'
    assert opened.run(row, first) == ["nan", "nan"]
    opened.click('[data-parameter="0"]')
    assert opened.run(row, "#watched dd") == ["nan", "nan"]
    assert "nan" in opened.text("#watched .uses-of tbody")


def test_a_long_column_leaves_nothing_out_of_the_panel_nor_across_borders(
    open_page: Open, tmp_path: Path
) -> None:
    network = MLP(200, [2, 1], rng=0)
    recording = record(model=network)
    recording(network([1.0] * 200) ** 2)
    opened = open_page(recording.save(tmp_path / "page.html"))
    boxes = opened.run(
        """return [...document.querySelectorAll(".tile.input")].map((tile) =>
            [".name", ".border"].flatMap((part) => {
                const { left, right } = tile.querySelector(part).getBoundingClientRect();
                return [left, right]; }))"""
    )
    opened.find(".tile.unit").send_keys(Keys.ENTER)
    opened.click(".more")
    assert opened.count("#watched [data-parameter]") == 201  # not only those with a line
    assert len(boxes) == 16
    for left, right, border_left, border_right in boxes:
        assert right <= border_left or (border_left < left and right < border_right)


# One sample


def choose(opened: Opened, sample: int | None) -> None:
    opened.run(
        """const choice = document.querySelector("#sample");
        choice.value = arguments[0];
        choice.dispatchEvent(new Event("change"))""",
        "" if sample is None else str(sample),
    )


def test_one_sample_of_a_batch_can_be_opened(open_page: Open, tmp_path: Path) -> None:
    network = xor_network()
    loss = binary_cross_entropy([network(row) for row in ROWS], TARGETS)
    opened = open_page(draw(loss, model=network, detail="neurons").save(tmp_path / "page.html"))
    nodes = opened.page_data()["nodes"]
    name = next(node["name"] for node in nodes if node["title"] == "layers.1.neurons.0")
    for sample, row in enumerate(ROWS):
        choose(opened, sample)
        with no_grad():
            assert float(opened.nodes()[name].data or "nan") == network(row).data
        shown = opened.nodes()
        assert all("to" not in (node.data or "") + (node.grad or "") for node in shown.values())
        assert "dim" in {node.state for node in shown.values()}  # logarithms of the other target
        for _ in range(opened.steps_to_the_end()):
            opened.click("#back")
            assert "nan" not in opened.text("#explanation").lower()
        opened.click("#to-end")
    choose(opened, None)
    assert "to" in (opened.nodes()[name].data or "")
