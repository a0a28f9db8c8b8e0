"""The source: a plan printed as a Python function of NumPy arrays.

It is printed from the same steps that a run executes, one statement for each, in the same order;
the only difference is that a statement makes a new array where a run writes into the buffer. It can
be run too, in the `namespace` that comes with it (which holds NumPy, index arrays too long to
print, and the functions that NumPy lacks); the tests do so and compare.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from keyword import iskeyword
from typing import Any

import numpy as np

from autograd.jit.arrays.buffer_plan import (
    Apply,
    Check,
    Gather,
    Plan,
    Product,
    Ragged,
    Reduce,
    Scalars,
    Step,
    Take,
    reads,
)
from autograd.jit.arrays.kernels import COMPARISONS, KERNELS, Kernel
from autograd.jit.arrays.layout import runs
from autograd.jit.arrays.reduction_kernels import FUNCTIONS, REDUCTIONS
from autograd.jit.arrays.source_names import References, matrices_of_weights
from autograd.jit.arrays.source_text import OPERATORS, atom, call_text, factor, part_of, shape_text
from autograd.jit.arrays.variables import variable_names
from autograd.jit.arrays.views import (
    Numbers,
    Positions,
    View,
    contiguous,
    strided,
    transposed,
    without,
)
from autograd.jit.programs.identifiers import identifier
from autograd.jit.programs.rewrites import OPERATIONS
from autograd.primitives import TABLE
from autograd.text import visible


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
    namespace: dict[str, Any] = field(default_factory=dict)
    returned: list[str] = field(default_factory=list)
    outputs: list[tuple[int, int]] = field(default_factory=list)


def render(plan: Plan) -> Source:
    """Print a plan."""
    return _Printer(plan).source


class _Printer:
    def __init__(self, plan: Plan) -> None:
        self.at = at = References(plan)
        self.source = Source(namespace=at.namespace)
        self._inputs = plan.inputs
        self._lines: list[str] = []
        self._functions: dict[Any, str] = {}
        read = [at.owner[plan.outputs], *[at.owner[x] for s in plan.steps for x in reads(s)]]
        self._readers = Counter(i for owners in read for i in np.unique(owners).tolist())
        at.names = variable_names(plan, at.sole_owner)
        for number in matrices_of_weights(plan, at):
            at.transpose(number)
        for number, variable in enumerate(plan.variables):
            if variable.group.operation is None:
                self._print_input(number, variable.group.stem)
        following = [*plan.steps, None][1:]
        for step, after in zip(plan.steps, following, strict=True):
            self._print(step, after)
        self._finish(plan)

    # Statements

    def _print_input(self, number: int, stem: str) -> None:
        view = self.at.views[number]
        text = part_of("numbers", (self._inputs,), view)
        if text is None:
            text = f"np.take(numbers, {self.at.array('index', view.positions())})"
        self._line(self.at.names[number], text, view, stem)

    def _print(self, step: Step, after: Step | None) -> None:
        if isinstance(step, Check):
            self._print_check(step)
        elif isinstance(step, Scalars):
            for name, rule, out, operands in step.entries:
                self._scalar(name, rule, out, operands)
        else:
            text = self._expression(step)
            variable = self._target(step.out)
            if self._readers[variable] == 1 and self._is_inlined(step, variable, after):
                self.at.inline[variable] = text.removeprefix("np.float64")
            else:
                self._line(self.at.names[variable], text, self.at.views[variable])

    def _is_inlined(self, step: Step, variable: int, after: Step | None) -> bool:
        """Whether it is a product that is written into a sum, or a condition into a check."""
        view = self.at.views[variable]
        if isinstance(step, Product) and isinstance(after, Apply) and after.name == "add":
            owners = [self.at.sole_owner(x) for x in after.operands]
            return view.shape == after.out.shape and variable in owners
        if isinstance(step, Apply) and step.name in COMPARISONS and isinstance(after, Check):
            return np.array_equal(after.index, view.positions().reshape(-1))
        return False

    def _print_check(self, step: Check) -> None:
        view = strided(step.index)
        is_whole = view is not None and self.at.sole_owner(view) in self.at.inline
        text = self.at.view(view) if view is not None and is_whole else self.at.numbers(step.index)
        text = text[1:-1] if is_whole else text
        if len(set(step.required)) > 1:
            self._lines.append(f"assert (({text} != 0) == {step.required}).all()")
        elif step.required[0]:
            self._lines.append(f"assert np.all({text})")
        else:
            self._lines.append(f"assert not np.any({text})")

    def _target(self, out: View) -> int:
        """The variable that a step makes; a temporary one gets a name."""
        owner = int(self.at.owner[out.start])
        if owner >= 0:
            return owner
        count = sum(name.startswith("temporary_") for name in self.at.names) + 1
        return self.at.add(f"temporary_{count}", contiguous(out.start, out.shape))

    def _line(self, name: str, text: str, view: View, comment: str = "") -> None:
        shape = "x".join(map(str, view.shape))
        notes = ", ".join(note for note in (shape, comment) if note)
        self._lines.append(f"{name} = {text}" + (f"  # {visible(notes)}" if notes else ""))

    def _scalar(self, name: str, rule: Any, out: int, operands: tuple[int, ...]) -> None:
        text = self._scalar_text(name, rule, operands)
        owner = int(self.at.owner[out])
        view, called = self.at.views[owner], self.at.names[owner]
        if view.size == 1:
            self._line(called, text, view)
            return
        if self.at.index[out] == 0:
            self._lines.append(f"{called} = np.empty({view.size})")
        self._lines.append(f"{called}[{self.at.index[out]}] = {text}")

    def _scalar_text(self, name: str, rule: Any, operands: tuple[int, ...]) -> str:
        positions = np.array(operands, np.int64)
        if name == "dot" and rule is TABLE[name].value and len(positions):
            pairs = positions.reshape(2, -1)
            parts = list(runs(list(zip(*self.at.owner[pairs].tolist(), strict=True))))
            texts = [[atom(self._row(side[part])) for side in pairs] for part in parts]
            return " + ".join(
                f"{left} {'@' if part.stop - part.start > 1 else '*'} {right}"
                for (left, right), part in zip(texts, parts, strict=True)
            )
        if name == "sum" and rule is TABLE[name].value and len(positions):
            parts = list(runs(self.at.owner[positions].tolist()))
            texts = [[atom(self._row(positions[part]))] for part in parts]
            return " + ".join(
                f"{text}.sum()" if part.stop - part.start > 1 else text
                for (text,), part in zip(texts, parts, strict=True)
            )
        texts_of_each = [self.at.numbers(np.array(i)) for i in operands]
        if name in OPERATORS and rule is OPERATIONS[name].value:
            return OPERATORS[name].format(*texts_of_each)
        return call_text(self._function(name, rule, rule), texts_of_each)

    def _row(self, positions: Positions) -> str:
        """The text for some numbers side by side, or for a single one."""
        if len(positions) == 1:
            return self.at.numbers(positions[0])
        view = strided(positions)
        return self.at.numbers(positions) if view is None else self.at.view(view)

    def _function(self, name: str, key: Any, function: Any) -> str:
        """The name in the source of a function; different functions get different names."""
        if key not in self._functions:
            name = identifier(name)
            while name in self.source.namespace or name in self.at.names or iskeyword(name):
                name += "_"
            self._functions[key] = name
            self.source.namespace[name] = function
        return self._functions[key]

    # Expressions

    def _expression(self, step: Apply | Reduce | Ragged | Take | Product | Gather) -> str:
        if isinstance(step, Apply):
            if step.name == "mul" and sorted(len(x.shape) for x in step.operands) == [1, 2]:
                row, column = sorted(step.operands, key=lambda x: len(x.shape))
                if column.shape[1] == 1 < row.size:
                    column = without(column, 1)
                    return f"np.outer({self.at.view(column)}, {self.at.view(row)})"
            texts = [self.at.view(x) for x in step.operands]
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
            text = self._product(step)
        elif isinstance(step, Ragged):
            function = f"np.{FUNCTIONS[step.name].__name__}.reduceat"
            starts = self.at.array("starts", step.starts)
            text = call_text(function, [self.at.view(step.operand), starts])
        elif isinstance(step, Take):
            index = f"np.int64({self.at.view(step.index)})[:, None]"
            rows = self.at.numbers(step.table)
            text = f"np.take_along_axis({rows}, {index}, axis=1)[:, 0]"
        else:
            text = self.at.numbers(step.index)
        return text

    def _reduction(self, step: Reduce) -> str:
        if step.name == "logsumexp":
            name = self._kernel("logsumexp", REDUCTIONS["logsumexp"], rank=len(step.out.shape))
            return call_text(name, [self.at.view(step.operand)])
        axes = tuple(range(len(step.out.shape), len(step.operand.shape)))
        operand, swapped = step.operand, transposed(step.operand)
        if len(operand.shape) == 2 and axes == (1,) and self.at.view(swapped).isidentifier():
            operand, axes = swapped, (0,)
        text = self.at.view(operand)
        if axes:
            axis = str(axes[0]) if len(axes) == 1 else str(axes)
            everything = len(axes) == len(operand.shape)
            text = f"{atom(text)}.{step.name}({'' if everything else f'axis={axis}'})"
        shape = self._shape_of_target(step.out)
        if shape == step.out.shape:
            return text
        return f"{atom(text)}.reshape({shape_text(shape)})"

    def _product(self, step: Product) -> str:
        left, right, shape = step.left, step.right, self._shape_of_target(step.out)
        if transposed(step.out) == self.at.views[self.at.owner[step.out.start]] != step.out:
            left, right = right, left
        rows, columns = left.shape[-2], right.shape[-2]
        right = transposed(right)
        natural = None
        if len(left.shape) == 2:
            left = without(left, 0) if rows == 1 else left
            right = without(right, 1) if columns == 1 else right
            natural = tuple(n for n in (rows, columns) if n > 1)
        text = f"{factor(self.at.view(left))} @ {factor(self.at.view(right))}"
        return text if shape == natural else f"({text}).reshape({shape_text(shape)})"

    def _shape_of_target(self, out: View) -> tuple[int, ...]:
        owner = int(self.at.owner[out.start])
        return self.at.views[owner].shape if owner >= 0 else out.shape

    def _kernel(self, name: str, kernel: Kernel, rank: int | None = None) -> str:
        return self._function(name, (name, rank), partial(_apply_kernel, kernel, rank))

    def _finish(self, plan: Plan) -> None:
        owners = self.at.owner[plan.outputs]
        returned = [int(i) for i in dict.fromkeys(owners.tolist()) if i >= 0]
        constants = [position for position in plan.outputs if self.at.owner[position] < 0]
        self.source.returned = [self.at.names[i] for i in returned]
        for position in constants:
            self.source.returned.append(repr(float(self.at.literals[position])))
        at = {number: place for place, number in enumerate(returned)}
        left = iter(range(len(returned), len(self.source.returned)))
        for position, owner in zip(plan.outputs, owners.tolist(), strict=True):
            place = at[owner] if owner >= 0 else next(left)
            self.source.outputs.append((place, int(self.at.index[position]) if owner >= 0 else 0))
        self._lines.append(f"return {', '.join(self.source.returned) or 'None'}")
        self.source.text = "\n    ".join(["def run(numbers):", *self._lines]) + "\n"


def _apply_kernel(kernel: Kernel, rank: int | None, *operands: Any) -> Numbers:
    arrays = [np.asarray(x, np.float64) for x in operands]
    shape = np.broadcast_shapes(*[x.shape for x in arrays])
    out = np.empty(shape if rank is None else shape[:rank])
    for call in kernel(out, *arrays):
        call()
    return out
