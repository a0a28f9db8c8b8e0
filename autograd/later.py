"""Names of a package that are imported from its modules when first used (PEP 562).

So `import autograd, nn` stays fast, however much they offer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any


def importer(package: str, names: dict[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package.

    Args:
        package: its name.
        names: by module, the names that the package exports from it, in one string; empty for a
            module that is itself exported.

    >>> find = importer("autograd", {"modes": "no_grad", "draw": ""})
    >>> find("draw").__name__
    'autograd.draw'
    """
    modules = {name: module for module, text in names.items() for name in text.split() or [module]}

    def find(name: str) -> Any:
        if name not in modules:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}",
                name=name,
                obj=sys.modules[package],
            )
        found = import_module(f"{package}.{modules[name]}")
        if name != modules[name]:  # which the import system has bound already
            found = vars(sys.modules[package])[name] = getattr(found, name)
        return found

    return find
