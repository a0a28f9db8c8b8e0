"""Backpropagation in matrix form, beside the engine: XOR by a 2-3-1 network of sigmoids.

    python -m demos.xor_matrix

The engine differentiates one number at a time. By hand one derives six formulas for whole matrices
(Bishop, *Pattern Recognition and Machine Learning*, 2006, section 5.3), and the code then
transposes what no formula for one number does. Here both stand side by side, number for number:
first the gradients, then a training in step. The cost is the binary cross-entropy, summed over all
rows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

import numpy as np
import numpy.typing as npt
import typer

from autograd import Value
from demos.planes import save_decision_boundary
from demos.plotting import Product, save_loss_curve, save_products
from demos.xor import INPUTS, TARGETS, TOLERANCE, positive
from nn import MLP, SGD, Layer, binary_cross_entropy

Matrix: TypeAlias = npt.NDArray[np.float64]
Matrices: TypeAlias = dict[str, Matrix]

X = np.array(INPUTS)
T = np.array(TARGETS).reshape(-1, 1)
GRADIENTS = ("dW2", "db2", "dW1", "db1")
EQUAL = 1e-12  # two derivatives nearer than this are the same but for rounding
IN_STEP = 1e-9  # the same for parameters after many steps, each of which rounds

FORMULAS = {
    "dz2": (
        "y - t",
        "Sigmoid and cross-entropy cancel: what is left is the error of each row.",
    ),
    "dW2": (
        "a1^T dz2",
        "W2 is 3 x 1, so its gradient is. a1 is 4 x 3: transposed, it has the 4 rows of the data",
        "as the inner axis of the product, which sums over it.",
    ),
    "db2": (
        "column sums of dz2",
        "Every row has the bias once, with the factor 1: the same sum over the data, without a1.",
    ),
    "dz1": (
        "(dz2 W2^T) * a1 * (1 - a1)",
        "Back through W2, from 1 number a row to 3: here the inner axis is the output neuron, and",
        "the rows stay apart. Then sigmoid' = a (1 - a), entry by entry.",
    ),
    "dW1": (
        "x^T dz1",
        "W1 is 2 x 3, so its gradient is. Again the inner axis is the data.",
    ),
    "db1": (
        "column sums of dz1",
        "As db2: the sum over the data.",
    ),
}


def network(seed: int) -> MLP:
    """A 2-3-1 network of sigmoids; weights from -1 to 1, biases 0."""
    return MLP(2, [3, 1], activation="sigmoid", output_activation="sigmoid", rng=seed)


def matrices(model: MLP, of: Callable[[Value], float]) -> Matrices:
    """One number of each parameter: `W1` (2 x 3), `b1` (1 x 3), `W2` (3 x 1), `b2` (1 x 1).

    The engine keeps the weights neuron by neuron, one neuron's in a row; a formula that multiplies
    rows of data from the left wants one neuron's in a column.
    """

    def weights(layer: Layer) -> Matrix:
        return np.array([[of(w) for w in neuron.weights] for neuron in layer.neurons]).T

    def biases(layer: Layer) -> Matrix:
        return np.array([[of(neuron.bias) for neuron in layer.neurons if neuron.bias is not None]])

    first, second = model.layers
    return {"W1": weights(first), "b1": biases(first), "W2": weights(second), "b2": biases(second)}


def forward(p: Matrices) -> Matrices:
    """The outputs of both layers for all rows: `a1` (4 x 3), `y` (4 x 1)."""
    a1 = 1 / (1 + np.exp(-(X @ p["W1"] + p["b1"])))
    return {"a1": a1, "y": 1 / (1 + np.exp(-(a1 @ p["W2"] + p["b2"])))}


def backward(p: Matrices) -> Matrices:
    """The six formulas, in the order in which they are computed."""
    a1, y = forward(p).values()
    dz2 = y - T
    dw2 = a1.T @ dz2
    db2 = dz2.sum(axis=0, keepdims=True)
    dz1 = (dz2 @ p["W2"].T) * a1 * (1 - a1)
    dw1 = X.T @ dz1
    db1 = dz1.sum(axis=0, keepdims=True)
    return {"dz2": dz2, "dW2": dw2, "db2": db2, "dz1": dz1, "dW1": dw1, "db1": db1}


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


def products(model: MLP) -> list[Product]:
    """The three matrix products of the backward pass, for a picture."""
    p = matrices(model, lambda parameter: parameter.data)
    a1, g = forward(p)["a1"], backward(p)
    data = "sum over the 4 rows of the data"
    return [
        Product(("a1^T", a1.T), ("dz2", g["dz2"]), ("dW2", g["dW2"]), data),
        Product(
            ("dz2", g["dz2"]),
            ("W2^T", p["W2"].T),
            ("dz2 W2^T", g["dz2"] @ p["W2"].T),
            "sum over the 1 output neuron",
        ),
        Product(("x^T", X.T), ("dz1", g["dz1"]), ("dW1", g["dW1"]), data),
    ]


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    seed: Annotated[int, typer.Option(help="Seed of the first weights.")] = 0,
    epochs: Annotated[int, typer.Option(min=1, help="Steps of gradient descent.")] = 1500,
    lr: Annotated[float, typer.Option(callback=positive, help="Learning rate.")] = 0.5,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the pictures.")] = Path(
        "out/xor_matrix"
    ),
) -> None:
    """Show backpropagation in matrix form beside the engine, and train XOR with both in step.

    The exit code is 1 if the two differ, or if XOR was not learned.
    """
    start = network(seed)
    print(gradient_report(start))
    found, engine = backward(matrices(start, lambda p: p.data)), engine_gradients(start)
    try:
        training = train(seed, epochs, lr)
    except ValueError as error:
        print(f"\nThe training diverged; try a smaller --lr than {lr}.\n{error}", file=sys.stderr)
        raise typer.Exit(1) from None
    print("\n" + training_report(training))
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
    print("\nwritten: " + ", ".join(map(str, files)))
    faults = []
    if largest_difference(found, engine) > EQUAL or training.difference > IN_STEP:
        faults.append("The formulas and the engine differ.")
    if not training.learned:
        faults.append(
            f"Not learned: a prediction is {TOLERANCE} or more from its target."
            " Try more --epochs, or another --lr or --seed."
        )
    if faults:
        print("\n" + "\n".join(faults), file=sys.stderr)
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
