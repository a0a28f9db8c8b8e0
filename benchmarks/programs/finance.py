"""Options and annuities."""

from __future__ import annotations

import math
from typing import Any

from autograd import erf, exp, log, maximum, sqrt


def black_scholes(p: Any) -> Any:
    """Calls at several strikes: spot, rate, volatility, maturity, then the strikes.

    Black and Scholes, "The pricing of options and corporate liabilities" (1973), equation 13.
    """
    spot, rate, volatility, maturity = p[:4]
    total = 0.0
    for strike in p[4:]:
        deviation = volatility * sqrt(maturity)
        d1 = (log(spot / strike) + (rate + volatility**2 / 2) * maturity) / deviation
        d2 = d1 - deviation
        in_money = 0.5 * (1 + erf(d1 / math.sqrt(2)))
        exercised = 0.5 * (1 + erf(d2 / math.sqrt(2)))
        total = total + spot * in_money - strike * exp(-rate * maturity) * exercised
    return total


def asian_option(p: Any, noise: Any) -> Any:
    """A call on the mean price over a year, by simulation: a row of normal numbers for each path.

    Kemna and Vorst, "A pricing method for options based on average asset values" (1990).
    """
    spot, strike, rate, volatility = p
    dt = 1.0 / len(noise[0])
    drift = (rate - volatility * volatility / 2) * dt
    deviation = volatility * math.sqrt(dt)
    total = 0.0
    for row in noise:
        price, running = spot, 0.0
        for z in row:
            price = price * exp(drift + deviation * z)
            running = running + price
        total = total + maximum(running / len(row) - strike, 0.0)
    return exp(-rate) * total / len(noise)


def discounted_sum(p: Any, payments: Any) -> Any:
    """The squared rest of a debt after payments at the end of each period, each discounted."""
    debt, rate = p
    rest, factor = debt, 1.0
    for payment in payments:
        factor = factor / (1.0 + rate)
        rest -= payment * factor
    return rest * rest
