"""Names for the variables of the source, such as those by which people write backpropagation.

Inputs have names already: the weights and biases of layer 0 are called `w1` and `b1`, an argument
by its own name. What is computed is recognised by how it is made. A product with the weights `w1`
is `z1`, the sum of that with `b1` too, and what a function makes of it is `a1`. Backwards: a
matrix product of the shape of `w1` that contains what `w1` was multiplied by is its gradient,
`dw1`, so the other factor is `dz1`; its sum over the rows is `db1`. Everything else is called
after its operation.

Names are only for readers: nothing depends on them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograd.jit.arrays.buffer_plan import Apply, Plan, Product, Reduce, Scalars, Step
from autograd.jit.arrays.views import Positions, Shape, View
from autograd.primitives import TABLE, activations

_PARAMETERS = {"weights": "w", "bias": "b"}
_ACTIVATIONS = {
    TABLE["tanh"],
    *(f.primitive for f in vars(activations).values() if hasattr(f, "primitive")),
}
_COUNTED = re.compile(r"[^\W\d]\w*\.\*\.(?!\*)")  # `neurons.*.` says how many, not what


def input_names(stems: Sequence[str]) -> list[str]:
    """Short names for inputs: as many of the last words of a path as tell it from the others.

    >>> input_names(["layers.0.neurons.*.weights.*", "neurons.*.bias", "x"])
    ['w1', 'b', 'x']
    >>> input_names(["params['w']", "blocks.0.query.*.*", "blocks.1.query.*.*"])
    ['w', 'blocks_0_query', 'blocks_1_query']
    """
    words = [re.findall(r"\w+", _COUNTED.sub("", stem)) for stem in stems]
    ends = Counter("_".join(found[i:]) for found in words for i in range(len(found)))
    return [_parameter(found) or _shortest(found, ends) for found in words]


def _parameter(words: Sequence[str]) -> str:
    """The name of the weights or biases of a layer."""
    if not words or words[-1] not in _PARAMETERS:
        return ""
    layers = [str(int(word) + 1) for word in words if word.isdigit()]
    return _PARAMETERS[words[-1]] + "_".join(layers)


def _shortest(words: Sequence[str], ends: Mapping[str, int]) -> str:
    names = ["_".join(words[i:]) for i in reversed(range(len(words)))]
    of_one = (name for name in names if ends[name] == 1 and name.isidentifier())
    return next(of_one, "_".join(words).lstrip("0123456789_"))


@dataclass
class _Naming:
    shapes: Sequence[Shape]
    owners: Positions
    names: dict[int, str] = field(default_factory=dict)
    partners: dict[str, int] = field(default_factory=dict)  # what a layer's weights multiply

    def owner(self, view: View) -> int:
        """The variable that a view shows numbers of."""
        return int(self.owners[view.start])

    def starting_with(self, letter: str, *variables: int) -> int | None:
        """The first of these variables whose name is the letter and the number of a layer."""
        return next((v for v in variables if re.fullmatch(rf"{letter}\d+", self.name(v))), None)

    def name(self, variable: int) -> str:
        return self.names.get(variable, "")

    def visit(self, step: Step) -> None:
        if isinstance(step, Product):
            self._product(step)
        elif isinstance(step, Apply):
            self._apply(step)

    def visit_sum(self, step: Step) -> None:
        if isinstance(step, Reduce) and step.operation is TABLE["sum"]:
            self._sum(self.owner(step.out), self.owner(step.operand))
        elif isinstance(step, Scalars):
            for operation, out, operands in step.entries:
                if operation is TABLE["sum"]:
                    read = set(self.owners[list(operands)].tolist())
                    self._sum(int(self.owners[out]), read.pop() if len(read) == 1 else -1)

    def _sum(self, made: int, read: int) -> None:
        if self.name(read).startswith("dz"):
            self.names.setdefault(made, f"db{self.name(read)[2:]}")

    def _product(self, step: Product) -> None:
        made, left, right = (self.owner(view) for view in (step.out, step.left, step.right))
        weights = self.starting_with("w", left, right)
        if weights is not None:
            self._times_weights(made, weights, left if weights == right else right)
            return
        for layer, partner in self.partners.items():
            if partner in (left, right):
                shape = self.shapes[next(v for v, n in self.names.items() if n == f"w{layer}")]
                if shape == self.shapes[made]:
                    self.names.setdefault(made, f"dw{layer}")
                    self.names.setdefault(left if partner == right else right, f"dz{layer}")

    def _times_weights(self, made: int, weights: int, other: int) -> None:
        layer = self.names[weights][1:]
        if layer not in self.partners:
            self.partners[layer] = other
            self.names.setdefault(made, f"z{layer}")
        elif layer.isdigit() and int(layer) > 1:
            self.names.setdefault(made, f"da{int(layer) - 1}")

    def _apply(self, step: Apply) -> None:
        made, *read = (self.owner(view) for view in (step.out, *step.operands))
        z, weights = self.starting_with("z", *read), self.starting_with("w", *read)
        operation = step.operation
        is_sum = operation is TABLE["add"]
        if is_sum and z is not None and self.starting_with("b", *read) is not None:
            self.names.setdefault(made, self.names.pop(z))
        elif operation in _ACTIVATIONS and z is not None and self.shapes[made] == self.shapes[z]:
            activation = f"a{self.names[z][1:]}"
            if activation not in self.names.values():
                self.names.setdefault(made, activation)
        elif operation is TABLE["mul"] and weights is not None and len(read) == 2:
            self._times_weights(made, weights, read[0] if weights == read[1] else read[1])


def variable_names(plan: Plan, owners: Positions) -> dict[int, str]:
    """Names for inputs and for what is recognised, by variable; perhaps some of them equal.

    Args:
        plan: the plan.
        owners: the variable at each position, or -1.
    """
    naming = _Naming([variable.view.shape for variable in plan.variables], owners)
    inputs = [i for i, variable in enumerate(plan.variables) if variable.group.operation is None]
    stems = [plan.variables[i].group.stem for i in inputs]
    naming.names.update(zip(inputs, input_names(stems), strict=True))
    for visit in (naming.visit, naming.visit_sum):
        for step in plan.steps:
            visit(step)
    if any(name.startswith("dw") for name in naming.names.values()):
        first = int(owners[plan.outputs[0]])
        if first >= 0 and plan.variables[first].view.size == 1:
            naming.names[first] = "loss"
    return naming.names
