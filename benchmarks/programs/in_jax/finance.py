"""Options and annuities."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array
from jax.scipy.special import erf


def black_scholes(p: Array) -> Array:
    """All strikes at once."""
    (spot, rate, volatility, maturity), strikes = p[:4], p[4:]
    deviation = volatility * jnp.sqrt(maturity)
    d1 = (jnp.log(spot / strikes) + (rate + volatility**2 / 2) * maturity) / deviation
    in_money = 0.5 * (1 + erf(d1 / jnp.sqrt(2.0)))
    exercised = 0.5 * (1 + erf((d1 - deviation) / jnp.sqrt(2.0)))
    return (spot * in_money - strikes * jnp.exp(-rate * maturity) * exercised).sum()


def asian_option(p: Array, noise: Array) -> Array:
    """A path is a cumulative sum."""
    spot, strike, rate, volatility = p
    dt = 1.0 / noise.shape[1]
    drift = (rate - volatility**2 / 2) * dt
    prices = spot * jnp.exp(jnp.cumsum(drift + volatility * jnp.sqrt(dt) * noise, axis=1))
    return jnp.exp(-rate) * jnp.maximum(prices.mean(axis=1) - strike, 0.0).mean()


def discounted_sum(p: Array, payments: Array) -> Array:
    """The factors are powers."""
    debt, rate = p
    return (debt - payments @ (1 + rate) ** -jnp.arange(1.0, len(payments) + 1)) ** 2
