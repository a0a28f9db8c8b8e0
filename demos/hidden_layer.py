"""One hidden layer with a pluggable activation: a worked example, by the engine.

    python -m demos.hidden_layer

Two inputs, three neurons, a batch of two rows. The layer is handed a signal from below: the
derivative of some loss in each of its outputs. It computes its deltas (signal times the
activation's derivative), hands the signal upwards (deltas times weights) and moves its weights by
-alpha (deltas^T inputs), summed over the batch. None of this is written down here: the engine
finds it as the gradient of the sum of signal times output.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from autograd import Value, dot, draw, value_and_grad
from autograd import sum as total
from demos.planes import spread
from demos.plotting import GUIDE, INK, LOOKS
from demos.program import Out, Rate, fail, program, written
from nn import ACTIVATIONS

Matrix: TypeAlias = list[list[float]]

INPUTS = [[3.0, 2.0], [2.0, 1.0]]
SIGNAL = [[0.1, 0.2, 0.3], [0.2, 0.1, 0.1]]
WEIGHTS = [  # a row for each neuron, the bias last
    [0.08747274, -0.01430365, -0.02422826],
    [-0.13266593, -0.00041423, -0.01598157],
    [-0.02683147, 0.01577013, 0.02105254],
]
ALPHA = 0.01
PRINTED = {  # what the tutorial prints for the sigmoid, to its 8 digits
    "outputs": [[0.55220471, 0.39775986, 0.49302505], [0.53405061, 0.43003027, 0.49579003]],
    "deltas": [[0.02472747, 0.04790939, 0.07498541], [0.04976811, 0.02451042, 0.02499823]],
    "signal upwards": [[-0.00620493, 0.00080899], [0.00043092, -0.00032779]],
    "new weights": [
        [0.08573555, -0.01529588, -0.02497321],
        [-0.13459342, -0.00161752, -0.01670577],
        [-0.02958099, 0.01402044, 0.0200527],
    ],
}
ROUNDED = 0.5e-8  # what a printed digit leaves open
LEFT_OPEN = {  # new weights carry the rounding of the printed weights on top of their own
    "outputs": ROUNDED,
    "deltas": ROUNDED,
    "signal upwards": ROUNDED,
    "new weights": 2 * ROUNDED,
}
EXPLAINED = {
    "outputs": "activation(w1 x1 + w2 x2 + bias): batch x neurons",
    "deltas": "signal from below * activation': the gradients of the weighted sums",
    "signal upwards": "deltas times weights: the gradients of the inputs",
    "new weights": "weights - alpha (deltas^T inputs), bias last: the gradients of the weights",
}
NOTES = dict.fromkeys(PRINTED, " to the last printed digit.") | {
    "new weights": " to 1 in the last digit, which the printed weights, being rounded, leave open."
}


class Activation(StrEnum):
    """The activations to choose from."""

    SIGMOID = "sigmoid"
    TANH = "tanh"
    RELU = "relu"


@dataclass(frozen=True)
class Graph:
    """One forward and backward pass of the layer, as Values with their gradients.

    Attributes:
        inputs: a row for each row of the batch.
        weights: a row for each neuron, the bias last.
        sums: the weighted sums, a row for each row of the batch.
        outputs: the activations of these.
        loss: the sum of signal times output.
    """

    inputs: list[list[Value]]
    weights: list[list[Value]]
    sums: list[list[Value]]
    outputs: list[list[Value]]
    loss: Value


def run_layer(
    inputs: Matrix, weights: Matrix, signal: Matrix, activation: str = "sigmoid"
) -> Graph:
    """Run the layer forwards and backwards.

    Args:
        inputs: batch x inputs.
        weights: neurons x (inputs + 1), the bias last.
        signal: batch x neurons, the derivative of the loss in each output.
        activation: a name in `nn.ACTIVATIONS`.
    """
    function = ACTIVATIONS[activation]
    x = named(inputs, "row {}: x{}")
    w = named(weights, "n{}: w{}")
    for neuron, row in enumerate(w, start=1):
        row[-1].label = f"n{neuron}: bias"
    sums = [[dot(neuron[:-1], row) + neuron[-1] for neuron in w] for row in x]
    outputs = [[function(z) for z in row] for row in sums]
    loss = total(dot(row, given) for row, given in zip(outputs, signal, strict=True))
    label(sums, "row {}: sum of n{}")
    label(outputs, "row {}: n{}")
    loss.label = "signal · outputs"
    loss.backward()
    return Graph(x, w, sums, outputs, loss)


def label(values: Sequence[Sequence[Value]], pattern: str) -> None:
    """Label Values by their row and column, counted from 1."""
    for i, row in enumerate(values, start=1):
        for j, value in enumerate(row, start=1):
            value.label = pattern.format(i, j)


def named(numbers: Matrix, pattern: str) -> list[list[Value]]:
    """Numbers as Values with labels."""
    values = [[Value(number) for number in row] for row in numbers]
    label(values, pattern)
    return values


def data(values: Sequence[Sequence[Value]]) -> Matrix:
    """The numbers of Values."""
    return [[value.data for value in row] for row in values]


def gradients(values: Sequence[Sequence[Value]]) -> Matrix:
    """The gradients of Values."""
    return [[value.grad for value in row] for row in values]


def worked_example(activation: str = "sigmoid", alpha: float = ALPHA) -> dict[str, Matrix]:
    """What the layer computes in the worked example, by the names of `PRINTED`.

    >>> [round(output, 8) for output in worked_example()["outputs"][0]]
    [0.55220471, 0.39775986, 0.49302505]
    """
    graph = run_layer(INPUTS, WEIGHTS, SIGNAL, activation)
    return {
        "outputs": data(graph.outputs),
        "deltas": gradients(graph.sums),
        "signal upwards": gradients(graph.inputs),
        "new weights": [[w.data - alpha * w.grad for w in row] for row in graph.weights],
    }


def agrees(name: str, matrix: Matrix) -> bool:
    """Whether numbers are the tutorial's, as far as its printed digits tell."""
    pairs = zip(matrix, PRINTED[name], strict=True)
    return all(
        abs(number - printed) <= LEFT_OPEN[name]
        for row, figures in pairs
        for number, printed in zip(row, figures, strict=True)
    )


def report(activation: str, alpha: float, found: dict[str, Matrix]) -> str:
    """What the layer computes, as text, beside the tutorial's figures where it gives any."""
    y, slope = value_and_grad(ACTIVATIONS[activation])(1.0)
    lines = [
        f"1. The activation at 1: {activation}(1) = {y!r}, its derivative {slope!r}",
        "",
        f"2. A layer of 2 inputs and 3 neurons, {activation}, alpha = {alpha:g}, a batch of 2 rows",
    ]
    given = {"inputs": INPUTS, "weights": WEIGHTS, "signal from below": SIGNAL}
    for name, matrix in given.items():
        lines += ["", f"   {name}", *(f"     {text(row)}" for row in matrix)]
    lines += ["", "3. What the engine finds"]
    for name, matrix in found.items():
        lines += ["", f"   {name} = {EXPLAINED[name]}", *(f"     {text(row)}" for row in matrix)]
        if compared(name, activation, alpha):
            lines += [f"     {text(row)}   in the tutorial" for row in PRINTED[name]]
            verdict = "The same" if agrees(name, matrix) else "NOT the same"
            lines.append(f"     {verdict}{NOTES[name]}")
    return "\n".join(lines)


def text(row: Sequence[float]) -> str:
    """A row of numbers with the tutorial's digits."""
    return " ".join(f"{number:12.8f}" for number in row)


def compared(name: str, activation: str, alpha: float) -> bool:
    """Whether the tutorial prints this: all for the sigmoid, new weights for `ALPHA` only."""
    return activation == "sigmoid" and (name != "new weights" or alpha == ALPHA)


def save_activations(path: Path) -> Path:
    """Write a picture of the three activations and their derivatives."""
    figure = Figure(figsize=(11, 4), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    xs = spread(-4.0, 4.0, 400)
    for axes, choice in zip(figure.subplots(1, len(Activation)), Activation, strict=True):
        pairs = [value_and_grad(ACTIVATIONS[choice.value])(x) for x in xs]
        for i, (name, (color, style)) in enumerate(
            zip(("value", "derivative"), LOOKS[:2], strict=True)
        ):
            axes.plot(xs, [pair[i] for pair in pairs], style, color=color, linewidth=2, label=name)
        axes.set_title(choice.value, color=INK, fontsize=12, fontweight="bold")
        axes.set_xlabel("weighted sum", color=INK)
        axes.grid(color=GUIDE)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK)
        axes.legend(frameon=False, labelcolor=INK, loc="upper left")
    figure.suptitle(
        "An activation and its derivative: where it is flat, no signal goes up",
        color=INK,
        fontsize=14,
        fontweight="bold",
    )
    figure.savefig(path)
    return path


app = program()


@app.command()
def main(
    activation: Annotated[
        Activation, typer.Option(help="The activation of the layer.")
    ] = Activation.SIGMOID,
    alpha: Rate = ALPHA,
    out: Out = Path("out/hidden_layer"),
) -> None:
    """Work an example of one hidden layer through, forwards and backwards.

    With the sigmoid the tutorial's figures stand beside; the exit code is 1 if a digit differs.
    """
    found = worked_example(activation.value, alpha)
    print(report(activation.value, alpha, found))
    out.mkdir(parents=True, exist_ok=True)
    one_row = run_layer(INPUTS[:1], WEIGHTS, SIGNAL[:1], activation.value)
    files = [save_activations(out / "activations.png"), draw(one_row.loss).save(out / "graph.svg")]
    written(files)
    wrong = [
        name
        for name, matrix in found.items()
        if compared(name, activation.value, alpha) and not agrees(name, matrix)
    ]
    if wrong:
        fail(f"Not the tutorial's figures: {', '.join(wrong)}.")


if __name__ == "__main__":
    app()
