"""Groups: nodes that one array operation can compute together.

Two nodes belong together when the same operation makes them out of operands that belong together
in their turn. That is decided in one pass, operands before results: the *signature* of a node is
its operation with the groups of its operands, and nodes of one signature are a group. A loop over
samples and neurons writes thousands of nodes with a handful of signatures. (Two nodes of one group
never depend on each other, since every group in a signature is older than the group it signs.)

Inputs are grouped by name: `layers.0.neurons.3.weights.1` and `layers.0.neurons.0.weights.2` are
both `layers.0.neurons.*.weights.*`. Where the order of operands does not matter it is made the
same for all, so that `a * b` and `b * a` get one signature.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from autograd.jit.program import Program
from autograd.jit.rewrites import finite
from autograd.primitives import TABLE, tracing
from autograd.primitives.definition import Primitive

Operands = tuple[int, ...]

CONSTANTS = 0
"""The number of the group of all constants."""


@dataclass
class Group:
    """Nodes of one signature.

    Attributes:
        operation: what makes them; None for inputs and constants.
        sources: the group of each of their operands.
        stem: of inputs: the name they share.
        members: the nodes, in the order of the program.
        operands: what each is made from.
    """

    operation: Primitive | None
    sources: tuple[int, ...] = ()
    stem: str = ""
    members: list[int] = field(default_factory=list)
    operands: list[Operands] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the operation, if it is a built-in one."""
        return _NAMES.get(self.operation, "")


_NAMES: dict[Primitive | None, str] = {
    **{made: name for name, made in TABLE.items()},
    **{
        function.primitive: function.primitive.name
        for function in (*vars(tracing).values(), finite)
        if hasattr(function, "primitive")
    },
}
"""The built-in primitives, those that only a trace or a rewriting makes among them."""


def group_nodes(program: Program) -> list[Group]:
    """The groups of a program, sources first; the first is that of the constants.

    >>> program = Program()
    >>> xs = [program.input(f"x[{i}]") for i in range(3)]
    >>> ys = [program.apply(TABLE["exp"], x) for x in xs]
    >>> [group.members for group in group_nodes(program)]
    [[], [0, 1, 2], [3, 4, 5]]
    """
    groups = [Group(None, members=list(program.constants))]
    group_of = [CONSTANTS] * len(program)
    numbers: dict[object, int] = {}
    for node in program.inputs:
        stem = _stem(program.names.get(node, ""))
        number = numbers.setdefault(stem, len(groups))
        if number == len(groups):
            groups.append(Group(None, stem=stem))
        groups[number].members.append(node)
        group_of[node] = number
    for node, operation in enumerate(program.operations):
        if operation is None:
            continue
        operands = program.operands[node]
        arrange = _ARRANGEMENTS.get(operation)
        if arrange is not None:
            operands = arrange(operands, group_of)
        sources = tuple([group_of[i] for i in operands])
        number = numbers.setdefault((operation, sources), len(groups))
        if number == len(groups):
            groups.append(Group(operation, sources))
        groups[number].members.append(node)
        groups[number].operands.append(operands)
        group_of[node] = number
    return groups


_COUNTERS = re.compile(r"\[\d+\]|(?<=neurons\.)\d+|(?<=\.)\d+$|^\d+$")


def _stem(name: str) -> str:
    """An input's name without the numbers that count rows, neurons and entries.

    >>> _stem("layers.0.neurons.3.weights.1"), _stem("x[2][0]")
    ('layers.0.neurons.*.weights.*', 'x')
    """
    return _COUNTERS.sub(lambda found: "" if found[0].startswith("[") else "*", name)


def _sorted(operands: Operands, group_of: Sequence[int]) -> Operands:
    """The operands of an operation in which their order does not matter, by group."""
    return tuple(sorted(operands, key=group_of.__getitem__))


def _sorted_pairs(operands: Operands, group_of: Sequence[int]) -> Operands:
    """The operands of a dot, the older group of each pair on the left, and the pairs by group."""
    half = len(operands) // 2
    pairs = [
        (a, b) if group_of[a] <= group_of[b] else (b, a)
        for a, b in zip(operands[:half], operands[half:], strict=True)
    ]
    pairs.sort(key=lambda pair: (group_of[pair[0]], group_of[pair[1]]))
    return (*[a for a, _ in pairs], *[b for _, b in pairs])


_ARRANGEMENTS: dict[Primitive, Callable[[Operands, Sequence[int]], Operands]] = {
    **{TABLE[name]: _sorted for name in ("add", "mul", "sum", "prod", "max", "min", "logsumexp")},
    TABLE["dot"]: _sorted_pairs,
}
