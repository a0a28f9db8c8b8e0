"""The table of workloads. To add one: an entry here, and in each peer a function or a reason.

A workload is a kind of job at one or several sizes, and what is measured of it:

- `step`: seconds of a step once everything is warm;
- `first`: seconds from the problem to the second result: building, tracing, running, and what is
  compiled by then (chainrule interprets its first runs, and compiles later);
- `peak`: bytes by which the process has grown at the most until then;
- `memory`: bytes that a node of the graph takes while the graph is alive;
- `import`: seconds that importing a package adds to the start of Python.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import problems
from benchmarks.peers import Peer

ENGINES = ("eager", "micrograd", "lean", "torch", "hips", "xad")
ON_JAX = ("on_jax", "jax")
NETWORKS = ("jit", "eager", "lean", "torch", "jax", "casadi", "numpy", "c")


@dataclass(frozen=True, eq=False)
class Workload:
    """What is computed, and what is measured of it.

    Attributes:
        name: its key, in filters and in the JSON file.
        title: what it is called in the report.
        job: the kind of job: the name of the peers' functions.
        make: the problem, by seed and size.
        measure: `step`, `first`, `peak`, `memory` or `import`.
        axis: what grows from point to point; None if there is one size.
        points: the sizes, as arguments of `make` under the name of the axis.
        quick: how many of the points are measured in a quick run.
        only: the peers that take part; empty for all.
        reason: why the others do not.
        processes: in how many processes each pair is measured, in a full run.
    """

    name: str
    title: str
    job: str
    make: Callable[..., Any]
    measure: str = "step"
    axis: str | None = None
    points: tuple[int | None, ...] = (None,)
    quick: int = 2
    only: tuple[str, ...] = ()
    reason: str = ""
    processes: int = 4

    def problem(self, seed: int, point: int | None) -> Any:
        """The problem at one of the sizes."""
        return self.make(seed) if point is None else self.make(seed, **{str(self.axis): point})

    def reason_without(self, peer: Peer) -> str | None:
        """Why a peer does not take part; None if it does."""
        if self.job in peer.without or self.name in peer.without:
            return peer.without.get(self.name) or peer.without[self.job]
        return self.reason if self.only and peer.name not in self.only else None


_SCALING = "left out where growth is shown"

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("xor", "XOR 2-3-1, 4 rows", "xor", problems.xor),
        Workload("moons", "moons 2-16-16-1, 100 rows", "moons", problems.moons),
        Workload("digits", "digits 64-32-10, 100 rows", "digits", problems.digits),
        Workload("gpt", "GPT, one name, Adam", "gpt", problems.gpt),
        Workload("rosenbrock", "Rosenbrock gradient, 100 dimensions", "rosenbrock", problems.point),
        Workload("hessian", "Hessian, 20 variables", "hessian", problems.few),
        Workload(
            "chain",
            "chain: build, differentiate",
            "chain",
            problems.chain,
            axis="nodes",
            points=(1_000, 10_000, 100_000, 1_000_000),
            processes=1,
        ),
        Workload(
            "samples",
            "moons by samples",
            "moons",
            problems.moons,
            axis="samples",
            points=(10, 100, 1_000),
            only=NETWORKS,
            reason=_SCALING,
            processes=1,
        ),
        Workload(
            "mapped",
            "moons by rows of `vmap`",
            "mapped",
            problems.moons,
            axis="samples",
            points=(100, 1_000, 10_000),
            only=("jit", "jit_without_llvm", "jax", "numpy"),
            reason="has no `vmap`",
            processes=1,
        ),
        Workload(
            "rows",
            "moons on JAX, by rows",
            "mapped",
            problems.rows_in_arrays,
            axis="samples",
            points=(100, 1_000, 10_000, 100_000, 1_000_000),
            only=ON_JAX,
            reason="not on JAX",
            processes=3,
        ),
        Workload(
            "compiling",
            "moons on JAX, first two calls by rows",
            "mapped",
            problems.rows_in_arrays,
            measure="first",
            axis="samples",
            quick=1,
            points=(100, 1_000_000),
            only=ON_JAX,
            reason="not on JAX",
            processes=3,
        ),
        Workload(
            "pictures",
            "pictures 784-128-10, 100 rows",
            "digits",
            problems.pictures,
            quick=0,
            only=ON_JAX,
            reason="not on JAX",
            processes=1,
        ),
        Workload(
            "devices",
            "moons on JAX, 80,000 rows by devices of a CPU",
            "sharded",
            problems.shared,
            axis="devices",
            quick=0,
            points=(1, 2, 4, 8),
            only=ON_JAX,
            reason="not on JAX",
            processes=3,
        ),
        Workload(
            "processes",
            "moons on JAX, 80,000 rows by processes of one device",
            "joint",
            problems.joint,
            axis="processes",
            quick=0,
            points=(1, 2),
            only=ON_JAX,
            reason="not on JAX",
            processes=3,
        ),
        Workload(
            "width",
            "moons by width",
            "moons",
            problems.moons,
            axis="width",
            quick=0,
            points=(4, 16, 64),
            only=NETWORKS,
            reason=_SCALING,
            processes=1,
        ),
        Workload(
            "depth",
            "moons by depth",
            "moons",
            problems.moons,
            axis="depth",
            quick=0,
            points=(1, 2, 4, 8),
            only=NETWORKS,
            reason=_SCALING,
            processes=1,
        ),
        Workload(
            "compile",
            "first two calls, by samples of moons",
            "moons",
            problems.moons,
            measure="first",
            axis="samples",
            points=(1, 10, 100, 1_000),
            only=("jit", "jax", "casadi"),
            reason="not a compiler, or one that keeps what it compiled on the disk",
            processes=1,
        ),
        Workload(
            "room",
            "memory of the first two calls",
            "moons",
            problems.moons,
            measure="peak",
            axis="samples",
            points=(1, 10, 100, 1_000),
            quick=3,
            only=("jit", "jax", "casadi"),
            reason="see the time of the first two calls",
            processes=1,
        ),
        Workload(
            "watched",
            "a call that checks functions, a setting in each",
            "watched",
            problems.settings,
            axis="functions",
            points=(1, 10, 100),
            quick=3,
            only=("jit", "numpy"),
            reason="takes what it has read to stay, or does not compile",
            processes=1,
        ),
        Workload(
            "memory",
            "bytes a node",
            "chain",
            problems.long_chain,
            measure="memory",
            only=ENGINES,
            reason="no graph of single numbers is kept",
            processes=1,
        ),
        Workload("import", "import time", "import", problems.nothing, measure="import"),
    )
}
