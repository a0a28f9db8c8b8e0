"""Whether a function of rows is a sum over them: proved on the program of a trace.

    f(r1 ... rn) = k c(r1) + ... + k c(rn) + p

A node of the program depends on no row, on one, or on several. Down from the result, sums and
products with what depends on no row lead to nodes of one row, the *terms*. If another operation
takes in several rows, or a condition does, the rows are coupled. Rows that decide alike must have
the same terms, operation for operation, so that the place of a row does not count.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any

from autograd.errors import TraceError
from autograd.jit.calls.arguments import named_arguments, objects_in
from autograd.jit.calls.calls import call
from autograd.jit.calls.captured import CapturedState, Learned, observe, watch
from autograd.jit.calls.leaves import ARGUMENTS
from autograd.jit.programs.fold import finish
from autograd.jit.programs.program import Program
from autograd.jit.tracing.tracer import Traced, trace
from autograd.jit.unsupported import Unsupported
from autograd.primitives import TABLE
from autograd.value import Value

ADD, SUB, NEG = TABLE["add"], TABLE["sub"], TABLE["neg"]
MUL, DIV = TABLE["mul"], TABLE["div"]
SUM, DOT = TABLE["sum"], TABLE["dot"]

NONE, SEVERAL = -1, -2
"""Of how many rows a node is, if not of one."""


def why_coupled(f: Callable[[list[Any]], Any], rows: Sequence[Any]) -> str | None:
    """Why a function of rows is no sum over them; None if it is one.

    Other rows may take other branches: then the sum is proved for these alone.

    Args:
        f: the function of a list of rows; it returns a Value.
        rows: structures of numbers, at which it is traced.

    Raises:
        TraceError: it cannot be traced.

    >>> why_coupled(lambda rows: sum(x * y for x, y in rows) / len(rows), [(1.0, 2.0)] * 3)
    >>> why_coupled(lambda rows: sum(rows) / sum(x * x for x in rows), [1.0, 2.0, 3.0])
    'numbers of several rows meet in div'
    >>> why_coupled(min, [1.0, 2.0, 3.0])
    'a condition reads several rows'
    >>> why_coupled(lambda rows: rows[0] + rows[1], [1.0, 2.0, 3.0])
    'a row counts otherwise than another one in its place'
    """
    program = _program(f, rows)
    owners: dict[int, tuple[int, int]] = {}
    inputs = iter(program.inputs)
    for i, row in enumerate(rows):
        leaves: list[Any] = []
        ARGUMENTS.define(row, leaves)
        owners |= {node: (i, k) for k, node in zip(range(len(leaves)), inputs, strict=False)}
    return _Terms(program, owners).problem(len(rows))


def _program(f: Callable[[list[Any]], Any], rows: Sequence[Any]) -> Program:
    """The program of a function at these rows, in which loops are written out."""
    leaves: list[Any] = []

    def run(state: CapturedState) -> Traced:
        return trace(
            lambda fresh: call(f, definition, fresh, state.eyes()),
            [Value(float(x)) for x in leaves],
            [""] * len(leaves),
            lambda out: [out],
            lambda _: "",
            rolls=False,
            watch=watch,
        )

    try:
        definition = ARGUMENTS.define_call(([*rows],), {}, leaves)
        named = named_arguments(f, definition)
        objects = [found for path, part in named for found in objects_in(part, path)]
        return _without_dots(observe(f, objects, Learned(unrolls=True), run)[1].program)
    except Unsupported as problem:
        raise TraceError(str(problem)) from None


def _without_dots(program: Program) -> Program:
    """The program with sums of products in place of inner products."""
    made = Program()

    def dot(*at: int) -> int:
        half = len(at) // 2
        return made.apply(SUM, *map(partial(made.apply, MUL), at[:half], at[half:]))

    given = [made.input(program.names.get(node, "")) for node in program.inputs]
    meaning = lambda operation: dot if operation is DOT else partial(made.apply, operation)
    finish(program, made, program.interpret(given, meaning, made.constant))
    return made


class _Terms:
    """The nodes of a program, by rows.

    Args:
        program: what a function of rows computes.
        owners: for each input that is a number of a row, which row, and which of its numbers.
    """

    def __init__(self, program: Program, owners: dict[int, tuple[int, int]]) -> None:
        self._program = program
        self._rows: list[int] = []  # of which row each node is
        self._kinds: list[int] = []  # what it computes: the same for two rows that do the same
        self._known: dict[Hashable, int] = {}
        for node, (operation, at) in enumerate(
            zip(program.operations, program.operands, strict=True)
        ):
            row, place = owners.get(node, (NONE, 0))
            kind: Hashable = ("row", place)
            if operation is not None:
                found = {self._rows[i] for i in at} - {NONE}
                row = NONE if not found else found.pop() if len(found) == 1 else SEVERAL
                kind = operation, *[self._kinds[i] for i in at]
            elif row == NONE:
                kind = repr(program.constants[node]) if node in program.constants else ("", node)
            self._rows.append(row)
            self._kinds.append(self._kind(kind))

    def _kind(self, key: Hashable) -> int:
        return self._known.setdefault(key, len(self._known))

    def problem(self, count: int) -> str | None:
        """Why the result is no sum over so many rows; None if it is one."""
        rows, kinds = self._rows, self._kinds
        decided: dict[int, set[Hashable]] = defaultdict(set)
        for node, outcome in self._program.guards:
            if rows[node] == SEVERAL:
                return "a condition reads several rows"
            decided[rows[node]].add((kinds[node], outcome))
        terms: dict[int, Counter[Hashable]] = defaultdict(Counter)
        waiting: list[tuple[int, tuple[int, ...]]] = [(self._program.outputs[0], ())]
        while waiting:
            node, factors = waiting.pop()
            if rows[node] == NONE:
                continue
            parts = self._parts(node)
            if parts:
                waiting += [(i, (*factors, *more)) for i, more in parts]
            elif rows[node] == SEVERAL:
                operation = self._program.operations[node]
                return f"numbers of several rows meet in {getattr(operation, 'name', 'a loop')}"
            else:
                terms[rows[node]][factors, kinds[node]] += 1
        found: dict[Hashable, Counter[Hashable]] = {}
        for row in range(count):
            own = terms[row]
            if found.setdefault(frozenset(decided[row]), own) != own:
                return "a row counts otherwise than another one in its place"
        return None

    def _parts(self, node: int) -> list[tuple[int, tuple[int, ...]]]:
        """What a node is a sum of, each with kinds of factors; nothing if it is none."""
        rows, kinds = self._rows, self._kinds
        operation, at = self._program.operations[node], self._program.operands[node]
        minus = self._kind("minus")
        if operation in (ADD, SUM):
            return [(i, ()) for i in at]
        if operation is SUB:
            return [(at[0], ()), (at[1], (minus,))]
        if operation is NEG:
            return [(at[0], (minus,))]
        if operation is DIV and rows[at[1]] == NONE:
            return [(at[0], (self._kind(("over", kinds[at[1]])),))]
        factor = next((k for k in (0, 1) if operation is MUL and rows[at[k]] == NONE), None)
        return [] if factor is None else [(at[1 - factor], (kinds[at[factor]],))]
