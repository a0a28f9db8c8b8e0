"""`jit`: a function of numbers, compiled when it is called.

The first call with a given structure of arguments traces the function; later ones run compiled
code. Where that does not apply (another branch, too many branches to compile, a number that cannot
be computed) the plain function runs, so that the result, or the exception, is right.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from functools import partial, update_wrapper
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from types import MethodType
from typing import Any, overload

from autograd import modes
from autograd.forks import Lock
from autograd.jit.backends import DTYPES, check_backend
from autograd.jit.calls.calls import Calls, warn
from autograd.jit.calls.captured import Learned
from autograd.jit.calls.compiled import FAILURES
from autograd.jit.calls.entry import not_entered
from autograd.jit.calls.leaves import ARGUMENTS, EXACT
from autograd.jit.calls.pickled import reduced
from autograd.jit.calls.reading import Entry
from autograd.jit.calls.rerun import is_rerun
from autograd.jit.calls.specialisation import Path
from autograd.jit.calls.statistics import statistics
from autograd.jit.options import Options
from autograd.jit.programs.program import GuardFailure
from autograd.jit.tuning import MOST_STRUCTURES, MOST_VARIANTS
from autograd.jit.unsupported import Unsupported
from autograd.number import as_integer, describe
from autograd.text import visible

F = Callable[..., Any]

INTERPRETED = (
    "# the next {} runs are interpreted, in the order of the trace; after them this runs\n"
)


@overload
def jit(
    f: F,
    *,
    backend: str = "auto",
    fallback: str = "warn",
    compile_after: int | None = None,
    dtype: str = "float64",
) -> Jitted: ...
@overload
def jit(
    f: None = None,
    *,
    backend: str = "auto",
    fallback: str = "warn",
    compile_after: int | None = None,
    dtype: str = "float64",
) -> Callable[[F], Jitted]: ...
def jit(
    f: F | None = None,
    *,
    backend: str = "auto",
    fallback: str = "warn",
    compile_after: int | None = None,
    dtype: str = "float64",
) -> Jitted | Callable[[F], Jitted]:
    """Compile a function of numbers; also a decorator.

    Captured state, all that the function reads from outside, may change between calls: Values,
    which are its parameters, and may be replaced by others; numbers, strings, lists, dicts and
    arrays, in its closure, in globals, in attributes. Values are read at each call; any other
    change leads to another trace, up to 8 of them. Integers among the arguments are computed as
    floats, and so are bools in lists, tuples and arrays; a bool argument is a flag, a constant of
    the compiled code. A traced number is a Value: do not test its type, its identity or its hash.

    Some functions fall back to the plain function, with one warning that says why: those that draw
    random numbers, change their arguments or captured state (the trace is undone first), have
    effects (a print, a file, a clock, which stop a trace before they happen), capture objects that
    cannot be compared (an iterator, a file, objects of other packages' C code, `globals()`), or
    need more than 8 specialisations, one for each combination of branches. The table in docs/jit.md
    says what is watched and what is refused.
    Not noticed: replaced functions of this library, NumPy or the standard library, replaced
    built-ins, and assigned bases of a class.

    Args:
        f: a function of numbers, Values, nested lists, tuples and dicts of them, objects of
            registered classes (`register_dataclass`), NumPy arrays of float64, integers or bools,
            and modules. `jit(vmap(f))` takes many rows.
        backend: the target: `"python"` (straight-line Python), `"numpy"` (calls of NumPy),
            `"native"` (machine code, by LLVM), `"jax"` (JAX, for accelerators, which compiles
            slowly), or `"auto"` for the fastest of the first three that is installed, by the size
            of the program.
        fallback: what happens where the function cannot be compiled: `"warn"` runs the plain
            function, with one warning; `"raise"` raises a FallbackError in each such call, and
            compiles no integer that is needed as such into the code. With JAX it is always the
            latter.
        compile_after: how many runs of a program are interpreted, in the order of the trace,
            before it is compiled. By default 4, but 0 (the call after the trace is compiled) for
            small programs and where a backend is named.
        dtype: the numbers that JAX computes with: `"float64"`, or `"float32"` or `"bfloat16"`, in
            which results are rounded to that type, and are infinite where they are too large for
            it. The other backends have float64.

    Returns:
        A function that does the same as `f`. It may be differentiated, by `backward()` and by every
        transform, and its derivatives are compiled too. Lists, dicts and arrays that it returns are
        always new, where `f` might return its argument itself.

    Raises:
        TraceError: (when called) `f` takes the number of a Value, by `.data`, `float`, `int`,
            `round`, `str`. The message says where, and what to do instead.
        FallbackError: (when called) with `fallback="raise"`, as that says.
        ValueError: there is no such backend, fallback or dtype, or `compile_after` is negative.
        ImportError: the backend needs a package that is not installed.
        TypeError: `f` cannot be called, or is a coroutine or a generator function, or
            `compile_after` is no integer.

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
    if fallback not in ("warn", "raise"):
        raise ValueError(f"jit: fallback must be 'warn' or 'raise', got {describe(fallback)}")
    if compile_after is not None:
        compile_after = as_integer(compile_after, "jit: compile_after", 0)
    backend = check_backend(backend)
    if dtype not in DTYPES or (dtype != DTYPES[0] and backend != "jax"):
        raise ValueError(
            f"jit: dtype must be one of {', '.join(map(repr, DTYPES))}, all but the first with"
            f" backend='jax', got {describe(dtype)} with backend={backend!r}"
        )
    options = Options(backend, "raise" if backend == "jax" else fallback, compile_after, dtype)
    if (compiled_by := getattr(f, "compiled_by", None)) is not None:  # a sparse derivative
        again = partial(
            jit, backend=backend, fallback=fallback, compile_after=compile_after, dtype=dtype
        )
        made: Jitted = compiled_by(again)
        return made
    return Jitted(f, options) if f is not None else lambda f: Jitted(f, options)


class Jitted:
    """A function and its compiled code; made by `jit`.

    Attributes:
        traces: how often the function has been traced.
    """

    def __init__(self, f: F, options: Options) -> None:
        if not callable(f):
            raise TypeError(f"jit: expected a function, got {f!r}")
        for is_other in (iscoroutinefunction, isgeneratorfunction, isasyncgenfunction):
            if is_other(f):
                raise TypeError(
                    f"jit: {f!r} does not return what it computes: it is a coroutine or a"
                    " generator; compile the function of numbers that it calls"
                )
        self._f = f
        self._options = options
        self.traces = 0
        name = getattr(f, "__name__", None)
        self._name = visible(name if isinstance(name, str) else type(f).__name__)
        self._structures: dict[Hashable, Calls] = {}
        self._last: Calls | None = None
        self._entry: Entry = not_entered  # of the last call
        self._lock = Lock()
        self._has_warned = False
        self._learned = Learned()
        update_wrapper(self, f, updated=())

    def __call__(self, *args: Any, **options: Any) -> Any:
        """What the function returns for these arguments."""
        if modes.is_tracing and (modes.current_tape() is not None or is_rerun()):
            return self._f(
                *args, **options
            )  # part of what is compiled around it, or decided plainly
        try:
            return self._entry(args, options)
        except (GuardFailure, *FAILURES):
            pass  # the general path finds out what to do about it
        return self._call(args, options)

    def _call(self, args: Any, options: Any) -> Any:
        """The same by another entry of the last structure, or by the general path."""
        last = self._last
        for entry in last.entries[1:] if last is not None else ():
            with suppress(GuardFailure, *FAILURES):
                found = entry(args, options)
                last.prefer(entry)  # type: ignore[union-attr]
                self._entry = entry
                return found
        try:
            calls, leaves = self._calls(args, options)
        except Unsupported as problem:
            warn(self, str(problem))
            return self._f(*args, **options)
        self._last = calls
        try:
            return calls.call(args, options, leaves)
        finally:
            self._entry = calls.entries[0] if calls.entries else not_entered

    def pin(self) -> None:
        """Have captured state compared in the next call, and then no more until `pin` is called.

        For a loop in which nothing can change what the function reads from outside, where comparing
        it takes longer than the call: a change that happens nevertheless is not noticed. Numbers of
        Values are read as ever, and what is traced after `pin` is compared as ever.

        >>> from autograd import Value
        >>> w = Value(2.0)
        >>> scaled = jit(lambda x: x * w)
        >>> scaled(3.0).data
        6.0
        >>> scaled.pin()
        >>> w.data = 5.0
        >>> scaled(3.0).data
        15.0
        """
        for path in self._paths():
            path.pin()

    def why_coupled(self, rows: Sequence[Any]) -> str | None:
        """Why the function, of a list of rows, is no sum over them; None if it is one.

        That is proved on the program of a trace at these rows, as far as branches are concerned for
        them alone: no two rows meet but in sums, and all that decide alike count alike.

        Args:
            rows: structures of numbers.

        Raises:
            TraceError: the function cannot be traced.

        >>> jit(lambda rows: sum(x * y for x, y in rows) / len(rows)).why_coupled([(1.0, 2.0)] * 3)
        >>> jit(lambda rows: sum(rows) * sum(rows)).why_coupled([1.0, 2.0, 3.0])
        'numbers of several rows meet in mul'
        """
        from autograd.jit.row_sums import why_coupled

        return why_coupled(self._f, rows)

    def repeat(self, args: tuple[Any, ...], carried: int, rows: Any) -> Any:
        """Call the function many times by one call of machine code.

        Each call is given results of the one before. Where all are numbers, it is the loop

            state = args[0]
            for row in rows:
                state, y = f(state, row, *args[2:])

        All calls take the specialisation that the last call did. So nothing is compiled for it, no
        result differs in any bit from that of a single call, and what cannot be done this way is
        not done: calls end before the first for which other code, or Python, would have to decide.

        Args:
            args: the arguments of the first call; the function has been called with such before.
            carried: how many numbers are carried: the first numbers of the results become the
                first of the arguments.
            rows: an array of float64 with a row for each call: the numbers right after those.

        Returns:
            An array with a row for each call that was made: the numbers of its results, in order.
            It has no rows if nothing is compiled to machine code, or if Values are given, or read
            from outside.

        Raises:
            ValueError: rows and carried numbers are not as many as the arguments and results have.

        With the extra `native`

            grow = jit(lambda state, row: ([2 * state[0] + row[0]], state[0]), backend="native")
            grow([1.0], [0.0])
            grow.repeat(([1.0], [0.0]), 1, np.array([[0.0], [1.0], [2.0]]))

        gives the array [[2.0, 1.0], [5.0, 2.0], [12.0, 5.0]].
        """
        calls, leaves = self._calls(args, {})
        for path in calls.paths[:1]:
            with suppress(GuardFailure):
                return path.repeat(leaves, carried, rows)
        return rows[:0]

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __copy__(self) -> Jitted:
        return self  # as functions are copied

    def __deepcopy__(self, memo: dict[int, Any]) -> Jitted:
        f = deepcopy(self._f, memo)  # a method goes with its object, a module with its parameters
        return self if f is self._f else memo.get(id(self)) or Jitted(f, self._options)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return reduced(self, Jitted, self._f, self._options)

    def __repr__(self) -> str:
        return f"<jit of {self._name}>"

    @property
    def source(self) -> str:
        """The code of everything that runs; what has not been compiled yet is compiled for it.

        >>> double = jit(lambda x: x * 2, backend="python")
        >>> double(3.0)
        6.0
        >>> "return" in double.source
        True
        """
        return "\n\n".join(
            f"# {compiled.name}, specialisation {n}\n"
            + (INTERPRETED.format(compiled.interpreted) if compiled.interpreted > 0 else "")
            + compiled.lowered.source.rstrip()
            for n, path in enumerate(self._paths(), 1)
            for compiled in path.compiled.family()
        )

    @property
    def stats(self) -> dict[str, Any]:
        """Statistics of what has been compiled so far, as a plain dict.

        - `structures`: the number of structures of arguments; `specialisations`: of compiled
          variants of the function, one for each combination of branches and captured state;
          `derivatives`: of programs of derivatives; `plain`: of calls that ran the plain function;
        - `nodes`: a dict of the numbers of nodes `traced`, `differentiated` (the function included)
          and, of both, `simplified`;
        - `seconds`: a dict of the time of each stage: `trace`, `differentiate`, `simplify`, `lift`,
          `lower`;
        - `operations`: the number of operations, on arrays, or on single numbers in Python;
          `gathers`: of those that collect scattered numbers; `bytes`: the size of the arrays;
        - `programs`: a list with a dict for each program: its `name`, and `nodes`, `seconds`,
          `operations`, `gathers` and `bytes` of it alone; its `backend`, None until it is compiled;
          `interpreted`, how many of its next runs are interpreted; `passes`, the number of nodes
          before simplification (`traced`) and after each of its passes; and for a specialisation
          the number of `parameters`, and a `digest` of what is computed, the same in every process.

        >>> square = jit(lambda x: x * x + 0.0, backend="python")
        >>> square(3.0), square(4.0)
        (9.0, 16.0)
        >>> stats = square.stats
        >>> stats["specialisations"], stats["nodes"]["traced"], list(stats["seconds"])
        (1, 2, ['trace', 'differentiate', 'simplify', 'lift', 'lower'])
        """
        return statistics(list(self._structures.values()), list(self._paths()))

    def _paths(self) -> Iterator[Path]:
        for calls in list(self._structures.values()):
            yield from calls.paths

    def _calls(self, args: Any, options: Any) -> tuple[Calls, list[Any]]:
        """The `Calls` for arguments of this structure, and the numbers in them."""
        leaves: list[Any] = []
        key = ARGUMENTS.define_call(args, options, leaves)
        calls = self._structures.get(key) or self._add(key)
        if calls.exact is None:
            return calls, leaves
        leaves = []
        exact = EXACT.define_call(args, options, leaves)
        if exact not in calls.exact and len(calls.exact) >= MOST_VARIANTS:
            raise Unsupported(
                "is given ever new integers, each of which is compiled again"
                " (autograd.take(rows, index) indexes by a number)"
            )
        calls.exact.add(exact)
        return self._structures.get(exact) or self._add(exact), leaves

    def _add(self, key: Hashable) -> Calls:
        with self._lock:
            if len(self._structures) >= MOST_STRUCTURES:
                del self._structures[next(iter(self._structures))]
            return self._structures.setdefault(key, Calls(self, key))
