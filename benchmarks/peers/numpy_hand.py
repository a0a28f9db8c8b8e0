"""Backpropagation by hand in NumPy: matrix formulas, arrays kept from step to step, `out=`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.job import Job
from benchmarks.problems import Network, Point, Shared, Text

Array = Any


class Parameters:
    """Weights (inputs x neurons) and biases of all layers: views of one array, so are gradients."""

    def __init__(self, problem: Network) -> None:
        shapes = [np.shape(layer.weights) for layer in problem.layers]
        size = sum(nout * nin + nout for nout, nin in shapes)
        self.all, self.gradient = np.empty(size), np.empty(size)
        self.weights: list[Array] = []
        self.biases: list[Array] = []
        self.weight_gradients: list[Array] = []
        self.bias_gradients: list[Array] = []
        start = 0
        for layer, (nout, nin) in zip(problem.layers, shapes, strict=True):
            middle, end = start + nout * nin, start + nout * nin + nout
            for flat, weights, biases in (
                (self.all, self.weights, self.biases),
                (self.gradient, self.weight_gradients, self.bias_gradients),
            ):
                weights.append(flat[start:middle].reshape(nout, nin).T)
                biases.append(flat[middle:end])
            self.weights[-1][:] = np.transpose(layer.weights)
            self.biases[-1][:] = layer.biases
            start = end


def xor(problem: Network) -> Job:
    """Sigmoids twice, and the well-known `p - t` of their cross-entropy."""
    p = Parameters(problem)
    x = np.array(problem.rows)
    t = np.array(problem.targets, dtype=float)[:, None]
    (w1, w2), (b1, b2) = p.weights, p.biases
    (dw1, dw2), (db1, db2) = p.weight_gradients, p.bias_gradients
    n, rate, w2t, xt = len(x), problem.lr, w2.T, x.T

    def step() -> float:
        h = 1.0 / (1.0 + np.exp(-(x @ w1 + b1)))
        y = 1.0 / (1.0 + np.exp(-(h @ w2 + b2)))
        loss = -np.log(np.where(t, y, 1.0 - y)).sum() / n
        d = (y - t) / n
        np.matmul(h.T, d, out=dw2)
        d.sum(axis=0, out=db2)
        d = (d @ w2t) * (h * (1.0 - h))
        np.matmul(xt, d, out=dw1)
        d.sum(axis=0, out=db1)
        p.all -= rate * p.gradient
        return float(loss)

    return Job(step, p.all.tolist)


def moons(problem: Network) -> Job:
    """ReLUs of any number, a hinge and weight decay."""
    return _relu_network(problem, _hinge(problem))


mapped = moons


def sharded(problem: Shared) -> Job:
    """The same: how many devices there are does not matter here."""
    return moons(problem.network)


joint = sharded


def digits(problem: Network) -> Job:
    """ReLUs and a softmax."""
    return _relu_network(problem, _cross_entropy(problem))


def _relu_network(problem: Network, loss_of: Callable[[Array], float]) -> Job:
    """A network whose last layer's outputs become, in place, the gradient in them."""
    p = Parameters(problem)
    x = np.array(problem.rows)
    outputs = [np.empty((len(x), w.shape[1])) for w in p.weights]
    flows = [np.empty_like(h) for h in outputs]
    transposed = [h.T for h in (x, *outputs)]
    w_transposed = [w.T for w in p.weights]
    layers = list(zip(p.weights, p.biases, outputs, strict=True))
    change = np.empty_like(p.all)
    last = len(layers) - 1
    rate, decay = problem.lr, problem.decay

    def step() -> float:
        h = x
        for i, (w, b, out) in enumerate(layers):
            np.matmul(h, w, out=out)
            out += b
            if i < last:
                np.maximum(out, 0.0, out=out)
            h = out
        loss = loss_of(h)
        if decay:
            loss += decay * float(p.all @ p.all)
        d = h
        for i in range(last, -1, -1):
            np.matmul(transposed[i], d, out=p.weight_gradients[i])
            d.sum(axis=0, out=p.bias_gradients[i])
            if i:
                np.matmul(d, w_transposed[i], out=flows[i - 1])
                d = flows[i - 1]
                d *= outputs[i - 1] > 0.0
        np.multiply(p.gradient, rate, out=change)
        if decay:
            p.all *= 1.0 - 2.0 * rate * decay
        p.all -= change
        return loss

    return Job(step, p.all.tolist)


def _hinge(problem: Network) -> Callable[[Array], float]:
    t = np.array(problem.targets, dtype=float)[:, None]
    n = len(t)
    slope, margins = -t / n, np.empty_like(t)

    def loss(scores: Array) -> float:
        np.multiply(scores, t, out=margins)
        np.subtract(1.0, margins, out=margins)
        np.maximum(margins, 0.0, out=margins)
        np.multiply(slope, margins > 0.0, out=scores)
        return float(margins.sum()) / n

    return loss


def _cross_entropy(problem: Network) -> Callable[[Array], float]:
    rows, t = np.arange(len(problem.targets)), np.array(problem.targets)
    n = len(t)

    def loss(logits: Array) -> float:
        logits -= logits.max(axis=1, keepdims=True)
        right = logits[rows, t].sum()
        np.exp(logits, out=logits)
        totals = logits.sum(axis=1, keepdims=True)
        value = (np.log(totals).sum() - right) / n
        logits /= totals
        logits[rows, t] -= 1.0
        logits /= n
        return float(value)

    return loss


def rosenbrock(problem: Point) -> Job:
    """The gradient, written down."""
    x = np.array(problem.x)
    gradient = np.empty_like(x)

    def step() -> float:
        head = x[:-1]
        residual = x[1:] - head * head
        away = 1.0 - head
        np.multiply(head * residual, -400.0, out=gradient[:-1])
        gradient[:-1] -= 2.0 * away
        gradient[-1] = 0.0
        gradient[1:] += 200.0 * residual
        return float(100.0 * (residual @ residual) + away @ away)

    return Job(step, gradient.tolist)


def hessian(problem: Point) -> Job:
    """The second derivatives of Rosenbrock's function, three diagonals, and of logsumexp."""
    x = np.array(problem.x)
    n = len(x)
    out = np.empty((n, n))
    diagonal, lower = (out.reshape(-1)[k :: n + 1] for k in (0, n))
    upper = out.reshape(-1)[1 : n * (n - 1) : n + 1]

    def step() -> float:
        shares = np.exp(x - x.max())
        shares /= shares.sum()
        np.multiply(shares[:, None], -shares, out=out)
        head = x[:-1]
        diagonal[:] += shares
        diagonal[:-1] += 1200.0 * head * head - 400.0 * x[1:] + 2.0
        diagonal[1:] += 200.0
        cross = 400.0 * head
        upper[:] -= cross
        lower[:] -= cross
        return float(out[0, 0])

    return Job(step, lambda: out.ravel().tolist())


def gpt(problem: Text) -> Job:
    """Forward and backward of every part by its formula, and Adam on one array."""
    shapes = {name: np.shape(rows) for name, rows in problem.weights.items()}
    size = sum(a * b for a, b in shapes.values())
    everything, gradient, m, v = (np.zeros(size) for _ in range(4))
    w, g = _views(everything, shapes), _views(gradient, shapes)
    for name, rows in problem.weights.items():
        w[name][:] = rows
    heads, documents = problem.heads, [np.array(d) for d in problem.documents]
    length, width = len(documents[0]) - 1, shapes["token"][1]
    scale = (width // heads) ** -0.5
    hidden_from = np.triu(np.full((length, length), -np.inf), 1)
    steps, rows_of = 0, np.arange(length)
    beta, gamma = problem.betas

    def split(x: Array) -> Array:
        return x.reshape(length, heads, -1).transpose(1, 0, 2)

    def join(x: Array) -> Array:
        return x.transpose(1, 0, 2).reshape(length, width)

    def step() -> float:
        nonlocal steps
        tokens = documents[steps % len(documents)]
        x0 = w["token"][tokens[:-1]] + w["position"][:length]
        n0, s0 = _normalise(x0)
        q, k, u = (split(n0 @ w[name].T) for name in ("query", "key", "value"))
        a = _softmax(q @ k.transpose(0, 2, 1) * scale + hidden_from)
        mixed = join(a @ u)
        x1 = x0 + mixed @ w["mix"].T
        n1, s1 = _normalise(x1)
        h = np.maximum(n1 @ w["expand"].T, 0.0)
        x2 = x1 + h @ w["contract"].T
        n2, s2 = _normalise(x2)
        shares = _softmax(n2 @ w["logits"].T)
        loss = -np.log(shares[rows_of, tokens[1:]]).sum() / length

        shares[rows_of, tokens[1:]] -= 1.0
        d = shares / length
        np.matmul(d.T, n2, out=g["logits"])
        d2 = _normalise_back(d @ w["logits"], x2, s2)
        np.matmul(d2.T, h, out=g["contract"])
        dh = d2 @ w["contract"] * (h > 0.0)
        np.matmul(dh.T, n1, out=g["expand"])
        d1 = d2 + _normalise_back(dh @ w["expand"], x1, s1)
        np.matmul(d1.T, mixed, out=g["mix"])
        dm = split(d1 @ w["mix"])
        du = a.transpose(0, 2, 1) @ dm
        da = dm @ u.transpose(0, 2, 1)
        ds = a * (da - (da * a).sum(axis=2, keepdims=True)) * scale
        flows = {"query": ds @ k, "key": ds.transpose(0, 2, 1) @ q, "value": du}
        dn = np.zeros_like(x0)
        for name, flow in flows.items():
            joined = join(flow)
            np.matmul(joined.T, n0, out=g[name])
            dn += joined @ w[name]
        d0 = d1 + _normalise_back(dn, x0, s0)
        g["token"][:] = 0.0
        np.add.at(g["token"], tokens[:-1], d0)
        g["position"][:length] = d0

        steps += 1
        np.multiply(m, beta, out=m)
        np.add(m, (1 - beta) * gradient, out=m)
        np.multiply(v, gamma, out=v)
        np.add(v, (1 - gamma) * gradient * gradient, out=v)
        root = np.sqrt(v / (1 - gamma**steps))
        root += problem.epsilon
        everything[:] -= (problem.lr / (1 - beta**steps)) * m / root
        return float(loss)

    return Job(step, lambda: [*everything.tolist(), *m.tolist(), *v.tolist()])


def _views(flat: Array, shapes: dict[str, Any]) -> dict[str, Array]:
    ends = np.cumsum([a * b for a, b in shapes.values()])
    parts = np.split(flat, ends[:-1])
    return {n: part.reshape(s) for (n, s), part in zip(shapes.items(), parts, strict=True)}


def _softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers


def _normalise(x: Array) -> tuple[Array, Array]:
    scale = ((x * x).mean(axis=1, keepdims=True) + 1e-5) ** -0.5
    return x * scale, scale


def _normalise_back(d: Array, x: Array, scale: Array) -> Array:
    along = (d * x).sum(axis=1, keepdims=True) * scale**3 / x.shape[1]
    return d * scale - x * along


def watched(problem: Point) -> Job:
    """What is left of it once the settings are taken to stay: a loop over floats."""
    found = 0.0

    def step() -> float:
        nonlocal found
        found = sum(problem.x, 1.0)
        return found

    return Job(step, lambda: [found])
