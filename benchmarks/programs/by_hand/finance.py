"""Options and annuities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any


def black_scholes(p: Array) -> tuple[float, Array]:
    """The known formulas of delta, rho, vega and theta."""
    spot, rate, volatility, maturity = p[0], p[1], p[2], p[3]
    total, gradient = 0.0, np.zeros(len(p))
    root = math.sqrt(maturity)
    for i in range(4, len(p)):
        strike = p[i]
        d1 = (math.log(spot / strike) + (rate + volatility**2 / 2) * maturity) / volatility / root
        d2 = d1 - volatility * root
        in_money = 0.5 * (1 + math.erf(d1 / math.sqrt(2)))
        exercised = 0.5 * (1 + math.erf(d2 / math.sqrt(2)))
        density = math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi)
        discount = math.exp(-rate * maturity)
        paid = strike * discount * exercised
        total += spot * in_money - paid
        gradient[0] += in_money
        gradient[1] += maturity * paid
        gradient[2] += spot * density * root
        gradient[3] += spot * density * volatility / (2 * root) + rate * paid
        gradient[i] = -discount * exercised
    return total, gradient


def asian_option(p: Array, noise: Array) -> tuple[float, Array]:
    """A price is `spot * exp(k * drift + deviation * sum of noise)`: forward is enough."""
    spot, strike, rate, volatility = p[0], p[1], p[2], p[3]
    paths, steps = noise.shape
    dt = 1.0 / steps
    drift = (rate - volatility * volatility / 2) * dt
    deviation = volatility * math.sqrt(dt)
    total, in_money, mean, by_drift, by_deviation = 0.0, 0, 0.0, 0.0, 0.0
    for i in range(paths):
        price, summed, running, weighted, pushed = spot, 0.0, 0.0, 0.0, 0.0
        for k in range(steps):
            z = noise[i, k]
            price *= math.exp(drift + deviation * z)
            summed += z
            running += price
            weighted += (k + 1) * price
            pushed += summed * price
        if running / steps > strike:
            total += running / steps - strike
            in_money += 1
            mean += running / steps
            by_drift += weighted / steps
            by_deviation += pushed / steps
    discount = math.exp(-rate) / paths
    gradient = np.empty(4)
    gradient[0] = discount * mean / spot
    gradient[1] = -discount * in_money
    gradient[2] = discount * (by_drift * dt - total)
    gradient[3] = discount * (by_deviation * math.sqrt(dt) - by_drift * volatility * dt)
    return discount * total, gradient


def discounted_sum(p: Array, payments: Array) -> tuple[float, Array, Array]:
    """The derivative of a power of `1 + rate`."""
    rest, factor, by_rate = p[0], 1.0, 0.0
    by_payments = np.empty(len(payments))
    for k in range(len(payments)):
        factor /= 1 + p[1]
        by_payments[k] = -factor
        rest -= payments[k] * factor
        by_rate += (k + 1) * payments[k] * factor / (1 + p[1])
    gradient = np.empty(2)
    gradient[0], gradient[1] = 2 * rest, 2 * rest * by_rate
    for k in range(len(payments)):
        by_payments[k] *= 2 * rest
    return rest * rest, gradient, by_payments
