"""Negative log likelihoods, up to constants."""

from __future__ import annotations

import math
from typing import Any

from autograd import exp, log, logsumexp, sqrt


def garch(p: Any, returns: Any) -> Any:
    """GARCH(1,1): a variance that remembers.

    Bollerslev, "Generalized autoregressive conditional heteroskedasticity" (1986), section 5.
    """
    omega, alpha, beta = p
    variance, total = 1e-4, 0.0
    for r in returns:
        total = total + log(variance) + r * r / variance
        variance = omega + alpha * r * r + beta * variance
    return 0.5 * total


def kalman(p: Any, observed: Any) -> Any:
    """A Kalman filter for a local linear trend: variances of level, slope and observation.

    Harvey, "Forecasting, structural time series models and the Kalman filter" (1989), section 3.4.
    """
    q_level, q_slope, noise = p
    level, slope = 0.0, 0.0
    p00, p01, p11 = 1.0, 0.0, 1.0
    total = 0.0
    for y in observed:
        level = level + slope
        p00, p01, p11 = p00 + 2 * p01 + p11 + q_level, p01 + p11, p11 + q_slope
        spread = p00 + noise
        error = y - level
        k0, k1 = p00 / spread, p01 / spread
        total = total + log(spread) + error * error / spread
        level, slope = level + k0 * error, slope + k1 * error
        p00, p01, p11 = p00 - k0 * p00, p01 - k0 * p01, p11 - k1 * p01
    return 0.5 * total


def hmm(transitions: Any, means: Any, observed: Any) -> Any:
    """The log likelihood of a hidden Markov model, normal in each state: the forward algorithm.

    Rabiner, "A tutorial on hidden Markov models" (1989), equations 19 to 21, in logarithms.
    """
    states = len(means)
    log_rows = []
    for row in transitions:
        norm = logsumexp(row)
        log_rows.append([a - norm for a in row])
    alpha = [-0.5 * (observed[0] - mu) ** 2 - math.log(states) for mu in means]
    for y in observed[1:]:
        alpha = [
            logsumexp([alpha[j] + log_rows[j][k] for j in range(states)])
            - 0.5 * (y - means[k]) ** 2
            for k in range(states)
        ]
    return logsumexp(alpha)


def logistic_regression(weights: Any, rows: Any, targets: Any) -> Any:
    """The mean loss of logistic regression; the last weight is the bias.

    Cox, "The regression analysis of binary sequences" (1958).
    """
    total = 0.0
    for row, target in zip(rows, targets, strict=True):
        score = weights[-1]
        for w, x in zip(weights, row, strict=False):
            score = score + w * x
        total = total + log(1 + exp(-score)) + (1 - target) * score
    return total / len(targets)


def gaussian_process(p: Any, xs: Any, ys: Any) -> Any:
    """A Gaussian process: log scale, log length, log noise; by Cholesky's method.

    Rasmussen and Williams, "Gaussian processes for machine learning" (2006), algorithm 2.1.
    """
    scale, length, noise = exp(p[0]), exp(p[1]), exp(p[2])
    factor: list[list[Any]] = []
    whitened: list[Any] = []
    total = 0.0
    for i, x in enumerate(xs):
        row: list[Any] = []
        for j in range(i + 1):
            t = scale * exp(-0.5 * ((x - xs[j]) / length) ** 2)
            if i == j:
                t = t + noise
            for k in range(j):
                t = t - row[k] * (row[k] if i == j else factor[j][k])
            row.append(sqrt(t) if i == j else t / factor[j][j])
        factor.append(row)
        t = ys[i]
        for k in range(i):
            t = t - row[k] * whitened[k]
        whitened.append(t / row[i])
        total = total + 0.5 * whitened[i] ** 2 + log(row[i])
    return total
