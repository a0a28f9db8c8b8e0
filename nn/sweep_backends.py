"""How the trainings of a sweep are run: as rows of one call of JAX, or one after the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd import Value, as_jax, jit, tree
from autograd.errors import ARITHMETIC, FallbackError, TraceError
from autograd.number import describe, is_number
from autograd.text import visible
from nn.history import History

if TYPE_CHECKING:
    from nn.sweeping import Job

Found: TypeAlias = tuple[dict[str, Any], Any]
"""What a training returned: measures by name, and the rest."""

Outcome: TypeAlias = tuple[Found, str]
"""The same, and the error that ended the training; empty if none did."""

MOST_BRANCHES = 16
"""So many branches of a training are traced."""


def measured(result: Any) -> Found:
    """What a training returned: its measures by name, and the rest.

    Raises:
        TypeError: there are no measures in it.
    """
    rest = None
    if isinstance(result, tuple) and len(result) == 2:
        result, rest = result
    if isinstance(result, History):
        return {name: result[name] for name in result.columns if name not in ("epoch", "lr")}, rest
    found = dict(result) if isinstance(result, Mapping) else {"loss": result}
    wrong = [x for name, x in found.items() if not (is_number(x) or is_curve(x))]
    if wrong or not found or not all(isinstance(name, str) for name in found):
        raise TypeError(
            "sweep: expected the training to return a loss, a list of the losses of its epochs, or"
            " a dict of such by name (or a pair of that and of anything else), got"
            f" {describe(wrong[0] if wrong else result)}"
        )
    return found, rest


def is_curve(x: Any) -> bool:
    """Whether something is a list of numbers."""
    if len(getattr(x, "shape", ())) == 1:
        return bool(x.size)
    return isinstance(x, list | tuple) and bool(x) and all(map(is_number, x))


# One after the other


def run_plain(job: Job) -> list[Outcome]:
    """Call the training for each setting."""
    return [_outcome(job.one, settings) for settings in job.settings]


def run_jit(job: Job) -> list[Outcome]:
    """Compile the training, and call it for each setting."""
    compiled = jit(job.one, fallback="raise")

    def outcome(settings: dict[str, Any]) -> Outcome:
        try:  # integers as floats, so that one compiled function serves all
            return _outcome(compiled, tree.map_leaves(float, settings) if settings else settings)
        except FallbackError as problem:
            if not problem.reason.startswith(_RAISED):
                raise
            return _outcome(job.one, settings)

    with explained(job):
        return [outcome(settings) for settings in job.settings]


_RAISED = tuple(f"could not be traced: {kind.__name__}" for kind in ARITHMETIC)


def _outcome(train: Callable[..., Any], settings: Mapping[str, Any]) -> Outcome:
    try:
        measures, rest = measured(train(**settings))
    except ARITHMETIC as error:
        return ({}, None), described(error)
    return ({name: _floats(_plain(x)) for name, x in measures.items()}, _plain(rest)), ""


def _floats(x: Any) -> Any:
    return [*map(float, x)] if isinstance(x, list) else float(x)


def described(error: Exception) -> str:
    """An error with its kind, in one line."""
    return visible(f"{type(error).__name__}: {error}")


def _plain(x: Any) -> Any:
    """Numbers in the place of Values, a list in that of a row or an array of numbers."""
    try:
        leaves, definition = tree.flatten(x)
    except TypeError:
        return x  # a model, for instance
    numbers = [y.data if isinstance(y, Value) else y for y in leaves]
    return numbers if is_curve(x) else tree.unflatten(definition, numbers)


# All at once


def run_jax(job: Job) -> list[Outcome]:
    """Map the training over all settings, in one call of JAX.

    Where a training takes a branch that is not known all of its results are NaN: it is traced at
    its settings too then, and what is open is run again.
    """
    import jax

    nothing: Found = {}, None
    with jax.enable_x64(True), explained(job):
        function, errors = _traced(job)
        if function is None:
            return [(nothing, errors[i]) for i in range(len(job.settings))]
        found = dict(enumerate(_called(function, job.settings)))
        open_ = [i for i in found if _is_nan(found[i])]
        while waiting := [i for i in open_ if i not in errors]:
            i, known = waiting[0], sum(function.branches.values())
            try:
                more = function.also(job.settings[i], 0.0)
            except ARITHMETIC as error:
                errors[i] = _ended(error)
                continue
            if sum(more.branches.values()) == known:
                open_.remove(i)  # its results are NaN by themselves
                continue
            if known == MOST_BRANCHES:
                raise ValueError(
                    f"sweep: {function.__name__} takes more than {MOST_BRANCHES} branches: choose"
                    " by autograd.where in it, or name what it branches on in static="
                )
            function = more
            found |= dict(
                zip(open_, _called(function, [job.settings[i] for i in open_]), strict=True)
            )
            open_ = [i for i in open_ if _is_nan(found[i])]
    return [
        (nothing, errors[i]) if i in open_ and i in errors else (found[i], "")
        for i in range(len(job.settings))
    ]


def _is_nan(found: Found) -> bool:
    """Whether all results are NaN, as they are where no known branch holds."""
    import jax

    return all(map(math.isnan, jax.tree.leaves(found)))


def _traced(job: Job) -> tuple[Any, dict[int, str]]:
    """The training as a function of JAX, of settings and of a number that nothing reads.

    It is traced at the first settings at which it does not raise; None, if it raises at all.

    Returns:
        The function, and the errors of the settings that were tried in vain.
    """
    one = job.one

    def train(settings: dict[str, Any], _: float) -> Found:
        measures, rest = measured(one(**settings))
        return {name: _packed(x) for name, x in measures.items()}, rest

    train.__name__ = getattr(one, "__name__", "train")
    errors: dict[int, str] = {}
    for i, settings in enumerate(job.settings):
        try:
            return as_jax(train, settings, 0.0, otherwise="nan"), errors
        except ARITHMETIC as error:
            errors[i] = _ended(error)
    return None, errors


def _ended(error: Exception) -> str:
    """The error that ended a training, in one line; raised, if it is one of compiling."""
    if str(error).startswith("as_jax"):
        raise error
    return described(error)


def _packed(x: Any) -> Any:
    """A row of numbers as one array, so that JAX has one result and not one for each epoch."""
    import numpy as np

    return np.array(x, dtype=object) if is_curve(x) and not hasattr(x, "shape") else x


def _called(function: Any, settings: Sequence[dict[str, Any]]) -> Iterator[Found]:
    """The results for each row of settings, by one call."""
    import jax
    import numpy as np

    rows = [tree.flatten(x)[0] for x in settings]
    definition = tree.flatten(settings[0])[1] if settings[0] else None
    columns = [np.array(column, np.float64) for column in zip(*rows, strict=True)]
    given = tree.unflatten(definition, columns) if definition else {}
    order: list[str] = []

    def one(given: Any, nothing: Any) -> Any:
        result = function(given, nothing)
        order.extend(result[0])  # JAX returns the items of a dict in another one
        return result

    found = jax.device_get(jax.jit(jax.vmap(one))(given, np.zeros(len(settings))))

    def row(i: int) -> Found:
        measures, rest = jax.tree.map(lambda x: x[i].tolist(), found)
        return {name: measures[name] for name in dict.fromkeys(order)}, rest

    return map(row, range(len(settings)))


@contextmanager
def explained(job: Job) -> Iterator[None]:
    """Errors of compiling, with what else can be done."""
    try:
        yield
    except (FallbackError, TraceError, TypeError, ValueError) as error:
        is_of_compiling = not isinstance(error, ValueError) or str(error).startswith("as_jax")
        if str(error).startswith("sweep:") or not is_of_compiling:
            raise
        differs = ", ".join(job.settings[0]) or "nothing"
        error.add_note(
            f"sweep: the trainings differ in {differs}, with which a compiled one can only compute."
            " static= names those for whose values it is to be compiled one by one;"
            " backend='plain' runs it as it is."
        )
        raise


RUN: dict[str, Callable[[Job], list[Outcome]]] = {
    "jax": run_jax,
    "jit": run_jit,
    "plain": run_plain,
}
