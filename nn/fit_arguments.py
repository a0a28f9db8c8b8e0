"""The arguments of `fit`, checked before anything is trained; errors say what to write instead.

The usual mistake is an argument of the right idea and the wrong kind, as another library takes it:
a name or a class where an object is expected. The error names the argument, shows what was given,
and says what would be right.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from autograd import Value
from autograd.extras import missing
from autograd.number import describe
from nn import losses, schedules
from nn.batch_norm import BatchNorm
from nn.contracts import Steps
from nn.module import Module, frozen_parameters, listed_parameters
from nn.optimizers import OPTIMIZERS
from nn.steps import PlainSteps
from nn.warning import warn

LOSSES = {name: getattr(losses, name) for name in losses.__all__}
"""The losses by name."""

SCHEDULES = {
    name: kind
    for name, kind in vars(schedules).items()
    if isinstance(kind, type) and issubclass(kind, schedules.Schedule)
}
"""The schedules by name."""

_OTHER_NAMES = {
    "mse": "mean_squared_error",
    "mseloss": "mean_squared_error",
    "mae": "mean_absolute_error",
    "l1": "mean_absolute_error",
    "l1loss": "mean_absolute_error",
    "bce": "binary_cross_entropy",
    "bcewithlogits": "binary_cross_entropy_with_logits",
    "crossentropyloss": "cross_entropy",
    "categoricalcrossentropy": "cross_entropy",
    "hingeloss": "hinge",
    "huberloss": "huber",
    "cosine": "CosineAnnealing",
    "step": "StepDecay",
    "exponential": "ExponentialDecay",
    "plateau": "ReduceOnPlateau",
    "warmup": "WarmUp",
    "constant": "ConstantRate",
}
"""What other libraries call them, in lower case and without underscores."""

_OPTIONS = {
    "SGD": "model.parameters(), lr=0.1",
    "StepDecay": "every=10",
    "ExponentialDecay": "0.99",
    "ReduceOnPlateau": "patience=5",
    "WarmUp": "5",
    "CosineAnnealing": "epochs",
}


def check_model(model: Any, unnamed: tuple[object, ...]) -> None:
    """Raise TypeError unless it is a model, with one pair of inputs and targets beside it."""
    if unnamed:
        raise TypeError(
            "fit: expected the model and one pair (inputs, targets), other arguments by name; got"
            f" also {', '.join(map(describe, unnamed))}: write fit(model, (inputs, targets),"
            " loss=..., optimizer=..., epochs=...)"
        )
    if not isinstance(model, Module) or not callable(model):
        raise TypeError(
            f"fit: model must be a Module that can be called, got {_shown(model)}: write fit(model,"
            " (inputs, targets), loss=..., optimizer=..., epochs=...)"
        )


def check_arguments(
    optimizer: Any, loss: Any, schedule: Any, early_stopping: Any, before_step: Any
) -> None:
    """Raise TypeError unless each is an object that `fit` can use; the first two are required."""
    if isinstance(optimizer, type) or not _has(optimizer, "step", "zero_grad", "lr", "parameters"):
        raise TypeError(
            "fit: optimizer must be an optimiser of the model's parameters, got"
            f" {_shown(optimizer)}: write optimizer={_example(optimizer, OPTIMIZERS, 'Adam')}"
        )
    if not callable(loss) or isinstance(loss, Value):
        called = "; give the function, without calling it" if isinstance(loss, Value) else ""
        raise TypeError(
            "fit: loss must be a function of outputs and targets,"
            f" got {_shown(loss)}{called}: write loss={_name(loss, LOSSES, 'mean_squared_error')}"
        )
    if schedule is not None and (isinstance(schedule, type) or not callable(schedule)):
        raise TypeError(
            f"fit: schedule must be a schedule, got {_shown(schedule)}:"
            f" write schedule={_example(schedule, SCHEDULES, 'CosineAnnealing')}"
        )
    if early_stopping is not None and not _has(early_stopping, "patience", "monitor"):
        patience = early_stopping if type(early_stopping) is int and early_stopping > 0 else 10
        raise TypeError(
            f"fit: early_stopping must be an EarlyStopping, got {_shown(early_stopping)}:"
            f" write early_stopping=EarlyStopping(patience={patience})"
        )
    if before_step is not None and (isinstance(before_step, Value) or not callable(before_step)):
        raise TypeError(
            f"fit: before_step must be a function of the parameters, got {_shown(before_step)}:"
            " write before_step=lambda parameters: clip_gradient_norm(parameters, 1.0)"
        )


def check_devices(devices: Any, jit: bool | None, norms: list[BatchNorm]) -> None:
    """Raise unless training on devices of JAX can be.

    Raises:
        ValueError: the steps are to be plain, or need all rows of a batch at once.
        TypeError: it is neither "all" nor a number.
        ImportError: JAX is not installed.
    """
    is_count = hasattr(devices, "__index__") and not isinstance(devices, bool)
    if not is_count and not (isinstance(devices, str) and devices == "all"):
        raise TypeError(
            f'fit: devices must be "all" or a number of devices, got {_shown(devices)}: write'
            ' devices="all"'
        )
    if jit is False:
        raise ValueError("fit: steps on devices= are compiled by JAX: leave jit=False out")
    if norms:
        raise ValueError(
            f"fit: devices: each device computes some rows of a batch, and {norms[0]!r} needs all"
            " of them: train without devices=, or take LayerNorm"
        )
    needed = [name for name in ("jax", "numpy") if find_spec(name) is None]
    if needed:
        raise ImportError(missing("fit: devices", "jax", needed))


def listed_callbacks(callbacks: Any) -> list[Any]:
    """The callbacks as a list; TypeError if one is not a function."""
    if callable(callbacks) or not hasattr(callbacks, "__iter__") or isinstance(callbacks, str):
        raise TypeError(
            "fit: callbacks must be a list of functions of an Epoch,"
            f" got {_shown(callbacks)}: write callbacks=[function]"
        )
    listed = list(callbacks)
    for i, callback in enumerate(listed):
        if not callable(callback):
            raise TypeError(
                f"fit: callbacks[{i}] must be a function of an Epoch, got {_shown(callback)}"
            )
    return listed


def check_ownership(model: Module, optimizer: Steps, frozen: Iterable[Value]) -> list[Value]:
    """Check that the optimiser belongs to this model.

    Args:
        model: what is trained.
        optimizer: holds its parameters, or some of them.
        frozen: the parameters that are left out on purpose, besides those of frozen modules.

    Returns:
        The parameters of the optimiser that are not the model's: those of a loss, perhaps.

    Raises:
        ValueError: the optimiser holds no parameter of the model, or a frozen one, or a frozen one
            is not the model's.
        TypeError: `frozen`, or what the optimiser holds, is not a list of Values.
    """
    names = {parameter: path for path, parameter in model.named_parameters()}
    if not isinstance(optimizer.parameters, list | tuple):
        raise TypeError(
            "fit: optimizer.parameters must be a list of Values, got"
            f" {describe(optimizer.parameters)}: write self.parameters = list(parameters) in"
            f" {type(optimizer).__name__}"
        )
    held = dict.fromkeys(optimizer.parameters)
    listed = listed_parameters("fit: frozen", frozen, "frozen={}")
    still = dict.fromkeys([*listed, *frozen_parameters(model)])
    for parameter in still:
        if parameter not in names:
            raise ValueError(f"fit: frozen: {parameter!r} is not a parameter of the model")
        if parameter in held:
            raise ValueError(
                f"fit: frozen: the optimizer holds {names[parameter]}, and moves it: after freeze()"
                f" write {_remade(optimizer, 'model.trainable_parameters()')}"
            )
    missing = [path for parameter, path in names.items() if parameter not in {**held, **still}]
    if missing and not any(parameter in names for parameter in held):
        raise ValueError(
            f"fit: the optimizer, {optimizer!r}, holds none of the {len(names)} parameters of the"
            f" model, {model!r}, so that training would not change it. Was the model built again,"
            " copied or loaded after the optimizer? Make the optimizer from this model:"
            f" {_remade(optimizer, 'model.parameters()')}"
        )
    if missing:
        others = f" and {len(missing) - 3} others" if len(missing) > 3 else ""
        warn(
            f"fit: the optimizer does not hold {len(missing)} of the {len(names)} parameters of"
            f" the model, so that they are not trained: {', '.join(missing[:3])}{others}. If that"
            " is intended, list them: fit(..., frozen=model.layers[0].parameters()); else make the"
            " optimizer from model.parameters()"
        )
    return [parameter for parameter in held if parameter not in names]


def check_foreign(foreign: list[Value], stepper: PlainSteps) -> list[Value]:
    """Warn of parameters of the optimiser that no gradient has reached in the first epoch."""
    stepper.store()
    idle = [parameter for parameter in foreign if parameter.grad == 0.0]
    if idle:
        warn(
            f"fit: the optimizer holds {len(idle)} parameters, {idle[0]!r} the first, that are not"
            " the model's, and no gradient reached them: the loss does not depend on them. Make the"
            " optimizer from model.parameters()"
        )
    return []


def _remade(optimizer: Any, parameters: str) -> str:
    """How to make such an optimiser; of groups, one that begins as the first."""
    first = getattr(optimizer, "groups", [optimizer])[0]
    made = f"{type(first).__name__}({parameters}, lr={first.lr!r})"
    return made if first is optimizer else f"{type(optimizer).__name__}({made}, ...)"


def _has(x: Any, *names: str) -> bool:
    return not isinstance(x, type) and all(hasattr(x, name) for name in names)


def _shown(x: Any) -> str:
    return f"the class {x.__name__}" if isinstance(x, type) else describe(x)


def _name(given: Any, table: dict[str, Any], default: str) -> str:
    """The name in the table that was likely meant."""
    text = getattr(given, "__name__", given)
    if not isinstance(text, str):
        return default
    plain = text.lower().replace("_", "").replace("-", "").replace(" ", "")
    known = {name.lower().replace("_", ""): name for name in table}
    found = known.get(plain) or _OTHER_NAMES.get(plain)
    return found if found in table else default


def _example(given: Any, table: dict[str, Any], default: str) -> str:
    name = _name(given, table, default)
    usual = "model.parameters(), lr=0.01" if table is OPTIMIZERS else "epochs"
    return f"{name}({_OPTIONS.get(name, usual)})"
