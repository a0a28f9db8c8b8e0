"""The workloads written one number at a time, for any class that behaves as a number.

What no operator says comes from `Operations`. Parameters are nested lists of such numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any, NamedTuple

from benchmarks.problems import Chain, Network, Text

Number = Any
Row = list[Number]
Matrix = list[Row]


def product(x: Sequence[Number], y: Sequence[Number]) -> Number:
    """The sum of the products, of first operands that are never plain."""
    return sum((a * b for a, b in zip(x[1:], y[1:], strict=True)), x[0] * y[0])


def sigmoid_by_exp(exp: Callable[[Number], Number]) -> Callable[[Number], Number]:
    """`1 / (1 + e ** -x)`, where a class has `exp` alone."""
    return lambda x: 1.0 / (1.0 + exp(-x))


class Operations(NamedTuple):
    """What a class of numbers can do besides arithmetic; None for what it cannot.

    Attributes:
        exp, log, relu, sigmoid: of one number.
        plain: the float that a number stands for.
        dot: the sum of products of two rows.
        take: a row of a table, by its index.
        softmax: of a row, if there is a better one than this module's.
        cross_entropy: of a row of logits and the right class, the same.
    """

    exp: Any = None
    log: Any = None
    relu: Any = None
    sigmoid: Any = None
    plain: Callable[[Number], float] = float
    dot: Callable[[Row, Row], Number] = product
    take: Callable[[Matrix, Any], Row] = lambda rows, index: rows[index]
    softmax: Callable[[Row], Row] | None = None
    cross_entropy: Callable[[Row, Any], Number] | None = None


def parameters(problem: Network | Text, number: Callable[[float], Number]) -> Any:
    """The first parameters, as numbers of a class, in the structure that the losses take."""

    def matrix(rows: Matrix) -> Matrix:
        return [[number(x) for x in row] for row in rows]

    if isinstance(problem, Text):
        return {name: matrix(rows) for name, rows in problem.weights.items()}
    return [(matrix(layer.weights), list(map(number, layer.biases))) for layer in problem.layers]


def listed(nested: Any) -> Row:
    """All numbers of nested lists, tuples and dicts, in order."""
    if isinstance(nested, dict):
        nested = list(nested.values())
    if not isinstance(nested, list | tuple):
        return [nested]
    return [x for part in nested for x in listed(part)]


def shape(nested: Any) -> Any:
    """Nested lists and dicts as tuples and dicts, with the length of each row in its place."""
    if isinstance(nested, dict):
        return {key: shape(x) for key, x in nested.items()}
    if isinstance(nested[0], list | tuple | dict):
        return tuple(map(shape, nested))
    return len(nested)


def nested(shape: Any, numbers: Sequence[Number]) -> Any:
    """Numbers, in order, in rows as a shape says."""
    return _filled(shape, iter(numbers))


def _filled(shape: Any, remaining: Iterator[Number]) -> Any:
    # No closure: one that calls itself would keep the numbers until the garbage collector comes.
    if isinstance(shape, dict):
        return {key: _filled(part, remaining) for key, part in shape.items()}
    if isinstance(shape, tuple):
        return [_filled(part, remaining) for part in shape]
    return list(islice(remaining, shape))


def layer(weights: Matrix, biases: Row, x: Row, op: Operations) -> Row:
    """Weighted sums."""
    return [op.dot(row, x) + b for row, b in zip(weights, biases, strict=True)]


def outputs(p: Any, x: Row, op: Operations) -> Row:
    """A network with ReLUs in its hidden layers."""
    *hidden, (weights, biases) = p
    for w, b in hidden:
        x = [op.relu(z) for z in layer(w, b, x, op)]
    return layer(weights, biases, x, op)


def xor(p: Any, rows: Matrix, targets: Row, op: Operations) -> Number:
    """Sigmoids, and the mean binary cross-entropy."""
    losses = []
    for row, t in zip(rows, targets, strict=True):
        x = row
        for weights, biases in p:
            x = [op.sigmoid(z) for z in layer(weights, biases, x, op)]
        losses.append(t * op.log(x[0]) + (1.0 - t) * op.log(1.0 - x[0]))
    return sum(losses) / -len(rows)


def moons(p: Any, rows: Matrix, targets: Row, op: Operations, decay: float) -> Number:
    """The mean hinge, and the sum of squares of all parameters."""
    losses = []
    for row, t in zip(rows, targets, strict=True):
        losses.append(op.relu(1.0 - t * outputs(p, row, op)[0]))
    return sum(losses) / len(rows) + decay * sum(w * w for w in listed(p))


def digits(p: Any, rows: Matrix, targets: Sequence[Any], op: Operations) -> Number:
    """The mean cross-entropy."""
    losses = []
    for row, t in zip(rows, targets, strict=True):
        losses.append(cross_entropy(outputs(p, row, op), t, op))
    return sum(losses) / len(rows)


def cross_entropy(logits: Row, target: Any, op: Operations) -> Number:
    """The logarithm of the share of the right class, negated."""
    if op.cross_entropy is not None:
        return op.cross_entropy(logits, target)
    return -op.log(softmax(logits, op)[target])


def softmax(logits: Row, op: Operations) -> Row:
    """Shares that add up to 1."""
    if op.softmax is not None:
        return op.softmax(logits)
    top = max(op.plain(z) for z in logits)
    powers = [op.exp(z - top) for z in logits]
    total = sum(powers[1:], powers[0])
    return [power / total for power in powers]


def normalise(x: Row, op: Operations) -> Row:
    """The row, scaled to a root mean square of 1."""
    scale = (op.dot(x, x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def linear(x: Row, weights: Matrix, op: Operations) -> Row:
    """A matrix times a row."""
    return [op.dot(row, x) for row in weights]


def gpt(w: dict[str, Matrix], tokens: Sequence[Any], op: Operations, heads: int = 4) -> Number:
    """The mean cross-entropy of predicting each token from those before it."""
    keys: Matrix = []
    values: Matrix = []
    losses = []
    for position, (token, target) in enumerate(pairwise(tokens)):
        row = zip(op.take(w["token"], token), w["position"][position], strict=True)
        x = [a + b for a, b in row]
        residual, x = x, normalise(x, op)
        query = linear(x, w["query"], op)
        keys.append(linear(x, w["key"], op))
        values.append(linear(x, w["value"], op))
        mixed: Row = []
        size = len(query) // heads
        for start in range(0, len(query), size):
            head = slice(start, start + size)
            scores = [op.dot(query[head], key[head]) / size**0.5 for key in keys]
            shares = softmax(scores, op)
            columns = zip(*(v[head] for v in values), strict=True)
            mixed += [op.dot(shares, list(column)) for column in columns]
        x = [a + b for a, b in zip(linear(mixed, w["mix"], op), residual, strict=True)]
        residual, x = x, normalise(x, op)
        x = [op.relu(h) for h in linear(x, w["expand"], op)]
        x = [a + b for a, b in zip(linear(x, w["contract"], op), residual, strict=True)]
        losses.append(cross_entropy(linear(normalise(x, op), w["logits"], op), target, op))
    return sum(losses) / len(losses)


def rosenbrock(x: Row) -> Number:
    """The sum of `100 (y - x ** 2) ** 2 + (1 - x) ** 2` over neighbours x, y."""
    return sum(100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in pairwise(x))


def chain(x: Number, problem: Chain) -> Number:
    """Sums and products in turn."""
    for _ in range(problem.length // 2):
        x = x * problem.factor + problem.term
    return x


class Adam:
    """Adam for numbers that are moved one by one (Kingma and Ba, 2015)."""

    def __init__(self, problem: Text, count: int) -> None:
        self.m, self.v = [0.0] * count, [0.0] * count
        self._problem = problem
        self._steps = 0

    def moves(self, gradients: Sequence[float]) -> list[float]:
        """What is to be taken from each number."""
        p, (beta, gamma) = self._problem, self._problem.betas
        self._steps += 1
        rate = p.lr / (1 - beta**self._steps)
        scale = 1 / (1 - gamma**self._steps)
        self.m = [beta * m + (1 - beta) * g for m, g in zip(self.m, gradients, strict=True)]
        self.v = [gamma * v + (1 - gamma) * g * g for v, g in zip(self.v, gradients, strict=True)]
        return [
            rate * m / ((v * scale) ** 0.5 + p.epsilon) for m, v in zip(self.m, self.v, strict=True)
        ]
