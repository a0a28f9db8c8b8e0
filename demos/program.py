"""What the demos share as programs: options, the bar, the clock, and how they end.

A demo is one command. It prints what it found, writes pictures, and says with its exit code whether
what it is there to show came true: 0 if it did, 1 if not, 2 for options that make no sense.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, NoReturn, Self, TypeAlias

import typer
from tqdm import tqdm  # type: ignore[import-untyped]

from nn import History, fit
from nn.interruption import interruptible

Progress: TypeAlias = Callable[[Iterable[int]], Iterable[int]]
"""What wraps the steps of a training, to watch them go by or to end them early."""


def positive(number: float) -> float:
    """A number that must be positive and finite, such as a learning rate."""
    if not 0 < number < math.inf:
        raise typer.BadParameter(f"must be positive and finite, got {number}")
    return number


Seed = Annotated[int, typer.Option(help="Seed of all that is drawn at random.")]
Epochs = Annotated[int, typer.Option(min=1, help="Passes over the rows.")]
Steps = Annotated[int, typer.Option(min=1, help="Steps of gradient descent.")]
Rate = Annotated[float, typer.Option(callback=positive, help="Learning rate.")]
Jit = Annotated[
    bool, typer.Option("--jit/--no-jit", help="Compile the training, or leave it to the engine.")
]
Out = Annotated[Path, typer.Option(file_okay=False, help="Folder for what is written.")]


def program() -> typer.Typer:
    """An application of one command."""
    return typer.Typer(
        add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="markdown"
    )


def bar(unit: str) -> Progress:
    """A bar of steps of that name, where there is a terminal to show it, which Ctrl-C ends."""
    return lambda steps: until_interrupted(
        tqdm(steps, desc="training", unit=f" {unit}", disable=None)
    )


def until_interrupted(steps: Iterable[int]) -> Iterator[int]:
    """The steps, up to the one during which Ctrl-C is pressed: a step is never left half done."""
    with interruptible() as interruption, interruption:
        for step in steps:
            yield step
            if interruption.pressed:
                print("Interrupted: this is what was learned so far.", file=sys.stderr)
                return


class Clock:
    """How long a training takes.

    >>> with Clock() as clock:
    ...     steps = len(range(1000))
    >>> clock.report(steps, "steps", jit=True).split()[:3]
    ['compiled:', '1,000', 'steps']
    """

    def __enter__(self) -> Self:
        self.begun = perf_counter()
        self.seconds = 0.0
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = perf_counter() - self.begun

    def aside(self, f: Callable[..., object]) -> Callable[..., None]:
        """The function, of which the clock does not count the time."""

        def untimed(*args: object) -> None:
            begun = perf_counter()
            f(*args)
            self.begun += perf_counter() - begun

        return untimed

    def report(self, steps: int, unit: str, jit: bool) -> str:
        """The time of so many steps, as text."""
        way = "compiled" if jit else "plain"
        pace = steps / self.seconds if self.seconds else math.inf
        return f"{way}: {steps:,} {unit} in {self.seconds:.2f} s, {pace:,.0f} a second"


def written(files: Iterable[Path]) -> None:
    """Say what was written."""
    print("\nwritten: " + ", ".join(map(str, files)))


def fail(*reasons: str) -> NoReturn:
    """End the program, with exit code 1, by saying why."""
    print("\n" + "\n".join(reasons), file=sys.stderr)
    raise typer.Exit(1) from None


def fitted(*args: Any, **options: Any) -> History:
    """`nn.fit`, where a training that diverges is an error: a demo says so in its own words.

    Raises:
        OverflowError: the loss or a parameter is no longer finite.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "fit: .* the training has diverged", RuntimeWarning)
        history = fit(*args, **options)
    if history.diverged is not None:
        loss = history["loss"][-1]
        raise OverflowError(
            f"the loss is {loss} in epoch {len(history)}: numbers are no longer finite"
        )
    return history


def diverged(lr: float, error: Exception) -> NoReturn:
    """End the program, for the learning rate was too large."""
    fail(f"The training diverged; try a smaller --lr than {lr}.", str(error))
