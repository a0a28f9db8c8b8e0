"""A GPT that learns first names and invents new ones, written one number at a time.

    python -m demos.gpt
    python -m demos.gpt --compare
    python -m demos.gpt --no-jit --steps 200

The model (`demos.gpt_model`) is made as large ones are: attention by four heads, a perceptron, a
scaling before each; but of 4,192 parameters. It is written with loops over single numbers, and
`fit` compiles its training to array code. It learns from first names of the census of 1990, one a
step; one name in ten is held out to test it.

What a loss is worth, counting tells (Shannon, "A mathematical theory of communication", 1948): who
guesses by how frequent each letter is has learned single letters; who guesses by the letter before
has learned pairs. To be better than that one must look back further.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from autograd import Value, draw, scope
from demos.first_names import TOKENS, Names, all_names, encode, guesses, split
from demos.gpt_model import GPT
from demos.gpt_pictures import save_attention, save_losses
from demos.gpt_training import WORST, Reader, compare, train
from demos.program import (
    Clock,
    Jit,
    Out,
    Rate,
    Seed,
    Steps,
    diverged,
    fail,
    positive,
    program,
    written,
)
from nn import cross_entropy

DRAWN = "josephine"  # the name in whose letters the attention is drawn
GRAPHED = "jo"  # the name whose loss is drawn as a graph


def losses_report(held_out: float, guesses: Mapping[str, float]) -> str:
    """What the losses on the names held out are, as text."""
    return "\n".join(
        [
            "loss on names held out, in nats a letter",
            *(f"  {rule:<30}{loss:6.3f}" for rule, loss in guesses.items()),
            f"  {'by the GPT':<30}{held_out:6.3f}",
        ]
    )


def names_report(invented: Sequence[str], names: Names) -> str:
    """Names that were invented, and whether they exist, as text."""
    learned, unseen = set(names.training), set(names.held_out)
    kinds = {
        "new": [n for n in invented if n not in learned | unseen],
        "real, but held out": [n for n in invented if n in unseen],
        "learned from": [n for n in invented if n in learned],
    }
    lines = [f"{len(invented)} names it invented"]
    for kind, found in kinds.items():
        rows = [" ".join(found[i : i + 8]) for i in range(0, max(1, len(found)), 8)]
        heads = [f"{kind} ({len(found)})", *[""] * (len(rows) - 1)]
        lines += [f"  {head:<24}{row}".rstrip() for head, row in zip(heads, rows, strict=True)]
    return "\n".join(lines)


def loss_of(model: GPT, name: str) -> Value:
    """The loss of one name, with its gradients."""
    tokens = encode(name)
    logits = model(tokens[:-1])
    with scope("cross-entropy"):
        loss: Value = cross_entropy(logits, tokens[1:])
    loss.label = "loss"
    loss.backward()
    return loss


app = program()


@app.command()
def main(
    seed: Seed = 0,
    steps: Steps = 10_000,
    lr: Rate = 0.005,
    samples: Annotated[int, typer.Option(min=0, help="Names to invent.")] = 40,
    temperature: Annotated[
        float, typer.Option(callback=positive, help="Below 1: likelier names; above: odder ones.")
    ] = 0.7,
    jit: Jit = True,
    compares: Annotated[
        bool,
        typer.Option(
            "--compare", help="Only train at most 20 steps twice, plain and compiled, to compare."
        ),
    ] = False,
    out: Out = Path("out/gpt"),
) -> None:
    """Train a small GPT on first names, and let it invent some.

    Writes loss.png, attention.png and graph.svg. Ctrl-C ends the training early. The exit code is 1
    if it did not become better than guessing by how frequent each letter is; or, with --compare, if
    the two trainings differ by more than rounding.
    """
    names = split(all_names(), random.Random(f"names {seed}"))
    if compares:
        comparison = compare(names.training, lr, seed, min(steps, 20))
        print(comparison)
        if not comparison.same:
            fail(f"They differ by more than {WORST:g}, which is not by rounding.")
        return
    model = GPT(TOKENS, rng=random.Random(seed))
    print(
        f"{len(model.parameters())} parameters; {len(names.training)} names to learn from,"
        f" {len(names.held_out)} held out",
        flush=True,
    )
    reader = Reader(model, jit)
    try:
        with Clock() as clock:
            losses = train(model, names.training, steps, lr, random.Random(seed), jit)
        if not losses:
            fail("Interrupted before the first step was over.")
        print(clock.report(len(losses), "steps", jit) + "\n", flush=True)
        held_out = reader.loss(names.held_out)
        if not math.isfinite(held_out):
            raise OverflowError(f"the loss on names held out is {held_out}")
    except (ArithmeticError, ValueError) as error:
        diverged(lr, error)
    by_counting = guesses(names)
    print(losses_report(held_out, by_counting) + "\n")
    rng = random.Random(f"samples {seed}")
    print(names_report([reader.invent(rng, temperature) for _ in range(samples)], names))
    out.mkdir(parents=True, exist_ok=True)
    shares = reader.shares(encode(DRAWN)[:-1])
    files = [
        save_losses(
            losses, held_out, by_counting, out / "loss.png", "A GPT learns first names, one a step"
        ),
        save_attention(
            shares, DRAWN, out / "attention.png", f"Where the four heads look in “{DRAWN}”"
        ),
        draw(lambda: loss_of(model, GRAPHED), detail="neurons").save(out / "graph.svg"),
    ]
    written(files)
    if not held_out < by_counting["by how frequent a letter is"]:
        fail(
            f"Not learned: the loss on names held out is {held_out:.3f}, no better than guessing"
            " by how frequent a letter is. Try more --steps, or another --lr."
        )


if __name__ == "__main__":
    app()
