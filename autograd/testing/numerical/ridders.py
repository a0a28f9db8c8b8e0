"""Derivatives by extrapolating differences to the step 0, with an estimate of the error.

Central differences at steps `h` have errors in powers of `h ** 2`. Neville's scheme evaluates the
polynomial through the differences at several steps at `h = 0` (see `tableau`).
Sources: Ridders, "Accurate computation of F'(x) and F'(x)F''(x)" (1982); Press et al., *Numerical
Recipes* (2007), section 5.7.

Values at finitely many points prove nothing, and any method can be deceived. These checks make that
hard:

- Steps begin wide and shrink by the golden ratio, which is incommensurable with any period.
- The even part of the same values, `(f(x + h) + f(x - h)) / 2 - f(x)` over `h`, must go to 0: if
  it has another limit there is a kink; if it has none, a feature too narrow to be seen.
- Wide steps are compared with steps so small that rounding barely leaves any of the difference: a
  function that is level there, or has another slope, goes by steps or teeth. Values cannot tell
  whether rounding inside it makes them, or the function itself.
- The same holds for a function that narrow steps find smooth, and that breaks off on both sides
  within a thousandth of the point, by jumps: smooth functions turn away gradually, be it as fast as
  a high power does from a flat minimum, and have all the values between.
- Close steps that contradict wide ones by less than the measured noise prove nothing, if the values
  among the next floats are as noisy, as those of long sums are.

The limits of these checks, which the catalogue of the tests holds as rules: a function with steps
*wider* than a thousandth of the larger of 1 and `|x|`, such as `(x + 1e15) - 1e15`, is a step
function, with the derivative 0; steps *finer* than 2 ** 13 floats, those of `floor` at 1e12, count
as rounding; a wave below the last bits of an offset is not seen; noise is measured at the point, so
that of single precision close to 0, which is larger a step away, may be underestimated a few times;
and teeth may hide in the curvature of a function that turns at the point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile
from sys import float_info
from typing import NamedTuple

from autograd.testing.numerical.estimates import PRECISION, Estimate, Inconclusive, judged
from autograd.testing.numerical.lines import EPSILON, LAST_BITS, Line
from autograd.testing.numerical.noise import POINTS, noise_in
from autograd.testing.numerical.tableau import AGREEING, Tableau

RATIO = (1 + math.sqrt(5)) / 2
FAST = RATIO**3  # the ratio of steps while the differences do not settle
START = 0.25  # the first step, relative to the size of x
SMOOTH = 6  # the highest power of the step by which a smooth function leaves its tangent
STEPS = 100
PATIENCE = 24  # steps that may fail before one of the size of x itself is tried
LEAST = LAST_BITS * float_info.min  # the rounding of subnormal numbers
ONSET = 64  # points that show whether a function rises by steps
CURVED = 16  # how many times more curved a function may be at the point than around it
BENEATH = 2.0**-40  # relative to the slopes around: what rounding inside may add
FINE = 2.0**13  # the width of steps, in floats, and the height, in last bits, that is rounding
HALVINGS = 24  # of a distance in which a function may jump
HALF = 2.0**-10
"""The relative spacing of numbers in half precision, the coarsest in use: anything finer may be
rounding. Also the largest share of rounding in a difference that still shows a slope."""


class Sample(NamedTuple):
    """The values of one output a step up and a step down, `None` where they do not exist.

    Attributes:
        h: the step.
        up: the value a step up.
        down: the value a step down.
        rounding: the error that the values may have.
    """

    h: float
    up: float | None
    down: float | None
    rounding: float


class Whole(NamedTuple):
    """A sample that has both values."""

    h: float
    up: float
    down: float
    rounding: float


class _Output:
    """What is known of one output along a line."""

    def __init__(self, line: Line, index: int) -> None:
        self.line = line
        self.index = index
        self.here = line.here[index]
        self.samples: list[Sample] = []
        self.size = max(abs(self.here), float_info.min)  # of the largest value so far
        self.clear()

    def clear(self) -> None:
        """Forget all samples, to start at another size of steps."""
        self.central, self.bend = Tableau(2), Tableau(1)

    def add(self, sample: Sample) -> bool:
        """Add the values at one more step; return whether both exist."""
        self.samples.append(sample)
        h, up, down, inside = sample
        self.size = max(self.size, abs(up or 0.0), abs(down or 0.0))
        if up is None or down is None or not math.isfinite((up - down) / (2 * h)):
            self.clear()
            return False
        slope = (up - down) / (2 * h)
        argument = (
            EPSILON / 2 * abs(self.line.x * slope)
        )  # the effect of rounding c * x in f(c * x)
        rounding = (inside + argument) / h + LEAST
        self.central.add(h, slope, rounding)
        self.bend.add(h, ((up - self.here) + (down - self.here)) / (2 * h), 2 * rounding)
        return True

    def is_settled(self) -> bool:
        """Whether smaller steps would not make the estimate better."""
        return self.central.is_settled() and self.bend.is_sound()

    def resolution(self) -> float:
        """The smallest step at which rounding leaves enough of the estimated difference.

        It is a power of 4, so that outputs of similar size share it.
        """
        value = self.central.best().value
        bits = math.ulp(self.size) / abs(value) if value else math.inf
        step = max(bits, math.ulp(self.line.x)) / HALF
        return 4.0 ** math.ceil(math.log(step, 4)) if step < math.inf else step

    def whole(self) -> list[Whole]:
        """The samples with both values, from the widest step to the narrowest."""
        found = [
            Whole(h, up, down, rounding)
            for h, up, down, rounding in self.samples
            if up is not None and down is not None
        ]
        return sorted(found, reverse=True)

    def estimate(self, probes: Sequence[Sample]) -> Estimate:
        """The estimate from all steps.

        Args:
            probes: the values at steps near the `resolution`.
        """
        if not self.central.rows:
            return self._at_an_edge()
        scale = max(1.0, abs(self.line.x))
        up, down = self._level(1), self._level(2)
        if min(up, down) > 0 and max(up, down) >= HALF * scale:
            width = min(up, down)
            bits = max(sample.rounding for sample in self.whole() if sample.h <= width)
            return Estimate(0.0, max(bits / width, LEAST), hidden=self._hidden())
        value, error, _ = self.central.best()
        bend, unsure, _ = self.bend.best()
        where, smallest = f"{self.line.name} = {self.line.x:.6g}", self.central.rows[-1].h
        if abs(bend) > 2 * unsure:
            error = max(error, abs(bend))
            if abs(bend) > PRECISION * (abs(value) + abs(bend)):
                words = (
                    f"the derivative is {value - bend:.6g} below {where} and {value + bend:.6g}"
                    f" above: a kink within {smallest:.2g} of the point"
                )
                return Estimate(value, error, Inconclusive("kink", words), self._hidden())
        if not (self.central.is_sound() and self.bend.is_sound()):
            words = (
                f"the differences do not settle as the step in {self.line.name} shrinks to"
                f" {smallest:.2g}: a jump or a pole at the point, or noise"
            )
            return Estimate(value, error, Inconclusive("unsettled", words))
        against = (self._contradiction(value, error, probe) for probe in probes)
        here = self.line.rounding(self.index, 0.0, self.here) if self.line.is_bounded else 0.0
        rounding = max(LAST_BITS * self.size, here) / (HALF * scale)
        slight = max(rounding, PRECISION**2 * self._slopes())
        teeth, near = self._teeth(value), HALF * scale
        words = next(filter(None, against), "")
        if teeth and teeth > PRECISION**2 * self._slopes(near):
            words = f"within {near:.2g} of {where} the function breaks off"
        if words:
            words += ": noise, or a function of steps or teeth"
            return Estimate(value, error, Inconclusive("noise", words))
        error = max(error, teeth)
        return judged(value, error, slight, self.line.name, self._hidden())

    def _slopes(self, within: float = math.inf) -> float:
        """The slopes of the function around the point, even where it is level there."""
        h, up, down, _ = next(sample for sample in self.whole() if sample.h <= within)
        return max(abs(up - self.here), abs(down - self.here)) / h

    def _hidden(self) -> float:
        """The largest derivative that rounding inside the function may hide.

        A guess from values alone: numbers inside may be as large as 1, as the function elsewhere,
        and as steep as it is around; and values that rise by steps where they are not level are
        quantised, perhaps by rounding.
        """
        if self.line.is_bounded:
            return 0.0
        width = min(self._level(1), self._level(2)) or self.whole()[0].h
        size, stairs = self.size, 0.0
        if self.line.is_thorough:
            size, stairs = max(size, self._size_afar()), self._stairs()
        return max((LAST_BITS * max(1.0, size) + stairs) / width, BENEATH * self._slopes())

    def _size_afar(self) -> float:
        """The size of the values beyond the equal ones, about as far away as 0 is."""
        samples = self.whole()
        if any(y != self.here for s in samples for y in (s.up, s.down)):
            return 0.0
        h = samples[0].h / START
        found = [self.line(self.line.x + h), self.line(self.line.x - h)]
        values = [abs(values[self.index]) for values in found if values is not None]
        return max(filter(math.isfinite, values), default=0.0)

    def _stairs(self) -> float:
        """The height of the first steps beyond where the function is level, if it goes by steps.

        They come from rounding if there are many, or if they go up and down.
        """
        samples = self.whole()
        largest = max(abs(y - self.here) for s in samples for y in (s.up, s.down))
        highest = 0.0
        for side, sign in ((1, 1), (2, -1)):
            level = self._level(side)
            beyond = [s.h for s in samples if s.h > level and s[side] != self.here]
            if not level or not beyond:
                continue
            places = [level + (beyond[-1] - level) * k / ONSET for k in range(1, ONSET + 1)]
            found = [self.line(self.line.x + sign * h) for h in places]
            values = [values[self.index] for values in found if values is not None]
            if len(set(values)) > ONSET // 2:
                continue
            heights = [abs(y - self.here) for y in values if y != self.here]
            moves = [b - a for a, b in pairwise(values) if b != a]
            if sum(a * b < 0 for a, b in pairwise(moves)) > 1:
                highest = max([highest, *heights])
            elif heights and min(heights) <= largest / ONSET:
                highest = max(highest, min(heights))
        return highest

    def _level(self, side: int) -> float:
        """How far the function is level on one side of the point, if several steps show it."""
        found = list(takewhile(lambda s: s[side] == self.here, reversed(self.whole())))
        return found[-1].h if len(found) >= AGREEING else 0.0

    def _contradiction(self, value: float, error: float, probe: Sample) -> str:
        """How a very small step on either side contradicts the estimate, if it does."""
        h, *values, inside = probe
        place = f"near {self.line.name} = {self.line.x:.6g}"
        rounding = most = 2 * inside
        if not self.line.is_bounded:
            most = 2 * (self.line.noise[self.index] + LAST_BITS * self.size)
            rounding = min(most, abs(value) * self.resolution() / 8)
        if rounding < abs(value) * h / 2 and self._is_level(probe):
            return f"{place} the function is level over {h:.2g}"
        # the even part of the function shrinks linearly, the odd part at least quadratically
        bend = CURVED * h * max(abs(row.entries[0]) / row.h for row in self.bend.rows)
        wider = self.central.rows[-1]
        turn = abs(wider.entries[0] - value) * (h / wider.h) ** 2
        allowed = error + bend + turn
        for y, sign in zip(values, (1, -1), strict=True):
            slope = math.nan if y is None else sign * (y - self.here) / h
            gap = (abs(slope - value) - allowed) * h
            if gap > rounding and gap > min(most, 2 * self._noise_nearby()):
                return f"{place} the slope is {slope:.6g} over {h:.2g}, elsewhere {value:.6g}"
        return ""

    def _noise_nearby(self) -> float:
        """The rounding of the values among the next 2 ** 13 floats, the smaller of both sides.

        Noise that is measured between points farther apart may come from wider steps or teeth, of
        which at most one edge is so close. What is larger than `FINE` last bits is no rounding, but
        a wave.
        """
        step = FINE * HALF * self.resolution() / POINTS
        sides = []
        for sign in (1, -1):
            found = [self.line(self.line.x + sign * k * step) for k in range(1, POINTS + 1)]
            values = [y for values in found if (y := _at(values, self.index)) is not None]
            sides.append(noise_in(values))
        noise = min(sides)
        return noise if noise <= FINE * math.ulp(self.size) else 0.0

    def _is_level(self, probe: Sample) -> bool:
        """Whether the function is level from the point to a small step away, on either side.

        A function that has come back to its value, as a parabola does, is not level within the
        step.
        """
        for y, sign in ((probe.up, 1), (probe.down, -1)):
            if y == self.here:
                nearer = self.line(self.line.x + sign * self.line.exact_step(probe.h / RATIO))
                if nearer is not None and nearer[self.index] == self.here:
                    return True
        return False

    def _teeth(self, value: float) -> float:
        """How much of a slope may hide in jumps close to the point on both sides; 0 if none are."""
        near = HALF * max(1.0, abs(self.line.x))
        samples = [sample for sample in self.whole() if sample.h <= near]
        slopes = []
        for side, sign in ((1, 1), (2, -1)):
            away = [(sign * s.h, s[side] - self.here - sign * value * s.h) for s in samples]
            falls = [
                (abs(b * (h / k) ** SMOOTH) / max(abs(a), bits, LEAST), bits, (k, b), (h, a))
                for (k, b), (h, a), (*_, bits) in zip(away, away[1:], samples[1:], strict=False)
            ]
            steepest, bits, wide, narrow = max(falls, default=(0.0, 0.0, (1.0, 0.0), (0.0, 0.0)))
            is_jump = steepest > 1 and self._jumps(value, wide, narrow, bits)
            slopes.append(abs(wide[1] / wide[0]) if is_jump else 0.0)
        return min(slopes)

    def _jumps(
        self, value: float, wide: tuple[float, float], narrow: tuple[float, float], bits: float
    ) -> bool:
        """Whether a function leaves its tangent from one float to the next, not gradually.

        The distance is halved, to where the function moves farther. A smooth function moves about
        half as far in a half, one that jumps as far as before.

        Args:
            value: the slope of the tangent.
            wide: a step, and how far the function is from its tangent there.
            narrow: the same for a smaller step.
            bits: the rounding of the values.
        """
        length, height = wide[0] - narrow[0], abs(wide[1] - narrow[1])
        for _ in range(HALVINGS):
            x = self.line.x + (wide[0] + narrow[0]) / 2
            if x in (self.line.x + wide[0], self.line.x + narrow[0]):
                break
            y, h = _at(self.line(x), self.index), x - self.line.x
            if y is None:
                return True
            middle = (h, y - self.here - value * h)
            if abs(wide[1] - middle[1]) > abs(middle[1] - narrow[1]):
                narrow = middle
            else:
                wide = middle
        left = (wide[0] - narrow[0]) / length
        return abs(wide[1] - narrow[1]) > max(height * math.sqrt(left), bits)

    def _at_an_edge(self) -> Estimate:
        where = f"{self.line.name} = {self.line.x:.6g}"
        last = self.samples[-1]
        if last.up is None and last.down is None:
            words = f"the function is defined neither above nor below {where}"
            return Estimate(math.nan, math.inf, Inconclusive("undefined", words))
        missing = "below" if last.down is None else "above"
        words = f"the function is not defined {missing} {where}: the point is at an edge"
        return Estimate(math.nan, math.inf, Inconclusive("edge", words))


def ridders(line: Line, h: float | None = None) -> list[Estimate]:
    """The derivatives of each output along a line, by extrapolation.

    Args:
        line: the function along one number.
        h: the first step; by default a quarter of the larger of 1 and the size of the number.
    """
    missing = Inconclusive("undefined", f"the function is not finite at {line.name} = {line.x:.6g}")
    nothing = Estimate(math.nan, math.inf, missing)
    finite = {i: _Output(line, i) for i, y in enumerate(line.here) if math.isfinite(y)}
    _sweep(line, list(finite.values()), h)
    probes: dict[float, list[Sample]] = {}

    def probe(o: _Output) -> Iterator[Sample]:
        for step in (o.resolution(), o.resolution() / HALF):
            if o.central.rows and step < o.central.rows[-1].h:
                if step not in probes:
                    probes[step] = _samples(line, line.exact_step(step))
                yield probes[step][o.index]

    return [
        finite[i].estimate(list(probe(finite[i]))) if i in finite else nothing
        for i in range(len(line.here))
    ]


def _sweep(line: Line, running: list[_Output], h: float | None) -> None:
    """Sample at shrinking steps, until every output has settled."""
    size = abs(line.x)
    step = h if h is not None else START * max(1.0, size)
    least = max(8 * EPSILON * size, 1e-305)
    failures = 0
    for _ in range(STEPS):
        exact = line.exact_step(step)
        if not running or exact < least:
            break
        samples = _samples(line, exact)
        whole = [o.add(samples[o.index]) for o in running]
        far = all(o.central.is_far() for o in running)
        running = [o for o in running if not o.is_settled()]
        failures += far
        if failures >= PATIENCE // (1 if any(whole) else 12) and step > START * size > least:
            step, failures = START * size, 0
            for o in running:
                o.clear()
        else:
            step /= FAST if far else RATIO


def _samples(line: Line, h: float) -> list[Sample]:
    """The values of each output a step up and a step down."""
    above, below = line(line.x + h), line(line.x - h)
    samples = []
    for i, here in enumerate(line.here):
        up, down = _at(above, i), _at(below, i)
        known = [y for y in (up, down, here) if y is not None]
        samples.append(Sample(h, up, down, line.rounding(i, h, *known)))
    return samples


def _at(values: list[float] | None, index: int) -> float | None:
    """One of the values, if there is one and it is finite."""
    if values is None or not math.isfinite(values[index]):
        return None
    return values[index]
