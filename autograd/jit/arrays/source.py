"""The source: a plan as the text of a Python function, which is the function that runs.

A step of a plan is bound to arrays as a few calls (`kernels`). Each is a line of the text, and what
it is called with has a name: the views of the buffer after the variables that they show, scratch
arrays and functions after what they are. So a line costs what the call does. The names are globals
of the function; above it `printed` says what they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from math import isfinite
from typing import Any

import numpy as np

from autograd.jit.arrays.buffer_plan import Plan, Scalars
from autograd.jit.arrays.kernels import Call
from autograd.jit.arrays.variable_names import variable_names
from autograd.jit.arrays.views import (
    Numbers,
    Positions,
    View,
    contiguous,
    is_fixed,
    transposed,
    view_of,
)
from autograd.jit.programs.identifiers import Identifiers
from autograd.jit.python.templates import PYTHON, filled
from autograd.jit.tuning import LIST_PRINTED, MOST_DIGITS
from autograd.primitives.definition import Primitive
from autograd.text import visible

_ERRORS = "with errstate(divide='raise', over='raise', invalid='raise', under='ignore'):"
_KINDS = {"f": "scratch", "b": "mask", "i": "index", "u": "index"}
"""What arrays outside the buffer are called, by the kind of their numbers."""


_DEFINED = re.compile(r"^def (\w+)", re.MULTILINE)


class _Inside:
    """The parameters of a function for the calls of a step."""

    def __init__(self, out: View | None) -> None:
        self._out = out
        self._names = Identifiers(["out"])
        self._known: dict[Any, str] = {}
        self.arrays: list[Any] = []

    @property
    def names(self) -> Iterable[str]:
        """The parameters, one for each of `arrays`."""
        return self._known.values()

    def name(self, x: Any, view: View | None) -> str:
        """The parameter for an array, by the view that it is of the buffer."""
        key = id(x) if view is None else view
        if key not in self._known:
            wanted = _kind(x) if view is None else "xyz"[min(len(self.arrays), 2)]
            self._known[key] = "out" if key == self._out else self._names.like(wanted)
            self.arrays.append(x)
        return self._known[key]


def checked(number: float) -> float:
    """The number; on others that are not finite no code relies.

    Raises:
        FloatingPointError: it is infinite or NaN.
    """
    if not isfinite(number):
        raise FloatingPointError("a number is not finite")
    return number


class Writer:
    """Writes the source of a plan that is bound to a buffer.

    Attributes:
        namespace: what the text mentions, in order of appearance.
        notes: what is to be said of some of that.
    """

    def __init__(self, plan: Plan, buffer: Numbers) -> None:
        self.namespace: dict[str, Any] = {"errstate": np.errstate, "numbers": buffer}
        self.notes: dict[str, str] = {}
        self._buffer = buffer
        self._cells: Any = memoryview(buffer)  # type: ignore[arg-type]
        self._names = Identifiers(["run", "np", "view", *self.namespace])
        self._known: dict[Any, str] = {id(buffer): "numbers"}  # by view in the buffer, or by id
        self._owner = np.full(plan.size, -1)  # the variable at each position
        self._index = np.zeros(plan.size, np.int64)  # and which of its numbers
        self._variables: list[tuple[View, str, str]] = []
        self._inputs = contiguous(0, (plan.inputs,)).normalised()
        self._lines: list[str] = []
        self._functions: dict[tuple[str, str], str] = {}  # of the calls of a step, by their text
        self._inside: _Inside | None = None
        for number, variable in enumerate(plan.variables):
            self._place(number, variable.view)
        wanted = variable_names(plan, self._owner)
        given = {number: self._names.like(name) for number, name in wanted.items()}
        for number, (group, view) in enumerate((x.group, x.view) for x in plan.variables):
            operation = group.operation
            name = given.get(number) or self._names.numbered(operation.name if operation else "x")
            self._variables.append((view, name, group.stem))
            if operation is None:
                self._view(view.on(buffer), view.normalised())

    def _place(self, number: int, view: View) -> None:
        positions = view.positions().reshape(-1)
        self._owner[positions] = number
        self._index[positions] = np.arange(len(positions))

    def write(self, name: str, calls: Sequence[Call], out: View | None = None) -> None:
        """Write the calls of a step: a line, and if there are several a function for it.

        Args:
            name: what the function, and a result that is no variable, is called.
            calls: the calls.
            out: where their results go.
        """
        note = ""
        if out is not None:
            note = f"  # {_shape_text(out.shape)}" * bool(out.shape)
            if self._owner[out.start] < 0:
                self._place(len(self._variables), out)
                self._variables.append((out, self._names.numbered(name), ""))
        if len(calls) == 1:
            self._lines.append(self._call(calls[0]) + note)
            return
        self._inside = _Inside(out and out.normalised())
        body = [f"    {self._call(call)}\n" for call in calls]
        inside, self._inside = self._inside, None
        text = "".join([f"({', '.join(inside.names)}):\n", *body])
        if (name, text) not in self._functions:
            self._functions[name, text] = self._names.like(name)
        given = ", ".join(map(self._text, inside.arrays))
        self._lines.append(f"{self._functions[name, text]}({given}){note}")

    def write_scalars(self, step: Scalars, rules: dict[Primitive, Callable[..., float]]) -> None:
        """Write operations on single numbers, a line each: an operator, or the value rule.

        Args:
            step: the operations.
            rules: functions that take the place of value rules.
        """
        cells, check = self._object(self._cells, "cells"), self._object(checked, "checked")
        for operation, out, operands in step.entries:
            text = PYTHON.get(operation)
            if isinstance(text, str) and operation.arity and "(" not in text:
                text = filled(text, [f"{cells}[{i}]" for i in operands])
            else:
                function = self._object(rules.get(operation, operation.value), operation.name)
                text = f"{function}({', '.join(_stretches(cells, operands))})"
            note = self._list_variables([out]) + ": " * bool(operands)
            note += self._list_variables(operands)
            self._lines.append(f"{cells}[{out}] = {check}({text})  # {note}")

    def finish(self, outputs: Call, index: Positions) -> str:
        """The text, given the call that collects the outputs, and where they are."""
        functions = [f"def {name}{text}\n\n" for (_, text), name in self._functions.items()]
        body = [f"        {line}\n" for line in self._lines]
        last = f"    return {self._call(outputs)}  # {self._list_variables(index)}\n"
        return "".join([*functions, "def run():\n", f"    {_ERRORS}\n", *body, last])

    def _list_variables(self, positions: Sequence[int] | Positions) -> str:
        owners = dict.fromkeys(self._owner[list(positions)].tolist())
        return ", ".join(self._variables[i][1] for i in owners if i >= 0)

    # Names

    def _call(self, call: Call) -> str:
        if not isinstance(call, partial):
            return f"{self._text(call)}()"
        given = [*map(self._text, call.args)]
        given += [f"{name}={self._text(x)}" for name, x in call.keywords.items()]
        return f"{self._text(call.func)}({', '.join(given)})"

    def _text(self, x: Any) -> str:
        """The text for an argument or a function of a call."""
        if isinstance(x, np.ndarray | bytearray) and x is not self._buffer:
            view = view_of(x, self._buffer) if isinstance(x, np.ndarray) else None
            if self._inside is not None:
                return self._inside.name(x, view)
            return self._array(x) if view is None else self._view(x, view)
        if id(x) in self._known:
            return self._known[id(x)]
        if x is None or isinstance(x, bool | int | str) or (type(x) is float and isfinite(x)):
            return repr(x)
        if isinstance(x, list | tuple):
            inside = ", ".join(map(self._text, x))
            return f"[{inside}]" if isinstance(x, list) else f"({inside}{',' * (len(x) == 1)})"
        owner = getattr(x, "__self__", None)
        if isinstance(owner, np.ndarray | np.ufunc):
            return f"{self._text(owner)}.{x.__name__}"
        return self._object(x, getattr(x, "__name__", type(x).__name__))

    def _view(self, x: Any, view: View) -> str:
        if view not in self._known:
            name, note = self._named(view)
            self._name(view, x, name)
            if note:
                self.notes[name] = note
        return self._known[view]

    def _named(self, view: View) -> tuple[str, str]:
        """A name for a view, after the variable whose numbers it shows, and a note on it."""
        owner = self._owner[view.start]
        if owner < 0:
            numbers = view.trimmed().on(self._buffer)
            is_short = numbers.ndim == 0 and len(str(numbers)) < MOST_DIGITS
            return self._names.like(f"c{numbers}" if is_short else "c"), _list_text(numbers)
        whole, name, note = self._variables[owner]
        if view == whole.normalised():
            return name, note
        if view == self._inputs:
            return self._names.like("inputs"), ""
        if view == transposed(whole).normalised():
            part: Any = "T"
        else:
            part = self._index[view.start] if view.size == 1 else _shape_text(view.shape)
        return self._names.like(f"{name}_{part}"), ""

    def _array(self, x: Any) -> str:
        return self._known.get(id(x)) or self._name(id(x), x, self._names.numbered(_kind(x)))

    def _object(self, x: Any, wanted: str) -> str:
        return self._known.get(id(x)) or self._name(id(x), x, self._names.like(wanted))

    def _name(self, key: Any, x: Any, name: str) -> str:
        self._known[key] = name
        self.namespace[name] = x
        return name


def printed(text: str, namespace: Mapping[str, Any], notes: Mapping[str, str]) -> str:
    """A text of `Writer`, below lines that say what its names are, but for functions of NumPy."""
    buffer, defined = namespace["numbers"], _DEFINED.findall(text)
    views = ["# numbers: all of the program; view(start, shape, strides) is a part of them"]
    others = []
    for name, x in namespace.items():
        view = view_of(x, buffer) if isinstance(x, np.ndarray) and x is not buffer else None
        note = visible(notes.get(name, ""))
        if view is not None:
            line = f"{name} = view({view.start}, {view.shape}, {view.strides})"
            views.append(line + f"  # {note}" * bool(note))
        elif isinstance(x, np.ndarray) and x is not buffer:
            kind = f"{x.dtype}, {_shape_text(x.shape)}"
            others.append(f"# {name}: {_list_text(x) if is_fixed(x) else kind}")
        elif callable(x) and getattr(np, name, None) is not x and name not in defined:
            module, place = (getattr(x, y, "?") for y in ("__module__", "__qualname__"))
            others.append(f"# {name}: {visible(f'{module}.{place}')}")
    return "\n".join([*views, *others, "", text])


def _stretches(name: str, positions: Sequence[int]) -> Iterator[str]:
    """The texts for numbers of a buffer as arguments of a call, neighbours together.

    >>> list(_stretches("cells", [3, 7, 8, 9]))
    ['cells[3]', '*cells[7:10]']
    """
    for _, found in groupby(enumerate(positions), lambda pair: pair[1] - pair[0]):
        stretch = [position for _, position in found]
        if len(stretch) > 2:
            yield f"*{name}[{stretch[0]}:{stretch[-1] + 1}]"
        else:
            yield from (f"{name}[{position}]" for position in stretch)


def _kind(x: Any) -> str:
    if not isinstance(x, np.ndarray):
        return "flags"
    if x.dtype.kind == "f" and is_fixed(x):
        return "ones" if (x == 1.0).all() else "zeros" if not x.any() else "constant"
    return _KINDS[x.dtype.kind]


def _list_text(numbers: Any) -> str:
    """The first numbers of an array."""
    flat = numbers.reshape(-1)[: LIST_PRINTED + 1].tolist()
    return str(flat) if len(flat) <= LIST_PRINTED else f"{str(flat[:-1])[:-1]}, ...]"


def _shape_text(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape))
