"""The perceptron: one neuron with a step, what it can tell apart, and what takes two layers.

    python -m demos.perceptron

A step neuron answers 1 if `bias + w1 x1 + w2 x2 > 0`, else 0: a straight line parts the plane of
its inputs in two. AND, OR and NAND are parted so; XOR is not (Minsky and Papert, *Perceptrons*,
1969). The perceptron rule (Rosenblatt, "The perceptron", 1958) learns the first three, and goes
round in a circle on XOR. NAND and OR side by side, and AND of these two, are XOR.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import typer

from autograd import Value, dot, draw, maximum, sign
from demos.planes import BLUE, GREEN, PURPLE, Line, Plane, save_planes
from demos.plotting import INK
from demos.program import Out, fail, program, written
from demos.xor import INPUTS

AND, OR, NAND, XOR = (0, 0, 0, 1), (0, 1, 1, 1), (1, 1, 1, 0), (0, 1, 1, 0)
TABLES = {"AND": AND, "OR": OR, "NAND": NAND, "XOR": XOR}
DRAWN_ROW = 2  # of the inputs: the one whose graph is drawn


def step(x: Any) -> Any:
    """1 above 0, else 0; of a Value a Value, whose derivative is 0.

    >>> step(0.5), step(0.0), step(-0.5)
    (1.0, 0.0, 0.0)
    """
    return maximum(sign(x), 0.0)


@dataclass(frozen=True)
class StepNeuron:
    """A neuron with two inputs and a step; its numbers are floats, or Values."""

    bias: Any
    w1: Any
    w2: Any

    def __call__(self, row: Sequence[Any]) -> Any:
        """The answer for a row of two numbers, 0 or 1."""
        return step(dot([self.w1, self.w2], row) + self.bias)

    def __str__(self) -> str:
        return f"step({self.w1:+g} x1 {self.w2:+g} x2 {self.bias:+g})"

    def line(self, name: str, color: str, style: str = "-") -> Line:
        """Where it changes its answer."""
        return Line(self.bias, self.w1, self.w2, name, color, style)


BY_HAND = {
    "AND": StepNeuron(-0.7, 0.5, 0.5),
    "OR": StepNeuron(-0.2, 0.5, 0.5),
    "NAND": StepNeuron(0.7, -0.5, -0.5),
}


def two_layers(row: Sequence[Any]) -> Any:
    """XOR: the AND of NAND and OR.

    >>> [two_layers(row) for row in INPUTS]
    [0.0, 1.0, 1.0, 0.0]
    """
    return BY_HAND["AND"]([BY_HAND["NAND"](row), BY_HAND["OR"](row)])


def errors(neuron: StepNeuron, table: Sequence[float]) -> int:
    """How many of the four rows a neuron gets wrong."""
    return sum(neuron(row) != t for row, t in zip(INPUTS, table, strict=True))


@dataclass(frozen=True)
class Learning:
    """What came of the perceptron rule.

    Attributes:
        neurons: the neuron before the first row, and after each.
        mistakes: how many answers were wrong, each asked just before its row was learned, per pass.
    """

    neurons: list[StepNeuron]
    mistakes: list[int]

    @property
    def learned(self) -> bool:
        """Whether the last pass was without a mistake."""
        return self.mistakes[-1] == 0

    @property
    def cycle(self) -> list[StepNeuron]:
        """The neurons that come round again and again; empty if none is known to.

        The rows come in one order, so what a pass has left a second time comes for ever.
        """
        *before, last = self.neurons[:: len(INPUTS)]
        if self.learned or last not in before:
            return []
        return self.neurons[len(INPUTS) * before.index(last) : -1]


def learn(table: Sequence[float], passes: int = 20) -> Learning:
    """Let a neuron learn a table by the perceptron rule, from weights of 0.

    After each answer y where t was right, the weights move by `(t - y) x`, the bias by `t - y`.

    Args:
        table: what is right for each row of `INPUTS`.
        passes: over all rows, at most; it ends at one without a mistake, or when a neuron that
            was there after an earlier pass comes again.

    >>> learning = learn(AND)
    >>> learning.learned, str(learning.neurons[-1])
    (True, 'step(+2 x1 +1 x2 -2)')
    >>> learn(XOR).learned
    False
    """
    neuron = StepNeuron(0.0, 0.0, 0.0)
    learning = Learning([neuron], [])
    for _ in range(passes):
        mistakes = 0
        for (x1, x2), t in zip(INPUTS, table, strict=True):
            error = t - neuron((x1, x2))
            mistakes += error != 0
            neuron = StepNeuron(neuron.bias + error, neuron.w1 + error * x1, neuron.w2 + error * x2)
            learning.neurons.append(neuron)
        learning.mistakes.append(mistakes)
        if learning.learned or learning.cycle:
            break
    return learning


def tables_of_one_neuron() -> set[tuple[int, ...]]:
    """Every table of two inputs that some step neuron answers.

    Three weights and four biases are enough for all lines between the corners of a square.

    >>> found = tables_of_one_neuron()
    >>> len(found), AND in found, XOR in found
    (14, True, False)
    """
    weights, biases = (-1.0, 0.0, 1.0), (-1.5, -0.5, 0.5, 1.5)
    return {
        tuple(int(neuron(row)) for row in INPUTS)
        for neuron in (StepNeuron(b, w1, w2) for b, w1, w2 in product(biases, weights, weights))
    }


def labelled_graph() -> Value:
    """The two layers on one row, as a graph with its gradients: each is 0, for a step is flat."""
    row = [Value(x, f"x{i}") for i, x in enumerate(INPUTS[DRAWN_ROW], start=1)]
    values = {
        name: StepNeuron(*(Value(x, f"{name}: {part}") for part, x in vars(neuron).items()))
        for name, neuron in BY_HAND.items()
    }
    nand, either = values["NAND"](row), values["OR"](row)
    nand.label, either.label = "NAND", "OR"
    output: Value = values["AND"]([nand, either])
    output.label = "XOR"
    output.backward()
    return output


def report(learnings: dict[str, Learning]) -> str:
    """What was found, as text."""
    lines = ["1. One neuron, weights by hand: y = 1 if bias + w1 x1 + w2 x2 > 0 else 0", ""]
    lines += [f"   {name:<6}{neuron}" for name, neuron in BY_HAND.items()]
    lines += ["", "    x1  x2   AND   OR  NAND"]
    for row in INPUTS:
        answers = [BY_HAND[name](row) for name in ("AND", "OR", "NAND")]
        lines.append("  {:4.0f}{:4.0f}{:6.0f}{:5.0f}{:6.0f}".format(*row, *answers))
    lines += ["", "2. One neuron, learned by the perceptron rule: w moves by (t - y) x", ""]
    for name, learning in learnings.items():
        mistakes = " ".join(map(str, learning.mistakes))
        end = str(learning.neurons[-1]) if learning.learned else "not learned"
        lines.append(f"   {name:<6}mistakes in each pass: {mistakes}  ->  {end}")
    if cycle := learnings["XOR"].cycle:
        lines += [
            "",
            "   On XOR the rule goes round in a circle, which no number of passes ends:",
            "",
        ]
        lines += [f"     -> {neuron}" for neuron in [*cycle, cycle[0]]]
    lines += [
        "",
        f"   A line answers {len(tables_of_one_neuron())} of the 16 tables of two inputs."
        " The two others are XOR",
        "   and its opposite: their equal corners lie across from each other. OR is as near to XOR"
        f"\n   as a line can be: it misses {errors(BY_HAND['OR'], XOR)} corner of 4.",
        "",
        "3. Two layers: XOR = AND(NAND, OR)",
        "",
        "    x1  x2  NAND   OR   XOR",
    ]
    for row in INPUTS:
        numbers = (*row, BY_HAND["NAND"](row), BY_HAND["OR"](row), two_layers(row))
        lines.append("  {:4.0f}{:4.0f}{:6.0f}{:5.0f}{:6.0f}".format(*numbers))
    lines += [
        "",
        "   A step is flat, so every gradient behind one is 0 (graph.svg): no slope says how to",
        "   move the weights of two layers. A sigmoid has a slope: python -m demos.xor",
    ]
    return "\n".join(lines)


def save_pictures(learnings: dict[str, Learning], out: Path) -> list[Path]:
    """Write the planes of all gates, of XOR, of the rule at a loss, and the graph of two layers."""
    hues = {"AND": PURPLE, "OR": GREEN, "NAND": BLUE}
    lines = {name: n.line(f"line of {name}", hues[name]) for name, n in BY_HAND.items()}
    gates = [
        Plane(neuron, INPUTS, TABLES[name], f"{name}: one neuron", [lines[name]])
        for name, neuron in BY_HAND.items()
    ]
    both = [lines["NAND"], lines["OR"]]
    gates.append(Plane(two_layers, INPUTS, XOR, "XOR: NAND and OR, then AND", both))
    failure = [
        Plane(BY_HAND["OR"], INPUTS, XOR, "one line: the best misses a corner", [lines["OR"]]),
        gates[-1],
    ]
    circle = [
        Plane(neuron, INPUTS, XOR, f"after row {i}: {neuron}", [neuron.line("its line", INK)])
        for i, neuron in enumerate(learnings["XOR"].neurons[-len(INPUTS) :], start=1)
    ]
    return [
        save_planes(gates, out / "gates.png", "A step neuron cuts the plane along a line"),
        save_planes(failure, out / "xor.png", "No line separates XOR; two lines do"),
        save_planes(circle, out / "circle.png", "The last pass of the perceptron rule on XOR"),
        draw(labelled_graph()).save(out / "graph.svg"),
    ]


app = program()


@app.command()
def main(
    passes: Annotated[
        int, typer.Option(min=1, help="Passes of the perceptron rule over the rows, at most.")
    ] = 20,
    out: Out = Path("out/perceptron"),
) -> None:
    """Build AND, OR, NAND and XOR of neurons with a step, and show why XOR takes two layers.

    The exit code is 1 if the perceptron rule has not learned AND, OR and NAND.
    """
    learnings = {name: learn(table, passes) for name, table in TABLES.items()}
    print(report(learnings))
    out.mkdir(parents=True, exist_ok=True)
    written(save_pictures(learnings, out))
    if missed := [name for name in BY_HAND if not learnings[name].learned]:
        fail(f"Not learned: {', '.join(missed)}. Try more --passes.")


if __name__ == "__main__":
    app()
