"""`record`: a training as a page in which it can be played.

A `Recording` is called once in each epoch and stores what its graph starts from, a `moment`.
However long the training is, it keeps at most a given number of them: whenever it is full it drops
every second one, and from then on skips twice as many epochs. So nothing has to be known in
advance, the frames are always evenly spread, and a skipped epoch costs almost nothing. The first
epoch and the last are always kept.

Only what `page` writes is computed: the numbers of the scene at each moment that is left
(`TrainingGraph`).
"""

from __future__ import annotations

import warnings
from array import array
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeAlias, final, get_args

from autograd.draw.arguments import Direction, check_computes, digits, integer, one_of
from autograd.draw.moment import Asked, Moment, holding
from autograd.draw.page.boundary import Plane, Predict, Sample, plane_of
from autograd.draw.page.frames import Frame
from autograd.draw.page.html import page
from autograd.draw.page.network import Network, network_of
from autograd.draw.page.page_data import page_data
from autograd.draw.scene.plan import MAX_NODES, Choice, Plan, plan
from autograd.draw.showing import HEIGHT, Cell, show
from autograd.draw.training_graph import TrainingGraph
from autograd.files import AnyPath, as_path, check_folder, write_whole
from autograd.number import describe
from autograd.progress import with_progress
from autograd.value import Value

Loss: TypeAlias = Value | Callable[[], Value]
"""A loss, or a function that computes one and is called only for the epochs that are kept."""


def record(
    path: AnyPath | None = None,
    *,
    model: Any = None,
    detail: Choice = "auto",
    unfold: bool = False,
    max_nodes: int = MAX_NODES,
    every: int = 1,
    max_frames: int = 100,
    boundary: tuple[Predict, Iterable[Any], Iterable[Any]] | None = None,
    boundary_size: int = 25,
    direction: Direction = "LR",
    precision: int = 4,
    title: str = "Training",
) -> Recording:
    """Record a training, to play it in a page: the graph of the loss, and the network of layers.

    Call the recording in each epoch with the loss, after `backward()` or before, but always before
    the step of the optimiser: the frame shows the numbers that the loss was computed from. Instead
    of a loss it takes a function that computes one, or any other graph worth watching; it is called
    only where a frame is kept.

    An epoch that is kept takes 8 bytes for each leaf of the graph, and for each plain number in it
    that is another than in the epoch before. Its frame is computed when the page is written, which
    takes several times as long as a backward pass, and is a few ten kB there, however large the
    graph.

    Args:
        path: the file to write at the end of a `with` block, and the default of `save`.
        model: a network whose layers and neurons are shown as boxes. If it has layers that follow
            each other, the page opens on them: units in columns, weights as lines that move.
        detail: the detail of the drawing, as for `draw`.
        unfold: show dot products as products and a sum, as for `draw`.
        max_nodes: the most nodes that `detail="auto"` may show, as for `draw`.
        every: at first, keep every epoch (1), every second one (2), and so on: less work for a
            training that is known to be long.
        max_frames: the largest number of epochs to keep, at least 2.
        boundary: `(predict, rows, targets)` to show the decision boundary, and in each unit of the
            model what it computes: a network, or any function from a row of two numbers to one
            number, which depends on nothing that changes but the leaves of the graph and the
            model's parameters; the points; and the target of each.
        boundary_size: the number of places of the boundary in each direction.
        direction: where the computation goes, as for `draw`.
        precision: the number of significant digits to show, as for `draw`.
        title: the title of the page.

    Returns:
        The recording: call it in each epoch, and `save` it, or use it in a `with` block, which
        saves what was recorded however it ends, by an error or Ctrl-C too.

    Raises:
        ValueError: the suffix of the path is not `.html`, an argument is out of range, or the rows
            of the boundary are not of two numbers.
        TypeError: an argument is of the wrong kind.
        FileNotFoundError: there is no folder for the path.

    >>> w = Value(0.0, "w")
    >>> recording = record(title="A weight on its way to 2")
    >>> for epoch in range(1000):
    ...     loss = (w - 2.0) ** 2
    ...     loss.backward()
    ...     recording(loss)
    ...     w.data -= 0.01 * w.grad
    ...     w.grad = 0.0
    >>> recording.epochs[:3], recording.epochs[-1]
    ((0, 16, 32), 999)
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     recording.save(f"{folder}/training.html").name
    'training.html'

    With `nn.fit`, as one of its callbacks:

        lambda state: recording(lambda: loss_of(model), epoch=len(state.history))
    """
    planner = partial(
        plan, model=model, detail=detail, unfold=unfold, max_nodes=max_nodes, caller="record"
    )
    size = integer("record: boundary_size", boundary_size, 2)
    planner([Value(0.0)])  # wrong arguments raise now, not in the first epoch
    network = network_of(model)
    return Recording(
        None if path is None else _checked(path).absolute(),  # wherever the process changes to
        planner,
        integer("record: every", every, 1),
        integer("record: max_frames", max_frames, 2),
        network,
        None if boundary is None else plane_of(boundary, size, model, network),
        _look(title, direction, precision),
    )


class _Skipped(NamedTuple):
    """A skipped epoch, and what it takes to read its moment if it is the last."""

    loss: Loss
    epoch: int
    leaves: list[float]


class _Drawn(NamedTuple):
    """What a page shows of a moment: the numbers of the scene, and the plane of the inputs."""

    frame: Frame
    sample: Sample | None


@final
class Recording:
    """A training, as recorded so far; `record` makes it.

    >>> w = Value(3.0)
    >>> recording = record()
    >>> recording(w * w)
    >>> recording.epochs
    (0,)
    """

    def __init__(
        self,
        path: Path | None,
        planner: Callable[[list[Value]], Plan],
        every: int,
        max_frames: int,
        network: Network | None,
        plane: Plane | None,
        look: dict[str, Any],
    ) -> None:
        self._path = path
        self._planner = planner
        self._room = max_frames - 1  # one place is reserved for the last epoch
        self._network = network
        self._plane = plane
        self._look = look
        self._graph: TrainingGraph | None = None
        self._kept: list[Moment] = []
        self._drawn: dict[int, _Drawn] = {}
        self._skipped: _Skipped | None = None
        self._calls = 0
        self._stride = every
        self._epoch = -1

    def __repr__(self) -> str:
        return f"<Recording of {self._calls} epochs: .save('training.html') or .show()>"

    @property
    def epochs(self) -> tuple[int, ...]:
        """The epochs that `save` would write."""
        kept = [moment.epoch for moment in self._kept]
        return (*kept, self._skipped.epoch) if self._skipped else tuple(kept)

    def __call__(self, loss: Loss, *, epoch: int | None = None) -> None:
        """Record one epoch, if it is to be kept.

        Args:
            loss: the loss, before the optimiser makes its step; or a function that computes it,
                called only where the epoch is kept.
            epoch: the number of the epoch; by default one more than the last, from 0.

        Raises:
            TypeError: the loss is neither a Value nor a function that returns one.
            ValueError: the graph has another shape than that of the first epoch, or a parameter in
                another place; its leaves have changed since it was computed; or the epochs do not
                increase.
        """
        if not isinstance(loss, Value) and not callable(loss):
            raise TypeError(
                f"record: expected a Value, or a function that returns one, got {describe(loss)}"
            )
        epoch = self._epoch + 1 if epoch is None else integer("record: epoch", epoch, 0)
        if epoch <= self._epoch:
            raise ValueError(f"record: the epochs must increase, got {epoch} after {self._epoch}")
        if self._calls % self._stride == 0 and len(self._kept) == self._room:
            self._kept = self._kept[::2]
            self._stride *= 2
        if self._calls % self._stride == 0:
            self._kept.append(self._read(loss, epoch))
            self._skipped = None
        else:
            assert self._graph is not None  # the first epoch is never skipped
            numbers = [leaf.data for leaf in self._graph.leaves]
            self._skipped = _Skipped(loss, epoch, numbers)
        self._calls += 1
        self._epoch = epoch

    def save(self, path: AnyPath | None = None) -> Path:
        """Write the page with what was recorded so far, all of it or nothing.

        A warning tells of a boundary, or a last epoch, that could not be computed again.

        Args:
            path: the file, with the suffix `.html`; by default the path given to `record`.

        Returns:
            The path.

        Raises:
            ValueError: nothing was recorded, there is no path, or its suffix is another.
            OSError: the file cannot be written.
        """
        if path is None and self._path is None:
            raise ValueError("record: expected a path to save to: record(path) or save(path)")
        target = self._path if path is None else _checked(path)
        assert target is not None
        return write_whole(target, self._page().encode())

    def show(self, *, height: int = HEIGHT) -> None:
        """Show what was recorded so far: in a notebook's cell, else in the browser.

        Args:
            height: of the page in a notebook, in pixels. It is as wide as the cell.

        Raises:
            ValueError: nothing was recorded, or the height is less than 1.
            TypeError: the height is not an integer.
            RenderError: there is no browser.
        """
        height = integer("Recording.show: height", height, 1)
        text = self._page()
        show("Recording.show", "training.html", text, Cell(text, repr(self), height))

    def __enter__(self) -> Recording:
        if self._path is None:
            raise ValueError("record: a with block needs a path to save to: record(path)")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None or self._kept:
            self.save()

    def _page(self) -> str:
        moments, graph = self._all(), self._graph
        if graph is None:
            raise ValueError("record: nothing to show: the recording was never called with a loss")
        self._drawn = {
            one.epoch: self._drawn.get(one.epoch) or self._draw(graph, one)
            for one in with_progress(moments, "frames")
        }
        if self._plane is not None:
            self._plane.complain()
        samples = [sample for _, sample in self._drawn.values() if sample is not None]
        data = page_data(
            graph.scene,
            [frame for frame, _ in self._drawn.values()],
            boundary=None if self._plane is None else self._plane.boundary(samples),
            network=graph.network([sample.maps for sample in samples]),
            parameters=graph.parameters,
            samples=graph.samples,
            has_backward=graph.has_backward,
            **self._look,
        )
        return page(data)

    def _all(self) -> list[Moment]:
        if self._skipped is None or self._graph is None:
            return self._kept
        loss, epoch, numbers = self._skipped
        leaves = self._graph.leaves
        try:
            with holding(leaves, numbers):
                last = self._read(loss, epoch)
        except Exception as error:  # the others are worth a page
            message = f"record: epoch {epoch} is left out: {type(error).__name__}: {error}"
            warnings.warn(message, RuntimeWarning, stacklevel=4)
            return self._kept
        if self._plane is not None and not set(self._plane.parameters()).issubset(leaves):
            last = last._replace(asked=Asked(None, array("d")))  # of that epoch they are unknown
        return [*self._kept, last]

    def _read(self, loss: Loss, epoch: int) -> Moment:
        """The moment of an epoch."""
        if not isinstance(loss, Value):
            check_computes("recording", loss)
        value = loss if isinstance(loss, Value) else loss()
        if not isinstance(value, Value):
            raise TypeError(f"record: the function must return a Value, got {describe(value)}")
        asked = None if self._plane is None else self._plane.ask()
        if self._graph is not None:
            return self._graph.read(value, epoch, asked)
        graph = TrainingGraph(value, self._planner([value]), self._network)
        moment = graph.read(value, epoch, asked)
        self._graph = graph
        return moment

    def _draw(self, graph: TrainingGraph, moment: Moment) -> _Drawn:
        """What the page shows of a moment."""
        with graph.at(moment) as frame:
            if self._plane is None or moment.asked is None:
                return _Drawn(frame, None)
            return _Drawn(frame, self._plane.sample(moment.epoch, moment.asked))


def _checked(path: AnyPath) -> Path:
    path = as_path(path, "record")
    if path.suffix.lower() != ".html":
        raise ValueError(f"record: the name must end in .html, got {path.name!r}")
    check_folder(path)
    return path


def _look(title: str, direction: str, precision: int) -> dict[str, Any]:
    if not isinstance(title, str):
        raise TypeError(f"record: title must be a string, got {describe(title)}")
    return {
        "title": title,
        "direction": one_of("record: direction", direction, get_args(Direction)),
        "precision": digits("record: precision", precision),
    }
