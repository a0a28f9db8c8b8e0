"""Energies of what acts on each other."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array


def nbody(places: Array, masses: Array) -> Array:
    """All pairs at once."""
    i, j = jnp.tril_indices(len(masses), -1)
    apart = places[i] - places[j]
    return -(masses[i] * masses[j] / jnp.sqrt((apart**2).sum(axis=1) + 0.01)).sum()


def ising(fields: Array, coupling: Array) -> Array:
    """Neighbours are the same array, rolled."""
    spins = jnp.tanh(fields)
    near = jnp.roll(spins, -1, axis=0) + jnp.roll(spins, -1, axis=1)
    return -coupling * (spins * near).sum()
