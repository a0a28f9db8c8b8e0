"""Handwritten digits, read by a network of one hidden layer that learns by mini-batches.

    python -m demos.digits
    python -m demos.digits --mnist FOLDER

By default the digits are the 8 x 8 ones that come with scikit-learn (Alpaydin and Kaynak, "Optical
recognition of handwritten digits", 1998). `--mnist` takes a folder with the four files of the MNIST
database (LeCun, Cortes and Burges, 1998), 28 x 28; nothing is downloaded. Loss and accuracy are
measured on the rows that the network learns from, as they go by, and after every epoch on test rows
that it never learns from: where the two part, it has begun to learn its rows by heart.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from autograd import softmax
from demos.digit_pictures import save_confusion, save_history, save_misread, winner
from demos.idx import Images, read_mnist
from demos.program import Clock, Jit, Out, Rate, Seed, diverged, fail, fitted, program, written
from nn import MLP, SGD, cross_entropy
from nn.data import train_test_split
from nn.prediction import accuracy, predict

CLASSES = 10
AIM = 0.9  # accuracy on the test rows
TEST_SHARE = 0.25  # of scikit-learn's digits, which come in one piece


class Defaults(NamedTuple):
    """What suits a set of digits: neurons, epochs, and how many rows plain Python has time for."""

    hidden: int
    epochs: int
    rows: int | None
    test_rows: int | None


SMALL = Defaults(hidden=32, epochs=10, rows=None, test_rows=None)
MNIST = Defaults(hidden=50, epochs=4, rows=1500, test_rows=500)


class Epoch(NamedTuple):
    """Where the training stands after so many epochs; the losses are mean cross-entropies."""

    number: float
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float


@dataclass(frozen=True)
class Training:
    """What came of a training.

    Attributes:
        history: before the training, after each epoch, and where it was interrupted.
        probabilities: what the network answers for each test row: one number for each class.
        steps: how many were made.
    """

    history: list[Epoch]
    probabilities: list[list[float]]
    steps: int

    @property
    def learned(self) -> bool:
        """Whether the test accuracy is reached."""
        return self.history[-1].test_accuracy >= AIM


def small_digits(rng: random.Random) -> tuple[Images, Images]:
    """Scikit-learn's digits, a random quarter of them put aside for testing."""
    from sklearn.datasets import load_digits  # type: ignore[import-untyped]  # slow to import

    found = load_digits()
    (rows, labels), (test_rows, test_labels) = train_test_split(
        found.data / 16, found.target, TEST_SHARE, rng=rng
    )
    return Images(rows, labels, 8, 8), Images(test_rows, test_labels, 8, 8)


def some(images: Images, count: int | None, rng: random.Random) -> Images:
    """So many of the images, drawn at random; all if there are no more, or for `None`."""
    if count is None or count >= len(images.rows):
        return images
    picked = rng.sample(range(len(images.rows)), count)
    return images._replace(
        rows=[images.rows[i] for i in picked], labels=[images.labels[i] for i in picked]
    )


def train(
    training: Images,
    test: Images,
    rng: random.Random,
    hidden: int,
    epochs: int,
    batch: int = 20,
    lr: float = 0.1,
    jit: bool = True,
    aside: Callable[[Callable[..., object]], Callable[..., object]] = lambda f: f,
) -> Training:
    """Train a new network by mini-batch gradient descent; Ctrl-C ends the training early.

    Args:
        training: what it learns from.
        test: what it is measured on besides.
        rng: where the first weights and the order of the rows are drawn from.
        hidden: how many hidden ReLU neurons.
        epochs: how often each row is learned from.
        batch: how many rows to a step.
        lr: the learning rate.
        jit: whether to compile the steps.
        aside: wraps what is no part of the training: the measuring of test rows.

    Raises:
        OverflowError: the learning rate is so large that the training diverges.
    """
    network = MLP(
        training.height * training.width,
        [hidden, CLASSES],
        init="he_normal",
        rng=rng,
    )
    optimizer = SGD(network.parameters(), lr)
    history = [Epoch(0, *figures(network, training), *figures(network, test))]

    @aside
    def measure(state: Any) -> None:
        row = state.row
        now = row["epoch"], row["loss"], row["accuracy"]
        history.append(Epoch(*now, *figures(network, test)))

    fitted(
        network,
        (training.rows, training.labels),
        loss=cross_entropy,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=batch,
        metrics=["accuracy"],
        callbacks=[measure],
        rng=rng,
        jit=jit,
    )
    reached = optimizer.steps / math.ceil(len(training.rows) / batch)
    if reached > history[-1].number:  # it was ended within an epoch
        history.append(Epoch(reached, *figures(network, training), *figures(network, test)))
    answers = [softmax(logits) for logits in predict(network, test.rows)]
    return Training(history, answers, optimizer.steps)


def figures(network: MLP, images: Images) -> tuple[float, float]:
    """Loss and accuracy on images."""
    logits = predict(network, images.rows)
    return cross_entropy(logits, images.labels), accuracy(logits, images.labels)


def confusion(labels: list[int], answers: list[int]) -> list[list[int]]:
    """How often each class (the row) was taken for each class (the column).

    >>> confusion([0, 0, 1], [0, 1, 1])[0][:3]
    [1, 1, 0]
    """
    counts = [[0] * CLASSES for _ in range(CLASSES)]
    for label, answer in zip(labels, answers, strict=True):
        counts[label][answer] += 1
    return counts


def report(training: Training, test: Images) -> str:
    """How the training went, as text."""
    lines = [
        "         training           test",
        "  epoch      loss accuracy      loss accuracy",
        *(
            f"{e.number:7.3g}{e.train_loss:10.4f}{e.train_accuracy:9.3f}"
            f"{e.test_loss:10.4f}{e.test_accuracy:9.3f}"
            for e in training.history
        ),
        "",
        "test rows: the digit (row) and how often it was read as which (column)",
        "       " + "".join(f"{k:5}" for k in range(CLASSES)) + "   right",
    ]
    table = confusion(test.labels, [winner(answer) for answer in training.probabilities])
    for k, row in enumerate(table):
        share = f"{row[k] / sum(row):8.1%}" if any(row) else "    none"
        lines.append(f"{k:7}" + "".join(f"{n or '.':>5}" for n in row) + share)
    return "\n".join(lines)


app = program()


@app.command()
def main(
    seed: Seed = 0,
    mnist: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Folder with MNIST's four files, gzip or plain."
        ),
    ] = None,
    hidden: Annotated[
        int | None, typer.Option(min=1, help="Hidden neurons.  [default: 32; MNIST: 50]")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the rows.  [default: 10; MNIST: 4]")
    ] = None,
    rows: Annotated[
        int | None, typer.Option(min=1, help="Training rows.  [default: all; MNIST: 1500]")
    ] = None,
    test_rows: Annotated[
        int | None, typer.Option(min=1, help="Test rows.  [default: all; MNIST: 500]")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Rows to a step.")] = 20,
    lr: Rate = 0.1,
    jit: Jit = True,
    out: Out = Path("out/digits"),
) -> None:
    """Teach handwritten digits to a network, and show what it reads right and wrong.

    Writes training.png, confusion.png and misread.png. Ctrl-C ends the training early. The exit
    code is 1 if less than 0.90 of the test rows are right.
    """
    rng = random.Random(seed)
    suited = SMALL if mnist is None else MNIST
    hidden, epochs = hidden or suited.hidden, epochs or suited.epochs
    try:
        whole = small_digits(rng) if mnist is None else read_mnist(mnist)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="--mnist") from None
    training = some(whole[0], rows or suited.rows, rng)
    test = some(whole[1], test_rows or suited.test_rows, rng)
    size = f"{training.height * training.width}-{hidden}-{CLASSES}"
    print(
        f"{size} network; {len(training.rows)} of {len(whole[0].rows)} training rows"
        f" and {len(test.rows)} of {len(whole[1].rows)} test rows are used\n",
        flush=True,
    )
    try:
        with Clock() as clock:
            result = train(training, test, rng, hidden, epochs, batch, lr, jit, clock.aside)
    except (OverflowError, ValueError) as error:
        diverged(lr, error)
    print(clock.report(result.steps, "steps", jit) + "\n")
    print(report(result, test))
    out.mkdir(parents=True, exist_ok=True)
    answers = [winner(answer) for answer in result.probabilities]
    files = [
        save_history(result, out / "training.png", f"Handwritten digits: a {size} network learns"),
        save_confusion(confusion(test.labels, answers), out / "confusion.png"),
        save_misread(result, test, out / "misread.png"),
    ]
    written(files)
    if not result.learned:
        fail(
            f"Not learned: {result.history[-1].test_accuracy:.3f} of the test rows are right, the"
            f" aim is {AIM}. Try more --epochs or --rows, or another --lr."
        )


if __name__ == "__main__":
    app()
