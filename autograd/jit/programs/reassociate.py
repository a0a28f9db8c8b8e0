"""Reassociation: chains of additions become one sum, and sums of products one contraction.

A scalar program adds one number to another, again and again: a neuron adds weight times input, a
loss adds one sample's error, and an adjoint adds one contribution for each use of a number. As
`sum` and `dot` nodes they can become matrix products.

A *head* is an addition that is not a term of another. Its *terms* are found by going down through
additions that nothing else reads. A term that is a product, read by nothing else, is a pair for a
dot product, and so is each product of an `accumulate`. Pairs are separated by kind: products of two
computed numbers; a constant times an input; a constant times a computed number. Two or more of a
kind become a dot product. It comes before the remaining terms, which keep their order: a weighted
sum and its bias take the same form however they were written.

The new program is built in its simplest form (`fold`) as it goes, by rules that would hide sums:
simplifying a single term would make it differ from its neighbours.

This changes the order in which a sum is added up, and so its last bits. Where all terms may be -0.0
and the sign matters (`zeros`), 0.0 is added to a sum that started from 0.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import copysign
from operator import eq
from typing import NamedTuple, TypeAlias

from autograd.jit.programs.fold import ADD, DOT, MUL, SUM, Builder, finish
from autograd.jit.programs.program import Program
from autograd.jit.programs.reads import reads
from autograd.jit.programs.rewrites import FINITE, PURE, Rule
from autograd.jit.programs.zeros import Zeros
from autograd.primitives.tracing import ACCUMULATE

ADDITIONS = frozenset({ADD, SUM, ACCUMULATE})

Operands: TypeAlias = tuple[int, ...]
Pair: TypeAlias = tuple[int, int]


class Dot(NamedTuple):
    """Products that are added up.

    Attributes:
        left: their first factors.
        right: their second ones; a constant is here.
        is_square: whether the sum must come out finite.
    """

    left: Sequence[int]
    right: Sequence[int]
    is_square: bool


class Plan(NamedTuple):
    """What a head becomes.

    Attributes:
        dots: the products of each kind.
        rest: the other terms: nodes, and pairs that are the only ones of their kind.
        is_positive: whether a zero is 0.0, never -0.0.
    """

    dots: list[Dot]
    rest: list[int | Pair]
    is_positive: bool


def gather(program: Program, squares: set[int], table: Sequence[Rule]) -> Program:
    """The program with its sums gathered, and all else in its simplest form.

    Args:
        program: what to rewrite; it is not changed.
        squares: products that must be finite; the new program makes sure of it.
        table: the rules.
    """
    uses = reads(program, squares.union(program.inputs))
    zeros = Zeros(program, PURE, gathered=True)
    told, never = zeros.told, zeros.never
    plans = _plans(program, uses, squares)
    rest = [i for plan in plans.values() for i in plan.rest if isinstance(i, int)]
    taken_up = {i for i in rest if uses[i] == 1}
    builder = Builder(table)
    make, constants = builder.make, program.constants

    def positive(node: int) -> int:
        """The node, with 0.0 for -0.0."""
        return make(ADD, (node, builder.constant(0.0)))

    new: list[int] = []
    must_be_finite: dict[int, None] = {}
    nodes = zip(program.operations, program.operands, uses, strict=True)
    for node, (operation, operands, count) in enumerate(nodes):
        if not count:
            new.append(-1)
        elif operation is None:
            if node in constants:
                new.append(builder.constant(constants[node]))
            else:
                new.append(builder.input(program.names.get(node, "")))
        elif operation in ADDITIONS:
            plan = plans.pop(node)
            terms = []
            for left, right, is_square in plan.dots:
                terms.append(_dot(builder, [new[i] for i in left], [new[i] for i in right]))
                if is_square:
                    must_be_finite[terms[-1]] = None
            for term in plan.rest:
                if isinstance(term, int):
                    terms.append(new[term])
                else:
                    terms.append(make(MUL, (new[term[0]], new[term[1]])))
            is_other = plan.is_positive and node in told and _may_be_negative(plan, never)
            inputs = (k for k, i in enumerate(terms) if builder.program.operations[i] is None)
            shared = next(inputs, None) if is_other else None  # by all that add it
            if shared is not None:
                terms[shared] = positive(terms[shared])
            total = _sum(builder, terms, node in told)
            new.append(positive(total) if is_other and shared is None and terms else total)
        else:
            found = make(operation, tuple([new[i] for i in operands]), node in told)
            if operation is DOT and node in told and node not in never and node not in taken_up:
                found = positive(found)
            if node in squares:
                must_be_finite[found] = None
            new.append(found)
    finish(program, builder.program, new)
    if must_be_finite:
        make(FINITE, (_sum(builder, list(must_be_finite)),))
    return builder.program


def _plans(program: Program, uses: list[int], squares: set[int]) -> dict[int, Plan]:
    """What each head becomes. What it takes up counts as read no more."""
    heads = [i for i, operation in enumerate(program.operations) if operation in ADDITIONS]
    return {node: _plan(program, node, uses, squares) for node in reversed(heads) if uses[node]}


def _plan(program: Program, head: int, uses: list[int], squares: set[int]) -> Plan:
    operations, operands, constants = program.operations, program.operands, program.constants
    if operations[head] is ACCUMULATE:
        left, right = _factors(operands[head])
        if _are_alike(program, left, right):
            return Plan([Dot(left, right, False)], [], False)
    terms: list[int | Pair | None] = []
    kinds: dict[str, list[int]] = {}  # for each kind of product, which of the terms are of it
    is_positive = False
    waiting: list[int] = [head]
    while waiting:
        node = waiting.pop()
        operation = operations[node]
        if node != head and uses[node] != 1:
            operation = None
        if operation in ADDITIONS:
            if node != head:
                uses[node] = 0
            if operation is not ACCUMULATE:
                is_positive = is_positive or operation is SUM
                waiting.extend(reversed(operands[node]))
                continue
            for pair in zip(*_factors(operands[node]), strict=True):
                kinds.setdefault(_kind(program, *pair), []).append(len(terms))
                terms.append(pair)
        elif operation is MUL:
            kinds.setdefault(_kind(program, *operands[node]), []).append(len(terms))
            terms.append(node)
        elif node not in constants or constants[node] != 0.0:
            is_positive = is_positive or (operation is DOT and uses[node] == 1)
            terms.append(node)
        else:
            is_positive = is_positive or copysign(1.0, constants[node]) > 0
    dots = []
    for members in kinds.values():
        if len(members) > 1:
            firsts, seconds, is_square = [], [], False
            for k in members:
                term = terms[k]
                terms[k] = None
                if isinstance(term, int):
                    uses[term] = 0
                    is_square = is_square or term in squares
                    a, b = operands[term]
                else:
                    assert term is not None
                    a, b = term
                if a in constants:
                    a, b = b, a
                firsts.append(a)
                seconds.append(b)
            dots.append(Dot(firsts, seconds, is_square))
    return Plan(dots, [term for term in terms if term is not None], is_positive)


def _may_be_negative(plan: Plan, never: set[int]) -> bool:
    """Whether all terms of a plan may be -0.0."""
    if any(any(map(eq, dot.left, dot.right)) for dot in plan.dots):
        return False
    return all(x not in never if isinstance(x, int) else x[0] != x[1] for x in plan.rest)


def _factors(operands: Operands) -> tuple[Operands, Operands]:
    """The first and the second factors of the products of an `accumulate`."""
    half = len(operands) // 2
    return operands[:half], operands[half:]


def _are_alike(program: Program, left: Operands, right: Operands) -> bool:
    """Whether all products are of one kind, by a glance that may miss some."""
    constants = program.constants.keys()
    if not constants.isdisjoint(left):
        return False
    if constants.isdisjoint(right):
        return True
    return constants >= set(right) and len({program.operations[i] is None for i in left}) == 1


def _kind(program: Program, a: int, b: int) -> str:
    constants = program.constants
    if a not in constants and b not in constants:
        return "of nodes"
    other = b if a in constants else a
    return "of an input" if program.operations[other] is None else "of an operation"


def _dot(builder: Builder, left: list[int], right: list[int]) -> int:
    if len(left) < 3 and left[0] == left[-1] and right[0] == right[-1]:
        found = builder.make(MUL, (left[0], right[0]))
        return found if len(left) == 1 else builder.make(MUL, (builder.constant(2.0), found))
    constants = builder.program.constants
    if constants.get(right[0]) == 1.0 and all(constants.get(i) == 1.0 for i in right):
        return _sum(builder, left)
    return builder.make(DOT, (*left, *right))


def _sum(builder: Builder, terms: list[int], told: bool = True) -> int:
    if len(terms) < 2:
        return terms[0] if terms else builder.constant(0.0)
    return builder.make(ADD if len(terms) == 2 else SUM, tuple(terms), told)
