"""The program of a training step: traced, differentiated, updated, compiled.

The graph of a batch's loss is traced as by `autograd.jit`; the derivative rules extend it by the
graph of the gradients, and the optimiser's rule, called with Values in place of numbers, extends
that by the update. The result is one program:

    parameters, slots, learning rate, number of the step, batch  ->  parameters, slots, loss, ...
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from autograd import Value
from autograd.jit.backends import lower
from autograd.jit.calls.captured import Eyes, Learned, Surroundings, observe
from autograd.jit.calls.leaves import Results, mark_integers
from autograd.jit.graphs.differentiate import differentiate
from autograd.jit.graphs.tracer import Graph, Traced, trace
from autograd.jit.programs.convert import to_program
from autograd.jit.programs.program import GuardFailure, Program
from autograd.jit.programs.simplify import simplify
from autograd.jit.unsupported import Unsupported
from autograd.modes import pause_gc, recorded, tracing
from autograd.tape import Tape
from autograd.tree import paths, unflatten
from nn.module import Module
from nn.optimizer import Optimizer
from nn.steps import PlainSteps


@dataclass
class StepProgram:
    """A compiled program of one shape of batch.

    Attributes:
        lowered: the code. Its inputs are the numbers of the parameters, then (if it updates them)
            slots, learning rate and number of the step, then the batch.
        parameters: the optimiser's, then others that the loss depends on.
        updates: whether the new parameters and slots come first among the results.
        outputs: the tree definition of the predictions, which come last.
        captured: the captured state: what model and loss read besides the batch.
        specialisation: identifies the branches that model and loss took, in any process.
    """

    lowered: Any
    parameters: list[Value]
    updates: bool
    outputs: Hashable
    captured: Surroundings
    specialisation: str

    def check(self) -> None:
        """Raise GuardFailure unless the captured state is unchanged."""
        if not self.captured.is_kept():
            raise GuardFailure("captured state has changed")

    def run(self, *inputs: Sequence[float]) -> Any:
        """The results, all of them finite.

        Raises:
            GuardFailure: the loss takes other branches for these.
            ArithmeticError, ValueError, LookupError: a number cannot be computed.
        """
        if hasattr(self.lowered, "run_parts"):
            return self.lowered.run_parts(*inputs)  # finite by itself
        found = self.lowered.run([x for part in inputs for x in part])
        if not math.isfinite(sum(found)):
            raise FloatingPointError("a number is not finite")
        return found


class NotWorthwhile(Exception):  # noqa: N818 - not an error: plain steps cost less
    """Compiling a step costs more than it saves."""


def compile_step(
    plain: PlainSteps,
    structure: Any,
    leaves: list[Any],
    batch: tuple[list[Any], list[Any]],
    wants_outputs: bool,
    pays: Callable[[int, str], bool] = lambda size, specialisation: True,
) -> StepProgram:
    """The program of a step.

    Args:
        plain: model, loss and optimiser.
        structure: the tree definition of the pair of inputs and targets.
        leaves: the numbers in it.
        batch: the pair itself.
        wants_outputs: whether the predictions are among the results.
        pays: says whether to compile, given the number of nodes and operands of the loss's graph
            and its specialisation.

    Raises:
        NotWorthwhile: compiling does not pay.
        Unsupported: the step cannot be compiled; other exceptions may mean the same.
    """
    with pause_gc():
        captured, (traced, outputs) = observe(
            plain.model,
            [plain.loss],
            Learned(),
            lambda eyes: _trace(plain, structure, leaves, wants_outputs, eyes),
        )
        nodes = traced.graph.nodes
        specialisation = _digest(to_program(traced.graph))
        if not pays(len(nodes) + sum(len(node.operands) for node in nodes), specialisation):
            raise NotWorthwhile
        _check_alike(plain, batch, traced)
        if any(p.primitive is not None for p in traced.parameters):
            raise Unsupported("parameters that are results")
        own = plain.optimizer.parameters
        parameters = list(dict.fromkeys([*own, *traced.parameters]))
        names = _names(plain.model, parameters)
        derivative = differentiate(traced.graph, 0)
        flows = dict(zip(traced.parameters, derivative.outputs[1:], strict=True))
        if not any(isinstance(g := flows.get(p, 0.0), Value) or g != 0.0 for p in own):
            raise Unsupported("a loss through which no gradient flows")
        graph = None
        if len(parameters) == len(own) and _is_known(plain):
            try:
                graph = _with_update(plain.optimizer, traced, derivative, parameters, names)
            except Exception:  # a rule that takes floats only
                graph = None
        updates = graph is not None
        graph = graph or _with_inputs(traced, derivative, parameters, names)
        lowered = lower(simplify(to_program(graph)), "auto")
    return StepProgram(lowered, parameters, updates, outputs, captured, specialisation)


def _trace(
    plain: PlainSteps,
    structure: Any,
    leaves: list[Any],
    wants_outputs: bool,
    eyes: Eyes,
) -> tuple[Traced, Hashable]:
    """The loss of a batch, and the tree definition of the predictions.

    It is traced twice: a model that draws random numbers would have those of one step as constants;
    two graphs that differ show it.
    """
    names = [
        path
        for name, part in zip(("inputs", "targets"), structure[2:], strict=True)
        for path in paths(part, name)
    ]
    found: list[tuple[Traced, Hashable]] = []
    for _ in range(2):
        traced = trace(
            lambda fresh: eyes(lambda: _forward(plain, structure, fresh, wants_outputs)),
            leaves,
            names,
            Results().leaves_of,
            lambda parameter: parameter.label,
        )
        numbers: list[Any] = []
        outputs = Results().define(traced.out[1], numbers)
        if not all(isinstance(x, Value) for x in numbers):
            raise Unsupported("predictions that are constants")
        found.append((traced, outputs))
    one, other = (to_program(traced.graph) for traced, _ in found)
    if not _equal(one, other) or found[0][0].parameters != found[1][0].parameters:
        raise Unsupported("a model that computes something else at each call")
    return found[0]


def _check_alike(plain: PlainSteps, batch: tuple[list[Any], list[Any]], traced: Traced) -> None:
    """Check that the loss of the plain data equals that of the Values that stand for them.

    A trace does not see questions about an object's type: `x is True`, `isinstance(x, int)`.

    Raises:
        Unsupported: they differ, by more than the rounding of sums.
    """
    inputs, targets = batch
    loss = plain.loss([plain.model(row) for row in inputs], targets)
    one, other = float(loss.data), float(traced.graph.outputs[0].data)
    is_nan = math.isnan(one) and math.isnan(other)
    if not (is_nan or math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-12)):
        raise Unsupported(
            "a model or loss that asks for the type of a number (x is True, isinstance(x, int)):"
            " compare its value instead (x == 1)"
        )


def _forward(
    plain: PlainSteps, structure: Any, leaves: list[Value], wants_outputs: bool
) -> tuple[Value, Any]:
    mark_integers(structure, leaves)
    inputs, targets = unflatten(structure, leaves)
    outputs = [plain.model(row) for row in inputs]
    value = plain.loss(outputs, targets)
    if not isinstance(value, Value):
        raise Unsupported("a loss that is not a Value")
    return value, outputs if wants_outputs else []


def _with_update(
    optimizer: Any, traced: Traced, derivative: Graph, parameters: list[Value], names: list[str]
) -> Graph:
    """The graph of gradients, extended by the new parameters and slots."""
    stand_ins, gradients = _stand_ins(traced, derivative, parameters)
    columns = [[Value(x) for x in optimizer.slots[name]] for name in optimizer.slot_names]
    lr, step = Value(optimizer.lr), Value(float(optimizer.steps + 1))
    options = {name: getattr(optimizer, name) for name in optimizer._hyperparameters}
    rule = type(optimizer).rule
    tape = Tape()
    tape.constants = set(derivative.constants)
    with recorded(), tracing(tape):
        moved = [
            rule(p, g, *slots, step=step, lr=lr, **options)
            for p, g, *slots in zip(stand_ins, gradients, *columns, strict=True)
        ]
    batch = derivative.inputs[: len(derivative.inputs) - len(traced.parameters)]
    slots = [x for column in columns for x in column]
    inputs = [*stand_ins, *slots, lr, step, *batch]
    slot_names = [f"{slot}.{name}" for slot in optimizer.slot_names for name in names]
    results = [x for column in zip(*moved, strict=True) for x in column]
    return _graph(
        inputs,
        [*names, *slot_names, "lr", "step", *derivative.names[: len(batch)]],
        [*results, derivative.outputs[0], *gradients, *traced.graph.outputs[1:]],
        derivative,
        tape,
    )


def _with_inputs(
    traced: Traced, derivative: Graph, parameters: list[Value], names: list[str]
) -> Graph:
    """The graph of gradients, its inputs in the order of `StepProgram.lowered`."""
    stand_ins, gradients = _stand_ins(traced, derivative, parameters)
    batch = derivative.inputs[: len(derivative.inputs) - len(traced.parameters)]
    outputs = [derivative.outputs[0], *gradients, *traced.graph.outputs[1:]]
    all_names = [*names, *derivative.names[: len(batch)]]
    return _graph([*stand_ins, *batch], all_names, outputs, derivative, Tape())


def _graph(
    inputs: list[Value], names: list[str], outputs: list[Any], derivative: Graph, tape: Tape
) -> Graph:
    values = {*derivative.values, *inputs}
    return derivative.extended(
        tape, outputs, inputs=inputs, positions=[], names=names, values=values
    )


def _stand_ins(
    traced: Traced, derivative: Graph, parameters: list[Value]
) -> tuple[list[Value], list[Any]]:
    """For each parameter the leaf that stands for it, and its gradient."""
    start = len(derivative.inputs) - len(traced.parameters)
    leaves = dict(zip(traced.parameters, derivative.inputs[start:], strict=True))
    flows = dict(zip(traced.parameters, derivative.outputs[1:], strict=True))
    stand_ins = [leaves[p] if p in leaves else Value(p.data) for p in parameters]
    return stand_ins, [flows.get(p, 0.0) for p in parameters]


def _names(model: Any, parameters: list[Value]) -> list[str]:
    """The paths of the parameters in the model, else their labels."""
    known = {p: name for name, p in model.named_parameters()} if isinstance(model, Module) else {}
    return [known.get(p, p.label) for p in parameters]


def _is_known(plain: PlainSteps) -> bool:
    """Whether nothing but the rule of the optimiser acts between gradients and update."""
    kind = type(plain.optimizer)
    return (
        plain.before_step is None
        and issubclass(kind, Optimizer)
        and kind.step is Optimizer.step
        and kind.zero_grad is Optimizer.zero_grad
    )


def _digest(program: Program) -> str:
    """A digest of what the program computes, and of the branches it took."""
    names = [operation and operation.name for operation in program.operations]
    parts = (names, program.operands, program.constants, program.guards, program.outputs)
    return f"{crc32(repr(parts).encode()):08x}"


def _equal(one: Program, other: Program) -> bool:
    return (
        one.operations == other.operations
        and one.operands == other.operands
        and repr(one.constants) == repr(other.constants)
        and one.guards == other.guards
        and one.outputs == other.outputs
    )
