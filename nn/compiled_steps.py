"""Compiled training steps: loss, gradients and update in one program.

The first batch of each shape is compiled (`nn.step_program`). The results of one step are the
inputs of the next. Parameters and optimiser get their numbers from `store` only; after it, the next
step reads them again, so changes that anybody makes to them count.

Where something acts between the gradients and the update (`before_step`, an optimiser of another
kind) the program ends at the gradients, and the rest is done by the engine. Where nothing can be
compiled, or a compiled step fails, the plain step runs; with `jit=True` a warning says why, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from contextlib import suppress
from typing import Any

from autograd import Value
from autograd.jit.calls.compiled import FAILURES
from autograd.jit.calls.entry import reader
from autograd.jit.calls.leaves import ARGUMENTS, EXACT, listed
from autograd.jit.programs.program import GuardFailure
from autograd.jit.tuning import MOST_VARIANTS
from autograd.jit.unsupported import Unsupported
from autograd.tree import INTEGER, kinds, unflatten
from nn.interruption import Interruption
from nn.optimizer import Optimizer
from nn.payoff import Payoff, key_of_shape
from nn.step_program import NotWorthwhile, StepProgram, compile_step
from nn.steps import PlainSteps
from nn.warning import warn

SHAPES = 256
"""The number of batch shapes for which programs are kept."""

REFUSALS = 3
"""After this many shapes in a row that could not be compiled, no other one is tried."""

RARE = 16
"""For this many shapes a step is compiled, though it may be the only one, where that is wanted."""

TOO_MANY_SHAPES = (
    f"batches have more than {RARE} shapes, of which most come once, since rows differ in length:"
    " pad the rows, or take batch_size=1"
)

TOO_MANY_SETTINGS = (
    f"what model or loss reads has changed more than {MOST_VARIANTS} times ({{}}): keep a number"
    " that changes in a Value"
)

TOO_MANY_BRANCHES = (
    f"branches on Values in model and loss need more than {MOST_VARIANTS} specialisations, one"
    " for each combination of outcomes (autograd.where, minimum, maximum and take choose without a"
    " branch)"
)

TOO_MANY_KINDS = (
    f"the rows of more than {MOST_VARIANTS} batches differ in what cannot be an input of a program:"
    " text, None, the order of keys, integers beyond 2**53"
)


class _Shape:
    """What is known of batches of one shape.

    Args:
        structure: the tree definition of the pair `(inputs, targets)`, without options.
        options: hyper-parameters of the optimiser, constants of the program.

    Attributes:
        programs: the compiled steps.
        attempts: how often compiling was tried.
        steps: the expected number of steps with this shape; `None` to compile in any case.
        key: identifies the shape, in any process.
        size: how large the graph of a step is, once it has been traced.
        read: the function that flattens a batch of this shape.
    """

    def __init__(self, structure: Any, options: tuple[Any, ...]) -> None:
        self.batch = structure[2]
        self.options = options
        self.programs: list[StepProgram] = []
        self.attempts = 0
        self.steps: float | None = None
        self.key: str | None = None
        self.size: int | None = None
        self.has_integers = INTEGER in kinds(structure)
        self.read = reader(structure)


class CompiledSteps:
    """Steps by compiled code, and by the engine where compiled code does not apply.

    Args:
        plain: makes a step by the engine.
        wants_outputs: whether the predictions of a step will be asked for.
        repeats: whether all steps have the same batch. Integers that a loss needs as they are, such
            as an index into a list, may be part of the program then.
        payoff: says for which shapes of batches compiling pays.
        insists: whether to compile where it does not pay, too, and to say what is not compiled.
        is_resumable: whether the training may be resumed. Then what is compiled depends on earlier
            steps through `memory` alone, and too many specialisations end compiled steps for good.

    Attributes:
        compiled: how many steps were made by compiled code.
        plain: makes the others.
        memory: of a training that may be resumed, the specialisations that have been compiled, by
            shapes of batches, and whether there were too many.
    """

    def __init__(
        self,
        plain: PlainSteps,
        wants_outputs: bool,
        repeats: bool,
        payoff: Payoff,
        insists: bool,
        is_resumable: bool,
    ) -> None:
        self.plain = plain
        self.compiled = 0
        self._wants_outputs = wants_outputs
        self._shapes: dict[Hashable, _Shape] = {}
        self._last: _Shape | None = None
        self._state: Any = None  # parameters and slots that are newer than the optimiser's
        self._gradients: Any = None
        self._checked: set[int] = set()  # ids of programs whose guards were checked since `store`
        self._refused = 0
        self._attempts: Counter[Hashable] = Counter()  # by what holds for all kinds of numbers
        self._payoff = payoff
        self._insists = insists
        self._is_resumable = is_resumable
        self.memory: dict[str, Any] = {"specialisations": {}, "branched": False}
        self._reason: str | None = None  # why the step under way is not compiled
        self._has_warned = False
        self._repeats = repeats
        self._integers = True  # whether they are inputs of the programs

    def step(
        self, inputs: list[Any], targets: list[Any], interruption: Interruption
    ) -> tuple[float, list[Any]]:
        """Move the parameters; return loss and (if wanted) outputs from before the move."""
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
        """Write the current numbers to the parameters and the optimiser."""
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
        """Whether parameters and optimiser hold the current numbers."""
        return self._state is None

    def _compiled(
        self, inputs: list[Any], targets: list[Any], interruption: Interruption
    ) -> tuple[StepProgram, float, list[Any]] | None:
        """Make the step by a compiled program; None if it must be a plain one."""
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
                self.memory["branched"] = self._is_resumable and bool(self._specialisations(shape))
                return None
            except Exception as problem:  # the plain step raises it again, or does not need to
                shape.attempts = MOST_VARIANTS
                self._refused += 1
                kind = "" if isinstance(problem, Unsupported) else f"{type(problem).__name__}: "
                self._reason = f"{kind}{problem}"
                if not self._repeats or not self._integers or not shape.has_integers:
                    return None
                self._integers, self._last = False, None
                return self._compiled(inputs, targets, interruption)
            self._refused = 0
            shape.programs.insert(0, made)
            if made.specialisation not in self._specialisations(shape):
                self._specialisations(shape).append(made.specialisation)
            return made, *self._run(made, parts, interruption)
        except (GuardFailure, *FAILURES):
            return None

    def _shape(self, inputs: list[Any], targets: list[Any]) -> tuple[_Shape, Sequence[Any]] | None:
        """What is known of batches of this shape, and the numbers of this batch."""
        args, options = (inputs, targets), self._options()
        if inputs[0].__class__ is dict or targets[0].__class__ is dict:
            args = _numbered(inputs), _numbered(targets)
        shape = self._last
        if shape is not None and shape.options == options:
            with suppress(GuardFailure, ValueError):
                parts = shape.read(args, {})
                return shape, [list(map(float, x)) for x in parts] if shape.has_integers else parts
        leaves: list[Any] = []
        try:
            rule = ARGUMENTS if self._integers else EXACT
            structure = rule.define_call(args, {}, leaves)
        except Unsupported as problem:
            self._reason = str(problem).replace("is given", "the data hold", 1)
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
            self._reason = _too_many(shape) if len(shape.programs) > 1 else self._reason
            self.memory["branched"] = self._is_resumable and len(shape.programs) > 1
            return False
        if not self._is_resumable and self._attempts[shape.key, shape.options] >= MOST_VARIANTS:
            self._reason = TOO_MANY_KINDS
            return False
        payoff = self._payoff
        if shape.steps is None:
            shape.steps = payoff.steps(inputs, targets)
        if self._insists:
            known = self.memory["specialisations"]
            is_rare = shape.steps < 2 and len(known) >= RARE and shape.key not in known
            self._reason = TOO_MANY_SHAPES if is_rare else self._reason
            return not is_rare
        if shape.size is None or self._is_resumable:
            return payoff.is_possible(inputs, shape.steps)
        return payoff.pays(shape.size, shape.steps, shape.attempts)

    def _compile(
        self, shape: _Shape, parts: Sequence[Any], batch: tuple[list[Any], list[Any]]
    ) -> StepProgram:
        def pays(size: int, specialisation: str) -> bool:
            shape.size = size
            payoff, steps, known = self._payoff, shape.steps, self._specialisations(shape)
            if specialisation in known:
                return True
            if len(known) >= MOST_VARIANTS:
                self._reason = _too_many(shape)
                return False
            return self._insists or steps is None or payoff.pays(size, steps, len(known))

        leaves = [x for part in parts for x in part]
        return compile_step(self.plain, shape.batch, leaves, batch, self._wants_outputs, pays)

    def _specialisations(self, shape: _Shape) -> list[str]:
        """Those compiled for batches of this shape, those before a pause included."""
        known: list[str] = self.memory["specialisations"].setdefault(shape.key, [])
        return known

    def _explain(self) -> None:
        """Say once why a step is not compiled, if compiled steps were asked for."""
        reason, self._reason = self._reason, None
        if reason is not None and self._insists and not self._has_warned:
            self._has_warned = True
            warn(f"fit: jit=True, but a step ran plain, since it cannot be compiled: {reason}")

    def _run(
        self, program: StepProgram, batch: Sequence[Any], interruption: Interruption
    ) -> tuple[float, list[Any]]:
        optimizer: Any = self.plain.optimizer
        size = len(program.parameters)
        if self._state is None:
            self._checked.clear()  # other code may have run since
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
        outputs: list[Any] = unflatten(program.outputs, listed(numbers))
        return outputs

    def _options(self) -> tuple[Any, ...]:
        """Constants of the program: the optimiser's hyper-parameters, except its learning rate."""
        optimizer: Any = self.plain.optimizer
        if not isinstance(optimizer, Optimizer):
            return ()
        return tuple(getattr(optimizer, name) for name in optimizer._hyperparameters)


def _too_many(shape: _Shape) -> str:
    """Why more specialisations are needed for a shape than are compiled."""
    changes = [program.captured.change() for program in shape.programs]
    change = next(filter(None, changes), None)
    return TOO_MANY_BRANCHES if change is None else TOO_MANY_SETTINGS.format(change)


def _numbered(rows: list[Any]) -> list[Any]:
    """The rows, with bools in dicts as integers: a bool argument would be a flag, not a number."""
    return [
        {key: int(x) if x.__class__ is bool else x for key, x in row.items()}
        if row.__class__ is dict
        else row
        for row in rows
    ]
