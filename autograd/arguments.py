"""What the transforms share: the function and the argument numbers that they are given, checked,
and the name of what they make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import index
from typing import Any

from autograd.number import as_flag, describe

ArgNums = int | Sequence[int]


def check_function(transform: str, f: Any, has_aux: Any = False) -> None:
    """Raise TypeError for arguments that no transform takes."""
    if not callable(f):
        hint = "" if transform in ("jvp", "vjp", "hvp") else f"; write {transform}(f)(x)"
        raise TypeError(f"{transform}: expected a function, got {describe(f)}{hint}")
    as_flag(has_aux, f"{transform}: has_aux")


def wanted_of(argnums: Any) -> int | tuple[int, ...]:
    """The argument numbers as an integer or a tuple of integers."""
    is_many = isinstance(argnums, Iterable) and not isinstance(argnums, str | bytes)
    numbers = list(argnums) if is_many else [argnums]
    try:
        if any(isinstance(n, bool) for n in numbers):
            raise TypeError
        found = tuple(map(index, numbers))
    except TypeError:
        raise TypeError(
            "argnums: expected the position of an argument, an integer, or a sequence of them,"
            f" got {describe(argnums)}"
        ) from None
    return found if is_many else found[0]


def positions_of(wanted: int | tuple[int, ...], args: Sequence[Any]) -> list[int]:
    """The argument numbers as a list of indices, counted from the end where negative."""
    numbers = [wanted] if isinstance(wanted, int) else wanted
    for n in numbers:
        if not -len(args) <= n < len(args):
            raise ValueError(
                f"argnums: there is no argument {n} among the {len(args)} given by position"
                " (keyword arguments are not differentiated)"
            )
    positions = [n % len(args) for n in numbers]
    if len(set(positions)) < len(positions):
        raise ValueError(f"argnums: expected different arguments, got {wanted}")
    return positions


def one_or_all(
    wanted: int | tuple[int, ...], found: Sequence[Any], head: tuple[Any, ...] = ()
) -> Any:
    """What was found for the arguments: of one argument that, of a sequence a tuple with a head."""
    return found[0] if isinstance(wanted, int) else (*head, *found)


def named(transform: str, f: Callable[..., Any], made: Callable[..., Any]) -> Callable[..., Any]:
    """A transformed function, with a name and a docstring that say of what."""
    name = getattr(f, "__name__", type(f).__name__)
    made.__name__ = made.__qualname__ = f"{transform}({name})"
    made.__doc__ = f"{transform} of {name}."
    made.__wrapped__ = f  # type: ignore[attr-defined]  # whose signature it has
    return made
