"""The command `python -m benchmarks opening`: how long pages of thousands of nodes take.

For graphs of some 5,000 nodes and five shapes: how long `draw` takes and `save`, how long Chromium
takes from the file to the first picture, and from a key to the next picture; the CPU time of the
page's thread as well, which says the same on a busy machine. It needs Chromium with its driver.
"""

from __future__ import annotations

import random
import shutil
import statistics
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, sleep
from typing import Annotated, Any, NamedTuple

import typer

from autograd import Value, dot, draw, pause_gc, sin, tanh
from autograd import sum as total
from nn import MLP

PATIENCE = 300  # seconds
SCREEN = (1440, 900)
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", f"--window-size={SCREEN[0]},{SCREEN[1]}"]
PICTURE = """
    const done = arguments[arguments.length - 1];
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
"""
STEPS = """
    const [key, count, done] = arguments;
    const times = [];
    const next = () => {
        if (times.length === count) {
            done(times);
            return;
        }
        const start = performance.now();
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        requestAnimationFrame(() => setTimeout(() => {
            times.push(performance.now() - start);
            setTimeout(next, 300); // after what glides
        }));
    };
    next();
"""


def chain(size: int) -> Value:
    """Operations one after the other."""
    x = Value(0.3, "x")
    for _ in range(size // 2):
        x = sin(x)
    return x


def tree(size: int) -> Value:
    """Sums of two, of two of these, and so on."""
    row = [Value(0.001 * i) for i in range(size // 3)]
    while len(row) > 1:
        row = [total(row[k : k + 2]) for k in range(0, len(row), 2)]
    return row[0]


def loop(size: int) -> Value:
    """A pendulum: its step width is read from the first step to the last."""
    angle, speed, width = Value(0.3, "angle"), Value(0.0, "speed"), Value(0.01, "width")
    for _ in range(size // 10):
        speed = speed - width * sin(angle)
        angle = angle + width * speed
    return angle


def layer(size: int) -> Value:
    """A wide layer, with four edges for each node: three rows through one network."""
    source = random.Random(2)
    units = round(
        ((986 + 3.28 * size) ** 0.5 - 31.4) / 1.64
    )  # 0.82 n² + 31.4 n nodes, found by trying
    model = MLP(units // 3, [units, units // 2, 1], activation="tanh", rng=source)
    rows = [[source.uniform(-1, 1) for _ in range(units // 3)] for _ in range(3)]
    return total([(model(row) - 1.0) ** 2 for row in rows])


def web(size: int) -> Value:
    """Dot products of numbers made shortly before: four edges for each node."""
    source = random.Random(1)
    known = [Value(source.uniform(-1, 1)) for _ in range(60)]
    for _ in range(size // 4 - 15):
        known.append(tanh(dot(source.sample(known[-60:], 8), source.sample(known[-60:], 8))))
    return total(known[-200:])


SHAPES: dict[str, Callable[[int], Value]] = {
    "chain": chain,
    "tree": tree,
    "loop": loop,
    "layer": layer,
    "web": web,
}


class Times(NamedTuple):
    """Seconds: of Python, and of the browser with the CPU time of its main thread."""

    draw: float
    save: float
    opening: float
    opening_cpu: float
    step: float
    step_cpu: float


def opening(
    size: Annotated[int, typer.Option(min=100, help="Nodes of each page, about.")] = 5000,
    steps: Annotated[int, typer.Option(min=1, help="Steps that are timed.")] = 15,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the pages.")] = Path(
        "out/opening"
    ),
) -> None:
    """Measure how long pages of large graphs take to be written, to open and to step."""
    paths = [shutil.which(name) for name in ("chromium", "chromedriver")]
    if None in paths:
        raise typer.BadParameter("there is no chromium or no chromedriver on the PATH")
    out.mkdir(parents=True, exist_ok=True)
    print("| shape | draw | save | open | CPU | step | CPU |")
    print("|---|---|---|---|---|---|---|")
    for name, make in SHAPES.items():
        times = measured(make(size), out / f"{name}.html", steps, *paths)
        seconds = [f"{x:.2f} s" for x in times[:4]]
        print("|", " | ".join([name, *seconds, *(f"{1000 * x:.0f} ms" for x in times[4:])]), "|")


def measured(out: Value, path: Path, steps: int, *programs: str | None) -> Times:
    """What one page takes."""
    start = perf_counter()
    with pause_gc():
        drawing = draw(out, detail="nodes")
    drawn = perf_counter()
    drawing.save(path)
    saved = perf_counter()
    driver = browser(*programs)
    try:
        driver.get(path.resolve().as_uri())
        while driver.execute_script("return document.body.dataset.ready") != "true":
            sleep(0.05)
        opened = driver.execute_async_script(PICTURE) / 1000
        opened_cpu = cpu_of(driver)
        sleep(1)
        before = cpu_of(driver)
        times = driver.execute_async_script(STEPS, "ArrowLeft", steps)
        step_cpu = (cpu_of(driver) - before) / steps
    finally:
        driver.quit()
    step = statistics.median(times) / 1000
    return Times(drawn - start, saved - drawn, opened, opened_cpu, step, step_cpu)


def browser(chromium: str | None, driver: str | None) -> Any:
    """A browser without a window that measures the CPU time of pages."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(flag)
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    found.set_script_timeout(PATIENCE)
    found.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    return found


def cpu_of(driver: Any) -> float:
    """Seconds that the page's thread has worked."""
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(float(m["value"]) for m in metrics if m["name"] == "TaskDuration")
