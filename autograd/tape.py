"""A tape: a record of what one call of a function did to Values.

A graph shows how its result was computed; to compile a function, more is needed. Which Values did
the call make, and which existed before (those are read again at every later call)? Which numbers
are the same in every call? Which comparisons decided the branches? While a tape is set
(`modes.tracing`), `Value` records on it:

- every *node* made by an operation, in order, so operands come before results;
- every *constant*: a Value made from a plain number, and results of constants alone;
- every *guard*: a condition whose truth was tested, and the answer.

A Value that is neither on the tape nor a constant existed before.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import FrameType
from typing import TYPE_CHECKING, Any

from autograd import modes
from autograd.errors import TraceError
from autograd.number import describe

if TYPE_CHECKING:
    from autograd.value import Value

REMEDIES = {
    "data": "use the Value itself, or .detach() to stop the gradient",
    "float()": "use the Value itself, and the functions of autograd instead of those of math",
    "int()": "use autograd.trunc, or autograd.take(rows, index) to index by a number",
    "round()": "use autograd.floor(x + 0.5), or round the result of the compiled function",
    "trunc()": "use autograd.trunc",
    "floor()": "use autograd.floor",
    "ceil()": "use autograd.ceil",
    "format or print": "return the Value, and print the result of the compiled function",
    "copy or pickle": "use the Value itself, or .detach() for a leaf with the same number",
    "assignment to .data": "return the new number, and assign it outside the compiled function",
    "backward()": "return the Value and call backward() on that, or use autograd.grad inside",
    "zero_grad()": "call zero_grad() outside the compiled function",
}
"""What to write instead, by what needs the number of a Value."""

_INNER = ("autograd", "copy", "pickle")  # modules that ask on behalf of a user's code


class Tape:
    """What one call of a function did to Values.

    Attributes:
        nodes: the results of operations, operands before results.
        constants: the Values whose number is the same in every call.
        values: the Values that the function made from a number with `Value(...)`.
        guards: the conditions that were tested, with their answers.
        integers: the inputs that stand for integers.
        plain: the inputs that stand for plain numbers, and results of transforms that do.
        derived: the nodes that derivative rules and the chain rule made.
        holds_transform: whether the function differentiates another. Whether that gives Values or
            plain numbers depends on an outer derivative.
        raised: whether an operation raised. If the function caught that, it took a branch that no
            guard records.
    """

    def __init__(self) -> None:
        self.nodes: list[Value] = []
        self.constants: set[Value] = set()
        self.values: set[Value] = set()
        self.guards: dict[Value, bool] = {}
        self.integers: set[Value] = set()
        self.plain: set[Value] = set()
        self.derived: set[Value] = set()
        self.holds_transform = False
        self.raised = False

    def write(self, node: Value, operands: Iterable[Any]) -> None:
        """Record the result of an operation."""
        self.nodes.append(node)
        constants = self.constants
        for x in operands:  # it is called for every node: no generator here
            if x.__class__ is not float and x not in constants and hasattr(x, "_apply"):
                return
        constants.add(node)

    def guard(self, condition: Value, outcome: bool) -> None:
        """Record a condition and its answer, which decided a branch."""
        if condition not in self.constants:
            self.guards[condition] = outcome

    def refuse(self, value: Value, what: str) -> None:
        """Raise TraceError, unless the value is a constant."""
        if value not in self.constants:
            raise TraceError(
                f"{_place()}: {what} of {value!r} in a function that is being compiled: the number"
                f" differs in each call; {REMEDIES[what]}"
            )

    def refuse_beside(self, value: Value, other: Any) -> None:
        """Raise TraceError for a number that Python takes otherwise than as a float."""
        if value not in self.constants:
            remedy = "astype(float) makes it" if getattr(other, "shape", ()) else "float() makes it"
            raise TraceError(
                f"{_place()}: {describe(other)} beside {value!r} in a function that is being"
                f" compiled: Python would not compute with it as a float; {remedy} one"
            )

    def refuse_to_user(self, value: Value, what: str) -> None:
        """`refuse`, if a user's code asks; the engine's messages may name Values."""
        if not is_inner(sys._getframe(2)):
            self.refuse(value, what)


def stands_for_integer(x: Any) -> bool:
    """Whether this stands for an integer argument of a function that is being traced.

    >>> stands_for_integer(3)
    False
    """
    tape = modes.current_tape() if modes.is_tracing else None
    return tape is not None and hasattr(x, "_apply") and x in tape.integers


def is_inner(frame: FrameType) -> bool:
    """Whether a frame is the engine's, or that of a module that asks for a user's code."""
    return str(frame.f_globals.get("__name__")).partition(".")[0] in _INNER


def _place() -> str:
    """The file and line of the innermost user code."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not is_inner(frame):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return "?"
