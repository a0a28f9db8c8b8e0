"""The primitives behind the operators of `Value`: `+ - * / // % **`, unary `+` and `-`.

`Value` writes the value rules of the commonest ones inline, for speed; the derivative rules stand
here and nowhere else.
"""

from typing import Any

from autograd.primitives.definition import primitive, select
from autograd.primitives.elementary import log


@primitive(lambda g, out, a: g)
def identity(a: float) -> float:
    """The number itself, as a node of its own: unary `+`.

    >>> identity(2.0)
    2.0
    """
    return a


@primitive(lambda g, out, a: -g, symbol="-")
def neg(a: float) -> float:
    """Minus `a`.

    >>> neg(2.0)
    -2.0
    """
    return -a


@primitive(lambda g, out, a, b: (g, g), symbol="+")
def add(a: float, b: float) -> float:
    """The sum `a + b`.

    >>> add(2.0, 3.0)
    5.0
    """
    return a + b


@primitive(lambda g, out, a, b: (g, -g), symbol="-")
def sub(a: float, b: float) -> float:
    """The difference `a - b`.

    >>> sub(2.0, 3.0)
    -1.0
    """
    return a - b


@primitive(lambda g, out, a, b: (g * b, g * a), symbol="*")
def mul(a: float, b: float) -> float:
    """The product `a * b`.

    >>> mul(2.0, 3.0)
    6.0
    """
    return a * b


@primitive(lambda g, out, a, b: (g / b, -g * out / b), symbol="/")
def div(a: float, b: float) -> float:
    """The quotient `a / b`. Raises ZeroDivisionError for `b = 0`.

    >>> div(3.0, 2.0)
    1.5
    """
    return a / b


@primitive(lambda g, out, a, b: (0.0, 0.0), symbol="//")
def floordiv(a: float, b: float) -> float:
    """The floor of `a / b`; its derivative is 0, at the jumps too.

    >>> floordiv(7.5, 2.0)
    3.0
    """
    return a // b


@primitive(lambda g, out, a, b: (g, -g * (a // b)), symbol="%")
def mod(a: float, b: float) -> float:
    """The remainder `a - b * (a // b)`, with the sign of `b`, as in Python.

    Its derivatives are 1 and `-(a // b)`, at the jumps too.

    >>> mod(7.5, 2.0)
    1.5
    """
    return a % b


def real_power(a: float, b: float) -> float:
    """`a ** b` where that is a real number.

    >>> real_power(-2.0, 3.0)
    -8.0
    >>> real_power(-8.0, 0.5)
    Traceback (most recent call last):
    ValueError: a negative number to a fractional power is not real
    """
    result: Any = a**b
    if type(result) is complex:
        raise ValueError("a negative number to a fractional power is not real")
    return float(result)


def _log_of_base(a: Any, b: Any = 1.0) -> Any:
    if a == 0 and b < 1:
        raise ZeroDivisionError("the derivative in a base of 0 needs an exponent of 1 or more")
    if a <= 0:
        raise ValueError(
            "the derivative in the exponent needs a base above 0"
            " (an exponent that is a plain number has none)"
        )
    return log(a)


def _slopes_of_power(g: Any, a: Any, b: Any, log_a: Any) -> tuple[Any, Any]:
    """`g` times the derivatives of `a ** b`, by its square root, which does not underflow."""
    root = a ** (0.5 * b)
    lift = select(a < 1e-290, 2.0**60, 1.0)  # the root over a tiny base might overflow
    return g * (root / (a * lift)) * b * (root * lift), g * log_a * root * root


@primitive(
    lambda g, out, a, b: _slopes_of_power(g, a, b, _log_of_base(a, b)), name="pow", symbol="**"
)
def power(a: float, b: float) -> float:
    """`a ** b`, differentiated in both.

    The derivative in the exponent is `a ** b * log(a)`, which exists for `a > 0` alone: at
    `a <= 0` the backward pass raises ValueError. Give the exponent as a plain number where it needs
    no gradient.

    >>> power(2.0, 3.0)
    8.0
    """
    return real_power(a, b)


@primitive(
    lambda g, out, a, b: (
        g * b * a ** (b - 1) if 0.5 <= b < 2.0**53 else g * b * out / a if b else 0.0,
        0.0,
    ),
    name="pow_number",
    symbol="**",
)
def power_number(a: float, b: float) -> float:
    """`a ** b` with a plain number `b`, differentiated in `a`: `b * a ** (b - 1)`,
    computed as `b * a ** b / a` where `b - 1` might be rounded (below 0.5 and beyond 2**53).

    At `a = 0` this raises ZeroDivisionError for `b < 1`, save for `b = 0`, where it is 0.

    >>> power_number(-2.0, 3.0)
    -8.0
    """
    return real_power(a, b)


@primitive(
    lambda g, out, a, b: (0.0, _slopes_of_power(g, a, b, _log_of_base(a))[1]),
    name="number_pow",
    symbol="**",
)
def number_power(a: float, b: float) -> float:
    """`a ** b` with a plain number `a`, differentiated in `b`: `a ** b * log(a)`, for `a > 0`.

    >>> number_power(2.0, 3.0)
    8.0
    """
    return real_power(a, b)
