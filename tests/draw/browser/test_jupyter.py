"""Drawings in Jupyter itself: cells run by a kernel, then shown by nbconvert and JupyterLab."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from opened import PATIENCE
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from autograd.draw.showing import UNTRUSTED

for name in ("nbconvert", "ipykernel", "jupyterlab"):  # importing them takes seconds
    if find_spec(name) is None:
        pytest.skip(f"{name} is not installed", allow_module_level=True)

ROOT = Path(__file__).parents[3]
CELLS = [
    """
from autograd.draw import draw, draw_model
from nn import MLP
model = MLP(2, [3, 1], activation="tanh", rng=0)
loss = (model([1.0, -2.0]) - 1) ** 2
loss.backward()
draw(loss, model=model)
""",
    "draw(loss, model=model).show(height=420)\nnumber = 1",
    "draw_model(model)",
    """
from autograd.draw import record
recording = record(model=model, boundary=(model, [[1.0, -2.0], [0.5, 1.0]], [1.0, 0.0]))
for step in range(3):
    loss = (model([1.0, -2.0]) - 1) ** 2 + model([0.5, 1.0]) ** 2
    loss.backward()
    recording(loss)
    model.parameters()[0].data += 0.5
recording.show(height=420)
""",
]
HEIGHT = 420  # of the pages in CELLS
SVG, PNG, HTML, TEXT = "image/svg+xml", "image/png", "text/html", "text/plain"


def jupyter(folder: Path) -> dict[str, str]:
    """Surroundings in which Jupyter reads no settings of the user, and writes none."""
    kinds = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    own = {f"JUPYTER_{kind}": str(folder / kind) for kind in kinds}
    return {**os.environ, **own, "HOME": str(folder), "PYTHONPATH": str(ROOT)}


def run(folder: Path, *command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=jupyter(folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook that a kernel has run, which nobody has said to trust."""
    if shutil.which("dot") is None:
        pytest.importorskip("pygraphviz", reason="pygraphviz is not installed")
    folder = tmp_path_factory.mktemp("jupyter")
    cells = [
        {
            "cell_type": "code",
            "id": f"cell{i}",
            "source": text.strip(),
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for i, text in enumerate(CELLS)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    parts = {"metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "made.ipynb").write_text(json.dumps({"cells": cells, **parts}))
    # By files in place of ports, which another program might take.
    how = [
        "--execute",
        "--KernelManager.transport=ipc",
        "--ExecutePreprocessor.startup_timeout=300",
    ]
    run(folder, "nbconvert", "--to=notebook", *how, "--output=untrusted", "made.ipynb")
    return folder / "untrusted.ipynb"


@pytest.fixture(scope="module")
def lab(notebook: Path) -> Iterator[Callable[[str], str]]:
    """A function from the name of a notebook to its address in JupyterLab, which is running."""
    folder = notebook.parent
    options = ["--no-browser", "--allow-root", "--port=0", f"--ServerApp.root_dir={folder}"]
    options.append("--IdentityProvider.token=drawing")
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=folder,
            env=jupyter(folder),
            stdout=log,
            stderr=log,
        )
    try:
        said: list[Path] = []
        started = time.monotonic()
        while not said:
            is_up = server.poll() is None and time.monotonic() < started + PATIENCE
            assert is_up, (folder / "log").read_text()
            time.sleep(0.1)
            said = [x for x in (folder / "RUNTIME_DIR").glob("jpserver-*.json") if x.stat().st_size]
        url = json.loads(said[0].read_text())["url"]
        yield lambda name: f"{url}lab/tree/{name}?token=drawing&reset"
    finally:
        server.terminate()
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture
def look(driver: Any) -> Callable[[str], list[Any]]:
    """A function that opens an address and, once all cells are there, says what they show."""

    def look_(url: str) -> list[Any]:
        driver.set_window_size(1440, 2400)
        driver.get(url)
        # At once, since a notebook that is being loaded moves what it shows.
        return WebDriverWait(driver, PATIENCE, 0.1).until(
            lambda _: driver.execute_script(LOOK, len(CELLS))
        )

    return look_


LOOK = """
const outputs = [...document.querySelectorAll(".jp-OutputArea-output")];
const images = outputs.flatMap((output) => [...output.querySelectorAll("img")]);
if (outputs.length !== arguments[0] || !images.every((image) => image.complete)) return null;
return outputs.map((output) => {
    const shown = output.querySelector("img, iframe") ?? output;
    const {width, height} = shown.getBoundingClientRect();
    const kind = shown.src?.match(/^data:([^;,]*)/)?.[1] ?? shown.tagName;
    const slope = shown.naturalHeight / shown.naturalWidth; // of a picture
    return {kind, width, height, slope, room: output.clientWidth, text: output.innerText};
});
"""


def check_pictures(outputs: list[Any], kind: str) -> None:
    """The graph is as wide as its cell; the small network is as large as it is drawn."""
    graph, _, network, _ = outputs
    assert graph["kind"] == network["kind"] == kind
    assert 0.9 * graph["room"] <= graph["width"] <= graph["room"]
    assert graph["height"] == pytest.approx(graph["slope"] * graph["width"], rel=0.01)
    assert network["width"] == pytest.approx(576, abs=2)


def check_pages(driver: Any, outputs: list[Any]) -> None:
    """The pages in the outputs are as high as was asked for, and do what they do elsewhere."""
    pages = outputs[1], outputs[3]
    for number, (output, does) in enumerate(zip(pages, (NUDGED, TRAINED), strict=True)):
        assert (output["kind"], output["height"]) == ("IFRAME", pytest.approx(HEIGHT, abs=2))
        assert output["width"] <= output["room"]

        def is_drawn(_: Any, number: int = number) -> bool:
            driver.switch_to.default_content()
            frames = driver.find_elements(By.CSS_SELECTOR, ".jp-OutputArea-output iframe")
            driver.switch_to.frame(frames[number])
            return bool(driver.execute_script("return document.body.dataset.ready === 'true'"))

        WebDriverWait(driver, PATIENCE, 0.1, [WebDriverException, IndexError]).until(is_drawn)
        assert driver.execute_script(MOVE + does)
        assert driver.execute_script("return document.querySelector('#problem').hidden")
        driver.switch_to.default_content()


MOVE = """
    const move = (selector, value) => {
        const slider = document.querySelector(selector);
        slider.value = value;
        slider.dispatchEvent(new Event("input"));
    };
"""
# A parameter is nudged: the numbers follow.
NUDGED = """
    document.querySelector("#unfold-all").click();
    const node = document.querySelector("g.node.parameter");
    node.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    const before = document.querySelector("#nudged").textContent;
    move("#nudge", 5);
    return document.querySelector("#nudged").textContent !== before;
"""
# Another epoch: the weights of the network are others, and so are the maps of its units.
TRAINED = """
    const seen = () => [
        document.querySelector(".weight").dataset.number,
        document.querySelector(".tile.unit image").href.baseVal,
    ];
    move("#epoch", 0);
    const first = seen();
    move("#epoch", 2);
    return seen().every((now, i) => now !== first[i]);
"""


@pytest.mark.slow
def test_what_a_kernel_sends(notebook: Path) -> None:
    outputs = [cell["outputs"] for cell in json.loads(notebook.read_text())["cells"]]
    kinds = [[set(output["data"]) for output in found] for found in outputs]
    picture, page = [{SVG, PNG, TEXT}], [{HTML, TEXT}]
    assert kinds == [picture, page, picture, page]
    for [output] in outputs:
        [line] = output["data"][TEXT]
        assert line.startswith(("<Drawing: ", "<Recording of 3 epochs"))


def test_a_notebook_as_a_page(
    notebook: Path, look: Callable[[str], list[Any]], driver: Any
) -> None:
    run(notebook.parent, "nbconvert", "--to=html", notebook.name)
    outputs = look(notebook.with_suffix(".html").as_uri())
    check_pictures(outputs, SVG)
    check_pages(driver, outputs)


def test_jupyterlab_shows_png_until_the_notebook_is_trusted(
    notebook: Path, lab: Callable[[str], str], look: Callable[[str], list[Any]], driver: Any
) -> None:
    outputs = look(lab(notebook.name))
    check_pictures(outputs, PNG)
    assert outputs[1]["text"] == outputs[3]["text"] == UNTRUSTED

    trusted = shutil.copy(notebook, notebook.with_name("trusted.ipynb"))
    Path(trusted).write_text(notebook.read_text().replace("number = 1", "number = 2"))
    run(notebook.parent, "jupyter", "trust", "trusted.ipynb")
    outputs = look(lab("trusted.ipynb"))
    check_pictures(outputs, SVG)
    check_pages(driver, outputs)
