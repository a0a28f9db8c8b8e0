"""This project on JAX: the loss of one row by `as_jax`, mapped and differentiated by JAX.

The programs are the plain Python loops of `benchmarks.scalar`; steps are those of `jax_jit`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from autograd import as_jax, relu
from benchmarks import scalar
from benchmarks.job import Job, flat
from benchmarks.peers.jax_jit import adam, descent, shared_out
from benchmarks.peers.jax_processes import meet
from benchmarks.peers.ours_jit import OPERATIONS
from benchmarks.problems import Network, Shared, Text

Array = Any


def _network(problem: Network, row: Callable[..., Any], x: Array, t: Array) -> Job:
    """Steps of the mean of the losses of rows."""
    example = scalar.parameters(problem, float)
    one = as_jax(row, example, problem.rows[0], float(problem.targets[0]))

    def loss(p: Any, x: Array, t: Array) -> Array:
        squares = sum((q**2).sum() for q in jax.tree.leaves(p)) if problem.decay else 0.0
        return jax.vmap(one, (None, 0, 0))(p, x, t).mean() + problem.decay * squares

    parameters = [(jnp.array(layer.weights), jnp.array(layer.biases)) for layer in problem.layers]
    step, now = descent(parameters, problem.lr, loss, x, t)
    return Job(step, lambda: [x for w, b in now() for x in (*flat(w), *flat(b))])


def _arrays(problem: Network) -> tuple[Array, Array]:
    return jnp.array(problem.rows), jnp.array(problem.targets, float)


def _hinge(p: Any, x: Any, t: Any) -> Any:
    return relu(1.0 - t * scalar.outputs(p, x, OPERATIONS)[0])


def moons(problem: Network) -> Job:
    """A hinge for each row; weight decay is added by JAX."""
    return _network(problem, _hinge, *_arrays(problem))


mapped = moons


def sharded(problem: Shared) -> Job:
    """The same, with the rows shared out among devices."""
    x, t = shared_out(problem)
    return _network(problem.network, _hinge, x, t)


def joint(problem: Shared) -> Job:
    """The same in several processes."""
    meet(problem, __name__)
    return sharded(problem)


def digits(problem: Network) -> Job:
    """The cross-entropy of a row."""

    def row(p: Any, x: Any, t: Any) -> Any:
        return scalar.cross_entropy(scalar.outputs(p, x, OPERATIONS), t, OPERATIONS)

    return _network(problem, row, *_arrays(problem))


def gpt(problem: Text) -> Job:
    """Token by token."""
    weights = scalar.parameters(problem, float)
    loss = as_jax(
        lambda w, tokens: scalar.gpt(w, tokens, OPERATIONS, problem.heads),
        weights,
        [float(token) for token in problem.documents[0]],
    )
    return adam(problem, loss, [jnp.array(d, float) for d in problem.documents])
