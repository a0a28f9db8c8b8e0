"""Training by numerical differentiation beside backpropagation: the same, but for the time.

    python -m demos.numerical_vs_backprop
    python -m demos.numerical_vs_backprop --full

A network (affine, sigmoid, affine, softmax, mean cross-entropy) tells rows of noise from rows of
one constant. A central difference takes two values of the loss for each parameter; backpropagation
finds all derivatives in one pass back through the graph, at a few times the price of one value
(Baur and Strassen, "The complexity of partial derivatives", 1983). So the ratio of the two grows
with the number of parameters, though the numerical side has the advantage of running on plain
floats. `--full` is the size of the tutorial that this demo follows: 256-64-2. (Its sigmoid is
written 1 / (1 + exp(+a)), a slip of sign which the weights absorb; here it is right.)
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from demos.gradient_pictures import save_growth, save_training
from demos.program import Out, Progress, Rate, Seed, Steps, bar, fail, program, written
from demos.two_gradients import (
    GROWTH_ROWS,
    SAMPLE,
    Cost,
    Data,
    backprop,
    central_difference,
    growth,
    make_data,
    new_network,
    plain_logits,
    plain_loss,
)
from nn.prediction import accuracy

TRAINING, TEST = (300, 0), (200, 257)  # how many rows, and their padding
BATCH = 100
AIM = 0.95  # accuracy on the test rows
AGREEMENT = 1e-6  # the largest difference of two derivatives that counts as none
GROWTH = ((2, 2), (4, 4), (8, 8), (16, 8), (32, 16), (64, 32), (128, 64), (256, 64))


@dataclass
class Way:
    """One of the two ways to train, and what came of it.

    Attributes:
        numbers: the parameters.
        losses: on the training rows, before each step and after the last.
        test: accuracy on the test rows, likewise.
        train: accuracy on the training rows, likewise.
        seconds: the time the gradients took, all steps together.
        first: the gradient of the first step.
    """

    numbers: list[float]
    losses: list[float] = field(default_factory=list)
    test: list[float] = field(default_factory=list)
    train: list[float] = field(default_factory=list)
    seconds: float = 0.0
    first: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """What came of a comparison.

    Attributes:
        names: the path of each parameter.
        sizes: of the layers.
        ways: by name; without the numerical one if that takes too long.
        compared: pairs of the first step's derivatives by parameter: numerical, backpropagation.
        each: the seconds that one gradient takes: numerical, backpropagation.
    """

    names: list[str]
    sizes: tuple[int, ...]
    ways: dict[str, Way]
    compared: dict[int, tuple[float, float]]
    each: tuple[float, float]

    @property
    def difference(self) -> float:
        """The largest difference between two derivatives compared."""
        return max(abs(a - b) for a, b in self.compared.values())

    @property
    def learned(self) -> bool:
        """Whether the test accuracy is reached and the gradients are the same."""
        reached = all(way.test[-1] >= AIM for way in self.ways.values())
        return reached and self.difference < AGREEMENT


def compare(
    inputs: int,
    hidden: int,
    steps: int,
    lr: float,
    seed: int,
    both: bool = True,
    progress: Progress = iter,
) -> Result:
    """Train two copies of a network on the same batches, each way one.

    Args:
        inputs: how many numbers in a row.
        hidden: how many hidden neurons.
        steps: of gradient descent.
        lr: the learning rate.
        seed: of the data, the first weights and the batches.
        both: whether to train numerically too; if not, a few derivatives are measured.
        progress: wraps the steps, to watch them go by or to end them early.
    """
    rng = random.Random(seed)
    training, test = (make_data(*rule, inputs, rng) for rule in (TRAINING, TEST))
    network, sizes = new_network(inputs, hidden, rng), (inputs, hidden, 2)
    start = [p.data for p in network.parameters()]
    every = range(len(start))
    sample = every if both else sorted(rng.sample(every, min(SAMPLE, len(start))))

    def numerically(numbers: Sequence[float], data: Data) -> list[float]:
        loss = lambda moved: plain_loss(moved, sizes, data)
        return [central_difference(numbers, i, loss) for i in sample]

    gradients: dict[str, Callable[[Sequence[float], Data], list[float]]] = {
        "backpropagation": lambda numbers, data: backprop(network, numbers, data)
    }
    if both:
        gradients = {"numerical": numerically, **gradients}
    ways = {name: Way(start) for name in gradients}

    def measure(way: Way) -> None:
        logits = plain_logits(way.numbers, sizes, training.rows)
        way.losses.append(plain_loss(way.numbers, sizes, training))
        way.train.append(accuracy(logits, training.labels))
        way.test.append(accuracy(plain_logits(way.numbers, sizes, test.rows), test.labels))

    first = batch = training.pick(rng.choices(range(len(training.rows)), k=BATCH))
    done = 0
    for _ in progress(range(steps)):
        for name, way in ways.items():
            measure(way)
            begun = perf_counter()
            gradient = gradients[name](way.numbers, batch)
            way.seconds += perf_counter() - begun
            way.first = way.first or gradient
            way.numbers = [x - lr * g for x, g in zip(way.numbers, gradient, strict=True)]
        batch = training.pick(rng.choices(range(len(training.rows)), k=BATCH))
        done += 1
    for way in ways.values():
        measure(way)
    begun = perf_counter()
    slopes = ways["numerical"].first if both else numerically(start, first)
    took = ways["numerical"].seconds / done if both else perf_counter() - begun
    found = ways["backpropagation"]
    return Result(
        [path for path, _ in network.named_parameters()],
        sizes,
        ways,
        {i: (slope, found.first[i]) for i, slope in zip(sample, slopes, strict=True)},
        (took * len(start) / len(sample), found.seconds / done),
    )


def duration(seconds: float) -> str:
    """A time for people.

    >>> duration(0.0123), duration(1.5), duration(600), duration(20000)
    ('12.3 ms', '1.50 s', '10.0 min', '5.6 h')
    """
    for unit, name, digits in ((3600, "h", 1), (60, "min", 1), (1, "s", 2)):
        if seconds >= 2 * unit or unit == 1 <= seconds:
            return f"{seconds / unit:.{digits}f} {name}"
    return f"{1000 * seconds:.1f} ms"


def report(result: Result, costs: Sequence[Cost]) -> str:
    """What was found, as text."""
    count, compared = len(result.names), len(result.compared)
    size = "-".join(map(str, result.sizes))
    shown = list(result.compared)[:: max(1, compared // 8)]
    lines = [
        f"{size} network, {count} parameters, batches of {BATCH} of {TRAINING[0]} rows",
        "",
        "1. The derivatives of the first step, found both ways",
        "",
        f"   {'parameter':<30}{'numerical':>14}{'backprop':>14}{'difference':>12}",
    ]
    for i in shown:
        a, b = result.compared[i]
        lines.append(f"   {result.names[i]:<30}{a:14.9f}{b:14.9f}{abs(a - b):12.1e}")
    lines += [
        f"   largest difference of {compared} compared, of {count} in all: {result.difference:.1e}",
        "",
        "2. The training",
        "",
        "   way                 steps   loss              accuracy: training   test",
    ]
    for name, way in result.ways.items():
        lines.append(
            f"   {name:<20}{len(way.losses) - 1:5}   {way.losses[0]:.3f} -> {way.losses[-1]:.3f}"
            f"{way.train[-1]:21.3f}{way.test[-1]:11.3f}"
        )
    numerical, backward = result.each
    steps = len(result.ways["backpropagation"].losses) - 1
    lines += [
        "",
        "3. The time",
        "",
        f"   one gradient numerically         {duration(numerical):>10}"
        + ("" if compared == count else f"   (reckoned from {compared} of {count} parameters)"),
        f"   one gradient by backpropagation  {duration(backward):>10}",
        f"   ratio                            {numerical / backward:10.1f}",
    ]
    if "numerical" not in result.ways:
        lines.append(
            f"   So {steps} steps by numerical differentiation would take about"
            f" {duration(steps * numerical)}: they were not run."
        )
    lines += [
        "",
        f"4. How the time of one gradient grows ({GROWTH_ROWS} rows)",
        "",
        "   parameters   numerical    backprop    ratio",
    ]
    for cost in costs:
        lines.append(
            f"   {cost.parameters:10}{duration(cost.numerical):>12}{duration(cost.backprop):>12}"
            f"{cost.numerical / cost.backprop:9.1f}"
        )
    return "\n".join(lines)


app = program()


@app.command()
def main(
    seed: Seed = 0,
    inputs: Annotated[int, typer.Option(min=1, help="Numbers in a row.")] = 32,
    hidden: Annotated[int, typer.Option(min=1, help="Neurons in the hidden layer.")] = 8,
    steps: Steps = 30,
    lr: Rate = 1.0,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="The tutorial's size instead: 256-64-2, learning rate 0.1, 15 steps. Trained by"
            " backpropagation; of the numerical derivatives only a few are measured.",
        ),
    ] = False,
    out: Out = Path("out/numerical_vs_backprop"),
) -> None:
    """Train a network by numerical differentiation and by backpropagation, and compare.

    Nothing is compiled here: it is the plain engine whose time is measured. Writes training.png and
    growth.png. Ctrl-C ends the training early. The exit code is 1 if the gradients differ, or if
    the accuracy on the test rows is below 0.95.
    """
    if full:
        inputs, hidden, steps, lr = 256, 64, 15, 0.1
    result = compare(inputs, hidden, steps, lr, seed, not full, bar("steps"))
    costs = growth(GROWTH, seed)
    print(report(result, costs))
    out.mkdir(parents=True, exist_ok=True)
    files = [
        save_training(result, out / "training.png", AIM),
        save_growth(costs, out / "growth.png"),
    ]
    written(files)
    if not result.learned:
        fail(
            f"Not reached: the aim is an accuracy of {AIM} on the test rows, and gradients that"
            f" differ by less than {AGREEMENT:g}. Try more --steps, or another --lr or --seed."
        )


if __name__ == "__main__":
    app()
