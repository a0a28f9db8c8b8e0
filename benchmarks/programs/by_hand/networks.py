"""Networks: backpropagation, neuron by neuron."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any


def lstm(weights: Array, sequence: Array) -> tuple[float, Array]:
    """Backpropagation through time; gates and states of all turns are kept."""
    rows, last = weights.shape[0], weights.shape[1] - 1
    hidden, length, inputs = rows // 4, len(sequence), sequence.shape[1]
    z, gates = np.empty(rows), np.empty((length, 4, hidden))
    cells, squashed = np.zeros((length + 1, hidden)), np.empty((length, hidden))
    states = np.zeros((length + 1, hidden))
    for t in range(length):
        for row in range(rows):
            s = weights[row, last]
            for i in range(inputs):
                s += weights[row, i] * sequence[t, i]
            for k in range(hidden):
                s += weights[row, inputs + k] * states[t, k]
            z[row] = s
        for k in range(hidden):
            for gate in range(3):
                gates[t, gate, k] = 1 / (1 + math.exp(-z[gate * hidden + k]))
            gates[t, 3, k] = math.tanh(z[3 * hidden + k])
            take, keep, give, new = gates[t, 0, k], gates[t, 1, k], gates[t, 2, k], gates[t, 3, k]
            cells[t + 1, k] = keep * cells[t, k] + take * new
            squashed[t, k] = math.tanh(cells[t + 1, k])
            states[t + 1, k] = give * squashed[t, k]
    value, gradient = 0.0, np.zeros_like(weights)
    to_state, to_cell = np.empty(hidden), np.zeros(hidden)
    for k in range(hidden):
        value += states[length, k] ** 2
        to_state[k] = 2 * states[length, k]
    for t in range(length - 1, -1, -1):
        for k in range(hidden):
            take, keep, give, new = gates[t, 0, k], gates[t, 1, k], gates[t, 2, k], gates[t, 3, k]
            to_cell[k] += to_state[k] * give * (1 - squashed[t, k] ** 2)
            z[k] = to_cell[k] * new * take * (1 - take)
            z[hidden + k] = to_cell[k] * cells[t, k] * keep * (1 - keep)
            z[2 * hidden + k] = to_state[k] * squashed[t, k] * give * (1 - give)
            z[3 * hidden + k] = to_cell[k] * take * (1 - new * new)
            to_cell[k] *= keep
        to_state[:] = 0.0
        for row in range(rows):
            for i in range(inputs):
                gradient[row, i] += z[row] * sequence[t, i]
            for k in range(hidden):
                gradient[row, inputs + k] += z[row] * states[t, k]
                to_state[k] += z[row] * weights[row, inputs + k]
            gradient[row, last] += z[row]
    return value, gradient


def times(tokens: Array, matrix: Array) -> Array:
    """The product of two matrices."""
    out = np.zeros((tokens.shape[0], matrix.shape[1]))
    for i in range(tokens.shape[0]):
        for k in range(tokens.shape[1]):
            for j in range(matrix.shape[1]):
                out[i, j] += tokens[i, k] * matrix[k, j]
    return out


def attention(weights: Array, tokens: Array) -> tuple[float, Array]:
    """A token at a time: its shares, what it mixes, and all that acts on."""
    length, width = tokens.shape
    queries, keys = times(tokens, weights[0]), times(tokens, weights[1])
    values = times(tokens, weights[2])
    to_queries, to_keys = np.zeros_like(queries), np.zeros_like(keys)
    to_values, to_mixed = np.zeros_like(values), np.empty(width)
    shares, to_shares = np.empty(length), np.empty(length)
    loss, scale = 0.0, 1 / width**0.5
    for i in range(length):
        whole = 0.0
        for j in range(i + 1):
            score = 0.0
            for d in range(width):
                score += queries[i, d] * keys[j, d]
            shares[j] = math.exp(score * scale)
            whole += shares[j]
        for j in range(i + 1):
            shares[j] /= whole
        for d in range(width):
            mixed = 0.0
            for j in range(i + 1):
                mixed += shares[j] * values[j, d]
            loss += (mixed - tokens[i, d]) ** 2
            to_mixed[d] = 2 * (mixed - tokens[i, d])
        mean = 0.0
        for j in range(i + 1):
            to_shares[j] = 0.0
            for d in range(width):
                to_shares[j] += to_mixed[d] * values[j, d]
                to_values[j, d] += to_mixed[d] * shares[j]
            mean += shares[j] * to_shares[j]
        for j in range(i + 1):
            to_score = shares[j] * (to_shares[j] - mean) * scale
            for d in range(width):
                to_queries[i, d] += to_score * keys[j, d]
                to_keys[j, d] += to_score * queries[i, d]
    gradient = np.empty_like(weights)
    gradient[0] = times(tokens.T, to_queries)
    gradient[1] = times(tokens.T, to_keys)
    gradient[2] = times(tokens.T, to_values)
    return loss, gradient


def convolution(kernels: Array, image: Array) -> tuple[float, Array]:
    """Only the largest of each square has a gradient."""
    filters, window = kernels.shape[0], kernels.shape[1]
    side = len(image) - window + 1
    total, gradient = 0.0, np.zeros_like(kernels)
    seen = np.empty((side, side))
    for f in range(filters):
        for i in range(side):
            for j in range(side):
                s = 0.0
                for a in range(window):
                    for b in range(window):
                        s += kernels[f, a, b] * image[i + a, j + b]
                seen[i, j] = s
        for i in range(0, side - 1, 2):
            for j in range(0, side - 1, 2):
                row, column = i, j
                for a in range(2):
                    for b in range(2):
                        if seen[i + a, j + b] > seen[row, column]:
                            row, column = i + a, j + b
                top = seen[row, column]
                if top > 0:
                    total += top * top
                    for a in range(window):
                        for b in range(window):
                            gradient[f, a, b] += 2 * top * image[row + a, column + b]
    return total, gradient
