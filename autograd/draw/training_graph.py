"""The graph of a recorded training: planned once, read at each epoch, drawn when a page is written.

The first graph gives the scene; every later one must have its shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from autograd.draw.moment import Asked, Moment, Moments
from autograd.draw.page.frames import Frame
from autograd.draw.page.network import Maps, Network
from autograd.draw.page.parameters import Parameters
from autograd.draw.page.samples import Samples, samples_of
from autograd.draw.scene.graph_rewrites import Origins, renew
from autograd.draw.scene.parts import Scene
from autograd.draw.scene.plan import Plan
from autograd.value import Value


class TrainingGraph:
    """A graph at the epochs of a training.

    Args:
        root: its output, in the first epoch.
        plan: what is shown of it.
        network: the layers of the model, if it has any.

    >>> from autograd.draw.scene.plan import plan
    >>> w = Value(3.0)
    >>> graph = TrainingGraph(w * 2.0, plan([w * 2.0], caller="record"), None)
    >>> then = graph.read(w * 2.0, epoch=0)
    >>> w.data = 5.0
    >>> with graph.at(then) as frame:
    ...     frame.loss
    6.0
    """

    scene: Final[Scene]
    parameters: Final[Parameters | None]
    samples: Final[Samples | None]
    has_backward: Final[bool]

    def __init__(self, root: Value, plan: Plan, network: Network | None) -> None:
        self._plan = plan
        self._moments = Moments(root, plan.names.paths)
        self._network = network
        self._root: Value | None = None
        self._listed: Sequence[Value] = ()
        self._origins: Origins = {}
        self.scene = plan.scene
        shown = network.paths if network else ()
        self.has_backward = plan.has_backward
        self.parameters = (
            Parameters(plan, is_training=True, shown=shown) if self.has_backward else None
        )
        self.samples = samples_of(plan.structure, self.scene, is_training=True)

    @property
    def leaves(self) -> Sequence[Value]:
        """What it starts from, and the parameters that have no part in it."""
        return self._moments.leaves

    def read(self, root: Value, epoch: int, asked: Asked | None = None) -> Moment:
        """What it starts from in an epoch, as `Moments.read`."""
        return self._moments.read(root, epoch, asked)

    @contextmanager
    def at(self, moment: Moment) -> Iterator[Frame]:
        """Within the block its leaves have the numbers of a moment; gives all that is shown."""
        with self._moments.at(moment) as root:
            numbers = self._plan.numbers(self._order(root))
            seen = (moment.epoch, root.data, self.samples, self.parameters)
            yield Frame.of(self.scene, numbers, *seen)

    def _order(self, root: Value) -> Sequence[Value]:
        """The Values of the scene, listed again only if the graph is another."""
        if root is self._root:
            renew(self._origins)
        else:
            self._origins = {}
            self._listed = self._plan.order(root, origins=self._origins)
            self._root = root
        return self._listed

    def network(self, maps: Sequence[Maps]) -> dict[str, Any] | None:
        """The layers of the model for a page, if the graph was computed by them.

        Args:
            maps: for each frame what the units compute; there may be none.
        """
        known = {} if self.parameters is None else self.parameters.by_path
        if self._network is None or not known:
            return None
        painted = self._network.painted(maps) if maps and maps[0] else None
        return self._network.described(known) | {"maps": painted}
