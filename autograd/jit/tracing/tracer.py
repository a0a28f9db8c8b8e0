"""Stage 1: a function runs once, on fresh leaves, and what it did is written down as a `Program`.

The plain engine runs the function while a tape (`tape`) is set, so its graph of Values
*is* the trace: there is no second kind of number. What remains is to give each Value an index.

- The *inputs* are the fresh leaves, one for each number among the arguments; after them the
  *parameters*: Values that existed before the call and that the function read.
- What is the same in each call is a constant: the number that it was in this one.
- Some inputs stand for plain numbers, with respect to which nothing is differentiated. Results of
  those alone would be plain numbers in the plain function; `values` are the other nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import copysign, isfinite
from typing import Any

from autograd.graph import topological_order
from autograd.jit.programs.compound import Literal, Row
from autograd.jit.programs.loops import Unrolled
from autograd.jit.programs.program import Program
from autograd.jit.tracing.tape import Tape, Watch, not_watched
from autograd.jit.unsupported import Unsupported
from autograd.modes import pause_gc, recorded, tracing
from autograd.primitives import TABLE
from autograd.primitives.arithmetic import number_power, power, power_number
from autograd.primitives.definition import Primitive
from autograd.primitives.piecewise import where
from autograd.primitives.tracing import COMPARISONS, take
from autograd.primitives.zero import SYMBOLIC_ZERO
from autograd.trace import differentiated
from autograd.value import Value

ADD, POWER, WHERE = TABLE["add"], power.primitive, where.primitive
TAKE = take.primitive


@dataclass
class Traced:
    """One run of a function.

    Attributes:
        program: what it computed: the Values that it returned, in order.
        out: what it returned.
        numbers: those of the outputs in this run.
        parameters: the Values that the last inputs of the program stand for.
        is_sound: whether the numbers are those of the plain function; not if a zero where nothing
            flows was multiplied by infinity (`find_suspects`).
        is_differentiated: whether there was a derivative further out, if that makes a difference.
    """

    program: Program
    out: Any
    numbers: list[float]
    parameters: tuple[Value, ...]
    is_sound: bool
    is_differentiated: bool | None


def trace(
    call: Callable[[list[Value]], Any],
    given: Sequence[Any],
    names: Sequence[str],
    found_in: Callable[[Any], list[Any]],
    name_of: Callable[[Value], str],
    rolls: bool = True,
    watch: Watch = not_watched,
) -> Traced:
    """Run a function on fresh leaves and keep what it did.

    Args:
        call: the function, given the fresh leaves.
        given: the numbers and Values that they stand for.
        names: what these are called.
        found_in: the leaves of what the function returns.
        name_of: what a parameter is called.
        rolls: whether loops that the function says are recorded as loops.
        watch: see `Tape`.

    Raises:
        Unrolled: one may be none; trace again, with `rolls=False`.
        TraceError: the function asked a Value for its number.
        Unsupported: the trace cannot be kept.
        Exception: whatever the function raises.

    >>> f = lambda xs: xs[0] * xs[1] + 1.0
    >>> traced = trace(f, [2.0, 3.0], ["a", "b"], lambda out: [out], lambda parameter: "")
    >>> traced.program.evaluate([4.0, 5.0])
    [21.0]
    """
    inputs = [Value(x._data, x.label) if isinstance(x, Value) else Value(x) for x in given]
    tape = Tape(rolls, watch)
    tape.values.update(leaf for leaf, x in zip(inputs, given, strict=True) if isinstance(x, Value))
    tape.plain.update(leaf for leaf in inputs if leaf not in tape.values)
    outer = differentiated.get()
    token = differentiated.set(outer.union(inputs).difference(tape.plain) if outer else outer)
    try:
        with pause_gc(), recorded(), tracing(tape):
            out = call(inputs)
    finally:
        differentiated.reset(token)
    if tape.unrolled:
        raise Unrolled
    results = [x for x in found_in(out) if isinstance(x, Value)]
    recording = Recording(tape, dict(zip(inputs, names, strict=True)), name_of)
    recording.update({x: recording[leaf] for x, leaf in tape.standing.items()})
    program = recording.program(results)
    elsewhere = set(recording.parameters)
    if any(x in recording for x in topological_order(*elsewhere) if x not in elsewhere):
        raise Unsupported(
            "could not be traced: it uses a Value made in another thread, or copied (use the"
            " Value itself)",
            may_pass=True,
        )
    return Traced(
        program,
        out,
        [x._data for x in results],
        tuple(recording.parameters),
        recording.is_sound,
        bool(outer) if tape.holds_transform else None,
    )


class Recording(dict[Any, int]):
    """The node of each Value on a tape, and of each number.

    Args:
        tape: what was recorded.
        inputs: the leaves that stand for inputs, and their names.
        name_of: what a Value from elsewhere is called, which becomes an input: a parameter.
        outer: what a transform around this differentiates in: Values in the plain function.

    Attributes:
        parameters: the Values from elsewhere.
    """

    def __init__(
        self,
        tape: Tape,
        inputs: Mapping[Value, str],
        name_of: Callable[[Value], str],
        outer: Collection[Value] = (),
    ) -> None:
        self.parameters: list[Value] = []
        self._tape = tape
        self._name_of = name_of
        self._outer = outer
        self._program = Program()
        self._shared: dict[tuple[float, float], int] = {}
        for leaf, name in inputs.items():
            self._input(leaf, name, leaf in tape.values)

    def _input(self, leaf: Value, name: str, is_value: bool) -> int:
        program = self._program
        node = self[leaf] = program.input(name)
        if is_value:
            program.variables.append(len(program.inputs) - 1)
            program.values.add(node)
        return node

    def __missing__(self, x: Any) -> int:
        """The node of a number, or of a Value that no operation on the tape made."""
        if x.__class__ is Value:
            if x not in self._tape.constants:
                if x in self._tape.inside:
                    raise Unrolled("a turn leaves a Value where it is found outside")
                self.parameters.append(x)
                return self._input(x, self._name_of(x), self._tape.is_value(x, self._outer))
            x = x._data
        if x.__class__ is Row:
            node = self[x] = self._program.apply(Literal(x))
            return node
        x = x if x is SYMBOLIC_ZERO else float(x)
        key = (x, 0.0 if x is SYMBOLIC_ZERO else copysign(1.0, x))
        if x != x or key not in self._shared:
            self._shared[key] = self._program.constant(x)
        return self._shared[key]

    def program(self, results: Iterable[Any]) -> Program:
        """The program that computes these results, Values and numbers."""
        tape, program = self._tape, self._program
        constants, plain, values = tape.constants, tape.plain, program.values
        operations, operands = program.operations, program.operands
        results = [*results]
        for x in tape.nodes if not tape.replaced else self._kept(results):
            if x not in constants:
                at = tuple([self[self._standing(i)] for i in x.operands])
                operation = x._primitive
                assert operation is not None
                if operation is POWER:
                    operation = _power(*[i in values for i in at])
                node = self[x] = len(operations)
                operations.append(operation)
                operands.append(at)
                if x in tape.whole:  # an integer has no sign where it is 0
                    node = self[x] = program.apply(ADD, node, self[0.0])
                if x in tape.values or (x not in plain and self._makes_value(operation, x, at)):
                    values.add(node)
        program.outputs = [self._output(x) for x in results]
        program.guards = [(self[x], outcome) for x, outcome in tape.guards.items()]
        program.derived = {self[x] for x in tape.derived if x not in constants}
        program.suspects = find_suspects(program)
        return program

    def _makes_value(self, operation: Primitive, x: Value, at: Sequence[int]) -> bool:
        """Whether the plain function makes a Value here: of at least one."""
        if operation in COMPARISONS:
            return False
        operands: Sequence[Any] = x.operands
        if operation is TAKE:  # one of plain numbers is one, whatever the index is
            operands, at = operands[1:], at[1:]
        if not self._program.values.isdisjoint(at):
            return True
        constants = self._tape.constants
        return any(
            i in constants and self._tape.is_value(i, self._outer)
            for i in operands
            if i.__class__ is Value
        )

    def _standing(self, x: Any) -> Any:
        """What stands for a number by now: a loop may have taken its place on the tape."""
        new = self._tape.replaced.get(x) if x.__class__ is Value else None
        return x if new is None or new not in self else new

    def _kept(self, results: Iterable[Any]) -> list[Value]:
        """The nodes of the tape but those that a loop took the place of and nothing else reads."""
        tape = self._tape
        replaced = tape.replaced
        kept: list[Value] = []
        after: set[Value] = set()  # the nodes after this one: they cannot stand for its operands
        read = {replaced.get(x) or x for x in results if x.__class__ is Value}
        for x in reversed(tape.nodes):
            after.add(x)
            if x in read or x in tape.guards or x not in replaced:
                kept.append(x)
                for i in x.operands:
                    if i.__class__ is Value:
                        new = replaced.get(i)
                        read.add(i if new is None or new in after else new)
        return kept[::-1]

    def _output(self, x: Any) -> int:
        if x.__class__ is Value and x not in self._tape.constants:
            return self[self._standing(x)]
        node = self._program.constant(x._data if x.__class__ is Value else x)
        if x.__class__ is Value and self._tape.is_value(x, self._outer):
            self._program.values.add(node)
        return node

    @property
    def is_sound(self) -> bool:
        """Whether all suspects of the program are finite in this run."""
        suspects = set(self._program.suspects)
        return not suspects or not any(
            not isfinite(x._data) for x, node in self.items() if node in suspects
        )


def _power(base: bool, exponent: bool) -> Primitive:
    """The power that the plain function takes, given which of the two are Values there.

    `Value ** number` and `Value ** Value` are different operations. In the trace numbers are
    Values, so the choice could not be made there.
    """
    if not exponent:
        return power_number.primitive
    return POWER if base else number_power.primitive


def find_suspects(program: Program) -> list[int]:
    """The nodes at which a product of 0 and infinity must be looked for.

    Where nothing flows the plain walk ends; the nodes of a derivative multiply that 0 by any
    number, infinity included, and give nan. It stays nan up to the results, unless a comparison
    or a choice makes a finite number of it.
    """
    if not program.derived:
        return []
    derived, found = set(program.derived), dict[int, None]()
    for node, (operation, at) in enumerate(zip(program.operations, program.operands, strict=True)):
        if not derived.isdisjoint(at):
            derived.add(node)
            if operation in COMPARISONS:
                found.update((i, None) for i in at if i in derived)
            elif operation is WHERE and program.operations[at[0]] not in COMPARISONS:
                found.update((i, None) for i in at[:1] if i in derived)
    roots = (*program.outputs, *[node for node, _ in program.guards])
    found.update((i, None) for i in roots if i in derived)
    return list(found)
