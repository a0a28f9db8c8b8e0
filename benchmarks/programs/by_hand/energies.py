"""Energies of what acts on each other: forces are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any


def nbody(places: Array, masses: Array) -> tuple[float, Array]:
    """Newton's third law: the force on one is the opposite of that on the other."""
    energy, gradient = 0.0, np.zeros_like(places)
    for i in range(len(masses)):
        for j in range(i):
            dx = places[i, 0] - places[j, 0]
            dy = places[i, 1] - places[j, 1]
            dz = places[i, 2] - places[j, 2]
            square = dx * dx + dy * dy + dz * dz + 0.01
            part = masses[i] * masses[j] / math.sqrt(square)
            energy -= part
            force = part / square
            gradient[i, 0] += force * dx
            gradient[i, 1] += force * dy
            gradient[i, 2] += force * dz
            gradient[j, 0] -= force * dx
            gradient[j, 1] -= force * dy
            gradient[j, 2] -= force * dz
    return energy, gradient


def ising(fields: Array, coupling: float) -> tuple[float, Array, float]:
    """A spin feels its four neighbours."""
    size = len(fields)
    spins, gradient, by_coupling = np.empty((size, size)), np.empty((size, size)), 0.0
    for i in range(size):
        for j in range(size):
            spins[i, j] = math.tanh(fields[i, j])
    for i in range(size):
        down, up = (i + 1) % size, (i - 1) % size
        for j in range(size):
            right, left = (j + 1) % size, (j - 1) % size
            ahead = spins[down, j] + spins[i, right]
            by_coupling -= spins[i, j] * ahead
            around = ahead + spins[up, j] + spins[i, left]
            gradient[i, j] = -coupling * around * (1 - spins[i, j] ** 2)
    return coupling * by_coupling, gradient, by_coupling
