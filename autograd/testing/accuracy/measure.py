"""The error of every primitive, in units in the last place, and the limit it must meet.

Each primitive's value, and its derivative in each operand, is computed at thousands of points of
its whole domain (`points`) and compared with mpmath at 50 digits (`references`). The operands are
taken as exact: only the error that the operation itself adds is measured.

**The error** is `|computed - exact|` in units in the last place: the distance between the
neighbouring floats around the exact result, which among the subnormals, and at 0, is 2**-1074.
Correct rounding is an error of up to 0.5. A zero may have either sign. If the exact result fits
into a float and the computed one is NaN, infinite or an exception, the error is infinite. If it is
too large for a float, the computed one must be an infinity of its sign, or an arithmetic exception.
The derivative is the rule's, given 1 for the adjoint and the engine's value for the result; it is
not measured where the function has none, nor where the value is too large for a float.

**The limit** is 4 units, however ill-conditioned the function is: since its operands are exact, a
function that is computed in one piece can meet it. A composition of rounded pieces cannot, wherever
a later piece magnifies the rounding of an earlier one. Such an entry needs a reason, and the reason
is checked: it gives a *condition number* `k(operands) >= 1` of the intermediate result that it
blames, and the error may be up to `4 k` units. For a sum of terms it is `sum |terms| / |sum
terms|`: N. J. Higham, *Accuracy and Stability of Numerical Algorithms* (2nd edition, 2002), section
4.2; for a function `f` of a rounded number `t` it is `|t f'(t) / f(t)|`, section 1.6.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from sys import float_info
from typing import TYPE_CHECKING, Any

from autograd.errors import ARITHMETIC
from autograd.primitives import TABLE, Primitive
from autograd.testing.accuracy.points import Point, points

if TYPE_CHECKING:
    from autograd.testing.accuracy.reasons import Reason

LIMIT = 4.0
DIGITS = 50
POINTS = 4000
BEYOND = float_info.max - LIMIT * math.ulp(float_info.max)


@dataclass
class Worst:
    """The largest error met so far of the values, or of the derivatives, of a primitive.

    Attributes:
        ulps: the error, in units in the last place.
        at: the operands there.
        operand: the index of the one in which the derivative is taken.
        excess: the largest quotient of an error above `LIMIT` and the condition number of its
            reason; up to `LIMIT` is allowed.
        count: how many results were measured.
    """

    ulps: float = 0.0
    at: Point = ()
    operand: int | None = None
    excess: float = 0.0
    count: int = 0

    def add(self, error: float, at: Point, operand: int | None, reason: Reason | None) -> None:
        """Account for one more error."""
        self.count += 1
        if error > self.ulps or not self.at:
            self.ulps, self.at, self.operand = error, at, operand
        if error > LIMIT:
            operands = at if operand is None else (operand, *at)
            condition = max(1.0, float(reason.condition(*operands))) if reason else 1.0
            if condition < math.inf:
                self.excess = max(self.excess, error / condition)

    def __str__(self) -> str:
        return f"{self.ulps:.2f}" if self.ulps < 1e4 else f"{self.ulps:.1e}"

    @property
    def place(self) -> str:
        """The operands there, as the table shows them."""
        if not self.ulps:
            return "nowhere"
        shown = [repr(x) for x in self.at]
        if len(shown) > 3:
            shown[2:] = [f"... ({len(shown)} numbers)"]
        inside = f"({', '.join(shown)})"
        return inside if self.operand is None or len(self.at) == 1 else f"{self.operand}: {inside}"


@dataclass
class Entry:
    """The row of one primitive.

    Attributes:
        name: of the primitive.
        value: the worst of the values.
        slope: the worst of the derivatives.
        reasons: why errors may be above the limit, if they may.
    """

    name: str
    value: Worst = field(default_factory=Worst)
    slope: Worst = field(default_factory=Worst)
    reasons: tuple[Reason | None, Reason | None] = (None, None)

    @property
    def is_explained(self) -> bool:
        """Whether a reason covers every error above the limit."""
        return self.value.excess <= LIMIT and self.slope.excess <= LIMIT

    @property
    def remark(self) -> str:
        """Why an error is above the limit; empty if none is."""
        remarks = []
        for what, worst, reason in zip(
            ("value", "derivative"), (self.value, self.slope), self.reasons, strict=True
        ):
            if worst.ulps > LIMIT:
                told = reason.text if reason else "no reason known"
                if worst.excess > LIMIT and reason:
                    told += f" (but it is {worst.excess:.3g} times that condition number)"
                remarks.append(f"{what}: {told}")
        return "; ".join(remarks)


def ulps(computed: float, exact: Any) -> float:
    """The error of a float in units in the last place of the exact result, an mpmath number.

    >>> from mpmath import mpf
    >>> ulps(1.0 + 2**-52, mpf(1)), ulps(1e-323, mpf(0)), ulps(math.inf, mpf("1e400"))
    (1.0, 2.0, 0.0)
    """
    from mpmath import mpf  # type: ignore[import-untyped, unused-ignore]

    if computed != computed:
        return 0.0 if exact != exact else math.inf
    if math.isinf(computed):  # right where the exact result is close to the largest float
        is_beyond = exact * math.copysign(1.0, computed) > BEYOND
        return 0.0 if is_beyond else math.inf
    unit = math.ulp(min(abs(float(exact)), float_info.max))
    return float(abs(mpf(computed) - exact) / mpf(unit))


def measure(
    primitive: Primitive,
    reference: Callable[..., Any],
    slopes: Callable[..., Sequence[Any]],
    at: Iterable[Point],
    reasons: tuple[Reason | None, Reason | None] = (None, None),
) -> Entry:
    """The worst errors of a primitive at the given points.

    Args:
        primitive: the operation.
        reference: its value, computed on mpmath numbers.
        slopes: its derivative in each operand, on mpmath numbers.
        at: the points: operands to measure it at.
        reasons: why its value, and why its derivatives, may be off by more than the limit.

    Raises:
        ValueError: a point is outside the domain of the reference.

    >>> import mpmath
    >>> from autograd import primitive
    >>> @primitive(lambda g, out, x: g * (1 - out * out))
    ... def careless_tanh(x):
    ...     return math.tanh(x)
    >>> entry = measure(
    ...     careless_tanh.primitive, mpmath.tanh, lambda x: [mpmath.sech(x) ** 2], [(0.5,), (18.0,)]
    ... )
    >>> entry.value.ulps < 1, entry.slope.ulps > 1e14, entry.is_explained
    (True, True, False)
    """
    import mpmath  # type: ignore[import-untyped, unused-ignore]

    entry = Entry(primitive.name, reasons=reasons)
    with mpmath.workdps(DIGITS):
        for point in at:
            exact = reference(*map(mpmath.mpf, point))
            if isinstance(exact, mpmath.mpc):
                raise ValueError(
                    f"{primitive.name}: the reference at {point} is {mpmath.nstr(exact, 6)}, not a"
                    " real number: give it its regions in autograd/testing/accuracy/points.py"
                )
            out = _result_or_nothing(lambda: primitive.value(*point))  # noqa: B023
            entry.value.add(_error(out, exact), point, None, reasons[0])
            if out is None or math.isinf(out):
                continue
            for i, (computed, slope) in enumerate(_derivatives(primitive, slopes, out, point)):
                entry.slope.add(_error(computed, slope), point, i, reasons[1])
    return entry


def _derivatives(
    primitive: Primitive, slopes: Callable[..., Sequence[Any]], out: float, point: Point
) -> Iterator[tuple[float | None, Any]]:
    """The rule's derivative in each operand, and the exact one; none where there is none."""
    from mpmath import mpf

    try:
        exact = slopes(*map(mpf, point))
    except ZeroDivisionError:
        return
    flow = _result_or_nothing(lambda: primitive.derivative(1.0, out, *point))
    if flow is None and any(abs(x) > BEYOND for x in exact):
        return  # one derivative is too large for a float, which explains the exception
    if primitive.arity == 1:
        flow = (flow,)
    yield from zip(flow or [None] * len(exact), exact, strict=True)


def _result_or_nothing(compute: Callable[[], Any]) -> Any:
    try:
        return compute()
    except ARITHMETIC:
        return None


def _error(computed: float | None, exact: Any) -> float:
    """`ulps`, where `None`, an arithmetic exception, counts as an infinity of the right sign."""
    return ulps(math.copysign(math.inf, exact) if computed is None else computed, exact)


def measure_all(
    names: Iterable[str] = TABLE, count: int = POINTS, seed: int = 0
) -> Iterator[Entry]:
    """The entries of built-in primitives, one after the other.

    Args:
        names: which of them.
        count: the number of points for each.
        seed: of the random ones among the points.
    """
    from autograd.testing.accuracy.reasons import SLOPE_REASONS, VALUE_REASONS
    from autograd.testing.accuracy.references import REFERENCES, SLOPES

    for name in names:
        primitive = TABLE[name]
        reasons = VALUE_REASONS.get(name), SLOPE_REASONS.get(name)
        at = points(name, primitive.arity, count, seed)
        yield measure(primitive, REFERENCES[name], SLOPES[name], at, reasons)
