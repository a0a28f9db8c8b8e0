"""The delta rule by hand, for a 2-3-1 network of sigmoids; and two slips to make in it.

After each row every parameter moves down the gradient of half the squared error (Rumelhart, Hinton
and Williams, "Learning representations by back-propagating errors", 1986).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd import sigmoid
from demos.xor import INPUTS, TARGETS
from nn import MLP, half_sum_squared_error

HIDDEN = 3
NAMES = [
    *(f"h{j}: {part}" for j in range(1, HIDDEN + 1) for part in ("w1", "w2", "bias")),
    *(f"y: {part}" for part in ("w1", "w2", "w3", "bias")),
]


@dataclass(frozen=True)
class Slips:
    """Which of the two slips the hand-written derivatives have.

    Attributes:
        no_factor: the hidden deltas leave out the factor d_o.
        wrong_bias: the hidden biases are moved by d_o instead of d_m.
    """

    no_factor: bool = False
    wrong_bias: bool = False


VARIANTS = {
    "right": Slips(),
    "slip one": Slips(no_factor=True),
    "slip two": Slips(wrong_bias=True),
    "both, as published": Slips(no_factor=True, wrong_bias=True),
}

SPOILED: dict[str, list[str]] = {
    "right": [],
    "slip one": NAMES[: 3 * HIDDEN],
    "slip two": NAMES[2 : 3 * HIDDEN : 3],
    "both, as published": NAMES[: 3 * HIDDEN],
}


def forward(parameters: Sequence[Any], row: Sequence[float]) -> tuple[list[Any], Any]:
    """The outputs of the hidden neurons, and of the network, by parameters in the order `NAMES`."""
    hidden = [
        sigmoid(parameters[3 * j] * row[0] + parameters[3 * j + 1] * row[1] + parameters[3 * j + 2])
        for j in range(HIDDEN)
    ]
    *weights, bias = parameters[3 * HIDDEN :]
    total = bias
    for weight, m in zip(weights, hidden, strict=True):
        total = total + weight * m
    return hidden, sigmoid(total)


def deltas(
    parameters: Sequence[Any], row: Sequence[float], target: float, slips: Slips = VARIANTS["right"]
) -> list[Any]:
    """The derivatives of half the squared error, by hand, in the order `NAMES`.

    Args:
        parameters: 13 numbers.
        row: two inputs.
        target: what the output should be.
        slips: what to do wrong.
    """
    hidden, o = forward(parameters, row)
    d_o = (o - target) * o * (1 - o)
    moves: list[Any] = []
    for m, w_mo in zip(hidden, parameters[3 * HIDDEN : -1], strict=True):
        d_m = w_mo * m * (1 - m) if slips.no_factor else d_o * w_mo * m * (1 - m)
        moves += [d_m * row[0], d_m * row[1], d_o if slips.wrong_bias else d_m]
    return [*moves, *(d_o * m for m in hidden), d_o]


def network(seed: int) -> MLP:
    """A 2-3-1 network of sigmoids; its parameters are in the order `NAMES`."""
    return MLP(2, [HIDDEN, 1], activation="sigmoid", output_activation="sigmoid", rng=seed)


def train(
    parameters: Sequence[float], epochs: int, lr: float, slips: Slips = VARIANTS["right"]
) -> tuple[list[float], list[float]]:
    """Train by hand, row by row.

    Returns:
        The parameters at the end, and the error of all rows before each epoch and after the last.
    """
    now = list(parameters)

    def error() -> float:
        outputs: list[float] = [forward(now, row)[1] for row in INPUTS]
        return half_sum_squared_error(outputs, TARGETS)

    errors = [error()]
    for _ in range(epochs):
        for row, target in zip(INPUTS, TARGETS, strict=True):
            now = [p - lr * d for p, d in zip(now, deltas(now, row, target, slips), strict=True)]
        errors.append(error())
    return now, errors
