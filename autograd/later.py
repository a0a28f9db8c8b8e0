"""Names that a package offers, and imports from its modules when they are first used (PEP 562).

So `import autograd, nn` stays light, whatever they come to hold.
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
        names: by module of the package, the names in it that the package offers, in one string; no
            names for a module that is offered itself.

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
