"""A plan: what a lifted program computes, step by step, all in one flat buffer of numbers.

A plan says where every number lives and what is done in which order; it holds no arrays. The NumPy
backend binds it to a buffer and runs it, and `source` prints it, each from the same steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from autograd.jit.arrays.groups import Group
from autograd.jit.arrays.views import Numbers, Positions, View


@dataclass(frozen=True)
class Apply:
    """An operation on whole arrays, number by number: `out = name(*operands)`."""

    name: str
    out: View
    operands: tuple[View, ...]


@dataclass(frozen=True)
class Reduce:
    """An operation that makes one number of each row: of the axes beyond those of `out`."""

    name: str
    out: View
    operand: View


@dataclass(frozen=True)
class Ragged:
    """An operation that makes one number of each stretch of an array.

    Attributes:
        name: the operation.
        out: the numbers that it makes.
        operand: the array.
        starts: where in it each stretch begins.
    """

    name: str
    out: View
    operand: View
    starts: Positions


@dataclass(frozen=True)
class Take:
    """Of each row of numbers the one that an index says.

    Attributes:
        out: the numbers taken.
        index: which of its row each is.
        table: the positions of the rows.
    """

    out: View
    index: View
    table: Positions


@dataclass(frozen=True)
class Product:
    """A matrix product `out = left @ right.T`; with three axes, one for each of the first."""

    out: View
    left: View
    right: View


@dataclass(frozen=True)
class Gather:
    """Numbers that lie here and there, copied side by side."""

    out: View
    index: Positions


Entry: TypeAlias = tuple[str, Callable[..., float], int, tuple[int, ...]]
"""An operation on single numbers: its name, its value rule, where the result goes, its operands."""


@dataclass(frozen=True)
class Scalars:
    """Operations on single numbers, one after the other."""

    entries: list[Entry]


@dataclass(frozen=True)
class Check:
    """Conditions, and whether each must hold."""

    index: Positions
    required: list[bool]


Step: TypeAlias = Apply | Reduce | Ragged | Take | Product | Gather | Scalars | Check


def reads(step: Step) -> list[Positions]:
    """The positions of what a step reads, operand by operand."""
    if isinstance(step, Apply):
        return [x.positions() for x in step.operands]
    if isinstance(step, Take):
        return [step.index.positions(), step.table]
    if isinstance(step, Reduce | Ragged):
        return [step.operand.positions()]
    if isinstance(step, Product):
        return [step.left.positions(), step.right.positions()]
    if isinstance(step, Gather | Check):
        return [step.index]
    assert isinstance(step, Scalars)
    return [np.array([i for _, _, _, operands in step.entries for i in operands], np.int64)]


@dataclass(frozen=True, slots=True)
class Variable:
    """A group of numbers with a place and a shape: what the source calls a variable."""

    group: Group
    view: View


@dataclass
class Plan:
    """What a lifted program computes.

    Attributes:
        size: how many numbers the buffer holds; the inputs come first.
        inputs: how many inputs there are.
        literals: numbers that stand in the buffer from the beginning, by position.
        steps: what a run does.
        outputs: the positions of the results.
        variables: the groups with their places, in the order in which they are computed.
        told: where results lie whose zeros must have the right sign, and what makes them.
        names: what inputs are called, by position.
    """

    size: int = 0
    inputs: int = 0
    literals: list[tuple[int, Numbers]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    told: dict[int, str] = field(default_factory=dict)
