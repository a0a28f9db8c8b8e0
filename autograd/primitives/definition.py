"""A primitive is one operation: how its value is computed, and what its derivative is.

Both rules are written once, on plain numbers:

    @primitive(lambda g, out, x: g * out)
    def exp(x):
        return math.exp(x)

The decorated body is the *value rule*: floats in, float out. The lambda is the *derivative rule*:
given the adjoint `g` of the result, the result and the operands, it returns what flows back to the
operand; with several operands, a sequence with one entry for each. The derivative rule is generic:
the same text runs on floats in an ordinary backward pass, on Values when derivatives of derivatives
are wanted, so it may use operators and this library's own functions but not `math` (which would cut
the graph) and not `if` on an operand's value (`select` is there for that).

A primitive knows nothing of `Value`: an operand that has a method `_apply` takes the call over.
The built-in primitives are made with the same decorator as a user's own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast, overload

from autograd import modes
from autograd.errors import ARITHMETIC, located
from autograd.number import as_float
from autograd.text import visible

if TYPE_CHECKING:
    from autograd.value import Value

T = TypeVar("T")
_VARIADIC = 0x04  # the flag CO_VARARGS of a code object


class Primitive:
    """One operation.

    Attributes:
        name: what errors and tables call it.
        symbol: how it is drawn.
        arity: how many operands it takes; `None` for any number.
        value: the value rule, `value(*operands)`.
        derivative: the derivative rule, `derivative(g, out, *operands)`.
        is_additive: whether the rule hands `g` itself to each of two operands, as that of a sum
            does; the inner loop of `backward()` then need not call it.
        is_product: whether the rule does nothing with operands but multiply by them, so that it may
            be handed a plain 0 as `SYMBOLIC_ZERO`.
    """

    __slots__ = ("arity", "derivative", "is_additive", "is_product", "name", "symbol", "value")

    def __init__(
        self,
        name: str,
        value: Callable[..., float],
        derivative: Callable[..., Any],
        symbol: str | None = None,
        is_product: bool = False,
    ) -> None:
        self.name = visible(name)  # that of a function may be any string
        self.value = value
        self.derivative = derivative
        self.symbol = symbol or self.name
        code = value.__code__
        self.arity = None if code.co_flags & _VARIADIC else code.co_argcount
        self.is_additive = self.arity == 2 and _hands_on(derivative)
        self.is_product = is_product

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __copy__(self) -> Primitive:
        return self

    def __deepcopy__(self, memo: object) -> Primitive:
        return self  # a copied graph is made of the same operations

    def __reduce_ex__(self, protocol: Any) -> Any:
        """By name, as functions are pickled, if the value rule is in a module under its name.

        Where `cloudpickle` or `dill` is loaded, which pickle any function, by its two rules else.

        Raises:
            PicklingError: it can be pickled in neither way.
        """
        module, name = self.value.__module__, self.value.__qualname__
        found: Any = sys.modules.get(module)
        for part in name.split("."):
            found = getattr(found, part, None)
        if getattr(found, "primitive", None) is self:
            return _by_name, (module, name)
        if "cloudpickle" in sys.modules or "dill" in sys.modules:
            return Primitive, (self.name, self.value, self.derivative, self.symbol)
        from pickle import PicklingError

        raise PicklingError(
            f"the primitive {self.name!r} cannot be pickled: its value rule, {name} of {module}, is"
            " not found there by that name. Define it with @primitive(...) over a function of a"
            " module, or pickle x.detach(), or use the package cloudpickle"
        )

    def __call__(self, *operands: Any) -> Any:
        """Apply the operation: to floats, or to whatever operand takes the call over."""
        for operand in operands:
            apply = getattr(operand, "_apply", None)
            if apply is not None:
                return apply(self, operands)
        numbers = [as_float(x, self.name) for x in operands]
        try:
            result = self.value(*numbers)
        except ARITHMETIC as error:
            raise located(error, self.name, numbers) from None
        return result if type(result) is float else as_float(result, f"the value of {self.name}")


def _by_name(module: str, name: str) -> Any:
    """The primitive of a function, whose module is imported if need be."""
    found: Any = import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found.primitive


def _hands_on(derivative: Callable[..., Any]) -> bool:
    """Whether a derivative rule returns its `g` for each of two operands, whatever they are."""
    g = object()
    try:
        flow = derivative(g, None, None, None)
    except Exception:  # a rule that computes anything
        return False
    return bool(flow == (g, g))


class Unary(Protocol):
    """A primitive of one number, as a function: a float in gives a float, a Value a Value."""

    primitive: Primitive
    __name__: str

    @overload
    def __call__(self, x: Value, /) -> Value: ...
    @overload
    def __call__(self, x: float, /) -> float: ...


class Binary(Protocol):
    """A primitive of two numbers, as a function: a Value if either operand is one."""

    primitive: Primitive
    __name__: str

    @overload
    def __call__(self, x: Value, y: Value | float, /) -> Value: ...
    @overload
    def __call__(self, x: float, y: Value, /) -> Value: ...
    @overload
    def __call__(self, x: float, y: float, /) -> float: ...


class Variadic(Protocol):
    """A primitive of any number of numbers, as a function."""

    primitive: Primitive
    __name__: str

    def __call__(self, *operands: Value | float) -> Any:
        """Apply the operation."""


class _VariadicRule(Protocol):
    def __call__(self, *numbers: float) -> float: ...


class _Decorator(Protocol):
    @overload
    def __call__(self, value: _VariadicRule, /) -> Variadic: ...
    @overload
    def __call__(self, value: Callable[[float], float], /) -> Unary: ...
    @overload
    def __call__(self, value: Callable[[float, float], float], /) -> Binary: ...
    @overload
    def __call__(self, value: Callable[..., float], /) -> Variadic: ...


def primitive(
    derivative: Callable[..., Any],
    *,
    name: str | None = None,
    symbol: str | None = None,
    is_product: bool = False,
) -> _Decorator:
    """Make an operation of your own out of a value rule and a derivative rule.

    Args:
        derivative: `derivative(g, out, *operands)`, with `g` the derivative of the final result
            in `out`, returns `g * d out / d operand`: one number for a function of one operand,
            else a sequence of one number per operand. Write it with operators and the functions of
            `autograd`, so that it can itself be differentiated. Where the result does not depend on
            an operand at all (a condition, the side that was not taken) return
            `autograd.SYMBOLIC_ZERO`: what is behind that operand is then left alone. A plain `0.0`
            says the same, and costs a walk through what is behind. Where the derivative in one
            operand does not exist, and that in another does, return `math.nan` for the one: a rule
            that raises takes both.
        name: what the operation is called in errors; by default the function's name.
        symbol: what is drawn for it; by default the name.
        is_product: whether the rule does nothing with operands but multiply by them. A plain 0
            among them is then handed to it as `autograd.SYMBOLIC_ZERO`.

    Returns:
        A decorator for the value rule, a function of floats that returns a float. The result is a
        function that takes floats or Values, with the `Primitive` in its attribute `primitive`.

    >>> from autograd import Value
    >>> @primitive(lambda g, out, x: 3 * g * x**2)
    ... def cube(x):
    ...     return x * x * x
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> cube(2.0), x.grad
    (8.0, 12.0)
    """

    def decorate(value: Callable[..., float]) -> Any:
        made = Primitive(name or value.__name__, value, derivative, symbol, is_product)

        @wraps(value)
        def function(*operands: Any) -> Any:
            return made(*operands)

        function.primitive = made  # type: ignore[attr-defined]
        return function

    return decorate


def select(condition: Any, x: T, y: T) -> T:
    """`x` where the condition holds, else `y`: the `if` of derivative rules.

    Unlike `where` it leaves no node behind, and nothing flows along the side not taken.

    >>> select(2.0 > 1.0, "x", "y")
    'x'

    While a function is being traced a condition on Values is one of them, and the choice is left to
    each run: then this is `where`.
    """
    if modes.is_tracing and modes.current_tape() is not None and hasattr(condition, "_apply"):
        from autograd.primitives.piecewise import where

        return cast(T, where(condition, cast(Any, x), cast(Any, y)))
    return x if condition else y
