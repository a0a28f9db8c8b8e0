"""Pictures of a GPT: what its training came to, and where it looks in a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from demos.plotting import CURVE, GUIDE, INK, LOOKS

EDGE_SIGN = "·"  # what stands for the edge of a name
LINES = (("#777777", "-"), *LOOKS[1:3])  # of the guesses


def smoothed(losses: Sequence[float], width: int) -> list[float]:
    """The mean of each loss and those around it, of fewer near the two ends.

    >>> smoothed([1.0, 2.0, 6.0, 1.0], 3)
    [1.0, 3.0, 3.0, 3.5]
    """
    sums = [0.0]
    for loss in losses:
        sums.append(sums[-1] + loss)
    found = []
    for i in range(len(losses)):
        half = min(width // 2, i)  # so that the first is itself: losses fall fast at first
        start, end = i - half, min(len(losses), i + half + 1)
        found.append((sums[end] - sums[start]) / (end - start))
    return found


def save_losses(
    losses: Sequence[float], held_out: float, guesses: Mapping[str, float], path: Path, title: str
) -> Path:
    """Write a picture of a training: each loss, their running mean, and what guesses are worth.

    Args:
        losses: one for each step.
        held_out: the loss at the end on names that nothing was learned from.
        guesses: the losses of simpler rules on those names.
        path: where to.
        title: what stands above the picture.

    Returns:
        The path.
    """
    figure = Figure(figsize=(9, 5), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    last = len(losses)
    steps = range(1, last + 1)
    width = 2 * (last // 60) + 1
    axes.plot(steps, losses, ".", color=CURVE, alpha=max(0.2, min(0.6, 300 / last)), ms=3, mew=0)
    axes.plot(steps, smoothed(losses, width), color=CURVE, linewidth=2)
    for loss, (color, style) in zip(guesses.values(), LINES, strict=True):
        axes.axhline(loss, color=color, linestyle=style, linewidth=1.5)
    axes.plot(last, held_out, "D", color=INK, markersize=6, zorder=3, clip_on=False)
    bottom, top = max(0.0, held_out - 1.2), max(guesses.values()) + 0.5
    colors = [color for color, _ in LINES]
    named = sorted(
        [
            *zip(guesses.values(), guesses, colors, strict=True),
            (held_out, "by the GPT, on names held out", INK),
        ]
    )
    places = apart([loss for loss, _, _ in named], (top - bottom) / 22)
    for place, (loss, text, color) in zip(places, named, strict=True):
        axes.annotate(
            f"{loss:.2f}  {text}",
            (last, place),
            xytext=(10, 0),
            textcoords="offset points",
            va="center",
            color=color,
            fontweight="bold",
            annotation_clip=False,
        )
    axes.set_ylim(bottom, top)
    axes.set_xlim(0, last)
    axes.set_title(title, loc="left", color=INK, fontsize=13, fontweight="bold", pad=12)
    axes.set_xlabel(
        f"step: one name each (dots: its loss; line: mean of the {width} steps around)", color=INK
    )
    axes.set_ylabel("loss: nats a letter", color=INK)
    axes.grid(color=GUIDE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)
    figure.savefig(path)
    return path


def apart(places: Sequence[float], gap: float) -> list[float]:
    """The places, from the lowest up, moved up where one would be too close to the one below.

    >>> apart([1.0, 1.5, 4.0], 1.0)
    [1.0, 2.0, 4.0]
    """
    found: list[float] = []
    for place in places:
        found.append(max(place, found[-1] + gap) if found else place)
    return found


def save_attention(
    heads: Sequence[Sequence[Sequence[float]]], name: str, path: Path, title: str
) -> Path:
    """Write a picture of where each head looks: a row for each token, a column for each it sees.

    Args:
        heads: for each head a row of shares for each token, of it and those before it.
        name: the letters of the tokens after the first, which is the edge.
        path: where to.
        title: what stands above the picture.

    Returns:
        The path.
    """
    letters = [EDGE_SIGN, *name]
    count = len(letters)
    figure = Figure(figsize=(3.1 * len(heads) + 0.8, 3.8), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(heads), squeeze=False)[0]
    for number, (axes, rows) in enumerate(zip(panels, heads, strict=True), start=1):
        square = [[*row, *[float("nan")] * (count - len(row))] for row in rows]  # nan: left white
        image = axes.imshow(square, cmap="Blues", vmin=0, vmax=1)
        axes.set_xticks(range(count), letters)
        axes.set_yticks(range(count), letters)
        axes.set_title(f"head {number}", color=INK, fontsize=11, fontweight="bold")
        axes.set_xlabel("looks at", color=INK)
        axes.tick_params(colors=INK, length=0)
        axes.spines[:].set_visible(False)
    panels[0].set_ylabel("to foresee what comes after", color=INK)
    figure.colorbar(image, ax=list(panels), shrink=0.8, label="share")
    figure.suptitle(title, color=INK, fontsize=13, fontweight="bold", x=0.01, ha="left")
    figure.savefig(path)
    return path
