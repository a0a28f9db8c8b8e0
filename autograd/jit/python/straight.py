"""The parts of straight-line Python, and the function made from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Straight(NamedTuple):
    """Code without a head: it can become a function, or a part of one.

    Attributes:
        given: the names of the inputs.
        lines: the statements, indented where they belong to the one before.
        returned: expressions for the outputs.
        namespace: what the code mentions. No name in it begins with `_` and a letter.
        takes_apart: whether it is worth unpacking arrays of inputs for it.
        checks_floats: whether it raises ValueError for inputs that are no floats.
    """

    given: Sequence[str]
    lines: Sequence[str]
    returned: Sequence[str]
    namespace: dict[str, Any]
    takes_apart: bool = True
    checks_floats: bool = False


class PythonFunction:
    """A program compiled to Python.

    Attributes:
        source: the code.
        run: the function it defines.
        straight: the code in its parts, if it is short; else it is not worth keeping.
        stats: the numbers of lines and operations.
    """

    backend = "python"

    def __init__(
        self,
        source: str,
        run: Callable[[Sequence[float]], Sequence[float]],
        straight: Straight | None,
        operations: int,
    ) -> None:
        self.source = source
        self.run = run
        self.straight = straight
        self.stats = {"lines": source.count("\n"), "operations": operations}
