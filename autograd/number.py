"""What counts as a number: anything that Python can convert to a real float, and nothing else.

Every number that enters the engine passes through `as_float` once and is a Python float from then
on. NumPy scalars, `Fraction` and `Decimal` are accepted, but would make every later operation
several times slower if they were not converted.
"""

from operator import index
from typing import Any

from autograd.text import visible_lines


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
    if not hasattr(kind, "__float__") or hasattr(kind, "__len__"):
        return False
    from numbers import Complex, Real

    return isinstance(x, Real) or not isinstance(x, Complex)


def describe(x: Any) -> str:
    """The type of `x` and the beginning of its text, for an error message.

    >>> describe([1, 2])
    'list [1, 2]'
    """
    if x is None:
        return "None"
    text = repr(x)
    return visible_lines(f"{type(x).__name__} {text if len(text) <= 60 else text[:57] + '...'}")
