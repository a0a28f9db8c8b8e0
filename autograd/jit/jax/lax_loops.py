"""Loops of a program as those of JAX.

They become `lax.scan` over rows, `vmap` where turns do not need each other, or `lax.while_loop`.
What a turn carries is one array, and so is what it reads of the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from autograd.jit.jax.lax_functions import varying
from autograd.jit.jax.staging import Staged
from autograd.jit.jax.store import Store
from autograd.jit.programs.compound import Compound, Item, Literal
from autograd.jit.programs.loops import Loop
from autograd.jit.programs.mapped import is_mapped

Evaluate: TypeAlias = Callable[[Staged, Any, Store], Any]
"""`evaluation.evaluate`."""


def of_compound(
    operation: Compound, operands: list[Any], made: Staged, store: Store, evaluate: Evaluate
) -> Any:
    """The places of a row, of a number in one, or of all that a loop returns."""
    if isinstance(operation, Loop):
        return _loop(operation, operands, made, store, evaluate)
    if isinstance(operation, Item):
        return operands[0][operation.place]
    if isinstance(operation, Literal):
        return store.add(np.array([float(x) for x in operation.numbers]))
    return np.array(operands, np.int64)


def _loop(
    loop: Loop, operands: list[Any], made: Staged, store: Store, evaluate: Evaluate
) -> list[Any]:
    """The places of what a loop carries out, and of the rows that it leaves."""
    k, ends = loop.carried, loop.carried + loop.rows
    carry = store.array(np.array(operands[:k], np.int64))
    rows = np.array(operands[k:ends], np.int64).T if loop.rows else np.zeros((0, 0), np.int64)
    same = store.array(np.array(operands[ends:], np.int64))
    turns = loop.turns if loop.turns is not None else len(rows)
    if loop.again is not None:
        last = _while(loop, made, carry, same, store, evaluate)
        return [*store.add(last)]
    if not turns:
        return [*store.add(carry), *[np.zeros(0, np.int64)] * loop.left]
    xs = store.array(rows) if loop.rows else jnp.zeros((turns, 0), store.dtype)
    body = made.bodies[id(loop.body)]

    def turn(carry: Any, row: Any) -> Any:
        return _turn(evaluate, body, [carry, row, same], loop.carried, store)

    found: Any
    if is_mapped(loop):
        nothing = jnp.zeros_like(carry)
        added, found = jax.vmap(lambda row: turn(nothing, row))(xs)
        last = carry + added.sum(axis=0)
    else:
        first = varying(carry, xs, same)
        last, found = lax.scan(turn, first, xs, reverse=loop.is_reversed)
    left, holds, finite = found
    store.holds += [x.all() for x in holds]
    store.finite += [jnp.where(x.all(), 0.0, jnp.inf).reshape(1) for x in finite]
    return [*store.add(last), *store.add(left.T)]


def _turn(
    evaluate: Evaluate, body: Staged, given: list[Any], carried: int, outer: Store
) -> tuple[Any, tuple[Any, list[Any], list[Any]]]:
    """What a turn carries on, what it leaves, and whether guards hold and numbers are finite."""
    store = outer.another()
    found = store.array(evaluate(body, np.concatenate([store.add(x) for x in given]), store))
    store.check(found)
    return found[:carried], (found[carried:], store.all_hold(), store.all_finite())


def _while(
    loop: Loop, made: Staged, carry: Any, same: Any, outer: Store, evaluate: Evaluate
) -> Any:
    """The last carry of a loop that goes on while a condition holds."""
    assert loop.again is not None
    body, again = made.bodies[id(loop.body)], made.bodies[id(loop.again)]

    def turn(carry: Any) -> Any:
        last, (_, *marks) = _turn(evaluate, body, [carry, same], loop.carried, outer)
        return last, marks

    def goes_on(state: Any) -> Any:
        store = outer.another()
        given = np.concatenate([store.add(state[0]), store.add(same)])
        return store.array(evaluate(again, given, store)[0]) != 0.0

    def next_turn(state: Any) -> Any:
        last, marks = turn(state[0])
        return last, jax.tree.map(jnp.logical_and, state[1], marks)

    first = varying(carry, same)
    marks = jax.tree.map(lambda x: jnp.ones_like(x, bool), jax.eval_shape(turn, first)[1])
    last, (holds, finite) = lax.while_loop(goes_on, next_turn, (first, marks))
    outer.holds += holds
    outer.finite += [jnp.where(x, 0.0, jnp.inf).reshape(1) for x in finite]
    return last
