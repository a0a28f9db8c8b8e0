"""Jacobians and Hessians by their structure: where they are not 0, and only that computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.jit.api import jit
from autograd.modes import pause_gc
from autograd.pattern import Pattern
from autograd.sweeps import pattern_of
from autograd.trace import Trace
from autograd.transforms import ArgNums, check_function, named, positions_of, wanted_of


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
        found: Pattern = compiled(*args, **options)
        return found

    return named("sparsity", f, find)
