"""The command `python -m benchmarks growth`: what compiling takes as a loop gets longer.

Each program at each length in a process of its own: nodes as traced and after all passes, which are
those of one turn, and a few for each number that is given, where loops stay loops; the time of the
first two calls; of a turn once it is warm; by how much memory has grown by then. Derivatives are
part of each program.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from tqdm import tqdm

from autograd import jit, relu, value_and_grad, vmap
from benchmarks import problems, scalar
from benchmarks.environment import asked
from benchmarks.peers.ours_jit import OPERATIONS
from benchmarks.programs import PROGRAMS
from benchmarks.programs.measuring import WARMING_CALLS, WARMING_SECONDS
from benchmarks.programs.ours_plain import derived
from benchmarks.programs.program import as_given
from benchmarks.worker import peak

Call = tuple[Callable[..., Any], tuple[Any, ...]]


class Case(NamedTuple):
    """A program, and how many turns its loop is given."""

    make: Callable[[int], Call]
    lengths: tuple[int, ...]


def a_program(name: str) -> Callable[[int], Call]:
    """One of `benchmarks.programs`, with its derivatives."""

    def make(size: int) -> Call:
        problem = PROGRAMS[name].make(size)
        return derived(PROGRAMS[name], problem), as_given(problem.arguments)

    return make


def moons(is_mapped: bool) -> Callable[[int], Call]:
    """The mean hinge of moons, 2-16-16-1: rows by `vmap`, or by a Python loop."""

    def make(size: int) -> Call:
        problem = problems.rows_in_arrays(0, size)

        def hinge(p: Any, row: Any, t: Any) -> Any:
            return relu(1.0 - t * scalar.outputs(p, row, OPERATIONS)[0])

        def loss(p: Any, rows: Any, targets: Any) -> Any:
            if is_mapped:
                return sum(vmap(hinge, (None, 0, 0))(p, rows, targets)) / size
            total = 0.0
            for row, t in zip(rows, targets, strict=True):
                total = total + hinge(p, row, t)
            return total / size

        rows, targets = problem.rows, problem.targets.astype(float)
        if not is_mapped:
            rows, targets = rows.tolist(), targets.tolist()
        return value_and_grad(loss), (scalar.parameters(problem, float), rows, targets)

    return make


CASES = {
    "Lorenz, steps": Case(a_program("lorenz"), (250, 500, 1_000, 10_000)),
    "GARCH, returns": Case(a_program("garch"), (1_000, 4_000, 10_000, 100_000)),
    "LSTM, pairs": Case(a_program("lstm"), (50, 200, 1_000)),
    "moons by vmap, rows": Case(moons(True), (100, 1_000, 10_000, 100_000, 1_000_000)),
    "moons by a loop, rows": Case(moons(False), (100, 1_000)),
}


class Growth(NamedTuple):
    """What a program takes at one length: seconds, and bytes."""

    traced: int
    nodes: int
    first: float
    turn: float
    memory: float


def measure(name: str, length: int) -> Growth:
    """Compile and call a program of a length."""
    function, arguments = CASES[name].make(length)
    small, start = peak(), time.perf_counter()
    compiled = jit(function, fallback="raise")
    compiled(*arguments), compiled(*arguments)
    first = time.perf_counter() - start
    taken: list[float] = []
    while len(taken) < WARMING_CALLS and (len(taken) < 5 or sum(taken) < WARMING_SECONDS):
        start = time.perf_counter()
        compiled(*arguments)
        taken.append(time.perf_counter() - start)
    programs = compiled.stats["programs"]
    nodes = sum([*x["passes"].values()][-1] if x["passes"] else 0 for x in programs)
    warm = statistics.median(taken[len(taken) // 2 :])
    traced = compiled.stats["nodes"]["traced"]
    return Growth(traced, nodes, first, warm / length, max(0.0, peak() - small))


def growth(
    only: Annotated[list[str], typer.Option(help="Part of a program's name; several times.")] = [],  # noqa: B006
    longest: Annotated[
        int, typer.Option(min=1, help="Lengths above this are left out.")
    ] = 1_000_000,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds that a process may take.")] = 300.0,
) -> None:
    """Measure what compiling takes as a loop gets longer: nodes, seconds, memory."""
    chosen = [*_chosen(only, longest)]
    if not chosen:
        raise typer.BadParameter(f"there is none of {', '.join(CASES)} that it asks for")
    rows, failures = ["| program | turns | traced | nodes | first calls | turn | memory |"], []
    rows.append("|---|--:|--:|--:|--:|--:|--:|")
    for name, length in tqdm(chosen, desc="measuring", unit=" processes", disable=None):
        found, end = asked("benchmarks.growth", {"name": name, "length": length}, timeout)
        if found is None:
            failures.append(f"{name} {length:,}: {end or f'not ready after {timeout:g} s'}")
            continue
        x = Growth(**found)
        rows.append(
            f"| {name} | {length:,} | {x.traced:,} | {x.nodes:,} | {x.first:.2f} s"
            f" | {1e9 * x.turn:,.0f} ns | {x.memory / 2**20:,.0f} MiB |"
        )
    print("\n".join(rows))
    if failures:
        print(*failures, sep="\n", file=sys.stderr)
        raise typer.Exit(1)


def _chosen(only: list[str], longest: int) -> Iterator[tuple[str, int]]:
    for name, case in CASES.items():
        if not only or any(part in name for part in only):
            yield from ((name, length) for length in case.lengths if length <= longest)


def main() -> None:
    """Answer the request on the standard input into the file named."""
    found = measure(**json.load(sys.stdin))
    Path(sys.argv[1]).write_text(json.dumps(found._asdict()), encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)  # graphs need not be taken down


if __name__ == "__main__":
    main()
