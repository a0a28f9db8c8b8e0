"""Sums over all ways to align two sequences, in logarithms."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.nn import logsumexp


def soft_dtw(first: Array, second: Array) -> Array:
    """Diagonal by diagonal: what is on one does not need what else is on it.

    The place of a number on a diagonal is its row; row and column 0 are the edge.
    """
    n, m = len(first), len(second)
    rows, far = jnp.arange(1, n + 1), 1e6

    def turn(state: tuple[Array, Array], diagonal: Array) -> tuple[tuple[Array, Array], None]:
        last, before = state
        columns = diagonal - rows
        step = -logsumexp(-jnp.stack([last[:-1], last[1:], before[:-1]]), axis=0)
        cost = (first - second[jnp.clip(columns - 1, 0, m - 1)]) ** 2
        inside = jnp.where((columns >= 1) & (columns <= m), cost + step, far)
        return (jnp.concatenate([jnp.array([far]), inside]), last), None

    edge = jnp.full(n + 1, far)
    return lax.scan(turn, (edge, edge.at[0].set(0.0)), jnp.arange(2, n + m + 1))[0][0][-1]


def ctc(frames: Array, text: Sequence[int]) -> Array:
    """All states of a frame at once; those that cannot be reached are very unlikely."""
    labels = np.zeros(2 * len(text) + 1, int)
    labels[1::2] = text
    skips = np.zeros(len(labels), bool)
    skips[2:] = (labels[2:] != 0) & (labels[2:] != labels[:-2])
    emitted = (frames - logsumexp(frames, axis=1, keepdims=True))[:, labels]
    never = jnp.full(len(labels), -1e30)

    def turn(alpha: Array, row: Array) -> tuple[Array, None]:
        one = jnp.concatenate([never[:1], alpha[:-1]])
        two = jnp.where(skips, jnp.concatenate([never[:2], alpha[:-2]]), never)
        return logsumexp(jnp.stack([alpha, one, two]), axis=0) + row, None

    alpha = lax.scan(turn, never.at[:2].set(emitted[0, :2]), emitted[1:])[0]
    return -jnp.logaddexp(alpha[-1], alpha[-2])
