"""XOR, learned by a network of two inputs, three hidden neurons and one output, all sigmoid.

    python -m demos.xor

A single neuron cannot tell the rows of XOR apart: no straight line separates them (Minsky and
Papert, *Perceptrons*, 1969). One hidden layer is enough (Rumelhart, Hinton and Williams, "Learning
internal representations by error propagation", 1986). All four rows are one batch; the loss is the
mean binary cross-entropy; each epoch is one step of plain gradient descent.

What it writes: the loss curve, the network, the graph of one row's loss, the same as a page to go
through step by step, and a page in which the training plays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograd import Value, draw
from autograd import jit as compiled
from autograd.draw import draw_model, record
from demos.plotting import save_loss_curve
from demos.program import (
    Clock,
    Epochs,
    Jit,
    Out,
    Progress,
    Rate,
    Seed,
    bar,
    diverged,
    fail,
    program,
    written,
)
from nn import MLP, SGD, binary_cross_entropy, uniform

INPUTS = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
TARGETS = [0.0, 1.0, 1.0, 0.0]
TOLERANCE = 0.1  # a prediction nearer to its target than this counts as learned
DRAWN_ROW = 2  # of the inputs: the one whose loss is drawn
FRAMES = 60  # of the epochs: as many as can be played

Watch = Callable[[Callable[[], Value]], object]


@dataclass(frozen=True)
class Training:
    """What came of a training.

    Attributes:
        network: the trained network.
        losses: the loss before each epoch, and after the last.
        predictions: one for each row of `INPUTS`.
    """

    network: MLP
    losses: list[float]
    predictions: list[float]

    @property
    def learned(self) -> bool:
        """Whether every prediction is within `TOLERANCE` of its target."""
        return all(abs(p - t) < TOLERANCE for p, t in zip(self.predictions, TARGETS, strict=True))


def new_network(seed: int = 0) -> MLP:
    """A network with weights between -0.5 and 0.5, and biases of 0."""
    return MLP(
        2, [3, 1], activation="sigmoid", output_activation="sigmoid", init=uniform(0.5), rng=seed
    )


def train(
    network: MLP,
    epochs: int = 1500,
    lr: float = 5.0,
    progress: Progress = iter,
    watch: Watch = lambda loss: None,
    jit: bool = True,
) -> Training:
    """Train a network on XOR.

    Args:
        network: of two inputs and one output.
        epochs: how many steps to make.
        lr: the learning rate.
        progress: wraps the epochs, to watch them go by or to end them early.
        watch: called in each epoch, when the gradients are there, with a function that makes the
            loss.
        jit: whether to compile the loss and its gradients.

    Returns:
        The network, the losses and the predictions at the end.

    Raises:
        ValueError: the learning rate is so large that a prediction is exactly wrong.

    >>> training = train(new_network(seed=0), epochs=1000)
    >>> [round(p) for p in training.predictions]
    [0, 1, 1, 0]
    """

    def cost() -> Value:
        loss: Value = binary_cross_entropy([network(row) for row in INPUTS], TARGETS)
        return loss

    optimizer = SGD(network.parameters(), lr)
    cost_of_step = compiled(cost) if jit else cost
    losses = []
    for _ in progress(range(epochs)):
        loss = cost_of_step()
        losses.append(loss.data)
        optimizer.zero_grad()
        loss.backward()
        watch(cost)
        optimizer.step()
    predictions = [network(row).data for row in INPUTS]
    losses.append(binary_cross_entropy(predictions, TARGETS))
    return Training(network, losses, predictions)


def labelled_loss(network: MLP, row: int) -> Value:
    """The loss of one row, with its gradients, and with labels on everything worth a name."""
    hidden, output = network.layers
    names = {f"h{i}": neuron for i, neuron in enumerate(hidden.neurons, start=1)}
    for name, neuron in {**names, "y": output.neurons[0]}.items():
        for i, weight in enumerate(neuron.weights, start=1):
            weight.label = f"{name}.w{i}"
        if neuron.bias is not None:
            neuron.bias.label = f"{name}.bias"
    outputs = hidden([Value(x, f"x{i}") for i, x in enumerate(INPUTS[row], start=1)])
    for name, value in zip(names, outputs, strict=True):
        value.label = name
    prediction: Value = output(outputs)
    prediction.label = "y"
    loss = binary_cross_entropy(prediction, TARGETS[row])
    loss.label = "loss"
    network.zero_grad()
    loss.backward()
    return loss


def report(training: Training) -> str:
    """What was learned, as text."""
    rows = zip(INPUTS, TARGETS, training.predictions, strict=True)
    lines = [
        "  x1  x2  target  prediction   error",
        *(f"{a:4.0f}{b:4.0f}{t:8.0f}{p:12.4f}{abs(p - t):8.4f}" for (a, b), t, p in rows),
        "",
        f"loss  {training.losses[0]:.4f} -> {training.losses[-1]:.4g}"
        f"  in {len(training.losses) - 1} epochs",
        "",
        "neuron  weights and bias",
    ]
    hidden, output = training.network.layers
    names = [f"h{i}" for i in range(1, len(hidden.neurons) + 1)]
    for name, inputs, neuron in [
        *((name, ["x1", "x2"], neuron) for name, neuron in zip(names, hidden.neurons, strict=True)),
        ("y", names, output.neurons[0]),
    ]:
        terms = [f"{w:+.2f} {x}" for w, x in zip(neuron.weights, inputs, strict=True)]
        lines.append(f"{name:<8}sigmoid({' '.join(terms)} {neuron.bias:+.2f})")
    return "\n".join(lines)


app = program()


@app.command()
def main(
    seed: Seed = 0,
    epochs: Epochs = 1500,
    lr: Rate = 5.0,
    jit: Jit = True,
    out: Out = Path("out/xor"),
) -> None:
    """Teach XOR to a 2-3-1 network of sigmoids, and show what it learned.

    Writes loss.png, network.svg, graph.svg, and two pages to open in a browser: step.html goes
    through one forward and backward pass, training.html plays the training.

    Ctrl-C ends the training early. The exit code is 1 if XOR was not learned.
    """
    network = new_network(seed)
    recording = record(
        model=network,
        boundary=(network, INPUTS, TARGETS),
        every=1 + epochs // FRAMES,
        max_frames=FRAMES,
        title=f"XOR: a 2-3-1 network learns (seed {seed}, learning rate {lr:g})",
    )
    try:
        with Clock() as clock:
            training = train(network, epochs, lr, bar("epochs"), clock.aside(recording), jit)
    except ValueError as error:
        diverged(lr, error)
    print(clock.report(len(training.losses) - 1, "epochs", jit) + "\n")
    print(report(training))
    out.mkdir(parents=True, exist_ok=True)
    diagram = draw_model(network)
    drawing = draw(labelled_loss(network, DRAWN_ROW), model=network)
    files = [
        save_loss_curve(
            training.losses,
            out / "loss.png",
            title=f"XOR: the loss while a 2-3-1 network learns (seed {seed}, learning rate {lr:g})",
            loss_name="mean binary cross-entropy",
        ),
        diagram.save(out / "network.svg"),
        drawing.save(out / "graph.svg"),
        drawing.save(out / "step.html"),
        recording.save(out / "training.html"),
    ]
    written(files)
    if not training.learned:
        fail(
            f"Not learned: a prediction is {TOLERANCE} or more from its target."
            " Try more --epochs, or another --lr or --seed."
        )


if __name__ == "__main__":
    app()
