"""What `functools.lru_cache` keeps: the collector sees what its C code does not tell."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from typing import Any

from autograd.jit.calls.plain import is_plain

UNKNOWN = object()


def results_in(cached: Any) -> list[Any]:
    """The results that a cached function holds, in an order that asking for one does not change.

    >>> from functools import lru_cache
    >>> square = lru_cache(lambda x: x * x)
    >>> square(3.0), results_in(square)
    (9.0, [9.0])
    """
    table, others = _parts(cached)
    if table is None:
        return [UNKNOWN]
    found = list(table.values()) if cached.cache_info().maxsize is None else others[1::3]
    return sorted(found, key=id)


def has_plain_keys(cached: Any) -> bool:
    """Whether it was called with nothing but numbers, strings and tuples of such.

    >>> from functools import lru_cache
    >>> square = lru_cache(lambda x, **options: x * x)
    >>> square(3.0, a=2), has_plain_keys(square), square(True, f=len), has_plain_keys(square)
    (9.0, True, 1, False)
    """
    keys = [key if type(key) is tuple else (key,) for key in _parts(cached)[0] or ()]
    parts = [x for key in keys for x in key if not is_plain(x)]
    return all(type(x) is object or any(x is kind for kind in _CLASSES) for x in parts)


_CLASSES = float, int, bool, str, type(None)
"""Some classes of what a function is called with, which are in the keys if that is asked for."""


def _parts(cached: Any) -> tuple[dict[Any, Any] | None, list[Any]]:
    """The table by keys, and of each entry its key, its result and a class, if some go first.

    None in the place of the table if it is being filled, or this Python keeps it in another way.
    """
    info = cached.cache_info()
    links = 0 if info.maxsize is None else 3 * info.currsize
    _, *found = gc.get_referents(cached)
    table = found[links] if len(found) > links else None
    is_known = type(table) is dict and len(table) == info.currsize
    return (table if is_known else None), found[:links]


class Misses:
    """Which of some cached functions is called to fill its cache.

    Args:
        cached: the functions.

    Attributes:
        codes: the `id` of the code of each.

    >>> from functools import lru_cache
    >>> square = lru_cache(lambda x: misses.filled(square.__wrapped__.__code__) is square)
    >>> misses = Misses([square])
    >>> square(3.0), misses.filled(len)
    (True, None)
    """

    def __init__(self, cached: Iterable[Any]) -> None:
        self.codes: dict[int, list[tuple[Any, int]]] = {}
        for x in cached:
            code = getattr(x.__wrapped__, "__code__", None)
            self.codes.setdefault(id(code), []).append((x, _missed(x)))

    def filled(self, code: Any) -> Any:
        """The function with this code that has not found something since; else None."""
        found = (x for x, misses in self.codes.get(id(code), ()) if _missed(x) != misses)
        return next(found, None)


def _missed(cached: Any) -> int:
    missed: int = cached.cache_info().misses
    return missed
