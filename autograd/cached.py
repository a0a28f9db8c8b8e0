"""`functools.cached_property` as it is from Python 3.12 on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class cached_property(Generic[T]):  # noqa: N801 - as in functools
    """A property that is computed once, and kept in the dictionary of its object.

    Before Python 3.12 that of functools holds one lock for all objects of a class meanwhile:
    threads wait for each other, and a child of a fork for ever, for a thread that it lacks.

    >>> class Circle:
    ...     radius = 2.0
    ...     @cached_property
    ...     def area(self):
    ...         return 3.0 * self.radius**2
    >>> circle = Circle()
    >>> circle.area, vars(circle)
    (12.0, {'area': 12.0})
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, x: None, owner: type) -> Self: ...

    @overload
    def __get__(self, x: object, owner: type) -> T: ...

    def __get__(self, x: object | None, owner: type) -> Self | T:
        if x is None:
            return self
        found = vars(x)[self._name] = self._compute(x)
        return found
