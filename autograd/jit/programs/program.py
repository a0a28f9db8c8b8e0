"""A program: a graph as parallel lists of operations and indexes, which compilation works on.

A graph of Values is good for building and bad for rewriting: walking it follows references from
object to object. Here a *node* is an index. Node 7 is the result of `operations[7]` on the nodes
`operands[7]`, all of which come before it, so that a walk is a loop over a range, and a rewrite
makes new lists from old ones. A node without an operation is an *input*, whose number is given at
each run, or a *constant*.

A *guard* is a condition of the trace, such as that of an `if`, that must hold again. If a guard
fails, this program does not apply to the call, and `GuardFailure` is raised.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import isfinite
from operator import attrgetter
from typing import Any, Protocol

from autograd.primitives.definition import Primitive


class GuardFailure(Exception):  # noqa: N818 - not an error: another specialisation applies
    """A guard failed: a condition or the captured state differs from the trace."""


def required(found: float, outcome: bool) -> None:
    """Raise GuardFailure unless a guard is what it must be."""
    if bool(found) is not outcome:
        raise GuardFailure(f"a condition is {found}")


class Lowered(Protocol):
    """A program, compiled by a backend."""

    @property
    def backend(self) -> str:
        """The name of the backend."""

    @property
    def source(self) -> str:
        """The code, for a reader."""

    @property
    def stats(self) -> dict[str, int]:
        """Counts by name."""

    def run(self, numbers: Sequence[float]) -> Sequence[float]:
        """The outputs for these inputs.

        Raises:
            GuardFailure: a guard does not hold.
            ArithmeticError, ValueError: a number cannot be computed.
        """


@dataclass
class Program:
    """A graph of operations on single numbers.

    Attributes:
        operations: the primitive of each node; None for an input or a constant.
        operands: the operands of each node: nodes before it.
        constants: the numbers of the constants, by node.
        inputs: nodes, in the order in which a run is given their numbers.
        outputs: nodes, in the order in which a run returns their numbers.
        guards: nodes with what each must be: other than 0, or 0.
        suspects: nodes of derivatives that are not finite if infinity was multiplied where nothing
            flows: such a run is discarded (`tracer.find_suspects`).
        regrouped: sums that are added up in another order than in the function, and may be
            infinite or nan where they are not there: such a run is discarded.
        names: the names of inputs, such as `x[0]` or `layers.0.neurons.1.weights.0`.
        variables: the places of the inputs that stand for Values, not for plain numbers. This, and
            what follows, a program has as it was traced, to be differentiated.
        values: the nodes that are Values in the plain function too.
        derived: the nodes that belong to derivatives.

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> x, y = program.input("x"), program.input("y")
    >>> program.outputs.append(program.apply(TABLE["mul"], x, y))
    >>> print(program)
    v1 = mul(x, y)
    return v1
    >>> program.evaluate([2.0, 3.0])
    [6.0]
    """

    operations: list[Primitive | None] = field(default_factory=list)
    operands: list[tuple[int, ...]] = field(default_factory=list)
    constants: dict[int, float] = field(default_factory=dict)
    inputs: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    guards: list[tuple[int, bool]] = field(default_factory=list)
    suspects: list[int] = field(default_factory=list)
    regrouped: list[int] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    variables: list[int] = field(default_factory=list)
    values: set[int] = field(default_factory=set)
    derived: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.operations)

    def __str__(self) -> str:
        """The program as text, an operation a line; what a guard asks of a node is beside it.

        The body of a loop is below it.
        """
        names = {node: f"x{k}" for k, node in enumerate(self.inputs, 1)} | self.names
        names |= {node: repr(number) for node, number in self.constants.items()}
        required = dict(self.guards)
        lines: list[str] = []
        count = 0
        for node, operation in enumerate(self.operations):
            if operation is not None:
                names[node] = f"v{(count := count + 1)}"
                operands = ", ".join([names[i] for i in self.operands[node]])
                guard = f"  # guard: {required[node]}" if node in required else ""
                lines.append(f"{names[node]} = {operation.name}({operands}){guard}")
                if body := getattr(operation, "body", None):
                    lines += [f"    {line}" for line in str(body).split("\n")]
        return "\n".join([*lines, f"return {', '.join([names[i] for i in self.outputs])}"])

    def input(self, name: str = "") -> int:
        """Add an input; its node."""
        node = self._leaf()
        self.inputs.append(node)
        if name:
            self.names[node] = name
        return node

    def constant(self, number: float) -> int:
        """Add a constant; its node."""
        node = self._leaf()
        self.constants[node] = number
        return node

    def apply(self, operation: Primitive, *operands: int) -> int:
        """Add an operation; its node."""
        self.operations.append(operation)
        self.operands.append(operands)
        return len(self.operations) - 1

    def _leaf(self) -> int:
        self.operations.append(None)
        self.operands.append(())
        return len(self.operations) - 1

    def only(self, nodes: Iterable[int]) -> Program:
        """The program of these nodes, among which is whatever they, outputs and guards need.

        Which inputs are variables is not kept.
        """
        kept = sorted(nodes)
        new = {node: place for place, node in enumerate(kept)}
        return Program(
            [self.operations[node] for node in kept],
            [tuple([new[i] for i in self.operands[node]]) for node in kept],
            {new[node]: number for node, number in self.constants.items() if node in new},
            [new[node] for node in self.inputs if node in new],
            [new[node] for node in self.outputs],
            [(new[node], outcome) for node, outcome in self.guards],
            [new[node] for node in self.suspects],
            [new[node] for node in self.regrouped],
            {new[node]: name for node, name in self.names.items() if node in new},
            values={new[node] for node in self.values if node in new},
            derived={new[node] for node in self.derived if node in new},
        )

    @property
    def size(self) -> int:
        """The number of operations."""
        return len(self.operations) - self.operations.count(None)

    def interpret(
        self,
        given: Sequence[Any],
        meaning: Callable[[Primitive], Callable[..., Any]],
        constant: Callable[[float], Any] | None = None,
        decide: Callable[[Any, bool], object] | None = None,
    ) -> list[Any]:
        """What each node is, for a meaning of operations.

        Their value rules, on floats, give a run; on Values they give a graph; and on the nodes of
        another program that program grows by this one.

        Args:
            given: the inputs.
            meaning: the function of its operands that an operation is.
            constant: what stands for a number; by default the number itself.
            decide: is told of each guard what it is, and what it must be.
        """
        found: list[Any] = [None] * len(self.operations)
        for node, number in self.constants.items():
            found[node] = constant(number) if constant else number
        for node, x in zip(self.inputs, given, strict=True):
            found[node] = x
        outcomes = dict(self.guards) if decide else {}
        meanings = {made: meaning(made) for made in set(self.operations) if made is not None}
        for node, operation in enumerate(self.operations):
            if operation is not None:
                found[node] = meanings[operation](*[found[i] for i in self.operands[node]])
            if decide and node in outcomes:
                decide(found[node], outcomes[node])
        return found

    def evaluate(self, numbers: Sequence[float]) -> list[float]:
        """The outputs for these inputs, by the primitives' own value rules.

        It is what every backend must agree with.

        Raises:
            GuardFailure: a guard does not hold.
            ArithmeticError, ValueError: a number cannot be computed.
        """
        found = self.interpret(numbers, attrgetter("value"), decide=required)
        if not all(isfinite(found[node]) for node in self.suspects):
            raise FloatingPointError("a derivative is not finite")
        return [found[node] for node in self.outputs]

    def counts(self) -> dict[str, int]:
        """How many nodes there are of each operation, and of inputs and constants."""
        made = Counter(operation.name for operation in self.operations if operation is not None)
        return {"inputs": len(self.inputs), "constants": len(self.constants), **made}
