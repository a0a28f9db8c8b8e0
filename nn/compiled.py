"""Compiled training steps: loss, gradients and update by one program of numbers.

The first batch of each shape is compiled (`nn.step_program`). From step to step the results are the
next inputs. Parameters and optimiser know nothing of that until `store` gives them their numbers,
and whoever changes those afterwards is heard, since the next step reads them anew.

Where something acts between the gradients and the update (`before_step`, an optimiser of another
kind) the program ends at the gradients, and the rest is done as ever. Where nothing can be
compiled, or a step cannot be computed in compiled form, the plain step is made.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from autograd import Value
from autograd.jit.compiled import FAILURES, VARIANTS
from autograd.jit.program import GuardFailure
from autograd.jit.structure import Unsupported, flatten, rebuild
from nn.interruption import Interruption
from nn.optimizer import Optimizer
from nn.step_program import StepProgram, compile_step
from nn.steps import PlainSteps

WORTHWHILE = 100
"""From this many steps on compiling is likely to pay, and `fit` does it without being asked."""


class CompiledSteps:
    """Steps by compiled code, and by the engine where that cannot serve.

    Args:
        plain: makes a step by the engine.
        wants_outputs: whether the predictions of a step will be asked for.
        repeats: whether all steps have the same batch. Integers that a loss needs as they are, such
            as the classes of a cross-entropy, may be part of the program then.

    Attributes:
        compiled: how many steps were made by compiled code.
        plain: what makes the others.
    """

    def __init__(self, plain: PlainSteps, wants_outputs: bool, repeats: bool = False) -> None:
        self.plain = plain
        self.compiled = 0
        self._wants_outputs = wants_outputs
        self._programs: dict[Hashable, list[StepProgram]] = {}
        self._state: Any = None  # parameters and slots, while those of the optimiser are behind
        self._gradients: Any = None
        self._attempts = 0
        self._repeats = repeats
        self._integers = True  # whether they are inputs of the programs

    def step(
        self, inputs: list[Any], targets: list[Any], interruption: Interruption
    ) -> tuple[float, list[Any]]:
        """Move the parameters; the loss and (if wanted) the outputs from before that."""
        made = self._compiled(inputs, targets, interruption)
        if made is None:
            self.store()
            return self.plain.step(inputs, targets, interruption)
        program, loss, outputs = made
        if not program.updates:
            self.plain.move(interruption)
        return loss, outputs

    def store(self) -> None:
        """Let the parameters and the optimiser hold what has been reached."""
        if self._state is None:
            return
        optimizer: Any = self.plain.optimizer
        count = len(optimizer.parameters)
        numbers, gradients = (_listed(x) for x in (self._state, self._gradients))
        for parameter, data, grad in zip(optimizer.parameters, numbers, gradients, strict=False):
            parameter.data, parameter.grad = data, grad
        for i, name in enumerate(optimizer.slot_names, 1):
            optimizer.slots[name][:] = numbers[i * count : (i + 1) * count]
        self._state = None

    def _compiled(
        self, inputs: list[Any], targets: list[Any], interruption: Interruption
    ) -> tuple[StepProgram, float, list[Any]] | None:
        """The step by a compiled program; None if it must be a plain one."""
        leaves: list[Any] = []
        try:
            structure = flatten((inputs, targets), leaves, integers=self._integers)
        except Unsupported:
            return None
        if any(isinstance(x, Value) for x in leaves):
            return None
        batch = [float(x) for x in leaves]
        programs = self._programs.setdefault((structure, self._options()), [])
        try:
            for program in programs:
                try:
                    return program, *self._run(program, batch, interruption)
                except GuardFailure:
                    continue
            if self._attempts >= VARIANTS:
                return None
            self._attempts += 1
            self.store()
            made = self._compile(structure, leaves)
            if made is None:
                if not self._repeats or not self._integers or set(map(type, leaves)) == {float}:
                    return None
                self._integers = False
                return self._compiled(inputs, targets, interruption)
            programs.insert(0, made)
            return made, *self._run(made, batch, interruption)
        except (GuardFailure, *FAILURES):
            return None

    def _compile(self, structure: Hashable, leaves: list[Any]) -> StepProgram | None:
        try:
            return compile_step(self.plain, structure, leaves, self._wants_outputs)
        except Exception:  # whatever it is, the plain step will say, or do without
            return None

    def _run(
        self, program: StepProgram, batch: list[float], interruption: Interruption
    ) -> tuple[float, list[Any]]:
        optimizer: Any = self.plain.optimizer
        size = len(program.parameters)
        if not program.updates:
            self.store()
            found = program.run([p.data for p in program.parameters], batch)
            loss, gradients = float(found[0]), _listed(found[1 : size + 1])
            optimizer.zero_grad()
            own = set(optimizer.parameters)
            for parameter, gradient in zip(program.parameters, gradients, strict=True):
                parameter.grad = gradient if parameter in own else parameter.grad + gradient
            outputs = self._predictions(program, found[size + 1 :])
            self.compiled += 1
            return loss, outputs
        state = self._state
        if state is None:
            columns = [optimizer.slots[name] for name in optimizer.slot_names]
            state = [p.data for p in optimizer.parameters]
            state += [x for column in columns for x in column]
        found = program.run(state, (optimizer.lr, float(optimizer.steps + 1)), batch)
        end = len(state)
        outputs = self._predictions(program, found[end + 1 + size :])
        with interruption.held():
            self._state, self._gradients = found[:end], found[end + 1 : end + 1 + size]
            optimizer.steps += 1
            self.compiled += 1
        return float(found[end]), outputs

    def _predictions(self, program: StepProgram, numbers: Any) -> list[Any]:
        if not self._wants_outputs:
            return []
        outputs: list[Any] = rebuild(program.outputs, iter(_listed(numbers)))
        return outputs

    def _options(self) -> tuple[Any, ...]:
        """What is part of the program: the optimiser's hyper-parameters, but for its rate."""
        optimizer: Any = self.plain.optimizer
        if not isinstance(optimizer, Optimizer):
            return ()
        return tuple(getattr(optimizer, name) for name in optimizer._hyperparameters)


def _listed(numbers: Any) -> list[float]:
    return numbers.tolist() if hasattr(numbers, "tolist") else list(numbers)
