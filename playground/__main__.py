"""Build the playground: a folder for any static server, in which Python runs in the browser.

python -m playground
python -m http.server --directory out/playground
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from playground.building import PYODIDE, VERSION, build


def main(arguments: Sequence[str] | None = None) -> int:
    """Build it.

    Returns:
        0, or 1 if it could not be built: the error output says why. Other arguments end with 2.
    """
    parser = argparse.ArgumentParser(
        prog="python -m playground",
        description="Build the playground: a folder for any static server, in which programs run"
        " in the browser.",
        epilog="The exit code is 0 if it was built, 1 if not, 2 for other arguments.",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("out/playground"),
        help="the folder to write: a new or empty one, or one built before (%(default)s)",
    )
    parser.add_argument(
        "--pyodide",
        type=Path,
        metavar="FOLDER",
        help=f"serve a copy of Pyodide from the same folder in place of {PYODIDE}: the unpacked"
        f" package of npm, of any version (`npm pack pyodide@{VERSION}`)",
    )
    given = parser.parse_args(arguments)
    try:
        files = build(given.out, given.pyodide)
    except (OSError, ValueError) as error:
        print(f"playground: {error}", file=sys.stderr)
        return 1
    size = sum(map(len, files.values())) / 1e6
    print(f"written: {given.out}, {len(files)} files, {size:.1f} MB")
    print(f"to see it: python -m http.server --directory {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
