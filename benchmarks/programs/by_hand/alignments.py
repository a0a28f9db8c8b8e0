"""Sums over all ways to align two sequences: gradients are how likely a way passes a place."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any


def soft_dtw(first: Array, second: Array) -> tuple[float, Array, Array]:
    """Cuturi and Blondel (2017), algorithm 2."""
    n, m = len(first), len(second)
    costs = np.full((n + 1, m + 1), 1e6)
    soft, weights = np.empty((n + 1, m + 1)), np.zeros((n + 1, m + 1))
    costs[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            up, left, both = costs[i - 1, j], costs[i, j - 1], costs[i - 1, j - 1]
            least = min(up, left, both)
            total = math.exp(least - up) + math.exp(least - left) + math.exp(least - both)
            soft[i, j] = least - math.log(total)
            costs[i, j] = (first[i - 1] - second[j - 1]) ** 2 + soft[i, j]
    weights[n, m] = 1.0
    by_first, by_second = np.zeros(n), np.zeros(m)
    for i in range(n, 0, -1):
        for j in range(m, 0, -1):
            weight = weights[i, j]
            weights[i - 1, j] += weight * math.exp(soft[i, j] - costs[i - 1, j])
            weights[i, j - 1] += weight * math.exp(soft[i, j] - costs[i, j - 1])
            weights[i - 1, j - 1] += weight * math.exp(soft[i, j] - costs[i - 1, j - 1])
            apart = 2 * weight * (first[i - 1] - second[j - 1])
            by_first[i - 1] += apart
            by_second[j - 1] -= apart
    return costs[n, m], by_first, by_second


def together(a: float, b: float, c: float) -> float:
    """The logarithm of a sum of powers, of which some may be 0."""
    largest = max(a, b, c)
    if largest == -math.inf:
        return largest
    return largest + math.log(math.exp(a - largest) + math.exp(b - largest) + math.exp(c - largest))


def ctc(frames: Array, text: Array) -> tuple[float, Array]:
    """Forward and backward: Graves and others (2006), equations 6 to 16."""
    length, letters = frames.shape
    states = 2 * len(text) + 1
    labels = np.zeros(states, np.int64)
    labels[1::2] = text
    logs = np.empty((length, letters))
    alpha, beta = np.full((length, states), -math.inf), np.full((length, states), -math.inf)
    for t in range(length):
        largest, total = frames[t].max(), 0.0
        for letter in range(letters):
            total += math.exp(frames[t, letter] - largest)
        norm = largest + math.log(total)
        for letter in range(letters):
            logs[t, letter] = frames[t, letter] - norm
        for s in range(states):
            if t == 0:
                if s < 2:
                    alpha[t, s] = logs[t, labels[s]]
                continue
            one = alpha[t - 1, s - 1] if s > 0 else -math.inf
            skips = s > 1 and labels[s] != 0 and labels[s] != labels[s - 2]
            two = alpha[t - 1, s - 2] if skips else -math.inf
            alpha[t, s] = together(alpha[t - 1, s], one, two) + logs[t, labels[s]]
    whole = together(alpha[length - 1, states - 1], alpha[length - 1, states - 2], -math.inf)
    gradient = np.empty_like(frames)
    for t in range(length - 1, -1, -1):
        for letter in range(letters):
            gradient[t, letter] = math.exp(logs[t, letter])
        for s in range(states):
            if t == length - 1:
                beta[t, s] = 0.0 if s >= states - 2 else -math.inf
            else:
                here = beta[t + 1, s] + logs[t + 1, labels[s]]
                one, two = -math.inf, -math.inf
                if s < states - 1:
                    one = beta[t + 1, s + 1] + logs[t + 1, labels[s + 1]]
                if s < states - 2 and labels[s + 2] != 0 and labels[s + 2] != labels[s]:
                    two = beta[t + 1, s + 2] + logs[t + 1, labels[s + 2]]
                beta[t, s] = together(here, one, two)
            gradient[t, labels[s]] -= math.exp(alpha[t, s] + beta[t, s] - whole)
    return -whole, gradient
