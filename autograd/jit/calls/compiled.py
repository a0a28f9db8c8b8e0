"""A compiled program, and its part in graphs: one node for each call and output.

A call of a compiled function makes a node whose operands are the Values it was called with and the
parameters it read, and whose derivative rule is compiled too. The rule is generic like every rule.
On floats it runs the compiled derivative. On Values it makes nodes of the compiled derivative,
which have derivative rules too: so second derivatives are compiled, and third.

The first runs are interpreted, in the order of the trace: a program that runs a few times is not
worth compiling. So is a run whose numbers are not finite: compiled code assumes that they are, and
what was traced does not, with symbolic zeros where nothing flows. Where a derivative is not finite
there either, or does not exist, or a guard in a rule fails, the call is *rerun* (`rerun`): the
plain engine makes its graph, and returns or raises what it always does. What fails in call after
call is tried less and less often, and a derivative that is always rerun is no longer compiled, with
a warning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import Any
from zlib import crc32

from autograd.cached import cached_property
from autograd.dependence import reach, set_of_any
from autograd.errors import FallbackError
from autograd.forks import Lock
from autograd.jit.backends import lower
from autograd.jit.calls import rerun
from autograd.jit.calls.leaves import listed
from autograd.jit.calls.operation import Operation, are_finite, scaled
from autograd.jit.calls.warnings import warn
from autograd.jit.options import Options
from autograd.jit.programs.loops import Loop, work
from autograd.jit.programs.program import GuardFailure, Lowered, Program
from autograd.jit.programs.roll import recovered
from autograd.jit.programs.simplify import simplify
from autograd.jit.python.lower_python import lower as straight_line
from autograd.jit.stages import timed
from autograd.jit.tracing.differentiate import differentiate, moving, weighted
from autograd.jit.tuning import FEW_FAILURES, LONGEST_REST, MOST_UNSERVED, MOST_VARIANTS
from autograd.jit.unsupported import Unsupported
from autograd.modes import current_tape, is_recording, pause_gc, recorded
from autograd.primitives.definition import Primitive
from autograd.value import Value, record, unrecorded

FAILURES = (ArithmeticError, ValueError, LookupError)
"""What code raises where something cannot be computed."""

HOPELESS = (
    f"has met numbers that compiled code cannot handle in {MOST_UNSERVED} calls in a row"
    " (a number is nan, or a derivative does not exist, in a part of the function that its result"
    " does not depend on: choose between operands, not between results, as in"
    " sqrt(where(x > 0, x, 1.0)))"
)
"""The warning after that many failures."""


class Compiled:
    """A program, compiled when it has run a few times.

    Attributes:
        traced: what is compiled, as it was traced.
        name: the name of its nodes.
        wants_gradient: whether a derivative of an output has been asked for.
        seconds: the time of each stage.
        passes: the number of nodes before and after each pass of simplification.
        interpreted: how many of the next runs go in the order of the trace.
    """

    def __init__(
        self,
        traced: Program,
        name: str,
        options: Options,
        lock: Any = None,
        plainly: rerun.Rerun | None = None,
    ) -> None:
        self.traced = traced
        self._plainly = plainly or rerun.of_program(traced)
        self.name = name
        self.wants_gradient = False
        self.seconds: dict[str, float] = {}
        self.passes: dict[str, int] = {}
        self.moving = [x in moved for x in traced.outputs] if (moved := moving(traced)) else []
        self._options = options
        self._lock = lock or Lock()  # one for a program and its derivatives
        self._program: Program | None = None
        self._lowered: Lowered | None = None
        self._takes_parts = False
        self._misses = 0  # runs in a row that were not finite
        self.interpreted = options.interpreted(len(traced.inputs) + traced.size, work(traced))
        self._unserved = 0  # derivatives in a row that had to be rerun
        self._symbolic: Lowered | None = None
        self._gradients: list[Compiled] = []
        self._attempts = 0
        self._together: Compiled | None = None

    @cached_property
    def rolled(self) -> Program:
        """What was traced, with loops in the place of turns that do the same."""
        return recovered(self.traced)

    @cached_property
    def dependences(self) -> list[int]:
        """The inputs that are Values that each output depends on (`autograd.dependence`)."""
        given = [0] * len(self.traced.inputs)
        for place, i in enumerate(self.traced.variables):
            given[i] = 1 << place
        found = self.traced.interpret(given, lambda operation: partial(reach, operation))
        return [set_of_any([found[node]]) for node in self.traced.outputs]

    @property
    def program(self) -> Program:
        """The simplified program."""
        if self._program is None:
            with self._lock:
                if self._program is None:
                    with timed(self.seconds, "simplify"), pause_gc():
                        self._program = simplify(self.rolled, self.passes)
        return self._program

    @property
    def lowered(self) -> Lowered:
        """The code."""
        if self._lowered is None:
            with self._lock:
                if self._lowered is None:
                    program = self.program
                    with timed(self.seconds, "lower"):
                        lowered = self._lower(program)
                    for stage, seconds in getattr(lowered, "seconds", {}).items():
                        self.seconds[stage] = seconds
                        self.seconds["lower"] -= seconds
                    self._takes_parts = hasattr(lowered, "run_parts")
                    self._lowered = lowered
        return self._lowered

    def _lower(self, program: Program) -> Lowered:
        """The code of a program.

        Raises:
            FallbackError: the backend cannot compile it, and no other one takes over.
        """
        try:
            return lower(program, self._options.backend, self._options.dtype)
        except Unsupported as problem:
            raise FallbackError(self.name, str(problem)) from None

    @cached_property
    def digest(self) -> str:
        """A digest of what is computed, branches included; see `Jitted.stats`."""
        program = self.program
        names = [operation and _text(operation) for operation in program.operations]
        parts = names, program.operands, program.constants, program.guards, program.outputs
        return f"{crc32(repr(parts).encode()):08x}"

    def family(self) -> list[Compiled]:
        """This, and its compiled derivatives."""
        found = [self]
        for compiled in found:
            for source in (compiled, compiled._together):
                found += source._gradients if source else ()
        return found

    @property
    def code(self) -> Lowered | None:
        """The code, if there is any yet."""
        return self._lowered

    @property
    def serving(self) -> Lowered | None:
        """The code that runs in the next call; None if that is interpreted.

        It computes the derivative too, where that has been asked for.
        """
        derivatives = self._gradients if self.wants_gradient else ()
        ready = (made._lowered for made in (*derivatives, self) if made.interpreted <= 0)
        return next(filter(None, ready), None)

    def run(self, *parts: Sequence[float]) -> Any:
        """The outputs for these inputs, which may come in parts; perhaps more after them.

        Returns:
            A sequence of floats: an array, if arrays of them computed it.

        Raises:
            GuardFailure: a condition went the other way.
            ArithmeticError, ValueError, LookupError: a number cannot be computed.
        """
        if self.interpreted > 0:  # several threads may count down at once
            self.interpreted -= 1
            return self._run_as_traced(joined(parts))
        try:
            lowered = self._lowered or self.lowered
            takes_parts = self._takes_parts
            run: Any = lowered.run_parts if takes_parts else lowered.run  # type: ignore[attr-defined]
            found = run(*parts) if takes_parts else run(joined(parts))
        except FAILURES:
            self._misses += 1
            if self._misses > FEW_FAILURES:
                self.interpreted = min(2**self._misses, LONGEST_REST)
            return self._run_as_traced(joined(parts))
        if self._misses:
            self._misses = 0
        return found

    @property
    def repeats(self) -> bool:
        """Whether there is machine code to be run many times."""
        return self.interpreted <= 0 and hasattr(self.lowered, "repeat")

    def repeat(self, numbers: Any, repetition: Any) -> int:
        """`run` many times by one call of machine code; how many runs were made.

        Args:
            numbers: an array, the inputs of the first run.
            repetition: a `native.repeating.Repetition`.
        """
        lowered: Any = self.lowered
        made: int = lowered.repeat(numbers, repetition)
        if made:
            self._misses = 0
        return made

    def _run_as_traced(self, numbers: Sequence[float]) -> Sequence[float]:
        """`run` for any numbers, in the order of the function; interpreted at first.

        It is compiled once it has been needed several times in a row.
        """
        if self._misses < FEW_FAILURES:
            return self.traced.evaluate(numbers)
        if self._symbolic is None:
            with self._lock, timed(self.seconds, "lower"):
                self._symbolic = straight_line(self.traced, symbolic=True)
        return self._symbolic.run(numbers)

    # Derivatives

    def run_gradient(
        self, *parts: Sequence[float], compile_more: bool = True
    ) -> tuple[Compiled, list[float]] | None:
        """The only output, its derivatives and what computed them; None if the call is rerun."""
        if self._unserved >= MOST_UNSERVED:
            return None
        for compiled in self._gradients:
            try:
                found = compiled, listed(compiled.run(*parts))
                self._unserved = 0
                return found
            except GuardFailure:
                continue
            except FAILURES:
                return None
        if not compile_more:
            return None
        with self._lock:
            if self._attempts >= MOST_VARIANTS:
                return None
            self._attempts += 1
            try:
                seconds: dict[str, float] = {}
                with timed(seconds, "differentiate"):
                    derivative = self._differentiated(joined(parts))
            except FAILURES:
                return None
            except Unsupported as problem:
                warn(self.name, str(problem))
                self._unserved = MOST_UNSERVED
                return None
            if any(math.isnan(derivative.constants.get(i, 0.0)) for i in derivative.outputs):
                self._attempts = MOST_VARIANTS  # whatever the numbers are
                return None
            name, plainly = f"derivative of {self.name}", rerun.of_derivative(self._plainly)
            made = Compiled(derivative, name, self._options, self._lock, plainly)
            made.seconds |= seconds
            self._gradients.append(made)
        try:
            return made, listed(made.run(*parts))
        except (GuardFailure, *FAILURES):
            return None

    def _differentiated(self, numbers: Sequence[float]) -> Program:
        """The program of the derivative: that of loops, unless a turn differs from the others."""
        if self.rolled is not self.traced:
            with suppress(Unsupported, *FAILURES):
                return differentiate(self.rolled, numbers)
        return differentiate(self.traced, numbers)

    def _weighted(self, k: int, g: float, numbers: Sequence[float]) -> tuple[Compiled, list[Any]]:
        """What has one output, the derivative of which is `g` times that of output `k`; its inputs.

        Of several outputs it is the sum of all, each times a cotangent; of one, `g` is left out.
        """
        count = len(self.traced.outputs)
        if count == 1:
            return self, [numbers]
        if self._together is None:
            with self._lock:
                if self._together is None:
                    made, plainly = weighted(self.traced), rerun.of_sum(self._plainly, count)
                    self._together = Compiled(made, self.name, self._options, self._lock, plainly)
        return self._together, [numbers, [g if i == k else 0.0 for i in range(count)]]

    def pull(self, k: int, g: float, numbers: Sequence[float]) -> list[float] | None:
        """The contribution to each input that is a Value from the adjoint `g` of output `k`.

        None if the plain engine decides what it is.
        """
        self.wants_gradient = True
        source, parts = self._weighted(k, g, numbers)
        found = source.run_gradient(*parts)
        if found is None:
            source._count_unserved()
            return None
        flow = found[1][1:] if source is not self else scaled(g, found[1][1:])
        return flow if are_finite(g, flow) else None

    def pull_with_graph(self, k: int, g: Any, inputs: Sequence[Any]) -> list[Any] | None:
        """`pull` with Values."""
        numbers = [x._data if isinstance(x, Value) else x for x in inputs]
        source, parts = self._weighted(k, 1.0, numbers)
        found = source.run_gradient(*parts)
        if found is None:
            source._count_unserved()
            return None
        compiled, data = found
        operands = tuple([inputs[i] for i in self.traced.variables])
        at = [x._data for x in operands]
        flow = scaled(g, compiled.attach(parts, operands, at, data)[1:])
        are_all = all(math.isfinite(x._data if isinstance(x, Value) else x) for x in (g, *flow))
        return flow if are_all else None

    def push(
        self, k: int, tangents: Sequence[Any], inputs: Sequence[Any], create_graph: bool
    ) -> Any:
        """The tangent of output `k` by the plain engine, from those of the inputs that are Values.

        Args:
            k: which output.
            tangents: a number or a Value for each; the plain number 0 where nothing moves.
            inputs: all inputs.
            create_graph: compute with Values instead of floats.
        """
        outputs, wanted = self.plainly(inputs)
        out = outputs[k]
        return rerun.pushed_forward(out, dict(zip(wanted, tangents, strict=True)), create_graph)

    def carrying(self, k: int, inputs: Sequence[Any]) -> list[bool]:
        """For each input that is a Value, whether something flows to it from output `k`."""
        outputs, wanted = self.plainly(inputs)
        return rerun.reached(outputs[k], wanted)

    def plainly(self, inputs: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Value]]:
        """The outputs by the plain engine, and the Values that stand for the variables in them."""
        with rerun.plain_execution(), recorded():
            return self._plainly(inputs)

    def _count_unserved(self) -> None:
        """Count a derivative that compiled code could not serve."""
        self._unserved += 1
        if self._unserved == MOST_UNSERVED:
            warn(self.name, HOPELESS)

    # Nodes

    def attach(
        self,
        parts: Sequence[Sequence[float]],
        operands: tuple[Value, ...],
        at: list[float],
        data: Sequence[float],
        gradient: list[float] | None = None,
    ) -> list[Any]:
        """The outputs of one call as nodes.

        Args:
            parts: the numbers it was called with.
            operands: those inputs that are Values.
            at: the numbers of these.
            data: the numbers it returned.
            gradient: the derivatives of its only output, if they are known already.

        Returns:
            A Value for each output that depends on one, a number for the others.
        """
        each = enumerate(zip(data, self.moving, strict=False))
        if not is_recording() and current_tape() is None:
            return [unrecorded(x) if moves else x for _, (x, moves) in each]
        call = parts, at, gradient, data
        return [
            record(x, Operation(self, k, call), operands, None) if moves else x
            for k, (x, moves) in each
        ]


def _text(operation: Primitive) -> str:
    """What an operation does: its name, with what a loop does in each turn."""
    if not isinstance(operation, Loop):
        return operation.name
    return f"{operation.name} {operation.turns} {' '.join(map(str, operation.programs))}"


def joined(parts: Sequence[Any]) -> Sequence[float]:
    """Inputs given in parts, as one list of floats."""
    return listed(parts[0]) if len(parts) == 1 else list(chain.from_iterable(map(listed, parts)))
