"""Named scopes: which part of a program computed a Value, for a drawing or whoever else asks.

A Value does not hold its scope. While a `record_scopes` block is open, each result is noted with
the scope that it is computed in; at other times nothing is done. A scope is a block of `scope`, or
a call of a module, which needs no code for it: the calls are found on the stack.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ContextDecorator, contextmanager
from contextvars import ContextVar, Token
from types import FrameType, TracebackType
from typing import Any, NamedTuple, final

from autograd.modes import observing
from autograd.number import describe
from autograd.value import Value


@final
class Scope:
    """One run of a `scope` block, or one call of a module.

    Attributes:
        name: the name that was given to the block, or the class of the module.
        module: the module; `None` for a block.
        parent: the scope around it, or `None`.
        depth: the number of scopes around it.
    """

    __slots__ = ("depth", "module", "name", "parent")

    def __init__(self, name: str, module: Any, parent: Scope | None) -> None:
        self.name = name
        self.module = module
        self.parent = parent
        self.depth: int = 0 if parent is None else parent.depth + 1

    def outward(self) -> Iterator[Scope]:
        """This scope and those around it, from the inside out."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def __repr__(self) -> str:
        around = "" if self.parent is None else f" in {self.parent!r}"
        return f"<scope {self.name}{around}>"


@final
class Scopes:
    """The scopes of the results computed in a `record_scopes` block.

    It keeps those Values, and with them their graphs, for as long as it exists.

    Attributes:
        of: the innermost scope of each result; results outside of all scopes are not in it.
    """

    def __init__(self, base: FrameType | None) -> None:
        self.of: dict[Value, Scope] = {}
        self._base = base  # where the block was opened: no call around it counts
        self._calls: dict[FrameType, Scope] = {}  # a frame that is held is no other call's

    def __repr__(self) -> str:
        return f"<Scopes of {len(self.of)} Values: draw(x, scopes=...) shows them>"

    def note(self, node: Value) -> None:
        """Note a new result."""
        scope = self.current()
        if scope is not None:
            self.of[node] = scope

    def current(self) -> Scope | None:
        """The innermost scope that is open here."""
        found: Scope | None = None
        unknown: list[tuple[FrameType, Any]] = []
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame is not self._base:
            if frame.f_code.co_name in _CALLS:
                found = self._calls.get(frame)
                if found is not None:
                    break
                module = _module_called(frame)
                if module is not None:
                    unknown.append((frame, module))
            frame = frame.f_back
        state = _state.get()
        block = state.block if state is not None else None
        # All scopes that are open lie in each other: the deeper one is inside. A call that is not
        # known began after the innermost block did, since `scope` notes the calls around it.
        if found is None or (block is not None and block.depth > found.depth):
            found = block
        for frame, module in reversed(unknown):
            if found is None or found.module is not module:  # else `super().__call__`
                found = Scope(type(module).__name__, module, found)
            self._calls[frame] = found
        return found

    def close(self) -> None:
        """Let go of the calls, and of what their frames hold."""
        self._calls.clear()
        self._base = None


class _State(NamedTuple):
    """What is open in this thread or task: who records, and the innermost block of `scope`."""

    scopes: Scopes
    block: Scope | None


_CALLS = ("__call__", "on_batch")  # of a module: with a row, with the rows of a batch

_state: ContextVar[_State | None] = ContextVar("scopes", default=None)


def is_module(x: Any) -> bool:
    """Whether this has parameters by name, as `nn.Module` has."""
    return callable(getattr(type(x), "named_parameters", None))


def _module_called(frame: FrameType) -> Any:
    code = frame.f_code
    owner = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
    return owner if is_module(owner) else None


@contextmanager
def record_scopes() -> Iterator[Scopes]:
    """Within the block it is recorded which scope each result is computed in.

    The scopes are the `scope` blocks, and each call of a module (of anything that has a method
    `named_parameters()`) or of its `on_batch`, as far as they begin within the block. What other
    threads compute is not recorded. Of several such blocks in each other, the innermost records. A
    call of a function compiled by `jit` is one operation, in the scope of the call.

    Yields:
        the scopes, for `draw(x, scopes=scopes)`.

    >>> from autograd import draw
    >>> from nn import MLP
    >>> network = MLP(2, [3, 1], rng=0)
    >>> with record_scopes() as scopes:
    ...     with scope("loss"):
    ...         loss = (network([1.0, 0.0]) - 1.0) ** 2
    >>> scopes.of[loss]
    <scope loss>
    >>> drawing = draw(loss, scopes=scopes)
    """
    scopes = Scopes(sys._getframe(2))  # past this generator and `contextlib`
    token = _state.set(_State(scopes, None))
    try:
        with observing(scopes.note):
            yield scopes
    finally:
        _state.reset(token)
        scopes.close()


@final
class scope(ContextDecorator):  # noqa: N801 - used as a verb
    """A part of a computation that drawings show as a box, if `record_scopes` asks for it.

    It can decorate a function as well. Scopes may be in each other.

    Args:
        name: the title of the box.

    Raises:
        TypeError: the name is not a string.
        ValueError: it is empty.

    >>> x = Value(2.0)
    >>> with scope("square"):
    ...     y = x * x
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"scope: the name must be a string, got {describe(name)}")
        if not name:
            raise ValueError("scope: the name must not be empty")
        self.name = name
        self._tokens: list[Token[_State | None] | None] = []

    def _recreate_cm(self) -> scope:
        return scope(self.name)  # each call of a decorated function gets a new block

    def __enter__(self) -> None:
        state = _state.get()
        if state is None:
            self._tokens.append(None)
            return
        block = Scope(self.name, None, state.scopes.current())
        self._tokens.append(_state.set(_State(state.scopes, block)))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        token = self._tokens.pop()
        if token is not None:
            _state.reset(token)
