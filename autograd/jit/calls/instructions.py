"""The instructions of code as its source says them, without what pytest adds to an `assert`.

pytest rewrites the tests it collects: an `assert` keeps each part in a local of its own, and where
it does not hold tells why, by globals that no source can name: `@py_assert1`, `@pytest_ar`.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dis import Instruction, get_instructions
from types import CodeType

MARK = "@py"


def instructions(code: CodeType) -> tuple[list[Instruction], AbstractSet[str]]:
    """The instructions of a function's source, and the names that are in others alone.

    >>> steps, others = instructions((lambda x: x + 1).__code__)
    >>> [step.argval for step in steps if step.opname.startswith("LOAD_FAST")], others
    (['x'], frozenset())
    """
    steps = [*get_instructions(code)]
    if not any(name.startswith(MARK) for name in (*code.co_names, *code.co_varnames)):
        return steps, frozenset()
    kept = [*_as_written(steps)]
    named = {step.argval for step in kept if isinstance(step.argval, str)}
    return kept, {*code.co_names} - named


def _as_written(steps: list[Instruction]) -> Iterator[Instruction]:
    """Those that run where each `assert` holds, with constants where they are used."""
    constants: dict[str, Instruction] = {}
    before: Instruction | None = None
    is_told = False
    for one in steps:
        if is_told:
            is_told = one.opname != "RAISE_VARARGS"
            continue
        if _is_marked(one.argval) and one.opname.startswith(("LOAD_GLOBAL", "LOAD_NAME")):
            is_told = True
            continue
        for step in _parts(one):
            if step.opname == "STORE_FAST" and _is_marked(step.argval):
                constants.pop(step.argval, None)
                if before is not None and before.opname in ("LOAD_CONST", "LOAD_SMALL_INT"):
                    constants[step.argval] = before
            before = constants.get(step.argval, step) if step.opname[:4] == "LOAD" else step
            yield before


def _parts(step: Instruction) -> Iterator[Instruction]:
    """An instruction that loads or stores two locals, as two that do it one by one."""
    if "_FAST" not in step.opname or not isinstance(step.argval, tuple):
        yield step
        return
    kinds = [part for part in step.opname.split("_") if part in ("LOAD", "STORE")]
    for kind, local in zip(kinds, step.argval, strict=True):
        yield step._replace(opname=f"{kind}_FAST", argval=local)


def _is_marked(x: object) -> bool:
    return isinstance(x, str) and x.startswith(MARK)
