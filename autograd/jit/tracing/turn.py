"""One turn of a loop, traced: a program of what is carried into it, and what it reads.

It runs on fresh leaves, as a whole function does (`tracer`), on a tape of its own. What is said of
Values on the tape around it (that they are constant, or stand for plain numbers) is true here too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from operator import is_not
from typing import TYPE_CHECKING, Any

from autograd import tree
from autograd.graph import dependents
from autograd.jit.programs.loops import Unrolled
from autograd.modes import tracing
from autograd.number import MOST_EXACT, is_number
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive
from autograd.trace import differentiated
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.jit.tracing.tape import Tape

Step = Callable[[Any, Any], tuple[Any, Any]]
"""From what is carried and what is read to what is carried on and what is left."""

_BOUNDS: dict[Primitive, Callable[..., float]] = {
    TABLE["add"]: operator.add,
    TABLE["sub"]: operator.add,
    TABLE["mul"]: operator.mul,
    TABLE["neg"]: abs,
    TABLE["abs"]: abs,
    TABLE["floordiv"]: lambda a, b: a,
    TABLE["mod"]: lambda a, b: b,
    **dict.fromkeys(
        [TABLE["pow"], TABLE["pow_number"], TABLE["number_pow"]], lambda a, b: max(a, 1.0) ** b
    ),
}
"""How large a whole number may be that an operator makes, given how large its operands may be."""


class Turn:
    """One turn, traced.

    Attributes:
        body: what it computes: first the numbers of the next carry, then those that it leaves.
        outer: the Values from around it that it reads, the last inputs of the body.
        constants: for each output, what it is if that is the same in each turn, else None.
        carry: the next carry.
        definitions: of that, and of what it leaves.
        given: for each input but `outer`, whether it is a Value in the plain function.
        kinds: for each output, whether it is one.
        containers: the lists, dicts and arrays that it leaves, by `id`.
        depends: for each output, whether it is a float, or depends on a number that is no integer.
    """

    def __init__(
        self,
        tape: Tape,
        step: Step,
        carry: Given,
        row: Given,
        kinds: Sequence[bool],
        bounds: Sequence[float | None] = (),
    ) -> None:
        from autograd.jit.tracing.tape import Tape
        from autograd.jit.tracing.tracer import Recording

        given = [*carry.leaves, *row.leaves]
        with tracing(None):
            leaves = [Value(x._data if x.__class__ is Value else x) for x in given]
        inner = Tape()
        # What is said of a Value is true of it inside.
        for name in ("constants", "values", "plain", "integers", "whole"):
            setattr(inner, name, getattr(tape, name))
        outside = differentiated.get()
        if outside:  # what a transform differentiates in moves, though no run changes it
            inner.constants = tape.constants - dependents(tape.nodes, outside)
        for leaf, x, is_value in zip(leaves, given, kinds, strict=True):
            (inner.values if is_value else inner.plain).add(leaf)
            if x in tape.integers if x.__class__ is Value else not is_float(x):
                inner.integers.add(leaf)
        for leaf, bound in zip(leaves[len(carry.leaves) :], bounds, strict=False):
            if bound is not None:
                inner.whole[leaf] = bound
        token = differentiated.set(
            outside.union([x for x in leaves if x in inner.values]) if outside else outside
        )
        try:
            with tracing(inner):
                count = len(carry.leaves)
                handed = [carry.around(leaves[:count]), row.around(leaves[count:])]
                found = step(*handed)
        finally:
            differentiated.reset(token)
        tape.inside.update(leaves, inner.nodes, inner.inside)
        if inner.raised or inner.unrolled:
            raise Unrolled("an exception is caught")
        after = [x for part in handed for x in Given(part).leaves]
        if len(after) != len(leaves) or any(map(is_not, leaves, after)):
            raise Unrolled("a turn changes what it is given")
        self.containers = containers(found[1])
        if not containers(handed).keys().isdisjoint(self.containers):
            raise Unrolled("a turn leaves a list, dict or array that it is given")
        tape.holds_transform |= inner.holds_transform
        if tape.derived:  # what is carried may be a derivative
            inner.derived.update(leaves)
        _bound(inner)
        self.carry = found[0]
        parts = [Given(found[0]), Given(found[1])]
        self.definitions = [part.definition for part in parts]
        results = [x for part in parts for x in part.leaves]
        names = [*_names("carry", carry.leaves), *_names("x", row.leaves)]
        recording = Recording(
            inner, dict(zip(leaves, names, strict=True)), lambda x: x.label or "same", outside
        )
        self.body = recording.program([x if x.__class__ is Value else float(x) for x in results])
        self.outer = recording.parameters
        self.given = [*kinds]
        self.constants = [None if self._varies(x, inner) else x for x in results]
        self.kinds = [node in self.body.values for node in self.body.outputs]
        self.depends = self._depending([*map(is_float, given), *[True] * len(self.outer)])

    @staticmethod
    def _varies(x: Any, inner: Tape) -> bool:
        return x.__class__ is Value and x not in inner.constants

    def _depending(self, are_floats: Sequence[bool]) -> list[bool]:
        body = self.body
        found = {node for node, x in zip(body.inputs, are_floats, strict=True) if x}
        for node, operands in enumerate(body.operands):
            if not found.isdisjoint(operands):
                found.add(node)
        return [
            node in found or is_float(constant)
            for node, constant in zip(body.outputs, self.constants, strict=True)
        ]

    def widen(self, outer: Sequence[Value], given: int) -> None:
        """Have inputs for these Values, in this order, behind those that are given."""
        nodes = dict(zip(self.outer, self.body.inputs[given:], strict=True))
        places = [nodes[x] if x in nodes else self.body.input(x.label) for x in outer]
        self.body.inputs = [*self.body.inputs[:given], *places]
        self.outer = [*outer]

    def is_like(self, other: Turn) -> bool:
        """Whether both turns do the same, whatever is carried into them."""
        mine, its = self.body, other.body
        are_same = all(
            repr(getattr(mine, name)) == repr(getattr(its, name))
            for name in ("operations", "operands", "constants", "inputs", "outputs", "guards")
        )
        return (
            are_same
            and self.containers.keys().isdisjoint(other.containers)
            and self.definitions == other.definitions
            and list(map(id, self.outer)) == list(map(id, other.outer))
            and repr(list(map(_plain, self.constants))) == repr(list(map(_plain, other.constants)))
        )


def containers(x: Any) -> dict[int, Any]:
    """The lists, dicts, arrays and other objects in a structure of numbers, by `id`."""
    if x is None or is_number(x):
        return {}
    if isinstance(x, tuple | list | dict):
        items = x.values() if isinstance(x, dict) else x
        found = {} if isinstance(x, tuple) else {id(x): x}
        for item in items:
            found |= containers(item)
        return found
    return {id(x): x}


class Given:
    """A structure of numbers, taken apart; `None` has none."""

    def __init__(self, x: Any) -> None:
        self.leaves: list[Any] = []
        self.definition: Any = None
        if x is not None:
            self.leaves, self.definition = tree.flatten(x)

    def around(self, leaves: Sequence[Any]) -> Any:
        """The structure with other leaves."""
        return None if self.definition is None else tree.unflatten(self.definition, leaves)


def _bound(tape: Tape) -> None:
    """Note what is computed of whole numbers by operators alone: it is a whole number.

    Raises:
        Unrolled: it may be too large for a float.
    """
    whole = tape.whole
    for node in tape.nodes if whole else ():
        if node._primitive in _BOUNDS and all(
            x in whole if x.__class__ is Value else float(x).is_integer() for x in node.operands
        ):
            sizes = [whole[x] if x.__class__ is Value else abs(x) for x in node.operands]
            whole[node] = _BOUNDS[node._primitive](*sizes)
    if not all(size <= MOST_EXACT for size in whole.values()):
        raise Unrolled("whole numbers may be too large for floats")


def has_other_numbers(x: Any) -> bool:
    """Whether a structure has numbers that are no Values, and compute otherwise than floats.

    >>> import numpy as np
    >>> has_other_numbers([1.0, 2]), has_other_numbers([True]), has_other_numbers(np.ones(3, "f"))
    (False, True, True)
    """
    if x is None or x.__class__ in (Value, float, int):
        return False
    if isinstance(x, dict | list | tuple):
        return any(map(has_other_numbers, x.values() if isinstance(x, dict) else x))
    kind = getattr(getattr(x, "dtype", None), "str", "")[1:]
    if kind == "O":
        return any(map(has_other_numbers, x.ravel().tolist()))
    return kind != "f8" if kind else is_number(x)


def is_float(x: Any) -> bool:
    """Whether a number is no whole one of Python: those that are given are floats."""
    return x.__class__ is Value or isinstance(x, float)


def _plain(x: Any) -> Any:
    return ("value", x._data) if x.__class__ is Value else x


def _names(stem: str, leaves: Sequence[Any]) -> list[str]:
    return [stem] if len(leaves) == 1 else [f"{stem}[{i}]" for i in range(len(leaves))]
