"""The source: a plan printed as a Python function of NumPy arrays.

It is printed from the very steps that a run makes, one statement for each, in the same order; it
differs from what runs only in that a statement makes a new array where a run writes into its place
in the buffer. It can itself be run, in the `namespace` that comes with it (which holds NumPy, index
arrays too long to print, and the functions that NumPy lacks), and the tests do so and compare.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from autograd.jit.expressions import OPERATORS, call_text, part_of, shape_text
from autograd.jit.kernels import KERNELS, REDUCTIONS, Kernel
from autograd.jit.plan import Apply, Check, Gather, Plan, Product, Reduce, Scalars, Step
from autograd.jit.variables import variable_names
from autograd.jit.views import Numbers, Positions, View, contiguous, strided

_SHORT = 12
"""Lists of up to so many numbers are printed."""


@dataclass
class Source:
    """A printed plan.

    Attributes:
        text: a function `run(numbers)` that returns the variables `returned`.
        namespace: what the text refers to.
        returned: the variables, in order.
        outputs: for each output of the program: which of them, and where in it.
    """

    text: str = ""
    namespace: dict[str, Any] = field(default_factory=lambda: {"np": np})
    returned: list[str] = field(default_factory=list)
    outputs: list[tuple[int, int]] = field(default_factory=list)


def render(plan: Plan) -> Source:
    """Print a plan."""
    return _Printer(plan).source


class _Printer:
    def __init__(self, plan: Plan) -> None:
        self.source = Source()
        self._inputs = plan.inputs
        self._lines: list[str] = []
        self._views = [variable.view for variable in plan.variables]
        self._owner = np.full(plan.size, -1)
        self._index = np.zeros(plan.size, np.int64)
        for number, view in enumerate(self._views):
            self._own(number, view)
        self._literals = np.full(plan.size, np.nan)
        for start, numbers in plan.literals:
            self._literals[start : start + len(numbers)] = numbers
        self._names = variable_names(plan, self._sole_owner)
        self._readers = Counter(self._sole_owner(v) for s in plan.steps for v in _reads(s))
        self._inline: dict[int, str] = {}
        self._functions: dict[Any, str] = {}
        for number, variable in enumerate(plan.variables):
            if variable.group.operation is None:
                self._print_input(number, variable.group.stem)
        following = [*plan.steps[1:], None]
        for step, after in zip(plan.steps, following, strict=True):
            self._print(step, after)
        self._finish(plan)

    def _own(self, number: int, view: View) -> None:
        positions = view.positions().reshape(-1)
        self._owner[positions] = number
        self._index[positions] = np.arange(len(positions))

    def _sole_owner(self, view: View) -> int:
        owners = np.unique(self._owner[view.positions()])
        return int(owners[0]) if len(owners) == 1 else -1

    # Statements

    def _print_input(self, number: int, stem: str) -> None:
        view = self._views[number]
        text = part_of("numbers", (self._inputs,), view)
        if text is None:
            text = f"np.take(numbers, {self._array('index', view.positions())})"
        self._line(self._names[number], text, view, stem)

    def _print(self, step: Step, after: Step | None) -> None:
        if isinstance(step, Check):
            index = self._numbers(step.index)
            self._lines.append(f"assert (({index} != 0) == {step.required}).all()")
        elif isinstance(step, Scalars):
            for name, rule, out, operands in step.entries:
                self._scalar(name, rule, out, operands)
        else:
            text = self._expression(step)
            variable = self._target(step.out)
            if isinstance(step, Product) and self._is_inlined(variable, after):
                self._inline[variable] = text
            else:
                self._line(self._names[variable], text, self._views[variable])

    def _is_inlined(self, variable: int, after: Step | None) -> bool:
        """Whether a product is written into the sum that follows."""
        return (
            isinstance(after, Apply)
            and after.name == "add"
            and self._readers[variable] == 1
            and self._views[variable].shape == after.out.shape
            and any(self._sole_owner(x) == variable for x in after.operands)
        )

    def _target(self, out: View) -> int:
        """The variable that a step makes; a temporary one gets a name."""
        owner = int(self._owner[out.start])
        if owner < 0:
            owner = len(self._views)
            self._views.append(contiguous(out.start, out.shape))
            self._names.append(
                f"temporary_{sum(n.startswith('temporary_') for n in self._names) + 1}"
            )
            self._own(owner, self._views[owner])
        return owner

    def _line(self, name: str, text: str, view: View, comment: str = "") -> None:
        shape = "x".join(map(str, view.shape))
        notes = ", ".join(note for note in (shape, comment) if note)
        self._lines.append(f"{name} = {text}" + (f"  # {notes}" if notes else ""))

    def _scalar(self, name: str, rule: Any, out: int, operands: tuple[int, ...]) -> None:
        texts = self._scalar_operands(name, operands)
        if name in OPERATORS and len(texts) <= 2:
            text = OPERATORS[name].format(*texts)
        else:
            text = call_text(self._function(name, rule, rule), texts)
        owner = int(self._owner[out])
        view = self._views[owner]
        if view.size == 1:
            self._line(self._names[owner], text, view)
            return
        if self._index[out] == 0:
            self._lines.append(f"{self._names[owner]} = np.empty({view.size})")
        self._lines.append(f"{self._names[owner]}[{self._index[out]}] = {text}")

    def _scalar_operands(self, name: str, operands: tuple[int, ...]) -> list[str]:
        texts = [self._numbers(np.array(i)) for i in operands]
        half = len(texts) // (2 if name == "dot" else 1)
        if half < 2 or name in OPERATORS:
            return texts
        parts: list[str] = []
        for part in (operands[:half], operands[half:]) if name == "dot" else (operands,):
            view = strided(np.array(part))
            text = self._view(view) if view is not None and self._sole_owner(view) >= 0 else ""
            is_short = text and not text.startswith("np.take")
            parts += [f"*{text}"] if is_short else [self._numbers(np.array(i)) for i in part]
        return parts

    def _function(self, name: str, key: Any, function: Any) -> str:
        """The name in the source of a function; different functions get different names."""
        if key not in self._functions:
            while name in self.source.namespace or name in self._names:
                name += "_"
            self._functions[key] = name
            self.source.namespace[name] = function
        return self._functions[key]

    # Expressions

    def _expression(self, step: Apply | Reduce | Product | Gather) -> str:
        if isinstance(step, Apply):
            texts = [self._view(x) for x in step.operands]
            if step.name == "add" and "@" in texts[1]:
                texts.reverse()
            if step.name in OPERATORS:
                text = OPERATORS[step.name].format(*texts)
            else:
                text = call_text(self._kernel(step.name, KERNELS[step.name]), texts)
            if np.broadcast_shapes(*[x.shape for x in step.operands]) != step.out.shape:
                text = f"np.broadcast_to({text}, {step.out.shape})"
        elif isinstance(step, Reduce):
            text = self._reduction(step)
        elif isinstance(step, Product):
            return self._product(step)
        else:
            text = self._numbers(step.index)
        return text

    def _reduction(self, step: Reduce) -> str:
        axes = tuple(range(len(step.out.shape), len(step.operand.shape)))
        operand, swapped = step.operand, _transposed(step.operand)
        if len(operand.shape) == 2 and axes == (1,) and part_is_plain(self, swapped):
            operand, axes = swapped, (0,)
        text = self._view(operand)
        if step.name == "logsumexp":
            name = self._kernel("logsumexp", REDUCTIONS["logsumexp"], rank=len(step.out.shape))
            return call_text(name, [text])
        if step.operand.shape == ():
            return text
        axis = str(axes[0]) if len(axes) == 1 else str(axes)
        everything = len(axes) == len(operand.shape)
        return f"{_atom(text)}.{step.name}({'' if everything else f'axis={axis}'})"

    def _product(self, step: Product) -> str:
        left, right = step.left, _transposed(step.right)
        if len(left.shape) == 2:
            rows, columns = step.out.shape
            left = _without(left, 0) if rows == 1 else left
            right = _without(right, 1) if columns == 1 else right
        text = f"{_atom(self._view(left))} @ {_atom(self._view(right))}"
        shape = self._shape_of_target(step.out)
        natural = tuple(n for n in step.out.shape if n > 1) if len(step.out.shape) == 2 else None
        return text if shape == natural else f"({text}).reshape({shape_text(shape)})"

    def _shape_of_target(self, out: View) -> tuple[int, ...]:
        owner = int(self._owner[out.start])
        return self._views[owner].shape if owner >= 0 else out.shape

    def _kernel(self, name: str, kernel: Kernel, rank: int | None = None) -> str:
        return self._function(name, (name, rank), partial(_apply_kernel, kernel, rank))

    def _view(self, view: View) -> str:
        owner = self._sole_owner(view)
        if owner in self._inline:
            return self._inline.pop(owner)
        if owner >= 0:
            inside = strided(self._index[view.positions()])
            shape = self._views[owner].shape
            text = part_of(self._names[owner], shape, inside) if inside is not None else None
            if text is not None:
                return text
        return self._numbers(view.positions())

    def _numbers(self, positions: Positions) -> str:
        """The text for numbers at any positions."""
        owners = np.unique(self._owner[positions])
        if owners[0] < 0:
            literals = self._literals[positions]
            if len(owners) == 1:
                return repr(float(literals)) if not positions.ndim else self._array("c", literals)
        parts = [f"{self._names[i]}.ravel()" if i >= 0 else "" for i in owners]
        if owners[0] < 0:
            parts[0] = self._array("c", self._literals[~np.isnan(self._literals)])
        offsets = np.zeros(len(owners), np.int64)
        known = np.flatnonzero(~np.isnan(self._literals))
        sizes = [self._views[i].size if i >= 0 else len(known) for i in owners]
        offsets[1:] = np.cumsum(sizes)[:-1]
        which = np.searchsorted(owners, self._owner[positions])
        index = offsets[which] + np.where(
            self._owner[positions] >= 0, self._index[positions], np.searchsorted(known, positions)
        )
        if len(parts) == 1:
            shape = self._views[owners[0]].shape
            if not positions.ndim:
                at: Any = np.unravel_index(int(index), shape) if shape else ()
                inside = ", ".join(str(int(i)) for i in at)
                name: str = self._names[owners[0]]
                return f"{name}[{inside}]" if inside else name
            return f"np.take({self._names[owners[0]]}, {self._array('index', index)})"
        return f"np.take(np.concatenate([{', '.join(parts)}]), {self._array('index', index)})"

    def _array(self, name: str, array: Any) -> str:
        """An array of fixed numbers: printed if it is short, else kept in the namespace."""
        array = np.asarray(array)
        if array.size <= _SHORT:
            return f"np.array({array.tolist()})"
        number = sum(key.startswith(f"{name}_") for key in self.source.namespace) + 1
        self.source.namespace[f"{name}_{number}"] = array
        return f"{name}_{number}"

    def _finish(self, plan: Plan) -> None:
        owners = self._owner[plan.outputs]
        returned = [int(i) for i in dict.fromkeys(owners.tolist()) if i >= 0]
        constants = [position for position in plan.outputs if self._owner[position] < 0]
        self.source.returned = [self._names[i] for i in returned]
        for position in constants:
            self.source.returned.append(repr(float(self._literals[position])))
        at = {number: place for place, number in enumerate(returned)}
        left = iter(range(len(returned), len(self.source.returned)))
        for position, owner in zip(plan.outputs, owners.tolist(), strict=True):
            place = at[owner] if owner >= 0 else next(left)
            self.source.outputs.append((place, int(self._index[position]) if owner >= 0 else 0))
        self._lines.append(f"return {', '.join(self.source.returned) or 'None'}")
        self.source.text = "\n    ".join(["def run(numbers):", *self._lines]) + "\n"


def part_is_plain(printer: _Printer, view: View) -> bool:
    """Whether a view prints as the name of a variable."""
    return printer._view(view).isidentifier()


def _apply_kernel(kernel: Kernel, rank: int | None, *operands: Any) -> Numbers:
    arrays = [np.asarray(x, np.float64) for x in operands]
    shape = np.broadcast_shapes(*[x.shape for x in arrays])
    out = np.empty(shape if rank is None else shape[:rank])
    for call in kernel(out, *arrays):
        call()
    return out


def _transposed(view: View) -> View:
    if len(view.shape) < 2:
        return view
    *shape, rows, columns = view.shape
    *strides, down, along = view.strides
    return View(view.start, (*shape, columns, rows), (*strides, along, down))


def _without(view: View, axis: int) -> View:
    shape, strides = list(view.shape), list(view.strides)
    del shape[axis], strides[axis]
    return View(view.start, tuple(shape), tuple(strides))


def _atom(text: str) -> str:
    is_atom = text.replace(".", "").replace("_", "").isalnum() or text.endswith((")", "]"))
    return text if is_atom and " " not in text.split("(")[0].split("[")[0] else f"({text})"


def _reads(step: Step) -> list[View]:
    if isinstance(step, Apply):
        return list(step.operands)
    if isinstance(step, Reduce):
        return [step.operand]
    return [step.left, step.right] if isinstance(step, Product) else []
