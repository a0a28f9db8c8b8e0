"""A cart with a pole hanging from it, to be swung up: a problem of optimal control, as numbers.

The motion is that of Kelly, "An Introduction to Trajectory Optimization" (SIAM Review, 2017),
section 6. Time is cut into intervals. The unknowns are the state at each end of an interval and the
force there, and over each interval the state must change by the mean of the rates at its two ends
(direct collocation by the trapezoidal rule). Each of these equations is of two neighbouring points,
so their Jacobian is banded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import pi
from typing import Any

from autograd import cos, sin

CART, POLE = 1.0, 0.3  # masses, in kg
LENGTH = 0.5  # of the pole, in m
GRAVITY = 9.81  # in m/s2

State = Sequence[Any]
"""Where the cart is, the angle of the pole (0 hangs down), and the rates of both."""
Function = Callable[[Any], Any]


def rates(state: State, force: Any, sine: Function = sin, cosine: Function = cos) -> State:
    """How fast the state changes under a force on the cart: Kelly (2017), equations 6.1 and 6.2.

    >>> rates([0.0, 0.0, 0.0, 0.0], 1.0)
    (0.0, 0.0, 1.0, -2.0)
    """
    _, angle, speed, turning = state
    s, c = sine(angle), cosine(angle)
    mass = CART + POLE * s * s
    pull = LENGTH * POLE * s * turning * turning
    cart = (pull + force + POLE * GRAVITY * c * s) / mass
    pole = -(c * pull + c * force + (CART + POLE) * GRAVITY * s) / (LENGTH * mass)
    return speed, turning, cart, pole


@dataclass(frozen=True)
class SwingUp:
    """The cart begins and ends at rest, the pole hangs at the beginning and stands at the end.

    The unknowns `z` are the four numbers of each state but the first and the last, which are given,
    and then the forces.

    Attributes:
        intervals: into how many the time is cut.
        seconds: how long it may take.
        distance: how far the cart ends from where it began, in m.
    """

    intervals: int = 25
    seconds: float = 2.0
    distance: float = 1.0

    @property
    def step(self) -> float:
        """The length of an interval."""
        return self.seconds / self.intervals

    def points(self, z: Sequence[Any]) -> tuple[list[State], Sequence[Any]]:
        """The states and the forces, at all ends of intervals.

        >>> problem = SwingUp(intervals=2)
        >>> states, forces = problem.points(problem.guess())
        >>> [round(position, 2) for position, *_ in states], forces
        ([0.0, 0.5, 1.0], [0.0, 0.0, 0.0])
        """
        inner = 4 * (self.intervals - 1)
        middle = [z[k : k + 4] for k in range(0, inner, 4)]
        first, last = (0.0, 0.0, 0.0, 0.0), (self.distance, pi, 0.0, 0.0)
        return [first, *middle, last], z[inner:]

    def guess(self) -> list[float]:
        """Where to begin: on the straight line from the first state to the last, without force."""
        parts = [k / self.intervals for k in range(1, self.intervals)]
        between = [x for part in parts for x in (part * self.distance, part * pi, 0.0, 0.0)]
        return between + [0.0] * (self.intervals + 1)

    def cost(self, z: Sequence[Any]) -> Any:
        """The integral of the square of the force, by the trapezoidal rule."""
        _, forces = self.points(z)
        pairs = pairwise(forces)
        return sum((a * a + b * b) * (self.step / 2) for a, b in pairs)

    def defects(self, z: Sequence[Any], sine: Function = sin, cosine: Function = cos) -> list[Any]:
        """What must be 0: how each state differs from the state before it, moved on."""
        states, forces = self.points(z)
        moved = [rates(state, forces[k], sine, cosine) for k, state in enumerate(states)]
        return [
            after - before - (self.step / 2) * (rate + later)
            for k in range(self.intervals)
            for before, after, rate, later in zip(
                states[k], states[k + 1], moved[k], moved[k + 1], strict=True
            )
        ]

    def tip(self, state: State) -> tuple[float, float]:
        """Where the end of the pole is.

        >>> SwingUp().tip([1.0, 0.0, 0.0, 0.0])
        (1.0, -0.5)
        """
        position, angle, *_ = state
        return position + LENGTH * sin(angle), -LENGTH * cos(angle)
