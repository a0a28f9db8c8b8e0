"""`sweep`: many small trainings at once, one for each combination of settings.

A training is an ordinary function of its settings, written one number at a time, that returns what
it measured. So whatever it takes can be varied: no second description of models, losses and
optimisers is needed, and one training is the function, called.

Settings that are numbers are rows of one call (`sweep_backends`); for those that are not, such as
the name of an activation, the function is another one, and is compiled by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping, Sequence, ValuesView
from dataclasses import dataclass
from functools import partial, update_wrapper
from importlib.util import find_spec
from inspect import Parameter, signature
from itertools import product
from operator import index
from typing import Any

from autograd import random, tree
from autograd.extras import missing
from autograd.number import MOST_EXACT, describe
from nn.sweep_results import COLUMNS, Sweep
from nn.sweep_runs import Run

BACKENDS = ("jax", "jit", "plain")


def sweep(
    train: Callable[..., Any],
    /,
    *,
    seeds: int | Iterable[int] | None = None,
    static: str | Iterable[str] = (),
    backend: str = "jax",
    **settings: Any,
) -> Sweep:
    """Train with each combination of settings, all at once, and compare what comes of it.

    Each keyword is an argument of `train`: a list, tuple, range or array has the values that it
    takes, anything else is the same in all trainings. With the backend `"jax"` the trainings are
    rows of one call, `jax.vmap` of the function that `autograd.as_jax` makes of `train`; one that
    diverges is reported, and changes nothing in the others.

    Args:
        train: a training, as a function of its settings. It is not to change anything outside, and
            reads no Value from outside: weights are drawn by a key, `nn.functional_call` makes a
            model a function of them, and `autograd.scan` or `fori_loop` is the loop over epochs. It
            returns what it measured: a loss, or a list of those of all epochs, or a dict of such
            by name, such as `{"loss": ..., "val_loss": ...}`; or a pair of that and of what else is
            wanted, such as the last weights. With `"plain"` it may return a `History`.
        seeds: integers, or how many, from 0 on. `train` gets `autograd.random.key(seed)` as its
            argument `key`, or else the integer as its argument `seed`.
        static: names of settings that are not computed with: numbers that say how long a list is,
            or how often a loop turns. `train` is compiled for each value. What is no number, such
            as a string, is static anyway.
        backend: `"jax"`; `"jit"`, one training after the other, compiled; or `"plain"`, one after
            the other as `train` is written, which may then call `fit`.
        settings: the settings, by name.

    Returns:
        The runs, in the order of the settings, the last one changing first: a table and a picture.

    Raises:
        TypeError: `train` is not a function or has no such argument, needs one that is not given,
            varies what cannot vary when compiled, or returns something else.
        ValueError: there is no value for a setting, or no such backend.
        FallbackError, TraceError: `train` cannot be compiled; the message says why.
        ImportError: JAX is not installed.

    >>> from autograd import scan
    >>> def train(start, lr):
    ...     def step(w, _):
    ...         return w - lr * 2.0 * w, w * w
    ...     return scan(step, start, length=20)[1]
    >>> result = sweep(train, start=[1.0, 2.0], lr=[0.25, 0.5, 1.5], backend="jit")
    >>> print(result.best().settings, result.best().final("loss"))
    {'start': 1.0, 'lr': 0.5} 0.0
    >>> print(result.table(over="start"))
      lr  runs  diverged       loss   smallest    largest
    0.25     2         0  9.095e-12  3.638e-12  1.455e-11
     0.5     2         0          0          0          0
     1.5     2         0  6.872e+11  2.749e+11    1.1e+12
    """
    if not callable(train):
        raise TypeError(f"sweep: expected a function, got {describe(train)}")
    if backend not in BACKENDS:
        names = ", ".join(map(repr, BACKENDS))
        raise ValueError(f"sweep: backend must be one of {names}, got {describe(backend)}")
    absent = [name for name in ("jax", "numpy") if find_spec(name) is None]
    if backend == "jax" and absent:
        owner = "sweep: backend 'jax' (the others are 'jit' and 'plain')"
        raise ImportError(missing(owner, "jax", absent))
    shown, axes, fixed = _axes(train, seeds, settings)
    wanted = {static} if isinstance(static, str) else set(_names(static))
    if unknown := [name for name in wanted if name not in {*axes, *fixed}]:
        raise ValueError(
            f"sweep: static= names {unknown[0]!r}, which is no setting;"
            f" there are {', '.join([*axes, *fixed]) or 'none'}"
        )
    rows = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    named = [dict(zip(shown, values, strict=True)) for values in product(*shown.values())]
    moving = {name for name, values in axes.items() if name not in wanted and can_vary(values)}
    groups: dict[tuple[int, ...], list[int]] = {}
    places = [range(len(values)) if name not in moving else [0] * len(values)
              for name, values in axes.items()]  # fmt: skip
    for row, place in enumerate(product(*places)):
        groups.setdefault(place, []).append(row)
    found: dict[int, Run] = {}
    for members in groups.values():
        one = rows[members[0]]
        same = fixed | {name: x for name, x in one.items() if name not in moving}
        job = Job(train, same, [{name: rows[i][name] for name in moving} for i in members])
        from nn.sweep_backends import RUN

        for i, ((measures, rest), error) in zip(members, RUN[backend](job), strict=True):
            found[i] = Run(named[i], measures, rest, error)
    return Sweep(shown, [found[i] for i in range(len(rows))])


@dataclass(frozen=True)
class Job:
    """Trainings of one program.

    Attributes:
        train: the function.
        fixed: what is the same in all of them.
        settings: for each training what differs, numbers or structures of them.
    """

    train: Callable[..., Any]
    fixed: Mapping[str, Any]
    settings: Sequence[dict[str, Any]]

    @property
    def one(self) -> Callable[..., Any]:
        """The training as a function of what differs."""
        return update_wrapper(partial(self.train, **self.fixed), self.train)


def can_vary(values: Sequence[Any]) -> bool:
    """Whether values are numbers, or structures of numbers that are alike.

    >>> can_vary([1, 0.5]), can_vary([(0.9, 0.99), (0.8, 0.9)]), can_vary([(1.0,), (1.0, 2.0)])
    (True, True, False)
    >>> can_vary(["tanh", "relu"]), can_vary([True, False]), can_vary([1, 2**60])
    (False, False, False)
    """
    definitions = []
    for x in values:
        try:
            leaves, definition = tree.flatten(x)
        except TypeError:
            return False
        if any(isinstance(y, bool) or (isinstance(y, int) and abs(y) > MOST_EXACT) for y in leaves):
            return False
        definitions.append(definition)
    return all(x == definitions[0] for x in definitions)


def _axes(
    train: Callable[..., Any], seeds: Any, settings: dict[str, Any]
) -> tuple[dict[str, Sequence[Any]], dict[str, Sequence[Any]], dict[str, Any]]:
    """The values of settings that vary, as shown and as `train` gets them; and the others."""
    parameters = _parameters(train)
    shown: dict[str, Sequence[Any]] = {}
    axes: dict[str, Sequence[Any]] = {}
    if seeds is not None:
        taken = next((x for x in ("key", "seed") if x in parameters), "")
        if not taken or taken in settings:
            takes = ", ".join(parameters) or "nothing"
            why = f"it takes {takes}" if not taken else f"{taken}= is given too"
            raise TypeError(
                f"sweep: seeds= gives each training its argument key or seed, but {why}"
            )
        shown["seed"] = _seeds(seeds)
        keys = [random.key(x) for x in shown["seed"]]  # which checks them
        axes[taken] = keys if taken == "key" else shown["seed"]
    fixed: dict[str, Any] = {}
    for name, x in settings.items():
        values = _values(name, x)
        if values is None:
            fixed[name] = x
        else:
            shown[name] = axes[name] = values
    for name in axes:
        if name in COLUMNS:
            raise ValueError(
                f"sweep: a setting is called {name!r}, as another column of the table: rename it,"
                " or give it one value"
            )
    takes_any = any(x.kind is Parameter.VAR_KEYWORD for x in parameters.values())
    for name in {} if takes_any or not parameters else {**axes, **fixed}:
        if name not in parameters:
            raise TypeError(
                f"sweep: {_name(train)} has no argument {name!r}; it takes {', '.join(parameters)}"
            )
    for name, x in parameters.items():
        if x.default is Parameter.empty and name not in {**axes, **fixed} and x.kind in _NAMED:
            raise TypeError(
                f"sweep: {_name(train)} needs {name!r}: give its value, or a list of values"
                + (", or seeds=" if name in ("key", "seed") else "")
            )
    return shown, axes, fixed


_NAMED = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


def _parameters(train: Callable[..., Any]) -> dict[str, Parameter]:
    try:
        return dict(signature(train).parameters)
    except (TypeError, ValueError):  # it does not say
        return {}


def _name(train: Any) -> str:
    return str(getattr(train, "__name__", type(train).__name__))


def _names(static: Any) -> Iterable[str]:
    found = [*static] if hasattr(static, "__iter__") else [static]
    for name in found:
        if not isinstance(name, str):
            raise TypeError(f"sweep: static must be names of settings, got {describe(name)}")
    return found


def _seeds(seeds: Any) -> list[int]:
    try:
        given = [*seeds] if hasattr(seeds, "__iter__") else [seeds]
        if any(isinstance(x, bool) for x in given):
            raise TypeError
        found = range(index(seeds)) if not hasattr(seeds, "__iter__") else map(index, given)
        numbers = list(found)
    except TypeError:
        raise TypeError(
            f"sweep: seeds must be integers, or how many, got {describe(seeds)}"
        ) from None
    if not numbers:
        raise ValueError(f"sweep: there are no seeds, got {describe(seeds)}")
    return numbers


def _values(name: str, x: Any) -> list[Any] | None:
    """The values of a setting; None if it has one."""
    is_array = getattr(x, "shape", ()) != ()
    if is_array:
        x = x.tolist() if x.ndim == 1 else list(x)
    if isinstance(x, str | bytes | Mapping) or hasattr(x, "_fields"):
        return None
    if isinstance(x, Sequence):
        if not len(x):
            raise ValueError(f"sweep: {name} has no values, got {describe(x)}")
        return [y.item() if getattr(y, "shape", None) == () else y for y in x]
    if isinstance(x, Iterator | set | frozenset | KeysView | ValuesView):
        raise TypeError(
            f"sweep: {name} must be a value, or a list of values, got {describe(x)}"
            " (list() makes one)"
        )
    return None
