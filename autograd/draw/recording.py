"""`record`: a training as a page in which it can be played.

A `Recording` is called once in each epoch and stores the numbers of the graph. However long the
training is, it keeps at most a given number of frames: whenever it is full it drops every second
one, and from then on skips twice as many epochs. So nothing has to be known in advance, the frames
are always evenly spread, and a skipped epoch costs almost nothing. The first epoch and the last are
always kept.

The scene is planned once, by `plan`, from the first graph; every later one must have its shape.
`page` writes the scene with the numbers of all the frames, each of one `moment`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeAlias, final, get_args

from autograd.draw.arguments import Direction, digits, one_of
from autograd.draw.moment import check_up_to_date, holding
from autograd.draw.page.boundary import Grid, Plane, Predict, plane_of
from autograd.draw.page.html import Frame, page
from autograd.draw.scene.numbers import numbers_of_backward, numbers_of_values
from autograd.draw.scene.plan import MAX_NODES, Choice, Plan, plan
from autograd.draw.showing import HEIGHT, Cell, show
from autograd.files import AnyPath, as_path, check_folder, write_whole
from autograd.graph import leaves, topological_order
from autograd.number import as_integer, describe
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
    """Record a training, to play it in a page.

    Call the recording in each epoch with the loss, after `backward()` or before, but always before
    the step of the optimiser: the frame shows the numbers that the loss was computed from. Instead
    of a loss it takes a function that computes one, or any other graph worth watching; it is called
    only where a frame is kept.

    A frame takes 32 bytes for each node that is drawn and 48 for each edge, and 8 for each place
    of the boundary: a few kB, however large the graph. Making one takes several times as long as a
    backward pass.

    Args:
        path: the file to write at the end of a `with` block, and the default of `save`.
        model: a network whose layers and neurons are shown as boxes.
        detail: the detail of the drawing, as for `draw`.
        unfold: show dot products as products and a sum, as for `draw`.
        max_nodes: the most nodes that `detail="auto"` may show, as for `draw`.
        every: at first, keep every epoch (1), every second one (2), and so on: less work for a
            training that is known to be long.
        max_frames: the largest number of epochs to keep, at least 2.
        boundary: `(predict, rows, targets)` to show the decision boundary: a network, or any
            function from a row of two numbers to one number; the points; and the target of each.
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
    planner([Value(0.0)])  # wrong arguments raise now, not in the first epoch
    return Recording(
        None if path is None else _checked(path).absolute(),  # wherever the process changes to
        planner,
        as_integer(every, "record: every", 1),
        as_integer(max_frames, "record: max_frames", 2),
        None if boundary is None else plane_of(boundary, boundary_size),
        _look(title, direction, precision),
    )


class _Kept(NamedTuple):
    """A frame, and the decision boundary at the same moment."""

    frame: Frame
    grid: Grid | None


class _Skipped(NamedTuple):
    """A skipped epoch, and what it takes to make its frame if it is the last."""

    loss: Loss
    epoch: int
    leaves: list[float]


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
        plane: Plane | None,
        look: dict[str, Any],
    ) -> None:
        self._path = path
        self._planner = planner
        self._room = max_frames - 1  # one place is reserved for the last epoch
        self._plane = plane
        self._look = look
        self._plan: Plan | None = None
        self._leaves: list[Value] = []
        self._kept: list[_Kept] = []
        self._skipped: _Skipped | None = None
        self._calls = 0
        self._stride = every
        self._epoch = -1

    def __repr__(self) -> str:
        return f"<Recording of {self._calls} epochs: .save('training.html') or .show()>"

    @property
    def epochs(self) -> tuple[int, ...]:
        """The epochs that `save` would write."""
        kept = [kept.frame.epoch for kept in self._kept]
        return (*kept, self._skipped.epoch) if self._skipped else tuple(kept)

    def __call__(self, loss: Loss, *, epoch: int | None = None) -> None:
        """Record one epoch, if it is to be kept.

        Args:
            loss: the loss, before the optimiser makes its step; or a function that computes it,
                called only where the epoch is kept.
            epoch: the number of the epoch; by default one more than the last, from 0.

        Raises:
            TypeError: the loss is neither a Value nor a function that returns one.
            ValueError: the graph has another shape than that of the first epoch, its leaves have
                changed since it was computed, or the epochs do not increase.
        """
        if not isinstance(loss, Value) and not callable(loss):
            raise TypeError(
                f"record: expected a Value, or a function that returns one, got {describe(loss)}"
            )
        epoch = self._epoch + 1 if epoch is None else as_integer(epoch, "record: epoch", 0)
        if epoch <= self._epoch:
            raise ValueError(f"record: the epochs must increase, got {epoch} after {self._epoch}")
        if self._calls % self._stride == 0 and len(self._kept) == self._room:
            self._kept = self._kept[::2]
            self._stride *= 2
        if self._calls % self._stride == 0:
            self._kept.append(self._look_at(loss, epoch))
            self._skipped = None
        else:
            self._skipped = _Skipped(loss, epoch, [leaf.data for leaf in self._leaves])
        self._calls += 1
        self._epoch = epoch

    def save(self, path: AnyPath | None = None) -> Path:
        """Write the page with what was recorded so far, all of it or nothing.

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
        height = as_integer(height, "Recording.show: height", 1)
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
        kept = self._all()
        if not kept:
            raise ValueError("record: nothing to show: the recording was never called with a loss")
        assert self._plan is not None
        grids = [grid for _, grid in kept if grid is not None]
        return page(
            self._plan.scene,
            [frame for frame, _ in kept],
            boundary=None if self._plane is None else self._plane.boundary(grids),
            **self._look,
        )

    def _all(self) -> list[_Kept]:
        if self._skipped is None:
            return self._kept
        loss, epoch, numbers = self._skipped
        with holding(self._leaves, numbers):
            return [*self._kept, self._look_at(loss, epoch)]

    def _look_at(self, loss: Loss, epoch: int) -> _Kept:
        value = loss if isinstance(loss, Value) else loss()
        if not isinstance(value, Value):
            raise TypeError(f"record: the function must return a Value, got {describe(value)}")
        check_up_to_date(value, epoch)
        if self._plan is None:
            self._plan = self._planner([value])
            self._leaves = leaves(topological_order(value))
        try:
            order = self._plan.order(value)
        except ValueError as error:
            raise ValueError(f"record: epoch {epoch}: {error}") from error
        if self._plan.scene.detail == "summary":  # which shows no gradients
            numbers = numbers_of_values(order)
        else:
            numbers = numbers_of_backward(order, *(order[i] for i in self._plan.outputs))
        frame = Frame.of(self._plan.scene, numbers, epoch, value.data)
        return _Kept(frame, None if self._plane is None else self._plane.sample())


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
