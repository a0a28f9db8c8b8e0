"""SciPy's solvers with exact derivatives, of functions over nested structures.

`minimize`, `least_squares`, `root` and `solve_ivp` take what SciPy's functions of these names take,
find gradients, Jacobians and Hessians by themselves, and compile them. What they optimise may be a
nested list, tuple or dict of numbers in place of a vector; `flat` makes SciPy's kind of function
of such a one, for any other solver. This module needs SciPy.

>>> from autograd.scipy import minimize
>>> found = minimize(lambda p: (p["a"] - 1) ** 2 + (p["b"][0] + p["a"]) ** 2, {"a": 0, "b": [0.0]})
>>> bool(found.success), round(found.x["a"], 6), round(found.x["b"][0], 6)
(True, 1.0, -1.0)
"""

from autograd.extras import missing

try:
    from autograd.scipy.equations import solve_ivp
    from autograd.scipy.flat import FlatFunction, flat
    from autograd.scipy.solvers import least_squares, minimize, root
except ImportError as error:
    if (error.name or "").partition(".")[0] not in ("numpy", "scipy"):
        raise
    raise ImportError(missing("autograd.scipy", "scipy", ["scipy"])) from error

__all__ = ["FlatFunction", "flat", "least_squares", "minimize", "root", "solve_ivp"]
