"""Calls of a function with arguments of one structure, and their specialisations.

A call tries the compiled specialisations, the last used first. If none applies, the function is
traced; if that fails, the plain function runs.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from functools import partial
from operator import is_
from typing import TYPE_CHECKING, Any

from autograd.definitions import INTEGER, NUMBER, VALUE, Definition, kinds, paths
from autograd.errors import FallbackError, TraceError
from autograd.forks import Lock
from autograd.jit.calls.arguments import mark_integers, named_arguments, objects_in, repeats
from autograd.jit.calls.captured import CapturedState, Eyes, observe, watch
from autograd.jit.calls.compiled import FAILURES, HOPELESS
from autograd.jit.calls.leaves import EXACT, Results
from autograd.jit.calls.reading import Entry
from autograd.jit.calls.rerun import plain_execution
from autograd.jit.calls.specialisation import Path
from autograd.jit.calls.warnings import warn as say
from autograd.jit.programs.program import GuardFailure
from autograd.jit.stages import timed
from autograd.jit.tracing.tracer import Traced, trace
from autograd.jit.tuning import MOST_UNSERVED, MOST_VARIANTS
from autograd.jit.unsupported import Unsupported
from autograd.modes import current_tape
from autograd.tree import unflatten
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.jit.api import Jitted

_OF_VALUES = {"label", "operands", "primitive"}
"""What a Value has beside its number, and those of a trace do not have."""


class Calls:
    """The calls of a function with arguments of one structure.

    Args:
        owner: the function.
        description: the tree definition of the pair of arguments and keyword arguments.

    Attributes:
        paths: the compiled specialisations, the last used first.
        plain: the number of calls that ran the plain function.
        exact: where integers cannot be traced, the calls by tree definitions that hold them.
        entries: whole calls, each for one specialisation; the last used first.
    """

    def __init__(self, owner: Jitted, description: Definition) -> None:
        self.paths: list[Path] = []
        self.plain = 0
        self.exact: set[Hashable] | None = None
        self.entries: tuple[Entry, ...] = ()
        self._owner = owner
        self._description = description
        self._failed = 0
        self._refusal: Exception | None = None  # why nothing more is traced
        self._compares = frozenset[str]()  # what the function may ask about, if two are one
        self._unserved = 0  # calls in a row that compiled code could not serve, though plain could
        self._made: dict[Path, Entry | None] = {}
        self._lock = Lock()

    def call(self, args: Any, options: Any, leaves: list[Any]) -> Any:
        """What the function returns.

        Args:
            args: its arguments.
            options: its keyword arguments.
            leaves: the numbers among them.
        """
        may_compare = "objects" in self._compares or (self._compares and Value in map(type, leaves))
        is_hopeless = self._unserved >= MOST_UNSERVED
        if is_hopeless:
            warn(self._owner, HOPELESS)
            return self._plain(args, options)
        if may_compare and self._has_twice((args, options)):
            self.plain += 1
            return self._owner._f(*args, **options)
        problem: Exception | None = None
        try:
            for path in self.paths:
                with suppress(GuardFailure):
                    result = path.call([leaves], are_floats=False)
                    self._unserved = 0
                    self._enter(path)
                    return result
            with self._lock:
                return self._trace(leaves, (args, options))
        except FAILURES:
            self.entries = ()  # until compiled code serves again
        except (Unsupported, TraceError) as refusal:
            problem = refusal
        if problem is not None and self._owner._options.fallback == "raise":
            self._explain(problem)
        if problem is None:
            self._unserved += 1
            found = self._plain(args, options)
            if self._owner._options.backend == "jax" and not self.paths:
                warn(self._owner, "could not be traced, though it can be called")
            return found
        self.plain += 1
        result = self._owner._f(*args, **options)
        if self._owner._options.fallback == "warn":
            self._explain(problem)
        return result

    def _plain(self, args: Any, options: Any) -> Any:
        """The result of plain execution, compiled functions inside included."""
        self.plain += 1
        with plain_execution():
            return self._owner._f(*args, **options)

    def _enter(self, path: Path) -> None:
        """Try this specialisation first from now on, by its entry if there is one."""
        with self._lock:
            self.paths = [path, *[p for p in self.paths if p is not path]]
            if path not in self._made and path.compiled.serving is not None:
                has_values = VALUE in set(kinds(self._description))
                may_be = "objects" not in self._compares and not (self._compares and has_values)
                self._made[path] = path.entry(self._description) if may_be else None
            self.entries = tuple([e for p in self.paths if (e := self._made.get(p)) is not None])

    def prefer(self, entry: Entry) -> None:
        """Try this entry first from now on."""
        self.entries = (entry, *[e for e in self.entries if e is not entry])

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

    def _trace(self, leaves: list[Any], given: Any) -> Any:
        """Trace the function, store the specialisation, and return the result.

        Raises:
            Unsupported: it cannot be compiled.
            TraceError: it takes the number of a Value.
            ArithmeticError: the trace does not say what the result is.
        """
        for path in self.paths:  # another thread may have been faster
            with suppress(GuardFailure):
                return path.call([leaves], are_floats=False)
        if self._refusal is not None:
            raise self._refusal
        owner = self._owner
        if len(self.paths) + self._failed >= MOST_VARIANTS:
            changes = [path.captured_state.change() for path in self.paths]
            if (change := next(filter(None, changes), None)) is not None:
                raise Unsupported(
                    f"reads captured state that changed more than {MOST_VARIANTS} times ({change}):"
                    " pass it as an argument, or keep a number that changes in a Value"
                )
            raise Unsupported(
                f"needs more than {MOST_VARIANTS} specialisations, one for each combination of"
                " branches (autograd.where, minimum, maximum and take choose without a branch)"
            )
        f, description = owner._f, self._description
        arguments = named_arguments(f, description)
        objects = [found for name, part in arguments for found in objects_in(part, name)]
        rule = Results([x for _, x in objects])
        seconds: dict[str, float] = {}

        owner.traces += 1

        def run(captured_state: CapturedState) -> Traced:
            names = captured_state.paths()
            with timed(seconds, "trace"):
                return trace(
                    lambda fresh: call(f, description, fresh, captured_state.eyes()),
                    leaves,
                    [path for name, part in arguments for path in paths(part, name)],
                    rule.leaves_of,
                    lambda parameter: names.get(id(parameter), parameter.label),
                    rolls=not owner._learned.unrolls,
                    watch=watch,
                )

        try:
            captured_state, traced = observe(f, objects, owner._learned, run)
            plainly = partial(call_plainly, f, description)
            path = Path(traced, owner._name, owner._options, captured_state, rule, plainly)
        except (Unsupported, TraceError):
            raise
        except Exception as problem:
            if owner._options.backend == "jax":
                raise
            reason = f"could not be traced: {type(problem).__name__}: {problem}"
            raise Unsupported(reason, may_pass=True) from None
        if Value in map(type, leaves) and (asked := _OF_VALUES & captured_state.names.of_users):
            raise Unsupported(f"may read .{min(asked)} of an argument: pass what it says instead")
        path.compiled.seconds |= seconds
        self.paths = [path, *self.paths]
        if {*description[2][2:], *description[3][2:]} - {NUMBER, INTEGER}:
            self._compares = captured_state.compares
            if self._compares and self._has_twice(given):
                raise Unsupported(may_pass=True)
        if not path.is_first_sound:
            raise FloatingPointError("a derivative is not finite")
        if owner._options.backend == "jax":  # whose type of numbers may be another one
            try:
                return path.call([leaves], are_floats=False)
            except GuardFailure:
                raise Unsupported(
                    f"takes another branch in {owner._options.dtype} than in float64, in which it"
                    " is traced (choose by autograd.where, or ask for dtype='float64')"
                ) from None
        return path.first_result(leaves, traced.parameters)

    def _explain(self, problem: Exception) -> None:
        """Warn why the function, which runs plain, could not be traced."""
        reason = str(problem)
        if isinstance(problem, Unsupported) and not problem.may_pass:
            self._refusal = problem
        elif (
            reason
            and INTEGER in kinds(self._description)
            and self._owner._options.fallback == "warn"
        ):
            self.exact = set()  # perhaps a range or an index needs them as they are
            self.entries = ()
            return
        elif isinstance(problem, TraceError):
            raise problem
        else:
            self._failed += 1
            if len(self.paths) + self._failed >= MOST_VARIANTS:
                self._refusal = problem
        if reason:
            warn(self._owner, reason)


def call(f: Callable[..., Any], description: Definition, leaves: Sequence[Any], eyes: Eyes) -> Any:
    """The result of a function for a structure around these leaves, with effects stopped.

    Raises:
        Unsupported: it changes its arguments.
    """
    mark_integers(description, leaves)
    given = unflatten(description, leaves)
    args, options = given
    labels = [x.label for x in leaves]
    out = eyes(lambda: f(*args, **options))
    tape = current_tape()
    if tape is not None and tape.raised:
        raise Unsupported(
            "could not be traced: it catches an exception of an operation (test the operands"
            " instead)",
            may_pass=True,
        )
    after: list[Any] = []
    with suppress(Unsupported):
        EXACT.define(given, after)
    is_same = len(after) == len(leaves) and all(map(is_, after, leaves))
    if not is_same or any(
        x.grad != 0.0 or x.label is not label for x, label in zip(leaves, labels, strict=True)
    ):
        raise Unsupported(
            "could not be traced: it changes its arguments (return the new values)", may_pass=True
        )
    return out


def call_plainly(f: Callable[..., Any], description: Definition, leaves: Sequence[Any]) -> Any:
    """The result of a function for a structure around these leaves; integers are integers again."""
    pairs = zip(leaves, kinds(description), strict=True)
    given = [
        int(x) if kind == INTEGER and x.__class__ is float and x.is_integer() else x
        for x, kind in pairs
    ]
    args, options = unflatten(description, given)
    return f(*args, **options)


def warn(owner: Jitted, problem: str) -> None:
    """Warn once, at the caller's line, that a function falls back to the plain one.

    Raises:
        FallbackError: that is what was asked for.
    """
    if owner._options.fallback == "raise":
        raise FallbackError(owner._name, problem)
    if not owner._has_warned:
        owner._has_warned = True
        say(owner._name, problem)
