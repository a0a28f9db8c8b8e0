"""This project beside its peers, measured in one run.

    pip install -e ".[bench]"
    python -m benchmarks --out out/benchmarks
    python -m benchmarks programs
    python -m benchmarks opening

The first measures training steps, growth, memory and imports, and writes report.md,
benchmarks.json, and steps and growth as SVG and PNG. The second measures programs of single
numbers, as people write them (see `benchmarks.programs`), the third how long pages of large graphs
take to open and to step (see `benchmarks.opening`). The exit code is 0 if all
numbers agreed, 1 if a peer computed others or failed (the report says which, and at what), 2 if
an option makes no sense.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import matplotlib  # noqa: F401  # said to be missing now, rather than after the measurements
import typer
from tqdm import tqdm

from autograd.files import write_whole
from benchmarks.environment import ROOT
from benchmarks.filters import known
from benchmarks.growth import growth
from benchmarks.harness import Harness, Settings
from benchmarks.opening import opening
from benchmarks.pages import publish
from benchmarks.peers import PEERS
from benchmarks.plots import save_plots
from benchmarks.programs.command import programs
from benchmarks.report import full_report
from benchmarks.workloads import WORKLOADS

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command()(programs)
app.command()(opening)
app.command()(growth)


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    quick: Annotated[bool, typer.Option("--quick", help="One round, small sizes: 3 min.")] = False,
    only: Annotated[
        list[str],
        typer.Option(
            callback=known(WORKLOADS, PEERS),
            help="WORKLOAD, /PEER or WORKLOAD/PEER; several times.",
        ),
    ] = [],  # noqa: B006 - typer's way
    seed: Annotated[int, typer.Option(help="Seed of data, parameters, order of peers.")] = 0,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for what is written.")] = Path(
        "out/benchmarks"
    ),
    hips: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Folder with HIPS autograd (pip install --target); else made in the cache.",
        ),
    ] = None,
    update_readme: Annotated[
        bool,
        typer.Option(
            "--update-readme", help="Rewrite the figures of README.md and docs/benchmarks.md."
        ),
    ] = False,
    from_json: Annotated[
        bool, typer.Option("--from-json", help="Measure nothing; use benchmarks.json of --out.")
    ] = False,
) -> None:
    """Measure this project beside its peers: speed, growth, memory, imports."""
    if context.invoked_subcommand is not None:
        sources = {name: context.get_parameter_source(name) for name in context.params}
        given = [name for name, source in sources.items() if source and source.name != "DEFAULT"]
        if given:
            raise typer.BadParameter(
                f"stands before `{context.invoked_subcommand}`, not after it: {', '.join(given)}"
            )
        return
    if from_json:
        record = _read(out / "benchmarks.json")
    else:
        out.mkdir(parents=True, exist_ok=True)
        record = Harness(Settings(seed, quick, tuple(only), isolated=hips)).run(_bar)
        write_whole(out / "benchmarks.json", json.dumps(record, indent=1).encode())
    report = full_report(record)
    files = [write_whole(out / "report.md", report.encode()), *save_plots(record, out)]
    print(report)
    print("written: " + ", ".join(map(str, [out / "benchmarks.json", *files])))
    if record["errors"]:
        print(*record["errors"], sep="\n", file=sys.stderr)
        raise typer.Exit(1)
    if update_readme:
        publish(record, out, ROOT)


def _read(path: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise typer.BadParameter(f"{path} cannot be read: {problem}") from None
    return record


def _bar(pairs: list[Any]) -> Iterable[Any]:
    bar = tqdm(pairs, desc="measuring", unit=" processes", disable=None)
    for number, pair in bar:
        bar.set_postfix_str(f"{pair.workload.name}/{pair.peer.name}")
        yield number, pair


if __name__ == "__main__":
    app()
