"""Training a GPT on names, and what can be asked of it then.

One name is one step. Names differ in length, and each length is a program of its own, compiled when
the first name of that length comes by. What is asked of the trained model needs one program only:
a row of it depends on itself and those before it, so a name may be filled up to the full length
with anything.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd import jit as compiled
from autograd import no_grad, softmax
from demos.first_names import EDGE, TOKENS, decode, encode
from demos.gpt_model import GPT
from demos.program import fitted
from nn import Adam, cross_entropy
from nn.schedules import Schedule

WORST = 1e-9  # how far two trainings may part by rounding


class LinearDecay(Schedule):
    """From the full learning rate in equal parts down to 0, which comes after the last step.

    >>> [LinearDecay(4)(step) for step in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def factor(self, epoch: int, loss: float | None) -> float:
        """What is left of the way."""
        return 1 - epoch / self.steps


def train(
    model: GPT, names: Sequence[str], steps: int, lr: float, rng: random.Random, jit: bool = True
) -> list[float]:
    """Train a model, one name a step; Ctrl-C ends the training early.

    Args:
        model: what to train.
        names: to draw from.
        steps: how many.
        lr: the learning rate of Adam in the first step; from there it falls to 0.
        rng: what draws.
        jit: whether to compile.

    Returns:
        The loss of each step's name, before the step.

    Raises:
        OverflowError: the learning rate is so large that the training diverges.
    """
    tokens = [encode(name) for name in names]
    history = fitted(
        model,
        ([name[:-1] for name in tokens], [name[1:] for name in tokens]),
        loss=lambda logits, targets: cross_entropy(logits[0], targets[0]),
        optimizer=Adam(model.parameters(), lr),
        schedule=LinearDecay(steps),
        epochs=steps,
        steps_per_epoch=1,  # the rate falls from step to step, and each loss is kept
        batch_size=1,
        rng=rng,
        jit=jit,
    )
    return history["loss"] if history.rows else []


@dataclass(frozen=True)
class Comparison:
    """Two trainings from the same start, by the engine and by compiled code.

    Attributes:
        plain: the losses of the one.
        jitted: the losses of the other.
        parameters: how far the two are apart at the end, in the parameter that differs most.
    """

    plain: list[float]
    jitted: list[float]
    parameters: float

    @property
    def differences(self) -> list[float]:
        """That of each loss, and that of the parameters."""
        losses = [abs(a - b) for a, b in zip(self.plain, self.jitted, strict=True)]
        return [*losses, self.parameters]

    @property
    def same(self) -> bool:
        """Whether they differ by rounding only."""
        return all(difference <= WORST for difference in self.differences)  # not so if it is nan

    def __str__(self) -> str:
        rows = zip(self.plain, self.jitted, self.differences, strict=False)
        return "\n".join(
            [
                "  step         loss, plain      loss, compiled   difference",
                *(f"{i:6}{a:20.15f}{b:20.15f}{d:13.1e}" for i, (a, b, d) in enumerate(rows)),
                "",
                f"Greatest difference of a loss: {max(self.differences[:-1]):.1e};"
                f" of a parameter after the last step: {self.parameters:.1e}.",
            ]
        )


def compare(names: Sequence[str], lr: float, seed: int, steps: int) -> Comparison:
    """Train twice from the same start on the same names, plain and compiled."""
    models = [GPT(TOKENS, rng=random.Random(seed)) for _ in range(2)]
    plain, jitted = (
        train(model, names, steps, lr, random.Random(seed), jit)
        for model, jit in zip(models, (False, True), strict=True)
    )
    pairs = zip(*(model.parameters() for model in models), strict=True)
    return Comparison(plain, jitted, max(abs(a.data - b.data) for a, b in pairs))


class Reader:
    """A trained model, to be asked for numbers.

    Args:
        model: what answers.
        jit: whether to compile it.
    """

    def __init__(self, model: GPT, jit: bool = True) -> None:
        self.length = len(model.position)
        self._jit = jit
        self._logits: Any = model
        self._shares: Any = model.shares
        if jit:
            self._logits = compiled(lambda tokens: model(tokens))
            self._shares = compiled(lambda tokens: model.shares(tokens))

    def logits(self, tokens: Sequence[int]) -> list[list[float]]:
        """For each token the logits of the next."""
        with no_grad():
            rows = self._logits(self._filled(tokens))[: len(tokens)]
        return [[x.data for x in row] for row in rows]

    def shares(self, tokens: Sequence[int]) -> list[list[list[float]]]:
        """For each head of the first block a row for each token: where it looks."""
        with no_grad():
            first = self._shares(self._filled(tokens))[0][: len(tokens)]
        return [[[x.data for x in row] for row in head] for head in zip(*first, strict=True)]

    def _filled(self, tokens: Sequence[int]) -> list[int]:
        return [*tokens, *[EDGE] * (self.length - len(tokens))] if self._jit else list(tokens)

    def loss(self, names: Sequence[str]) -> float:
        """The mean of the losses of names."""
        texts = [encode(name) for name in names]
        return sum(float(cross_entropy(self.logits(t[:-1]), t[1:])) for t in texts) / len(texts)

    def invent(self, rng: random.Random, temperature: float) -> str:
        """A name, letter by letter, each drawn as likely as the model holds it to be.

        Args:
            rng: what draws.
            temperature: the logits are divided by it: below 1 what is likely becomes likelier.
        """
        tokens = [EDGE]
        while len(tokens) < self.length:
            shares = softmax([x / temperature for x in self.logits(tokens)[-1]])
            (token,) = rng.choices(range(TOKENS), shares)
            if token == EDGE:
                break
            tokens.append(token)
        return decode(tokens)
