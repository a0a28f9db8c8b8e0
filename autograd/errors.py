"""The exceptions a user can meet, and how an arithmetic error gets its message.

Where Python has an exception for it (`ValueError`, `TypeError`, `ZeroDivisionError`,
`OverflowError`), that is raised. The classes here are for the rest; they share one base, so that
`except AutogradError` catches them all.
"""

from collections.abc import Iterable
from typing import Any

from autograd import modes
from autograd.text import visible_lines


class AutogradError(Exception):
    """The base class of this library's exceptions."""

    def __str__(self) -> str:
        return visible_lines(super().__str__())  # which may name files, labels and paths


class GradientError(AutogradError, AssertionError):
    """A derivative disagrees with its numerical estimate: raised by `gradcheck`.

    Attributes:
        result: what was found, a `GradcheckResult`: `error.result.wrong` lists the derivatives.
    """

    def __init__(self, message: str, result: Any = None) -> None:
        super().__init__(message)
        self.result = result


class RenderError(AutogradError, RuntimeError):
    """A drawing could not be turned into a picture: Graphviz is missing or refused the graph."""


class TraceError(AutogradError, RuntimeError):
    """A function being compiled asked a Value for its number, which differs in each call."""


class PatternError(AutogradError, ValueError):
    """A sparse derivative has entries outside the pattern that was fixed."""


class FallbackError(AutogradError, RuntimeError):
    """A function cannot be compiled for these arguments, and `jit(fallback="raise")` was asked for.

    Args:
        name: the function.
        reason: what it does that cannot be compiled.
        compiler: what was to compile it.
    """

    def __init__(self, name: str, reason: str, compiler: str = "jit") -> None:
        super().__init__(name, reason, compiler)
        self.reason = reason

    def __str__(self) -> str:
        name, reason, compiler = self.args
        return f"{compiler}: {name} {reason}"


class LeftGraphWarning(RuntimeWarning):
    """A Value became a plain number, and its derivative was lost.

    Given once for each place. `warnings.simplefilter("error", LeftGraphWarning)` makes it an error,
    raised at that place.
    """


ARITHMETIC = (ValueError, ZeroDivisionError, OverflowError)
"""What `math` and the float operators raise, and what value and derivative rules may raise."""


def located(error: Exception, operation: str, operands: Iterable[Any]) -> Exception:
    """Return an exception like `error` that also names the operation and its operands.

    The type stays the same. An exception class with its own constructor cannot be created again, so
    it gets the place as a note instead.

    >>> located(ValueError("math domain error"), "log", [0.0])
    ValueError('log(0.0): math domain error')
    """
    if tape := modes.current_tape():
        tape.raised = True  # a function that catches it would take this branch in every later call
    shown = [operand if isinstance(operand, str) else repr(operand) for operand in operands]
    if len(shown) > 4:
        shown[3:-1] = ["..."]
    place = f"{operation}({', '.join(shown)})"
    if type(error) in ARITHMETIC:
        return type(error)(f"{place}: {error}")
    error.add_note(f"in {place}")
    return error
