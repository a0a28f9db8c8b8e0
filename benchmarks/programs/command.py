"""The command `python -m benchmarks programs`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from tqdm import tqdm

from autograd.files import write_whole
from benchmarks.filters import known
from benchmarks.programs import PROGRAMS
from benchmarks.programs.peers import PEERS
from benchmarks.programs.report import line, report
from benchmarks.programs.suite import Settings, run


def programs(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer rounds.")] = False,
    only: Annotated[
        list[str],
        typer.Option(
            callback=known(PROGRAMS, PEERS), help="PROGRAM, /PEER or PROGRAM/PEER; several times."
        ),
    ] = [],  # noqa: B006 - typer's way
    seed: Annotated[int, typer.Option(help="Seed of the order of the peers.")] = 0,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for what is written.")] = Path(
        "out/programs"
    ),
) -> None:
    """Measure programs of single numbers, as people write them, beside compilers and hand work."""
    settings = Settings(seed, quick, tuple(only))
    if not any(map(settings.peers, PROGRAMS.values())):
        raise typer.BadParameter(f"no peer does what {', '.join(only)} asks for")
    out.mkdir(parents=True, exist_ok=True)
    record = run(
        settings,
        _bar,
        lambda program, result: tqdm.write(line(program, result)),
    )
    text = report(record)
    files = [
        write_whole(out / "programs.json", json.dumps(record, indent=1).encode()),
        write_whole(out / "report.md", text.encode()),
    ]
    print(f"\n{text}")
    print("written: " + ", ".join(map(str, files)))
    if record["errors"]:
        print(*record["errors"], sep="\n", file=sys.stderr)
        raise typer.Exit(1)


def _bar(chosen: list[Any]) -> Iterable[Any]:
    bar = tqdm(chosen, desc="measuring", unit=" programs", disable=None)
    for program in bar:
        bar.set_postfix_str(program.name)
        yield program
