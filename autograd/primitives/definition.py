"""A primitive is one operation: how its value is computed, and what its derivative is.

Both rules are written once, on plain numbers:

    @primitive(lambda g, out, x: g * out)
    def exp(x):
        return math.exp(x)

The decorated body is the *value rule*: floats in, float out. The lambda is the *derivative rule*:
given the adjoint `g` of the result, the result and the operands, it returns the contribution to the
operand's adjoint; with several operands, a sequence with one entry for each. The derivative rule is
generic: the same code runs on floats in an ordinary backward pass, and on Values for derivatives of
derivatives, so it may use operators and this library's functions but not `math` (which would cut
the graph) and not `if` on an operand's value (use `select`).

A primitive does not depend on `Value`: an operand that has a method `_apply` takes over the call.
Built-in and user-defined primitives are made with the same decorator.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from types import FunctionType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, cast, overload

from autograd import modes
from autograd.errors import ARITHMETIC, located
from autograd.number import as_float
from autograd.text import visible

if TYPE_CHECKING:
    from autograd.value import Value

T = TypeVar("T")
Interval: TypeAlias = tuple[float, float]
REAL: Interval = (-math.inf, math.inf)
POSITIVE: Interval = (0.0, math.inf)
UNIT: Interval = (-1.0, 1.0)
_VARIADIC, _KEYWORDS = 0x04, 0x08  # the flags CO_VARARGS and CO_VARKEYWORDS of a code object

FACTS = {
    "total": "it never raises, not even for infinite operands and NaN",
    "propagates": "where an operand is infinite or NaN so is the result, or it raises",
    "finite": "of finite operands it makes a finite number, and raises for a wrong index alone",
    "commutative": "the order of two operands makes no difference; that of more only rounding"
    " and overflow",
    "exact": "it does not round (but for whole numbers beyond 2 ** 53)",
    "rounded": "its result is the float nearest to the exact one",
    "unsigned": "its result is never -0.0",
    "follows": "its result is -0.0 only where the first operand is",
    "tells": "it makes different numbers of 0.0 and -0.0",
    "jumps": "its value goes by steps, which its derivative does not see",
    "bilinear": "its derivative rule only passes `g` on, or multiplies it by a number",
}
"""Facts that may be declared of an operation, true for all floats. A missing fact is safe; a test
tries each claim.

They are used by the compiler, to drop what makes no difference (`total`, `unsigned`, `follows`,
`tells`), to group equal operations (`commutative`) and to notice an infinite number before it is
lost (`propagates`, `finite`); by the chain rule of a trace (`bilinear`); and by the analysis of
rounding errors (`exact`, `rounded`, `jumps`).
"""


class Primitive:
    """One operation.

    Attributes:
        name: its name in errors and tables.
        symbol: its symbol in drawings.
        arity: how many operands it takes; `None` for any number.
        value: the value rule, `value(*operands)`.
        derivative: the derivative rule, `derivative(g, out, *operands)`.
        is_additive: whether the rule returns `g` for each of two operands, as that of a sum does;
            the inner loop of `backward()` then does not call it.
        is_product: whether the rule only multiplies by operands, so that a plain 0 may be given to
            it as `SYMBOLIC_ZERO`.
        facts: its facts; words of `FACTS`.
        neutral: the last operand that does not change the first, if there is one.
        joins: for any number of operands, the binary operation that it repeats from left to right.
        formula: its value, written with operations that can be compiled.
        domain: for each operand an open interval in which it has a derivative; None for all
            numbers.
    """

    __slots__ = (
        "arity",
        "derivative",
        "domain",
        "facts",
        "formula",
        "is_additive",
        "is_product",
        "joins",
        "name",
        "neutral",
        "symbol",
        "value",
    )

    def __init__(
        self,
        name: str,
        value: Callable[..., float],
        derivative: Callable[..., Any],
        symbol: str | None = None,
        is_product: bool = False,
        facts: str = "",
        neutral: float | None = None,
        joins: Primitive | None = None,
        formula: Callable[..., Any] | None = None,
        domain: Sequence[Interval] | None = None,
    ) -> None:
        self.name = visible(name)  # a function's name may be any string
        self.value = value
        self.derivative = derivative
        self.symbol = symbol or self.name
        self.facts = frozenset(facts.split())
        if unknown := self.facts.difference(FACTS):
            raise ValueError(
                f"primitive: no facts of {name} are {', '.join(sorted(unknown))}; there are"
                f" {', '.join(FACTS)}"
            )
        if formula is not None and not callable(formula):
            raise TypeError(f"primitive: the formula of {name} is no function, but {formula!r}")
        self.neutral = neutral
        self.joins = joins
        self.formula = formula
        self.domain = None if domain is None else tuple(domain)
        self.arity = _arity(self.name, value)
        self.is_additive = self.arity == 2 and _hands_on(derivative)
        self.is_product = is_product

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def __copy__(self) -> Primitive:
        return self

    def __deepcopy__(self, memo: object) -> Primitive:
        return self  # a copied graph has the same operations

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickle by name, as functions are, if the value rule is in a module under its name.

        Otherwise, where `cloudpickle` or `dill` is loaded, which pickle any function, by its rules.

        Raises:
            PicklingError: neither is possible.
        """
        module, name = self.value.__module__, self.value.__qualname__
        found: Any = sys.modules.get(module)
        for part in name.split("."):
            found = getattr(found, part, None)
        if getattr(found, "primitive", None) is self:
            return _by_name, (module, name)
        if "cloudpickle" in sys.modules or "dill" in sys.modules:
            given = [
                getattr(self, x) for x in ("name", "value", "derivative", "symbol", "is_product")
            ]
            given += [" ".join(self.facts), self.neutral, self.joins, self.formula, self.domain]
            return Primitive, tuple(given)
        from pickle import PicklingError

        raise PicklingError(
            f"the primitive {self.name!r} cannot be pickled: its value rule, {name} of {module}, is"
            " not found there by that name. Define it with @primitive(...) over a function of a"
            " module, or pickle x.detach(), or use the package cloudpickle"
        )

    def __call__(self, *operands: Any) -> Any:
        """Apply the operation: to floats, or by the first operand that takes over the call."""
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
    """The primitive of a function, whose module is imported if necessary."""
    found: Any = import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found.primitive


def _arity(name: str, value: Callable[..., float]) -> int | None:
    """The number of operands of a value rule; None for any number."""
    code = getattr(value, "__code__", None) if type(value) is FunctionType else None
    if code is not None and not code.co_kwonlyargcount and not code.co_flags & _KEYWORDS:
        return None if code.co_flags & _VARIADIC else int(code.co_argcount)
    from inspect import signature

    try:
        parameters = signature(value).parameters.values()
    except ValueError:
        raise TypeError(
            f"primitive: Python does not know how many operands {name} takes; wrap it in a function"
            f" that says so, as in lambda x, y: {name}(x, y)"
        ) from None
    for x in parameters:
        if x.kind in (x.KEYWORD_ONLY, x.VAR_KEYWORD):
            raise TypeError(
                f"primitive: the parameter {x.name!r} of {name} takes no place among its operands,"
                " which are numbers that it is differentiated in; make it positional, or give it a"
                " value with a lambda around the function"
            )
    return None if any(x.kind is x.VAR_POSITIONAL for x in parameters) else len(parameters)


def _bound(
    name: str, value: Callable[..., float], operands: tuple[Any, ...], named: Any
) -> tuple[Any, ...]:
    """The operands of a call in order, those given by name and defaults included."""
    from inspect import signature

    try:
        call = signature(value).bind(*operands, **named)
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from None
    call.apply_defaults()
    return call.args


def _hands_on(derivative: Callable[..., Any]) -> bool:
    """Whether a derivative rule returns its `g` for each of two operands, whatever they are."""
    g = object()
    try:
        flow = derivative(g, None, None, None)
    except Exception:  # a rule that computes something
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
    facts: str = "",
    neutral: float | None = None,
    joins: Primitive | None = None,
    formula: Callable[..., Any] | None = None,
    domain: Sequence[Interval] | None = None,
) -> _Decorator:
    """Define an operation by a value rule and a derivative rule.

    Args:
        derivative: `derivative(g, out, *operands)`, with `g` the derivative of the final result
            in `out`, returns `g * d out / d operand`: one number for a function of one operand,
            else a sequence of one number per operand. Write it with operators and the functions of
            `autograd`, so that it can itself be differentiated. Where the result does not depend on
            an operand at all (a condition, the side that was not taken) return
            `autograd.SYMBOLIC_ZERO`: the walk then skips the graph below that operand. A plain
            `0.0` means the same, but the graph below is walked. Where the derivative in one operand
            does not exist, and that in another does, return `math.nan` for the former: a rule that
            raises loses both.
        name: its name in errors; by default the function's name.
        symbol: its symbol in drawings; by default the name.
        is_product: whether the rule only multiplies by operands. A plain 0 among them is then given
            to it as `autograd.SYMBOLIC_ZERO`.
        facts: words of `autograd.primitives.FACTS`, separated by spaces. They are trusted.
        neutral: the last operand that does not change the first, to the last bit.
        joins: for any number of operands, the binary primitive that it repeats.
        formula: the value, written with operators and the functions of `autograd` (and `where`
            instead of `if`). Compiled array code and machine code compute this; without it they
            call the value rule, number by number (or see `autograd.jit.register_lowering`). When it
            is first compiled it is compared with the value rule, at ordinary and extreme numbers,
            and refused where the two differ beyond rounding, in the sign of a zero, or where the
            value rule raises and the formula does not (`x + 0.0 * sqrt(x)` does for negative `x`).
        domain: for each operand an open interval `(low, high)` in which it has a derivative; by
            default all numbers. Where tests, and trials of a formula, draw operands.

    Returns:
        A decorator for the value rule, a function of floats that returns a float; a built-in one,
        such as `math.gamma`, if Python knows its number of operands. The result is a function that
        takes floats or Values, by position, by name or by default, with the `Primitive` in its
        attribute `primitive`.

    Raises:
        TypeError: the value rule has parameters that are not operands, or its signature is unknown;
            the formula is no function.

    >>> from autograd import Value
    >>> @primitive(lambda g, out, x: 3 * g * x**2)
    ... def cube(x):
    ...     return x * x * x
    >>> x = Value(2.0)
    >>> cube(x).backward()
    >>> cube(2.0), x.grad
    (8.0, 12.0)

    A formula lets it run at array speed:

    >>> import math
    >>> from autograd import exp, jit, where
    >>> @primitive(
    ...     lambda g, out, x: where(x < 0, g * exp(x), g),
    ...     formula=lambda x: where(x < 0, exp(where(x < 0, x, 0.0)) - 1, x),
    ... )
    ... def ramp(x):
    ...     return math.exp(x) - 1 if x < 0 else x
    >>> jit(lambda xs: [ramp(x) for x in xs])([-1.0, 0.0, 2.0]) == [ramp(-1.0), 0.0, 2.0]
    True
    """

    def decorate(value: Callable[..., float]) -> Any:
        called = name or str(getattr(value, "__name__", type(value).__name__))
        made = Primitive(
            called, value, derivative, symbol, is_product, facts, neutral, joins, formula, domain
        )
        fewest = (made.arity or 0) if getattr(value, "__defaults__", None) else 0

        def unary(x: Any) -> Any:  # layers and derivative rules end here: what is wrong comes last
            try:
                if x.__class__ is not float:
                    return x._apply_unary(made)
                result = value(x)
                if result.__class__ is float:
                    return result
            except AttributeError:
                if hasattr(x, "_apply_unary"):
                    raise
            except ARITHMETIC:
                pass  # is raised again, and says where
            return made(x)

        def general(*operands: Any, **named: Any) -> Any:
            if named or (fewest and len(operands) < fewest):
                operands = _bound(called, value, operands, named)
            for operand in operands:  # as `Primitive.__call__` does, without the call
                apply = getattr(operand, "_apply", None)
                if apply is not None:
                    return apply(made, operands)
            return made(*operands)

        code = getattr(value, "__code__", None)
        is_unary = made.arity == 1 and not fewest and code and code.co_varnames[0] == "x"
        function = wraps(value)(unary if is_unary else general)
        function.primitive = made  # type: ignore[attr-defined]
        return function

    return decorate


def select(condition: Any, x: T, y: T) -> T:
    """`x` where the condition holds, else `y`: the `if` of derivative rules.

    Unlike `where` it makes no node, and nothing flows along the side not taken.

    >>> select(2.0 > 1.0, "x", "y")
    'x'

    While a function is being traced a condition on Values is a Value, and each run makes the
    choice: then this is `where`.
    """
    if modes.is_tracing and hasattr(condition, "_apply") and (tape := modes.current_tape()):
        return cast(T, tape.choice(condition, x, y))
    return x if condition else y
