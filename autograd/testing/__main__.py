"""Check the derivatives of a function in a module of yours, from the command line.

    python -m autograd.testing check losses:huber
    python -m autograd.testing check losses:huber --domain 0.1 5 --derivative losses:slope
    python -m autograd.testing check losses:huber --at "[0.5, [1.0, 2.0]]" --order 2

Other commands are packages: `autograd.testing.accuracy`, `.agreement` and `.detection`.
"""

from __future__ import annotations

import argparse
import inspect
import json
import math
import random
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any

from autograd.errors import AutogradError, GradientError
from autograd.number import is_number
from autograd.testing.checking.findings import InconclusiveError
from autograd.testing.checking.gradcheck import gradcheck

COMMAND = "python -m autograd.testing"
TRIES = 20  # points drawn for each that is wanted, where many are outside of the domain
_OUTSIDE = (ValueError, ZeroDivisionError, OverflowError)  # what functions raise there


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 if all derivatives agree, 1 if one is wrong, 2 if none could be judged.
    """
    parser = argparse.ArgumentParser(
        prog=COMMAND,
        description="Check derivatives. Other commands: python -m autograd.testing.accuracy,"
        " .agreement and .detection.",
    )
    check = parser.add_subparsers(dest="command", required=True).add_parser(
        "check",
        help="the derivatives of a function, at random points or at one",
        description="Compare the derivatives of a function with numerical ones, whose error is"
        " known: those of this engine, or those of another function.",
        epilog="The exit code is 0 if all derivatives agree, 1 if one is wrong, 2 if none could be"
        " judged, as where the function fails, or if the arguments cannot be used.",
    )
    check.add_argument("function", metavar="MODULE:FUNCTION", help="such as losses:huber")
    check.add_argument("--derivative", metavar="MODULE:FUNCTION", help="its derivative, by hand")
    check.add_argument("--at", metavar="JSON", help='the arguments, such as "[0.5, [1.0, 2.0]]"')
    check.add_argument(
        "--domain",
        nargs=2,
        type=float,
        default=(-4.0, 4.0),
        metavar=("LOW", "HIGH"),
        help="where points are drawn (default: -4 4)",
    )
    check.add_argument("--points", type=int, default=20, help="how many (default: %(default)s)")
    check.add_argument("--order", type=int, default=1, help="of derivatives (default: %(default)s)")
    check.add_argument("--seed", type=int, default=0, help="of the points (default: %(default)s)")
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = parser.parse_args([f" {x}" if _is_negative(x) else x for x in words])
    low, high = given.domain
    if not -math.inf < low < high < math.inf:
        check.error(f"--domain: expected two numbers, the lower first, got {low:g} {high:g}")
    if given.points < 1 or given.order < 1:
        check.error("--points and --order must be at least 1")
    if given.derivative and given.order > 1:
        check.error("--derivative is checked at order 1: give the first derivative as the function")
    try:
        function = found(given.function)
        derivative = found(given.derivative) if given.derivative else None
        points = [at(given.at)] if given.at else drawn(function, given)
        return judge(given.function, function, points, given, derivative)
    except UsageError as error:
        check.error(str(error))


def _is_negative(word: str) -> bool:
    """Whether it is a negative number; argparse takes -1e-9 for an option, but not " -1e-9"."""
    try:
        return word.startswith("-") and not math.isnan(float(word))
    except ValueError:
        return False


class UsageError(Exception):
    """What was given to the command cannot be used."""


def found(name: str) -> Callable[..., Any]:
    """The function that `module:function` names.

    Raises:
        UsageError: there is none.

    >>> found("autograd:sin").__name__
    'sin'
    """
    module, _, path = name.partition(":")
    if not path or not all(part.isidentifier() for part in module.split(".")):
        raise UsageError(f"expected MODULE:FUNCTION, such as losses:huber, got {name!r}")
    if module.endswith(".py"):
        write = f"{module.removesuffix('.py')}:{path}"
        raise UsageError(f"expected a module, not a file, got {name!r}: write {write}")
    try:
        place: Any = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise UsageError(f"there is no module {module!r} here: {error}") from None
    for part in path.split("."):
        if not hasattr(place, part):
            raise UsageError(f"{module} has no function {path!r}")
        place = getattr(place, part)
    if not callable(place):
        raise UsageError(f"{name} is not a function")
    return place  # type: ignore[no-any-return]


def at(text: str) -> list[Any]:
    """The arguments in JSON.

    Raises:
        UsageError: this is not a list of numbers or of nested lists and dicts.
    """
    try:
        point = json.loads(text)
    except ValueError as error:
        raise UsageError(f"--at: expected JSON, got {text!r}: {error}") from None
    return point if isinstance(point, list) else [point]


def drawn(function: Callable[..., Any], given: argparse.Namespace) -> Iterator[list[float]]:
    """Random points, a number for each argument without a default."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        raise UsageError("the function does not say its arguments: give them by --at") from None
    count = sum(p.kind in kinds and p.default is p.empty for p in parameters)
    if not count:
        raise UsageError("the function has no argument without a default: give one by --at")
    rng = random.Random(given.seed)
    return ([rng.uniform(*given.domain) for _ in range(count)] for _ in range(TRIES * given.points))


def judge(
    name: str,
    function: Callable[..., Any],
    points: Any,
    given: argparse.Namespace,
    derivative: Callable[..., Any] | None,
) -> int:
    """Check at each point, until one is wrong or there were enough; print what was found."""
    judged, outside, unclear, problem = 0, 0, 0, ""
    options: dict[str, Any] = {"derivative": derivative, "order": given.order}
    for point in points:
        try:
            result = gradcheck(function, point, **options)
        except GradientError as error:
            sys.stdout.write(f"{name} at {_shown(point)}:\n{error}\n")
            return 1
        except InconclusiveError as error:
            unclear, problem = unclear + 1, f"at {_shown(point)}: {error}"
        except (*_OUTSIDE, AutogradError) as error:
            outside, problem = outside + 1, f"at {_shown(point)}: {type(error).__name__}: {error}"
        except TypeError as error:
            is_result = str(error).startswith("the result of the function")
            remedy = "" if is_result else ": give arguments of another kind by --at"
            raise UsageError(f"{name}: {error}{remedy}") from error
        else:
            judged += 1
            if given.at:
                sys.stdout.write(f"{name} at {_shown(point)}: {result}\n")
            if judged == given.points:
                break
    if not judged:
        sys.stdout.write(f"{name}: no point could be judged; the last one, {problem}\n")
        return 2
    left_out = [f"{outside} outside of the domain"] * (outside > 0)
    left_out += [f"{unclear} inconclusive"] * (unclear > 0)
    more = f" ({', '.join(left_out)})" if left_out else ""
    if not given.at:
        many = "s" * (judged > 1)
        sys.stdout.write(f"{name}: the derivatives agree at {judged} point{many}{more}\n")
    return 0


def _shown(point: list[Any]) -> str:
    return f"({', '.join(f'{x:.6g}' if is_number(x) else str(x) for x in point)})"


if __name__ == "__main__":
    try:
        status = main()
    except Exception:  # a mistake in the module, which says nothing of derivatives
        traceback.print_exc()
        status = 2
    sys.exit(status)
