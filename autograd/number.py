"""What counts as a number: anything that Python can convert to a real float, and nothing else.

Every number that enters the engine passes through `as_float` once and is a Python float from then
on. NumPy scalars, `Fraction` and `Decimal` are accepted, but would make every later operation
several times slower if they were not converted.
"""

from operator import index
from typing import Any

from autograd.text import visible_lines

MOST_EXACT = 2**53
"""Integers up to here are floats without loss."""

DOUBLE_OR_EXACT = "d?bhilqBHILQ"
"""The codes of NumPy's types whose numbers are floats or, but for size, exact ones."""
_DOUBLE_OR_EXACT = DOUBLE_OR_EXACT + "O"  # each object in an array is asked by itself

_OPERATORS = [name for name, x in vars(float).items() if type(x) is type(float.__add__)]
_OPERATORS = [x for x in _OPERATORS if x not in ("__repr__", "__hash__", "__getattribute__")]


def as_float(x: Any, role: str) -> float:
    """Return `x` as a Python float.

    `role` is the number's name in errors.

    Raises:
        TypeError: `x` is a string, `None`, a complex number, an array or anything else that is
            not one real number.
        OverflowError: `x` is an integer beyond the range of floats.

    >>> from fractions import Fraction
    >>> as_float(Fraction(1, 4), "Value")
    0.25
    >>> as_float("1.0", "Value")
    Traceback (most recent call last):
    TypeError: Value: expected a number, got str '1.0' (float() reads a number from text)
    """
    if is_number(x):
        return float(x)
    hint = ""
    if isinstance(x, str | bytes):
        hint = " (float() reads a number from text)"
    elif getattr(x, "shape", None) == ():
        hint = " (its number is x.item())"
    elif hasattr(x, "__iter__"):
        hint = " (it takes one number: call it for each)"
    raise TypeError(f"{visible_lines(role)}: expected a number, got {describe(x)}{hint}")


def as_integer(x: Any, role: str, least: int) -> int:
    """Return `x` as a Python integer that is at least `least`.

    `role` is the number's name in errors.

    Raises:
        TypeError: `x` is not an integer.
        ValueError: it is less.

    >>> as_integer(3, "size", 1)
    3
    >>> as_integer(0, "size", 1)
    Traceback (most recent call last):
    ValueError: size must be at least 1, got 0
    """
    try:
        number = index(x)
    except TypeError:
        raise TypeError(f"{visible_lines(role)} must be an integer, got {describe(x)}") from None
    if number < least:
        raise ValueError(f"{visible_lines(role)} must be at least {least}, got {number}")
    return number


def as_flag(x: Any, role: str) -> bool:
    """Return `x`, if it is `True` or `False`.

    Truthy values are refused, since the value of another argument may be one by mistake.

    Raises:
        TypeError: it is neither.

    >>> as_flag(2.0, "create_graph")
    Traceback (most recent call last):
    TypeError: create_graph must be True or False, got float 2.0
    """
    if x is True or x is False:
        return x
    raise TypeError(f"{role} must be True or False, got {describe(x)}")


def is_number(x: Any) -> bool:
    """Whether `x` is one real number.

    An array has a `__float__` too, and so does a complex NumPy scalar: they are recognised by a
    length or an imaginary part.

    >>> is_number(2), is_number(True), is_number("2"), is_number(2j), is_number([2])
    (True, True, False, False, False)
    """
    kind = type(x)
    if kind is float or kind is int:
        return True
    members = [vars(base) for base in kind.__mro__]  # the class of an enum has a length itself
    if not any("__float__" in x for x in members) or any("__len__" in x for x in members):
        return False
    from numbers import Complex, Real

    return isinstance(x, Real) or not isinstance(x, Complex)


def reads_as_float(x: Any) -> bool:
    """Whether Python's arithmetic of a float with the number `x` is that with `float(x)`.

    `x` may be an array. It is not with a NumPy number of another precision, which rounds the result
    to its own, with a Decimal, and with a kind of float that has operators of its own.

    >>> from decimal import Decimal
    >>> reads_as_float(2), reads_as_float(Decimal(2))
    (True, False)
    """
    kind = type(x)
    if kind.__module__ == "numpy":
        return x.dtype.char in _DOUBLE_OR_EXACT
    if kind.__module__ == "fractions":
        return True
    if isinstance(x, float):
        return not any(own_operator(x, name) for name in _OPERATORS)
    return isinstance(x, int)


def compares_as_float(x: Any) -> bool:
    """Whether Python's comparison of a float with the number `x` is that with `float(x)`.

    Python compares integers and fractions exactly, without rounding them to floats.

    >>> compares_as_float(2**53), compares_as_float(2**53 + 1)
    (True, False)
    """
    if type(x) is float:
        return True
    if getattr(x, "shape", ()):
        return reads_as_float(x)
    try:
        return reads_as_float(x) and bool(float(x) == x or x != x)
    except OverflowError:
        return False


def own_operator(x: Any, name: str) -> bool:
    """Whether a float is of a class that has another operator of this name.

    >>> class Percent(float):
    ...     def __rmul__(self, other): return other * float(self) / 100.0
    >>> own_operator(Percent(3), "__rmul__"), own_operator(Percent(3), "__mul__")
    (True, False)
    """
    kind = type(x)
    return getattr(kind, name) is not getattr(float, name) and kind.__module__ != "numpy"


def describe(x: Any) -> str:
    """The type of `x` and the beginning of its text, for an error message.

    >>> describe([1, 2])
    'list [1, 2]'
    """
    if x is None:
        return "None"
    text = repr(x)
    return visible_lines(f"{type(x).__name__} {text if len(text) <= 60 else text[:57] + '...'}")
