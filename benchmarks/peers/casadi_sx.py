"""CasADi: a step as a function of SX expressions, called through buffers, which copies nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import casadi as ca
import numpy as np

from benchmarks.job import Job
from benchmarks.problems import Chain, Network, Point, Text

Expression = Any


class Compiled:
    """A function whose inputs and outputs are arrays that stay where they are."""

    def __init__(self, inputs: list[Expression], outputs: list[Expression]) -> None:
        function = ca.Function("step", inputs, [ca.densify(x) for x in outputs])
        self.inputs = [np.zeros(x.numel()) for x in inputs]
        self.outputs = [np.zeros(x.numel()) for x in outputs]
        self._buffer, self.run = function.buffer()
        for i, array in enumerate(self.inputs):
            self._buffer.set_arg(i, memoryview(array))
        for i, array in enumerate(self.outputs):
            self._buffer.set_res(i, memoryview(array))


def descent(
    problem: Network, loss: Callable[..., Expression]
) -> tuple[list[Expression], list[Expression], list[Any]]:
    """What a step is made from, what it gives, and the numbers to begin with."""
    p, parts = _parameters([part for a in problem.layers for part in (a.weights, [a.biases])])
    numbers = [
        np.array([z for a in problem.layers for z in (*np.ravel(a.weights), *a.biases)]),
        np.array(problem.rows),
        _targets(problem),
    ]
    x, t = (ca.SX.sym(name, *data.shape) for name, data in zip("xt", numbers[1:], strict=True))
    value = loss(list(zip(parts[::2], parts[1::2], strict=True)), x, t)
    return [p, x, t], [p - problem.lr * ca.gradient(value, p), value], numbers


def _descent(problem: Network, loss: Callable[..., Expression]) -> Job:
    inputs, outputs, numbers = descent(problem, loss)
    compiled = Compiled(inputs, outputs)
    for array, given in zip(compiled.inputs, numbers, strict=True):
        array[:] = given.ravel(order="F")
    start, (moved, found) = compiled.inputs[0], compiled.outputs

    def step() -> float:
        compiled.run()
        start[:] = moved
        return float(found[0])

    return Job(step, start.tolist)


def _parameters(matrices: list[Any]) -> tuple[Expression, list[Expression]]:
    """All parameters as a column, and the matrices made of them, row by row."""
    shapes = [np.shape(m) for m in matrices]
    p = ca.SX.sym("p", sum(a * b for a, b in shapes))
    ends = np.cumsum([0, *(a * b for a, b in shapes)]).tolist()
    parts = ca.vertsplit(p, ends)
    return p, [ca.reshape(q, b, a).T for q, (a, b) in zip(parts, shapes, strict=True)]


def _targets(problem: Network) -> Any:
    classes = len(problem.layers[-1].biases)
    if classes == 1:
        return np.array(problem.targets, dtype=float)[:, None]
    return np.eye(classes)[problem.targets]


def _layer(x: Expression, weights: Expression, biases: Expression) -> Expression:
    return ca.mtimes(x, weights.T) + ca.repmat(biases, x.shape[0], 1)


def _outputs(x: Expression, p: Any) -> Expression:
    for weights, biases in p[:-1]:
        x = ca.fmax(_layer(x, weights, biases), 0)
    return _layer(x, *p[-1])


def xor_loss(p: Any, x: Expression, t: Expression) -> Expression:
    """Sigmoids and logarithms."""
    for weights, biases in p:
        x = 1 / (1 + ca.exp(-_layer(x, weights, biases)))
    return -ca.sum1(t * ca.log(x) + (1 - t) * ca.log(1 - x)) / x.shape[0]


def moons_loss(problem: Network) -> Callable[..., Expression]:
    """ReLUs, a hinge and weight decay."""

    def loss(p: Any, x: Expression, t: Expression) -> Expression:
        hinge = ca.sum1(ca.fmax(1 - t * _outputs(x, p), 0)) / x.shape[0]
        return hinge + problem.decay * sum(ca.sumsqr(q) for pair in p for q in pair)

    return loss


def digits_loss(p: Any, x: Expression, t: Expression) -> Expression:
    """ReLUs and a softmax."""
    logits = _outputs(x, p)
    tops = ca.SX(x.shape[0], 1)
    for i in range(x.shape[0]):
        tops[i] = ca.logsumexp(logits[i, :].T)
    return (ca.sum1(tops) - ca.sum1(ca.sum2(t * logits))) / x.shape[0]


def xor(problem: Network) -> Job:
    """Sigmoids and logarithms."""
    return _descent(problem, xor_loss)


def moons(problem: Network) -> Job:
    """ReLUs, a hinge and weight decay."""
    return _descent(problem, moons_loss(problem))


def digits(problem: Network) -> Job:
    """ReLUs and a softmax."""
    return _descent(problem, digits_loss)


def gpt(problem: Text) -> Job:
    """All positions at once; tokens as rows of zeros and a one; Adam in the same function."""
    p, parts = _parameters(list(problem.weights.values()))
    w = dict(zip(problem.weights, parts, strict=True))
    one_hot = np.eye(w["token"].shape[0])
    length, width = len(problem.documents[0]) - 1, w["token"].shape[1]
    size = width // problem.heads
    here, following = (ca.SX.sym(name, length, len(one_hot)) for name in ("here", "next"))
    m, v = ca.SX.sym("m", p.numel()), ca.SX.sym("v", p.numel())
    rate, scale = ca.SX.sym("rate"), ca.SX.sym("scale")

    def normalise(x: Expression) -> Expression:
        return x * ca.repmat((ca.sum2(x * x) / width + 1e-5) ** -0.5, 1, width)

    x = ca.mtimes(here, w["token"]) + w["position"][:length, :]
    q, k, u = (ca.mtimes(normalise(x), w[name].T) for name in ("query", "key", "value"))
    rows = []
    for t in range(length):
        heads = []
        for start in range(0, width, size):
            head = slice(start, start + size)
            powers = ca.exp(ca.mtimes(k[: t + 1, head], q[t, head].T) / size**0.5)
            heads.append(ca.mtimes(powers.T / ca.sum1(powers), u[: t + 1, head]))
        rows.append(ca.horzcat(*heads))
    x = x + ca.mtimes(ca.vertcat(*rows), w["mix"].T)
    hidden = ca.fmax(ca.mtimes(normalise(x), w["expand"].T), 0)
    x = x + ca.mtimes(hidden, w["contract"].T)
    logits = ca.mtimes(normalise(x), w["logits"].T)
    loss = ca.sum1(ca.log(ca.sum2(ca.exp(logits))) - ca.sum2(following * logits)) / length

    (beta, gamma), g = problem.betas, ca.gradient(loss, p)
    m_next, v_next = beta * m + (1 - beta) * g, gamma * v + (1 - gamma) * g * g
    p_next = p - rate * m_next / (ca.sqrt(v_next * scale) + problem.epsilon)
    compiled = Compiled([p, m, v, here, following, rate, scale], [p_next, m_next, v_next, loss])
    state, (a, b, rates, scales) = compiled.inputs[:3], compiled.inputs[3:]
    state[0][:] = [z for matrix in problem.weights.values() for z in np.ravel(matrix)]
    tokens = [
        (one_hot[d[:-1]].ravel(order="F"), one_hot[d[1:]].ravel(order="F"))
        for d in problem.documents
    ]
    steps = 0

    def step() -> float:
        nonlocal steps
        a[:], b[:] = tokens[steps % len(tokens)]
        steps += 1
        rates[0], scales[0] = problem.lr / (1 - beta**steps), 1 / (1 - gamma**steps)
        compiled.run()
        for old, new in zip(state, compiled.outputs, strict=False):
            old[:] = new
        return float(compiled.outputs[3][0])

    return Job(step, lambda: [z for array in state for z in array.tolist()])


def _rosenbrock(x: Expression) -> Expression:
    return ca.sum1(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def _at(x: Expression, numbers: list[float], outputs: list[Expression]) -> Job:
    compiled = Compiled([x], outputs)
    compiled.inputs[0][:] = numbers

    def step() -> float:
        compiled.run()
        return float(compiled.outputs[0][0])

    return Job(step, compiled.outputs[-1].tolist)


def rosenbrock(problem: Point) -> Job:
    """One vector."""
    x = ca.SX.sym("x", len(problem.x))
    value = _rosenbrock(x)
    return _at(x, problem.x, [value, ca.gradient(value, x)])


def hessian(problem: Point) -> Job:
    """`hessian`."""
    x = ca.SX.sym("x", len(problem.x))
    return _at(x, problem.x, [ca.hessian(_rosenbrock(x) + ca.logsumexp(x), x)[0]])


def chain(problem: Chain) -> Job:
    """A Python loop over expressions."""
    x = end = ca.SX.sym("x")
    for _ in range(problem.length // 2):
        end = end * problem.factor + problem.term
    return _at(x, [problem.start], [end, ca.gradient(end, x)])
