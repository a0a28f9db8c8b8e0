"""Training steps on many devices, by JAX: each computes its part of the rows of a batch.

The numbers of the parameters and the optimiser stay on the devices until `store`. Where something
acts between the gradients and the step (`before_step`, an optimiser of another kind), each process
makes the step as a plain one, of the gradients that the devices have added up.

A row that takes a branch of the program which no row has taken so far is traced, and the step made
again. The first rows of a program are compared with the engine.

After `jax.distributed.initialize()` the devices are those of all processes. Each runs the same
training on the same batches; that they are the same, and whether Ctrl-C was pressed in one of them,
travels with the gradients.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from zlib import crc32

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

from autograd import FallbackError, Value
from nn.device_program import ROWS, Example, Sums, device_step, loss_of_row, rule_of_all
from nn.interruption import Interruption
from nn.module import named_numbers
from nn.row_loss import Form, of_row, valued
from nn.row_tables import BatchTables
from nn.sources import InMemory, Stream
from nn.steps import Draws, KeptSteps, PlainSteps, check_dependence, forward

BRANCHES = 8
"""The most branches that rows may take between them."""

COMPARED = 8
"""How many rows are compared with the engine."""


class DeviceSteps(KeptSteps):
    """Steps over many devices.

    Args:
        plain: makes a step by the engine.
        devices: the devices of JAX.
        source: where the batches come from.
        wants_outputs: whether the predictions of a step will be asked for.
        may_change: whether somebody is called between steps who may change the rows.
    """

    def __init__(
        self,
        plain: PlainSteps,
        devices: list[Any],
        source: InMemory | Stream,
        wants_outputs: bool,
        may_change: bool,
    ) -> None:
        super().__init__(plain.model, plain.loss, plain.optimizer, plain.before_step)
        self.is_shared = jax.process_count() > 1
        self.is_first_process = jax.process_index() == 0
        self._wants_outputs = wants_outputs
        self._batches = BatchTables(source, len(devices), may_change or not self.is_by_rule)
        self._last: tuple[Any, Any] = None, None  # the last batch, here and on the devices
        self._mesh = mesh = Mesh(np.array(devices), (ROWS,))
        self._everywhere, self._by_rows = NamedSharding(mesh, P()), NamedSharding(mesh, P(ROWS))
        self._form = Form(self)  # of the loss
        self._examples: list[Example] = []  # rows, one for each branch
        self._steps: dict[Any, Callable[..., Any]] = {}  # by what is compiled in
        self._is_kept: Callable[[], bool] = lambda: True  # whether the rest of that has not changed
        self._others: Any = None
        self._draws: Draws = ()  # of the last step
        self._digest = 0  # of numbers that were written to the devices since the last step

    def step(
        self,
        inputs: list[Any],
        targets: list[Any],
        interruption: Interruption,
        draws: Draws = (),
    ) -> tuple[float, list[Any]]:
        """Move the parameters; return loss and (if wanted) outputs from before the move.

        Raises:
            ValueError: the loss is no mean or sum of losses of rows, rows differ in shape, or the
                processes are given different things.
            FallbackError: JAX cannot compute what a row does.
            RuntimeError: another process has ended.
        """
        self._draws = draws
        with jax.enable_x64(True):
            rows = self._batches.lines(inputs, targets)
            if self._batches.have_changed or not self._is_kept():
                self._form = Form(self)
                self._steps.clear()
            if not self._form.is_known(len(inputs)):
                self._find_form(inputs, targets, draws)
            while True:
                if self.is_stored:
                    self._load()
                if not self._examples:
                    self._learn(rows[0], draws)
                if not self._steps:
                    self._compare(rows, inputs, targets, draws)
                found = self._run(rows, len(inputs), draws, interruption.asked)
                if not found[2].unknown:
                    break
                place = int(np.flatnonzero(_gathered(found[3]))[0])
                self._find_form(inputs, targets, draws, place)
                self._learn(rows[place], draws)
        state, gradients, sums, _, outputs = found
        if self.is_shared and sums.pressed:
            interruption.pressed = True
        if self.is_by_rule:
            if sums.is_wrong:
                raise FallbackError(
                    f"the rule of {type(self.optimizer).__name__}",
                    "takes another branch for some parameters: choose by autograd.where",
                    "fit: devices",
                )
            optimizer: Any = self.optimizer
            with interruption:
                self._state, self._gradients, self.is_stored = state, gradients, False
                optimizer.steps += 1
        else:
            slopes = np.asarray(gradients).tolist()
            for parameter, grad in zip(self.optimizer.parameters, slopes, strict=True):
                parameter.grad = grad
            self.move(interruption)
        return sums.loss, self._predictions(outputs, len(inputs))

    def finish(self) -> None:
        """See that no other process makes a further step, which would wait for this one."""
        if self.is_shared and self._steps:
            with jax.enable_x64(True):
                if self.is_stored:
                    self._load()
                self._digest = crc32(b"the end")
                self._run(self._last[0].copy(), 1, self._draws)

    def is_finite(self) -> bool:
        """Whether the parameters are finite that are not stored."""
        return self.is_stored or math.isfinite(np.asarray(self._state)[0].sum())

    def store(self) -> None:
        """Write the current numbers to the parameters and the optimiser."""
        if not self.is_stored:
            self._state, self._gradients = np.asarray(self._state), np.asarray(self._gradients)
        super().store()

    # Numbers on their way to the devices

    def _load(self) -> None:
        """Write the numbers of the parameters and the optimiser to the devices."""
        optimizer: Any = self.optimizer
        names = optimizer.slot_names if self.is_by_rule else ()
        held = [[p.data for p in optimizer.parameters], *[optimizer.slots[name] for name in names]]
        others = [p.data for p in self._values()[len(held[0]) :]]
        self._state, self._others = map(self._put, (np.array(held), np.array(others)))
        self._digest = crc32(repr((held, others)).encode()) if self.is_shared else 0

    def _values(self) -> list[Value]:
        """The Values that a step reads: those that the optimiser moves, and others of the model."""
        model: Any = self.model
        held = (x for _, x in named_numbers(model))
        return [*dict.fromkeys([*self.optimizer.parameters, *held])]

    def _put(self, numbers: Any, sharding: NamedSharding | None = None) -> Any:
        sharding = sharding or self._everywhere
        return jax.make_array_from_callback(numbers.shape, sharding, numbers.__getitem__)

    def _run(self, rows: Any, count: int, draws: Draws, is_pressed: bool = False) -> Any:
        """Make a step, which changes nothing here; the results, the sums as `Sums`."""
        optimizer: Any = self.optimizer
        scalars = np.array([count, optimizer.lr, getattr(optimizer, "steps", 0) + 1.0, *draws])
        if self.is_shared:
            rows[:, -2] = is_pressed
            digest = crc32(rows[:, :-2].tobytes(), crc32(scalars.tobytes(), self._digest))
            rows[:, -1] = digest & 0xFFFF
        options = None
        if self.is_by_rule:
            options = tuple([getattr(optimizer, name) for name in optimizer._hyperparameters])
        if options not in self._steps:
            self._steps[options] = self._program(options)
        try:
            if rows is not self._last[0] or self.is_shared:
                self._last = rows, self._put(rows, self._by_rows)
            state, gradients, sums, *left = self._steps[options](
                self._state, self._others, self._put(scalars), self._last[1]
            )
            sums = Sums(*np.asarray(sums).tolist())
        except Exception as error:
            if not self.is_shared:
                raise
            raise RuntimeError(
                f"fit: devices: a step of {jax.process_count()} processes has failed, most likely"
                " since another process has ended: start all of them again, with a checkpoint and"
                f" resume=True to go on from there ({type(error).__name__}: {error})"
            ) from error
        if self._mesh.devices.size * sums.squared != sums.digest**2:
            raise ValueError(
                "fit: devices: the processes do not make the same step: each of them must be given"
                " the same model, batches, rng=, key=, optimiser, schedule and epochs, stop in the"
                " same epoch, and read the same checkpoint"
            )
        self._digest = 0
        return state, gradients, sums, *left

    def _predictions(self, outputs: Any, count: int) -> list[Any]:
        """The outputs of a batch, a structure of numbers for each row."""
        leaves, structure = jax.tree.flatten(outputs)
        columns = [_gathered(x)[:count].tolist() for x in leaves]
        return [jax.tree.unflatten(structure, row)[0] for row in zip(*columns, strict=True)]

    # What is compiled

    def _find_form(self, *batch: Any) -> None:
        """Find whether the loss is a mean or a sum, of this batch too."""
        was_mean = self._form.is_mean
        self.store()
        self._form.find(*batch)
        if self._form.is_mean != was_mean:
            self._steps.clear()

    def _learn(self, row: Any, draws: Draws) -> None:
        """Trace this row too from now on."""
        if len(self._examples) == BRANCHES:
            raise FallbackError(
                "the loss of a row",
                f"takes more than {BRANCHES} branches: choose by autograd.where, maximum or take,"
                " which are one",
                "fit: devices",
            )
        numbers = [p.data for p in self._values()]
        if not self.is_stored:
            numbers[: len(self.optimizer.parameters)] = np.asarray(self._state)[0].tolist()
        self._examples.append(Example(numbers, tuple(draws), row))
        self._steps.clear()

    def _program(self, options: tuple[Any, ...] | None) -> Callable[..., Any]:
        """The step of all devices; the optimiser's rule is part of it if there are options."""
        is_mean = self._form.is_mean
        plain = PlainSteps(self.model, self.loss, self.optimizer)
        function = of_row(plain, self._values(), is_mean, self._wants_outputs)
        row_loss, self._is_kept = loss_of_row(function, *self._batches.tables, self._examples)
        rule = None if options is None else rule_of_all(self.optimizer, options)
        return device_step(row_loss, rule, is_mean, self._mesh)

    def _compare(self, rows: Any, inputs: list[Any], targets: list[Any], draws: Draws) -> None:
        """Compare the first rows, loss and gradients, with the engine.

        Raises:
            ValueError: they differ: a trace does not see questions about an object's type.
        """
        count = min(len(inputs), COMPARED)
        some = rows.copy()
        some[count:] = some[0]  # the others may be NaN, of branches that are not known yet
        some[count:, -3] = 0.0
        parameters = self.optimizer.parameters
        self.store()
        loss, *_ = forward(self.model, valued(self.loss), inputs[:count], targets[:count], draws)
        self.optimizer.zero_grad()
        loss.backward()
        if not any(p.grad for p in parameters):  # perhaps these rows cost nothing
            check_dependence(forward(self.model, self.loss, inputs, targets, draws)[0], parameters)
        self._load()
        _, gradients, sums, *_ = self._run(some, count, draws)
        expected = np.array([loss.data, *[p.grad for p in parameters]])
        found = np.array([sums.loss, *np.asarray(gradients)])
        if sums.unknown or not np.isfinite(expected).all():
            return
        if not np.allclose(found, expected, rtol=1e-6, atol=1e-6 * abs(expected[1:]).max()):
            raise ValueError(
                f"fit: devices: the loss of the first rows is {sums.loss!r} on the devices, and"
                f" {loss.data!r} by the engine, or their gradients differ: model or loss may ask"
                " for the type of a number (x is True, isinstance(x, int)): compare its value"
                " instead (x == 1). Or train without devices="
            )


def _gathered(x: Any) -> Any:
    """An array that lies on several devices, and perhaps in several processes, as one of NumPy."""
    if x.is_fully_addressable:
        return np.asarray(x)
    return multihost_utils.process_allgather(x, tiled=True)
