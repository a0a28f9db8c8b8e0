"""Jacobians, dense, filled where they are not 0."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any


def curve(p: Array, xs: Array, ys: Array) -> Array:
    """Three columns."""
    filled = np.empty((len(xs), 3))
    for i in range(len(xs)):
        power = math.exp(-p[1] * xs[i])
        filled[i, 0], filled[i, 1], filled[i, 2] = power, -p[0] * xs[i] * power, 1.0
    return filled


def shooting(points: Array) -> Array:
    """A step's block, and ones where it should lead."""
    steps, dt = len(points) - 1, 0.1
    filled = np.zeros((4 * steps, 6 * steps + 6))
    for k in range(steps):
        heading, speed, steer = points[k, 2], points[k, 3], points[k, 5]
        c, s, tangent = math.cos(heading), math.sin(heading), math.tan(steer)
        row, column = 4 * k, 6 * k
        for i in range(4):
            filled[row + i, column + i] = -1.0
            filled[row + i, column + 6 + i] = 1.0
        filled[row, column + 2] = dt * speed * s
        filled[row, column + 3] = -dt * c
        filled[row + 1, column + 2] = -dt * speed * c
        filled[row + 1, column + 3] = -dt * s
        filled[row + 2, column + 3] = -dt / 2.5 * tangent
        filled[row + 2, column + 5] = -dt * speed / 2.5 * (1 + tangent * tangent)
        filled[row + 3, column + 4] = -dt
    return filled


def rotation(v: Array) -> Array:
    """The matrix of a rotation vector, by Rodrigues' formula."""
    angle = math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
    a, b, c = v[0] / angle, v[1] / angle, v[2] / angle
    cosine, sine = math.cos(angle), math.sin(angle)
    rest = 1 - cosine
    r = np.empty((3, 3))
    r[0, 0], r[0, 1], r[0, 2] = (
        cosine + a * a * rest,
        a * b * rest - c * sine,
        a * c * rest + b * sine,
    )
    r[1, 0], r[1, 1], r[1, 2] = (
        a * b * rest + c * sine,
        cosine + b * b * rest,
        b * c * rest - a * sine,
    )
    r[2, 0], r[2, 1], r[2, 2] = (
        a * c * rest - b * sine,
        b * c * rest + a * sine,
        cosine + c * c * rest,
    )
    return r


def crossing(v: Array) -> Array:
    """The matrix of the cross product with a vector."""
    m = np.zeros((3, 3))
    m[0, 1], m[0, 2], m[1, 2] = -v[2], v[1], -v[0]
    m[1, 0], m[2, 0], m[2, 1] = v[2], -v[1], v[0]
    return m


def product(a: Array, b: Array) -> Array:
    """Of two matrices of 3 x 3: for so few numbers a library is slower."""
    out = np.zeros((3, 3))
    for i in range(3):
        for k in range(3):
            for j in range(3):
                out[i, j] += a[i, k] * b[k, j]
    return out


def bundle(poses: Array, points: Array, pixels: Array) -> Array:
    """The derivative of a rotation by its vector: Gallego and Yezzi (2015), equation 8.

    "A compact formula for the derivative of a 3-D rotation in exponential coordinates".
    """
    count, cameras = len(points), len(poses)
    filled = np.zeros((2 * count * cameras, 6 * cameras + 3 * count))
    lens = np.empty((2, 3))
    for j in range(cameras):
        v = poses[j]
        r = rotation(v)
        turned = r.T.copy()
        for i in range(3):
            turned[i, i] -= 1
        inner = product(turned, crossing(v))
        square = v[0] * v[0] + v[1] * v[1] + v[2] * v[2]
        for i in range(3):
            for k in range(3):
                inner[i, k] = -(inner[i, k] + v[i] * v[k]) / square
        for i in range(count):
            point = points[i]
            by_vector = product(product(r, crossing(point)), inner)
            px = r[0, 0] * point[0] + r[0, 1] * point[1] + r[0, 2] * point[2] + v[3]
            py = r[1, 0] * point[0] + r[1, 1] * point[1] + r[1, 2] * point[2] + v[4]
            pz = r[2, 0] * point[0] + r[2, 1] * point[1] + r[2, 2] * point[2] + v[5]
            fx, fy = px / pz, py / pz
            r2 = fx * fx + fy * fy
            bend, more = 500 * (1 + 0.1 * r2 + 0.01 * r2 * r2), 500 * (0.2 + 0.04 * r2)
            xx, xy, yy = bend + more * fx * fx, more * fx * fy, bend + more * fy * fy
            lens[0, 0], lens[0, 1], lens[0, 2] = xx / pz, xy / pz, -(xx * fx + xy * fy) / pz
            lens[1, 0], lens[1, 1], lens[1, 2] = xy / pz, yy / pz, -(xy * fx + yy * fy) / pz
            for a in range(2):
                row = 2 * (i * cameras + j) + a
                for b in range(3):
                    to_vector, to_point = 0.0, 0.0
                    for k in range(3):
                        to_vector += lens[a, k] * by_vector[k, b]
                        to_point += lens[a, k] * r[k, b]
                    filled[row, 6 * j + b] = to_vector
                    filled[row, 6 * j + 3 + b] = lens[a, b]
                    filled[row, 6 * cameras + 3 * i + b] = to_point
    return filled


def power_flow(
    voltages: Array, angles: Array, active: Array, reactive: Array, admittances: Array, lines: Array
) -> Array:
    """A line adds sixteen derivatives."""
    n = len(voltages)
    filled = np.zeros((2 * n, 2 * n))
    for k in range(len(lines)):
        i, j = lines[k, 0], lines[k, 1]
        g, b, vi, vj = admittances[k, 0], admittances[k, 1], voltages[i], voltages[j]
        c, s = math.cos(angles[i] - angles[j]), math.sin(angles[i] - angles[j])
        rows = (i, j, n + i, n + j)
        shares = (g * c - b * s, g * c + b * s, g * s + b * c, b * c - g * s)
        turned = (-g * s - b * c, b * c - g * s, g * c - b * s, -b * s - g * c)
        owns = (2 * vi * g, 2 * vj * g, 2 * vi * b, 2 * vj * b)
        for a in range(4):
            row = rows[a]
            filled[row, i] -= vj * shares[a]
            filled[row, j] -= vi * shares[a]
            filled[row, j if a % 2 else i] += owns[a]
            filled[row, n + i] -= vi * vj * turned[a]
            filled[row, n + j] += vi * vj * turned[a]
    return filled
