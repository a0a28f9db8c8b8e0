"""The list of the demos, and the way to each of them.

    python -m demos
    python -m demos xor --epochs 500

It needs no package: what a demo does is read from its file.
"""

from __future__ import annotations

import ast
import runpy
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

FOLDER = Path(__file__).parent


def demos() -> dict[str, str]:
    """The first line of what each demo says of itself, by name.

    >>> list(demos())[:3]
    ['delta_rule', 'digits', 'gallery']
    >>> demos()["xor"][:3]
    'XOR'
    """
    found = {}
    for file in sorted(FOLDER.glob("[!_]*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if any(
            isinstance(node, ast.If) and "__main__" in ast.dump(node.test) for node in tree.body
        ):
            found[file.stem] = " ".join(
                (ast.get_docstring(tree) or "").partition("\n\n")[0].split()
            )
    return found


def listing() -> str:
    """The demos, one a line, and how to run them."""
    lines = [f"  {name:<22} {what}" for name, what in demos().items()]
    return "\n".join(
        [
            "Each trains something small, or draws it, and writes pictures to out/:",
            "",
            *lines,
            "",
            "Run one with python -m demos.NAME (--help shows its options). They need:",
            '  pip install -e ".[demos]"',
        ]
    )


def main(arguments: Sequence[str]) -> int:
    """List the demos, or run the one that is named first, with the rest as its options.

    Returns:
        0, or 2 if there is no such demo.
    """
    if not arguments or arguments[0] in ("-h", "--help", "list"):
        print(listing())
        return 0
    name = arguments[0].removeprefix("demos.").removesuffix(".py").replace("-", "_")
    if name not in demos():
        near = get_close_matches(name, demos(), 1)
        meant = f" Did you mean {near[0]}?" if near else ""
        print(f"There is no demo {arguments[0]!a}.{meant}\n\n{listing()}", file=sys.stderr)
        return 2
    sys.argv[1:] = arguments[1:]
    runpy.run_module(f"demos.{name}", run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
