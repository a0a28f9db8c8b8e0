"""One specialisation of a function: its compiled code, and how a call runs it.

Not every number that a function returns is computed. It may return an argument or a parameter, and
then the same object is returned; or a number that is the same in each call. Results that are floats
or bools in the plain function are so here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any

from autograd.definitions import NUMBER, Definition, kinds
from autograd.jit.calls.captured import CapturedState, Check
from autograd.jit.calls.compiled import Compiled
from autograd.jit.calls.entry import entry_in_parts, entry_of_straight
from autograd.jit.calls.leaves import Results, listed
from autograd.jit.calls.reading import Entry
from autograd.jit.calls.reading_parts import has_long_lists
from autograd.jit.calls.rerun import of_function
from autograd.jit.calls.writing import Source
from autograd.jit.options import Options
from autograd.jit.programs.program import GuardFailure, Program
from autograd.jit.tracing.tracer import Traced
from autograd.jit.unsupported import Unsupported
from autograd.modes import is_recording
from autograd.primitives.tracing import COMPARISONS
from autograd.trace import differentiated
from autograd.tree import unflatten
from autograd.value import Value

_COMPUTED = ("float", "bool", "value")
"""The kinds of results that a run computes."""


class Path:
    """One specialisation of a function, for one structure of its arguments.

    Args:
        traced: the trace.
        name: the name of the function.
        options: how it is compiled.
        captured_state: the captured state at the time of the trace.
        rule: what may be part of the definition of the result.
        call: the function itself, from the leaves of its arguments to its result.

    Attributes:
        compiled: the compiled graph.
        captured_state: the captured state.
        first: the results of the trace.
        reads: the number of parameters.
        is_first_sound: whether they are those of the plain function; not if a zero where nothing
            flows was multiplied by infinity.

    Raises:
        Unsupported: a derivative is nan by constants alone; the plain function knows what it is.
    """

    def __init__(
        self,
        traced: Traced,
        name: str,
        options: Options,
        captured_state: CapturedState,
        rule: Results,
        call: Callable[[Sequence[Any]], Any],
    ) -> None:
        program = traced.program
        leaves: list[Any] = []
        self._definition = rule.define(traced.out, leaves)
        places = {node: i for i, node in enumerate(program.inputs)}
        computed: dict[int, int] = {}
        results = iter(program.outputs)
        self._sources = sources = [
            _source(program, next(results), places, computed)
            if isinstance(x, Value)
            else ("number", x)
            for x in leaves
        ]
        numbers = dict(zip(program.outputs, traced.numbers, strict=True))
        plain = [x for kind, x in sources if kind in ("number", "constant")]
        if traced.is_differentiated is not None and any(x != x for x in plain):
            raise Unsupported("has a derivative that is nan whatever it is given")
        program.outputs = [*computed]
        plainly = None
        if program.derived and not captured_state.has_lock:
            again = partial(_computed, call, rule, sources, len(computed))
            plainly = of_function(again, self.parameters, program)
        self.compiled = Compiled(program, name, options, plainly=plainly)
        self.first = [float(numbers[node]) for node in computed]
        self.is_first_sound = traced.is_sound
        self.captured_state = captured_state
        self._check = captured_state.check
        self._sees_nothing = captured_state.is_empty
        self.reads = len(traced.parameters)
        self._pick = _picker(traced.parameters, captured_state.values)
        if self._pick is not None:
            self._check = _of_values(captured_state.check)
        origins = {kind for kind, _ in sources}
        count = len(program.inputs) - len(traced.parameters)
        self._is_pinned = False
        self._kept: list[Value] | None = None  # the parameters, once captured state is pinned
        self._given = [i for i in program.variables if i < count]  # arguments that are Values
        self._is_differentiated = traced.is_differentiated
        self._hands_back = "input" in origins
        self._makes_nodes = "value" in origins
        self._moves = any(self.compiled.moving)

    def parameters(self) -> list[Value]:
        """The current parameters.

        Raises:
            GuardFailure: captured state has changed.
        """
        if self._kept is not None:
            return self._kept
        found = self._check()
        if found is None:
            raise GuardFailure("captured state has changed")
        found = found if self._pick is None else self._pick(found)
        if self._is_pinned:
            self._kept = found
        return found

    def pin(self) -> None:
        """Compare captured state once more, and then no more."""
        self._is_pinned, self._kept = True, None

    def captured(self) -> Sequence[Value]:
        """The Values in the captured state, as they are now."""
        return self._check() or ()

    def call(self, parts: Sequence[Any], are_floats: bool) -> Any:
        """The result for these arguments; errors as in `run`."""
        return self._built(self.run(parts, are_floats))

    def run(
        self, parts: Sequence[Any], are_floats: bool
    ) -> tuple[Any, Sequence[Any], Sequence[Any]]:
        """The numbers for these arguments, the nodes that stand for them, and the inputs.

        Args:
            parts: the leaves of the arguments, in lists and arrays.
            are_floats: whether there is nothing but floats in them.

        Raises:
            GuardFailure: the function takes other branches for these.
            ArithmeticError, ValueError, LookupError: a number cannot be computed.
        """
        parameters = self._read()
        try:
            at = [p._data for p in parameters]
        except AttributeError:
            raise GuardFailure("a parameter is no longer a Value") from None
        numbers = [*(parts if are_floats else map(_floats, parts)), at]
        compiled = self.compiled
        if compiled.wants_gradient and len(self.first) == 1 and is_recording():
            found = compiled.run_gradient(*numbers, compile_more=False)
            if found is not None:
                data, *gradient = found[1]
                return self._found(parts, parameters, numbers, (data,), gradient)
        return self._found(parts, parameters, numbers, compiled.run(*numbers))

    def repeat(self, leaves: Sequence[Any], carried: int, rows: Any) -> Any:
        """Many runs by one call of machine code; see `Jitted.repeat`.

        Raises:
            GuardFailure: captured state has changed.
        """
        if not self.compiled.repeats:
            return rows[:0]
        import numpy as np

        from autograd.jit.native.repeating import Repetition

        self._read()
        sources, rows = self._sources, np.ascontiguousarray(rows, np.float64)
        if rows.ndim != 2 or carried + rows.shape[1] > len(leaves) or carried > len(sources):
            raise ValueError(
                f"jit: repeat: {carried} numbers are carried, rows have the shape {rows.shape};"
                f" there are {len(leaves)} numbers in the arguments, {len(sources)} in the results"
            )
        left = np.empty((len(rows), len(sources)))
        for i, (kind, x) in enumerate(sources):
            if kind in ("number", "constant"):
                left[:, i] = x
        places = [(i, x) for i, (kind, x) in enumerate(sources) if kind in _COMPUTED]
        handed = [(i, x) for i, (kind, x) in enumerate(sources) if kind == "input"]
        if self.reads or self._given or not places or not len(rows):
            return left[:0]
        repetition = Repetition(rows, left, carried, places, handed)
        return left[: self.compiled.repeat(np.array(_floats(leaves)), repetition)]

    def _read(self) -> list[Value]:
        """The parameters of a run.

        Raises:
            GuardFailure: captured state has changed, or what is differentiated.
        """
        if self._is_differentiated is not None and self._is_differentiated != bool(
            differentiated.get()
        ):
            raise GuardFailure("the type of an inner derivative depends on an outer one")
        return self.parameters()

    def _holds(self) -> None:
        """`_read` where there are no parameters, nor derivatives inside.

        Raises:
            GuardFailure: captured state has changed.
        """
        if self._kept is None and (self._is_pinned or self._check() is None):
            self.parameters()

    def entry(self, arguments: Definition) -> Entry | None:
        """A whole call in one function; None if there is none, or not until runs are compiled.

        Args:
            arguments: the definition of the pair of arguments and keyword arguments.
        """
        result = self._definition, self._sources
        lowered = self.compiled.serving
        straight = getattr(lowered, "straight", None)
        reader = getattr(lowered, "array_reader", None)
        is_plain = not (self.reads or self._makes_nodes or self._hands_back)
        mentioned = getattr(lowered, "mentioned", None)
        direct = None
        if mentioned and is_plain and lowered is self.compiled.code:
            ready = self._holds if self._is_differentiated is None else self._read
            direct = {"_ready": ready, **mentioned}
        in_parts = entry_in_parts(arguments, self.run, *result, reader, direct)
        if straight is None or not is_plain or set(kinds(arguments)) - {NUMBER}:
            return in_parts
        if in_parts is not None and reader is not None and has_long_lists(arguments):
            return in_parts
        refusals = [] if self._sees_nothing else ["_check() is None"]
        if self._is_differentiated is not None:
            refusals.append(f"{'not ' * self._is_differentiated}_differentiated()")
        checks = {"_check": self._check, "_differentiated": differentiated.get}
        return entry_of_straight(arguments, straight, *result, refusals, checks) or in_parts

    def first_result(self, leaves: list[Any], parameters: Sequence[Value]) -> Any:
        """The result of the call that was traced, for the numbers and Values that it was given."""
        numbers = [_floats(leaves), [p._data for p in parameters]]
        return self._built(self._found([leaves], list(parameters), numbers, self.first))

    def _built(self, found: tuple[Any, Sequence[Any], Sequence[Any]]) -> Any:
        """The structure that the function returns, around what was computed."""
        data, nodes, given = found
        leaf: dict[str, Callable[[Any], Any]] = {
            "float": lambda k: float(data[k]),
            "bool": lambda k: bool(data[k]),
            "value": lambda k: nodes[k],
            "input": lambda k: given[k],
            "constant": Value,
            "number": lambda x: x,
        }
        return unflatten(self._definition, [leaf[kind](x) for kind, x in self._sources])

    def _found(
        self,
        parts: Sequence[Any],
        parameters: list[Value],
        numbers: Sequence[Any],
        data: Any,
        gradient: list[float] | None = None,
    ) -> tuple[Any, Sequence[Any], Sequence[Any]]:
        """The numbers of a run, the nodes that stand for them, and the inputs, as needed.

        Args:
            parts: the leaves of the arguments.
            parameters: the Values that were read.
            numbers: those of both.
            data: what was computed.
            gradient: the derivatives of the only output, if they are known.
        """
        if not self._makes_nodes and not self._hands_back:
            return data, (), ()
        given: Sequence[Any] = parameters
        if self._given or self._hands_back:
            given = [*chain.from_iterable(map(listed, parts)), *parameters]
        if not self._makes_nodes:
            return data, (), given
        data = data.tolist() if hasattr(data, "tolist") else data
        nodes: Sequence[Any] = data
        if self._moves:
            operands, at = parameters, numbers[-1]
            if self._given:
                operands = [*(given[i] for i in self._given), *parameters]
                at = [x._data for x in operands]
            kept = [part if part.__class__ is list else part.copy() for part in numbers]
            nodes = self.compiled.attach(kept, tuple(operands), at, data, gradient)
        nodes = [x if x.__class__ is Value else Value(x) for x in nodes]
        return data, nodes, given


def _source(
    program: Program, node: int, inputs: dict[int, int], computed: dict[int, int]
) -> Source:
    """Where a result comes from: a place among the inputs, or among what is computed."""
    is_value = node in program.values
    if node in inputs:
        return "input", inputs[node]
    if node in program.constants:
        return ("constant" if is_value else "number"), program.constants[node]
    k = computed.setdefault(node, len(computed))
    if program.operations[node] in COMPARISONS:
        return "bool", k
    return ("value" if is_value else "float"), k


def _computed(
    call: Callable[[Sequence[Any]], Any],
    rule: Results,
    sources: Sequence[Source],
    count: int,
    leaves: Sequence[Any],
) -> list[Any]:
    """What a run computes, by the function itself.

    Raises:
        GuardFailure: it returns something else.
    """
    found: list[Any] = []
    rule.define(call(leaves), found)
    if len(found) != len(sources):
        raise GuardFailure("the result has another structure")
    computed = {x: y for (kind, x), y in zip(sources, found, strict=True) if kind in _COMPUTED}
    return [computed[k] for k in range(count)]


def _of_values(check: Check) -> Check:
    """A guard that sees a number in the place of a Value, though nothing is computed with it."""

    def checked() -> list[Value] | None:
        found = check()
        return found if found is None or set(map(type, found)) <= {Value} else None

    return checked


def _picker(
    parameters: Sequence[Value], found: Sequence[Value]
) -> Callable[[list[Value]], list[Value]] | None:
    """Picks the parameters, in their order, among the Values that the guard finds.

    A parameter that the guard does not find stays the same.
    """
    index = {value: i for i, value in enumerate(found)}
    held = [p for p in parameters if p not in index]
    index |= {value: len(found) + i for i, value in enumerate(held)}
    order = [index[p] for p in parameters]
    if order == list(range(len(found))):
        return None
    if len(order) < 2:
        return lambda values: [(values + held)[i] for i in order]
    pick = itemgetter(*order)
    return lambda values: list(pick(values + held))


def _floats(part: Any) -> Any:
    """The numbers of a part."""
    if part.__class__ is not list:
        return part
    return [
        x if x.__class__ is float else x._data if x.__class__ is Value else float(x) for x in part
    ]
