"""The ways in which a program is differentiated. To add one: a module, and an entry here.

The module has `prepare(program, points)`, which compiles the program for the first of some points
and returns a `Job` for each: its `step` computes value and derivatives there, its `state` are the
numbers found, the value (if it is wanted) before the derivatives; of a Jacobian row by row.
"""

from __future__ import annotations

from benchmarks.peers import Peer

REFERENCE = "plain"
"""The peer whose numbers the others must find."""

PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "jit",
            "chainrule jit",
            "benchmarks.programs.ours_jit",
            ("chainrule", "llvmlite", "numpy"),
            compiles=True,
        ),
        Peer("plain", "chainrule plain", "benchmarks.programs.ours_plain", ("chainrule",)),
        Peer("casadi", "CasADi SX", "benchmarks.programs.casadi_sx", ("casadi",), compiles=True),
        Peer("jax", "JAX jit", "benchmarks.programs.jax_jit", ("jax", "jaxlib"), compiles=True),
        Peer(
            "numba",
            "numba by hand",
            "benchmarks.programs.numba_by_hand",
            ("numba", "llvmlite"),
            compiles=True,
        ),
    )
}
