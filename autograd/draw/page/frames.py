"""The frames of a page: the numbers of a scene at each moment, as floats of 64 bits in base64.

So the page shows the engine's exact numbers, and a long training stays small. `files/data.js` reads
them.
"""

from __future__ import annotations

import math
import sys
from array import array
from base64 import b64encode
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from autograd.draw.page.parameters import Parameters
from autograd.draw.page.samples import Samples
from autograd.draw.page.totals import running_totals
from autograd.draw.scene.numbers import Numbers, Reading, Span, measure
from autograd.draw.scene.parts import OperationNode, Scene, UnitNode

Columns: TypeAlias = Sequence[tuple["array[float]", "array[float]"]]
"""The lows and the highs of each kind of number."""

GRAD = 1
"""Which of the columns of a frame holds the gradients of the nodes."""


class Frame(NamedTuple):
    """The numbers of a scene at one moment: only what the page shows of the graph.

    Attributes:
        columns: data and gradient of the nodes; local derivative, flow and running total of the
            edges: the lows and the highs of each.
        failure: the index of the node at which the backward pass ends early, and why; or `None`.
        epoch: the epoch of the moment; 0 for a drawing without training.
        loss: the loss at the moment, or `None`.
        samples: the same columns for each sample that can be opened.
        parameters: what `Parameters.read` says.
    """

    columns: Columns
    failure: tuple[int, str] | None
    epoch: int = 0
    loss: float | None = None
    samples: Sequence[Columns] = ()
    parameters: array[float] = array("d")

    @classmethod
    def of(
        cls,
        scene: Scene,
        numbers: Numbers,
        epoch: int = 0,
        loss: float | None = None,
        samples: Samples | None = None,
        parameters: Parameters | None = None,
    ) -> Frame:
        """The frame of a scene for the numbers of a backward pass from the outputs."""
        columns, *of_samples = _columns(scene, numbers, *(samples.scenes if samples else ()))
        return cls(
            columns,
            _failure(scene, numbers),
            epoch,
            loss,
            of_samples,
            parameters.read(numbers) if parameters else array("d"),
        )


def all_frames(frames: Sequence[Frame]) -> dict[str, Any]:
    """The numbers of all frames, for the page."""
    losses = [frame.loss for frame in frames]
    return {
        "count": len(frames),
        "epochs": [frame.epoch for frame in frames],
        "losses": None
        if all(loss is None for loss in losses)
        else [loss if loss is not None and math.isfinite(loss) else None for loss in losses],
        "failures": [frame.failure for frame in frames],
        **_numbers(frame.columns for frame in frames),
    }


def all_samples(samples: Samples, frames: Sequence[Frame]) -> dict[str, Any]:
    """The numbers of the samples in all frames, for the page."""
    return {
        "count": samples.count,
        "word": samples.word,
        "absent": samples.absent(),
        **_numbers(columns for frame in frames for columns in frame.samples),
    }


def _numbers(all_columns: Iterable[Columns]) -> dict[str, Any]:
    """The lows and highs of all columns; the lows alone where they are the same everywhere."""
    pairs = [pair for columns in all_columns for pair in columns]
    has_spans = any(low.tobytes() != high.tobytes() for low, high in pairs)
    columns = chain.from_iterable(pairs) if has_spans else (low for low, _ in pairs)
    return {"spans": has_spans, "numbers": encoded(columns)}


def stored_gradients(now: Reading, frame: Frame) -> str | None:
    """The gradients that the Values hold, where it is not those of the pass; NaN elsewhere.

    Those of 0 are left out: there has been no pass yet, or they have been zeroed since.
    """
    nothing = Span(math.nan, math.nan)
    given = map(Span, *frame.columns[GRAD])
    held = [
        span if span and span != of_pass and span != (0.0, 0.0) else nothing
        for span, of_pass in zip((node.grad for node in now.nodes), given, strict=True)
    ]
    if all(math.isnan(span.low) for span in held):
        return None
    return encoded(_known(held))


def _columns(scene: Scene, numbers: Numbers, *parts: Scene) -> list[Columns]:
    """The columns of a scene, and of each part of it."""
    readings = [measure(one, numbers) for one in (scene, *parts)]
    return [
        [
            _known(node.data for node in reading.nodes),
            _known(node.grad for node in reading.nodes),
            _known(edge.local for edge in reading.edges),
            _known(edge.flow for edge in reading.edges),
            _known(totals),
        ]
        for reading, totals in zip(readings, running_totals(scene, numbers, *parts), strict=True)
    ]


def _known(spans: Iterable[Span | None]) -> tuple[array[float], array[float]]:
    known = [span or Span(math.nan, math.nan) for span in spans]
    return array("d", (span.low for span in known)), array("d", (span.high for span in known))


def _failure(scene: Scene, numbers: Numbers) -> tuple[int, str] | None:
    if numbers.failure is None:
        return None
    at, why = numbers.failure
    makers = [node for node in scene.nodes if isinstance(node, OperationNode | UnitNode)]
    maker = next((node.name for node in makers if at in node.members), None)
    if (
        maker is None
    ):  # inside a unit: the unit that reads the operand, or the next that it leads to
        maker = next(
            (edge.head for edge in scene.edges if any(i == at for i, _ in edge.members)),
            next((node.name for node in makers if max(node.members) > at), makers[-1].name),
        )
    return next(n for n, node in enumerate(scene.nodes) if node.name == maker), why


def encoded(columns: Iterable[array[float]]) -> str:
    """Floats in base64, as the page reads them on any machine."""
    return b64encode(b"".join(map(_little_endian, columns))).decode()


def _little_endian(column: array[float]) -> bytes:
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return column.tobytes()
