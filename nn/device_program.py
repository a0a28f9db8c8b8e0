"""The program of a training step on many devices, for JAX.

    state, others, scalars, rows  ->  state, gradients, sums, which rows failed, predictions

Each device has its part of the rows, and all of the rest: the parameters that are trained, with the
slots of the optimiser, a line for each (`state`); other parameters; and what is the same for all
rows. A line of `rows` has a row and its target, the number of the row in the batch, whether it is
one or only fills the parts up, and two numbers that processes tell each other. A device adds up the
losses and the gradients of its rows, one all-reduce adds those of all devices, and each makes the
optimiser's step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
from jax import lax
from jax.sharding import Mesh
from jax.sharding import PartitionSpec as P

from autograd import FallbackError, TraceError, as_jax, pause_gc
from autograd.number import as_integer
from nn.row_loss import not_compiled
from nn.row_tables import RowTable

ROWS = "rows"
"""The name of the axis of devices."""


class Sums(NamedTuple):
    """What is added up over all devices, besides the gradients.

    Attributes:
        loss: the loss of the batch.
        unknown: how many rows take a branch that is not known.
        pressed: on how many devices' processes Ctrl-C was pressed.
        digest: of what the processes were given.
        squared: its square.
        is_wrong: whether the optimiser's rule takes a branch that is not known.
    """

    loss: float
    unknown: float
    pressed: float
    digest: float
    squared: float
    is_wrong: float


class Example(NamedTuple):
    """A row at which the loss of one is traced.

    Attributes:
        numbers: those of the Values that it reads.
        draws: the key of the step, or nothing.
        line: the line of the row.
    """

    numbers: list[float]
    draws: tuple[float, ...]
    line: Any


def loss_of_row(
    function: Callable[..., Any],
    inputs: RowTable,
    targets: RowTable,
    examples: Sequence[Example],
) -> tuple[Callable[..., Any], Callable[[], bool]]:
    """What a row costs, as a function of JAX, which is NaN where it takes another branch.

    Args:
        function: what is traced (`row_loss.of_row`).
        inputs: the structure of a row.
        targets: that of its target.
        examples: rows, at least one.

    Returns:
        A function of the numbers of the Values that are read, those of the key, and a line; and one
        that says whether what else it reads is still what it was when it was traced.

    Raises:
        FallbackError: JAX cannot compute it.
    """
    cut = inputs.width
    made = _of_jax(
        "the loss of a row",
        function,
        *[
            (numbers, draws, float(line[-4]), inputs.row(line[:cut]), targets.row(line[cut:-4]))
            for numbers, draws, line in examples
        ],
    )

    def row_loss(numbers: Any, draws: tuple[Any, ...], line: Any) -> Any:
        row, target = inputs.traced(line[:cut]), targets.traced(line[cut:-4])
        return made(numbers, draws, line[-4], row, target)

    return row_loss, made.is_kept


def rule_of_all(optimizer: Any, options: Sequence[Any]) -> Callable[..., Any]:
    """The step of an optimiser, as a function of JAX, of all parameters.

    Args:
        optimizer: the optimiser, whose rule is one of one number.
        options: its hyper-parameters, which are compiled in.

    Returns:
        A function of the state, the gradients, the number of the step and the learning rate; it
        returns the next state, and whether the rule has taken another branch than the first time.

    Raises:
        FallbackError: JAX cannot compute it.
    """
    rule = type(optimizer).rule
    named = dict(zip(optimizer._hyperparameters, options, strict=True))

    def one(x: Any, grad: Any, number: Any, lr: Any, *slots: Any) -> Any:
        return *rule(x, grad, *slots, step=number, lr=lr, **named), 1.0

    slots = [0.0] * len(optimizer.slot_names)
    name = f"the rule of {type(optimizer).__name__}"
    made = jax.vmap(
        _of_jax(name, one, (0.5, 0.25, 1.0, 0.1, *slots)), (0, 0, None, None, *[0] * len(slots))
    )

    def moved(state: Any, gradients: Any, number: Any, lr: Any) -> Any:
        *found, mark = made(state[0], gradients, number, lr, *state[1:])
        return jnp.stack(found), jnp.isnan(mark).any().astype(float)

    return moved


def device_step(
    row_loss: Callable[..., Any], rule: Callable[..., Any] | None, is_mean: bool, mesh: Mesh
) -> Callable[..., Any]:
    """A step of all devices.

    Args:
        row_loss: what a row costs, as `loss_of_row` has it.
        rule: the step of the optimiser, as `rule_of_all` has it; None where it is made elsewhere.
        is_mean: whether the loss of a batch is the mean of its rows, or else their sum.
        mesh: the devices.
    """

    def step(state: Any, others: Any, scalars: Any, rows: Any) -> Any:
        count, lr, number, *draws = scalars
        is_row = rows[:, -3] == 1.0

        def total(numbers: Any) -> Any:
            read = jnp.concatenate([numbers, varying(others)])
            one = lambda line: row_loss(read, tuple(draws), line)
            own, rest, mark, *outputs = jax.vmap(one)(rows)
            costs = own / count if is_mean else own + rest / count
            return jnp.where(is_row, costs, 0.0).sum(), (jnp.isnan(mark) & is_row, outputs)

        found, slopes = jax.value_and_grad(total, has_aux=True)(varying(state[0]))
        loss, (unknown, outputs) = found
        unknown = lax.optimization_barrier(unknown)  # or XLA adds constants up, where all are known
        pressed, digest = rows[0, -2:]
        told = jnp.stack([loss, unknown.sum(), pressed, digest, digest * digest])
        sums = lax.psum(jnp.concatenate([slopes, told]), ROWS)
        gradients, told = jnp.split(sums, [len(slopes)])
        moved, is_wrong = rule(state, gradients, number, lr) if rule else (state, 0.0)
        return moved, gradients, jnp.append(told, is_wrong), unknown, outputs

    everywhere, by_rows = P(), P(ROWS)
    mapped = jax.shard_map(
        step,
        mesh=mesh,
        in_specs=(everywhere, everywhere, everywhere, by_rows),
        out_specs=(everywhere, everywhere, everywhere, by_rows, by_rows),
    )
    return cast(Callable[..., Any], jax.jit(mapped))


def varying(x: Any) -> Any:
    """An array that each device has, as one that differs between them."""
    return lax.pcast(x, ROWS, to="varying")


def _of_jax(name: str, function: Callable[..., Any], *examples: tuple[Any, ...]) -> Any:
    """A function of JAX that knows the branches of these examples, and is NaN elsewhere."""
    try:
        with pause_gc():
            made = as_jax(function, *examples[0], otherwise="nan")
            for example in examples[1:]:
                made = made.also(*example)
    except (FallbackError, TraceError) as error:
        raise not_compiled(name, error) from None
    return made


def chosen(devices: Any) -> list[Any]:
    """The devices of JAX that `fit` is given as "all" or a number.

    Raises:
        ValueError: there are not so many.
        TypeError: it is neither.
    """
    if isinstance(devices, str) and devices == "all":
        return cast(list[Any], jax.devices())
    count = as_integer(devices, 'fit: devices (a number, or "all")', 1)
    found = jax.devices()
    if count > len(found):
        raise ValueError(
            f"fit: devices={count}, and JAX has {len(found)} ({found[0].platform}): write"
            f' devices="all" (XLA_FLAGS=--xla_force_host_platform_device_count={count}, set before'
            " JAX is imported, makes as many of a CPU)"
        )
    if count < len(found) and jax.process_count() > 1:
        raise ValueError(
            f"fit: devices={count}, and {jax.process_count()} processes have {len(found)}: each"
            ' process takes part with all that it has, write devices="all"'
        )
    return cast(list[Any], found[:count])
