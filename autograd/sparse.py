"""Jacobians and Hessians by their structure: where they are not 0, and only that computed.

A `SparseDerivative` finds the pattern once for each specialisation of the function, and computes
the entries by as many sweeps as the pattern has colours (`autograd.sweeps`). Compiled, all sweeps
are one program.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import modes
from autograd.arguments import ArgNums, check_function, named, positions_of, wanted_of
from autograd.errors import FallbackError, PatternError, TraceError
from autograd.jit.api import Jitted, jit
from autograd.jit.tuning import MOST_VARIANTS
from autograd.matrices import as_array, matrix, placed
from autograd.modes import pause_gc
from autograd.pattern import Pattern
from autograd.sweeps import (
    Sweeps,
    check_mode,
    entries,
    pattern_of,
    sweeps_of,
    symmetric,
    symmetric_sweeps,
)
from autograd.trace import Trace
from autograd.transforms import grad


def sparsity(f: Callable[..., Any], argnums: ArgNums = 0) -> Callable[..., Pattern]:
    """Where the Jacobian of a function can be other than 0, as a function of the same arguments.

    The pattern is that of the graph: an entry that is not in it is 0 for all arguments for which
    the function takes the same branches. What only the numbers at hand make 0 is in it, such as the
    derivative of `max` in the smaller one. Nothing flows through `stop_gradient`, conditions,
    `floor` and the like, nor where the plain number 0 is a factor. Entries that cancel, as in
    `x - x`, are in it.

    The pattern of a Hessian is `sparsity(grad(f))`.

    The function is traced as `jit` does it, once for each specialisation.

    Args:
        f: a function of numbers or nested structures of them, that returns the same.
        argnums: as in `grad`.

    Returns:
        A function that returns a `Pattern`, with a row for each number in the result, and a column
        for each number in the arguments, in order.

    Raises:
        TypeError: `f` is not a function.
        FallbackError: (when called) the function cannot be traced: it has effects, say.
        TraceError: (when called) it takes the number of a Value, by `.data` or `float`.

    >>> from autograd import grad
    >>> print(sparsity(lambda x: [x[0] * x[1], max(x[1], x[2]), 0.0 * x[0]])([1.0, 2.0, 3.0]))
    # # .
    . . #
    . . .
    >>> print(sparsity(grad(lambda x: x[0] ** 2 * x[1] + x[2]))([1.0, 2.0, 3.0]))
    # # .
    # . .
    . . .

    The built-in `max` branches, and `autograd.max` does not:

    >>> import autograd
    >>> print(sparsity(lambda x: [autograd.max(x)])([1.0, 2.0, 3.0]))
    # # #
    """
    check_function("sparsity", f)
    wanted = wanted_of(argnums)

    def call(*args: Any, **options: Any) -> Pattern:
        with pause_gc():
            return pattern_of(Trace(f, args, positions_of(wanted, args), options))

    compiled = jit(named("sparsity", f, call), backend="python", fallback="raise")

    def find(*args: Any, **options: Any) -> Pattern:
        positions_of(wanted, args)  # what is wrong with these is no matter of the trace
        try:
            found: Pattern = compiled(*args, **options)
        except FallbackError:
            if compiled.stats["specialisations"] < MOST_VARIANTS:
                raise
            return call(*args, **options)  # of more branches than are kept
        return found

    return named("sparsity", f, find)


def sparse_jacobian(
    f: Callable[..., Any], argnums: ArgNums = 0, mode: str = "auto"
) -> SparseDerivative:
    """The derivatives of every number that a function returns, as a sparse matrix.

    Only entries of the pattern (`sparsity`) are computed, by as many sweeps over the graph as the
    pattern has colours: forward mode computes columns that share no row together, reverse mode rows
    that share no column (Curtis, Powell and Reid, 1974). `jit` of the result makes one compiled
    call of all sweeps.

    Args:
        f: a function of numbers or nested structures of them, that returns the same.
        argnums: as in `grad`.
        mode: "forward", "reverse", or "auto" for the one with fewer colours, or sweeps in both
            where a few rows or columns are full, unless other sweeps visit far fewer nodes.

    Returns:
        A `SparseDerivative`: a function of the same arguments that returns a
        `scipy.sparse.csr_array`, with a row for each number in the result and a column for each in
        the arguments, in order; without SciPy the triple of entries, rows and columns.

    Raises:
        TypeError: `f` is not a function.
        ValueError: there is no such mode.

    >>> J = sparse_jacobian(lambda x: [x[0] * x[1], 3.0 * x[2]])
    >>> J([1.0, 2.0, 4.0]).toarray()
    array([[2., 1., 0.],
           [0., 0., 3.]])
    >>> J.values([5.0, 6.0, 7.0]), J.pattern.indices
    (array([6., 5., 3.]), (0, 1, 2))
    """
    check_function("sparse_jacobian", f)
    check_mode("sparse_jacobian", mode)
    return SparseDerivative("sparse_jacobian", f, argnums, mode)


def sparse_hessian(
    f: Callable[..., Any], argnums: ArgNums = 0, mode: str = "auto"
) -> SparseDerivative:
    """The second derivatives of a function that returns one number, as a sparse matrix.

    It is the Jacobian of the gradient, which is symmetric: of two equal entries one is computed,
    the only one of its colour in its row (star colouring: Coleman and Moré, 1984; Gebremedhin,
    Manne and Pothen, 2005).

    Args:
        f: as in `grad`.
        argnums: as in `grad`.
        mode: "forward" (over reverse), "reverse" (over reverse), or "auto" for the one whose sweeps
            visit fewer nodes.

    Returns:
        As `sparse_jacobian` does.

    Raises:
        TypeError: `f` is not a function.
        ValueError: there is no such mode.

    >>> H = sparse_hessian(lambda x: x[0] ** 2 * x[1] + x[2])
    >>> H([2.0, 3.0, 1.0]).toarray()
    array([[6., 4., 0.],
           [4., 0., 0.],
           [0., 0., 0.]])
    """
    check_function("sparse_hessian", f)
    check_mode("sparse_hessian", mode)
    return SparseDerivative("sparse_hessian", f, argnums, mode)


class SparseDerivative:
    """A Jacobian or Hessian as a sparse matrix; made by `sparse_jacobian` and `sparse_hessian`.

    Calling it returns a matrix, whose pattern is that of the branches which the function takes.
    `values` returns the entries alone, for solvers that ask for the pattern once: it is fixed by
    the first call, or by assigning to `pattern`.
    """

    __name__: str

    def __init__(
        self,
        kind: str,
        f: Callable[..., Any],
        argnums: ArgNums,
        mode: str,
        compiled_by: Callable[[Callable[..., Any]], Jitted] | None = None,
    ) -> None:
        self._made_of = kind, f, argnums, mode
        self._wanted = wanted_of(argnums)
        self._is_symmetric = kind == "sparse_hessian"
        self._differentiated = grad(f, argnums) if self._is_symmetric else f
        self._structure = sparsity(self._differentiated, argnums)
        self._modes = check_mode(kind, mode)
        self._compiled_by = compiled_by
        self._fixed: Pattern | None = None
        self._mode = mode
        named(kind, f, self)
        self._entries = compiled_by(named(kind, f, self._traced())) if compiled_by else None

    def __call__(self, *args: Any, **options: Any) -> Any:
        """The matrix for these arguments.

        Raises:
            TypeError: entries are Values, which `values` returns, and a sparse matrix cannot hold.
        """
        found, pattern = self._computed(args, options)
        if getattr(found, "dtype", None) == "O":
            raise TypeError(
                f"{self.__name__}: the entries are Values, since an argument is one, or an outer"
                " derivative is taken, and a sparse matrix holds floats: give it numbers, or use"
                f" .values(x), an array of the entries, or {self._made_of[0][7:]}(f)"
            )
        if self._fixed is None:
            self._fixed = pattern
        return matrix(pattern, found)

    def values(self, *args: Any, **options: Any) -> Any:
        """The entries of the fixed pattern, by rows: an array, or a list without NumPy.

        Raises:
            PatternError: the function takes branches here of which entries are not in the pattern,
                or the matrix has another shape.
        """
        found, pattern = self._computed(args, options)
        fixed = self._fixed
        if fixed is None:
            fixed = self._fixed = pattern
        if pattern is fixed or pattern == fixed:
            return found
        if pattern.shape != fixed.shape:
            raise PatternError(
                f"{self.__name__}: the fixed pattern is {fixed!r}, and for these arguments the"
                f" matrix is one of {pattern.shape[0]} x {pattern.shape[1]}: .values keeps to one"
                f" pattern, so make another {self._made_of[0]}(f) for another size, or assign"
                " another pattern"
            )
        if not pattern <= fixed:
            i, j = pattern.outside(fixed)[0]
            known = "sparsity(grad(f))" if self._is_symmetric else "sparsity(f)"
            raise PatternError(
                f"{self.__name__}: for these arguments the function takes other branches, and the"
                f" entry ({i}, {j}) is not in the fixed pattern, {fixed!r}: expected no entries"
                f" outside, got {pattern!r}. Before the solver starts, assign a pattern with those"
                f" of all branches: .pattern = {known}(x) | {known}(y)"
            )
        return placed(found, pattern, fixed)

    @property
    def pattern(self) -> Pattern:
        """The pattern that `values` keeps to; another may be assigned.

        Raises:
            PatternError: there has been no call yet.
        """
        if self._fixed is None:
            raise PatternError(
                f"{self.__name__}: the pattern is known after the first call: call it, or assign"
                f" sparsity({'grad(f)' if self._is_symmetric else 'f'})(x) to .pattern"
            )
        return self._fixed

    @pattern.setter
    def pattern(self, pattern: Pattern) -> None:
        if not isinstance(pattern, Pattern):
            raise TypeError(f"{self.__name__}: expected a Pattern, got {pattern!r}")
        self._fixed = symmetric(pattern) if self._is_symmetric else pattern

    @property
    def sweeps(self) -> Sweeps:
        """How the fixed pattern is computed: `len(J.sweeps)` sweeps, of the mode `J.sweeps.mode`.

        Raises:
            PatternError: there has been no call yet.
        """
        mode = self._mode if self._mode != "auto" else self._modes[0]
        if self._is_symmetric:
            return symmetric_sweeps(self.pattern, mode, True)
        return sweeps_of(self.pattern, mode)

    @property
    def compiled(self) -> Jitted | None:
        """What `jit` made of the computation of the entries, with its `stats` and `source`."""
        return self._entries

    def compiled_by(self, compiled_by: Callable[[Callable[..., Any]], Jitted]) -> SparseDerivative:
        """The same, its entries computed by one compiled call: what `jit` makes of it."""
        made = SparseDerivative(*self._made_of, compiled_by)
        made._fixed, made._mode = self._fixed, self._mode
        return made

    def __reduce__(self) -> Any:
        return SparseDerivative, (*self._made_of, self._compiled_by)

    def __repr__(self) -> str:
        return f"<{'jit of ' if self._entries is not None else ''}{self.__name__}>"

    def _computed(self, args: Any, options: Any) -> tuple[Any, Pattern]:
        """The entries for these arguments, and their pattern."""
        if modes.is_tracing and modes.current_tape() is not None:
            raise TraceError(
                f"{self.__name__}: a sparse matrix cannot be part of what jit compiles: compile it"
                f" by itself, jit({self._made_of[0]}(f)), or use {self._made_of[0][7:]}(f)"
            )
        if self._entries is not None:
            if self._fixed is None:
                positions_of(self._wanted, args)
            found, pattern, self._mode = self._entries(*args, **options)
            return found, pattern
        positions = positions_of(self._wanted, args)
        try:
            known = self._structure(*args, **options)
        except (FallbackError, TraceError):  # it cannot be traced: the pattern of this call alone
            known = None
        with pause_gc():
            trace = Trace(self._differentiated, args, positions, options)
            own = pattern_of(trace, self._is_symmetric)
            pattern = own if known is None else symmetric(known) if self._is_symmetric else known
            if known is not None and not own <= pattern:
                pattern = pattern | own
            data, sweeps = entries(trace, pattern, self._modes, self._is_symmetric)
        self._mode = sweeps.mode
        return as_array(data), pattern

    def _traced(self) -> Callable[..., Any]:
        """What is compiled: the entries, their pattern and the mode, as a function."""
        f, wanted, possible = self._differentiated, self._wanted, self._modes
        is_symmetric = self._is_symmetric

        def call(*args: Any, **options: Any) -> tuple[Any, Pattern, str]:
            with pause_gc():
                trace = Trace(f, args, positions_of(wanted, args), options)
                pattern = pattern_of(trace, is_symmetric)
                data, sweeps = entries(trace, pattern, possible, is_symmetric)
                return as_array(data), pattern, sweeps.mode

        return call
