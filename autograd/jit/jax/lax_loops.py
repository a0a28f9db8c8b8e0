"""Loops of a program as those of JAX.

They become `lax.scan` over rows, `vmap` where turns do not need each other, or `lax.while_loop`.
What a turn carries is one array, and so is what it reads of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
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

    def turn(carry: Any, row: Any, *around: Any) -> Any:
        return _turn(evaluate, body, [carry, row, same], loop.carried, store, *around)

    def turn_after(state: tuple[Any, Any], row: Any) -> Any:
        carry, found = turn(state[0], row, state[1])
        return (carry, reduce(jnp.logical_and, found[1], state[1])), found

    found: Any
    if is_mapped(loop):
        nothing = jnp.zeros_like(carry)
        added, found = jax.vmap(lambda row: turn(nothing, row))(xs)
        last = carry + added.sum(axis=0)
    elif body.has_guards and body.may_go_on:
        first = varying(carry, xs, same)
        held = varying(reduce(jnp.logical_and, store.so_far(), jnp.array(True)), xs, same, carry)
        (last, _), found = lax.scan(turn_after, (first, held), xs, reverse=loop.is_reversed)
    else:
        first = varying(carry, xs, same)
        last, found = lax.scan(turn, first, xs, reverse=loop.is_reversed)
    left, holds, finite = found
    store.holds += [x.all() for x in holds]
    store.finite += [jnp.where(x.all(), 0.0, jnp.inf).reshape(1) for x in finite]
    return [*store.add(last), *store.add(left.T)]


def _turn(
    evaluate: Evaluate,
    body: Staged,
    given: list[Any],
    carried: int,
    outer: Store,
    *around: Any,
) -> tuple[Any, tuple[Any, list[Any], list[Any]]]:
    """What a turn carries on, what it leaves, and whether guards hold and numbers are finite."""
    store = outer.another(*around)
    found = store.array(evaluate(body, np.concatenate([store.add(x) for x in given]), store))
    store.check(found)
    return found[:carried], (found[carried:], store.all_hold(), store.all_finite())


def _while(
    loop: Loop, made: Staged, carry: Any, same: Any, outer: Store, evaluate: Evaluate
) -> Any:
    """The last carry of a loop that goes on while a condition holds.

    It ends where a guard fails, also one before the loop: of the numbers of another branch it might
    never end. So it does where a number is not finite and the run is made again for that.
    """
    assert loop.again is not None
    body, again = made.bodies[id(loop.body)], made.bodies[id(loop.again)]
    ends_at_infinity = outer.checks and outer.dtype == np.float64

    def asked(carry: Any, holds: Any, finite: Any) -> Any:
        _, (goes_on, *marks) = _turn(evaluate, again, [carry, same], 0, outer, holds)
        return carry, goes_on[0] != 0.0, *_with((holds, finite), marks)

    def is_on(state: Any) -> Any:
        _, goes_on, holds, finite = state
        return goes_on & holds & finite if ends_at_infinity else goes_on & holds

    def next_turn(state: Any) -> Any:
        carry, _, holds, finite = state
        carry, (_, *marks) = _turn(evaluate, body, [carry, same], loop.carried, outer, holds)
        return asked(carry, *_with((holds, finite), marks))

    yes = jnp.array(True)
    first = [
        varying(x, carry, same) for x in (carry, reduce(jnp.logical_and, outer.so_far(), yes), yes)
    ]
    last, _, holds, finite = lax.while_loop(is_on, next_turn, asked(*first))
    if body.has_guards or again.has_guards:
        outer.holds.append(holds)
    if outer.checks:
        outer.finite.append(jnp.where(finite, 0.0, jnp.inf).reshape(1))
    return last


def _with(marks: tuple[Any, Any], more: Sequence[list[Any]]) -> list[Any]:
    """Whether guards hold and numbers are finite, and more of both do."""
    return [reduce(jnp.logical_and, x, mark) for mark, x in zip(marks, more, strict=True)]
