"""Energies of what acts on each other: their gradients are forces."""

from __future__ import annotations

from typing import Any

from autograd import sqrt, tanh


def nbody(places: Any, masses: Any) -> Any:
    """The potential energy of bodies, softened where they are near.

    Aarseth, "Dynamical evolution of clusters of galaxies" (1963), equation 1.
    """
    energy = 0.0
    for i in range(len(masses)):
        for j in range(i):
            dx = places[i][0] - places[j][0]
            dy = places[i][1] - places[j][1]
            dz = places[i][2] - places[j][2]
            distance = sqrt(dx * dx + dy * dy + dz * dz + 0.01)
            energy = energy - masses[i] * masses[j] / distance
    return energy


def ising(fields: Any, coupling: Any) -> Any:
    """The mean-field energy of spins on a torus, each the tanh of a field.

    Ising, "Beitrag zur Theorie des Ferromagnetismus" (1925); means in place of spins: Bragg and
    Williams, "The effect of thermal agitation on atomic arrangement in alloys" (1934).
    """
    size = len(fields)
    spins = [[tanh(h) for h in row] for row in fields]
    energy = 0.0
    for i in range(size):
        for j in range(size):
            near = spins[(i + 1) % size][j] + spins[i][(j + 1) % size]
            energy = energy - coupling * spins[i][j] * near
    return energy
