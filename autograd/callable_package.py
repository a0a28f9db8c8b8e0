"""A package that can be called as the function of the same name in it.

`autograd.jit` is a package, and `jit` the function that everybody wants of it. Python binds the
package to its name in `autograd` whenever a part of it is imported, so the name cannot be the
function's. Instead the package itself can be called: `from autograd import jit` and `from
autograd.jit import jit` do the same, in whatever order they come.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any


def make_callable(name: str, function: Callable[..., Any]) -> None:
    """Let a call of the module `name` be one of the function.

    >>> from autograd import draw
    >>> draw is sys.modules["autograd.draw"], callable(draw)
    (True, True)
    """

    class CallablePackage(ModuleType):
        __call__ = staticmethod(function)

        @property
        def __signature__(self) -> Any:
            from inspect import signature  # here, for it is slow to load

            return signature(function)

        def __reduce__(self) -> tuple[Any, ...]:
            return import_module, (name,)

    sys.modules[name].__class__ = CallablePackage
