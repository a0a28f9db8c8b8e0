"""NumPy's functions on Values: `np.exp(x)`, `np.float64(2.0) * x`, `array < x`.

NumPy calls `Value.__array_ufunc__` for every universal function that is given a Value; an operator
with a NumPy array or number on its left is such a call. On an array of Values NumPy calls the
methods of its items, which is why Value has methods with NumPy's names.

What NumPy cannot do with objects raises NumPy's error, and no Value is asked: loops over
numbers alone (`isfinite`, `copysign`, `linalg.solve`, `cov`), and a result that it takes for an
array (`np.percentile(x, 30)`; `np.percentile(x, [30])[0]` works).

Reference: https://numpy.org/doc/stable/reference/arrays.classes.html#numpy.class.__array_ufunc__
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd import functions
from autograd.modes import current_tape
from autograd.value import Operator, Value, convert, is_array

OPERATORS: dict[str, Operator] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "floor_divide": operator.floordiv,
    "remainder": operator.mod,
    "power": operator.pow,
    "float_power": operator.pow,
}

COMPARISONS: dict[str, tuple[Operator, Operator]] = {
    "equal": (operator.eq, operator.eq),
    "not_equal": (operator.ne, operator.ne),
    "less": (operator.lt, operator.gt),
    "less_equal": (operator.le, operator.ge),
    "greater": (operator.gt, operator.lt),
    "greater_equal": (operator.ge, operator.le),
}
"""Each comparison, and its mirror image."""

_RENAMED = {
    "absolute": "fabs",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "deg2rad": "radians",
    "fmax": "maximum",
    "fmin": "minimum",
    "rad2deg": "degrees",
}


def apply(ufunc: Any, method: str, inputs: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """The result of a NumPy universal function on operands of which one is a Value.

    Raises:
        TypeError: NumPy cannot compute it with Values.

    >>> import numpy as np
    >>> np.arctan2(0.0, Value(1.0)), np.float64(3.0) * Value(2.0)
    (Value(data=0.0, grad=0.0), Value(data=6.0, grad=0.0))
    """
    from numpy import array, bool_, frompyfunc

    name = ufunc.__name__
    value = next(x for x in inputs if isinstance(x, Value))
    if tape := current_tape():
        for x in filter(is_array, inputs):
            tape.refuse_beside(value, x)
    if method == "__call__" and not options:
        inputs = [x.item() if is_array(x) and not x.shape else x for x in inputs]
        if name in OPERATORS:
            return _operation(OPERATORS[name], *inputs)
        if name in COMPARISONS:
            straight, changed = COMPARISONS[name]
            a, b = inputs
            outcome = straight(a, b) if isinstance(a, Value) else changed(b, a)
            return outcome if is_array(outcome) else bool_(outcome)  # which decides, in a trace
        if (function := _function(name)) is not None:
            return frompyfunc(function, len(inputs), 1)(*inputs)
    items = [array(x, dtype=object) if isinstance(x, Value) else x for x in inputs]
    try:
        return getattr(ufunc, method)(*items, **options)
    except TypeError as error:
        raise TypeError(
            f"numpy.{name} cannot take a Value: {error} (autograd has functions of Values, such as"
            " autograd.exp; x.detach() is the number, and float(x.detach()) a float)"
        ) from None


def _operation(operation: Operator, a: Any, b: Any) -> Any:
    if isinstance(a, Value | float):
        return operation(a, b)
    return convert(operation, b, a, reflected=True)


def _function(name: str) -> Callable[..., Any] | None:
    name = _RENAMED.get(name, name)
    return getattr(functions, name) if name in functions.__all__ else None
