"""References: how the source names the numbers that an operand reads.

The numbers of the buffer belong to variables. A view is best written as the variable itself, or as
a slice of it, transposed or with new axes; where that is not possible, by `np.take` with an array
of indexes.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from autograd.jit.arrays.buffer_plan import Check, Plan, Product, Scalars
from autograd.jit.arrays.source_text import part_of
from autograd.jit.arrays.views import Positions, View, strided, transposed
from autograd.jit.tuning import LIST_PRINTED


class References:
    """The variables of a source.

    Attributes:
        views: where the numbers of each variable are, in its shape.
        names: what the variables are called.
        owner: for each position the variable it belongs to, or -1.
        index: and which of its numbers, counted row by row, is there.
        literals: the fixed number at each position, NaN where there is none.
        inline: of variables that are not written down: the expression, to be written where they are
            read.
        namespace: what the source refers to.
    """

    def __init__(self, plan: Plan) -> None:
        self.views = [variable.view for variable in plan.variables]
        self.names: list[str] = []
        self.owner = np.full(plan.size, -1)
        self.index = np.zeros(plan.size, np.int64)
        for number, view in enumerate(self.views):
            self.own(number, view)
        self.literals = np.full(plan.size, np.nan)
        for start, numbers in plan.literals:
            self.literals[start : start + len(numbers)] = numbers
        self.inline: dict[int, str] = {}
        self.namespace: dict[str, Any] = {"np": np}

    def own(self, number: int, view: View) -> None:
        """Have a variable own the numbers of a view, in this shape."""
        positions = view.positions().reshape(-1)
        self.owner[positions] = number
        self.index[positions] = np.arange(len(positions))

    def transpose(self, number: int) -> None:
        """Have a variable stand for the transposed matrix."""
        self.views[number] = transposed(self.views[number])
        self.own(number, self.views[number])

    def add(self, name: str, view: View) -> int:
        """A further variable; its number."""
        self.views.append(view)
        self.names.append(name)
        self.own(len(self.views) - 1, view)
        return len(self.views) - 1

    def sole_owner(self, view: View) -> int:
        """The variable that a view shows numbers of, or -1 if they are of several."""
        owners = np.unique(self.owner[view.positions()])
        return int(owners[0]) if len(owners) == 1 else -1

    def view(self, view: View) -> str:
        """The text for the numbers of a view, in its shape."""
        owner = self.sole_owner(view)
        if owner in self.inline:
            return self.inline.pop(owner)
        if owner >= 0:
            inside = strided(self.index[view.positions()])
            shape = self.views[owner].shape
            text = part_of(self.names[owner], shape, inside) if inside is not None else None
            if text is not None:
                return text
        return self.numbers(view.positions())

    def numbers(self, positions: Positions) -> str:
        """The text for numbers at any positions."""
        owners = np.unique(self.owner[positions])
        if owners[0] < 0:
            literals = self.literals[positions]
            if len(owners) == 1:
                return repr(float(literals)) if not positions.ndim else self.array("c", literals)
        parts = [self._flat(i) if i >= 0 else "" for i in owners.tolist()]
        if owners[0] < 0:
            parts[0] = self.array("c", self.literals[~np.isnan(self.literals)])
        offsets = np.zeros(len(owners), np.int64)
        known = np.flatnonzero(~np.isnan(self.literals))
        sizes = [self.views[i].size if i >= 0 else len(known) for i in owners]
        offsets[1:] = np.cumsum(sizes)[:-1]
        which = np.searchsorted(owners, self.owner[positions])
        index = offsets[which] + np.where(
            self.owner[positions] >= 0, self.index[positions], np.searchsorted(known, positions)
        )
        if len(parts) == 1:
            shape = self.views[owners[0]].shape
            if not positions.ndim:
                at: Any = np.unravel_index(int(index), shape) if shape else ()
                inside = ", ".join(str(int(i)) for i in at)
                name: str = self.names[owners[0]]
                return f"{name}[{inside}]" if inside else name
            return f"np.take({self.names[owners[0]]}, {self.array('index', index)})"
        return f"np.take(np.concatenate([{', '.join(parts)}]), {self.array('index', index)})"

    def _flat(self, variable: int) -> str:
        name = self.names[variable]
        return f"{name}.ravel()" if self.views[variable].shape else f"[{name}]"

    def array(self, name: str, array: Any) -> str:
        """An array of fixed numbers: printed if it is short, else kept in the namespace."""
        array = np.asarray(array)
        if array.size <= LIST_PRINTED:
            return f"np.array({array.tolist()})"
        number = sum(key.startswith(f"{name}_") for key in self.namespace) + 1
        self.namespace[f"{name}_{number}"] = array
        return f"{name}_{number}"


def matrices_of_weights(plan: Plan, at: References) -> list[int]:
    """Weights and their gradients, a neuron a row, to be written as usual: a neuron a column."""
    written: dict[int, set[bool]] = {}
    for step in plan.steps:
        if not isinstance(step, Check | Scalars):
            is_product = isinstance(step, Product) and len(step.out.shape) == 2
            written.setdefault(int(at.owner[step.out.start]), set()).add(is_product)
    return [
        number
        for number, (name, view) in enumerate(zip(at.names, at.views, strict=True))
        if re.fullmatch(r"d?w[\d_]*", name) and len(view.shape) == 2 and min(view.shape) > 1
        if written.get(number, {True}) == {True}
    ]
