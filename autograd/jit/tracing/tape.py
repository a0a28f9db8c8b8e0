"""A tape: a record of what one call of a function did to Values.

A graph shows how its result was computed; to compile a function, more is needed. Which Values did
the call make, and which existed before (those are read again at every later call)? Which numbers
are the same in every call? Which comparisons decided the branches? While a tape is set
(`modes.tracing`) the engine hands to it what is done to Values, and it notes:

- every *node* made by an operation, in order, so operands come before results;
- every *constant*: a Value made from a plain number, and results of constants alone;
- every *guard*: a condition whose truth was tested, and the answer.

A Value that is neither on the tape nor a constant existed before.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import FrameType
from typing import Any

from autograd.errors import TraceError
from autograd.jit.programs.loops import Unrolled
from autograd.jit.tracing.rolling import Body, Condition, rolled, rolled_while
from autograd.jit.tracing.sweep import sweep
from autograd.jit.tracing.turn import Step
from autograd.jit.tuning import LEAST_MAPPED
from autograd.modes import recorded
from autograd.number import compares_as_float, describe, is_number, reads_as_float
from autograd.primitives.definition import Binary
from autograd.primitives.piecewise import where
from autograd.primitives.tracing import stop_gradient
from autograd.value import Value, is_array, record

STOP = stop_gradient.primitive

REMEDIES = {
    "data": "use the Value itself, or .detach() to stop the gradient",
    "float()": "use the Value itself, and the functions of autograd instead of those of math",
    "int()": "use autograd.trunc, or autograd.take(rows, index) to index by a number",
    "round()": "use autograd.floor(x + 0.5), or round the result of the compiled function",
    "trunc()": "use autograd.trunc",
    "floor()": "use autograd.floor",
    "ceil()": "use autograd.ceil",
    "format or print": "return the Value, and print the result of the compiled function",
    "copy or pickle": "use the Value itself, or .detach() for a leaf with the same number",
    "assignment to .data": "return the new number, and assign it outside the compiled function",
    "backward()": "return the Value and call backward() on that, or use autograd.grad inside",
    "zero_grad()": "call zero_grad() outside the compiled function",
}
"""What to write instead, by what needs the number of a Value."""

_INNER = ("autograd", "copy", "pickle")  # modules that ask on behalf of a user's code

Watch = Callable[[Any], Callable[[], object]]


def not_watched(f: Any) -> Callable[[], object]:
    """Nothing is known to have changed."""
    return lambda: None


class Tape:
    """What one call of a function did to Values.

    Attributes:
        nodes: the results of operations, operands before results.
        constants: the Values whose number is the same in every call.
        values: the Values that the function made from a number with `Value(...)`.
        guards: the conditions that were tested, with their answers.
        integers: the inputs that stand for integers.
        plain: the inputs that stand for plain numbers, and results of transforms that do.
        derived: the nodes that derivative rules and the chain rule made.
        holds_transform: whether the function differentiates another. Whether that gives Values or
            plain numbers depends on an outer derivative.
        decides: whether comparisons in the user's code are decided at once, since it may ask
            whether their result is `True`.
        inside: the Values that the bodies of its loops made, which are of no use outside of them.
        unrolled: whether one of them is to be written out, in another trace.
        whole: the whole numbers that its loops read, and what operators make of them: how large
            each may be.
        rolls: whether a loop that the function says is recorded as one.
        least_rows: of a function that is given rows by `mapping.each`; of fewer each is traced.
        watch: makes a snapshot of what a function can reach; what it returns says what changed.
        replaced: the nodes that were recorded again with loops in the place of turns; what stands
            for one, if it does.
        raised: whether an operation raised. If the function caught that, it took a branch that no
            guard records.
        standing: the Values from outside that inputs stand for, which are read in their place.
    """

    def __init__(self, rolls: bool = True, watch: Watch = not_watched) -> None:
        self.rolls = rolls
        self.watch = watch
        self.least_rows = 0
        self.inside: set[Value] = set()
        self.whole: dict[Value, float] = {}
        self.unrolled = False
        self.nodes: list[Value] = []
        self.constants: set[Value] = set()
        self.values: set[Value] = set()
        self.guards: dict[Value, bool] = {}
        self.integers: set[Value] = set()
        self.plain: set[Value] = set()
        self.derived: set[Value] = set()
        self.holds_transform = False
        self.decides = False
        self.replaced: dict[Value, Value | None] = {}
        self.raised = False
        self.standing: dict[Value, Value] = {}
        self._outer: Collection[Value] = ()
        self._numbers: set[Value] = set()

    def write(self, node: Value) -> None:
        """Record the result of an operation."""
        self.nodes.append(node)
        constants = self.constants
        for x in node.operands:  # it is called for every node: no generator here
            if x.__class__ is Value and x not in constants:
                return
        constants.add(node)

    def write_stopped(self, node: Value) -> None:
        """Record the result of an operation that gets no history: later calls compute it too."""
        with recorded():
            made = record(node._data, node._primitive, node._a, node._b)
        node._primitive, node._a, node._b = STOP, made, None
        self.write(node)

    def leaf(self, leaf: Value, data: Any) -> bool:
        """Record a new leaf; whether it has the number of another Value."""
        self.values.add(leaf)
        is_copy = isinstance(data, Value)
        if is_copy:
            leaf._data = STOP.value(data._data)
        if is_copy and data not in self.constants:
            leaf._primitive, leaf._a = STOP, data
            self.write(leaf)
        else:
            self.constants.add(leaf)
        return is_copy

    def constant(self, x: Value) -> Value:
        """What stands for the number of a Value, which need not be one in the plain function."""
        found = Value(x, x.label)
        if x not in self.constants or not self.is_value(x):
            self.values.discard(found)  # it is one only if `x` is
        return found

    def number(self, x: Value) -> Value:
        """What stands for the number of a Value, which is a plain number in the plain function."""
        self.plain.add(found := self.constant(x))
        return found

    def varies(self, x: Any) -> bool:
        """Whether this differs from call to call."""
        return x.__class__ is Value and x not in self.constants

    def is_value(self, x: Value, outer: Collection[Value] = ()) -> bool:
        """Whether this is a Value in the plain function too: it comes from one, or from `outer`.

        What was found not to be is not gone through again: a loop asks in each turn, and what it
        carries comes from all turns before.
        """
        if (outer := outer or ()) is not self._outer:
            self._outer, self._numbers = outer, set()
        seen, waiting = {x}, [x]
        while waiting:
            node = waiting.pop()
            if node not in self._numbers and node not in self.plain:
                is_given = node._primitive is None and node not in self.constants
                if is_given or node in self.values or node in outer:
                    return True
                new = [i for i in node.operands if i.__class__ is Value and i not in seen]
                seen.update(new)
                waiting += new
        self._numbers |= seen
        return False

    def compared(self, function: Binary, x: Value, other: Any, reflected: bool) -> Any:
        """A comparison with a number, a Value or an array, if each run must make it; else None."""
        if other.__class__ is not Value:
            if not (is_number(other) or is_array(other)):
                return None
            self.refuse_beside(x, other, compares_as_float)
        if not (self.varies(x) or self.varies(other)):
            return None

        def one(y: Any) -> Any:
            return function(y, x) if reflected else function(x, y)

        if other.__class__ is Value or is_number(other):
            made = one(other)
            return bool(made) if self.decides and not is_inner(sys._getframe(3)) else made
        from numpy import asarray, frompyfunc

        each: Any = frompyfunc(lambda y: bool(one(y)), 1, 1)
        return asarray(each(other)).astype(bool)

    def guard(self, condition: Value, outcome: bool) -> None:
        """Record a condition and its answer, which decided a branch."""
        if condition not in self.constants:
            self.guards[condition] = outcome

    def choice(self, condition: Value, x: Any, y: Any) -> Any:
        """`x` where the condition holds, else `y`, chosen by each run."""
        return where(condition, x, y)

    def loop(
        self, f: Any, step: Step, init: Any, row: Callable[[int], Any], order: range
    ) -> tuple[Any, list[Any]] | None:
        """The last carry of a loop and what its turns leave, or None (`rolling.rolled`)."""
        with self.unrolling():
            return rolled(self, f, step, init, row, order)

    def mapped(self, f: Any, step: Step, row: Callable[[int], Any], count: int) -> list[Any] | None:
        """What a function gives for each of many rows, or None (`rolling.rolled`)."""
        if count < LEAST_MAPPED:
            return None
        found = self.loop(f, step, (), row, range(count))
        return None if found is None else found[1]

    def while_loop(self, condition: Condition, body: Body, f: Any, init: Any) -> Any:
        """A list of the last carry of a loop, or None (`rolling.rolled_while`)."""
        with self.unrolling():
            return rolled_while(self, condition, body, f, init)

    @contextmanager
    def unrolling(self) -> Iterator[None]:
        """Within this, note that the trace is to be made again: the function may catch that."""
        try:
            yield
        except Unrolled:
            self.unrolled = True
            raise

    def adjoints(
        self,
        order: Sequence[Value],
        seeds: Mapping[Value, Any],
        wrt: Collection[Value] | None,
        is_whole: bool = True,
    ) -> dict[Value, Any]:
        """Those of the graph's inputs, with one node for each (`sweep`); see `reverse.adjoints`."""
        from autograd.jit.tracing.recovering import adjoints_of_loops

        if is_whole:
            found = adjoints_of_loops(self, order, seeds, wrt)
            if found is not None:
                return found
        with self.differentiating():
            return sweep(order, seeds, wrt)

    @contextmanager
    def differentiating(self) -> Iterator[None]:
        """Within this, nodes belong to a derivative."""
        start = len(self.nodes)
        yield
        self.derived.update(self.nodes[start:])

    def refuse(self, value: Value, what: str) -> None:
        """Raise TraceError, unless the value is a constant."""
        if value not in self.constants:
            self.raised = True
            raise TraceError(
                f"{_place()}: {what} of {value!r} in a function that is being compiled: the number"
                f" differs in each call; {REMEDIES[what]}"
            )

    def refuse_to_user(self, value: Value, what: str) -> None:
        """`refuse`, if a user's code asks; the engine's messages may name Values."""
        if not is_inner(sys._getframe(2)):
            self.refuse(value, what)

    def refuse_beside(
        self, value: Value, other: Any, reads: Callable[[Any], bool] = reads_as_float
    ) -> None:
        """Raise TraceError for a number, or an array, that Python does not take as floats."""
        if value not in self.constants and not reads(other):
            self.raised = True
            remedy = "astype(float) makes it" if getattr(other, "shape", ()) else "float() makes it"
            raise TraceError(
                f"{_place()}: {describe(other)} beside {value!r} in a function that is being"
                f" compiled: Python would not compute with it as a float; {remedy} one"
            )


def is_inner(frame: FrameType) -> bool:
    """Whether a frame is the engine's, or that of a module that asks for a user's code."""
    return _is_inner_module(str(frame.f_globals.get("__name__")))


@cache
def _is_inner_module(name: str) -> bool:
    return name.partition(".")[0] in _INNER


def _place() -> str:
    """The file and line of the innermost user code."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not is_inner(frame):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return "?"
