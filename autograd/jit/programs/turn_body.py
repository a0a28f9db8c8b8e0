"""One turn of a region as a program: the body of a loop (`roll`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from autograd.jit.programs.periods import Before, Carried, Own
from autograd.jit.programs.program import Program

_INDEXES = re.compile(r"\[\d+\]|\.\d+")


class Turn:
    """One turn as a program.

    Attributes:
        body: it has inputs for what is carried, for rows and for what is the same.
        carried: what is carried, as operands.
        rows: the nodes of each row.
        same: the nodes that stay the same.
    """

    def __init__(
        self, old: Program, nodes: Sequence[int], operands: Sequence[Sequence[Any]]
    ) -> None:
        self.body = body = Program()
        carried: dict[Carried, None] = {}
        rows: dict[Before, None] = {}
        same: dict[Before, None] = {}
        constants: dict[Before, None] = {}
        for x in (x for at in operands for x in at):
            if isinstance(x, Carried):
                for k in range(len(x.first)):
                    carried[Carried(x.place, x.first[k:])] = None
            elif isinstance(x, Before) and len(set(x.nodes)) > 1:
                rows[x] = None
            elif isinstance(x, Before):
                is_constant = x.nodes[0] in old.constants
                (constants if is_constant else same)[x] = None
        self.carried = [*carried]
        self.rows = [x.nodes for x in rows]
        self.same = [x.nodes[0] for x in same]
        self._inputs: dict[Any, int] = {}
        for x in carried:
            self._input(x, "carry", not old.values.isdisjoint([nodes[x.place], *x.first]))
        for x in (*rows, *same):
            names = {_INDEXES.sub("", old.names.get(node, "x")) for node in x.nodes}
            name = names.pop() if len(names) == 1 else "x"
            self._input(x, name, not old.values.isdisjoint(x.nodes))
        for x in constants:
            self._inputs[x] = body.constant(old.constants[x.nodes[0]])
        for x, node in self._inputs.items():
            stands_for = x.nodes if isinstance(x, Before) else [nodes[x.place], *x.first]
            if not old.derived.isdisjoint(stands_for):
                body.derived.add(node)
        self._results: list[int] = []
        guards, suspects = dict(old.guards), set(old.suspects)
        for node, at in zip(nodes, operands, strict=True):
            operation = old.operations[node]
            assert operation is not None
            made = body.apply(operation, *[self._node(x) for x in at])
            self._results.append(made)
            if node in old.values:
                body.values.add(made)
            if node in old.derived:
                body.derived.add(made)
            if node in guards:
                body.guards.append((made, guards[node]))
            if node in suspects:
                body.suspects.append(made)

    def _input(self, x: Any, name: str, is_value: bool) -> None:
        node = self._inputs[x] = self.body.input(name)
        if is_value:
            self.body.values.add(node)

    def _node(self, x: Any) -> int:
        return self._results[x.place] if isinstance(x, Own) else self._inputs[x]

    def at(self, place: int) -> int:
        """The node of the result at a place of the turn."""
        return self._results[place]

    def next(self, x: Carried) -> int:
        """What is carried into the next turn."""
        if len(x.first) == 1:
            return self._results[x.place]
        return self._inputs[Carried(x.place, x.first[1:])]
