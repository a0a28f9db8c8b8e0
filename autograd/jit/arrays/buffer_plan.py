"""A plan: the steps of a lifted program, in one flat buffer of numbers.

A plan has the position of every number and the order of the operations; it holds no arrays. The
NumPy backend binds it to a buffer and writes it as a function (`source`); `native` compiles it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from autograd.jit.arrays.groups import Group
from autograd.jit.arrays.views import Numbers, Positions, View
from autograd.jit.tuning import UNROLLED_READS, UNROLLED_RESULTS
from autograd.primitives.definition import Primitive


@dataclass(frozen=True)
class Apply:
    """An operation on whole arrays, number by number: `out = operation(*operands)`."""

    operation: Primitive
    out: View
    operands: tuple[View, ...]


@dataclass(frozen=True)
class Reduce:
    """A reduction of each row to one number: over the axes beyond those of `out`."""

    operation: Primitive
    out: View
    operand: View


@dataclass(frozen=True)
class Ragged:
    """A reduction of each span of an array to one number.

    Attributes:
        operation: what joins the numbers.
        out: the results.
        operand: the array.
        starts: the index in it at which each span begins.
    """

    operation: Primitive
    out: View
    operand: View
    starts: Positions


@dataclass(frozen=True)
class Take:
    """From each row of numbers, the one at an index.

    Attributes:
        out: the numbers taken.
        index: the index of each in its row.
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
    """Scattered numbers, copied to consecutive positions."""

    out: View
    index: Positions


Entry: TypeAlias = tuple[Primitive, int, tuple[int, ...]]
"""An operation on single numbers: where the result goes, and its operands."""


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
    """The positions that a step reads, operand by operand."""
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
    return [np.array([i for _, _, operands in step.entries for i in operands], np.int64)]


def work(step: Step) -> int:
    """How many numbers a step reads, repeated ones counted."""
    if isinstance(step, Apply):
        return step.out.size * len(step.operands)
    if isinstance(step, Reduce | Ragged):
        return step.operand.size
    if isinstance(step, Product):
        return 2 * step.out.size * step.left.shape[-1]
    if isinstance(step, Scalars):
        return sum(len(operands) for _, _, operands in step.entries)
    return step.table.size if isinstance(step, Take) else len(step.index)


def is_few(step: Step) -> bool:
    """Whether machine code computes an operation on arrays number by number.

    Elementwise ones that fill a register are faster as they are.
    """
    is_narrow = not isinstance(step, Apply) or step.out.size <= UNROLLED_RESULTS
    return is_narrow and work(step) <= UNROLLED_READS


@dataclass(frozen=True, slots=True)
class Variable:
    """A group of numbers with a place and a shape: a variable of the source."""

    group: Group
    view: View


@dataclass
class Plan:
    """What a lifted program computes.

    Attributes:
        size: the size of the buffer, in numbers; the inputs come first.
        inputs: the number of inputs.
        literals: constants in the buffer, by position.
        steps: the steps of a run.
        outputs: the positions of the results.
        variables: the groups with their places, in the order in which they are computed.
        told: the positions of results whose zeros must have the right sign, with the operations.
    """

    size: int = 0
    inputs: int = 0
    literals: list[tuple[int, Numbers]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)
    told: dict[int, Primitive] = field(default_factory=dict)
