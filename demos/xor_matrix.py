"""Backpropagation in matrix form, beside the engine: XOR by a 2-3-1 network of sigmoids.

    python -m demos.xor_matrix

The engine differentiates one number at a time; by hand one derives formulas for whole matrices
(`demos.matrix_form`). Here both stand side by side, number for number: first the gradients, then a
training in step. At the end `jit` compiles the engine's side, and what it makes of single numbers
are the matrix formulas again, transposes and all, which nobody wrote down.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograd import Value, jit
from demos.matrix_form import (
    FORMULAS,
    GRADIENTS,
    Matrices,
    Matrix,
    T,
    X,
    backward,
    forward,
    matrices,
    network,
    products,
)
from demos.planes import save_decision_boundary
from demos.plotting import save_loss_curve, save_products
from demos.program import Epochs, Out, Rate, Seed, diverged, fail, program, written
from demos.xor import INPUTS, TARGETS, TOLERANCE
from nn import MLP, SGD, binary_cross_entropy

EQUAL = 1e-12  # two derivatives nearer than this are the same but for rounding
_MADE = re.compile(r"(d[wbz]\d)(_\d+x\d+)?(\)|:)")  # what a line of the derived code makes
IN_STEP = 1e-9  # the same for parameters after many steps, each of which rounds


def engine_cost(model: MLP) -> Value:
    """The sum of the cross-entropy over all rows, its gradients in the parameters' `grad`."""
    cost: Value = len(INPUTS) * binary_cross_entropy([model(row) for row in INPUTS], TARGETS)
    model.zero_grad()
    cost.backward()
    return cost


def engine_gradients(model: MLP) -> Matrices:
    """What the engine finds for the four parameters: `dW1`, `db1`, `dW2`, `db2`."""
    engine_cost(model)
    return {f"d{name}": m for name, m in matrices(model, lambda p: p.grad).items()}


def largest_difference(left: Matrices, right: Matrices) -> float:
    """The largest difference of two entries in the matrices that both have."""
    return max(float(np.abs(left[name] - right[name]).max()) for name in left.keys() & right)


@dataclass(frozen=True)
class Training:
    """What came of a training of both forms in step.

    Attributes:
        model: what the engine trained.
        parameters: what the matrix formulas trained.
        costs: the cost before each step, and after the last.
        difference: the largest there ever was between a parameter of the one and of the other.
    """

    model: MLP
    parameters: Matrices
    costs: list[float]
    difference: float

    @property
    def predictions(self) -> list[float]:
        """One for each row, by the matrix formulas."""
        return [float(y) for y in forward(self.parameters)["y"][:, 0]]

    @property
    def learned(self) -> bool:
        """Whether every prediction is within `TOLERANCE` of its target."""
        return all(abs(y - t) < TOLERANCE for y, t in zip(self.predictions, TARGETS, strict=True))


def train(seed: int = 0, epochs: int = 1500, lr: float = 0.5) -> Training:
    """Train a network twice from the same start: by the engine, and by the matrix formulas.

    Args:
        seed: of the weights.
        epochs: how many steps of gradient descent.
        lr: the learning rate, for the sum over the rows.

    Raises:
        ValueError: the learning rate is so large that a prediction is exactly wrong.

    >>> training = train(epochs=1000)
    >>> [round(y) for y in training.predictions], training.difference < 1e-9
    ([0, 1, 1, 0], True)
    """
    model = network(seed)
    optimizer = SGD(model.parameters(), lr)
    parameters = matrices(model, lambda p: p.data)
    costs, difference = [], 0.0
    for _ in range(epochs):
        costs.append(engine_cost(model).data)
        optimizer.step()
        found = backward(parameters)
        parameters = {name: m - lr * found[f"d{name}"] for name, m in parameters.items()}
        now = matrices(model, lambda p: p.data)
        difference = max(difference, largest_difference(parameters, now))
    costs.append(engine_cost(model).data)
    return Training(model, parameters, costs, difference)


def shape(matrix: Matrix) -> str:
    """As one says it: `4 x 3`."""
    return " x ".join(map(str, matrix.shape))


def beside(*blocks: str) -> str:
    """Blocks of text side by side, below one another's first lines."""
    columns = [block.splitlines() for block in blocks]
    height = max(map(len, columns))
    padded = [
        [line.ljust(max(map(len, column))) for line in column + [""] * (height - len(column))]
        for column in columns
    ]
    return "\n".join("     " + "    ".join(row).rstrip() for row in zip(*padded, strict=True))


def numbers(heading: str, matrix: Matrix) -> str:
    """A matrix as text, below a heading."""
    rows = [" ".join(f"{x:+.6f}" for x in row) for row in matrix]
    return "\n".join([f"{heading} ({shape(matrix)})", *rows])


def gradient_report(model: MLP) -> str:
    """The forward pass, the six formulas and the engine's numbers, as text."""
    parameters = matrices(model, lambda p: p.data)
    found, engine = backward(parameters), engine_gradients(model)
    lines = [
        "1. Forward: a1 = sigmoid(x W1 + b1), y = sigmoid(a1 W2 + b2); all 4 rows as one batch",
        "",
        beside(*(numbers(name, m) for name, m in parameters.items())),
        "",
        beside(*(numbers(name, m) for name, m in {"x": X, **forward(parameters), "t": T}.items())),
        "",
        "2. Backward: the six formulas beside the engine, which knows none of them",
    ]
    for name, (formula, *reason) in FORMULAS.items():
        blocks = [numbers(f"{name}, by the formula", found[name])]
        if name in GRADIENTS:
            blocks.append(numbers("by the engine", engine[name]))
        lines += ["", f"   {name} = {formula}"]
        lines += [f"     {line}" for line in reason]
        lines += ["", beside(*blocks)]
    return "\n".join(
        [
            *lines,
            "",
            f"   Largest difference: {largest_difference(found, engine):.1e}.",
            "   Two rules: a gradient has the shape of its parameter; a matrix product sums over",
            "   the inner axis, so the product with a transpose is the sum over the data.",
        ]
    )


def training_report(training: Training) -> str:
    """What both forms learned, as text."""
    by_engine = [training.model(row).data for row in INPUTS]
    return "\n".join(
        [
            "3. Training in step: each parameter moves by -lr times its gradient, in both forms",
            "",
            "     x1  x2  target   by the formulas   by the engine",
            *(
                f"   {a:4.0f}{b:4.0f}{t:8.0f}{y:18.12f}{e:16.12f}"
                for (a, b), t, y, e in zip(
                    INPUTS, TARGETS, training.predictions, by_engine, strict=True
                )
            ),
            "",
            f"   Cost {training.costs[0]:.4f} -> {training.costs[-1]:.4g}"
            f" in {len(training.costs) - 1} epochs."
            f" Largest difference of a parameter on the way: {training.difference:.1e}.",
        ]
    )


def derived(model: MLP) -> tuple[str, Matrices]:
    """The code that `jit` derives for the cost and its gradients, and the gradients it finds."""

    def cost(x: Sequence[Any], t: Sequence[Any]) -> Value:
        loss: Value = len(x) * binary_cross_entropy([model(row) for row in x], t)
        return loss

    compiled = jit(cost, backend="numpy")  # for so few numbers it would choose plain Python
    model.zero_grad()
    compiled([list(row) for row in INPUTS], TARGETS).backward()
    _, source = compiled.source.rsplit("\n\n", 1)
    return source, {f"d{name}": m for name, m in matrices(model, lambda p: p.grad).items()}


def derived_report(source: str, difference: float) -> str:
    """The derived code, with the formulas beside the lines that are them, as text."""
    formulas = {name.lower(): f"<- {name} = {formula}" for name, (formula, *_) in FORMULAS.items()}
    lines = []
    for line in source.splitlines():
        made = None if "return" in line else _MADE.search(line)
        note = formulas.get(made[1], "") if made else ""
        lines.append(f"     {line:<48} {note}".rstrip())
    return "\n".join(
        [
            "4. What jit makes of the engine's side: the cost, and below it the derivative",
            "",
            *lines,
            "",
            "   Nobody wrote these products and sums: they were found in a graph of numbers.",
            "   A call writes to its last argument. Weights are here a row for each neuron, not a",
            "   column, so dw1 is the transpose of dW1.",
            f"   Largest difference from the formulas: {difference:.1e}.",
        ]
    )


app = program()


@app.command()
def main(
    seed: Seed = 0,
    epochs: Epochs = 1500,
    lr: Rate = 0.5,
    out: Out = Path("out/xor_matrix"),
) -> None:
    """Show backpropagation in matrix form beside the engine, and train XOR with both in step.

    The training is not compiled: the engine is what the formulas are compared with. What `jit`
    would make of it is shown at the end. Writes products.png, cost.png and plane.png. The exit
    code is 1 if formulas, engine and compiled code differ, or if XOR was not learned.
    """
    start = network(seed)
    print(gradient_report(start))
    formulas = backward(matrices(start, lambda p: p.data))
    source, compiled = derived(start)
    difference = largest_difference(formulas, compiled)
    differences = difference, largest_difference(formulas, engine_gradients(start))
    try:
        training = train(seed, epochs, lr)
    except ValueError as error:
        diverged(lr, error)
    print("\n" + training_report(training))
    print("\n" + derived_report(source, difference))
    out.mkdir(parents=True, exist_ok=True)
    files = [
        save_products(
            products(start), out / "products.png", "The matrix products of the backward pass"
        ),
        save_loss_curve(
            training.costs,
            out / "cost.png",
            title=f"XOR in matrix form (seed {seed}, learning rate {lr:g})",
            loss_name="cost, summed over the rows",
        ),
        save_decision_boundary(
            training.model, INPUTS, TARGETS, out / "plane.png", "XOR: what the network answers"
        ),
    ]
    written(files)
    faults = []
    if max(differences) > EQUAL or training.difference > IN_STEP:
        faults.append("The formulas, the engine and the compiled code differ.")
    if not training.learned:
        faults.append(
            f"Not learned: a prediction is {TOLERANCE} or more from its target."
            " Try more --epochs, or another --lr or --seed."
        )
    if faults:
        fail(*faults)


if __name__ == "__main__":
    app()
