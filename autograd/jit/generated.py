"""Functions made from text: the text that is shown is the text that runs."""

from __future__ import annotations

import linecache
from collections import deque
from contextlib import suppress
from itertools import count
from typing import Any
from weakref import finalize

_NUMBERS = count(1)
_GONE: deque[str] = deque()
"""The files of functions that live no more. Their lines are dropped when the next one is defined:
the collector may come by while `linecache` goes through its entries."""


def define(text: str, namespace: dict[str, Any], name: str = "run") -> Any:
    r"""The function of that name which the text defines; tracebacks show its lines.

    Args:
        text: definitions of functions.
        namespace: what they mention; they are added to it.
        name: the function that is wanted. While it lives `linecache` holds the text.

    >>> define("def run(x):\n    return x * a\n", {"a": 2.0})(3.0)
    6.0
    """
    with suppress(IndexError):  # another thread may take the last one
        while _GONE:
            linecache.cache.pop(_GONE.popleft(), None)
    filename = f"<jit {next(_NUMBERS)}>"
    exec(compile(text, filename, "exec"), namespace)
    found = namespace[name]
    linecache.cache[filename] = len(text), None, text.splitlines(True), filename
    finalize(found, _GONE.append, filename).atexit = False
    return found
