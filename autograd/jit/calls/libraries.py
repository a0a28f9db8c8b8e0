"""Whose code something is: a user's, or this library's, NumPy's or the standard library's.

What a user's code reads is watched. Of the rest it is assumed that it does not change.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

_ATTRS = find_spec("attr")
LIBRARIES = {"autograd", "nn", "numpy", *sys.stdlib_module_names} - {"__main__"}
_STANDARD = str(Path(os.__file__).parent)
_MADE_IN_C = 1 << 8  # a class that cannot be changed
_HEAP = 1 << 9  # a class that a program made
if _ATTRS and any(Path(x, "_make.py").exists() for x in _ATTRS.submodule_search_locations or ()):
    LIBRARIES |= {"attr", "attrs"}  # and no module of the user's that is called so


def is_library(x: Any) -> bool:
    """Whether a module, class or function is the engine's, NumPy's or the standard library's.

    >>> is_library(sys), is_library("nn.layers"), is_library("my_program")
    (True, True, False)
    """
    module = x if isinstance(x, str) else root_of(x)
    root = module.partition(".")[0]
    if root not in LIBRARIES:
        return False
    if root in sys.stdlib_module_names:
        file = getattr(sys.modules.get(root), "__file__", None)
        if not _is_standard(file):
            return False
    return not (isinstance(x, type) and _was_made_elsewhere(x, module))


@lru_cache
def _is_standard(file: str | None) -> bool:
    """Whether a module of this file may be the standard library's: a user's can have its name."""
    return file is None or not file.endswith((".py", ".pyc")) or file.startswith(_STANDARD)


def _was_made_elsewhere(kind: type, module: str) -> bool:
    """Whether a class is not the one that its module has: `type` and others make such classes."""
    if kind.__flags__ & _MADE_IN_C or not kind.__flags__ & _HEAP:
        return False
    found: Any = sys.modules.get(module)
    for step in kind.__qualname__.split("."):
        found = getattr(found, step, None)
    return found is not kind


def root_of(x: Any) -> str:
    """The name of the module of a class, function or module, whatever the object says itself."""
    try:
        found = x.__name__ if type(x) is ModuleType else getattr(x, "__module__", None)
    except Exception:
        return ""
    return found if isinstance(found, str) else ""


def wrapped_in(x: Any) -> Any:
    """What a wrapper says that it wraps, read from its own dictionary; None if nothing."""
    try:
        space = object.__getattribute__(x, "__dict__")
    except Exception:  # a class may say otherwise what that is
        return None
    return space.get("__wrapped__") if isinstance(space, dict) else None
