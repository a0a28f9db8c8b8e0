"""Functions of many results, which are to be made 0: what solvers ask a Jacobian of."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from autograd import cos, exp, sin, sqrt, tan


def curve(p: Any, xs: Any, ys: Any) -> Any:
    """How far an exponential curve, `a exp(-b x) + c`, is from points."""
    return [p[0] * exp(-p[1] * x) + p[2] - y for x, y in zip(xs, ys, strict=True)]


def shooting(points: Any) -> Any:
    """Multiple shooting of a car: how far each step misses the next point; sparse.

    A point is x, y, heading, speed, pedal and steering angle. Bock and Plitt, "A multiple shooting
    algorithm for direct solution of optimal control problems" (1984); the car is that of `mpc`.
    """
    gaps, dt = [], 0.1
    for here, goal in pairwise(points):
        x, y, heading, speed, pedal, steer = here
        gaps.append(goal[0] - (x + dt * speed * cos(heading)))
        gaps.append(goal[1] - (y + dt * speed * sin(heading)))
        gaps.append(goal[2] - (heading + dt * speed / 2.5 * tan(steer)))
        gaps.append(goal[3] - (speed + dt * pedal))
    return gaps


def bundle(poses: Any, points: Any, pixels: Any) -> Any:
    """Bundle adjustment: how far points are seen from where cameras saw them; sparse.

    A pose is a rotation vector and a translation, the lens distorts radially. Triggs, McLauchlan,
    Hartley and Fitzgibbon, "Bundle adjustment: a modern synthesis" (2000); the rotation is that of
    Rodrigues (1840).
    """
    errors = []
    for point, row in zip(points, pixels, strict=True):
        for pose, (u, v) in zip(poses, row, strict=True):
            angle = sqrt(pose[0] * pose[0] + pose[1] * pose[1] + pose[2] * pose[2])
            a, b, c = pose[0] / angle, pose[1] / angle, pose[2] / angle
            cosine, sine = cos(angle), sin(angle)
            x, y, z = point
            along = (a * x + b * y + c * z) * (1 - cosine)
            px = x * cosine + (b * z - c * y) * sine + a * along + pose[3]
            py = y * cosine + (c * x - a * z) * sine + b * along + pose[4]
            pz = z * cosine + (a * y - b * x) * sine + c * along + pose[5]
            px, py = px / pz, py / pz
            r2 = px * px + py * py
            bend = 1 + 0.1 * r2 + 0.01 * r2 * r2
            errors.append(500 * bend * px - u)
            errors.append(500 * bend * py - v)
    return errors


def power_flow(
    voltages: Any, angles: Any, active: Any, reactive: Any, admittances: Any, lines: Any
) -> Any:
    """How far the power at the buses of a grid is from what it should be; sparse.

    Active powers come first, then reactive ones. A line is the indexes of two buses. Tinney and
    Hart, "Power flow solution by Newton's method" (1967).
    """
    p = [-a for a in active]
    q = [-a for a in reactive]
    for (i, j), (g, b) in zip(lines, admittances, strict=True):
        c, s = cos(angles[i] - angles[j]), sin(angles[i] - angles[j])
        vi, vj = voltages[i], voltages[j]
        p[i] = p[i] + vi * vi * g - vi * vj * (g * c - b * s)
        p[j] = p[j] + vj * vj * g - vi * vj * (g * c + b * s)
        q[i] = q[i] + vi * vi * b - vi * vj * (g * s + b * c)
        q[j] = q[j] + vj * vj * b - vi * vj * (b * c - g * s)
    return p + q
