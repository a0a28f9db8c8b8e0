"""What happens step by step: states are kept, and the steps gone back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any
Three = tuple[float, float, float]


def velocity(p: Array, x: float, y: float, z: float) -> Three:
    """Lorenz's equations."""
    return p[0] * (y - x), x * (p[1] - z) - y, x * y - p[2] * z


def pulled(p: Array, g: Array, x: float, y: float, z: float, u: float, v: float, w: float) -> Three:
    """What cotangents of a velocity are to the state; what they are to the parameters adds to g."""
    g[0] += (y - x) * u
    g[1] += x * v
    g[2] -= z * w
    return (
        -p[0] * u + (p[1] - z) * v + y * w,
        p[0] * u - v + x * w,
        -x * v - p[2] * w,
    )


def lorenz(p: Array, steps: int) -> tuple[float, Array]:
    """Stages are computed again on the way back."""
    h, path = 0.01, np.empty((steps + 1, 3))
    x, y, z = p[3], p[4], p[5]
    for t in range(steps):
        path[t, 0], path[t, 1], path[t, 2] = x, y, z
        a0, a1, a2 = velocity(p, x, y, z)
        b0, b1, b2 = velocity(p, x + h / 2 * a0, y + h / 2 * a1, z + h / 2 * a2)
        c0, c1, c2 = velocity(p, x + h / 2 * b0, y + h / 2 * b1, z + h / 2 * b2)
        d0, d1, d2 = velocity(p, x + h * c0, y + h * c1, z + h * c2)
        x += h / 6 * (a0 + 2 * b0 + 2 * c0 + d0)
        y += h / 6 * (a1 + 2 * b1 + 2 * c1 + d1)
        z += h / 6 * (a2 + 2 * b2 + 2 * c2 + d2)
    value, g = x * x + y * y + z * z, np.zeros(6)
    u, v, w = 2 * x, 2 * y, 2 * z
    for t in range(steps - 1, -1, -1):
        x, y, z = path[t, 0], path[t, 1], path[t, 2]
        a0, a1, a2 = velocity(p, x, y, z)
        xb, yb, zb = x + h / 2 * a0, y + h / 2 * a1, z + h / 2 * a2
        b0, b1, b2 = velocity(p, xb, yb, zb)
        xc, yc, zc = x + h / 2 * b0, y + h / 2 * b1, z + h / 2 * b2
        c0, c1, c2 = velocity(p, xc, yc, zc)
        q, r = h / 6, h / 3
        d0, d1, d2 = pulled(p, g, x + h * c0, y + h * c1, z + h * c2, q * u, q * v, q * w)
        c0, c1, c2 = pulled(p, g, xc, yc, zc, r * u + h * d0, r * v + h * d1, r * w + h * d2)
        r0, r1, r2 = r * u + h / 2 * c0, r * v + h / 2 * c1, r * w + h / 2 * c2
        b0, b1, b2 = pulled(p, g, xb, yb, zb, r0, r1, r2)
        r0, r1, r2 = q * u + h / 2 * b0, q * v + h / 2 * b1, q * w + h / 2 * b2
        a0, a1, a2 = pulled(p, g, x, y, z, r0, r1, r2)
        u += a0 + b0 + c0 + d0
        v += a1 + b1 + c1 + d1
        w += a2 + b2 + c2 + d2
    g[3], g[4], g[5] = u, v, w
    return value, g


def slope(x: Array, w1: Array, b1: Array, w2: Array, b2: Array, h: Array, out: Array) -> None:
    """A network; hidden units go to h, outputs to out."""
    for i in range(2):
        out[i] = b2[i]
    for k in range(len(b1)):
        h[k] = math.tanh(b1[k] + w1[k, 0] * x[0] + w1[k, 1] * x[1])
        for i in range(2):
            out[i] += w2[i, k] * h[k]


def slope_back(
    x: Array, h: Array, to: Array, w1: Array, w2: Array, g1: Array, c1: Array, g2: Array, c2: Array
) -> tuple[float, float]:
    """What cotangents of the outputs are to the inputs; what they are to parameters is added."""
    first, second = 0.0, 0.0
    for i in range(2):
        c2[i] += to[i]
    for k in range(len(h)):
        b = 0.0
        for i in range(2):
            g2[i, k] += to[i] * h[k]
            b += to[i] * w2[i, k]
        b *= 1 - h[k] * h[k]
        c1[k] += b
        g1[k, 0] += b * x[0]
        g1[k, 1] += b * x[1]
        first += b * w1[k, 0]
        second += b * w1[k, 1]
    return first, second


def neural_ode(
    w1: Array, b1: Array, w2: Array, b2: Array, start: Array, path: Array
) -> tuple[float, Array, Array, Array, Array]:
    """Hidden units of all stages are kept."""
    steps, dt, loss = len(path), 0.1, 0.0
    places = np.empty((steps, 4, 2))
    hidden = np.empty((steps, 4, len(b1)))
    ends = np.empty((steps, 2))
    ahead = np.array([0.0, dt / 2, dt / 2, dt])
    shares = np.array([dt / 6, dt / 3, dt / 3, dt / 6])
    x, k, summed = start.copy(), np.zeros(2), np.empty(2)
    for t in range(steps):
        summed[:] = x
        for s in range(4):
            for i in range(2):
                places[t, s, i] = x[i] + ahead[s] * k[i]
            slope(places[t, s], w1, b1, w2, b2, hidden[t, s], k)
            for i in range(2):
                summed[i] += shares[s] * k[i]
        for i in range(2):
            x[i] = ends[t, i] = summed[i]
            loss += (x[i] - path[t, i]) ** 2
    g1, c1, g2, c2 = np.zeros_like(w1), np.zeros_like(b1), np.zeros_like(w2), np.zeros_like(b2)
    to_x, to_k = np.zeros(2), np.empty(2)
    for t in range(steps - 1, -1, -1):
        for i in range(2):
            to_x[i] += 2 * (ends[t, i] - path[t, i])
        summed[:] = to_x
        first, second = 0.0, 0.0
        for s in range(3, -1, -1):
            later = ahead[s + 1] if s < 3 else 0.0
            to_k[0] = shares[s] * to_x[0] + later * first
            to_k[1] = shares[s] * to_x[1] + later * second
            first, second = slope_back(places[t, s], hidden[t, s], to_k, w1, w2, g1, c1, g2, c2)
            summed[0] += first
            summed[1] += second
        to_x[:] = summed
    return loss, g1, c1, g2, c2


def mpc(controls: Array, start: Array) -> tuple[float, Array]:
    """The car goes forwards, the cotangents of its state backwards."""
    n, dt, cost = len(controls), 0.1, 0.0
    states = np.empty((n + 1, 4))
    states[0] = start
    x, y, heading, speed = start[0], start[1], start[2], start[3]
    for k in range(n):
        pedal, steer = controls[k, 0], controls[k, 1]
        x += dt * speed * math.cos(heading)
        y += dt * speed * math.sin(heading)
        heading += dt * speed / 2.5 * math.tan(steer)
        speed += dt * pedal
        states[k + 1, 0], states[k + 1, 1] = x, y
        states[k + 1, 2], states[k + 1, 3] = heading, speed
        cost += (x - 0.5 * k * dt) ** 2 + (y - math.sin(0.2 * x)) ** 2
        cost += 0.1 * (speed - 5) ** 2 + 0.01 * pedal * pedal + 0.1 * steer * steer
    gradient = np.empty((n, 2))
    to_x, to_y, to_heading, to_speed = 0.0, 0.0, 0.0, 0.0
    for k in range(n - 1, -1, -1):
        pedal, steer = controls[k, 0], controls[k, 1]
        x, y, speed = states[k + 1, 0], states[k + 1, 1], states[k + 1, 3]
        off = y - math.sin(0.2 * x)
        to_x += 2 * (x - 0.5 * k * dt) - 0.4 * off * math.cos(0.2 * x)
        to_y += 2 * off
        to_speed += 0.2 * (speed - 5)
        heading, speed, tangent = states[k, 2], states[k, 3], math.tan(steer)
        gradient[k, 0] = dt * to_speed + 0.02 * pedal
        gradient[k, 1] = to_heading * dt * speed / 2.5 * (1 + tangent * tangent) + 0.2 * steer
        c, s = math.cos(heading), math.sin(heading)
        to_speed += dt * (to_x * c + to_y * s + to_heading / 2.5 * tangent)
        to_heading += dt * speed * (to_y * c - to_x * s)
    return cost, gradient
