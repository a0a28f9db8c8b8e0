"""Compiled training steps: loss, gradients and update by one program of numbers.

The first batch of each shape is compiled (`nn.step_program`). From step to step the results are the
next inputs. Parameters and optimiser know nothing of that until `store` gives them their numbers,
and whoever changes those afterwards is heard, since the next step reads them anew.

Where something acts between the gradients and the update (`before_step`, an optimiser of another
kind) the program ends at the gradients, and the rest is done as ever. Where nothing can be
compiled, or a step cannot be computed in compiled form, the plain step is made; where the user
insists on compiled ones, the reason is told, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

from autograd import Value
from autograd.jit.calls.compiled import FAILURES
from autograd.jit.calls.reading import reader
from autograd.jit.calls.structure import Unsupported, flatten, kinds, listed, rebuild
from autograd.jit.calls.vectors import INTEGER
from autograd.jit.programs.program import GuardFailure
from autograd.jit.tuning import MOST_VARIANTS
from nn.interruption import Interruption
from nn.optimizer import Optimizer
from nn.payoff import Payoff, key_of_shape
from nn.step_program import NotWorthwhile, StepProgram, compile_step
from nn.steps import PlainSteps
from nn.warning import warn

SHAPES = 256
"""For how many shapes of batches programs are kept."""

REFUSALS = 3
"""After so many shapes in a row that could not be compiled no further one is tried."""

WAYS = (
    f"model and loss took more than {MOST_VARIANTS} ways (autograd.where, minimum, maximum and take"
    " choose without another way)"
)

KINDS = (
    f"the rows of more than {MOST_VARIANTS} batches differ in what is no input of a program: text,"
    " None, the order of keys, integers beyond 2**53"
)


class _Shape:
    """What is known of batches of one shape.

    Args:
        structure: the description of the pair of `(inputs, targets)` and no options.
        options: hyper-parameters of the optimiser that are built in.

    Attributes:
        programs: the compiled steps.
        attempts: how often one was to be compiled.
        steps: how many steps are to be expected with this shape; `None` to compile at any rate.
        key: what tells it from other shapes, in any process.
        size: how large the graph of a step is, once it has been traced.
        read: what takes a batch of this shape apart.
    """

    def __init__(self, structure: Any, options: tuple[Any, ...]) -> None:
        self.batch = structure[1]
        self.options = options
        self.programs: list[StepProgram] = []
        self.attempts = 0
        self.steps: float | None = None
        self.key: str | None = None
        self.size: int | None = None
        self.has_integers = INTEGER in kinds(structure)
        self.read = reader(structure) or (lambda args, options: None)


class CompiledSteps:
    """Steps by compiled code, and by the engine where that cannot serve.

    Args:
        plain: makes a step by the engine.
        wants_outputs: whether the predictions of a step will be asked for.
        repeats: whether all steps have the same batch. Integers that a loss needs as they are, such
            an index into a list, may be part of the program then.
        payoff: says for which shapes of batches compiling pays; `None` to compile all.
        is_resumable: whether the training may be resumed. Then what is compiled depends on the
            steps before by way of `memory` alone, and steps that took too many ways are the end of
            compiled ones.

    Attributes:
        compiled: how many steps were made by compiled code.
        plain: what makes the others.
        memory: of a training that may be resumed, the ways through model and loss that have been
            compiled, by shapes of batches, and whether there were too many.
    """

    def __init__(
        self,
        plain: PlainSteps,
        wants_outputs: bool,
        repeats: bool = False,
        payoff: Payoff | None = None,
        is_resumable: bool = False,
    ) -> None:
        self.plain = plain
        self.compiled = 0
        self._wants_outputs = wants_outputs
        self._shapes: dict[Hashable, _Shape] = {}
        self._last: _Shape | None = None
        self._state: Any = None  # parameters and slots, while those of the optimiser are behind
        self._gradients: Any = None
        self._checked: set[int] = set()  # ids of programs that read what they did, since `store`
        self._refused = 0
        self._attempts: Counter[Hashable] = Counter()  # by what is known without looking at kinds
        self._payoff = payoff
        self._is_resumable = is_resumable
        self.memory: dict[str, Any] = {"ways": {}, "branched": False}
        self._reason: str | None = None  # why the step under way is not compiled
        self._has_warned = False
        self._repeats = repeats
        self._integers = True  # whether they are inputs of the programs

    def step(
        self, inputs: list[Any], targets: list[Any], interruption: Interruption
    ) -> tuple[float, list[Any]]:
        """Move the parameters; the loss and (if wanted) the outputs from before that."""
        made = self._compiled(inputs, targets, interruption)
        if made is None:
            self.store()
            done = self.plain.step(inputs, targets, interruption)
            self._explain()
            return done
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
        numbers, gradients = (listed(x) for x in (self._state, self._gradients))
        for parameter, data, grad in zip(optimizer.parameters, numbers, gradients, strict=False):
            parameter.data, parameter.grad = data, grad
        for i, name in enumerate(optimizer.slot_names, 1):
            optimizer.slots[name][:] = numbers[i * count : (i + 1) * count]
        self._state = None

    @property
    def is_stored(self) -> bool:
        """Whether they do."""
        return self._state is None

    def _compiled(
        self, inputs: list[Any], targets: list[Any], interruption: Interruption
    ) -> tuple[StepProgram, float, list[Any]] | None:
        """The step by a compiled program; None if it must be a plain one."""
        if self.memory["branched"]:
            return None
        found = self._shape(inputs, targets)
        if found is None:
            return None
        shape, parts = found
        try:
            for program in shape.programs:
                try:
                    return program, *self._run(program, parts, interruption)
                except GuardFailure:
                    continue
            if not self._is_worth_a_try(shape, inputs, targets):
                return None
            shape.attempts += 1
            self._attempts[shape.key, shape.options] += 1
            self.store()
            try:
                made = self._compile(shape, parts, (inputs, targets))
            except NotWorthwhile:
                shape.attempts = self._attempts[shape.key, shape.options] = MOST_VARIANTS
                self.memory["branched"] = self._is_resumable and bool(self._ways(shape))
                return None
            except Exception as problem:  # whatever it is, the plain step will say, or do without
                shape.attempts = MOST_VARIANTS
                self._refused += 1
                self._reason = f"{type(problem).__name__}: {problem}"
                if not self._repeats or not self._integers or not shape.has_integers:
                    return None
                self._integers, self._last = False, None
                return self._compiled(inputs, targets, interruption)
            self._refused = 0
            shape.programs.insert(0, made)
            if made.way not in self._ways(shape):
                self._ways(shape).append(made.way)
            return made, *self._run(made, parts, interruption)
        except (GuardFailure, *FAILURES):
            return None

    def _shape(self, inputs: list[Any], targets: list[Any]) -> tuple[_Shape, Sequence[Any]] | None:
        """What is known of batches of this shape, and the numbers of this one."""
        args, options = (inputs, targets), self._options()
        if inputs[0].__class__ is dict or targets[0].__class__ is dict:
            args = _numbered(inputs), _numbered(targets)
        shape = self._last
        if shape is not None and shape.options == options:
            parts = shape.read(args, {})
            if parts is not None:
                return shape, [list(map(float, x)) for x in parts] if shape.has_integers else parts
        leaves: list[Any] = []
        try:
            structure = flatten((args, {}), leaves, integers=self._integers)
        except Unsupported as problem:
            self._reason = f"the data hold {problem}"
            return None
        if any(isinstance(x, Value) for x in leaves):
            self._reason = "the data hold Values"
            return None
        if self._refused >= REFUSALS and not self._is_resumable:
            return None
        shape = self._shapes.get((structure, options))
        if shape is None:
            if len(self._shapes) >= SHAPES and not self._is_resumable:
                self._reason = f"there are more than {SHAPES} shapes of batches"
                return None
            shape = self._shapes[structure, options] = _Shape(structure, options)
        self._last = shape
        return shape, [[float(x) for x in leaves]]

    def _is_worth_a_try(self, shape: _Shape, inputs: list[Any], targets: list[Any]) -> bool:
        """Whether one more program for this shape is to be compiled."""
        if shape.key is None:
            shape.key = key_of_shape(inputs, targets)
        if shape.attempts >= MOST_VARIANTS:
            self._reason = WAYS if len(shape.programs) > 1 else self._reason
            self.memory["branched"] = self._is_resumable and len(shape.programs) > 1
            return False
        if not self._is_resumable and self._attempts[shape.key, shape.options] >= MOST_VARIANTS:
            self._reason = KINDS
            return False
        payoff = self._payoff
        if payoff is None:
            return True
        if shape.steps is None:
            shape.steps = payoff.steps(inputs, targets)
        if shape.size is None or self._is_resumable:
            return payoff.is_possible(inputs, shape.steps)
        return payoff.pays(shape.size, shape.steps, shape.attempts)

    def _compile(
        self, shape: _Shape, parts: Sequence[Any], batch: tuple[list[Any], list[Any]]
    ) -> StepProgram:
        def pays(size: int, way: str) -> bool:
            shape.size = size
            payoff, steps, ways = self._payoff, shape.steps, self._ways(shape)
            if way in ways:
                return True
            if len(ways) >= MOST_VARIANTS:
                self._reason = WAYS
                return False
            return payoff is None or steps is None or payoff.pays(size, steps, len(ways))

        leaves = [x for part in parts for x in part]
        return compile_step(self.plain, shape.batch, leaves, batch, self._wants_outputs, pays)

    def _ways(self, shape: _Shape) -> list[str]:
        """The ways that have been compiled for batches of this shape, before a pause too."""
        ways: list[str] = self.memory["ways"].setdefault(shape.key, [])
        return ways

    def _explain(self) -> None:
        """Say once why a step is not compiled, if compiled steps were asked for."""
        reason, self._reason = self._reason, None
        if reason is not None and self._payoff is None and not self._has_warned:
            self._has_warned = True
            warn(f"fit: jit=True, but a step ran as it is, since it cannot be compiled: {reason}")

    def _run(
        self, program: StepProgram, batch: Sequence[Any], interruption: Interruption
    ) -> tuple[float, list[Any]]:
        optimizer: Any = self.plain.optimizer
        size = len(program.parameters)
        if self._state is None:
            self._checked.clear()  # someone else may have had a hand in it
        if id(program) not in self._checked:
            program.check()
            self._checked.add(id(program))
        if not program.updates:
            self.store()
            found = program.run([p.data for p in program.parameters], *batch)
            loss, gradients = float(found[0]), listed(found[1 : size + 1])
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
        found = program.run(state, (optimizer.lr, float(optimizer.steps + 1)), *batch)
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
        outputs: list[Any] = rebuild(program.outputs, iter(listed(numbers)))
        return outputs

    def _options(self) -> tuple[Any, ...]:
        """What is part of the program: the optimiser's hyper-parameters, but for its rate."""
        optimizer: Any = self.plain.optimizer
        if not isinstance(optimizer, Optimizer):
            return ()
        return tuple(getattr(optimizer, name) for name in optimizer._hyperparameters)


def _numbered(rows: list[Any]) -> list[Any]:
    """The rows, with the bools of those that are dicts as integers: in arguments they are flags."""
    return [
        {key: int(x) if x.__class__ is bool else x for key, x in row.items()}
        if row.__class__ is dict
        else row
        for row in rows
    ]
