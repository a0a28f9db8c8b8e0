"""Laws that derivatives keep among themselves, checked without differences.

- Forward and reverse mode are transposed to each other: `<J v, w> = <v, J^T w>`.
- The pullback is linear in the cotangent, forward mode in the tangent.
- The matrix of second derivatives is symmetric (Schwarz's theorem).

None needs a numerical derivative; those that are known only say how large a difference counts.
Where some are not, the laws are held to between the arguments and results that remain.

Each holds up to rounding, of which the size of the terms that are added up is the measure, and the
estimated errors of the differences, which are what is known about the rounding inside the function.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from autograd import tree
from autograd.testing.checking.findings import Violation
from autograd.testing.numerical.estimates import SWEEP, Estimate
from autograd.testing.numerical.lines import Flat
from autograd.transforms import jvp, vjp


def violations(flat: Flat, rows: Sequence[Sequence[Estimate]]) -> list[Violation]:
    """The laws of first derivatives that a function's do not keep, in random directions.

    Args:
        flat: the function and its arguments.
        rows: its numerical derivatives, which give the scale.
    """
    inputs, outputs = _known(rows)
    if not inputs or not outputs:
        return []
    rng = random.Random(0)
    v, u = (_direction(rng, len(flat.numbers), inputs) for _ in range(2))
    w, z = (_direction(rng, len(flat.values), outputs) for _ in range(2))
    pull, push = _pullback(flat), _pushforward(flat)
    scale = [[abs(d.value) * SWEEP + 2 * d.error for d in row] for row in rows]
    allowed_in = [sum(2 * scale[i][j] for i in outputs) for j in inputs]
    allowed_out = [sum(2 * scale[i][j] for j in inputs) for i in outputs]
    along, against = push(v), pull(w)
    left = sum(a * b for a, b in zip(along, w, strict=True))
    right = sum(a * b for a, b in zip(v, against, strict=True))
    found = []
    if not abs(left - right) <= sum(allowed_out):
        words = f"forward and reverse mode differ: <J v, w> = {left:.9g}, <v, J^T w> = {right:.9g}"
        found.append(Violation("transposition", words))
    for law, map_, first, x, y, places, allowed in (
        ("linear pullback", pull, against, w, z, inputs, allowed_in),
        ("linear tangents", push, along, v, u, outputs, allowed_out),
    ):
        both = map_([a + 2 * b for a, b in zip(x, y, strict=True)])
        parts = [a + 2 * b for a, b in zip(first, map_(y), strict=True)]
        for i, slack in zip(places, allowed, strict=True):
            one, other = both[i], parts[i]
            if not abs(one - other) <= 3 * slack:
                words = f"no {law}: at number {i}, {one:.9g} for a sum of two and {other:.9g}"
                found.append(Violation(law, f"{words} for them one by one"))
                break
    return found


def asymmetries(
    matrix: Sequence[Sequence[float]],
    estimates: Sequence[Sequence[Estimate]],
    inputs: Sequence[str],
    output: str,
) -> list[Violation]:
    """The pairs of second derivatives of one output that differ with the order.

    Args:
        matrix: the second derivatives.
        estimates: the same numerically, which give the scale.
        inputs: how to reach each argument.
        output: how to reach what is differentiated.
    """
    found = []
    for i, first in enumerate(inputs):
        for j, second in enumerate(inputs[:i]):
            one, other = estimates[i][j], estimates[j][i]
            if one.reason or other.reason:
                continue
            size = abs(one.value) + abs(other.value)
            if not abs(matrix[i][j] - matrix[j][i]) <= 2 * (one.error + other.error) + SWEEP * size:
                words = (
                    f"the second derivatives of {output} are not symmetric: {matrix[i][j]:.9g} in"
                    f" {first} and then {second}, {matrix[j][i]:.9g} the other way"
                )
                found.append(Violation("symmetry", words))
    return found


def _known(rows: Sequence[Sequence[Estimate]]) -> tuple[list[int], list[int]]:
    """The numbers of the arguments and of the result between which every derivative is known.

    Either those arguments in which all are known, or those results of which: what leaves more.
    """
    columns = list(zip(*rows, strict=True))
    every = list(range(len(columns))), list(range(len(rows)))
    inputs = [j for j in every[0] if not any(d.reason for d in columns[j])]
    outputs = [i for i in every[1] if not any(d.reason for d in rows[i])]
    by_inputs, by_outputs = len(inputs) * len(rows), len(outputs) * len(columns)
    return (inputs, every[1]) if by_inputs >= by_outputs else (every[0], outputs)


def _direction(rng: random.Random, count: int, places: Sequence[int]) -> list[float]:
    """A random vector that is 0 but in some places."""
    drawn = [rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.0) for _ in range(count)]
    return [x if i in places else 0.0 for i, x in enumerate(drawn)]


def _pullback(flat: Flat) -> Callable[[Sequence[float]], list[float]]:
    out, pull = vjp(flat.f, *flat.structure)

    def flattened(cotangent: Sequence[float]) -> list[float]:
        return _floats(pull(tree.rebuild(out, iter(cotangent))))

    return flattened


def _pushforward(flat: Flat) -> Callable[[Sequence[float]], list[float]]:
    def flattened(tangent: Sequence[float]) -> list[float]:
        moved = tree.rebuild(flat.structure, iter(tangent))
        return _floats(jvp(flat.f, flat.structure, moved)[1])

    return flattened


def _floats(structure: Any) -> list[float]:
    return [float(x) for x in tree.leaves(structure)]
