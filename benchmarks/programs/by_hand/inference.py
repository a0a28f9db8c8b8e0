"""Negative log likelihoods, up to constants."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any


def garch(p: Array, returns: Array) -> tuple[float, Array]:
    """Three tangents of the variance, forward."""
    omega, alpha, beta = p[0], p[1], p[2]
    variance, by_omega, by_alpha, by_beta = 1e-4, 0.0, 0.0, 0.0
    total, gradient = 0.0, np.zeros(3)
    for r in returns:
        square = r * r
        total += math.log(variance) + square / variance
        slope = 0.5 * (1 - square / variance) / variance
        gradient[0] += slope * by_omega
        gradient[1] += slope * by_alpha
        gradient[2] += slope * by_beta
        by_omega = 1 + beta * by_omega
        by_alpha = square + beta * by_alpha
        by_beta = variance + beta * by_beta
        variance = omega + alpha * square + beta * variance
    return 0.5 * total, gradient


def kalman(p: Array, observed: Array) -> tuple[float, Array]:
    """Forward, keeping errors and predicted variances; then backwards."""
    n = len(observed)
    errors, spreads, firsts, seconds = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    level, slope, p00, p01, p11, total = 0.0, 0.0, 1.0, 0.0, 1.0, 0.0
    for t in range(n):
        level += slope
        p00, p01, p11 = p00 + 2 * p01 + p11 + p[0], p01 + p11, p11 + p[1]
        spread, error = p00 + p[2], observed[t] - level
        errors[t], spreads[t], firsts[t], seconds[t] = error, spread, p00, p01
        total += math.log(spread) + error * error / spread
        k0, k1 = p00 / spread, p01 / spread
        level += k0 * error
        slope += k1 * error
        p11 -= k1 * p01
        p00 -= k0 * p00
        p01 -= k0 * p01
    gradient = np.zeros(3)
    b_level, b_slope, b00, b01, b11 = 0.0, 0.0, 0.0, 0.0, 0.0
    for t in range(n - 1, -1, -1):
        error, spread, p00, p01 = errors[t], spreads[t], firsts[t], seconds[t]
        k0, k1 = p00 / spread, p01 / spread
        b_k0 = b_level * error - b00 * p00 - b01 * p01
        b_k1 = b_slope * error - b11 * p01
        b_error = b_level * k0 + b_slope * k1 + error / spread
        b_spread = 0.5 * (1 - error * error / spread) / spread - (b_k0 * k0 + b_k1 * k1) / spread
        b00 = b00 * (1 - k0) + b_k0 / spread + b_spread
        b01 = b01 * (1 - k0) - b11 * k1 + b_k1 / spread
        b_level -= b_error
        b_slope += b_level
        gradient[0] += b00
        gradient[1] += b11
        gradient[2] += b_spread
        b01, b11 = 2 * b00 + b01, b00 + b01 + b11
    return 0.5 * total, gradient


def log_sum_exp(xs: Array) -> float:
    """The logarithm of the sum of powers."""
    largest = xs.max()
    total = 0.0
    for x in xs:
        total += math.exp(x - largest)
    return float(largest + math.log(total))


def hmm(transitions: Array, means: Array, observed: Array) -> tuple[float, Array, Array]:
    """The forward-backward algorithm: gradients are expected counts."""
    states, n = len(means), len(observed)
    log_rows = np.empty((states, states))
    for j in range(states):
        norm = log_sum_exp(transitions[j])
        for k in range(states):
            log_rows[j, k] = transitions[j, k] - norm
    emitted, alpha, beta = np.empty((n, states)), np.empty((n, states)), np.zeros((n, states))
    ways = np.empty(states)
    for t in range(n):
        for k in range(states):
            emitted[t, k] = -0.5 * (observed[t] - means[k]) ** 2
            if t == 0:
                alpha[t, k] = emitted[t, k] - math.log(states)
            else:
                for j in range(states):
                    ways[j] = alpha[t - 1, j] + log_rows[j, k]
                alpha[t, k] = log_sum_exp(ways) + emitted[t, k]
    value = log_sum_exp(alpha[n - 1])
    by_means, counts = np.zeros(states), np.zeros((states, states))
    for t in range(n - 1, -1, -1):
        for j in range(states):
            if t < n - 1:
                for k in range(states):
                    ways[k] = log_rows[j, k] + emitted[t + 1, k] + beta[t + 1, k]
                    counts[j, k] += math.exp(alpha[t, j] + ways[k] - value)
                beta[t, j] = log_sum_exp(ways)
            by_means[j] += math.exp(alpha[t, j] + beta[t, j] - value) * (observed[t] - means[j])
    by_transitions = np.empty((states, states))
    for j in range(states):
        whole = counts[j].sum()
        for k in range(states):
            by_transitions[j, k] = counts[j, k] - math.exp(log_rows[j, k]) * whole
    return value, by_transitions, by_means


def logistic_regression(weights: Array, rows: Array, targets: Array) -> tuple[float, Array]:
    """The derivative of a row's loss by its score is probability less target."""
    n, features = rows.shape
    total, gradient = 0.0, np.zeros(features + 1)
    for i in range(n):
        score = weights[features]
        for k in range(features):
            score += weights[k] * rows[i, k]
        power = math.exp(-score)
        total += math.log(1 + power) + (1 - targets[i]) * score
        slope = (1 / (1 + power) - targets[i]) / n
        for k in range(features):
            gradient[k] += slope * rows[i, k]
        gradient[features] += slope
    return total / n, gradient


def gaussian_process(p: Array, xs: Array, ys: Array) -> tuple[float, Array]:
    """By the inverse of the kernel: Rasmussen and Williams (2006), equation 5.9."""
    scale, length, noise = math.exp(p[0]), math.exp(p[1]), math.exp(p[2])
    n = len(xs)
    kernel, factor, inverse = np.empty((n, n)), np.zeros((n, n)), np.zeros((n, n))
    whitened, total = np.empty(n), 0.0
    for i in range(n):
        for j in range(i + 1):
            kernel[i, j] = scale * math.exp(-0.5 * ((xs[i] - xs[j]) / length) ** 2)
            t = kernel[i, j] + (noise if i == j else 0.0)
            for k in range(j):
                t -= factor[i, k] * factor[j, k]
            factor[i, j] = math.sqrt(t) if i == j else t / factor[j, j]
        t = ys[i]
        for k in range(i):
            t -= factor[i, k] * whitened[k]
        whitened[i] = t / factor[i, i]
        total += 0.5 * whitened[i] ** 2 + math.log(factor[i, i])
        for j in range(i + 1):  # of the factor
            t = 1.0 if i == j else 0.0
            for k in range(j, i):
                t -= factor[i, k] * inverse[k, j]
            inverse[i, j] = t / factor[i, i]
    solved = np.zeros(n)
    for i in range(n):
        for k in range(i, n):
            solved[i] += inverse[k, i] * whitened[k]
    gradient = np.zeros(3)
    for i in range(n):
        for j in range(i + 1):
            t = -solved[i] * solved[j]
            for k in range(i, n):
                t += inverse[k, i] * inverse[k, j]
            by_kernel = t * kernel[i, j] * (0.5 if i == j else 1.0)
            gradient[0] += by_kernel
            gradient[1] += by_kernel * ((xs[i] - xs[j]) / length) ** 2
            if i == j:
                gradient[2] += 0.5 * t * noise
    return total, gradient
