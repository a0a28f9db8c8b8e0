"""Negative log likelihoods, up to constants."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax
from jax.nn import logsumexp, softplus
from jax.scipy.linalg import solve_triangular


def garch(p: Array, returns: Array) -> Array:
    """Only the variances need the turn before."""
    omega, alpha, beta = p

    def turn(variance: Array, r: Array) -> tuple[Array, Array]:
        return omega + alpha * r * r + beta * variance, variance

    variances = lax.scan(turn, jnp.array(1e-4), returns)[1]
    return 0.5 * (jnp.log(variances) + returns**2 / variances).sum()


def kalman(p: Array, observed: Array) -> Array:
    """All is carried from turn to turn."""
    q_level, q_slope, noise = p

    def turn(state: tuple[Array, ...], y: Array) -> tuple[tuple[Array, ...], Array]:
        level, slope, p00, p01, p11 = state
        level = level + slope
        p00, p01, p11 = p00 + 2 * p01 + p11 + q_level, p01 + p11, p11 + q_slope
        spread = p00 + noise
        error = y - level
        k0, k1 = p00 / spread, p01 / spread
        carried = (
            level + k0 * error,
            slope + k1 * error,
            p00 - k0 * p00,
            p01 - k0 * p01,
            p11 - k1 * p01,
        )
        return carried, jnp.log(spread) + error * error / spread

    start = tuple(map(jnp.array, (0.0, 0.0, 1.0, 0.0, 1.0)))
    return 0.5 * lax.scan(turn, start, observed)[1].sum()


def hmm(transitions: Array, means: Array, observed: Array) -> Array:
    """The states of a turn at once."""
    log_rows = transitions - logsumexp(transitions, axis=1, keepdims=True)
    emitted = -0.5 * (observed[:, None] - means) ** 2

    def turn(alpha: Array, row: Array) -> tuple[Array, None]:
        return logsumexp(alpha[:, None] + log_rows, axis=0) + row, None

    return logsumexp(lax.scan(turn, emitted[0] - jnp.log(len(means)), emitted[1:])[0])


def logistic_regression(weights: Array, rows: Array, targets: Array) -> Array:
    """All rows at once."""
    scores = rows @ weights[:-1] + weights[-1]
    return (softplus(-scores) + (1 - targets) * scores).mean()


def gaussian_process(p: Array, xs: Array, ys: Array) -> Array:
    """LAPACK's Cholesky."""
    scale, length, noise = jnp.exp(p)
    kernel = scale * jnp.exp(-0.5 * ((xs[:, None] - xs) / length) ** 2)
    factor = jnp.linalg.cholesky(kernel + noise * jnp.eye(len(xs)))
    whitened = solve_triangular(factor, ys, lower=True)
    return 0.5 * whitened @ whitened + jnp.log(jnp.diag(factor)).sum()
