"""`minimize`, `least_squares` and `root` of SciPy, of nested structures, with exact derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import optimize

from autograd.number import is_number
from autograd.scipy.flat import FlatFunction, arguments, heard, is_vector, pairs, refuse_both

_DERIVATIVES = {
    "cg": "jac",
    "bfgs": "jac",
    "l-bfgs-b": "jac",
    "tnc": "jac",
    "slsqp": "jac",
    "newton-cg": "hessp",
    "trust-ncg": "hessp",
    "trust-krylov": "hessp",
    "trust-constr": "hessp",
    "dogleg": "hess",
    "trust-exact": "hess",
    "nelder-mead": "",
    "powell": "",
    "cobyla": "",
    "cobyqa": "",
}
"""By method of `minimize`, in lower case: the highest derivative that it uses."""

_ROOTS = {"hybr", "lm"}
"""The methods of `root` that use a Jacobian."""


def minimize(
    f: Callable[..., Any],
    x0: Any,
    args: Any = (),
    method: Any = None,
    *,
    bounds: Any = None,
    constraints: Any = (),
    jit: bool = True,
    **options: Any,
) -> Any:
    """`scipy.optimize.minimize` with the derivatives that the method uses, of a structure.

    Args:
        f: called as `f(x, *args)`; returns one number.
        x0: where to begin: a number, or a nested list, tuple, dict or array of numbers.
        args: further arguments of `f`, a tuple or list; anything else is one by itself.
        method: as in SciPy: by default "BFGS", or what bounds and constraints need.
        bounds: in the structure of `x0`, a pair `(lower, upper)` for each number, either of which
            may be `None`; or as in SciPy, in the order of the numbers.
        constraints: as in SciPy; their functions are called with `x` in the structure of `x0`, and
            get exact derivatives.
        jit: whether to compile function and derivatives.
        options: further arguments of SciPy's function, such as `tol`, `options` and `callback`,
            which is called with `x` in the structure of `x0`. A derivative that is given there,
            as `jac`, is a function of vectors, and takes the place of the exact one.

    Returns:
        SciPy's result, whose `x` has the structure of `x0`.

    Raises:
        TypeError: `f` is not a function, does not return one number, or `x0` holds something else.
        ValueError: `x0` holds no number, bounds have another structure, `jac` is True, or an
            argument of SciPy's is out of range.

    Source: Nocedal and Wright, *Numerical Optimization* (2006), for the methods.

    >>> def rosenbrock(x):
    ...     return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))
    >>> found = minimize(rosenbrock, [0.0] * 4, method="trust-exact")
    >>> [round(x, 3) for x in found.x]
    [1.0, 1.0, 1.0, 1.0]
    """
    refuse_both("minimize", options)
    function = FlatFunction(f, x0, jit=jit)
    has_hessian = str(method).lower() == "trust-constr"
    wrapped = _constraints(constraints, x0, jit, has_hessian)
    wants = "jac" if method is None else _DERIVATIVES.get(str(method).lower(), "jac")
    call: Any = function.fun
    if wants and "jac" not in options:
        call, options["jac"] = function.fun_and_jac, True
    if wants in ("hess", "hessp") and not {"hess", "hessp"} & options.keys():
        options[wants] = getattr(function, wants)
    found = optimize.minimize(
        call,
        function.x0,
        arguments(args),
        method,
        bounds=pairs(function, bounds),
        constraints=wrapped,
        **heard(function, options),
    )
    found.x = function.restore(found.x)
    return found


def least_squares(
    f: Callable[..., Any],
    x0: Any,
    args: Any = (),
    *,
    bounds: Any = None,
    jit: bool = True,
    **options: Any,
) -> Any:
    """`scipy.optimize.least_squares` with the exact Jacobian, of a structure.

    Args:
        f: called as `f(x, *args)`; returns the residuals, in whatever structure.
        x0: where to begin: a number, or a nested list, tuple, dict or array of numbers.
        args: further arguments of `f`, a tuple or list; anything else is one by itself.
        bounds: the lower and the upper one, each a number or in the structure of `x0`; or
            `scipy.optimize.Bounds`.
        jit: whether to compile function and derivatives.
        options: further arguments of SciPy's function, such as `method` and `loss`. With
            `tr_solver="lsmr"` the Jacobian is a sparse matrix.

    Returns:
        SciPy's result, whose `x` has the structure of `x0`.

    Raises:
        TypeError: `f` is not a function, or something is not a number.
        ValueError: `x0` holds no number, bounds have another structure, or an argument of SciPy's
            is out of range.

    >>> from autograd import exp
    >>> times, seen = [0.0, 1.0, 2.0], [2.0, 1.0, 0.5]
    >>> def errors(p):
    ...     return [p["size"] * exp(-p["rate"] * t) - y for t, y in zip(times, seen)]
    >>> found = least_squares(errors, {"size": 1.0, "rate": 1.0})
    >>> {name: round(x, 6) for name, x in found.x.items()}
    {'size': 2.0, 'rate': 0.693147}
    """
    refuse_both("least_squares", options)
    function = FlatFunction(f, x0, jit=jit)
    if isinstance(bounds, tuple | list) and not is_vector(x0):
        bounds = tuple(
            x if is_number(x) else [*map(float, function.leaves(x, "bounds"))] for x in bounds
        )
    if bounds is not None:
        options["bounds"] = bounds
    if options.get("tr_solver") == "lsmr":
        options.setdefault("jac", function.sparse_jac)
    options.setdefault("jac", lambda x, *args: np.atleast_2d(function.jac(x, *args)))
    options = heard(function, options)
    found = optimize.least_squares(function.fun, function.x0, args=arguments(args), **options)
    found.x = function.restore(found.x)
    return found


def root(
    f: Callable[..., Any],
    x0: Any,
    args: Any = (),
    method: str = "hybr",
    *,
    jit: bool = True,
    **options: Any,
) -> Any:
    """`scipy.optimize.root` with the exact Jacobian, of a structure.

    Args:
        f: called as `f(x, *args)`; returns as many numbers as `x0` has, in whatever structure.
        x0: where to begin: a number, or a nested list, tuple, dict or array of numbers.
        args: further arguments of `f`, a tuple or list; anything else is one by itself.
        method: as in SciPy; "hybr" and "lm" use the Jacobian.
        jit: whether to compile function and derivatives.
        options: further arguments of SciPy's function.

    Returns:
        SciPy's result, whose `x` has the structure of `x0`.

    Raises:
        TypeError: `f` is not a function, or something is not a number.
        ValueError: `x0` holds no number, `jac` is True, or an argument of SciPy's is out of range.

    >>> found = root(lambda p: [p["x"] ** 2 + p["y"] ** 2 - 2, p["x"] - p["y"]], {"x": 3, "y": 1})
    >>> {name: round(x, 9) for name, x in found.x.items()}
    {'x': 1.0, 'y': 1.0}
    """
    refuse_both("root", options)
    function = FlatFunction(f, x0, jit=jit)
    if str(method).lower() in _ROOTS:
        options.setdefault("jac", lambda x, *args: np.atleast_2d(function.jac(x, *args)))
    options = heard(function, options)
    found = optimize.root(function.fun, function.x0, arguments(args), method, **options)
    found.x = function.restore(found.x)
    return found


def _constraints(given: Any, x0: Any, jit: bool, has_hessian: bool) -> Any:
    """Constraints as SciPy takes them, with exact derivatives, second ones if they are used."""
    if isinstance(given, list | tuple):
        return [_constraints(x, x0, jit, has_hessian) for x in given]
    if isinstance(given, Mapping) and "fun" in given:  # else SciPy says so
        function = FlatFunction(given["fun"], x0, jit=jit)
        return {"jac": function.jac, **given, "fun": function.fun}
    if isinstance(given, optimize.NonlinearConstraint):
        function = FlatFunction(given.fun, x0, jit=jit)
        exact = has_hessian and not callable(given.hess)
        return optimize.NonlinearConstraint(
            function.fun,
            given.lb,
            given.ub,
            jac=given.jac if callable(given.jac) else function.jac,
            hess=function.hess_of if exact else given.hess,
            keep_feasible=given.keep_feasible,
        )
    return given
