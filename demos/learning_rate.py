"""The gradient as a field of arrows, and what the learning rate makes of it.

    python -m demos.learning_rate

The bowl `f(w0, w1) = w0^2 + w1^2` has the gradient `(2 w0, 2 w1)`. Downhill is the other way, and
one step of gradient descent takes `w` to `w - lr * gradient = (1 - 2 lr) w`: every step multiplies
the distance to the lowest point by `|1 - 2 lr|`. Below 1 that shrinks it, just below 1 hardly, and
above 1 it grows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from autograd import Value, draw, grad
from demos.planes import BLUE, GREEN, spread
from demos.plotting import GUIDE, INK
from demos.program import Out, fail, positive, program, written

START = (-3.0, 4.0)
REACHED, HARDLY = (
    0.01,
    0.9,
)  # shares of the first distance: what counts as there, and as no progress
FAR = 1e6  # times the first distance: a descent that has got so far away is stopped
MOST = 100.0  # the largest learning rate to choose

Point = tuple[float, float]


def f(w0: Any, w1: Any) -> Any:
    """The bowl: of floats a float, of Values a Value.

    >>> f(3.0, 4.0)
    25.0
    """
    return w0**2 + w1**2


def gradient(point: Point) -> Point:
    """The derivatives of `f` in both directions, by the engine.

    >>> gradient((3.0, 4.0))
    (6.0, 8.0)
    """
    w0, w1 = grad(f, (0, 1))(*point)
    return w0, w1


@dataclass(frozen=True)
class Descent:
    """A gradient descent from `START`.

    Attributes:
        lr: the learning rate.
        points: the first, and the one after each step.
    """

    lr: float
    points: list[Point]

    @property
    def progress(self) -> float:
        """The last distance to the lowest point, as a share of the first."""
        return math.hypot(*self.points[-1]) / math.hypot(*self.points[0])

    @property
    def verdict(self) -> str:
        """What came of it, in words."""
        if self.progress > 1:
            return "diverges"
        if self.progress < REACHED:
            return "gets there"
        return "hardly moves" if self.progress > HARDLY else "is on its way"


def descend(lr: float, steps: int) -> Descent:
    """Follow the negative gradient for so many steps, or until it leads far away.

    >>> descend(0.25, 2).points
    [(-3.0, 4.0), (-1.5, 2.0), (-0.75, 1.0)]
    >>> descend(0.1, 30).verdict, descend(1.05, 30).verdict, descend(0.001, 30).verdict
    ('gets there', 'diverges', 'hardly moves')
    """
    points = [START]
    for _ in range(steps):
        w0, w1 = points[-1]
        d0, d1 = gradient((w0, w1))
        points.append((w0 - lr * d0, w1 - lr * d1))
        if math.hypot(*points[-1]) > FAR * math.hypot(*START):
            break
    return Descent(lr, points)


def report(descents: dict[str, Descent]) -> str:
    """The gradient at a few points, and the descents, as text."""
    lines = [
        "1. The gradient of f(w0, w1) = w0^2 + w1^2, by the engine, beside (2 w0, 2 w1)",
        "",
        "     w0    w1      engine         by hand",
    ]
    for w0, w1 in [(3.0, 4.0), (0.0, 2.0), (3.0, 0.0), START, (0.0, 0.0)]:
        d0, d1 = gradient((w0, w1))
        lines.append(
            f"  {w0:5.1f} {w1:5.1f}   ({d0:4.1f}, {d1:4.1f})   ({2 * w0:4.1f}, {2 * w1:4.1f})"
        )
    lines += [
        "",
        "2. Descent from (-3, 4): each step multiplies the distance by |1 - 2 lr|",
        "",
        "   learning rate      factor  steps          w0          w1           f   verdict",
    ]
    for name, descent in descents.items():
        w0, w1 = descent.points[-1]
        lines.append(
            f"   {name:<10}{descent.lr:8g}{abs(1 - 2 * descent.lr):9.4g}"
            f"{len(descent.points) - 1:7d}{w0:12.4g}{w1:12.4g}{f(w0, w1):12.4g}   {descent.verdict}"
        )
    return "\n".join(lines)


def save_field(path: Path) -> Path:
    """Write a picture of the negative gradient as arrows, over the contours of the bowl."""
    figure = Figure(figsize=(7, 6.4), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    draw_bowl(axes, 3.0)
    ticks = [0.5 * i for i in range(-5, 6)]
    points = [(w0, w1) for w0 in ticks for w1 in ticks]
    slopes = [gradient(point) for point in points]
    axes.quiver(
        [w0 for w0, _ in points],
        [w1 for _, w1 in points],
        [-d0 for d0, _ in slopes],
        [-d1 for _, d1 in slopes],
        color=BLUE,
        angles="xy",
        scale_units="xy",
        scale=14,
        width=0.004,
    )
    axes.plot(0, 0, "*", color=GREEN, markersize=14)
    axes.set_title(
        "Downhill on w0² + w1²: the negative gradient, longer where steeper",
        color=INK,
        fontsize=11,
        fontweight="bold",
    )
    figure.savefig(path)
    return path


def save_descents(descents: dict[str, Descent], path: Path) -> Path:
    """Write a picture of the descents: their paths over the bowl, and `f` after each step."""
    figure = Figure(figsize=(12, 7.6), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(2, len(descents), height_ratios=[1.5, 1])
    below = figure.add_subplot(grid[1, :])
    looks = zip(descents.items(), [(BLUE, "o"), ("#d55e00", "s"), (GREEN, "^")], strict=True)
    for i, ((name, descent), (color, marker)) in enumerate(looks):
        axes = figure.add_subplot(grid[0, i])
        draw_bowl(axes, 8.0)
        xs, ys = zip(*descent.points, strict=True)
        axes.plot(xs, ys, color=color, marker=marker, markersize=5, linewidth=1.2, clip_on=True)
        axes.plot(*START, "o", markerfacecolor="none", markeredgecolor=INK, markersize=11)
        axes.plot(0, 0, "*", color=INK, markersize=10)
        title = f"{name}: lr = {descent.lr:g} {descent.verdict}"
        axes.set_title(title, color=color, fontsize=12, fontweight="bold")
        heights = [f(*point) for point in descent.points]
        below.plot(
            heights, color=color, marker=marker, markersize=4, label=f"{name}, lr = {descent.lr:g}"
        )
    below.set_yscale("log")
    below.set_xlabel("step", color=INK)
    below.set_ylabel("f(w0, w1), log scale", color=INK)
    below.grid(color=GUIDE)
    below.spines[["top", "right"]].set_visible(False)
    below.legend(frameon=False, labelcolor=INK, loc="lower left")
    figure.suptitle(
        "Gradient descent on w0² + w1² from (-3, 4), the ring, to (0, 0), the star",
        color=INK,
        fontsize=14,
        fontweight="bold",
    )
    figure.savefig(path)
    return path


def draw_bowl(axes: Axes, half: float) -> None:
    """The contours of `f` in a square about the lowest point."""
    ticks = spread(-half, half, 80)
    heights = [[f(w0, w1) for w0 in ticks] for w1 in ticks]
    levels = [(half * i / 5) ** 2 for i in range(1, 8)]
    axes.contour(ticks, ticks, heights, levels=levels, colors="#bbbbbb", linewidths=1)
    axes.set_xlim(-half, half)
    axes.set_ylim(-half, half)
    axes.set_aspect("equal")
    axes.set_xlabel("w0", color=INK)
    axes.set_ylabel("w1", color=INK)
    axes.tick_params(colors=INK)


def labelled_graph() -> Value:
    """`f` at the start, with its gradients."""
    w0, w1 = (Value(x, f"w{i}") for i, x in enumerate(START))
    height: Value = f(w0, w1)
    height.label = "f"
    height.backward()
    return height


app = program()


@app.command()
def main(
    right: Annotated[
        float, typer.Option(callback=positive, max=MOST, help="One that is right.")
    ] = 0.1,
    large: Annotated[
        float, typer.Option(callback=positive, max=MOST, help="One too large.")
    ] = 1.05,
    small: Annotated[
        float, typer.Option(callback=positive, max=MOST, help="One too small.")
    ] = 0.001,
    steps: Annotated[int, typer.Option(min=1, help="Steps of each descent.")] = 30,
    out: Out = Path("out/learning_rate"),
) -> None:
    """Descend into a bowl with three learning rates: right, too large and too small.

    The exit code is 1 if one of the three does not do what it is there to show.
    """
    rates = {"right": right, "too large": large, "too small": small}
    descents = {name: descend(lr, steps) for name, lr in rates.items()}
    print(report(descents))
    out.mkdir(parents=True, exist_ok=True)
    files = [
        save_field(out / "field.png"),
        save_descents(descents, out / "descents.png"),
        draw(labelled_graph()).save(out / "graph.svg"),
    ]
    written(files)
    wanted = {"right": "gets there", "too large": "diverges", "too small": "hardly moves"}
    if missed := [name for name, descent in descents.items() if descent.verdict != wanted[name]]:
        fail(
            *(
                f"Not shown: the learning rate that is {name} {descents[name].verdict};"
                f" choose one that {wanted[name]} within --steps."
                for name in missed
            )
        )


if __name__ == "__main__":
    app()
