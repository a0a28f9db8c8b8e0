"""When a compiled function agrees with the plain one.

Both are called with the same arguments, and must give the same result: numbers in the same
structure, or the same exception. Most numbers agree to a relative 1e-12. Two that do not may still
both be right, since sums may be added in another order: where large terms cancel, rounding is left.
How much that may be is *computed*, by a running error analysis of the plain function at that point
(Higham, *Accuracy and Stability of Numerical Algorithms*, 2002, section 3.3): each operation
rounds, and propagates the errors of its operands by its derivatives. The unit is the roundoff of a
float, not 1e-12, so the bound is mostly far below that.

Where the function compares two numbers that differ by no more than such an error, rounding
decides which branch it takes. Such points are *undecided*, and prove nothing; nor do those where
`copysign` reads the sign of a NaN, which IEEE 754 leaves open.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd import Value, tree
from autograd.jit.tracing.tape import Tape
from autograd.modes import recorded, tracing
from autograd.primitives import TABLE
from autograd.primitives.tracing import COMPARISONS

COPYSIGN = TABLE["copysign"]
CAUGHT = (ArithmeticError, ValueError, LookupError, TypeError, AttributeError)
RELATIVE = 1e-12
UNIT = 2.0**-50  # a few roundings: a power and its square root, the exponential of another library

TINY = 1e-318
"""The least error by which rounding explains a zero of the other sign."""


class Raised:
    """An exception as a result: its type, and its message."""

    def __init__(self, error: BaseException) -> None:
        self.kind = type(error)
        self.message = str(error)

    def __repr__(self) -> str:
        return f"{self.kind.__name__}: {self.message}"


def result_of(f: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """What a function returns, or what it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's, and of ways left to the function
        try:
            return f(*args, **options)
        except CAUGHT as error:
            return Raised(error)


def same_number(one: float, other: float) -> bool:
    """Whether two numbers are equal, up to a relative 1e-12."""
    if one != one or other != other:
        return one != one and other != other
    return one == other or abs(one - other) <= RELATIVE * min(abs(one), abs(other))


def same_bits(one: float, other: float) -> bool:
    """`same_number`, where -0.0 and 0.0 differ."""
    if one == other == 0.0:
        return math.copysign(1.0, one) == math.copysign(1.0, other)
    return same_number(one, other)


def check(
    plain: Callable[..., Any],
    compiled: Callable[..., Any],
    args: Sequence[Any],
    message: bool = False,
    kinds: bool = False,
    analysed: Callable[..., Any] | None = None,
    signs: bool = False,
) -> str:
    """Assert that two functions do the same for some arguments.

    Args:
        plain: the plain function.
        compiled: the compiled one.
        args: plain numbers in lists, tuples and dicts.
        message: whether the messages of exceptions must be equal too.
        kinds: whether Values and plain numbers must be in the same places.
        analysed: a function without side effects that computes the same as `plain`; by default
            `plain` itself.
        signs: whether zeros must have the same sign.

    Returns:
        How they agreed: `"equal"`, `"raised"` with the exception, `"rounding"` or `"undecided"`.

    Raises:
        AssertionError: they do not agree.
    """
    expected, found = result_of(plain, *args), result_of(compiled, *args)
    if isinstance(expected, Raised) or isinstance(found, Raised):
        if isinstance(expected, Raised) and isinstance(found, Raised):
            assert found.kind is expected.kind, f"{found!r} instead of {expected!r} at {args}"
            assert not message or found.message == expected.message
            return f"raised {expected.kind.__name__}"
        assert rounding_errors(analysed or plain, args) is None, (
            f"{found!r} instead of {expected!r} at {args}"
        )
        return "undecided"
    if kinds:
        assert kinds_in(found) == kinds_in(expected), f"{found!r} instead of {expected!r}"
    ours, theirs = numbers_in(found), numbers_in(expected)
    assert len(ours) == len(theirs), f"{found!r} instead of {expected!r} at {args}"
    pairs = zip(ours, theirs, strict=True)
    same = same_bits if signs else same_number
    different = [i for i, pair in enumerate(pairs) if not same(*pair)]
    if not different:
        return "equal"
    errors = rounding_errors(analysed or plain, args)
    if errors is None:
        return "undecided"
    for i in different:
        is_other = not same_number(theirs[i], ours[i])
        assert is_other or errors[i] > TINY, f"{ours[i]!r} instead of {theirs[i]!r} at {args}"
        assert may_differ(theirs[i], ours[i], errors[i]), (
            f"{ours[i]!r} instead of {theirs[i]!r}, of which rounding explains {errors[i]:.1e},"
            f" at {args}"
        )
    return "rounding"


def may_differ(expected: float, found: float, error: float) -> bool:
    """Whether rounding explains the difference of two numbers.

    A sum that overflows in one order may be finite in another; the error is infinite then.
    """
    return abs(expected - found) <= error if math.isfinite(expected - found) else error == math.inf


def numbers_in(out: Any) -> list[Any]:
    """The numbers in a result, as floats, or complex numbers (the root of a negative one)."""
    return [x if isinstance(x, complex) else float(x) for x in flat(out)]


def kinds_in(out: Any) -> list[bool]:
    """Which of the numbers in a result are Values."""
    return [isinstance(x, Value) for x in flat(out)]


def flat(out: Any) -> Iterator[Any]:
    """The leaves of a result, those of arrays included."""
    if isinstance(out, dict):
        out = list(out.values())
    if hasattr(out, "tolist"):
        out = out.tolist()
    if isinstance(out, list | tuple):
        for x in out:
            yield from flat(x)
    else:
        yield out


def rounding_errors(plain: Callable[..., Any], args: Sequence[Any]) -> list[float] | None:
    """How far rounding may move each number of a result; None if it decides a branch."""
    tape = Tape(rolls=False)
    given = [
        tree.map_leaves(lambda x: Value(x) if isinstance(x, float) else x, arg) for arg in args
    ]
    with recorded(), tracing(tape), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            out = plain(*given)
        except CAUGHT:
            out = None
    errors: dict[Any, float] = {}
    for node in tape.nodes:
        if node._primitive is COPYSIGN and float(node.operands[1]) != float(node.operands[1]):
            return None  # the sign of a NaN is what the processor makes of it
        errors[node] = _moved(node, errors)
        if errors[node] and node._primitive in COMPARISONS:
            return None
    if out is None:  # it raised: is a number at the edge of a domain, up to rounding?
        return None if any(_is_at_an_edge(node._data, e) for node, e in errors.items()) else []
    if any(errors.get(x, 0.0) >= abs(x._data) > 0 for x in tape.guards):
        return None
    return [errors.get(x, 0.0) if isinstance(x, Value) else 0.0 for x in flat(out)]


def _moved(node: Value, errors: dict[Any, float]) -> float:
    """How far rounding may move the result of an operation, given the errors of its operands."""
    primitive = node._primitive
    assert primitive is not None
    at = [x._data if isinstance(x, Value) else x for x in node.operands]
    off = [errors.get(x, 0.0) if isinstance(x, Value) else 0.0 for x in node.operands]
    if primitive in COMPARISONS:
        return float(any(off) and abs(at[0] - at[1]) <= sum(off))
    try:
        flow: Any = primitive.derivative(1.0, node._data, *at)
    except CAUGHT:
        return math.inf
    flow = [flow] if primitive.arity == 1 else flow
    moved: float = sum(abs(d) * e for d, e in zip(flow, off, strict=True) if e)
    if "jumps" in primitive.facts:  # a remainder may go from jump to jump while its operand moves
        return _jump(primitive, at, off, node._data) + moved
    size = abs(node._data) + sum(abs(x * d) for x, d in zip(at, flow, strict=True))
    total = moved + UNIT * len(at) * size + 5e-324 * len(at)
    return total if total == total else math.inf


def _jump(primitive: Any, at: Sequence[float], off: Sequence[float], out: float) -> float:
    """The largest change of a result when single operands move as far as their errors."""
    largest = UNIT * abs(out)
    for i, e in enumerate(off):
        for sign in (-1.0, 1.0) if e else ():
            moved = [x + sign * e if k == i else x for k, x in enumerate(at)]
            try:
                largest += abs(primitive.value(*moved) - out)
            except CAUGHT:
                return math.inf
    return largest if largest == largest else math.inf


def _is_at_an_edge(x: float, error: float) -> bool:
    """Whether a number may, up to rounding, be one where domains of operations end."""
    return error > 0 and (
        any(abs(x - edge) <= error for edge in (-1.0, 0.0, 1.0)) or abs(x) > 1e300
    )
