"""`solve_ivp` of SciPy, of nested structures, with the exact Jacobian for stiff equations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import integrate

from autograd.errors import ARITHMETIC
from autograd.scipy.flat import FlatFunction, arguments, is_vector

_STIFF = {"Radau", "BDF", "LSODA"}
"""The methods that use a Jacobian."""


def solve_ivp(
    f: Callable[..., Any],
    t_span: Sequence[float],
    y0: Any,
    method: Any = "RK45",
    *,
    args: Any = (),
    events: Any = None,
    jit: bool = True,
    **options: Any,
) -> Any:
    """`scipy.integrate.solve_ivp` with the exact Jacobian for stiff methods, of a structure.

    Args:
        f: called as `f(t, y, *args)` with `y` in the structure of `y0`; returns the derivatives in
            the same structure. If `y0` is a list or an array of numbers, so may be these.
        t_span: from when to when.
        y0: the state at the beginning: a nested list, tuple, dict or array of numbers.
        method: as in SciPy; "Radau", "BDF" and "LSODA" use the Jacobian.
        args: further arguments of `f`, and of events, a tuple or list; anything else is one by
            itself.
        events: as in SciPy, functions of `t` and `y`.
        jit: whether to compile function and Jacobian.
        options: further arguments of SciPy's function, such as `t_eval` and `dense_output`.

    Returns:
        SciPy's result. Of a list or an array of numbers `y` is an array with a row for each, as in
        SciPy; else it has the structure of `y0`, with an array over time in each place, and so has
        what the function `sol` returns, and each of `y_events`.

    Where `f` has no value at a state that the solver tries, a shorter step is taken, as SciPy's
    does after NaN; if there is none, the message of the result says what was raised.

    Raises:
        TypeError: `f` is not a function, or something is not a number.
        ArithmeticError: `f` has no value at `y0`; a ValueError for a root of a negative number.
        ValueError: `y0` holds no number, the derivatives have another structure, `vectorized` is
            True, or an argument of SciPy's is out of range.

    >>> found = solve_ivp(lambda t, y: {"x": y["v"], "v": -y["x"]}, (0, 3.14159265358979),
    ...                   {"x": 1.0, "v": 0.0}, method="Radau", rtol=1e-8, atol=1e-10)
    >>> round(float(found.y["x"][-1]), 6)
    -1.0
    """
    if options.get("vectorized"):
        raise ValueError(
            "solve_ivp: vectorized=True gives f many states at once, and here it gets one: leave it"
            " out, since the exact Jacobian needs no more calls"
        )
    function = FlatFunction(lambda y, t, *args: f(t, y, *args), y0, jit=jit)
    is_flat = is_vector(y0)

    def ordered(y: Any, t: Any, *args: Any) -> Any:
        out = f(t, function.restore(y), *args)
        if is_flat and is_vector(out) and len(out) == len(y):
            return list(out)  # a list for an array, or an array for a list, as in SciPy
        return function.leaves(out, "the derivatives")

    trial = _Trial(FlatFunction(ordered, function.x0, jit=jit))
    if getattr(method, "__name__", method) in _STIFF:
        options.setdefault("jac", trial.jac)
    if events is not None:
        several = isinstance(events, list | tuple)
        events = [_Event(e, function) for e in (events if several else [events])]
    found = integrate.solve_ivp(
        trial,
        t_span,
        function.x0,
        method,
        events=events,
        args=arguments(args) or None,
        **options,
    )
    if found.status < 0 and trial.error is not None:
        found.message += f" f has no value there: {trial.error}"
    if not is_flat:
        found.y = function.restore(list(found.y))
        if found.y_events is not None:
            shape = -1, len(function.x0)
            found.y_events = [
                function.restore(list(states.reshape(shape).T)) for states in found.y_events
            ]
        if found.sol is not None:
            solution: Any = found.sol
            found.sol = lambda t: function.restore(list(solution(t)))
    return found


class _Trial:
    """The derivatives at a state that a solver tries: NaN where there are none.

    A step that is too long may end where a root is one of a negative number. SciPy's solvers take a
    shorter one after a number that is not finite, which is what functions of NumPy return there.
    Where the integration begins there is no shorter step, and the error is raised.

    Attributes:
        error: what was last raised, if anything was.
    """

    def __init__(self, vector: FlatFunction) -> None:
        self._vector = vector
        self._has_begun = False
        self._jacobian: Any = None
        self.error: Exception | None = None

    def __call__(self, t: float, y: Any, *args: Any) -> Any:
        try:
            found = self._vector.fun(y, float(t), *args)
        except ARITHMETIC as error:
            if not self._has_begun:
                raise
            self.error = error
            return np.full(len(y), np.nan)
        self._has_begun = True
        return found

    def jac(self, t: float, y: Any, *args: Any) -> Any:
        """The Jacobian; where there is none the last one, since the step is not taken anyway."""
        try:
            self._jacobian = self._vector.jac(y, float(t), *args)
        except ARITHMETIC as error:
            if self._jacobian is None:
                raise
            self.error = error
        return self._jacobian


class _Event:
    """An event of SciPy's, of a structure."""

    def __init__(self, event: Any, function: FlatFunction) -> None:
        self._event, self._function = event, function
        self.terminal = getattr(event, "terminal", False)
        self.direction = getattr(event, "direction", 0.0)

    def __call__(self, t: float, y: Any, *args: Any) -> float:
        return float(self._event(t, self._function.restore(y), *args))
