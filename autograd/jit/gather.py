"""Chains of additions become one sum, and sums of products one dot product.

A scalar program adds one number to another, again and again: a neuron adds weight times input, a
loss adds one sample's error, and an adjoint adds up what flows back along each use of a number.
Written as `sum` and `dot` nodes they are what a matrix product is made of.

A *head* is an addition that no other addition takes up. Its *terms* are found by going down through
additions that nothing else reads. A term that is a product, read by nothing else, is a pair for a
dot product. Pairs are told apart by their kind, so that like goes with like: products of two
computed numbers; a constant times an input; a constant times a computed number. Two or more of a
kind become a dot product. It comes before the remaining terms, which keep their order: a weighted
sum and its bias take the same form however they were written.

Gathering changes the order in which a sum is added up, and so its last bits; nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.jit.fold import ADD, DOT, MUL, SUM, finish
from autograd.jit.program import Program
from autograd.jit.reads import reads
from autograd.jit.rewrites import FINITE

Terms = list[int]
Pairs = list[tuple[int, int]]


def gather(program: Program, squares: set[int], chains: bool = True) -> Program:
    """The program with its sums gathered.

    Args:
        program: what to rewrite; it is not changed.
        squares: products that must be finite; the new program makes sure of it.
        chains: whether to gather at all, and not only make sure of that.
    """
    uses = reads(program, squares)
    plans, swallowed = _plans(program, uses) if chains else ({}, set())
    made = Program()
    new: list[int] = []
    must_be_finite: dict[int, None] = {}
    for node, operation in enumerate(program.operations):
        operands = program.operands[node]
        if operation is None:
            if node in program.constants:
                new.append(made.constant(program.constants[node]))
            else:
                new.append(made.input(program.names.get(node, "")))
        elif uses[node] == 0 or node in swallowed:
            new.append(-1)
        elif node in plans:
            dots, rest = plans[node]
            terms = []
            for kind, products in dots:
                pairs = [_pair(program, product, kind, new) for product in products]
                dot = _dot(made, pairs)
                terms.append(dot)
                if not squares.isdisjoint(products):
                    must_be_finite[dot] = None
            terms += [new[i] for i in rest]
            new.append(_sum(made, terms))
        else:
            new.append(made.apply(operation, *[new[i] for i in operands]))
            if node in squares:
                must_be_finite[new[node]] = None
    finish(program, made, new)
    if must_be_finite:
        made.apply(FINITE, _sum(made, list(must_be_finite)))
    return made


def _plans(
    program: Program, uses: Sequence[int]
) -> tuple[dict[int, tuple[list[tuple[str, Terms]], Terms]], set[int]]:
    """For each head its dot products and its other terms; and the nodes these have taken up."""
    operations = program.operations
    partial = {
        i
        for node, operation in enumerate(operations)
        if (operation is ADD or operation is SUM) and uses[node]
        for i in program.operands[node]
        if (operations[i] is ADD or operations[i] is SUM) and uses[i] == 1
    }
    swallowed = set(partial)
    plans = {}
    for node, operation in enumerate(operations):
        if (operation is ADD or operation is SUM) and uses[node] and node not in partial:
            kinds: dict[str, Terms] = {}
            terms = _terms(program, node, partial)
            for i in terms:
                if operations[i] is MUL and uses[i] == 1:
                    kinds.setdefault(_kind(program, i), []).append(i)
            dots = [(kind, products) for kind, products in kinds.items() if len(products) > 1]
            taken = {i for _, products in dots for i in products}
            swallowed |= taken
            plans[node] = dots, [i for i in terms if i not in taken]
    return plans, swallowed


def _terms(program: Program, head: int, partial: set[int]) -> Terms:
    """What a sum adds up, from left to right, without zeros."""
    found: Terms = []
    waiting = list(reversed(program.operands[head]))
    while waiting:
        node = waiting.pop()
        if node in partial:
            waiting.extend(reversed(program.operands[node]))
        elif program.constants.get(node) != 0.0:
            found.append(node)
    return found


def _kind(program: Program, product: int) -> str:
    a, b = program.operands[product]
    if a not in program.constants and b not in program.constants:
        return "of nodes"
    other = b if a in program.constants else a
    return "of an input" if program.operations[other] is None else "of an operation"


def _pair(program: Program, product: int, kind: str, new: Sequence[int]) -> tuple[int, int]:
    """The factors of a product, as they were written; a constant goes to the right."""
    a, b = program.operands[product]
    return (new[b], new[a]) if a in program.constants else (new[a], new[b])


def _dot(made: Program, pairs: Pairs) -> int:
    if len(pairs) == 2 and pairs[0] == pairs[1]:
        return made.apply(MUL, made.constant(2.0), made.apply(MUL, *pairs[0]))
    left, right = zip(*pairs, strict=True)
    if all(made.constants.get(i) == 1.0 for i in right):
        return _sum(made, list(left))
    return made.apply(DOT, *left, *right)


def _sum(made: Program, terms: Terms) -> int:
    if len(terms) < 2:
        return terms[0] if terms else made.constant(0.0)
    return made.apply(ADD if len(terms) == 2 else SUM, *terms)
