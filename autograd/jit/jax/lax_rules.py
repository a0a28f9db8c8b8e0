"""Derivatives for JAX: those of the primitives' own rules.

JAX would differentiate the lowering of `relu`, and say 0.5 at 0. So each operation gets a
`jax.custom_jvp` made of its rule, which is traced once, as a function is: `rule(g, out, *operands)`
becomes a program. It is linear in `g`. A tangent of an operand takes the place of `g` in the
contribution to that operand, and the sum of the contributions is the tangent of the result. JAX
transposes that for reverse mode, which gives the rule back, operation for operation, its choices
included: so derivatives at corners are those of the engine to the last bit, and a side that is not
taken multiplies nothing. The operations of the program are differentiable in the same way, so there
are derivatives of any order.

A rule that branches on its operands is traced at many operands, and JAX chooses among the branches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias, cast

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero

from autograd.errors import TraceError
from autograd.jit.jax.checks import checked, spoiling
from autograd.jit.jax.lax_table import FOLLOWING, TIMES, computed
from autograd.jit.jax.traced_rules import Rule, may_be_unknown, needed, rules
from autograd.jit.programs.program import Program
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive

WHERE = TABLE["where"]

Fixed: TypeAlias = tuple[float | None, ...]
"""For each operand the number that it always is, or None."""


def pushforward(rule: Rule, moving: Sequence[int]) -> Program:
    """The program of the tangent of the result, as far as some operands move.

    Args:
        rule: a branch of the rule.
        moving: which of the operands. The inputs are the result, all operands, and a tangent for
            each of these.
    """
    program = rule.program
    g, *others = program.inputs
    linear = {g}
    for node, operands in enumerate(program.operands):
        if not linear.isdisjoint(operands):
            linear.add(node)
    made = Program()
    found: dict[int, int] = {i: made.input(program.names.get(i, "")) for i in others}
    tangents = [made.input(f"tangent[{i}]") for i in moving]
    wanted = [flow for i in moving if (flow := rule.flows[i]) is not None]
    read = needed(program, wanted)
    for node, operation in enumerate(program.operations):
        if node in program.constants:
            found[node] = made.constant(float(program.constants[node]))
        elif operation is not None and node not in linear and node in read:
            found[node] = made.apply(operation, *[found[i] for i in program.operands[node]])
    nothing = made.constant(0.0)
    own: dict[tuple[int, int], int] = {}

    def along(node: int, tangent: int) -> int:
        """A node with a tangent in the place of `g`: each side of a choice where it is taken."""
        if node == g or node not in linear:
            return tangent if node == g else found[node]
        if (node, tangent) not in own:
            operation, operands = program.operations[node], program.operands[node]
            assert operation is not None
            moved = [tangent] * len(operands)
            if operation is WHERE and operands[0] not in linear:
                condition, *sides = operands
                for k, both in enumerate(((tangent, nothing), (nothing, tangent))):
                    if sides[k] in linear and sides[k] != g:  # which might multiply 0 by infinity
                        moved[k + 1] = made.apply(WHERE, found[condition], *both)
            at = [along(i, t) for i, t in zip(operands, moved, strict=True)]
            own[node, tangent] = made.apply(operation, *at)
        return own[node, tangent]

    terms: list[int] = []
    for i, tangent in zip(moving, tangents, strict=True):
        flow = rule.flows[i]
        if flow is None:
            continue
        if flow in linear:
            terms.append(along(flow, tangent))
        else:  # a plain number, such as NaN: times the tangent, to be linear
            terms.append(made.apply(TABLE["mul"], tangent, found[flow]))
    if terms:
        made.outputs = [terms[0] if len(terms) == 1 else made.apply(TABLE["sum"], *terms)]
    return made


def differentiable(operation: Primitive, fixed: Fixed) -> Callable[..., Any]:
    """An operation on arrays, with the derivative of its rule.

    Args:
        operation: the primitive.
        fixed: for each operand the number that it always is, or None.

    Returns:
        A function of the operands that are not fixed; of an operation of any number of operands, a
        function of one array, whose last axis they are.
    """
    return _differentiable(operation, tuple("" if x is None else repr(x) for x in fixed))


@lru_cache(maxsize=4096)
def _differentiable(operation: Primitive, texts: tuple[str, ...]) -> Callable[..., Any]:
    fixed = [float(x) if x else None for x in texts]
    of_rows = operation.arity is None

    def value(*xs: Any) -> Any:
        lowering = computed(operation)  # a user's may come later
        if of_rows:
            return lowering(*xs)
        given = iter(xs)
        return lowering(*[next(given) if x is None else x for x in fixed])

    if operation in FOLLOWING:
        return value
    wrapped = jax.custom_jvp(value)

    def jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        out = wrapped(*primals)
        moving = [i for i, t in enumerate(tangents) if not isinstance(t, SymbolicZero)]
        moved = [tangents[i] for i in moving]
        branches = rules(operation, texts)
        if of_rows:
            if branches[0].program.guards:
                raise TraceError(
                    f"as_jax: the derivative rule of {operation.name}, a primitive of any number of"
                    " operands, chooses by if (use autograd.where)"
                )
            program = pushforward(branches[0], range(primals[0].shape[-1]))
            return out, _reduced(program, out, primals[0], moved[0])
        if len(branches) == 1 and not branches[0].program.guards:
            return out, _elementwise(branches[0], moving, [out, *primals], moved)
        return out, _branched(operation, branches, moving, [out, *primals], moved)

    wrapped.defjvp(jvp, symbolic_zeros=True)
    return cast(Callable[..., Any], wrapped)


def _elementwise(
    rule: Rule, moving: Sequence[int], given: Sequence[Any], moved: Sequence[Any]
) -> Any:
    """The tangent of the result, given that and the operands."""
    program = pushforward(rule, moving)
    zero = jnp.zeros_like(given[0])
    if not program.outputs:
        return zero
    found = program.interpret([*given, *moved], _on_arrays)
    return zero + found[program.outputs[0]]


def _branched(
    operation: Primitive,
    branches: Sequence[Rule],
    moving: Sequence[int],
    given: Sequence[Any],
    moved: Sequence[Any],
) -> Any:
    """The tangent by the branch that holds, for each number; NaN where the value is.

    A branch is computed where it was traced if another one holds, so that nothing is infinite.
    """
    tangent = jnp.zeros_like(given[0])
    known = jnp.zeros_like(given[0], bool)
    for rule in branches:
        conditions = rule.program.interpret([jnp.ones_like(given[0]), *given], _on_arrays)
        holds = jnp.ones_like(known)
        for node, outcome in rule.program.guards:
            holds &= (conditions[node] != 0.0) == outcome
        safe = [jnp.where(holds, x, y) for x, y in zip(given, rule.at, strict=True)]
        own = [jnp.where(holds, t, 0.0) for t in moved]  # which stops 0 * inf in reverse mode
        tangent = jnp.where(holds, _elementwise(rule, moving, safe, own), tangent)
        known |= holds
    mark: Any = jnp.nan
    if may_be_unknown(operation):
        message = (
            f"as_jax: the derivative rule of the primitive {operation.name} takes a branch in which"
            " it was never traced: choose by autograd.where, not by if"
        )
        mark *= checked((known | jnp.isnan(given[0])).all(), message, tangent.dtype)
    nothing = spoiling(sum(given[1:]), known, mark)
    for t in moved:  # in reverse mode too
        tangent += jnp.where(known, 0.0, nothing * t)
    return tangent


def _on_arrays(operation: Primitive) -> Callable[..., Any]:
    """What an operation of a rule is on arrays, some of which are constant numbers."""

    def apply(*operands: Any) -> Any:
        fixed = tuple([x if x.__class__ is float else None for x in operands])
        given = [x for x in operands if x.__class__ is not float]
        if not given:
            return float(operation.value(*operands))
        if operation is TABLE["sum"]:
            return sum(operands[1:], operands[0])
        if operation.arity is not None:
            return differentiable(operation, fixed)(*given)
        shape = jnp.broadcast_shapes(*map(jnp.shape, given))
        columns = [jnp.broadcast_to(jnp.asarray(x, given[0].dtype), shape) for x in operands]
        return differentiable(operation, (None,) * len(columns))(jnp.stack(columns, axis=-1))

    return apply


def _reduced(program: Program, out: Any, x: Any, tangent: Any) -> Any:
    """The tangent of an operation on each row of an array: by array operations, as of a program."""
    from autograd.jit.jax.evaluation import function_of_rows

    if not program.outputs:
        return jnp.zeros_like(out)
    count = x.shape[-1]
    coefficients, linear = parted(program, count)
    rows = [out.reshape(-1, 1), x.reshape(-1, count)]
    if coefficients.outputs:
        rows.append(function_of_rows(coefficients)(*rows))
    return function_of_rows(linear)(*rows, tangent.reshape(-1, count)).reshape(out.shape)


def parted(program: Program, count: int) -> tuple[Program, Program]:
    """What a pushforward computes of the operands, and what it then computes of the tangents.

    One array operation computes all that is alike; if some of it were linear in the tangents and
    some not, JAX could not transpose it.

    Args:
        program: the pushforward.
        count: how many tangents there are, which are the last inputs.

    Returns:
        The first program, and the second, whose inputs are those of the first, its outputs, and the
        tangents. A tangent is the first operand of a product.
    """
    given, tangents = program.inputs[:-count], program.inputs[-count:]
    linear = set(tangents)
    for node, operands in enumerate(program.operands):
        if not linear.isdisjoint(operands):
            linear.add(node)
    read = (
        {i for node in linear for i in program.operands[node]} - linear - program.constants.keys()
    )
    between = sorted(read.difference(given))
    first, last = Program(), Program()
    for made, inputs, is_wanted in (
        (first, given, lambda node: node not in linear),
        (last, [*given, *between, *tangents], linear.__contains__),
    ):
        found = {i: made.input(program.names.get(i, "")) for i in inputs}
        for node, operation in enumerate(program.operations):
            if node in program.constants:
                found[node] = made.constant(float(program.constants[node]))
            elif operation is not None and node not in found and is_wanted(node):
                at = list(program.operands[node])
                if operation is TABLE["mul"] and made is last:
                    operation = TIMES
                    at = at if at[0] in linear else at[::-1]
                found[node] = made.apply(operation, *[found[i] for i in at])
        made.outputs = [found[i] for i in (between if made is first else program.outputs)]
    return first, last
