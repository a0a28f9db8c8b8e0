"""The table of peers. To add one: a module beside this one, and an entry here.

The module has a function for each kind of job it can do (`xor`, `moons`, ..., see
`benchmarks.workloads`) from the problem to a `Job`. What it has no function for is named in
`without`, with the reason, which the report shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SECOND = "first derivatives only"
NO_CHAIN = "written with whole arrays, it has no graph of single numbers"


@dataclass(frozen=True, eq=False)
class Peer:
    """One way of computing.

    Attributes:
        name: its key, in filters and in the JSON file.
        title: what it is called in the report.
        module: what computes; imported only in processes that measure it.
        packages: the distributions it needs, whose versions are recorded.
        statement: what its users import, for the import time; None if there is nothing.
        isolated: what pip is to install where its import name collides with this project's.
        tolerance: how far its numbers may be from the reference.
        compiles: whether the first call is another matter than the rest.
        without: the kinds of jobs it does not do, each with the reason.
    """

    name: str
    title: str
    module: str
    packages: tuple[str, ...] = ()
    statement: str | None = None
    isolated: str | None = None
    tolerance: float = 1e-9
    compiles: bool = False
    without: dict[str, str] = field(default_factory=dict)


_HERE = "benchmarks.peers"

PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "jit",
            "chainrule jit",
            f"{_HERE}.ours_jit",
            ("chainrule", "llvmlite", "numpy"),
            "import autograd, autograd.jit",
            compiles=True,
        ),
        Peer(
            "jit_without_llvm",
            "chainrule jit, no LLVM",
            f"{_HERE}.ours_without_llvm",
            ("chainrule", "numpy"),
            compiles=True,
            without=dict.fromkeys(("chain", "import"), "see chainrule jit"),
        ),
        Peer(
            "eager",
            "chainrule eager",
            f"{_HERE}.ours_eager",
            ("chainrule",),
            "from autograd import Value, grad",
        ),
        Peer(
            "micrograd",
            "micrograd",
            f"{_HERE}.micrograd",
            ("micrograd",),
            "import micrograd.engine",
            without={
                **dict.fromkeys(("xor", "digits", "gpt"), "it has no exp and no log"),
                "hessian": SECOND,
            },
        ),
        Peer(
            "lean",
            "lean Python class",
            f"{_HERE}.lean",
            without={"hessian": SECOND, "import": "part of this repository"},
        ),
        Peer("torch", "PyTorch eager", f"{_HERE}.torch_eager", ("torch",), "import torch"),
        Peer(
            "modules",
            "PyTorch nn, optim",
            f"{_HERE}.torch_modules",
            ("torch",),
            without=dict.fromkeys(
                ("gpt", "rosenbrock", "hessian", "chain", "import"), "see PyTorch eager"
            ),
        ),
        Peer(
            "jax",
            "JAX jit",
            f"{_HERE}.jax_jit",
            ("jax", "jaxlib"),
            "import jax",
            compiles=True,
        ),
        Peer(
            "on_jax",
            "chainrule on JAX",
            f"{_HERE}.ours_on_jax",
            ("chainrule", "jax", "jaxlib"),
            compiles=True,
            without=dict.fromkeys(
                ("xor", "rosenbrock", "hessian", "chain", "watched", "import"), "see chainrule jit"
            ),
        ),
        Peer(
            "casadi",
            "CasADi SX",
            f"{_HERE}.casadi_sx",
            ("casadi",),
            "import casadi",
            compiles=True,
        ),
        Peer(
            "called",
            "CasADi SX, called f(x)",
            f"{_HERE}.casadi_call",
            ("casadi",),
            compiles=True,
            without=dict.fromkeys(
                ("gpt", "rosenbrock", "hessian", "chain", "import"), "see CasADi SX"
            ),
        ),
        Peer(
            "xad",
            "XAD",
            f"{_HERE}.xad_tape",
            ("xad",),
            "import xad",
            without={"hessian": "its Python package has no second order"},
        ),
        Peer(
            "tinygrad",
            "tinygrad",
            f"{_HERE}.tinygrad_jit",
            ("tinygrad",),
            "import tinygrad",
            compiles=True,
            without={
                "hessian": SECOND,
                "chain": "each operation of a chain would be an array of its own",
            },
        ),
        Peer(
            "hips",
            "HIPS autograd",
            f"{_HERE}.hips",
            ("autograd", "numpy"),
            "import autograd.numpy",
            isolated="autograd==1.8.0",
        ),
        Peer(
            "numpy",
            "NumPy by hand",
            f"{_HERE}.numpy_hand",
            ("numpy",),
            "import numpy",
            without={"chain": NO_CHAIN},
        ),
        Peer(
            "c",
            "C by hand",
            f"{_HERE}.c_hand",
            without={
                "gpt": "not written by hand here: NumPy by hand is the limit shown",
                "import": "nothing to import",
            },
        ),
    )
}
