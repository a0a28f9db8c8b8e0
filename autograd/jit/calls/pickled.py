"""How a compiled function is pickled: by its name if it has one, or else with what it compiles.

Code is not pickled: it is compiled again after loading.
"""

from __future__ import annotations

import pickle
import sys
from types import FrameType, FunctionType
from typing import Any

from autograd.jit.options import Options

_BY_VALUE = {"cloudpickle", "dill"}
"""Packages that pickle functions with their code, and need no name."""


def reduced(compiled: Any, kind: Any, f: Any, options: Options) -> str | tuple[Any, ...]:
    """What `__reduce__` says of a compiled function.

    Args:
        compiled: the compiled function.
        kind: its class.
        f: the function that it compiles.
        options: how.

    Raises:
        PicklingError: `f` is a function without a name in its module.
    """
    name = getattr(compiled, "__qualname__", None)
    if isinstance(name, str) and _found(getattr(compiled, "__module__", None), name) is compiled:
        return name  # it was made by the decorator
    if type(f) is FunctionType and _found(f.__module__, f.__qualname__) is not f:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if str(frame.f_globals.get("__name__")).partition(".")[0] in _BY_VALUE:
                return kind, (f, options)
            frame = frame.f_back
        if f.__module__ in ("autograd.transforms", "autograd.jacobians", "autograd.mapping"):
            what = "what a transform returns has no name in any module"
            remedy = f"compile a function that calls {f.__qualname__}, and define both"
        else:
            what = f"it is not found by that name in the module {f.__module__!r}"
            remedy = "define it"
        raise pickle.PicklingError(
            f"jit: {f.__qualname__} cannot be pickled, since {what}: {remedy} with `def` at the top"
            " of a module, or use the package cloudpickle (cloudpickle.dumps) in place of pickle"
        )
    return kind, (f, options)


def _found(module: Any, name: str) -> Any:
    """What has a name in a module; None if nothing has."""
    found: Any = sys.modules.get(module) if isinstance(module, str) else None
    for part in name.split("."):
        found = getattr(found, part, None)
    return found
