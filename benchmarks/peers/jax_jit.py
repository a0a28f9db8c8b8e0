"""JAX: the whole step jitted, float64, the parameters' buffers donated, results waited for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, NamedSharding, PartitionSpec

from benchmarks.job import Job, flat
from benchmarks.peers.jax_processes import meet
from benchmarks.problems import Chain, Network, Point, Shared, Text

jax.config.update("jax_enable_x64", True)

Array = Any


def descent(
    parameters: Any, lr: float, loss: Callable[..., Array], x: Array, t: Array
) -> tuple[Callable[[], Array], Callable[[], Any]]:
    """A step of gradient descent, which returns the loss, and what returns the parameters."""

    def update(p: Any, x: Array, t: Array) -> tuple[Any, Array]:
        value, gradients = jax.value_and_grad(loss)(p, x, t)
        return jax.tree.map(lambda a, g: a - lr * g, p, gradients), value

    compiled = jax.jit(update, donate_argnums=0)

    def step() -> Array:
        nonlocal parameters
        parameters, value = compiled(parameters, x, t)
        jax.block_until_ready(parameters)
        return value

    return step, lambda: parameters


def _network(problem: Network, loss: Callable[..., Array], x: Array, t: Array) -> Job:
    parameters = [(jnp.array(layer.weights).T, jnp.array(layer.biases)) for layer in problem.layers]
    step, now = descent(parameters, problem.lr, loss, x, t)
    return Job(step, lambda: [x for w, b in now() for x in (*flat(w.T), *flat(b))])


def xor(problem: Network) -> Job:
    """Sigmoids; the last one is part of the loss."""

    def loss(p: Any, x: Array, t: Array) -> Array:
        (w1, b1), (w2, b2) = p
        z = (jax.nn.sigmoid(x @ w1 + b1) @ w2 + b2)[:, 0]
        return (jax.nn.softplus(z) - t * z).mean()

    return _network(problem, loss, jnp.array(problem.rows), jnp.array(problem.targets, float))


def _outputs(p: Any, x: Array) -> Array:
    *hidden, (w, b) = p
    for weights, biases in hidden:
        x = jax.nn.relu(x @ weights + biases)
    return x @ w + b


def moons(problem: Network) -> Job:
    """ReLUs, a hinge and weight decay."""
    x, t = jnp.array(problem.rows), jnp.array(problem.targets, float)
    return _network(problem, _moons_loss(problem), x, t)


def _moons_loss(problem: Network) -> Callable[..., Array]:
    def loss(p: Any, x: Array, t: Array) -> Array:
        hinge = jax.nn.relu(1 - t * _outputs(p, x)[:, 0]).mean()
        return hinge + problem.decay * sum((q**2).sum() for q in jax.tree.leaves(p))

    return loss


mapped = moons


def sharded(problem: Shared) -> Job:
    """The same, with the rows shared out among devices."""
    x, t = shared_out(problem)
    return _network(problem.network, _moons_loss(problem.network), x, t)


def joint(problem: Shared) -> Job:
    """The same in several processes."""
    meet(problem, __name__)
    return sharded(problem)


def shared_out(problem: Shared) -> tuple[Array, Array]:
    """The rows and the targets, a part on each device, of which a CPU counts as so many."""
    jax.config.update("jax_num_cpu_devices", problem.devices // problem.processes)
    mesh = jax.make_mesh((problem.devices,), ("rows",), axis_types=(AxisType.Auto,))
    parts = NamedSharding(mesh, PartitionSpec("rows"))
    x, t = np.array(problem.network.rows), np.array(problem.network.targets, float)
    return jax.device_put(x, parts), jax.device_put(t, parts)


def digits(problem: Network) -> Job:
    """ReLUs and the log-softmax of the right class."""

    def loss(p: Any, x: Array, t: Array) -> Array:
        shares = jax.nn.log_softmax(_outputs(p, x))
        return -jnp.take_along_axis(shares, t[:, None], axis=1).mean()

    return _network(problem, loss, jnp.array(problem.rows), jnp.array(problem.targets))


def gpt(problem: Text) -> Job:
    """All positions at once, behind a causal mask."""
    length, heads = len(problem.documents[0]) - 1, problem.heads
    mask = jnp.tril(jnp.ones((length, length), bool))

    def normalise(x: Array) -> Array:
        return x * jax.lax.rsqrt((x * x).mean(axis=1, keepdims=True) + 1e-5)

    def loss(w: dict[str, Array], tokens: Array) -> Array:
        x = w["token"][tokens[:-1]] + w["position"][:length]
        n = normalise(x)
        q, k, v = (
            (n @ w[name].T).reshape(length, heads, -1).transpose(1, 0, 2)
            for name in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 2, 1) * q.shape[-1] ** -0.5
        mixed = jax.nn.softmax(jnp.where(mask, scores, -jnp.inf)) @ v
        x = x + mixed.transpose(1, 0, 2).reshape(length, -1) @ w["mix"].T
        x = x + jax.nn.relu(normalise(x) @ w["expand"].T) @ w["contract"].T
        shares = jax.nn.log_softmax(normalise(x) @ w["logits"].T)
        return -jnp.take_along_axis(shares, tokens[1:, None], axis=1).mean()

    return adam(problem, loss, [jnp.array(d) for d in problem.documents])


def adam(problem: Text, loss: Callable[..., Array], documents: Sequence[Array]) -> Job:
    """Adam within the jitted step, a document each."""
    weights = {name: jnp.array(rows) for name, rows in problem.weights.items()}
    zeros = lambda: {name: jnp.zeros_like(w) for name, w in weights.items()}
    state = (weights, zeros(), zeros(), jnp.array(0.0))
    beta, gamma = problem.betas

    def update(state: Any, tokens: Array) -> tuple[Any, Array]:
        w, m, v, step = state
        value, g = jax.value_and_grad(loss)(w, tokens)
        step = step + 1
        m = jax.tree.map(lambda m, g: beta * m + (1 - beta) * g, m, g)
        v = jax.tree.map(lambda v, g: gamma * v + (1 - gamma) * g * g, v, g)
        rate, scale = problem.lr / (1 - beta**step), 1 / (1 - gamma**step)
        w = jax.tree.map(
            lambda w, m, v: w - rate * m / (jnp.sqrt(v * scale) + problem.epsilon), w, m, v
        )
        return (w, m, v, step), value

    compiled = jax.jit(update, donate_argnums=0)
    steps = 0

    def step() -> Array:
        nonlocal state, steps
        state, value = compiled(state, documents[steps % len(documents)])
        steps += 1
        jax.block_until_ready(state)
        return value

    return Job(
        step, lambda: [x for part in state[:3] for name in weights for x in flat(part[name])]
    )


def _rosenbrock(x: Array) -> Array:
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def rosenbrock(problem: Point) -> Job:
    """One vector."""
    x, found = jnp.array(problem.x), [None]
    compiled = jax.jit(jax.value_and_grad(_rosenbrock))

    def step() -> Array:
        value, found[0] = jax.block_until_ready(compiled(x))
        return value

    return Job(step, lambda: flat(found[0]))


def hessian(problem: Point) -> Job:
    """`jax.hessian`, jitted."""
    x, found = jnp.array(problem.x), [None]
    compiled = jax.jit(jax.hessian(lambda x: _rosenbrock(x) + jax.scipy.special.logsumexp(x)))

    def step() -> Array:
        found[0] = jax.block_until_ready(compiled(x))
        return found[0][0, 0]

    return Job(step, lambda: flat(found[0]))


def chain(problem: Chain) -> Job:
    """A loop of the compiler's own, `fori_loop` with a fixed number of turns."""

    def value(x: Array) -> Array:
        turn = lambda _, x: x * problem.factor + problem.term
        return jax.lax.fori_loop(0, problem.length // 2, turn, x)

    compiled, found = jax.jit(jax.value_and_grad(value)), [None]
    start = jnp.array(problem.start)

    def step() -> Array:
        result, found[0] = jax.block_until_ready(compiled(start))
        return result

    return Job(step, lambda: flat(found[0]))
