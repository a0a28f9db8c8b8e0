"""Networks, in arrays."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax
from jax.nn import relu, sigmoid, softmax


def lstm(weights: Array, sequence: Array) -> Array:
    """One product for all gates of a turn."""
    hidden = len(weights) // 4

    def turn(state: tuple[Array, Array], x: Array) -> tuple[tuple[Array, Array], None]:
        h, c = state
        z = weights[:, :-1] @ jnp.concatenate([x, h]) + weights[:, -1]
        take, keep, give = sigmoid(z[: 3 * hidden]).reshape(3, hidden)
        c = keep * c + take * jnp.tanh(z[3 * hidden :])
        return (give * jnp.tanh(c), c), None

    nothing = jnp.zeros(hidden)
    h = lax.scan(turn, (nothing, nothing), sequence)[0][0]
    return h @ h


def attention(weights: Array, tokens: Array) -> Array:
    """All tokens at once, behind a mask."""
    queries, keys, values = (tokens @ matrix for matrix in weights)
    length, width = tokens.shape
    mask = jnp.tril(jnp.ones((length, length), bool))
    scores = jnp.where(mask, queries @ keys.T / width**0.5, -jnp.inf)
    return ((softmax(scores) @ values - tokens) ** 2).sum()


def convolution(kernels: Array, image: Array) -> Array:
    """Convolution and pooling of the library."""
    seen = relu(lax.conv(image[None, None], kernels[:, None], (1, 1), "VALID"))
    squares = (1, 1, 2, 2)
    return (lax.reduce_window(seen, -jnp.inf, lax.max, squares, squares, "VALID") ** 2).sum()
