"""`flat`: a function of a nested structure as one of a vector, with its derivatives.

Solvers know vectors. A program has weights and rates, in lists and dicts. `FlatFunction` stands
between the two: numbers in the order of the leaves of a structure, derivatives compiled when they
are first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import numpy as np
from scipy.optimize import Bounds, OptimizeResult

from autograd import jacobians, transforms, tree
from autograd.cached import cached_property
from autograd.jit import jit as compiled
from autograd.number import describe, is_number
from autograd.sparse import sparse_jacobian


class FlatFunction:
    """A function of a structure as one of a vector, with its derivatives, for solvers.

    Args:
        f: called as `f(x, *args)`, with `x` in the structure of `x0`.
        x0: a number, or a nested list, tuple, dict or array of numbers.
        jit: whether to compile the function and its derivatives.

    Attributes:
        x0: its numbers, an array of n floats.

    Raises:
        TypeError: `f` is not a function, or `x0` holds something that is not a number.
        ValueError: `x0` holds no number.
    """

    def __init__(self, f: Callable[..., Any], x0: Any, *, jit: bool = True) -> None:
        if not callable(f):
            raise TypeError(f"flat: expected a function, got {describe(f)}")
        leaves, self._definition = tree.flatten(x0, "x0")
        if not leaves:
            raise ValueError("flat: x0 holds no number")
        self.x0 = np.array([float(x) for x in leaves])
        self._f = f
        self._jit: Any = compiled if jit else lambda function: function

    def restore(self, x: Any) -> Any:
        """The structure of `x0` around the numbers, or anything else, of a vector."""
        return tree.unflatten(self._definition, x.tolist() if hasattr(x, "tolist") else x)

    def leaves(self, x: Any, path: str, are_numbers: bool = True) -> list[Any]:
        """The numbers, or whatever is there, of something in the structure of `x0`.

        `path` is its name in errors.
        """
        return tree.leaves_like(self._definition, x, path, are_numbers)

    def __call__(self, x: Any, *args: Any) -> Any:
        """The function itself, of a vector; under a transform as well."""
        return self._f(self.restore(x), *args)

    def fun(self, x: Any, *args: Any) -> Any:
        """The value: a float, or an array of all numbers of the result."""
        return self._value(self._checked(x), *args)

    def fun_and_jac(self, x: Any, *args: Any) -> tuple[float, Any]:
        """Value and gradient of a function of one number, for `jac=True`."""
        value, gradient = self._value_and_grad(self._checked(x), *args)
        return value, gradient

    def jac(self, x: Any, *args: Any) -> Any:
        """The gradient, n numbers; of a function with m numbers the Jacobian, of shape (m, n)."""
        return self._jacobian(self._checked(x), *args)

    def sparse_jac(self, x: Any, *args: Any) -> Any:
        """The Jacobian as a `scipy.sparse.csr_array` of shape (m, n): see `sparse_jacobian`."""
        return self._sparse_jacobian(self._checked(x), *args)

    def hess(self, x: Any, *args: Any) -> Any:
        """The Hessian of a function of one number, of shape (n, n)."""
        return self._hessian(self._checked(x), *args)

    def hessp(self, x: Any, p: Any, *args: Any) -> Any:
        """The product of the Hessian with a vector, at about the price of the gradient."""
        return self._hvp(self._checked(x), self._checked(p), *args)

    def hess_of(self, x: Any, v: Any, *args: Any) -> Any:
        """The Hessian of the product of a vector with the result, as constraints need it."""
        return self._hessian_of(self._checked(x), np.asarray(v, dtype=float), *args)

    def _checked(self, x: Any) -> Any:
        found = np.asarray(x, dtype=float)
        if found.shape != self.x0.shape:
            raise ValueError(
                f"flat: expected a vector of {len(self.x0)} numbers, as x0 has, got an array of"
                f" shape {found.shape}"
            )
        return found

    def _results(self, x: Any, *args: Any) -> Any:
        """The numbers of the result; of one that is a number, itself."""
        out = self(x, *args)
        return out if is_number(out) else np.array(tree.leaves(out, "the result"))

    @cached_property
    def _value(self) -> Any:
        return self._jit(self._results)

    @cached_property
    def _value_and_grad(self) -> Any:
        return self._jit(transforms.value_and_grad(self))

    @cached_property
    def _jacobian(self) -> Any:
        return self._jit(jacobians.jacobian(self._results))

    @cached_property
    def _sparse_jacobian(self) -> Any:
        return self._jit(sparse_jacobian(self._results))

    @cached_property
    def _hessian(self) -> Any:
        return self._jit(jacobians.hessian(self))

    @cached_property
    def _hvp(self) -> Any:
        def product(x: Any, p: Any, *args: Any) -> Any:
            return transforms.hvp(lambda x: self(x, *args), (x,), (p,))

        return self._jit(product)

    @cached_property
    def _hessian_of(self) -> Any:
        def weighted(x: Any, v: Any, *args: Any) -> Any:
            found = np.atleast_1d(self._results(x, *args)).tolist()
            if v.shape != (len(found),):
                raise ValueError(
                    f"flat: expected a vector of {len(found)} numbers, as the result has, got an"
                    f" array of shape {v.shape}"
                )
            return sum(a * b for a, b in zip(found, v.tolist(), strict=True))

        return self._jit(jacobians.hessian(weighted))


def flat(f: Callable[..., Any], x0: Any, *, jit: bool = True) -> FlatFunction:
    """A function of a structure as one of a vector: `fun`, `jac`, `hess` and `hessp` for a solver.

    Args:
        f: called as `f(x, *args)`.
        x0: a point, which says the structure.
        jit: whether to compile the function and its derivatives.

    Returns:
        A `FlatFunction`; its `x0` is the vector, `restore` makes the structure of one.

    Raises:
        TypeError: `f` is not a function, or `x0` holds something that is not a number.
        ValueError: `x0` holds no number.

    >>> from scipy.optimize import minimize
    >>> g = flat(lambda p: (p["a"] - 1) ** 4 + (p["b"] + p["a"]) ** 2, {"a": 0.0, "b": 3.0})
    >>> g.jac(g.x0).tolist(), g.hess(g.x0).tolist()
    ([2.0, 6.0], [[14.0, 2.0], [2.0, 2.0]])
    >>> found = minimize(g.fun, g.x0, jac=g.jac, hessp=g.hessp, method="trust-ncg")
    >>> {name: round(x, 1) for name, x in g.restore(found.x).items()}
    {'a': 1.0, 'b': -1.0}
    """
    return FlatFunction(f, x0, jit=jit)


def arguments(args: Any) -> tuple[Any, ...]:
    """Further arguments, as SciPy takes them: what is no tuple or list is one by itself.

    >>> arguments((1.0, 2.0)), arguments(3.0)
    ((1.0, 2.0), (3.0,))
    """
    return tuple(args) if isinstance(args, tuple | list) else (args,)


def refuse_both(who: str, options: Mapping[str, Any]) -> None:
    """Refuse `jac=True`, which says that a function returns its derivative too.

    Raises:
        ValueError: it is among the options.
    """
    if options.get("jac") is True:
        raise ValueError(
            f"{who}: jac=True says that f returns the pair of value and derivative; the derivative"
            " is found here: let f return the value alone, and leave out jac"
        )


def pairs(function: FlatFunction, bounds: Any) -> Any:
    """Bounds as SciPy takes them, of pairs in the structure of `x0`; others as they are.

    Raises:
        ValueError: they have another structure.
    """
    is_scipys = bounds is None or isinstance(bounds, Bounds)
    if is_scipys or (hasattr(bounds, "__len__") and all(map(_is_pair, bounds))):
        return bounds
    found = function.leaves(bounds, "bounds", are_numbers=False)
    odd = next((x for x in found if not _is_pair(x)), None)
    if odd is not None:
        raise ValueError(
            f"bounds: expected a pair (lower, upper) for each number of x0, got {describe(odd)}"
        )
    return found


def _is_pair(x: Any) -> bool:
    is_row = isinstance(x, list | tuple | np.ndarray) and len(x) == 2
    return is_row and all(side is None or is_number(side) for side in x)


def heard(function: FlatFunction, options: dict[str, Any]) -> dict[str, Any]:
    """Options in which a `callback`, if there is one, gets `x` in the structure of `x0`.

    SciPy reads a callback's signature to know how to call it: that of the wrapper is the same.
    """
    callback = options.get("callback")
    if not callable(callback):
        return options

    @wraps(callback)
    def restored(*args: Any, **named: Any) -> Any:
        if args:
            return callback(function.restore(args[0]), *args[1:], **named)
        result = named.pop("intermediate_result")
        x = function.restore(result.x)
        return callback(intermediate_result=OptimizeResult({**result, "x": x}), **named)

    return {**options, "callback": restored}


def is_vector(x: Any) -> bool:
    """Whether it is a list, tuple or array of numbers."""
    return (isinstance(x, list | tuple) and all(map(is_number, x))) or getattr(x, "ndim", 0) == 1
