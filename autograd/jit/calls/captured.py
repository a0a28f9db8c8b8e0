"""Captured state: what a function reads from outside; parameters are read again, the rest guarded.

In compiled code the numbers of captured state are constants, except for Values, which are read at
each call. So a later call must notice a change: a global that was 0.1 and is 0.2, an attribute, an
entry of a list. And a Value may have been replaced by another, which is then the parameter. `walk`
visits all that can be reached, and writes the guard (`guard`) that each call runs. An object that
cannot be compared is refused.

`observe` traces a function: a trace that has effects is undone, and refused.
"""

from __future__ import annotations

import sys
from abc import get_cache_token
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from operator import is_
from types import CodeType
from typing import Any, TypeVar

from autograd import modes
from autograd.jit.calls import watched_data as _data  # noqa: F401 - fills the table of kinds
from autograd.jit.calls.caught import noticed
from autograd.jit.calls.conflicts import Conflicts
from autograd.jit.calls.effects import Stopped, are_pure, watched
from autograd.jit.calls.guard import Check
from autograd.jit.calls.keys import numbers_are_no_keys
from autograd.jit.calls.named import Names
from autograd.jit.calls.snapshot import CHANGES, Snapshot
from autograd.jit.calls.walk import Walk, in_words, path_of
from autograd.jit.calls.watched_functions import variables_of_module
from autograd.jit.calls.watched_objects import has_parameters
from autograd.jit.programs.loops import Unrolled
from autograd.jit.tuning import MOST_TRACES, MOST_WAITS
from autograd.jit.unsupported import Unsupported
from autograd.jit.unwatched import unwatched

__all__ = [
    "CapturedState",
    "Check",
    "Eyes",
    "Learned",
    "has_parameters",
    "observe",
    "watch",
]

T = TypeVar("T")

Eyes = Callable[[Callable[[], Any]], Any]
"""Makes a call, and stops it before it has an effect."""


@dataclass
class Learned:
    """What traces of a function have shown beyond the names in its code.

    Attributes:
        code: code that it runs, with the globals of each.
        everything: whether it reads attributes of any name.
        unrolls: whether its loops are traced turn by turn, since one of them may be none.
        waits: how many traces have found a cache that had to be filled first.
    """

    code: dict[int, tuple[CodeType, dict[str, Any]]] = field(default_factory=dict)
    everything: bool = False
    waits: int = 0
    unrolls: bool = False

    def add(self, stopped: Stopped | Unrolled) -> bool:
        """Keep what made a trace stop; whether that is reason to make it again."""
        if isinstance(stopped, Unrolled):
            self.unrolls = True
        elif stopped.reason:
            return False
        elif stopped.learned is None:
            self.everything = True
        else:
            self.code[id(stopped.learned[0])] = stopped.learned
        return True


class CapturedState:
    """The captured state of a function, as it is when this is made.

    Args:
        f: the function.
        objects: what is not a number in the arguments, each with its path.
        learned: what earlier traces have shown.

    Attributes:
        values: the Values in it.
        check: the guard.
        is_empty: whether there is nothing to check.
        has_lock: whether there is a lock in it.
        names: the names that count, and the code that mentions them.
        compares: whose identities the function may compare: "values", "objects".

    Raises:
        Unsupported: something in it cannot be watched.

    >>> from autograd import Value
    >>> rates, weights = [0.1], [Value(1.0), Value(2.0)]
    >>> f = (lambda rates, weights: lambda: weights[0] * rates[0])(rates, weights)
    >>> found = CapturedState(f, [])
    >>> found.check()
    [Value(data=1.0, grad=0.0), Value(data=2.0, grad=0.0)]
    >>> weights[0] = Value(3.0)
    >>> found.check()[0]
    Value(data=3.0, grad=0.0)
    >>> rates[0] = 0.2
    >>> found.check() is None
    True
    """

    def __init__(
        self, f: Any, objects: Iterable[tuple[str, Any]], learned: Learned | None = None
    ) -> None:
        arguments = list(objects)
        learned = learned or Learned()
        self.names = names = Names()
        names.everything = learned.everything
        while True:  # until no further names are found on the way
            known = len(names)
            walk = Walk(names)
            try:
                walk.visit(f, (None, "the function"))
                for path, x in arguments:
                    walk.visit(x, (None, f"argument '{path}'"))
                for code, space in learned.code.values():
                    names.add_code(code)
                    variables_of_module(walk, code, space)
            except RecursionError:
                raise Unsupported(
                    "captures an object that is nested too deeply, or contains itself"
                ) from None
            if len(names) == known:
                break
        self.values = walk.guard.values
        self.compares = names.compares
        self._missing = walk.absent.get(id(sys.modules), ({}, set()))[1]
        self._registrations = get_cache_token()
        self.check: Check = walk.compiled()
        self._guard = walk.guard
        self.is_empty = self.check is list
        self.has_lock = walk.has_lock
        self._holders = walk.holders
        self._caches = walk.caches
        self._is_suspect = walk.is_suspect or names.everything or bool(learned.code)
        self._is_suspect |= bool(names.imports or walk.caches) or not are_pure(names.of_users)

    def paths(self) -> dict[int, str]:
        """The paths of the Values, by their `id`."""
        return {id(x): path_of(at) for kind, x, at in reversed(self._holders) if kind == "value"}

    def eyes(self) -> Eyes:
        """What runs the function in a trace: it stops effects and keys, where they are possible."""
        asks = self.names.asks

        def run(call: Callable[[], Any]) -> Any:
            if tape := modes.current_tape():
                tape.decides |= "outcomes" in asks
            with ExitStack() as stack:
                if "keys" in asks:
                    stack.enter_context(numbers_are_no_keys())
                if "errors" in asks and tape:
                    stack.enter_context(noticed(tape))
                if not self._is_suspect:
                    return call()
                names, caches = self.names, [x for x, _ in self._caches]
                return watched(call, names.codes, names.everything, caches)

        return run

    def snapshot(self) -> Snapshot:
        """A snapshot of what the function may change."""
        return Snapshot(self._holders)

    def has_loaded(self) -> bool:
        """Whether a module that was missing has been loaded, or an abstract class extended."""
        is_extended = get_cache_token() != self._registrations
        return is_extended or not self._missing.isdisjoint(sys.modules)

    def reason(self, stopped: BaseException) -> str:
        """Why a trace was stopped."""
        cache = getattr(stopped, "cache", None)
        found = (CHANGES.format(in_words(place)) for x, place in self._caches if x is cache)
        return next(found, str(stopped))

    def change(self) -> str | None:
        """The first change since, in words; None if there is none, or its place is unknown."""
        place = self._guard.change()
        return None if place is None else in_words(place)

    def is_kept(self) -> bool:
        """Whether nothing has changed, the identity of the Values included."""
        found = self.check()
        return found is not None and all(map(is_, found, self.values))


def watch(f: Any) -> Callable[[], object]:
    """A snapshot of what a function can reach; what is returned says whether that has changed.

    Raises:
        Unsupported: something in it cannot be watched, or it may ask of what kind a number is: what
            is a plain number in a turn of a loop is a Value in its body.
    """

    def changed() -> object:
        with unwatched():
            return snapshot.change() or not found.is_kept()

    with unwatched():
        found = CapturedState(f, [])
        if not found.names.asks.isdisjoint({"outcomes", "kinds"}):
            raise Unsupported("asks of what kind a number is")
        snapshot = found.snapshot()
    return changed


def observe(
    f: Any,
    objects: Iterable[tuple[str, Any]],
    learned: Learned,
    trace: Callable[[CapturedState], T],
) -> tuple[CapturedState, T]:
    """Trace a function without side effects.

    Args:
        f: the function.
        objects: what is not a number in the arguments, each with its path.
        learned: what earlier traces have shown; this one adds to it.
        trace: runs the function, by calling it through the `eyes` of its argument.

    Returns:
        The captured state that was read, and the result of `trace`.

    Raises:
        Unsupported: the function reads what cannot be watched, or has effects.
        Exception: what `trace` raised. In each case everything outside is restored.
    """
    arguments, conflicts = list(objects), Conflicts()
    reason: str | None
    for _ in range(MOST_TRACES):
        with conflicts.turn():
            captured_state = CapturedState(f, arguments, learned)
            snapshot = captured_state.snapshot()
            if not captured_state.is_kept():  # by another thread, or since it has been looked at
                continue
            try:
                found = trace(captured_state)
            except (Stopped, Unrolled) as stopped:
                learns, reason = learned.add(stopped), captured_state.reason(stopped)
                fills = isinstance(stopped, Stopped) and stopped.cache is not None
                if conflicts.undo(snapshot) or learns:
                    continue
            except Exception:
                if conflicts.undo(snapshot):
                    continue
                raise
            except BaseException:
                conflicts.redo(snapshot.restore())
                raise
            else:
                reason = snapshot.change()
                fills = reason is not None and snapshot.is_cache()
                if reason is None and captured_state.is_kept():
                    if not conflicts.redo():
                        return captured_state, found
                    continue  # from what others have left
                if reason is None and captured_state.has_loaded():
                    continue
                if conflicts.undo(snapshot):
                    continue
        if fills and learned.waits < MOST_WAITS:
            learned.waits += 1
            raise Unsupported(may_pass=True)  # the plain function must fill it first
        raise Unsupported(reason or "changes captured state")
    raise Unsupported("runs different code in each trace")
