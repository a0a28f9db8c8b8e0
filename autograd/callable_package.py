"""A package that can be called as the function of the same name in it.

`autograd.jit` is a package, and `jit` the function that users want from it. Python binds the
package to its name in `autograd` whenever a part of it is imported, so the function cannot have
that name. Instead the package is callable: `from autograd import jit` and `from autograd.jit import
jit` do the same, in any order.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any


def make_callable(name: str, function: Callable[..., Any]) -> None:
    """Make the module `name` callable: a call of it calls the function.

    >>> from autograd import draw
    >>> draw is sys.modules["autograd.draw"], callable(draw)
    (True, True)
    """

    class CallablePackage(ModuleType):
        __call__ = staticmethod(function)

        @property
        def __signature__(self) -> Any:
            from inspect import signature  # imported here: it is slow to load

            return signature(function)

        def __reduce__(self) -> tuple[Any, ...]:
            return import_module, (name,)

    sys.modules[name].__class__ = CallablePackage
