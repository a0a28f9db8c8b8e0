"""Compile random programs and compare them with the plain ones, call by call.

python -m autograd.testing.agreement --programs 100000
python -m autograd.testing.agreement --programs 1000 --backend native --seed 7
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from autograd.jit.backends import BACKENDS
from autograd.progress import with_progress
from autograd.testing.agreement.run import USES, compare

COMMAND = "python -m autograd.testing.agreement"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 if nothing differs, else 1.
    """
    available = [name for name, backend in BACKENDS.items() if not backend.missing]
    parser = argparse.ArgumentParser(
        prog=COMMAND,
        description="Compile random programs, with ordinary and extreme numbers and control flow,"
        " and compare values, derivatives and exceptions with those of the plain programs.",
    )
    parser.add_argument(
        "--programs", type=int, default=1000, help="number of programs (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the first (default: %(default)s)")
    parser.add_argument(
        "--backend",
        action="append",
        choices=[*available, "auto"],
        help="backend to compile with; may be repeated (default: all that are installed and compile"
        " small programs in milliseconds)",
    )
    parser.add_argument(
        "--use",
        action="append",
        choices=USES,
        help="what to compare; may be repeated (default: jit(f) and one of the others at random)",
    )
    parser.add_argument(
        "--most",
        type=int,
        default=1,
        help="stop after this number of differences (default: %(default)s)",
    )
    given = parser.parse_args(arguments)
    if given.programs < 1:
        parser.error("--programs must be at least 1")
    backends = given.backend or [name for name in available if BACKENDS[name].is_quick]
    seeds = range(given.seed, given.seed + given.programs)
    result = compare(with_progress(seeds, "programs"), backends, given.most, uses=given.use or ())
    for difference in result.differences:
        sys.stdout.write(f"{difference}\n\n")
    outcomes = ", ".join(f"{n} {how}" for how, n in sorted(result.outcomes.items()))
    sys.stdout.write(
        f"{result.programs} programs by {', '.join(backends)}: {result.calls} calls compared"
        f" ({outcomes}), {len(result.differences)} different\n"
    )
    return 1 if result.differences else 0


if __name__ == "__main__":
    os.environ.setdefault("CHAINRULE_CACHE_DIR", "off")  # no program is compiled a second time
    sys.exit(main())
