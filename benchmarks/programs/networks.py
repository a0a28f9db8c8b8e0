"""Networks, neuron by neuron."""

from __future__ import annotations

from typing import Any

from autograd import exp, maximum, relu, sigmoid, tanh


def lstm(weights: Any, sequence: Any) -> Any:
    """The square of the last state of an LSTM; a row of weights for each gate of each unit.

    Hochreiter and Schmidhuber, "Long short-term memory" (1997); with the forget gate of Gers,
    Schmidhuber and Cummins, "Learning to forget" (2000).
    """
    hidden = len(weights) // 4
    h, c = [0.0] * hidden, [0.0] * hidden
    for x in sequence:
        given = [*x, *h]
        z = []
        for row in weights:
            s = row[-1]
            for w, v in zip(row, given, strict=False):
                s = s + w * v
            z.append(s)
        for k in range(hidden):
            take, keep, give = (sigmoid(z[gate * hidden + k]) for gate in range(3))
            c[k] = keep * c[k] + take * tanh(z[3 * hidden + k])
            h[k] = give * tanh(c[k])
    return sum(v * v for v in h)


def attention(weights: Any, tokens: Any) -> Any:
    """Causal attention: the squared distance of what it mixes from its input.

    Vaswani and others, "Attention is all you need" (2017), equation 1.
    """
    width = len(tokens[0])

    def times(matrix: Any) -> Any:
        columns = list(zip(*matrix, strict=True))
        return [
            [sum(x * w for x, w in zip(token, column, strict=True)) for column in columns]
            for token in tokens
        ]

    queries, keys, values = (times(matrix) for matrix in weights)
    loss = 0.0
    for i, query in enumerate(queries):
        scores = [
            sum(a * b for a, b in zip(query, key, strict=True)) / width**0.5
            for key in keys[: i + 1]
        ]
        shares = [exp(score) for score in scores]
        whole = sum(shares)
        for d in range(width):
            mixed = sum(share * value[d] for share, value in zip(shares, values, strict=False))
            loss = loss + (mixed / whole - tokens[i][d]) ** 2
    return loss


def convolution(kernels: Any, image: Any) -> Any:
    """Filters over an image, rectified, and the largest of each square of four; their squares.

    LeCun and others, "Backpropagation applied to handwritten zip code recognition" (1989); pooling
    by the largest: Yamaguchi and others (1990).
    """
    window = len(kernels[0])
    total, side = 0.0, len(image) - window + 1
    for kernel in kernels:
        seen = []
        for i in range(side):
            row = []
            for j in range(side):
                s = 0.0
                for a in range(window):
                    for b in range(window):
                        s = s + kernel[a][b] * image[i + a][j + b]
                row.append(relu(s))
            seen.append(row)
        for i in range(0, side - 1, 2):
            for j in range(0, side - 1, 2):
                top = maximum(seen[i][j], seen[i][j + 1])
                bottom = maximum(seen[i + 1][j], seen[i + 1][j + 1])
                total = total + maximum(top, bottom) ** 2
    return total
