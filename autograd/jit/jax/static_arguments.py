"""Static arguments: those that are no numbers to compute with, such as a count or a mode."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import Parameter, signature
from typing import Any, TypeAlias

import jax

from autograd.number import describe

Fixed: TypeAlias = list[tuple[int | str, Any]]
"""Static arguments of a call, each with its place or name."""


class StaticArguments:
    """Which arguments of a function are static.

    Args:
        f: the function.
        name: its name in errors.
        given: their places or names; one that has both may be given by either.

    Raises:
        TypeError, ValueError: there is no such argument.
    """

    def __init__(self, f: Callable[..., Any], name: str, given: Any) -> None:
        self._name = name
        self._places: set[int] = set()
        self._names: dict[int | str, int | str] = {}
        wanted = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
        try:
            parameters = [*signature(f).parameters.values()]
        except (TypeError, ValueError):  # it does not say
            parameters = [Parameter("_", kind) for kind in _ANY]
        positional = [x.name for x in parameters if x.kind in _POSITIONAL]
        by_name = {x.name for x in parameters if x.kind in _NAMED}
        takes_more = {x.kind for x in parameters}
        for x in wanted:
            if isinstance(x, bool) or not isinstance(x, int | str):
                raise TypeError(
                    f"as_jax: static must be places or names of arguments, got {describe(x)}"
                )
            place = positional.index(x) if x in positional else x
            if isinstance(place, int) and 0 <= place < len(positional):
                self._places.add(place)
                if positional[place] in by_name:
                    self._names[positional[place]] = place
            elif isinstance(place, int) and place >= 0 and Parameter.VAR_POSITIONAL in takes_more:
                self._places.add(place)
            elif isinstance(place, str) and (
                place in by_name or Parameter.VAR_KEYWORD in takes_more
            ):
                self._names[place] = place
            else:
                raise ValueError(f"as_jax: {name} has no argument {x!r}, which static= names")

    def split(
        self, args: tuple[Any, ...], options: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], Fixed]:
        """The arguments that are not static, and those that are."""
        places, names = self._places, self._names
        fixed: Fixed = [(i, x) for i, x in enumerate(args) if i in places]
        fixed += [(key, x) for key, x in options.items() if key in names]
        rest = tuple([x for i, x in enumerate(args) if i not in places])
        return rest, {key: x for key, x in options.items() if key not in names}, fixed

    def key(self, fixed: Fixed) -> Any:
        """What tells these static arguments from others, however they are given.

        Raises:
            TypeError: one is not hashable, or traced by JAX.
        """
        found: list[Any] = []
        for place, x in fixed:
            if isinstance(x, jax.core.Tracer):
                raise TypeError(
                    f"as_jax: the static argument {place!r} of {self._name} is traced by JAX: name"
                    " it in static_argnums= or static_argnames= of jax.jit, and map it not at all"
                )
            try:
                hash(x)
            except TypeError:
                raise TypeError(
                    f"as_jax: a static argument of {self._name} must be hashable, got {describe(x)}"
                ) from None
            found.append((self._names.get(place, place), _exactly(x)))
        return tuple(sorted(found, key=lambda pair: str(pair[0])))


_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_NAMED = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
_ANY = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


def _exactly(x: Any) -> Any:
    """A key that tells 1 from 1.0 and True, and 0.0 from -0.0, in a tuple too.

    >>> _exactly(0.0) == _exactly(-0.0), _exactly((1, 2)) == _exactly((True, 2))
    (False, False)
    """
    kind = type(x)
    if kind is float:
        return kind, repr(x)
    return kind, tuple(map(_exactly, x)) if kind is tuple else x


def merged(
    args: Iterable[Any], options: dict[str, Any], fixed: Fixed
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """All arguments of a call: those that are not static, and those that are.

    >>> merged((1.0,), {}, [(1, 2), ("mode", "sum")])
    ((1.0, 2), {'mode': 'sum'})
    """
    found, named = list(args), dict(options)
    for place, x in fixed:
        if isinstance(place, int):
            found.insert(place, x)
        else:
            named[place] = x
    return tuple(found), named


def filled(f: Callable[..., Any], fixed: Fixed) -> Callable[..., Any]:
    """The function of the arguments that are not static."""
    if not fixed:
        return f

    def of_the_others(*args: Any, **options: Any) -> Any:
        found, named = merged(args, options, fixed)
        return f(*found, **named)

    return of_the_others
