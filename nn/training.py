"""`fit`: the training loop, written once.

An epoch is one pass over the training rows; a step is one batch: predictions, loss, `backward()`,
and the optimiser moves the parameters. Around that loop `fit` measures, reports, stops, saves and
resumes. Optimiser and schedule decide how far a parameter moves.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

from autograd import Value
from autograd.files import AnyPath, as_path, check_folder
from autograd.number import as_flag, as_integer
from autograd.random import Key, fold_in
from nn.batch_norm import of_batch
from nn.contracts import Factors, Steps
from nn.data import Rows
from nn.divergence import Divergence
from nn.dropout import check_key
from nn.fit_arguments import (
    check_arguments,
    check_devices,
    check_foreign,
    check_model,
    check_ownership,
    listed_callbacks,
)
from nn.history import History
from nn.initializers import generator
from nn.interruption import interruptible
from nn.module import Module
from nn.passes import train_epoch, validate
from nn.prediction import METRICS, Metrics, metric_functions
from nn.progress import progress_bar
from nn.resuming import Resumable
from nn.saving import checked_suffix
from nn.schedules import Schedule, rate_of
from nn.sources import InMemory, Train, pair_of, source_of
from nn.steps import PlainSteps
from nn.stopping import Best, EarlyStopping


@dataclass
class Epoch:
    """What a callback is given after each epoch.

    Attributes:
        row: the last row of the history.
        history: all rows so far.
        model: the model, after the epoch.
        optimizer: the optimiser, after the epoch.
        stopped: whether `stop` was called.
    """

    row: dict[str, float]
    history: History
    model: Module
    optimizer: Steps
    stopped: bool = False

    def stop(self) -> None:
        """Make this epoch the last."""
        self.stopped = True


def fit(
    model: Module,
    train: Train,
    *unnamed: object,
    loss: Callable[[list[Any], list[Any]], Any],
    optimizer: Steps,
    epochs: int,
    batch_size: int | None = None,
    steps_per_epoch: int | None = None,
    validation: tuple[Rows, Rows] | None = None,
    metrics: Metrics = (),
    schedule: Factors | None = None,
    early_stopping: EarlyStopping | None = None,
    before_step: Callable[[list[Value]], object] | None = None,
    callbacks: Iterable[Callable[[Epoch], object]] = (),
    frozen: Iterable[Value] = (),
    rng: random.Random | int | None = None,
    key: Key | None = None,
    checkpoint: AnyPath | None = None,
    resume: bool = False,
    progress: bool | None = None,
    jit: bool | None = None,
    devices: int | Literal["all"] | None = None,
) -> History:
    """Train a model.

    Ctrl-C ends the training after the step under way, or the epochs that are made by one call of
    machine code, within a tenth of a second; a second one ends it at once and leaves these undone.
    Either way what was learned so far is in the model, and the history is returned.

    A training that diverges is reported: the first loss that is infinite or NaN gives a
    RuntimeWarning, which names the epoch, and sets `History.diverged`. The training ends in the
    epoch in which a parameter is no longer finite, or no step has had a finite loss. That epoch is
    the last row of the history, with the loss and no metrics, and is not written to the checkpoint.

    Numbers among the data may be bools, integers, floats, or what `float` takes. Those of one
    column get one type: bools, integers, or else floats. If some rows are lists and some tuples,
    all become lists.

    Args:
        model: called with one row of inputs at a time; in the steps with those of a batch, by its
            method `on_batch`, if there is a `BatchNorm` in it that is not frozen.
        train: the inputs and their targets; or batches, which may be more than memory holds, each
            such a pair: a function that makes those of an epoch (a generator that reads a file), an
            object that can be iterated again for each epoch, or, with `steps_per_epoch`, an
            iterator that goes on.
        *unnamed: not used; other arguments are given by name.
        loss: called with the outputs of a batch, a list, and the list of their targets; returns
            one Value to make small, such as `mean_squared_error`.
        optimizer: moves the parameters of the model: all except those in `frozen`. It may
            move others that the loss depends on.
        epochs: how many times to go through the training rows, those before a resumed
            checkpoint included.
        batch_size: how many rows make a step; they are shuffled for each epoch. `None` for all
            rows in one step, in the given order.
        steps_per_epoch: how many steps make an epoch: that many batches, of rows drawn for each
            epoch from all rows, none twice; or the next ones that `train` gives. `None` for one
            pass over all rows or batches.
        validation: inputs and targets to measure after each epoch, not to train on.
        metrics: names in `METRICS`, or a dict from names to functions
            `(predictions, targets) -> float` of plain numbers.
        schedule: called with the index of each epoch, from 0, and the loss of the one before (that
            of the validation data if there are any; `None` at first). The learning rate of the
            epoch is what it returns times the optimiser's learning rate at the start, which the
            optimiser gets back at the end.
        early_stopping: when to end a training that no longer improves; however it ends, the
            model gets back the parameters of its best epoch.
        before_step: called with the optimiser's parameters once their gradients are known, to
            change these: `lambda parameters: clip_gradient_norm(parameters, 1.0)`.
        callbacks: each is called with an `Epoch` after each epoch; its `stop()` ends the training.
        frozen: the parameters of the model that the optimiser does not hold on purpose:
            `model.layers[0].parameters()`, or those of modules after their `freeze()`. Others that
            it does not hold are warned of.
        rng: what shuffles: a `random.Random`, a seed, or `None` for the generator of the module
            `random`.
        key: what the model draws by, such as dropout: `autograd.random.key(0)`. In the steps the
            model is called as `model(row, key=k)`, with a key for each row of each step that is
            made of this one; on validation data it is called without, as in `predict`.
        checkpoint: a file, `.json` or `.safetensors`, that is written whole after each epoch.
        resume: go on from the checkpoint, if the file exists. With the same arguments, and no
            source of randomness besides `rng` and `key`, the result is the same to the last bit as
            if the training had never been stopped. A training stopped between two epochs is
            resumed there; one stopped within an epoch, from the beginning of that epoch.
        progress: show a bar, which needs tqdm; `None` for where the output is a terminal and tqdm
            is installed.
        jit: whether to compile the steps: loss, gradients and update as one program; the update
            is left out if there is a `before_step` or a user-defined `step` of the optimiser.
            `None` for where NumPy is installed and it pays, by the number of steps and the size of
            their graph. Numbers differ by rounding. What cannot be compiled runs plain (with
            `True` a warning says why): a model that draws random numbers without `key` or uses an
            integer as an index (`autograd.take(table, token)` does it for compiled steps too), a
            loss that asks for a Value's number, batches that nearly all differ in shape. Model and
            loss must have no side effects.
        devices: train on so many devices of JAX, GPUs or others, or on `"all"`. Each computes the
            losses and gradients of its part of the rows of a batch, one all-reduce adds them up,
            and each makes the step; with a `before_step` or a user-defined `step` of the optimiser
            the processes make it. Numbers are those of plain steps up to rounding. All rows have
            one shape, and the loss is the mean or the sum of the losses of rows, and perhaps a
            penalty; what JAX cannot compute, or a `BatchNorm` couples, is an error. After
            `jax.distributed.initialize()` the devices are those of all processes, which call `fit`
            with the same arguments; the first one writes the checkpoint.

    Returns:
        The history. The loss and metrics of the training rows are measured in each batch before
        its step, so they lag a little behind those of the validation data.

    Raises:
        ValueError: there are no rows, or another number of targets, a number is out of range, a
            metric is unknown, the optimiser holds none of the model's parameters, the model has
            dropout and there is no key, a batch of one row is to be normalised, or arguments
            contradict each other.
        TypeError: an argument is of the wrong kind, the loss is not a Value, or a `BatchNorm` is in
            a module that has no `on_batch`.
        CheckpointError: the checkpoint cannot be resumed; model and optimiser are as they were.
        FallbackError: JAX cannot compute the loss of a row, and `devices` are given.
        RuntimeError: another process, with devices of this training, has ended.
        ImportError: `progress` is true and tqdm missing, safetensors or JAX is needed and missing.
        OSError: the checkpoint cannot be read or written.

    >>> from nn import MLP, SGD, mean_squared_error
    >>> model = MLP(1, [1], rng=0)
    >>> history = fit(
    ...     model, ([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]), loss=mean_squared_error,
    ...     optimizer=SGD(model.parameters(), lr=0.1), epochs=200,
    ... )
    >>> [round(p.data, 3) for p in model.parameters()]
    [2.0, 1.0]
    >>> history["loss"][-1] < 1e-6
    True
    """
    check_model(model, unnamed)
    call: Any = model
    check_arguments(optimizer, loss, schedule, early_stopping, before_step)
    check_key(model, key)
    held_out = None if validation is None else pair_of("validation", validation)
    functions = metric_functions(metrics)
    count = as_integer(epochs, "fit: epochs", 1)
    rng = generator(rng)
    source = source_of(train, batch_size, steps_per_epoch, count, checkpoint is not None, rng)
    if early_stopping is not None and held_out is None:
        raise ValueError("fit: early_stopping needs validation data")
    measured = ["loss", *functions]
    columns = ["epoch", "lr", *measured]
    if held_out is not None:
        columns += [f"val_{name}" for name in measured]
    if early_stopping is not None and early_stopping.monitor not in columns:
        raise ValueError(
            f"fit: early_stopping watches {early_stopping.monitor!r}, but the columns are"
            f" {', '.join(columns)}"
        )
    best = None if early_stopping is None else Best(early_stopping, model)
    listeners = listed_callbacks(callbacks)
    foreign = check_ownership(model, optimizer, frozen)
    if jit is not None:
        as_flag(jit, "fit: jit")
    moved = len(model.parameters()) + len(foreign)
    steps = PlainSteps(call, loss, optimizer, before_step)
    if steps.norms:
        of_batch(model)
    calls_others = bool(listeners) or not set(functions.values()) <= set(METRICS.values())
    calls_others |= not (schedule is None or isinstance(schedule, Schedule))
    is_watched = calls_others or not (held_out is None and best is None and checkpoint is None)
    # Which steps are compiled must not depend on where a training that can be resumed was stopped:
    # results differ in the last bits. So no clock decides, only the arguments and the checkpoint.
    base, at_once = float(optimizer.lr), None
    if devices is not None:
        check_devices(devices, jit, steps.norms)
        from nn.device_program import chosen
        from nn.devices import DeviceSteps

        steps = DeviceSteps(steps, chosen(devices), source, bool(functions), calls_others)
        progress = progress if steps.is_first_process else False
    elif jit or (jit is None and find_spec("numpy") is not None):
        payoff = source.payoff(count, moved)
        if jit or payoff:
            from nn.compiled_steps import CompiledSteps

            wants_outputs, is_resumable = bool(functions), checkpoint is not None
            steps = CompiledSteps(steps, wants_outputs, payoff, bool(jit), is_resumable)
            is_alone = payoff.is_uniform and not (is_watched or functions or foreign)
            if is_alone and isinstance(source, InMemory):
                from nn.epochs_at_once import epochs_at_once

                at_once = epochs_at_once(steps, source, rng, schedule, base, key)
    history = History()
    saved = None
    if checkpoint is not None:
        path = as_path(checkpoint, "fit: checkpoint").absolute()
        checked_suffix("fit: checkpoint", path)
        check_folder(path)
        saved = Resumable(path, model, optimizer, rng, schedule, best)
        if resume and path.exists():
            history, base, memory = saved.resume(columns)
            steps.memory |= memory
            source.begin_anew()
    elif resume:
        raise ValueError("fit: resume needs a checkpoint")

    divergence = Divergence(optimizer, history)

    try:
        with (
            progress_bar(progress, count, len(history)) as report,
            interruptible(steps.is_shared) as interruption,
        ):
            while (number := len(history)) < count:
                if best is not None and best.exhausted:
                    break
                if at_once and (made := at_once.make(history, count - number, interruption)):
                    report(history.last, made)
                    if interruption.pressed:
                        break
                    continue
                if schedule is not None:
                    optimizer.lr = rate_of(schedule, base, number, _last_loss(history))
                rows = source.epoch()
                if rows is None:
                    break
                draws = fold_in(key, number) if key is not None else ()
                figures = train_epoch(
                    rows,
                    steps,
                    functions,
                    is_watched,
                    interruption,
                    divergence,
                    number + 1,
                    draws,
                )
                if figures is None:
                    break
                row = {"epoch": number + 1, "lr": optimizer.lr, **figures}
                if divergence.is_final:
                    row |= {name: math.nan for name in columns if name not in row}
                elif held_out is not None:
                    row |= validate(call, held_out, loss, functions)
                    if not math.isfinite(row["val_loss"]):
                        divergence.see_validation(row["val_loss"], number + 1, held_out)
                if foreign:
                    foreign = check_foreign(foreign, steps)
                history.rows.append(row)
                if best is not None:
                    best.update(row)
                state = Epoch(row, history, model, optimizer)
                for listener in listeners:
                    listener(state)
                if saved is not None and steps.is_first_process and not divergence.is_final:
                    saved.save(history, base, steps.memory)
                report(row, 1)
                if state.stopped or interruption.pressed or divergence.is_final or source.is_over:
                    break
            steps.finish()
            history.interrupted = interruption.pressed and len(history) < count
    except KeyboardInterrupt:
        history.interrupted = True
    finally:
        steps.store()
        if schedule is not None:
            optimizer.lr = base
    if best is not None:
        best.restore()
    return history


def _last_loss(history: History) -> float | None:
    row = history.last
    return row.get("val_loss", row["loss"]) if row else None
