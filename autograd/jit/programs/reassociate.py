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

This changes the order in which a sum is added up, and so its last bits. Where all terms may be -0.0
and the sign matters (`zeros`), 0.0 is added to a sum that started from 0.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from math import copysign
from typing import NamedTuple, TypeAlias

from autograd.jit.programs.fold import ADD, DOT, MUL, SUM, finish
from autograd.jit.programs.program import Program
from autograd.jit.programs.reads import reads
from autograd.jit.programs.rewrites import FINITE, PURE
from autograd.jit.programs.zeros import Zeros
from autograd.primitives.tracing import ACCUMULATE

ADDITIONS = frozenset({ADD, SUM, ACCUMULATE})

Pair: TypeAlias = tuple[int, int]


class Plan(NamedTuple):
    """What a head becomes.

    Attributes:
        dots: the pairs of each dot product, a constant on the right; and whether they must come
            out finite.
        rest: the other terms: nodes, and pairs that are the only ones of their kind.
        is_positive: whether a zero is 0.0, never -0.0.
    """

    dots: list[tuple[list[Pair], bool]]
    rest: list[int | Pair]
    is_positive: bool


def gather(program: Program, squares: set[int]) -> Program:
    """The program with its sums gathered.

    Args:
        program: what to rewrite; it is not changed.
        squares: products that must be finite; the new program makes sure of it.
    """
    uses = reads(program, squares)
    zeros = Zeros(program, PURE, gathered=True)
    told, never = zeros.told, zeros.never
    plans = _plans(program, uses, squares)
    rest = [i for plan in plans.values() for i in plan.rest if isinstance(i, int)]
    taken_up = {i for i in rest if uses[i] == 1}
    made = Program()

    def positive(node: int) -> int:
        """The node, with 0.0 for -0.0."""
        return made.apply(ADD, node, made.constant(0.0))

    new: list[int] = []
    must_be_finite: dict[int, None] = {}
    for node, operation in enumerate(program.operations):
        if operation is None:
            if node in program.constants:
                new.append(made.constant(program.constants[node]))
            else:
                new.append(made.input(program.names.get(node, "")))
        elif not uses[node]:
            new.append(-1)
        elif node in plans:
            plan = plans.pop(node)
            terms = []
            for pairs, is_square in plan.dots:
                terms.append(_dot(made, [(new[a], new[b]) for a, b in pairs]))
                if is_square:
                    must_be_finite[terms[-1]] = None
            for term in plan.rest:
                if isinstance(term, int):
                    terms.append(new[term])
                else:
                    terms.append(made.apply(MUL, new[term[0]], new[term[1]]))
            if terms and plan.is_positive and node in told and _may_be_negative(plan, never):
                at = next((k for k, i in enumerate(terms) if made.operations[i] is None), 0)
                terms[at] = positive(terms[at])  # an input's is shared by all that add it
            total = _sum(made, terms)
            new.append(total)
        elif operation is DOT:
            found = made.apply(DOT, *[new[i] for i in program.operands[node]])
            is_other = node in told and node not in never and node not in taken_up
            new.append(positive(found) if is_other else found)
        elif operation is ACCUMULATE:
            products = [made.apply(MUL, new[a], new[b]) for a, b in _pairs(program, node)]
            new.append(reduce(lambda a, b: made.apply(ADD, a, b), products))
        else:
            new.append(made.apply(operation, *[new[i] for i in program.operands[node]]))
            if node in squares:
                must_be_finite[new[node]] = None
    finish(program, made, new)
    if must_be_finite:
        made.apply(FINITE, _sum(made, list(must_be_finite)))
    return made


def _plans(program: Program, uses: list[int], squares: set[int]) -> dict[int, Plan]:
    """What each head becomes. What it takes up counts as read no more."""
    return {
        node: _plan(program, node, uses, squares)
        for node in reversed(range(len(program)))
        if program.operations[node] in ADDITIONS and uses[node]
    }


def _plan(program: Program, head: int, uses: list[int], squares: set[int]) -> Plan:
    operations, operands, constants = program.operations, program.operands, program.constants
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
            for a, b in _pairs(program, node):
                kinds.setdefault(_kind(program, a, b), []).append(len(terms))
                terms.append((a, b))
        elif operation is MUL:
            kinds.setdefault(_kind(program, *operands[node]), []).append(len(terms))
            terms.append(node)
        elif constants.get(node) != 0.0:
            is_positive = is_positive or (operation is DOT and uses[node] == 1)
            terms.append(node)
        else:
            is_positive = is_positive or copysign(1.0, constants[node]) > 0
    dots = []
    for members in kinds.values():
        if len(members) > 1:
            pairs = []
            is_square = False
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
                pairs.append((b, a) if a in constants else (a, b))
            dots.append((pairs, is_square))
    return Plan(dots, [term for term in terms if term is not None], is_positive)


def _may_be_negative(plan: Plan, never: set[int]) -> bool:
    """Whether all terms of a plan may be -0.0."""
    pairs = [pair for dot, _ in plan.dots for pair in dot]
    pairs += [term for term in plan.rest if not isinstance(term, int)]
    terms = [term for term in plan.rest if isinstance(term, int)]
    return all(a != b for a, b in pairs) and never.isdisjoint(terms)


def _pairs(program: Program, node: int) -> Iterable[Pair]:
    """The factors of the products of an `accumulate`."""
    factors = program.operands[node]
    half = len(factors) // 2
    return zip(factors[:half], factors[half:], strict=True)


def _kind(program: Program, a: int, b: int) -> str:
    if a not in program.constants and b not in program.constants:
        return "of nodes"
    other = b if a in program.constants else a
    return "of an input" if program.operations[other] is None else "of an operation"


def _dot(made: Program, pairs: Sequence[Pair]) -> int:
    if len(pairs) == 2 and pairs[0] == pairs[1]:
        return made.apply(MUL, made.constant(2.0), made.apply(MUL, *pairs[0]))
    left, right = zip(*pairs, strict=True)
    if all(made.constants.get(i) == 1.0 for i in right):
        return _sum(made, list(left))
    return made.apply(DOT, *left, *right)


def _sum(made: Program, terms: Sequence[int]) -> int:
    if len(terms) < 2:
        return terms[0] if terms else made.constant(0.0)
    return made.apply(ADD if len(terms) == 2 else SUM, *terms)
