"""Laws that derivatives obey, checked without finite differences.

- Forward and reverse mode are transposes of each other: `<J v, w> = <v, J^T w>`.
- The pullback is linear in the cotangent, forward mode in the tangent.
- The matrix of second derivatives is symmetric (Schwarz's theorem).
- A derivative is 0 where the graph says that nothing flows (`autograd.sparsity`).

None needs a numerical derivative; those that are known give the scale on which a difference counts.
Arguments or results without a known derivative are left out.

Each law holds up to rounding. Its size comes from the estimated errors of the differences, and
where these do not cover it, from a bound: both modes add up the products of the same local
derivatives along all paths of the graph, in another order. Sums that overflow prove nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from autograd import tree
from autograd.graph import topological_order
from autograd.sweeps import pattern_of
from autograd.testing.checking.findings import Violation
from autograd.testing.numerical.estimates import SWEEP, Estimate
from autograd.testing.numerical.lines import Flat
from autograd.testing.numerical.rounding import UNIT, absolute_adjoints
from autograd.trace import Trace
from autograd.transforms import jvp, vjp
from autograd.value import Value

IN_A_RULE = 4
"""The largest number of factors that a derivative rule multiplies its `g` by, one after another."""


def violations(flat: Flat, rows: Sequence[Sequence[Estimate]]) -> list[Violation]:
    """The laws of first derivatives that a function's derivatives break, in random directions.

    Args:
        flat: the function and its arguments.
        rows: its numerical derivatives, which give the scale.
    """
    inputs, outputs = _known(rows)
    if not inputs or not outputs:
        return []
    scale = [[abs(d.value) * SWEEP + 2 * d.error for d in row] for row in rows]
    found = _broken(flat, scale, inputs, outputs)
    if found:
        bounds = reordering(flat)
        scale = [
            [a + b for a, b in zip(*both, strict=True)] for both in zip(scale, bounds, strict=True)
        ]
        found = _broken(flat, scale, inputs, outputs)
    return found


def strays(flat: Flat, given: Mapping[str, Sequence[Sequence[float]]]) -> list[Violation]:
    """The derivatives that are not 0, and outside of the pattern that the graph gives.

    Args:
        flat: the function and its arguments.
        given: its derivatives by mode, a row for each number of the result.
    """
    args = flat.at(flat.numbers)
    pattern = pattern_of(Trace(flat.f, args, range(len(args))))
    found: dict[tuple[int, int], str] = {}
    for mode, matrix in given.items():
        for i, row in enumerate(matrix):
            for j, d in enumerate(row):
                if d != 0 and (i, j) not in pattern:
                    found.setdefault((i, j), f"{mode} mode gives {d:.6g}")
    if not found:
        return []
    (i, j), first = next(iter(found.items()))
    return [
        Violation(
            "pattern",
            f"{len(found)} derivatives are outside of the pattern of the graph: that of result {i}"
            f" in number {j} of the arguments must be 0, and {first}. A derivative rule says other"
            " things of floats than of Values, or returns 0.0 where it does not hold for all"
            " numbers",
        )
    ]


def reordering(flat: Flat) -> list[list[float]]:
    """How far forward and reverse mode may differ by rounding, for each output by argument.

    On a path of at most `n` nodes each mode rounds at most `IN_A_RULE + 1` times a node, and adds
    at most once an edge; so each is within
    `((IN_A_RULE + 1) n + edges) u` of the sum of the absolute values of the paths' products.
    """
    traced = flat.traced(flat.numbers)
    if traced is None:
        return [[0.0] * len(flat.numbers) for _ in flat.values]
    results, leaves = traced
    bounds = []
    for root in results:
        order = topological_order(root) if isinstance(root, Value) else []
        sizes = absolute_adjoints(order, root)
        rounds = (IN_A_RULE + 1) * len(order) + sum(len(node.operands) for node in order)
        bounds.append([2 * rounds * UNIT * sizes.get(leaf, 0.0) for leaf in leaves])
    return bounds


def _broken(
    flat: Flat,
    scale: Sequence[Sequence[float]],
    inputs: Sequence[int],
    outputs: Sequence[int],
) -> list[Violation]:
    """The laws that do not hold, within the given error of each derivative."""
    rng = random.Random(0)
    v, u = (_direction(rng, len(flat.numbers), inputs) for _ in range(2))
    w, z = (_direction(rng, len(flat.values), outputs) for _ in range(2))
    pull, push = _pullback(flat), _pushforward(flat)
    allowed_in = [sum(2 * scale[i][j] for i in outputs) for j in inputs]
    allowed_out = [sum(2 * scale[i][j] for j in inputs) for i in outputs]
    along, against = push(v), pull(w)
    left = sum(a * b for a, b in zip(along, w, strict=True))
    right = sum(a * b for a, b in zip(v, against, strict=True))
    found = []
    if isfinite(left) and isfinite(right) and not abs(left - right) <= sum(allowed_out):
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
            if isfinite(one) and isfinite(other) and not abs(one - other) <= 3 * slack:
                words = f"no {law}: at number {i}, {one:.9g} for a sum of two and {other:.9g}"
                found.append(Violation(law, f"{words} for them one by one"))
                break
    return found


def asymmetries(
    matrix: Sequence[Sequence[float]],
    estimates: Sequence[Sequence[Estimate]],
    inputs: Sequence[str],
    output: str,
    off: Callable[[int, int], float] = lambda i, j: 0.0,
) -> list[Violation]:
    """The pairs of second derivatives of one output that differ with the order.

    Args:
        matrix: the second derivatives.
        estimates: the same numerically, which give the scale.
        inputs: the path of each argument.
        output: the path of the number that is differentiated.
        off: the rounding error that each second derivative may have.
    """
    found = []
    for i, first in enumerate(inputs):
        for j, second in enumerate(inputs[:i]):
            one, other = estimates[i][j], estimates[j][i]
            if one.reason or other.reason:
                continue
            size = abs(one.value) + abs(other.value)
            gap = abs(matrix[i][j] - matrix[j][i])
            allowed = 2 * (one.error + other.error) + SWEEP * size
            if not (gap <= allowed or gap <= allowed + off(i, j) + off(j, i)):
                words = (
                    f"the second derivatives of {output} are not symmetric: {matrix[i][j]:.9g} in"
                    f" {first} and then {second}, {matrix[j][i]:.9g} the other way"
                )
                found.append(Violation("symmetry", words))
    return found


def _known(rows: Sequence[Sequence[Estimate]]) -> tuple[list[int], list[int]]:
    """The numbers of the arguments and of the result between which every derivative is known.

    Either the arguments or the results for which all derivatives are known: whichever leaves more.
    """
    columns = list(zip(*rows, strict=True))
    every = list(range(len(columns))), list(range(len(rows)))
    inputs = [j for j in every[0] if not any(d.reason for d in columns[j])]
    outputs = [i for i in every[1] if not any(d.reason for d in rows[i])]
    by_inputs, by_outputs = len(inputs) * len(rows), len(outputs) * len(columns)
    return (inputs, every[1]) if by_inputs >= by_outputs else (every[0], outputs)


def _direction(rng: random.Random, count: int, places: Sequence[int]) -> list[float]:
    """A random vector that is 0 except in some places."""
    drawn = [rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.0) for _ in range(count)]
    return [x if i in places else 0.0 for i, x in enumerate(drawn)]


def _pullback(flat: Flat) -> Callable[[Sequence[float]], list[float]]:
    out, pull = vjp(flat.f, *flat.at(flat.numbers))

    def flattened(cotangent: Sequence[float]) -> list[float]:
        given = iter(cotangent)
        return _floats(pull(tree.map_leaves(lambda _: next(given), out)))

    return flattened


def _pushforward(flat: Flat) -> Callable[[Sequence[float]], list[float]]:
    def flattened(tangent: Sequence[float]) -> list[float]:
        return _floats(jvp(flat.f, flat.at(flat.numbers), flat.at(tangent))[1])

    return flattened


def _floats(structure: Any) -> list[float]:
    return [float(x) for x in tree.leaves(structure)]
