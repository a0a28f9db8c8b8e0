"""A program on JAX's arrays: its stages, one after the other, while JAX traces.

The array operations of a plan are the same as for NumPy and machine code, whose buffer is a `Store`
here; loops are those of JAX (`lax_loops`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import compress
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from autograd.jit.arrays.buffer_plan import (
    Apply,
    Check,
    Entry,
    Gather,
    Plan,
    Product,
    Ragged,
    Reduce,
    Scalars,
    Take,
)
from autograd.jit.arrays.lift import EXTREMES
from autograd.jit.jax.lax_functions import take
from autograd.jit.jax.lax_loops import of_compound
from autograd.jit.jax.lax_rules import differentiable
from autograd.jit.jax.lax_table import computed
from autograd.jit.jax.staging import Lifted, Staged, staged
from autograd.jit.jax.store import Store
from autograd.jit.programs.compound import Compound
from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import OPERATIONS
from autograd.primitives.definition import Primitive
from autograd.primitives.tracing import ACCUMULATE

SUM, TAKE = OPERATIONS["sum"], OPERATIONS["take"]
CHAINS = {SUM, OPERATIONS["dot"], ACCUMULATE}
LONGEST_CHAIN = 16
"""Sums of so many operands are written out: XLA computes them together with what is around them."""

LEAST_BATCH = 8
"""From so many on single numbers are computed as an array."""

MOST_PADDED = 4
"""Spans of an array are padded to one length, unless that makes so many times as many numbers."""


def function_of_rows(program: Program) -> Callable[..., Any]:
    """A program as a function of rows of inputs, in parts, to rows of outputs, with derivatives."""
    made = staged(program)

    def of_row(*parts: Any) -> Any:
        store = Store(parts[0].dtype, derives=True, checks=False)
        given = np.concatenate([store.add(x) for x in parts])
        return store.array(evaluate(made, given, store))

    return cast(Callable[..., Any], jax.vmap(of_row))


def evaluate(made: Staged, inputs: Any, store: Store) -> Any:
    """The places of a program's outputs.

    Args:
        made: the program.
        inputs: the places of its inputs.
        store: where its numbers are kept; guards are noted there.
    """
    program = made.program
    places: dict[int, Any] = dict(zip(program.inputs, inputs, strict=True))

    def at(nodes: Sequence[int]) -> list[Any]:
        for i in nodes:
            if i not in places:
                places[i] = store.add(np.array([float(program.constants[i])]))[0]
        return [places[i] for i in nodes]

    def note(guards: Sequence[tuple[int, bool]], are_known: Sequence[bool]) -> list[Any]:
        """Note whether the guards hold whose nodes are known; those that are left."""
        if any(are_known):
            nodes, outcomes = zip(*compress(guards, are_known), strict=True)
            found = store.array(np.array(at(nodes))) != 0.0
            store.holds.append((found == np.array(outcomes)).all())
        return [guard for guard, is_known in zip(guards, are_known, strict=True) if not is_known]

    guards: Sequence[tuple[int, bool]] = program.guards
    for stage in made.stages:
        if isinstance(stage, Lifted):
            found = _run(stage.plan, np.array(at(stage.inputs), np.int64), store)
            places.update(zip(stage.outputs, found, strict=True))
            continue
        operation = program.operations[stage]
        assert isinstance(operation, Compound)
        guards = note(guards, [node in places for node, _ in guards])  # a loop may depend on them
        places[stage] = of_compound(operation, at(program.operands[stage]), made, store, evaluate)
    note(guards, [True] * len(guards))
    if suspects := [*program.suspects, *program.regrouped]:
        store.check(store.array(np.array(at(suspects))))
    return np.array(at(program.outputs), np.int64)


# Array operations


def _run(plan: Plan, inputs: Any, store: Store) -> Any:
    """The places of the outputs of array operations."""
    places = np.full(plan.size, -1)
    places[: plan.inputs] = inputs
    for start, numbers in plan.literals:
        places[start : start + len(numbers)] = store.add(np.array(numbers))
    for step in plan.steps:
        if isinstance(step, Scalars):
            for batch in _batches(step.entries):
                _run_batch(batch, places, store)
            continue
        assert not isinstance(step, Check)  # a stage has no guards
        out = step.out.positions()
        found = jnp.broadcast_to(_STEPS[type(step)](step, places, store), out.shape)
        if store.checks and step.out.start in plan.told:
            found = _signed(step, found, places, store)
        places[out] = store.add(found)
    return places[plan.outputs]


def _batches(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Operations on single numbers, those of a kind together that do not need each other."""
    found: list[list[Entry]] = []
    made: set[int] = set()
    for entry in entries:
        operation, out, operands = entry
        last = found[-1][0] if found else None
        if (
            last is None
            or (last[0], len(last[2])) != (operation, len(operands))
            or not made.isdisjoint(operands)
        ):
            found.append([])
            made = set()
        found[-1].append(entry)
        made.add(out)
    return [x for batch in found for x in ([batch] if len(batch) >= LEAST_BATCH else _each(batch))]


def _each(batch: Sequence[Entry]) -> list[list[Entry]]:
    return [[entry] for entry in batch]


def _run_batch(batch: Sequence[Entry], places: Any, store: Store) -> None:
    operation = batch[0][0]
    table = places[np.array([operands for _, _, operands in batch], np.int64)]
    columns = table.T
    if operation is TAKE:
        found = take(store.array(table[:, 0]), store.array(table[:, 1:]))
    elif operation in CHAINS and 0 < len(columns) <= LONGEST_CHAIN:
        found = _chain(operation, [store.array(column) for column in columns])
    elif operation.arity is None:
        found = _reduced(operation, table, store)
    else:
        found = _applied(operation, [store.read(x) for x in columns], (len(batch),), store)
    places[[out for _, out, _ in batch]] = store.add(found)


def _chain(operation: Primitive, columns: Sequence[Any]) -> Any:
    """A sum or inner product, from left to right."""
    half = len(columns) // 2
    if operation is not SUM:
        columns = [a * b for a, b in zip(columns[:half], columns[half:], strict=True)]
    return reduce(jnp.add, columns)


def _applied(
    operation: Primitive, operands: Sequence[Any], shape: tuple[int, ...], store: Store
) -> Any:
    """An operation, number by number, on arrays that broadcast to a shape."""
    numbers = [_same(x) for x in operands]
    if all(x is not None for x in numbers):
        numbers = [None] * len(numbers)
    if "propagates" not in operation.facts:
        for x in operands:
            store.check(x)
    given = [
        jnp.broadcast_to(jnp.asarray(x, store.dtype), shape)
        for x, number in zip(operands, numbers, strict=True)
        if number is None
    ]
    if store.derives:
        return differentiable(operation, tuple(numbers))(*given)
    waiting = iter(given)
    return computed(operation)(*[next(waiting) if x is None else x for x in numbers])


def _same(x: Any) -> float | None:
    """The number that all of an array of constants are; None if there is none."""
    if not isinstance(x, np.ndarray) or not x.size:
        return None
    bits = np.ascontiguousarray(x, np.float64).reshape(-1).view(np.int64)
    return float(x.flat[0]) if (bits == bits[0]).all() else None


def _reduced(operation: Primitive, table: Any, store: Store) -> Any:
    """An operation of any number of operands, on the numbers at each row of places."""
    if not table.shape[-1]:
        return jnp.full(table.shape[:-1], float(operation.value()), store.dtype)
    x = store.array(table)
    if "propagates" not in operation.facts:
        store.check(x)
    if store.derives:
        return differentiable(operation, (None,) * table.shape[-1])(x)
    return computed(operation)(x)


def _apply(step: Apply, places: Any, store: Store) -> Any:
    operands = [store.read(places[x.positions()]) for x in step.operands]
    return _applied(step.operation, operands, step.out.shape, store)


def _reduce(step: Reduce, places: Any, store: Store) -> Any:
    table = places[step.operand.positions()].reshape(*step.out.shape, -1)
    return _reduced(step.operation, table, store)


def _ragged(step: Ragged, places: Any, store: Store) -> Any:
    """Spans of an array as rows of one length, filled up with what changes nothing."""
    flat = places[step.operand.positions().reshape(-1)]
    stops = np.append(step.starts[1:], len(flat))
    lengths = stops - step.starts
    if step.operation is SUM and lengths.max() * len(lengths) > MOST_PADDED * len(flat):
        owners = np.repeat(np.arange(len(lengths)), lengths)
        total = jax.ops.segment_sum(store.array(flat), owners, len(lengths))
        return total.reshape(step.out.shape)
    assert step.operation.joins is not None
    filler = store.add(np.array([step.operation.joins.neutral]))[0]
    table = np.full((len(lengths), lengths.max()), filler)
    table[np.arange(lengths.max()) < lengths[:, None]] = flat
    return _reduced(step.operation, table, store).reshape(step.out.shape)


def _take(step: Take, places: Any, store: Store) -> Any:
    index = store.array(places[step.index.positions()]).reshape(-1)
    return take(index, store.array(places[step.table])).reshape(step.out.shape)


def _product(step: Product, places: Any, store: Store) -> Any:
    """Rows times rows. One row comes first: many of it, by `vmap`, are then the rows of a matrix.

    In the other order XLA would turn all of them over, before the product and behind it.
    """
    left, right = (store.array(places[x.positions()]) for x in (step.left, step.right))
    first, last = (right, left) if right.shape[-2] == 1 else (left, right)
    found = jnp.matmul(first, jnp.swapaxes(last, -1, -2), precision=lax.Precision.HIGHEST)
    return found if first is left else jnp.swapaxes(found, -1, -2)


def _gather(step: Gather, places: Any, store: Store) -> Any:
    return store.array(places[step.index].reshape(step.out.shape))


def _signed(step: Any, found: Any, places: Any, store: Store) -> Any:
    """The results with the sign of their zeros, which counts here."""
    if isinstance(step, Product):
        left, right = (store.array(places[x.positions()]) for x in (step.left, step.right))
        terms = left[..., :, None, :] * right[..., None, :, :]
    elif isinstance(step, Reduce):
        table = places[step.operand.positions()].reshape(*step.out.shape, -1)
        terms = store.array(table)
    else:
        return found
    if isinstance(step, Product) or step.operation is SUM:
        return jnp.where((found == 0.0) & jnp.signbit(terms).all(axis=-1), -0.0, found)
    if step.operation in EXTREMES:  # the first of two zeros counts, which is not known here
        zero = (terms == 0.0) & (found == 0.0)[..., None]
        both = (zero & jnp.signbit(terms)).any(axis=-1) & (zero & ~jnp.signbit(terms)).any(axis=-1)
        store.finite.append(jnp.where(both.any(), jnp.inf, 0.0).reshape(1))
    return found


_STEPS: dict[type[Any], Callable[[Any, Any, Store], Any]] = {
    Apply: _apply,
    Reduce: _reduce,
    Ragged: _ragged,
    Take: _take,
    Product: _product,
    Gather: _gather,
}
