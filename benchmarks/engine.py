"""How fast and how small the engine is, beside the leanest other: `python -m benchmarks.engine`.

The two run in turn, round by round, so that a machine that slows down slows both; what is printed
is the median and the spread of the rounds.
"""

import gc
import random
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Annotated

import typer
from tqdm import tqdm

import autograd
from benchmarks import lean, transformer

LENGTH = 9


def seconds(act: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def spread(numbers: list[float]) -> str:
    """Median, smallest and largest."""
    return f"{statistics.median(numbers):.3g} ({min(numbers):.3g} to {max(numbers):.3g})"


def transformer_ratios(rounds: int, seed: int) -> tuple[list[float], list[float], list[float]]:
    """Seconds a training step, ours and the lean engine's, and their ratio, by round."""
    sys.setrecursionlimit(100_000)  # the lean engine sorts its graph by recursion
    rng = random.Random(seed)
    ours, theirs = (transformer.parameters(v, seed) for v in (autograd.Value, lean.Value))
    times: tuple[list[float], list[float]] = ([], [])
    for _ in tqdm(range(rounds), desc="transformer", disable=None):
        tokens = [rng.randrange(transformer.VOCABULARY) for _ in range(LENGTH)]
        losses = []
        for weights, measured in zip((ours, theirs), times, strict=True):
            gc.collect()
            measured.append(
                seconds(lambda w=weights: losses.append(transformer.step(w, tokens)))  # noqa: B023
            )
        if abs(losses[0] - losses[1]) > 1e-9:
            raise SystemExit(f"the engines disagree: {losses}")
    return *times, [a / b for a, b in zip(*times, strict=True)]


def chain_seconds(length: int) -> tuple[float, float, float]:
    """Seconds to build, differentiate and free a chain of that many nodes."""
    gc.collect()
    leaf = autograd.Value(1.0)
    chain = [leaf]

    def build() -> None:
        for _ in range(length // 2):
            chain[0] = chain[0] * 1.0000001 + 1e-9

    return seconds(build), seconds(lambda: chain[0].backward()), seconds(chain.clear)


def bytes_a_node(value: type, count: int = 50_000) -> float:
    """Memory of a chain of sums and products, by node."""
    leaf = chain = value(1.0)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(count):
        chain = chain * 1.01 + leaf
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / (2 * count)


def import_milliseconds(rounds: int) -> list[float]:
    """What importing both packages adds to the start of Python, by round."""
    bare, full = ([sys.executable, "-c", code] for code in ("pass", "import autograd, nn"))
    return [
        1000
        * (
            seconds(lambda: subprocess.run(full, check=True))
            - seconds(lambda: subprocess.run(bare, check=True))
        )
        for _ in range(rounds)
    ]


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of the paired measurements.")] = 20,
    seed: Annotated[int, typer.Option(help="Seed of the weights and the tokens.")] = 0,
) -> None:
    """Measure the engine beside the leanest pure-Python one."""
    print(f"Python {sys.version.split()[0]}; median (smallest to largest) of {rounds} rounds")
    ours, theirs, ratios = transformer_ratios(rounds, seed)
    print(f"transformer step, this engine:  {spread([1000 * t for t in ours])} ms")
    print(f"transformer step, lean engine:  {spread([1000 * t for t in theirs])} ms")
    print(f"ratio:                          {spread(ratios)}")
    for name, value in (("this", autograd.Value), ("lean", lean.Value)):
        print(f"bytes a node, {name} engine:       {bytes_a_node(value):.1f}")
    for length in (10_000, 100_000, 1_000_000):
        runs = [chain_seconds(length) for _ in range(5)]
        build, back, free = (
            1e9 * statistics.median(part) / length for part in zip(*runs, strict=True)
        )
        print(
            f"chain of {length:>9,} nodes, ns each: build {build:.0f},"
            f" backward {back:.0f}, free {free:.0f}"
        )
    print(f"import autograd, nn:            {spread(import_milliseconds(rounds))} ms")


if __name__ == "__main__":
    typer.run(main)
