"""The tables, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.peers import PEERS
from benchmarks.summary import OURS, Figure, Record, faster, figures, quantity, series, slope, times
from benchmarks.workloads import WORKLOADS, Workload

NONE = "\N{EN DASH}"

SHORT = ("jit", "eager", "micrograd", "torch", "jax")
"""The peers of the short table."""


def table(rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first row is its head, numbers to the right."""
    head, *body = rows
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in lines
    )


def full_report(record: Record) -> str:
    """Everything that was measured."""
    parts = ["# chainrule beside its peers", about(record)]
    if record["errors"]:
        parts += ["## Errors", *(f"    {line}" for e in record["errors"] for line in e.split("\n"))]
    parts += ["## A step", summary_table(record), verdict(record)]
    for workload in WORKLOADS.values():
        details = list(_details(record, workload))
        parts += [f"## {workload.title}", *details] if details else []
    parts += ["## What was measured with", versions(record)]
    return "\n\n".join(parts) + "\n"


def summary_section(record: Record, plot: str) -> str:
    """The summary, with a picture.

    Args:
        record: the run.
        plot: the path of the picture, as the page sees it.
    """
    return "\n\n".join(
        [
            summary_table(record),
            verdict(record),
            f"![Time of a training step, by workload and peer]({plot})",
            about(record),
        ]
    )


def medians_section(record: Record) -> str:
    """The median step of a few peers, and the machine."""
    found, shown = figures(record), _steps(record)
    rows = [["", *(w.title for w in shown)]]
    for name in SHORT:
        medians = [found.get((w.name, None, name)) for w in shown]
        if any(medians):
            cells = [quantity(f.median, "step") if f else NONE for f in medians]
            rows.append([_title(name), *cells])
    return f"{table(rows)}\n\n{machine_line(record)}"


def summary_table(record: Record) -> str:
    """Peers by workloads: the time of a step, its spread, and how many times ours that is."""
    found, reasons, shown = figures(record), _reasons(record), _steps(record)
    notes: dict[str, int] = {}
    rows = [["", *(w.title for w in shown)]]
    for name in PEERS:
        row = []
        for w in shown:
            figure = found.get((w.name, None, name))
            if figure is not None:
                row.append(cell(figure, name))
                continue
            reason = reasons.get((w.name, None, name))
            mark = notes.setdefault(reason, len(notes) + 1) if reason else 0
            row.append(f"{NONE} [{mark}]" if mark else NONE)
        if any(cell != NONE for cell in row):
            rows.append([_title(name), *row])
    lines = [f"[{number}] {reason}." for reason, number in notes.items()]
    return "\n\n".join([table(rows), *(["  \n".join(lines)] if lines else [])])


def _steps(record: Record) -> list[Workload]:
    """The workloads of one size of which steps were measured."""
    known = {name for name, _, _ in figures(record)}
    return [w for w in WORKLOADS.values() if w.measure == "step" and not w.axis and w.name in known]


def _title(peer: str) -> str:
    return f"**{PEERS[peer].title}**" if peer == OURS else PEERS[peer].title


def cell(figure: Figure, peer: str) -> str:
    """The median, its spread, and how many times ours that is."""
    text = f"{quantity(figure.median, 'step')} {_spread(figure)}"
    if peer == OURS or figure.ratio is None:
        return text
    ratio = f"{times(figure.ratio)} x"
    return f"{text}, " + (f"**{ratio}**" if figure.ratio < 1 else ratio)


def _spread(figure: Figure) -> str:
    down, up = (100 * (x / figure.median - 1) for x in (figure.low, figure.high))
    return f"({down:+.0f} to {up:+.0f} %)"


def verdict(record: Record) -> str:
    """Who is faster than ours, in words."""
    quicker = [
        f"{PEERS[peer].title} at {WORKLOADS[workload].title} ({times(ratio)} of its time)"
        for workload, peer, ratio in sorted(faster(record), key=lambda entry: entry[2])
    ]
    if not quicker:
        return f"Nothing measured here is faster than {PEERS[OURS].title}."
    return f"Faster than {PEERS[OURS].title}: {'; '.join(quicker)}."


def about(record: Record) -> str:
    """How to read the figures, and where they were made."""
    missing = "; ".join(f"{PEERS[name].title} ({why})" for name, why in record["missing"].items())
    return (
        "A step is loss, gradients and update, in double precision on one thread; before anything"
        " was timed, each process had its numbers compared with a reference. Medians, with the"
        " smallest and largest value; `x` is the time divided by that of"
        f" {PEERS[OURS].title} in the same round."
        f" {machine_line(record)}"
        + (f" Missing: {missing}." if missing else "")
        + (" A quick run: provisional figures." if record["settings"]["quick"] else "")
    )


def machine_line(record: Record) -> str:
    """Python, processor and system."""
    m = record["machine"]
    return f"{m['python']} on {m['cpu']} ({m['cores']} cores), {m['system']}."


def versions(record: Record) -> str:
    """Each peer's packages."""
    return "\n".join(
        f"- {PEERS[name].title}: " + ", ".join(f"{p} {v}" for p, v in packages.items())
        for name, packages in record["versions"].items()
        if packages and name not in record["missing"]
    )


def _details(record: Record, workload: Workload) -> Iterator[str]:
    found = figures(record)
    if workload.axis is not None:
        yield from _growth(record, workload)
    else:
        rows = [["", workload.measure, "smallest to largest", "values", "ratio", "first two calls"]]
        for name, peer in PEERS.items():
            figure = found.get((workload.name, None, name))
            if figure is not None:
                rows.append(
                    [
                        peer.title,
                        quantity(figure.median, workload.measure),
                        f"{quantity(figure.low, workload.measure)} to"
                        f" {quantity(figure.high, workload.measure)}",
                        str(figure.values),
                        "" if figure.ratio is None else times(figure.ratio),
                        "" if figure.first is None else quantity(figure.first, "first"),
                    ]
                )
        if len(rows) > 1:
            yield table(rows)
    left = [
        f"- {PEERS[name].title}{'' if point is None else f' at {point:,}'}: {reason}"
        for (where, point, name), reason in _reasons(record).items()
        if where == workload.name
    ]
    if left:
        yield "Left out:\n\n" + "\n".join(left)


def _growth(record: Record, workload: Workload) -> Iterator[str]:
    """Medians by size, and the exponents that fit them."""
    rows = [[str(workload.axis), *(f"{point:,}" for point in workload.points), "slope"]]
    for name, points in series(record, workload).items():
        known, exponent = dict(points), slope(points)
        rows.append(
            [
                PEERS[name].title,
                *(
                    quantity(known[point], workload.measure) if point in known else NONE
                    for point in workload.points
                ),
                "" if exponent is None else f"{exponent:.2f}",
            ]
        )
    if len(rows) > 1:
        yield table(rows)


def _reasons(record: Record) -> dict[tuple[str, int | None, str], str]:
    """Why pairs were not measured."""
    return {
        (entry["workload"], entry.get("point"), entry["peer"]): entry["reason"]
        for entry in record["left_out"]
        if entry["peer"] not in record["missing"]
    }
