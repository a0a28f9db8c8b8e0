"""The delta rule by hand, beside the engine; and two slips that a check of gradients finds.

    python -m demos.delta_rule

A 2-3-1 network of sigmoids learns XOR row by row. The derivatives are written by hand, as deltas
(`demos.deltas`), and equal the engine's. A published listing has two slips in them: the hidden
deltas leave out the factor of the output's delta, and the hidden biases are moved by the output's
delta instead of their own. Each is put back here, and `gradcheck` names the parameters whose
derivatives it spoils.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograd import GradientError, Value, dot, draw, sigmoid
from autograd.testing import gradcheck, numerical_gradient
from demos.deltas import HIDDEN, NAMES, SPOILED, VARIANTS, Slips, deltas, forward, network, train
from demos.plotting import save_derivatives, save_loss_curves
from demos.program import Epochs, Out, Rate, Seed, fail, program, written
from demos.xor import INPUTS, TARGETS, TOLERANCE
from nn import MLP, SGD, half_sum_squared_error

CHECKED = ((1.0, 1.0), 0.0)  # row and target at which gradients are checked: every input takes part
EQUAL = 1e-12  # two derivatives nearer than this are the same but for rounding
IN_STEP = 1e-9  # the same for parameters after many steps, each of which rounds


def half_squared_error(parameters: Mapping[str, float]) -> float:
    """Half the squared error of the row `CHECKED`, in plain Python."""
    row, target = CHECKED
    error: float = forward(list(parameters.values()), row)[1] - target
    return error * error / 2


def check(parameters: Sequence[float], slips: Slips) -> GradientError | None:
    """What `gradcheck` says about the deltas: an error that lists the wrong ones, or nothing."""
    row, target = CHECKED

    def by_hand(named: Mapping[str, float]) -> dict[str, float]:
        return dict(zip(NAMES, deltas(list(named.values()), row, target, slips), strict=True))

    try:
        gradcheck(
            half_squared_error, [dict(zip(NAMES, parameters, strict=True))], derivative=by_hand
        )
    except GradientError as error:
        return error
    return None


def wrong_parameters(error: GradientError | None) -> list[str]:
    """The parameters whose derivatives an error of `gradcheck` lists.

    >>> wrong_parameters(check([0.1 * i for i in range(13)], VARIANTS["slip two"]))
    ['h1: bias', 'h2: bias', 'h3: bias']
    """
    return [] if error is None else [NAMES[entry.place[1]] for entry in error.result.wrong]


def engine_deltas(model: MLP, row: Sequence[float], target: float) -> list[float]:
    """The same derivatives by the engine, left in the parameters' `grad` too."""
    model.zero_grad()
    half_sum_squared_error(model(row), target).backward()
    return [p.grad for p in model.parameters()]


@dataclass(frozen=True)
class Training:
    """What came of a training by hand and by the engine, in step.

    Attributes:
        parameters: what the deltas trained.
        by_engine: what the engine trained.
        derivatives: the largest difference there ever was between a derivative by hand and one by
            the engine, at the same parameters.
        difference: the same for the parameters.
    """

    parameters: list[float]
    by_engine: list[float]
    derivatives: float
    difference: float

    @property
    def learned(self) -> bool:
        """Whether every output is within `TOLERANCE` of its target."""
        outputs = [forward(self.parameters, row)[1] for row in INPUTS]
        return all(abs(o - t) < TOLERANCE for o, t in zip(outputs, TARGETS, strict=True))


def train_in_step(seed: int = 0, epochs: int = 4000, lr: float = 0.3) -> Training:
    """Train the same network twice, row by row: by hand, and by the engine.

    >>> training = train_in_step(epochs=10)
    >>> training.derivatives < 1e-12, training.difference < 1e-12
    (True, True)
    """
    model = network(seed)
    optimizer = SGD(model.parameters(), lr)
    now = [p.data for p in model.parameters()]
    derivatives = difference = 0.0
    for _ in range(epochs):
        for row, target in zip(INPUTS, TARGETS, strict=True):
            by_engine = engine_deltas(model, row, target)
            same = deltas([p.data for p in model.parameters()], row, target)
            derivatives = max(derivatives, largest_difference(by_engine, same))
            now = [p - lr * d for p, d in zip(now, deltas(now, row, target), strict=True)]
            optimizer.step()
        difference = max(difference, largest_difference(now, [p.data for p in model.parameters()]))
    return Training(now, [p.data for p in model.parameters()], derivatives, difference)


def largest_difference(left: Sequence[float], right: Sequence[float]) -> float:
    """The largest difference of two numbers in the same place.

    >>> largest_difference([1.0, 2.0], [1.0, 2.5])
    0.5
    """
    return max(abs(a - b) for a, b in zip(left, right, strict=True))


def derivative_report(model: MLP) -> str:
    """The derivatives of the row `CHECKED`, by hand and by the engine, as text."""
    row, target = CHECKED
    parameters = [p.data for p in model.parameters()]
    rows = zip(
        NAMES,
        parameters,
        deltas(parameters, row, target),
        engine_deltas(model, row, target),
        strict=True,
    )
    return "\n".join(
        [
            "1. One row by the delta rule: x = (1, 1), target 0",
            "     d_o = (o - t) o (1 - o);   w moves by -lr d_o m, the output's bias by -lr d_o",
            "     d_m = d_o w_mo m (1 - m);  w moves by -lr d_m x, the hidden bias by -lr d_m",
            "",
            "   parameter    value       by hand              by the engine",
            *(f"   {name:<9}{p:9.4f}{d:+21.15f}{e:+21.15f}" for name, p, d, e in rows),
        ]
    )


def training_report(training: Training, epochs: int, lr: float) -> str:
    """What was learned by hand and by the engine, as text."""
    rows = [
        f"   {a:4.0f}{b:4.0f}{t:8.0f}{forward(training.parameters, (a, b))[1]:18.12f}"
        f"{forward(training.by_engine, (a, b))[1]:18.12f}"
        for (a, b), t in zip(INPUTS, TARGETS, strict=True)
    ]
    return "\n".join(
        [
            f"2. Row by row, by hand and by the engine: {epochs} epochs, learning rate {lr:g}",
            "",
            "     x1  x2  target           by hand     by the engine",
            *rows,
            "",
            f"   Largest difference of a derivative {training.derivatives:.1e},"
            f" of a parameter {training.difference:.1e}.",
        ]
    )


def slips_report(errors: Mapping[str, GradientError | None]) -> str:
    """What `gradcheck` says about each variant, as text."""
    lines = [
        "3. The deltas against finite differences",
        "     slip one: d_m = w_mo m (1 - m), without the factor d_o",
        "     slip two: the hidden biases are moved by d_o instead of d_m",
    ]
    for name, error in errors.items():
        wrong = ", ".join(wrong_parameters(error)) or "none"
        lines += ["", f"   {name}: wrong derivatives: {wrong}"]
        lines += [f"     {line}" for line in str(error or "").splitlines()]
    return "\n".join(lines)


def save_check(
    parameters: Sequence[float], errors: Mapping[str, GradientError | None], path: Path
) -> Path:
    """Write a picture of what `gradcheck` compares: each derivative by hand and numerically."""
    row, target = CHECKED
    by_hand = {name: deltas(parameters, row, target, slips) for name, slips in VARIANTS.items()}
    named = dict(zip(NAMES, parameters, strict=True))
    (numerical,) = numerical_gradient(half_squared_error, [named])
    return save_derivatives(
        NAMES,
        list(numerical.values()),
        by_hand,
        {name: wrong_parameters(error) for name, error in errors.items()},
        path,
        "gradcheck: the hand-written derivatives on x = (1, 1), target 0",
    )


def labelled_loss(model: MLP) -> Value:
    """Half the squared error of `CHECKED`: the gradient of each sum is its neuron's delta."""
    row, target = CHECKED
    for name, parameter in zip(NAMES, model.parameters(), strict=True):
        parameter.label = name
    hidden, output = model.layers
    values = [Value(x, f"x{i}") for i, x in enumerate(row, start=1)]
    for layer, names in ((hidden, [f"h{j}" for j in range(1, HIDDEN + 1)]), (output, ["y"])):
        outputs = []
        for neuron, name in zip(layer.neurons, names, strict=True):
            total = dot(neuron.weights, values) + neuron.bias
            total.label = f"sum of {name}"
            outputs.append(sigmoid(total))
            outputs[-1].label = name
        values = outputs
    loss = half_sum_squared_error(values, [target])
    loss.label = "loss"
    model.zero_grad()
    loss.backward()
    return loss


app = program()


@app.command()
def main(
    seed: Seed = 0,
    epochs: Epochs = 4000,
    lr: Rate = 0.3,
    out: Out = Path("out/delta_rule"),
) -> None:
    """Train XOR by the delta rule beside the engine, and find two slips in a published listing.

    Nothing is compiled here: it is the plain engine that the deltas are compared with. Writes
    check.png, errors.png and graph.svg. The exit code is 1 if the deltas and the engine differ, if
    `gradcheck` does not name just the parameters that a slip spoils, or if XOR was not learned.
    """
    model = network(seed)
    start = [p.data for p in model.parameters()]
    checks = {name: check(start, slips) for name, slips in VARIANTS.items()}
    print(derivative_report(model))
    training = train_in_step(seed, epochs, lr)
    print("\n" + training_report(training, epochs, lr))
    print("\n" + slips_report(checks))
    errors = {name: train(start, epochs, lr, slips)[1] for name, slips in VARIANTS.items()}
    print("\n   The error of all rows after as many epochs of training by hand:\n")
    for name, curve in errors.items():
        print(f"     {name:<20}{curve[0]:.4f} -> {curve[-1]:.4f}")
    out.mkdir(parents=True, exist_ok=True)
    files = [
        save_check(start, checks, out / "check.png"),
        save_loss_curves(
            errors,
            out / "errors.png",
            title=f"What the slips cost: XOR by the delta rule (learning rate {lr:g})",
            loss_name="half the sum of squared errors",
        ),
        draw(labelled_loss(model)).save(out / "graph.svg"),
    ]
    written(files)
    faults = []
    if training.derivatives > EQUAL or training.difference > IN_STEP:
        faults.append("The deltas and the engine differ.")
    if any(wrong_parameters(error) != SPOILED[name] for name, error in checks.items()):
        faults.append("gradcheck does not name just the parameters that the slips spoil.")
    if not training.learned:
        faults.append(
            f"Not learned: an output is {TOLERANCE} or more from its target."
            " Try more --epochs, or another --lr or --seed."
        )
    if faults:
        fail(*faults)


if __name__ == "__main__":
    app()
