"""Which parameters each Value of a graph reads, as the weights of something.

An operation reads a parameter if the parameter, or a Value computed from it alone, is an operand. A
Value that depends on parameters alone, such as a penalty on the weights, is *fixed*: it belongs to
no use of the network. `uses` finds the neurons by this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from autograd.draw.scene.structure import DOT, MUL, Structure
from autograd.primitives.arithmetic import power_number
from autograd.primitives.piecewise import fabs

PRODUCTS = frozenset({MUL, DOT})
MAGNITUDES = frozenset({power_number.primitive, fabs.primitive})


T = TypeVar("T")


def readings(structure: Structure) -> tuple[list[bool], list[Sequence[int]]]:
    """Which Values depend on parameters alone, and which parameters each other one reads.

    A Value that depends on one parameter alone is read as that parameter. A product of a parameter
    and a plain number depends on more, since the number is an input; except in a penalty, where the
    parameter is multiplied by itself.

    >>> from autograd import Value
    >>> from autograd.draw.scene.paths import Names
    >>> w = Value(2.0)
    >>> [readings(Structure.of([y], Names({w: "neuron.w"}))) for y in (w * 3.0, w * 3.0 * w)]
    [([True, False], [(), (0,)]), ([True, True, True], [(), (), ()])]
    """
    powers = _powers(structure)
    fixed: list[bool] = []
    stands_for: list[frozenset[int]] = []
    reads: list[Sequence[int]] = []
    for i, (primitive, tails) in enumerate(zip(structure.primitives, structure.tails, strict=True)):
        here: dict[int, None] = {}
        for tail in tails:
            if tail is None or not fixed[tail] or len(stands_for[tail]) != 1:
                continue
            if primitive in PRODUCTS or tail not in powers:  # the terms are a penalty
                here.update(dict.fromkeys(stands_for[tail]))
        has_input = None in tails and primitive in PRODUCTS and i not in powers
        alone = not has_input and all(tail is None or fixed[tail] for tail in tails)
        if primitive is None:
            fixed.append(i in structure.paths)
            stands_for.append(frozenset((i,) if i in structure.paths else ()))
            reads.append(())
        else:
            fixed.append(alone)
            stands_for.append(frozenset(here) if alone else frozenset())
            reads.append(() if alone else tuple(here))
    return fixed, reads


def _powers(structure: Structure) -> set[int]:
    """Squares and magnitudes of parameters, and their products with numbers.

    These are `p * p`, `p**2`, `abs(p)`, `0.5 * p**2`; in `0.5 * p * p`, where the number comes
    first, both products.
    """
    multiple_of = {i: i for i in structure.paths}
    found: set[int] = set()
    for i, (primitive, tails) in enumerate(zip(structure.primitives, structure.tails, strict=True)):
        values = [tail for tail in tails if tail is not None]
        if primitive in MAGNITUDES and values[0] in structure.paths:
            found.add(i)
        elif primitive is MUL and len(values) == 1:
            [x] = values
            if x in found:
                found.add(i)
            elif x in multiple_of:
                multiple_of[i] = multiple_of[x]
        elif primitive is MUL:
            of = {multiple_of.get(x) for x in values}
            if None not in of and len(of) == 1 and not of.isdisjoint(values):
                found.update((i, *(x for x in values if x not in structure.paths)))
    return found


def united(parts: Sequence[set[T]]) -> set[T] | None:
    """The union of some sets, built in place in the largest.

    `None` if one of them is empty or two have a common item. Since the largest set grows in place,
    a chain of sums takes linear time in all.

    >>> sorted(united([{1, 2}, {3}])), united([{1, 2}, {2}])
    ([1, 2, 3], None)
    """
    if not all(parts):
        return None
    together = max(parts, key=len, default=set())
    for part in parts:
        if part is not together:
            if not together.isdisjoint(part):
                return None
            together |= part
    return together
