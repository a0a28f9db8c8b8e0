"""Simplification: a program that computes the same with fewer nodes, and shows its structure.

A traced graph has everything its author wrote: sums that start from 0, powers of 2, the same
sigmoid in a result and in its derivative, additions one after the other. Three passes:

| pass   | by            | what it does                                                       |
|--------|---------------|--------------------------------------------------------------------|
| clean  | `clean`       | constants are folded, operations that change no number dropped     |
| gather | `reassociate` | chains of additions become sums and dot products, what is equal is |
|        |               | brought to one form (`fold`), and equal nodes are shared           |
| prune  | `prune`       | nodes that no output, guard or error needs are dropped             |

The body of a loop is simplified first, as a program of its own.

The result is the same to the last bit where nothing was gathered and no power replaced, and
differs by rounding elsewhere. A program that raises still raises, perhaps another of several
errors, and so may one that meets infinities or nan: the caller then runs the plain function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import copysign
from typing import Any

from autograd.jit.programs.fold import MUL, Rules, finish, folded
from autograd.jit.programs.fused_sums import fused
from autograd.jit.programs.loops import has_loops, in_bodies
from autograd.jit.programs.program import Program
from autograd.jit.programs.reads import live
from autograd.jit.programs.reassociate import gather
from autograd.jit.programs.rewrites import (
    ALWAYS,
    NORMAL,
    SIGNLESS,
    SQUARES,
    Apply,
    Constant,
    Node,
    Number,
    Rule,
    rules,
)
from autograd.jit.programs.trim import trimmed
from autograd.modes import pause_gc


def simplify(program: Program, counts: dict[str, int] | None = None) -> Program:
    """The program in its simplest form, with the same inputs and outputs.

    Args:
        program: what to simplify; it is not changed.
        counts: receives the number of nodes, as traced and after each pass.

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> a, b, x, y = (program.input(name) for name in "abxy")
    >>> total = program.constant(0.0)
    >>> for pair in ((a, x), (b, y)):
    ...     total = program.apply(TABLE["add"], total, program.apply(TABLE["mul"], *pair))
    >>> program.outputs.append(total)
    >>> program.counts()
    {'inputs': 4, 'constants': 1, 'mul': 2, 'add': 2}
    >>> counts = {}
    >>> simplify(program, counts).counts()
    {'inputs': 4, 'constants': 1, 'dot': 1, 'add': 1}
    >>> counts
    {'traced': 9, 'clean': 9, 'gather': 7, 'prune': 7}
    """
    counts = {} if counts is None else counts
    with pause_gc():
        counts["traced"] = len(program)
        if has_loops(program):
            for change in (simplify, _cleaned):  # a simpler body may carry less
                program = in_bodies(trimmed(prune(program)), change)
        program, squares = clean(program, rules(ALWAYS, SQUARES))
        counts["clean"] = sum(program.counts().values())
        program = gather(program, squares, rules(ALWAYS, NORMAL, SIGNLESS))
        counts["gather"] = len(program)
        program = prune(program)
        if has_loops(program):
            program = prune(trimmed(fused(program)))
        counts["prune"] = len(program)
    return program


def _cleaned(program: Program) -> Program:
    """The program with constants folded; its sums have been gathered, which is done once."""
    return prune(clean(program, rules(ALWAYS))[0])


def clean(program: Program, table: Sequence[Rule]) -> tuple[Program, set[int]]:
    """The program with constants folded and rules applied, each node in its place.

    A node that another takes the place of stays, without an operation, and nothing reads it.

    Args:
        program: what to rewrite; it is not changed.
        table: rules that give a node, a number, or an operation on letters of the pattern.

    Returns:
        The program, and the products that took the place of a power, and do not raise as it does.
    """
    operations, operands = list(program.operations), list(program.operands)
    numbers = {node: float(x) for node, x in program.constants.items()}
    made = replace(program, operations=operations, operands=operands, constants=numbers)
    found = Rules(table, made)
    first: dict[tuple[float, float], int] = {}  # the node of each constant
    new, gone = list(range(len(program))), set[int]()
    squares: set[int] = set()

    def put(node: int, result: Any) -> None:
        """Note that a node is another one, or a constant."""
        if isinstance(result, float):
            numbers[node], found.kinds[node] = result, found.kind(result)
            result = first.setdefault((result, copysign(1.0, result)), node)
        operations[node], operands[node] = None, ()
        if result != node:
            new[node] = result
            gone.add(node)

    for node, operation in enumerate(program.operations):
        if operation is None:
            if node in numbers:
                put(node, numbers[node])
            continue
        at = operands[node]
        if gone and not gone.isdisjoint(at):
            at = operands[node] = tuple([new[i] for i in at])
        result = folded(operation, at, numbers) if not at or at[0] in numbers else None
        while result is None and operation in found.by_operation:
            fitting = found.find(operation, at, told=True)
            if fitting is None:
                break
            rule, bound = fitting
            match rule.result:
                case Node(name):
                    result = int(bound[name])
                case Number(value):
                    result = value
                case Apply(operation, letters):
                    at = tuple(
                        [
                            _node(bound[x.name], first)
                            for x in letters
                            if isinstance(x, Node | Constant)
                        ]
                    )
                    operations[node] = found.kinds[node] = operation
                    operands[node] = at
                    if operation is MUL:
                        squares.add(node)
                    result = folded(operation, at, numbers)
        if result is not None:
            put(node, result)
    finish(program, made, new)
    return made, squares


def _node(letter: Any, first: dict[tuple[float, float], int]) -> int:
    """The node that a letter stands for."""
    return first[letter, copysign(1.0, letter)] if isinstance(letter, float) else int(letter)


def prune(program: Program) -> Program:
    """The program without the nodes that nothing depends on.

    An operation that could raise stays, since the plain function would raise too.
    """
    needed = live(program)
    if len(needed) == len(program):
        return program
    kept = sorted(needed)
    new = [-1] * len(program)
    for place, node in enumerate(kept):
        new[node] = place
    constants, names = program.constants, program.names
    made = Program(
        [program.operations[node] for node in kept],
        [tuple([new[i] for i in program.operands[node]]) for node in kept],
        {new[node]: number for node, number in constants.items() if node in needed},
        names={new[node]: name for node, name in names.items()},
    )
    finish(program, made, new)
    return made
