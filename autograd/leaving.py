"""Numbers that leave the graph: a warning where it happens, since nothing else would show it.

`float(x)` and all that calls it (`math.exp(x)`, an item of an array of floats) give a plain number,
through which no gradient flows. Outside of a derivative that is how a number is read. It is a
mistake in two cases, and a `LeftGraphWarning` names the line and what to write instead:

- *Inside a transform* (or a step of `nn.fit`), if the Value depends on what is differentiated. Its
  graph shows that: nodes in `watched` stand for the variables, in any thread.
- *Anywhere*, if a function of `math` takes the number (unless of `x.detach()`): mathematics belongs
  in the graph.

There is no warning where no derivative is lost (comparisons, `bool`, `int`, `round`,
`math.isnan`), or where the number is clearly wanted (`x.data`, `x.detach()`, formatting).
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Collection
from importlib import import_module
from os.path import basename, dirname
from types import FrameType
from typing import TYPE_CHECKING, Any

from autograd import modes
from autograd.errors import LeftGraphWarning
from autograd.text import visible_lines

if TYPE_CHECKING:
    from autograd.value import Value

watched: set[Value] = set()
"""What is being differentiated now, in any thread: the leaves of the running transforms."""

_depending: dict[Value, bool] = {}
"""Whether nodes depend on what is watched, as far as it is known."""

DETACHED = object()
"""The operand of a Value that `x.detach()` returns: a marker."""

callers: Any = None  # imported at the first use: few programs need it
_LIBRARY = ("autograd", "nn")
_STANDARD = (dirname(warnings.__file__), "<frozen")


def watch(leaves: Collection[Value]) -> None:
    """From now on, warn of numbers that leave what depends on these."""
    global _depending
    watched.update(leaves)
    _depending = {}


def unwatch(leaves: Collection[Value]) -> None:
    """From now on these are not differentiated."""
    global _depending
    watched.difference_update(leaves)
    _depending = {}


def number_taken(value: Value) -> None:
    """Warn if taking the float of this Value loses a derivative.

    Raises:
        LeftGraphWarning: if a filter makes this warning an error.
    """
    frame = sys._getframe(2)
    find = callers or _callers()
    if watched and depends(value):
        if modes.is_recording() and not find.is_harmless(frame):
            _warn_within(frame)
    elif (
        (culprit := find.mathematics(frame)) is not None
        and modes.is_recording()
        and not is_detached(value)
    ):
        _warn(
            frame,
            f"math.{culprit}(x) returns a plain number for a Value: the result is not in the graph,"
            f" and no gradient flows through it. Use {remedy(culprit)}, or x.data where you want a"
            " plain number",
        )


def copy_taken(value: Value, is_deep: bool) -> None:
    """Warn if copying a Value loses a derivative.

    A deep copy does not depend on what is differentiated; a shallow one has the same operands.
    """
    if modes.is_recording() and (value in watched or (is_deep and watched and depends(value))):
        _warn_within(sys._getframe(2), "a copy")


def _callers() -> Any:
    global callers
    callers = import_module("autograd.callers")
    return callers


def plain_result(function: Callable[..., Any], *args: Any) -> Any:
    """The result of a user's function that raised a LeftGraphWarning, if it is not a Value.

    That it returns a plain number instead of a Value says more than that it made one.

    Raises:
        LeftGraphWarning: the same again, if the function returns a Value.
    """
    with modes.no_grad():  # without warnings
        found = function(*args)
    if hasattr(found, "_apply"):
        raise
    return found


def depends(value: Value) -> bool:
    """Whether a Value depends on what is watched."""
    known, kind = _depending, type(value)
    stack = [value]
    while stack:
        node = stack[-1]
        if node in known or node in watched:
            known.setdefault(node, True)
            stack.pop()
            continue
        operands = [x for x in node.operands if x.__class__ is kind]
        waiting = [x for x in operands if x not in known]
        if waiting:
            stack += waiting
        else:
            known[stack.pop()] = any(known[x] for x in operands)
    return known[value]


def is_detached(value: Value) -> bool:
    """Whether a Value was returned by `detach()`, or depends on such Values alone."""
    seen, stack = set(), [value]
    while stack:
        node = stack.pop()
        if node.primitive is None and node._a is not DETACHED:
            return False
        seen.add(node)
        stack += [x for x in node.operands if x.__class__ is type(value) and x not in seen]
    return True


def remedy(name: str | None) -> str:
    """What to use instead of a function of `math`.

    >>> remedy("exp"), remedy("nextafter")
    ('autograd.exp(x)', 'operators and functions of autograd')
    """
    from autograd import functions

    is_ours = name in functions.__all__
    return f"autograd.{name}(x)" if is_ours else "operators and functions of autograd"


def _warn_within(frame: FrameType, made: str = "a plain number") -> None:
    find = callers or _callers()
    culprit = find.mathematics(frame)
    what = f"math.{culprit}(x)" if culprit else find.name(place(frame)) or "this line"
    _warn(
        frame,
        f"{what} makes {made} of a Value that is being differentiated: no gradient flows through"
        f" it, and the derivative lacks that part. Use {remedy(culprit)}, x.detach() for a"
        " constant, or x.data to read the number",
    )


def _warn(frame: FrameType, text: str) -> None:
    user = place(frame)
    file, line = user.f_code.co_filename, user.f_lineno
    warnings.warn_explicit(
        visible_lines(f"line {line} of {basename(file)}: {text}"),
        LeftGraphWarning,
        file,
        line,
        module=user.f_globals.get("__name__")
        or file,  # where code runs with globals it was given (`exec`)
        registry=user.f_globals.setdefault("__warningregistry__", {}),
    )


def place(frame: FrameType | None) -> FrameType:
    """The innermost frame of a user's code, or (if there is none) of code outside this library."""
    others = []
    while frame is not None:
        file, name = frame.f_code.co_filename, str(frame.f_globals.get("__name__"))
        if name.partition(".")[0] not in _LIBRARY:
            if not file.startswith(_STANDARD) and "-packages" not in file:
                return frame
            others.append(frame)
        frame = frame.f_back
    return others[0] if others else sys._getframe(1)
