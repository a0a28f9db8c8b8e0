"""Calls of a function with arguments of one structure, and their specialisations.

A call tries the compiled specialisations, the last used first. If none applies, the function is
traced; if that fails, the plain function runs.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from operator import is_
from threading import RLock
from typing import Any, Protocol

from autograd.errors import TraceError
from autograd.jit.calls.captured import Eyes, Later, Learned, Refused, observe
from autograd.jit.calls.compiled import FAILURES, HOPELESS
from autograd.jit.calls.direct import Direct
from autograd.jit.calls.input_names import argument_names, parameter_names
from autograd.jit.calls.reading import reader
from autograd.jit.calls.specialisation import Path
from autograd.jit.calls.treedef import (
    Unsupported,
    flatten,
    kinds,
    leaves_of,
    listed,
    mark_integers,
    rebuild,
    repeats,
)
from autograd.jit.calls.vectors import INTEGER, NUMBER
from autograd.jit.calls.warnings import warn as say
from autograd.jit.graphs.tracer import Traced, trace
from autograd.jit.programs.program import GuardFailure
from autograd.jit.stages import timed
from autograd.jit.tuning import MOST_UNSERVED, MOST_VARIANTS
from autograd.modes import current_tape
from autograd.value import Value


class Owner(Protocol):
    """The compiled function that calls belong to."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        """What it returns."""

    _f: Callable[..., Any]
    _name: str
    _backend: str
    _has_warned: bool
    _learned: Learned


class Calls:
    """The calls of a function with arguments of one structure.

    Args:
        owner: the function.
        description: the tree definition of the pair of arguments and keyword arguments.

    Attributes:
        paths: the compiled specialisations, the last used first.
        plain: the number of calls that ran the plain function.
        exact: where integers cannot be traced, the calls by tree definitions that hold them.
        read: flattens arguments of this structure, or finds that they have another.
        direct: the last specialisation as one function from arguments to result, if possible.
    """

    def __init__(self, owner: Owner, description: Any) -> None:
        self.paths: list[Path] = []
        self.plain = 0
        self.exact: set[Hashable] | None = None
        self.read = reader(description) or _unread
        self.direct: Direct | None = None
        self._owner = owner
        self._description = description
        self._are_floats = set(kinds(description)) <= {NUMBER}
        self._failed = 0
        self._compares = frozenset[str]()  # what the function may ask about, if two are one
        self._unserved = 0  # calls in a row that compiled code could not serve, though plain could
        self._preferred: Path | None = None
        self._directs: dict[Path, Direct | None] = {}
        self._lock = RLock()

    def call(self, args: Any, options: Any, parts: Sequence[Any], is_read: bool) -> Any:
        """What the function returns.

        Args:
            args: its arguments.
            options: its keyword arguments.
            parts: the numbers among them.
            is_read: whether `read` has found them.
        """
        are_floats = is_read and self._are_floats
        may_compare = "objects" in self._compares or (
            self._compares
            and not are_floats
            and any(part.__class__ is list and Value in map(type, part) for part in parts)
        )
        if self._unserved >= MOST_UNSERVED or (may_compare and self._has_twice((args, options))):
            self.plain += 1
            return self._owner._f(*args, **options)
        try:
            for path in self.paths:
                try:
                    result = path.call(parts, are_floats)
                except GuardFailure:
                    continue
                if self._preferred is not path:
                    self._prefer(path)
                return result
            with self._lock:
                return self._trace(parts, are_floats, (args, options))
        except _Plain as plain:
            problem = plain.problem
        except FAILURES:
            problem = None
            self.direct = self._preferred = None  # until compiled code serves again
        self.plain += 1
        result = self._owner._f(*args, **options)
        if problem is not None:
            self._explain(problem)
        else:
            self._unserved += 1
            if self._unserved == MOST_UNSERVED:
                warn(self._owner, HOPELESS)
        return result

    def _prefer(self, path: Path) -> None:
        """Try this specialisation first from now on."""
        self._unserved = 0
        with self._lock:
            self.paths = [path, *[p for p in self.paths if p is not path]]
            self._preferred = path
            self.direct = self._direct(path)

    def _direct(self, path: Path) -> Direct | None:
        if path not in self._directs:
            may_be = self._are_floats and "objects" not in self._compares
            self._directs[path] = path.direct(self._description) if may_be else None
        return self._directs[path]

    def _has_twice(self, given: Any) -> bool:
        """Whether the function may compare identities, and is given one object in two places."""
        captured = self.paths[0].captured() if self.paths else ()
        if not repeats(given, set(map(id, captured)), "objects" in self._compares):
            return False
        warn(
            self._owner,
            "may compare objects by identity (`is`, or as keys), and is given one object in two"
            " places: pass a copy, or index by a number",
        )
        return True

    def _trace(self, parts: Sequence[Any], are_floats: bool, given: Any) -> Any:
        """Trace the function, store the specialisation, and return the result."""
        for path in self.paths:  # another thread may have been faster
            with suppress(GuardFailure):
                return path.call(parts, are_floats)
        owner = self._owner
        if len(self.paths) + self._failed >= MOST_VARIANTS:
            changes = [path.surroundings.change() for path in self.paths]
            if (change := next(filter(None, changes), None)) is not None:
                problem = (
                    f"reads captured state that changed more than {MOST_VARIANTS} times ({change}):"
                )
                problem += " pass it as an argument, or keep a number that changes in a Value"
            else:
                problem = f"needs more than {MOST_VARIANTS} specialisations, one for each"
                problem += " combination of branches (autograd.where, minimum, maximum and take"
                problem += " choose without a branch)"
            warn(owner, problem)
            raise _Plain(None)
        f, description = owner._f, self._description
        names = parameter_names(f, description)
        leaves = list(chain.from_iterable(map(listed, parts)))
        seconds: dict[str, float] = {}

        def run(eyes: Eyes) -> Traced:
            with timed(seconds, "trace"):
                return trace(
                    lambda fresh: call(f, description, fresh, eyes),
                    leaves,
                    argument_names(f, description),
                    leaves_of,
                    lambda parameter: names.get(id(parameter), parameter.label),
                )

        try:
            surroundings, traced = observe(f, _things(description), owner._learned, run)
            path = Path(traced, owner._name, owner._backend, surroundings)
        except Refused as refused:
            self._failed = MOST_VARIANTS
            warn(owner, str(refused))
            raise _Plain(None) from None
        except Later:
            self._failed += 1
            raise _Plain(None) from None
        except Exception as problem:
            raise _Plain(problem) from None
        path.compiled.seconds |= seconds
        self.paths = [path, *self.paths]
        if {*description[1][1:], *description[2][2:]} - {NUMBER, INTEGER}:
            self._compares = surroundings.compares
            if self._compares and self._has_twice(given):
                raise _Plain(None)
        numbers = [x if type(x) is float else float(getattr(x, "_data", x)) for x in leaves]
        parameters = list(traced.parameters)
        at = [p._data for p in parameters]
        if not path.is_first_sound:
            raise FloatingPointError("a derivative is not a number")
        return path.result(parts, parameters, [numbers, at], path.first)

    def _explain(self, problem: Exception) -> None:
        """Warn why the function, which runs plain, could not be traced."""
        if INTEGER in kinds(self._description):
            self.exact = set()  # perhaps a range or an index needs them as they are
            self.read = _unread
        elif isinstance(problem, TraceError):
            raise problem
        else:
            self._failed += 1
            kind = "" if isinstance(problem, Unsupported) else f"{type(problem).__name__}: "
            warn(self._owner, f"could not be traced: {kind}{problem}")


class _Plain(Exception):  # noqa: N818 - not an error: the plain function runs
    """The plain function must run; with the error of its trace, if there was one."""

    def __init__(self, problem: Exception | None) -> None:
        self.problem = problem


def call(f: Callable[..., Any], description: Any, leaves: Sequence[Any], eyes: Eyes) -> Any:
    """The result of a function for a structure around these leaves, with effects stopped.

    Raises:
        Unsupported: it changes its arguments.
    """
    mark_integers(description, leaves)
    given = rebuild(description, iter(leaves))
    args, options = given
    labels = [x.label for x in leaves]
    out = eyes(lambda: f(*args, **options))
    tape = current_tape()
    if tape is not None and tape.raised:
        raise Unsupported(
            "a function that catches an exception of an operation (test the operands instead)"
        )
    after: list[Any] = []
    with suppress(Unsupported):
        flatten(given, after, integers=False)
    is_same = len(after) == len(leaves) and all(map(is_, after, leaves))
    if not is_same or any(
        x.grad != 0.0 or x.label is not label for x, label in zip(leaves, labels, strict=True)
    ):
        raise Unsupported("a function that changes its arguments (return the new values)")
    return out


def warn(owner: Owner, problem: str) -> None:
    """Warn once, at the caller's line, that a function falls back to the plain one."""
    if not owner._has_warned:
        owner._has_warned = True
        say(owner._name, problem)


def _things(description: Any) -> Iterator[Any]:
    """The objects among the arguments that are not numbers, and may hold state."""
    if description.__class__ is not tuple:
        return
    kind, *parts = description
    if kind == "same":
        yield parts[0].thing
    elif kind == "fixed":
        yield parts[1]
    elif kind in ("dict", "named", "array", "list", "tuple"):
        for part in parts if kind in ("list", "tuple") else parts[1:]:
            yield from _things(part)


def _unread(args: Any, options: Any) -> None:
    """Leave arguments to `flatten`."""
