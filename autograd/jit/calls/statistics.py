"""What was compiled, in numbers: `jitted.stats`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from autograd.jit.stages import STAGES

if TYPE_CHECKING:
    from autograd.jit.calls.calls import Calls
    from autograd.jit.calls.compiled import Compiled
    from autograd.jit.calls.specialisation import Path

NODES = ("traced", "differentiated", "simplified")
SIZES = ("operations", "gathers", "bytes")


def statistics(structures: Iterable[Calls], paths: Sequence[Path]) -> dict[str, Any]:
    """The numbers of everything that has been compiled of one function; see `Jitted.stats`."""
    listed = list(structures)
    families = [path.compiled.family() for path in paths]
    programs = [
        program(compiled, path.reads if k == 0 else None, f"{compiled.name}, specialisation {way}")
        for way, (path, family) in enumerate(zip(paths, families, strict=True), 1)
        for k, compiled in enumerate(family)
    ]
    return {
        "structures": len(listed),
        "specialisations": len(paths),
        "derivatives": len(programs) - len(paths),
        "plain": sum(calls.plain for calls in listed),
        "nodes": {stage: sum(p["nodes"][stage] for p in programs) for stage in NODES},
        "seconds": {stage: sum(p["seconds"][stage] for p in programs) for stage in STAGES},
        **{size: sum(p[size] for p in programs) for size in SIZES},
        "programs": programs,
    }


def program(compiled: Compiled, reads: int | None, name: str) -> dict[str, Any]:
    """The numbers of one program; 0 for what has not been done because it was not needed yet.

    Args:
        compiled: the program.
        reads: the number of its parameters; None for a derivative.
        name: what it is called.
    """
    is_derivative = reads is None
    code = compiled.code
    stats = code.stats if code else {}
    traced = compiled.traced.size
    return {
        "name": name,
        "nodes": {
            "traced": 0 if is_derivative else traced,
            "differentiated": traced if is_derivative else 0,
            "simplified": len(compiled.program) if code else 0,
        },
        "backend": code.backend if code else None,
        "interpreted": compiled.interpreted,
        "passes": dict(compiled.passes),
        "seconds": {stage: compiled.seconds.get(stage, 0.0) for stage in STAGES},
        "operations": stats.get("calls", stats.get("operations", 0)),
        "gathers": stats.get("gathers", 0),
        "bytes": 8 * stats.get("numbers", 0),
        **({} if is_derivative else {"parameters": reads, "digest": compiled.digest}),
    }
