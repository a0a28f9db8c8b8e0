"""Jacobians and Hessians as structures: `jacobian`, `hessian` and what is like them.

What can be other than 0 is computed, by sweeps over a `Trace` (`autograd.sweeps`); the rest is
filled in. `autograd.sparse` has them as sparse matrices.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd import tree
from autograd.arguments import (
    ArgNums,
    check_function,
    named,
    one_or_all,
    positions_of,
    wanted_of,
)
from autograd.modes import pause_gc
from autograd.sweeps import check_mode, rows_of
from autograd.trace import Trace
from autograd.transforms import grad


def jacobian(
    f: Callable[..., Any], argnums: ArgNums = 0, has_aux: bool = False, mode: str = "auto"
) -> Callable[..., Any]:
    """The derivatives of every number that a function returns, as a function of its arguments.

    Entries that are 0 for all arguments are not computed: the graph says which these are, and
    columns (or rows) that do not meet are computed together, as in `sparse_jacobian`.

    Args:
        f: a function of numbers or nested structures of them, that returns the same.
        argnums: as in `grad`.
        has_aux: as in `grad`.
        mode: "forward", "reverse", or "auto" for the one that does less.

    Returns:
        A function that returns the structure of `f`'s result, with each number replaced by its
        gradient, in the structure of the argument: for lists, the rows of the matrix
        `J[i][j] = d f_i / d x_j`. Arrays in give arrays out, as in JAX: the derivatives of an array
        in an array are one of shape `result.shape + argument.shape`. With `has_aux` it returns the
        pair of that and `aux`.

    Raises:
        TypeError: `f` is not a function, or `argnums` are not integers.
        ValueError: there is no such mode; (when called) there is no such argument.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    >>> import numpy as np
    >>> jacobian(lambda x: x * x)(np.array([2.0, 3.0]))
    array([[4., 0.],
           [0., 6.]])
    """
    return _jacobian("jacobian", f, argnums, has_aux, mode)


def jacfwd(
    f: Callable[..., Any], argnums: ArgNums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """`jacobian` in forward mode: for functions of few numbers that return many.

    >>> jacfwd(lambda x: [x, x * x, x * x * x])(2.0)
    [1.0, 4.0, 12.0]
    """
    return _jacobian("jacfwd", f, argnums, has_aux, "forward")


def jacrev(
    f: Callable[..., Any], argnums: ArgNums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """`jacobian` in reverse mode: for functions of many numbers that return few.

    >>> jacrev(lambda x: x[0] * x[1] * x[2])([2.0, 3.0, 4.0])
    [12.0, 8.0, 6.0]
    """
    return _jacobian("jacrev", f, argnums, has_aux, "reverse")


def value_and_jacobian(
    f: Callable[..., Any], argnums: ArgNums = 0, has_aux: bool = False, mode: str = "auto"
) -> Callable[..., Any]:
    """`jacobian` that returns the pair of the function's result and its derivatives.

    With `has_aux` the first is the pair `(result, aux)`.

    >>> value_and_jacobian(lambda x: [x[0] * x[1], x[0]])([2.0, 3.0])
    ([6.0, 2.0], [[3.0, 2.0], [1.0, 0.0]])
    """
    return _jacobian("value_and_jacobian", f, argnums, has_aux, mode, with_value=True)


def hessian(
    f: Callable[..., Any], argnums: ArgNums = 0, has_aux: bool = False, mode: str = "auto"
) -> Callable[..., Any]:
    """The second derivatives of a function that returns one number.

    It is the Jacobian of the gradient, and symmetric: of two equal entries one is computed.

    Args:
        f: as in `grad`.
        argnums: as in `grad`.
        has_aux: as in `grad`.
        mode: "forward" (over reverse), "reverse" (over reverse), or "auto" for the one that does
            less.

    Returns:
        A function that returns the structure of the argument twice nested: for a list, the rows of
        the matrix `H[i][j] = d2 f / dx_i dx_j`; for an array of n numbers, an array of shape
        `(n, n)`. With `has_aux` it returns the pair of that and `aux`.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    check_function("hessian", f, has_aux)
    slope = grad(f, argnums, has_aux)
    made = _jacobian("hessian", slope, argnums, has_aux, mode, is_symmetric=True)
    return named("hessian", f, made)


def _jacobian(
    who: str,
    f: Callable[..., Any],
    argnums: ArgNums,
    has_aux: bool,
    mode: str,
    with_value: bool = False,
    is_symmetric: bool = False,
) -> Callable[..., Any]:
    """`jacobian` and what is like it."""
    check_function(who, f, has_aux)
    wanted = wanted_of(argnums)
    modes = check_mode(who, mode)

    def call(*args: Any, **options: Any) -> Any:
        positions = positions_of(wanted, args)
        with pause_gc():
            trace = Trace(f, args, positions, options, has_aux)
            found = tree.outer(
                trace.definition,
                one_or_all(wanted, trace.arguments, (tuple, None)),
                rows_of(trace, modes, is_symmetric),
            )
            if with_value:
                return ((trace.value, trace.aux) if has_aux else trace.value), found
            return (found, trace.aux) if has_aux else found

    return named(who, f, call)
