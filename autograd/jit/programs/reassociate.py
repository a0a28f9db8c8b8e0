"""Reassociation: chains of additions become one sum, and sums of products one contraction.

A scalar program adds one number to another, again and again: a neuron adds weight times input, a
loss adds one sample's error, and an adjoint adds one contribution for each use of a number. As
`sum` and `dot` nodes they can become matrix products.

A *head* is an addition that is not a term of another. A chain with several subtractions in it is
one too: its terms are those of two sums, and the second is subtracted from the first (or, where the
sign of a zero matters, each is negated and added, and a sum that is subtracted is one term). Its
*terms* are found by going down through additions that nothing else reads. A term that is a product,
read by nothing else, is a pair for a dot product, and so are each product of an `accumulate` and a
division by a power of two. Pairs are separated by kind: products of two computed numbers; a
constant times an input; a constant times a computed number. Two or more of a kind become a dot
product. It comes before the remaining terms, which keep their order: a weighted sum and its bias
take the same form however they were written.

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
from autograd.jit.programs.rewrites import FINITE, PURE, Rule, is_power_of_two
from autograd.jit.programs.zeros import Zeros
from autograd.jit.tuning import MANY_SUBTRACTED
from autograd.primitives import TABLE, Primitive
from autograd.primitives.tracing import ACCUMULATE

SUB, NEG, DIV = TABLE["sub"], TABLE["neg"], TABLE["div"]
ADDITIONS = frozenset({ADD, SUM, ACCUMULATE})

Operands: TypeAlias = tuple[int, ...]
Pair: TypeAlias = tuple[int, int]


class Dot(NamedTuple):
    """Products that are added up.

    Attributes:
        left: their first factors.
        right: their second ones; a constant is here. `~i` is one over the constant `i`.
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
        less: what is subtracted, as dots and other terms.
        is_positive: whether a zero is 0.0, never -0.0.
    """

    dots: list[Dot]
    rest: list[int | Pair]
    less: tuple[list[Dot], list[int | Pair]]
    is_positive: bool

    @property
    def is_regrouped(self) -> bool:
        """Whether the terms are added up in another order than in the function."""
        return bool(any(self.less) or (self.dots and len(self.dots) + len(self.rest) > 1))


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
    plans = _plans(program, uses, squares, told)
    rest = [i for plan in plans.values() for i in plan.rest if isinstance(i, int)]
    taken_up = {i for i in rest if uses[i] == 1}
    builder = Builder(table)
    make, constants = builder.make, program.constants

    def positive(node: int) -> int:
        """The node, with 0.0 for -0.0."""
        return make(ADD, (node, builder.constant(0.0)))

    def second(node: int) -> int:
        """The second factor of a product."""
        return new[node] if node >= 0 else builder.constant(1.0 / constants[~node])

    new: list[int] = []
    must_be_finite: dict[int, None] = {}
    regrouped: dict[int, None] = {}

    def added(dots: list[Dot], rest: list[int | Pair]) -> list[int]:
        """The nodes of some terms."""
        terms = []
        for left, right, is_square in dots:
            terms.append(_dot(builder, [new[i] for i in left], [second(i) for i in right]))
            if is_square:
                must_be_finite[terms[-1]] = None
        for term in rest:
            if isinstance(term, int):
                terms.append(new[term])
            else:
                terms.append(make(MUL, (new[term[0]], new[term[1]])))
        return terms

    nodes = zip(program.operations, program.operands, uses, strict=True)
    for node, (operation, operands, count) in enumerate(nodes):
        if not count:
            new.append(-1)
        elif operation is None:
            if node in constants:
                new.append(builder.constant(constants[node]))
            else:
                new.append(builder.input(program.names.get(node, "")))
        elif node in plans:
            plan = plans.pop(node)
            terms, less = added(plan.dots, plan.rest), added(*plan.less)
            if less and node in told:
                terms, less = terms + [make(NEG, (i,)) for i in less], []
            is_other = plan.is_positive and node in told and _may_be_negative(plan, never)
            inputs = (k for k, i in enumerate(terms) if builder.program.operations[i] is None)
            shared = next(inputs, None) if is_other else None  # by all that add it
            if shared is not None:
                terms[shared] = positive(terms[shared])
            total = _sum(builder, terms, node in told)
            if less:
                lost = _sum(builder, less)
                total = make(SUB, (total, lost)) if terms else make(NEG, (lost,))
            if plan.is_regrouped:
                regrouped[total] = None
            new.append(positive(total) if is_other and shared is None and terms else total)
        else:
            found = make(operation, tuple([new[i] for i in operands]), node in told)
            if operation is DOT and node in told and node not in never and node not in taken_up:
                found = positive(found)
            if node in squares:
                must_be_finite[found] = None
            new.append(found)
    made = builder.program
    made.regrouped = [node for node in regrouped if made.operations[node] is not None]
    finish(program, made, new)
    if must_be_finite:
        make(FINITE, (_sum(builder, list(must_be_finite)),))
    return builder.program


def _plans(program: Program, uses: list[int], squares: set[int], told: set[int]) -> dict[int, Plan]:
    """What each head becomes. What it takes up counts as read no more."""
    subtracted = _subtracted(program, uses)
    chained = [
        i
        for i, operation in enumerate(program.operations)
        if operation in ADDITIONS or subtracted.get(i, 0) >= MANY_SUBTRACTED
    ]
    return {
        node: _plan(program, node, uses, squares, told, subtracted.get(node, 0) >= MANY_SUBTRACTED)
        for node in reversed(chained)
        if uses[node]
    }


def _subtracted(program: Program, uses: list[int]) -> dict[int, int]:
    """How many subtractions there are in the chain that ends at a node, if there are any."""
    operations, found = program.operations, dict[int, int]()
    if operations.count(SUB) < MANY_SUBTRACTED:
        return found
    for node, operation in enumerate(operations):
        if operation is SUB or operation is ADD or operation is SUM:
            count = int(operation is SUB)
            for i in program.operands[node]:
                if i in found and uses[i] == 1:
                    count += found[i]
            if count:
                found[node] = count
    return found


def _plan(
    program: Program,
    head: int,
    uses: list[int],
    squares: set[int],
    told: set[int],
    subtracts: bool,
) -> Plan:
    """What a head becomes.

    Args:
        program: the program.
        head: the node.
        uses: how often each node is read; what is taken up is read no more.
        squares: products that must be finite.
        told: the nodes whose zeros differ observably by their sign.
        subtracts: whether the chain goes on below subtractions.
    """
    operations, operands, constants = program.operations, program.operands, program.constants
    if operations[head] is ACCUMULATE:
        lefts, rights = _factors(operands[head])
        if _are_alike(program, lefts, rights):
            return Plan([Dot(lefts, rights, False)], [], ([], []), False)
    terms: list[tuple[bool, int | Pair] | None] = []  # with whether it is subtracted
    kinds: dict[object, list[int]] = {}  # for each kind of product, which of the terms are of it
    is_positive = False
    waiting = [(False, head)]
    while waiting:
        is_less, node = waiting.pop()
        operation = operations[node]
        if node != head and uses[node] != 1:
            operation = None
        is_opaque = is_less and head in told  # -(x - x) is -0.0, and -x + x is not
        if not is_opaque and (operation in ADDITIONS or (operation is SUB and subtracts)):
            if node != head:
                uses[node] = 0
            if operation is SUB:
                first, second = operands[node]
                waiting += (not is_less, second), (is_less, first)
                continue
            if operation is not ACCUMULATE:
                is_positive = is_positive or operation is SUM
                waiting += [(is_less, i) for i in reversed(operands[node])]
                continue
            for pair in zip(*_factors(operands[node]), strict=True):
                kinds.setdefault((is_less, _kind(program, *pair)), []).append(len(terms))
                terms.append((is_less, pair))
        elif not is_opaque and (operation is MUL or _is_product(program, node, operation)):
            kind = is_less, _kind(program, *operands[node])
            kinds.setdefault(kind, []).append(len(terms))
            terms.append((is_less, node))
        elif is_less or node not in constants or constants[node] != 0.0:
            is_positive = is_positive or (operation is DOT and not is_less)
            terms.append((is_less, node))
        else:
            is_positive = is_positive or copysign(1.0, constants[node]) > 0
    dots: tuple[list[Dot], list[Dot]] = ([], [])
    for members in kinds.values():
        if len(members) > 1:
            firsts, seconds, is_less, is_square = [], [], False, False
            for k in members:
                term = terms[k]
                assert term is not None
                terms[k] = None
                is_less, product = term
                if isinstance(product, int):
                    uses[product] = 0
                    is_square = is_square or product in squares
                    a, b = operands[product]
                    b = b if operations[product] is MUL else ~b
                else:
                    a, b = product
                if a in constants:
                    a, b = b, a
                firsts.append(a)
                seconds.append(b)
            dots[is_less].append(Dot(firsts, seconds, is_square))
    rest: tuple[list[int | Pair], list[int | Pair]] = ([], [])
    for term in terms:
        if term is not None:
            rest[term[0]].append(term[1])
    return Plan(dots[0], rest[0], (dots[1], rest[1]), is_positive)


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


def _is_product(program: Program, node: int, operation: Primitive | None) -> bool:
    """Whether a node is a division that is a product, to the last bit."""
    if operation is not DIV:
        return False
    divisor = program.constants.get(program.operands[node][1])
    return divisor is not None and is_power_of_two(divisor)


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
