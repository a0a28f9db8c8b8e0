"""`jit`: a function of numbers, compiled when it is called.

The first call with a given structure of arguments runs the function and keeps what it did; a later
one runs compiled code. Where that cannot serve (another branch, more branches than are worth
compiling, a number that cannot be computed) the function itself is run, so that the result, or the
exception, is its own.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Iterator
from contextlib import suppress
from functools import update_wrapper
from threading import RLock
from types import MethodType
from typing import Any, overload

from autograd import modes
from autograd.errors import TraceError
from autograd.jit.arguments import argument_names, parameter_names
from autograd.jit.backends import check_backend
from autograd.jit.compiled import FAILURES, VARIANTS
from autograd.jit.paths import Path
from autograd.jit.program import GuardFailure
from autograd.jit.structure import INTEGER, Unsupported, flatten, rebuild
from autograd.jit.trace import trace

F = Callable[..., Any]

STRUCTURES = 256
"""For how many structures of arguments compiled code is kept."""


@overload
def jit(f: F, *, backend: str = "auto") -> Jitted: ...
@overload
def jit(f: None = None, *, backend: str = "auto") -> Callable[[F], Jitted]: ...
def jit(f: F | None = None, *, backend: str = "auto") -> Jitted | Callable[[F], Jitted]:
    """Compile a function of numbers; also a decorator.

    Args:
        f: a function of numbers, Values, nested lists, tuples and dicts of them, NumPy arrays of
            float64, and modules. It may read Values from outside: they are read afresh in each
            call. Anything else that it reads must stay as it is, and it must do nothing but
            compute: what it does besides happens in the first call only.
        backend: `"python"`, `"numpy"`, or `"auto"` for what suits the size.

    Returns:
        A function that does what `f` does. It may be differentiated, by `backward()` and by every
        transform, and its derivatives are compiled too.

    Raises:
        TraceError: (when called) `f` asks a Value for its number: by `.data`, `float`, `int`,
            `round`, `print`. The message says where, and what to do instead.
        ValueError: there is no such backend.

    >>> from autograd import Value, grad
    >>> w = Value(3.0)
    >>> @jit
    ... def loss(x):
    ...     return (w * x - 1.0) ** 2
    >>> loss(2.0).data, loss(1.0).data
    (25.0, 4.0)
    >>> loss(2.0).backward()
    >>> w.grad
    20.0
    >>> grad(jit(lambda x: x**3))(2.0)
    12.0
    """
    check_backend(backend)
    if f is None:
        return lambda f: Jitted(f, backend)
    return Jitted(f, backend)


class Jitted:
    """A function and what has been compiled of it; made by `jit`."""

    def __init__(self, f: F, backend: str = "auto") -> None:
        if not callable(f):
            raise TypeError(f"jit: expected a function, got {f!r}")
        self._f = f
        self._backend = backend
        self._name = getattr(f, "__name__", type(f).__name__)
        self._structures: dict[Hashable, _Structure] = {}
        self._lock = RLock()
        self._has_warned = False
        update_wrapper(self, f, updated=())

    def __call__(self, *args: Any, **options: Any) -> Any:
        """What the function returns for these arguments."""
        if modes.is_tracing and modes.current_tape() is not None:
            return self._f(*args, **options)  # part of what is being compiled around it
        try:
            structure, leaves = self._structure(args, options)
        except Unsupported as problem:
            _warn(self, f"is given {problem}")
            return self._f(*args, **options)
        return structure.call(args, options, leaves)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<jit of {self._name}>"

    @property
    def source(self) -> str:
        """The code of everything that has been compiled so far.

        >>> double = jit(lambda x: x * 2, backend="python")
        >>> double(3.0)
        6.0
        >>> "return" in double.source
        True
        """
        return "\n\n".join(
            f"# {compiled.name}, way {n}\n{compiled.lowered.source}"
            for n, path in enumerate(self._paths(), 1)
            for compiled in path.compiled.family()
        )

    @property
    def stats(self) -> dict[str, int]:
        """How much was compiled: structures of arguments, ways through them, derivatives, nodes."""
        paths = list(self._paths())
        families = [path.compiled.family() for path in paths]
        return {
            "structures": len(self._structures),
            "paths": len(paths),
            "derivatives": sum(len(family) - 1 for family in families),
            "traced": sum(len(path.compiled.graph.nodes) for path in paths),
            "nodes": sum(len(c.program) for family in families for c in family if c.is_lowered),
            "plain": sum(structure.plain for structure in self._structures.values()),
        }

    def _paths(self) -> Iterator[Path]:
        for structure in list(self._structures.values()):
            yield from structure.paths

    def _structure(self, args: Any, options: Any) -> tuple[_Structure, list[Any]]:
        """What is known of calls with arguments of this structure, and the numbers in them."""
        leaves: list[Any] = []
        key = flatten((args, options), leaves)
        structure = self._structures.get(key) or self._add(key)
        if structure.exact is None:
            return structure, leaves
        leaves = []
        exact = flatten((args, options), leaves, integers=False)
        if exact not in structure.exact and len(structure.exact) >= VARIANTS:
            raise Unsupported(
                "ever other integers, each of which is compiled anew"
                " (autograd.take(rows, index) chooses by a number)"
            )
        structure.exact.add(exact)
        return self._structures.get(exact) or self._add(exact), leaves

    def _add(self, key: Hashable) -> _Structure:
        with self._lock:
            if len(self._structures) >= STRUCTURES:
                del self._structures[next(iter(self._structures))]
            return self._structures.setdefault(key, _Structure(self, key))


class _Structure:
    """What is known of calls of a function with arguments of one structure.

    Attributes:
        paths: the ways through the function that have been compiled, the last one used first.
        plain: how many calls were left to the function itself.
        exact: where integers cannot be traced, the structures with the integers in them.
    """

    def __init__(self, jitted: Jitted, description: Any) -> None:
        self.paths: list[Path] = []
        self.plain = 0
        self.exact: set[Hashable] | None = None
        self._jitted = jitted
        self._description = description
        self._failed = 0
        self._lock = RLock()

    def call(self, args: Any, options: Any, leaves: list[Any]) -> Any:
        """What the function returns."""
        try:
            for path in self.paths:
                try:
                    result = path.call(leaves)
                except GuardFailure:
                    continue
                self._prefer(path)
                return result
            with self._lock:
                return self._trace(leaves)
        except _Plain as plain:
            problem = plain.problem
        except FAILURES:
            problem = None
        self.plain += 1
        result = self._jitted._f(*args, **options)
        if problem is not None:
            self._explain(problem)
        return result

    def _prefer(self, path: Path) -> None:
        if self.paths[0] is not path:
            with self._lock:
                self.paths = [path, *[p for p in self.paths if p is not path]]

    def _trace(self, leaves: list[Any]) -> Any:
        """Run the function, keep what it did as a path, and return its result."""
        for path in self.paths:  # another thread may have been faster
            with suppress(GuardFailure):
                return path.call(leaves)
        jitted = self._jitted
        if len(self.paths) + self._failed >= VARIANTS:
            _warn(
                jitted,
                f"took more than {VARIANTS} ways (autograd.where, minimum, maximum and"
                " take choose without another way)",
            )
            raise _Plain(None)
        f, description = jitted._f, self._description
        names = parameter_names(f, description)
        try:
            traced = trace(
                lambda fresh: _call(f, description, fresh),
                leaves,
                argument_names(f, description),
                _leaves_of_result,
                lambda parameter: names.get(id(parameter), parameter.label),
            )
            path = Path(traced, jitted._name, jitted._backend)
        except Exception as problem:
            raise _Plain(problem) from None
        self.paths = [path, *self.paths]
        return path.result(leaves, path.first)

    def _explain(self, problem: Exception) -> None:
        """Say why the function, which runs by itself, could not be traced."""
        if INTEGER in _kinds(self._description):
            self.exact = set()  # perhaps a range or an index needs them as they are
        elif isinstance(problem, TraceError):
            raise problem
        else:
            self._failed += 1
            _warn(self._jitted, f"could not be traced: {type(problem).__name__}: {problem}")


class _Plain(Exception):  # noqa: N818 - not an error: the function itself is to be run
    """The function is to be run as it is; with what went wrong when it was traced, if anything."""

    def __init__(self, problem: Exception | None) -> None:
        self.problem = problem


def _call(f: F, description: Any, leaves: list[Any]) -> Any:
    args, options = rebuild(description, iter(leaves))
    return f(*args, **options)


def _leaves_of_result(out: Any) -> list[Any]:
    leaves: list[Any] = []
    flatten(out, leaves, integers=False, fixed=False)
    return leaves


def _kinds(description: Any) -> Iterator[Any]:
    """The kinds of leaves in a structure."""
    if not isinstance(description, tuple):
        yield description
    elif description and description[0] == "numbers":
        yield INTEGER if description[2] in "iu" else description[2]
    else:
        for part in description:
            yield from _kinds(part)


def _warn(jitted: Jitted, problem: str) -> None:
    """Say once that a function runs as it is."""
    if not jitted._has_warned:
        jitted._has_warned = True
        warnings.warn(
            f"jit: {jitted._name} {problem}; such calls run the function as it is",
            RuntimeWarning,
            stacklevel=4,
        )
