"""Neural networks, one number at a time: neurons, layers, losses and optimisers.

Everything here is made of `autograd.Value`s and of plain Python around them. The names and
positional arguments of `Neuron`, `Layer` and `MLP` are micrograd's, so a program written for it
runs after changing the import.

>>> from nn import MLP, SGD, mean_squared_error
>>> model = MLP(2, [3, 1], activation="tanh", rng=0)
>>> optimizer = SGD(model.parameters(), lr=0.1)
>>> loss = mean_squared_error(model([1.0, -1.0]), 0.5)
>>> loss.backward()
>>> optimizer.step()
>>> mean_squared_error(model([1.0, -1.0]), 0.5) < loss
True
"""

from typing import TYPE_CHECKING, Any

import autograd

if not hasattr(autograd, "Value"):
    raise ImportError(
        f"nn needs the autograd of chainrule, and found another one in {list(autograd.__path__)}:"
        " HIPS autograd has the same import name. Remove both (pip uninstall autograd chainrule)"
        " and install chainrule again (in a clone of it: pip install -e .)",
        name="autograd",
    )

from nn.activations import ACTIVATIONS, ROW_ACTIVATIONS
from nn.initializers import (
    INITIALIZERS,
    constant,
    he_normal,
    he_uniform,
    normal,
    uniform,
    xavier_normal,
    xavier_uniform,
)
from nn.layers import MLP, Layer, Neuron
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    cross_entropy_of_probabilities,
    half_sum_squared_error,
    hinge,
    huber,
    mean_absolute_error,
    mean_squared_error,
)
from nn.module import Module
from nn.optimizer import Optimizer
from nn.optimizers import OPTIMIZERS, SGD, Adagrad, Adam, AdamW, RMSprop
from nn.penalties import l1, l2

if TYPE_CHECKING:
    from nn.clipping import clip_gradient_norm, clip_gradient_value
    from nn.data import Standardizer, batches, one_hot, train_test_split
    from nn.formats import CheckpointError
    from nn.history import History
    from nn.overview import summary
    from nn.prediction import METRICS, accuracy, predict, sign_accuracy
    from nn.saving import load, save
    from nn.schedules import (
        ConstantRate,
        CosineAnnealing,
        ExponentialDecay,
        ReduceOnPlateau,
        Schedule,
        StepDecay,
        WarmUp,
    )
    from nn.stopping import EarlyStopping
    from nn.training import Epoch, fit

# What training needs and a network does not is imported when it is first used, so that `import nn`
# stays light.
_LATER = {
    "clip_gradient_norm": "nn.clipping",
    "clip_gradient_value": "nn.clipping",
    "Standardizer": "nn.data",
    "batches": "nn.data",
    "one_hot": "nn.data",
    "train_test_split": "nn.data",
    "CheckpointError": "nn.formats",
    "History": "nn.history",
    "summary": "nn.overview",
    "METRICS": "nn.prediction",
    "accuracy": "nn.prediction",
    "predict": "nn.prediction",
    "sign_accuracy": "nn.prediction",
    "load": "nn.saving",
    "save": "nn.saving",
    "ConstantRate": "nn.schedules",
    "CosineAnnealing": "nn.schedules",
    "ExponentialDecay": "nn.schedules",
    "ReduceOnPlateau": "nn.schedules",
    "Schedule": "nn.schedules",
    "StepDecay": "nn.schedules",
    "WarmUp": "nn.schedules",
    "EarlyStopping": "nn.stopping",
    "Epoch": "nn.training",
    "fit": "nn.training",
}

if not TYPE_CHECKING:  # or every name would have a type

    def __getattr__(name: str) -> Any:
        if name not in _LATER:
            raise AttributeError(f"module 'nn' has no attribute {name!r}")
        from importlib import import_module

        found = globals()[name] = getattr(import_module(_LATER[name]), name)
        return found


def __dir__() -> list[str]:
    return sorted(__all__)


__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "METRICS",
    "MLP",
    "OPTIMIZERS",
    "ROW_ACTIVATIONS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "CheckpointError",
    "ConstantRate",
    "CosineAnnealing",
    "EarlyStopping",
    "Epoch",
    "ExponentialDecay",
    "History",
    "Layer",
    "Module",
    "Neuron",
    "Optimizer",
    "RMSprop",
    "ReduceOnPlateau",
    "Schedule",
    "Standardizer",
    "StepDecay",
    "WarmUp",
    "accuracy",
    "batches",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "clip_gradient_norm",
    "clip_gradient_value",
    "constant",
    "cross_entropy",
    "cross_entropy_of_probabilities",
    "fit",
    "half_sum_squared_error",
    "he_normal",
    "he_uniform",
    "hinge",
    "huber",
    "l1",
    "l2",
    "load",
    "mean_absolute_error",
    "mean_squared_error",
    "normal",
    "one_hot",
    "predict",
    "save",
    "sign_accuracy",
    "summary",
    "train_test_split",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
]
