"""Bounds: which sums of products cannot overflow, however they are computed.

NumPy's `matmul` notices an overflow, and takes a good part of its time for that; `dot` does not.
While the inputs of a plan are not very large, most of its numbers cannot be: a bound for the
inputs gives one for every sum, difference and product. So where the bound of a matrix product is
finite, it can be left to `dot`, as long as the inputs keep to theirs.

There is no such bound for a quotient or for `exp`. Some of these numbers are read by many matrix
products, and are worth being looked at in the middle of a run: from there on they have one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf, log
from typing import Any

import numpy as np

from autograd.jit.arrays.kernels import COMPARISONS
from autograd.jit.arrays.plan import Apply, Gather, Plan, Product, Reduce, Scalars, Step, Take
from autograd.jit.arrays.views import Numbers, View, contiguous

LIMIT = 2.0**24
"""The bound for inputs, and for numbers that are looked at."""

_LARGEST = 1e300
"""Room for what rounding adds to a bound."""

_PAYS = 2
"""A look takes about as long as the use of `dot` saves: so many uses make it worth it."""


@dataclass
class Bounded:
    """What may be left to `dot`, if inputs keep to the limit.

    Attributes:
        steps: the places of products and sums that cannot overflow.
        looks: what has to be looked at, by the place of the step before which it is.
    """

    steps: set[int] = field(default_factory=set)
    looks: dict[int, list[View]] = field(default_factory=dict)

    def is_worth_a_look(self, plan: Plan) -> bool:
        """Whether `dot` saves more time than it takes to look at the inputs."""
        return sum(_is_for_dot(plan.steps[place]) for place in self.steps) > _PAYS


def find_bounded(plan: Plan) -> Bounded:
    """The steps of a plan that cannot overflow.

    >>> plan = Plan(size=5, inputs=4)
    >>> left, right = View(0, (1, 2), (2, 1)), View(2, (1, 2), (2, 1))
    >>> plan.steps.append(Product(View(4, (1, 1), (1, 1)), left, right))
    >>> find_bounded(plan)
    Bounded(steps={0}, looks={})
    """
    without = _walk(plan, False)
    looking = _walk(plan, True)
    gain = sum(_is_for_dot(plan.steps[place]) for place in looking.steps - without.steps)
    return looking if gain >= _PAYS * sum(map(len, looking.looks.values())) > 0 else without


def _is_for_dot(step: Step) -> bool:
    """Whether `dot` can compute it: it is one matrix product, or a sum that can be one."""
    if isinstance(step, Product):
        return len(step.out.shape) == 2
    return isinstance(step, Reduce) and len(step.operand.shape) <= 2


def _walk(plan: Plan, may_look: bool) -> Bounded:
    bounds = np.full(plan.size, inf)
    bounds[: plan.inputs] = LIMIT
    for start, numbers in plan.literals:
        bounds[start : start + len(numbers)] = np.abs(numbers)
    found = Bounded()
    with np.errstate(all="ignore"):
        for place, step in enumerate(plan.steps):
            if isinstance(step, Product) and may_look:
                for view in (step.left, step.right):
                    flat = _flat(view)
                    if flat is not None and not _is_calm(view, bounds):
                        found.looks.setdefault(place, []).append(flat)
                        flat.on(bounds)[...] = LIMIT
            _propagate(step, bounds)
            is_sum = isinstance(step, Product) or (isinstance(step, Reduce) and step.name == "sum")
            if is_sum and step.out.on(bounds).max(initial=0.0) <= _LARGEST:  # type: ignore[union-attr]
                found.steps.add(place)
    return found


def _flat(view: View) -> View | None:
    """The numbers of a view as a list, if they lie side by side."""
    axes = sorted(zip(view.strides, view.shape, strict=True), reverse=True)
    axes = [(stride, length) for stride, length in axes if length > 1]
    beside = contiguous(0, tuple(length for _, length in axes))
    if tuple(stride for stride, _ in axes) != beside.strides:
        return None
    return contiguous(view.start, (view.size,))


def _is_calm(view: View, bounds: Numbers) -> bool:
    return bool(view.on(bounds).max(initial=0.0) <= _LARGEST)


def _propagate(step: Step, bounds: Numbers) -> None:
    """Write the bounds of what a step makes; they are infinite already."""
    if isinstance(step, Scalars):
        for name, _, out, operands in step.entries:
            found = _joined(name, [bounds[i] for i in operands])
            bounds[out] = found if found <= _LARGEST else inf
        return
    if isinstance(step, Product):
        found = step.left.on(bounds) @ step.right.on(bounds).swapaxes(-1, -2)
    elif isinstance(step, Apply):
        found = _joined(step.name, [x.on(bounds) for x in step.operands])
    elif isinstance(step, Reduce):
        x = step.operand.on(bounds)
        axes = tuple(range(len(step.out.shape), x.ndim))
        found = _ROWS.get(step.name, _unknown)(x, axes)
    elif isinstance(step, Gather):
        found = bounds[step.index]
    elif isinstance(step, Take):
        found = bounds[step.table].max(axis=-1).reshape(step.out.shape)
    else:
        return
    # Where a bound is not a number, as that of infinity times 0 is, it is no bound.
    step.out.on(bounds)[...] = np.where(np.less_equal(found, _LARGEST), found, inf)


def _unknown(*_: object) -> float:
    return inf


def _greatest(*operands: Any) -> Any:
    found = operands[0]
    for x in operands[1:]:
        found = np.maximum(found, x)
    return found


def _joined(name: str, operands: list[Any]) -> Any:
    if name in ("sum", "max", "min", "dot", "prod", "take"):
        return _joined_many(name, operands)
    return _NUMBERS.get(name, _unknown)(*operands)


def _joined_many(name: str, operands: list[Any]) -> Any:
    half = len(operands) // 2
    if name == "dot":
        return sum((a * b for a, b in zip(operands[:half], operands[half:], strict=True)), 0.0)
    if name == "sum":
        return sum(operands, 0.0)
    return inf if name == "prod" else max(operands, default=inf)


_NUMBERS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("add", "sub"), lambda x, y: x + y),
    "mul": lambda x, y: x * y,
    **dict.fromkeys(
        ("neg", "abs", "identity", "stop_gradient", "finite", "relu", "maximum", "minimum"),
        _greatest,
    ),
    "where": lambda _, x, y: _greatest(x, y),
    **dict.fromkeys(
        (f"where_{name}" for name in COMPARISONS), lambda _a, _b, x, y: _greatest(x, y)
    ),
    **dict.fromkeys(
        (*COMPARISONS, "sign", "tanh", "sin", "cos", "sigmoid", "softsign"), lambda *_: 1.0
    ),
}
"""The bound of what an operation makes of numbers with these bounds."""

_ROWS: dict[str, Callable[..., Any]] = {
    "sum": lambda x, axes: x.sum(axis=axes),
    "max": lambda x, axes: x.max(axis=axes),
    "min": lambda x, axes: x.max(axis=axes),
    "logsumexp": lambda x, axes: x.max(axis=axes) + log(x.size + 1.0),
}
"""The same for a row of numbers."""
