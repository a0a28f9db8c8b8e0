"""Compiled training steps: a step as a function of numbers, compiled by `autograd.jit`.

    parameters, slots, learning rate, number of step, key, batch  ->  parameters, slots, loss, ...

The results of one step are the arguments of the next. Parameters and optimiser get their numbers
from `store` only; after it, the next step reads them again, so changes that anybody makes to them
count. Where something acts between the gradients and the update (`before_step`, an optimiser of
another kind), or the loss reads Values that are no parameters of the model, the loss alone is
compiled, and the rest is done as in plain steps. Where nothing can be compiled the plain step runs;
with `jit=True` a warning says why, once.

A training that may be resumed must compile the same steps however often it was stopped, since
compiled numbers differ in the last bits. So what decides is in `memory`, which the checkpoint
keeps, and a step that was traced is run again, by the code that later steps run.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from autograd import FallbackError, TraceError, Value, jit, pause_gc, tree, value_and_grad
from autograd.graph import reaches, topological_order
from autograd.mapping import traced_from
from autograd.reverse import adjoints
from nn.batch_norm import update
from nn.functional import replaced
from nn.interruption import Interruption
from nn.payoff import Payoff
from nn.steps import Draws, KeptSteps, PlainSteps, Seen, forward, listed
from nn.warning import warn

if TYPE_CHECKING:
    from autograd.jit import Jitted

REFUSALS = 3
"""After this many shapes of batches that could not be compiled, nothing is any more."""

SPECIALISATIONS = 8
"""The number of specialisations of one shape in a training that may be resumed, and of changes of
the optimiser's options in any."""

MOST_SHAPES = 1000
"""The steps of so many shapes are counted, where the data do not say how many there will be."""

RARE = 16
"""For this many shapes a step is compiled, though it may be the only one, where that is wanted."""

TOO_MANY_SHAPES = (
    f"batches have more than {RARE} shapes, of which most come once, since rows differ in length"
    " or in text: pad the rows, write numbers in place of text, or take batch_size=1"
)

OF_TYPES = (
    "a model or loss that asks for the type of a number (x is True, isinstance(x, int)):"
    " compare its value instead (x == 1)"
)


Batch: TypeAlias = tuple[Draws, list[Any], list[Any]]
"""The key of a step, inputs and targets."""

Beside: TypeAlias = tuple[list[Any], Seen]
"""What a step gives beside the loss: predictions, and statistics of the batch."""

Kept: TypeAlias = dict[Any, dict[Any, "Jitted"]]
"""Compiled steps, by what they depend on besides their arguments and the optimiser's options."""

_kept: ContextVar[Kept | None] = ContextVar("kept", default=None)


@contextmanager
def kept_in(store: Kept) -> Iterator[None]:
    """Within the block, trainings find the compiled steps of earlier ones here, and leave theirs.

    They are those of the same model object, loss and kind of optimiser. A training that may be
    resumed compiles its own, since the checkpoint says which.
    """
    token = _kept.set(store)
    try:
        yield
    finally:
        _kept.reset(token)


class CompiledSteps(KeptSteps):
    """Steps by compiled code, and by the engine where compiled code does not apply.

    Args:
        plain: makes a step by the engine.
        wants_outputs: whether the predictions of a step will be asked for.
        payoff: says for which shapes of batches compiling pays.
        insists: whether to compile where it does not pay, too, and to say what is not compiled.
        is_resumable: whether the training may be resumed.

    Attributes:
        compiled: how many steps were made by compiled code.
        memory: by shapes of batches, how large a step's graph is, how many were plain (where the
            data do not say how many there will be), and the specialisations that were compiled; the
            shapes that are not compiled; whether the update is left to the optimiser.
    """

    def __init__(
        self,
        plain: PlainSteps,
        wants_outputs: bool,
        payoff: Payoff,
        insists: bool,
        is_resumable: bool,
    ) -> None:
        super().__init__(plain.model, plain.loss, plain.optimizer, plain.before_step)
        self.compiled = 0
        self.memory |= {
            "sizes": {},
            "seen": {},
            "specialisations": {},
            "plain": [],
            "separate": not self._is_known(),
        }
        self._loss_of = batch_loss(plain, wants_outputs, payoff.least_rows)
        self._separate_loss = _jitted(self._loss_of)
        self._payoff = payoff
        self._insists = insists
        self._is_resumable = is_resumable
        self._steps: dict[str, float] = {}  # how many are expected of each shape
        kept = _kept.get()
        if kept is None or is_resumable:
            kept = {}
        norms = tuple(plain.norms)
        kind = type(plain.optimizer)
        made_of = plain.model, norms, plain.loss, kind, wants_outputs, payoff.least_rows
        self._functions = kept.setdefault(made_of, {})  # whole steps, by the constants in them
        self._digests: dict[Jitted, Counter[str]] = {}  # of what each of them has compiled
        self._draws: Draws = ()  # of the last step
        self._seen: Seen = ()  # in it
        self._unmeasured: str | None = None  # the shape of a plain step whose graph is measured
        self._has_warned = False

    def step(
        self,
        inputs: list[Any],
        targets: list[Any],
        interruption: Interruption,
        draws: Draws = (),
    ) -> tuple[float, list[Any]]:
        """Move the parameters; return loss and (if wanted) outputs from before the move."""
        key = self._payoff.key(inputs, targets)
        reason = None
        if self._pays(key, inputs, targets):
            try:
                batch = draws, _numbered(inputs), _numbered(targets)
                loss, outputs = self._step(key, batch, interruption)
            except _NotCompiledError as problem:
                reason = str(problem)
            else:
                self.compiled += 1
                return loss, outputs
        elif self._insists:
            if key not in self.memory["plain"]:
                reason = TOO_MANY_SHAPES
        elif self._payoff.is_possible(inputs, self._expected(key, inputs, targets)):
            self._unmeasured = None if key in self.memory["sizes"] else key
        self._count(key)
        self.store()
        done = super().step(inputs, targets, interruption, draws)
        if reason is not None and self._insists and not self._has_warned:
            self._has_warned = True
            warn(f"fit: jit=True, but a step ran plain, since it cannot be compiled: {reason}")
        return done

    @property
    def state(self) -> Any:
        """Parameters and slots as an array, a row for each slot; None if they are stored."""
        return self._state if not self.is_stored and hasattr(self._state, "tolist") else None

    def repeat(self, batch: Sequence[list[Any]], rows: Any) -> Any:
        """Compute steps by one call of machine code, each of the state that the last one left.

        Args:
            batch: inputs and targets; `state` is not None.
            rows: an array with a row for each step: learning rate, number of the step, key if
                there is one, and numbers of the batch if that is another one in each step.

        Returns:
            The results of each step, for `proceed`; of fewer steps, where one cannot be made so.
        """
        optimizer: Any = self.optimizer
        names = optimizer._hyperparameters
        function = self._functions[tuple([getattr(optimizer, name) for name in names])]
        inputs, targets = map(_numbered, batch)
        args = self._state, optimizer.lr, 1.0, self._draws, inputs, targets
        return function.repeat(args, self._state.size, rows)

    def proceed(self, results: Any) -> Any:
        """Take over the steps with these results; an array of their losses."""
        optimizer: Any = self.optimizer
        count, width = self._state.size, self._state.shape[1]
        last = results[-1].copy()
        self._state = last[:count].reshape(-1, width)
        self._gradients = last[count : count + width]
        optimizer.steps += len(results)
        self.compiled += len(results)
        if self.norms:
            structure = tree.flatten(self._seen)[1]
            for found in results[:, count + width + 1 :].tolist():
                update(self.norms, tree.unflatten(structure, found))
        return results[:, count + width]

    def descend(self, loss: Value, interruption: Interruption, seen: Seen = ()) -> None:
        """Move the parameters along the gradients of a loss, and measure its graph if need be."""
        super().descend(loss, interruption, seen)
        if self._unmeasured is not None:
            size = sum(1 + len(node.operands) for node in topological_order(loss))
            self.memory["sizes"][self._unmeasured] = size
            self._unmeasured = None

    def _is_known(self) -> bool:
        """Whether a step is the optimiser's rule, on the parameters of the model and no others."""
        model: Any = self.model
        held = [*map(id, self.optimizer.parameters)]
        return self.is_by_rule and [*map(id, model.parameters())] == held

    def _pays(self, key: str, inputs: list[Any], targets: list[Any]) -> bool:
        """Whether steps of this shape are to be compiled."""
        given_up, known = self.memory["plain"], self.memory["specialisations"]
        if key in given_up or (len(given_up) >= REFUSALS and key not in known):
            return False
        steps = self._expected(key, inputs, targets)
        if self._insists:
            return steps >= 2 or len(known) < RARE or key in known
        size = self.memory["sizes"].get(key)
        return size is not None and self._payoff.pays(size, steps)

    def _expected(self, key: str, inputs: list[Any], targets: list[Any]) -> float:
        """How many steps of this shape are expected."""
        ranks = self.memory["specialisations" if self._insists else "sizes"]
        steps = self._steps.get(key)
        if steps is None:
            rank = [*ranks].index(key) if key in ranks else len(ranks)
            steps = self._payoff.steps(inputs, targets, rank)
            if self._payoff.is_known or key in ranks:
                self._steps[key] = steps
        seen: int = self.memory["seen"].get(key, 0)
        return max(steps, 2 * seen)

    def _count(self, key: str) -> None:
        """Count a plain step of a shape, where nothing else says how many there will be."""
        seen = self.memory["seen"]
        if not self._payoff.is_known and (key in seen or len(seen) < MOST_SHAPES):
            seen[key] = seen.get(key, 0) + 1

    def _step(self, key: str, batch: Batch, interruption: Interruption) -> tuple[float, list[Any]]:
        """Make a step by compiled code.

        Raises:
            _NotCompiledError: that is not possible, or not any more.
        """
        is_first = not self.memory["specialisations"]
        is_final = self._is_resumable or key not in self.memory["specialisations"]
        try:
            if not self.memory["separate"]:
                try:
                    return self._whole(key, batch, interruption)
                except (_SeparateError, FallbackError, TraceError):
                    if not is_first:
                        raise
                    self.memory["separate"] = True
            self.store()
            loss, (outputs, seen) = self._call(key, self._separate_loss, *batch)
        except FallbackError as problem:
            reason = problem.reason
        except _NotCompiledError as problem:
            reason, is_final = str(problem), True
        except Exception as problem:  # the plain step raises it again, or does not need to
            reason = f"{type(problem).__name__}: {problem}"
        else:
            self.descend(loss, interruption, seen)
            return loss.data, outputs
        if is_final:
            self.memory["plain"].append(key)
        raise _NotCompiledError(reason)

    def _whole(self, key: str, batch: Batch, interruption: Interruption) -> tuple[float, list[Any]]:
        """Make a step of which the update is a part."""
        optimizer: Any = self.optimizer
        names = optimizer._hyperparameters
        options = tuple([getattr(optimizer, name) for name in names])
        state = self._state
        if self.is_stored:
            if not self._is_known():
                raise _SeparateError("the optimiser does not hold the parameters of the model")
            columns = [optimizer.slots[name] for name in optimizer.slot_names]
            state = _array([[p.data for p in optimizer.parameters], *columns])
        function = self._functions.get(options)
        if function is None:
            if len(self._functions) > SPECIALISATIONS:
                changed = f"the options of the optimiser ({', '.join(names)}) have changed"
                raise _NotCompiledError(f"{changed} more than {SPECIALISATIONS} times")
            made = whole_step(self, self._loss_of, dict(zip(names, options, strict=True)))
            function = self._functions[options] = _jitted(made)
        self._draws = batch[0]
        state, gradients, loss, (outputs, seen) = self._call(
            key, function, state, optimizer.lr, float(optimizer.steps + 1), *batch
        )
        with interruption:
            self._state, self._gradients, self.is_stored = state, gradients, False
            optimizer.steps += 1
            update(self.norms, seen)
        self._seen = seen
        return loss, outputs

    def _call(self, key: str, function: Jitted, *args: Any) -> Any:
        """What a compiled function returns; what was traced in this call is checked, and run again.

        Args:
            key: that of the batch's shape.
            function: a step, or its loss.
            args: its arguments, the batch last.
        """
        is_whole = not self.memory["separate"]
        if is_whole and self.is_stored:  # from here on nothing runs that may change the model
            function.pin()
        traces = function.traces
        found = function(*args)
        if function.traces == traces:
            return found
        programs = [p for p in function.stats["programs"] if "digest" in p]
        digests = Counter[str](p["digest"] for p in programs)
        new = digests - self._digests.get(function, Counter())
        self._digests[function] = digests
        try:
            if is_whole and any(p["parameters"] for p in programs if p["digest"] in new):
                raise _SeparateError("reads Values that are no parameters of the model")
            self._check(float(found[-2]), *args[-3:])
        except _NotCompiledError:
            self._functions.clear()  # nor may a later training take it for checked
            raise
        known = self.memory["specialisations"].setdefault(key, [])
        for digest in new:
            if digest not in known:
                if self._is_resumable and len(known) >= SPECIALISATIONS:
                    raise _NotCompiledError(f"needs more than {SPECIALISATIONS} specialisations")
                known.append(digest)
        if is_whole:
            function.pin()
        else:  # from the next call on, loss and derivative are computed by one program
            adjoints(topological_order(found[0]), {found[0]: 1.0})
        return function(*args)

    def _check(self, loss: float, draws: Draws, inputs: list[Any], targets: list[Any]) -> None:
        """Check that a loss is that of the plain numbers, but for the rounding of sums.

        A trace does not see questions about an object's type.
        """
        self.store()
        with pause_gc():
            plain, *_ = forward(self.model, self.loss, inputs, targets, draws, self.norms)
        if not reaches(plain, set(self.optimizer.parameters)):
            raise _NotCompiledError("a loss through which no gradient flows")
        is_nan = math.isnan(loss) and math.isnan(plain.data)
        if not (is_nan or math.isclose(loss, plain.data, rel_tol=1e-6, abs_tol=1e-12)):
            raise _NotCompiledError(OF_TYPES)


class _NotCompiledError(Exception):
    """A step cannot be compiled."""


class _SeparateError(_NotCompiledError):
    """A step cannot be compiled as a whole."""


def batch_loss(plain: PlainSteps, wants_outputs: bool, least_rows: int) -> Callable[..., Any]:
    """The loss of a batch as a function of it, with predictions if they are wanted, and statistics.

    Args:
        plain: the model and the loss.
        wants_outputs: whether the predictions are wanted.
        least_rows: from how many rows on one of them is traced, where all do the same.
    """
    model, loss_of, norms = plain.model, plain.loss, plain.norms

    def loss(draws: Draws, inputs: list[Any], targets: list[Any]) -> tuple[Value, Beside]:
        with traced_from(least_rows):
            value, outputs, seen = forward(model, loss_of, inputs, targets, draws, norms)
        return value, (outputs if wants_outputs else [], seen)

    return loss


def whole_step(
    plain: PlainSteps, loss_of: Callable[..., Any], options: dict[str, Any]
) -> Callable[..., Any]:
    """A step as a function of all numbers that change.

    Args:
        plain: the model and the optimiser.
        loss_of: the loss of a batch, and what is wanted beside it.
        options: those of the optimiser.
    """
    model, rule = cast(Any, plain.model), type(cast(Any, plain.optimizer)).rule

    def step(
        state: Any,
        lr: float,
        number: float,
        draws: Draws,
        inputs: list[Any],
        targets: list[Any],
    ) -> tuple[Any, ...]:
        def objective(data: Any) -> Any:
            with replaced(model, dict(zip(model.parameters(), data, strict=True))):
                return loss_of(draws, inputs, targets)

        columns = listed(state)  # of plain floats: NumPy's would warn where these overflow
        (loss, beside), gradients = value_and_grad(objective, has_aux=True)(columns[0])
        moved = [
            rule(x, grad, *slots, step=number, lr=lr, **options)
            for grad, x, *slots in zip(gradients, *columns, strict=True)
        ]
        return _array([*map(list, zip(*moved, strict=True))]), _array(gradients), loss, beside

    return step


def _jitted(function: Callable[..., Any]) -> Jitted:
    """Compiled at once: a resumed training interprets no step that was compiled before."""
    return jit(function, fallback="raise", compile_after=0)


def _array(numbers: list[Any]) -> Any:
    """An array, which compiled code need not take apart; lists where NumPy is not installed."""
    if find_spec("numpy") is None:
        return numbers
    import numpy as np

    return np.array(numbers)


def _numbered(rows: list[Any]) -> list[Any]:
    """The rows, with bools in dicts as integers: a bool argument would be a flag, not a number."""
    if rows[0].__class__ is not dict:
        return rows
    return [
        {key: int(x) if x.__class__ is bool else x for key, x in row.items()}
        if row.__class__ is dict
        else row
        for row in rows
    ]
