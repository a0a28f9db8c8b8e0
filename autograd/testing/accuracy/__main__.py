"""Measure how accurate primitives are, and print a table.

python -m autograd.testing.accuracy
python -m autograd.testing.accuracy tanh sigmoid --points 20000
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from autograd.extras import missing
from autograd.files import check_folder, write_whole
from autograd.primitives import TABLE
from autograd.progress import with_progress
from autograd.testing.accuracy.measure import LIMIT, POINTS, measure_all
from autograd.testing.accuracy.report import COMMAND, document, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 if every error is within the limit or has its reason, else 1.
    """
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.partition("\n\n")[0])
    parser.add_argument(
        "names", nargs="*", metavar="primitive", help="primitives to measure (default: all)"
    )
    parser.add_argument(
        "--points", type=_positive, default=POINTS, help="points for each (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the random points (default: 0)")
    parser.add_argument("--out", metavar="FILE", help="also write a Markdown page to this file")
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.names) - set(TABLE)):
        known = ", ".join(TABLE)
        parser.error(f"there is no primitive {', '.join(unknown)}; expected some of {known}")
    try:
        if given.out:
            check_folder(Path(given.out))
        import mpmath  # type: ignore[import-untyped, unused-ignore] # noqa: F401
    except OSError as error:
        parser.error(str(error))
    except ImportError:
        parser.error(missing("the exact result", "test", ["mpmath"]))
    names = given.names or list(TABLE)
    measured = measure_all(names, given.points, given.seed)
    entries = list(with_progress(measured, "operations", len(names)))
    sys.stdout.write(table(entries))
    if given.out:
        try:
            write_whole(given.out, document(entries, given.points, given.seed).encode())
        except OSError as error:
            parser.error(f"cannot write {given.out}: {error}")
    failed = [e.name for e in entries if not e.is_explained]
    if failed:
        sys.stdout.flush()
        sys.stderr.write(f"above {LIMIT:g} ulp without a reason: {', '.join(failed)}\n")
    return 1 if failed else 0


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, got {number}")
    return number


if __name__ == "__main__":
    sys.exit(main())
