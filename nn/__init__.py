"""Neural networks, one number at a time: neurons, layers, losses, optimisers and training.

Everything here consists of `autograd.Value`s and plain Python. The names and
positional arguments of `Neuron`, `Layer` and `MLP` are micrograd's, so a program written for it
runs after changing the import.

>>> from nn import MLP, SGD, fit, mean_squared_error, predict
>>> model = MLP(1, [1], rng=0)
>>> history = fit(
...     model, ([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]), loss=mean_squared_error,
...     optimizer=SGD(model.parameters(), lr=0.1), epochs=200,
... )
>>> [round(p, 3) for p in predict(model, [[3.0]])]
[7.0]

What there is, each with an example in its docstring:

- networks: `Neuron`, `Layer`, `MLP`, `Dropout`, `Sequential`, `Residual`, `Flatten`, and `Module`
  for your own; `Embedding`, `LayerNorm`, `RMSNorm`, `BatchNorm`, `RNNCell`, `GRUCell`,
  `LSTMCell`, `Conv1d`, `Conv2d`, `MultiHeadAttention`; `summary` of one as a table; `flatten`,
  its parameters as a vector
- `ACTIVATIONS` and `ROW_ACTIVATIONS`, by name; initialisers, such as `xavier_uniform`
- losses, such as `cross_entropy`; penalties `l1` and `l2`
- optimisers: `SGD`, `Adagrad`, `RMSprop`, `Adam`, `AdamW`, `Lion`, and `ParameterGroups` of them;
  schedules, such as `CosineAnnealing`
- training: `fit`, `EarlyStopping`, `History`; `sweep`, many trainings at once; `predict`,
  `accuracy`; `save`, `load`
- data: `batches`, `train_test_split`, `one_hot`, `Standardizer`
- `nn.sklearn`: `MLPClassifier` and `MLPRegressor`, estimators of scikit-learn; `nn.torch`:
  `to_torch` and `from_torch`
"""

from typing import TYPE_CHECKING

import autograd

if not hasattr(autograd, "Value"):
    raise ImportError(
        f"nn needs the autograd of chainrule, and found another one in {list(autograd.__path__)}:"
        " HIPS autograd has the same import name. Remove both (pip uninstall autograd chainrule)"
        " and install chainrule again (in a clone of it: pip install -e .)",
        name="autograd",
    )

from autograd.later import importer

if TYPE_CHECKING:
    from nn import sklearn as sklearn
    from nn import torch as torch
    from nn.activation_names import ACTIVATIONS, ROW_ACTIVATIONS
    from nn.attention import MultiHeadAttention
    from nn.batch_norm import BatchNorm
    from nn.clipping import clip_gradient_norm, clip_gradient_value
    from nn.convolution import Conv1d, Conv2d
    from nn.data import Standardizer, batches, one_hot, train_test_split
    from nn.dropout import Dropout
    from nn.embedding import Embedding
    from nn.formats import CheckpointError
    from nn.functional import flatten, functional_call, unflatten
    from nn.groups import ParameterGroups
    from nn.history import History
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
    from nn.normalization import LayerNorm, RMSNorm
    from nn.optimizer import Optimizer
    from nn.optimizers import OPTIMIZERS, SGD, Adagrad, Adam, AdamW, Lion, RMSprop
    from nn.overview import summary
    from nn.penalties import l1, l2
    from nn.prediction import METRICS, accuracy, predict, sign_accuracy
    from nn.recurrent import GRUCell, LSTMCell, RNNCell
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
    from nn.sequential import Flatten, Residual, Sequential
    from nn.stopping import EarlyStopping
    from nn.sweep_results import Sweep
    from nn.sweeping import sweep
    from nn.training import Epoch, fit
else:  # with it every name would have a type
    __getattr__ = importer(
        __name__,
        {
            "activation_names": "ACTIVATIONS ROW_ACTIVATIONS",
            "attention": "MultiHeadAttention",
            "batch_norm": "BatchNorm",
            "clipping": "clip_gradient_norm clip_gradient_value",
            "convolution": "Conv1d Conv2d",
            "data": "Standardizer batches one_hot train_test_split",
            "dropout": "Dropout",
            "embedding": "Embedding",
            "formats": "CheckpointError",
            "history": "History",
            "initializers": "INITIALIZERS constant he_normal he_uniform normal uniform"
            " xavier_normal xavier_uniform",
            "layers": "MLP Layer Neuron",
            "losses.binary": "binary_cross_entropy binary_cross_entropy_with_logits hinge",
            "losses.categorical": "cross_entropy cross_entropy_of_probabilities",
            "losses.regression": "half_sum_squared_error huber mean_absolute_error"
            " mean_squared_error",
            "groups": "ParameterGroups",
            "functional": "flatten functional_call unflatten",
            "module": "Module",
            "normalization": "LayerNorm RMSNorm",
            "optimizer": "Optimizer",
            "optimizers": "OPTIMIZERS SGD Adagrad Adam AdamW Lion RMSprop",
            "overview": "summary",
            "penalties": "l1 l2",
            "prediction": "METRICS accuracy predict sign_accuracy",
            "recurrent": "GRUCell LSTMCell RNNCell",
            "saving": "load save",
            "schedules": "ConstantRate CosineAnnealing ExponentialDecay ReduceOnPlateau Schedule"
            " StepDecay WarmUp",
            "sklearn": "",
            "torch": "",
            "sequential": "Flatten Residual Sequential",
            "stopping": "EarlyStopping",
            "sweep_results": "Sweep",
            "sweeping": "sweep",
            "training": "Epoch fit",
        },
    )


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
    "BatchNorm",
    "CheckpointError",
    "ConstantRate",
    "Conv1d",
    "Conv2d",
    "CosineAnnealing",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "Epoch",
    "ExponentialDecay",
    "Flatten",
    "GRUCell",
    "History",
    "LSTMCell",
    "Layer",
    "LayerNorm",
    "Lion",
    "Module",
    "MultiHeadAttention",
    "Neuron",
    "Optimizer",
    "ParameterGroups",
    "RMSNorm",
    "RMSprop",
    "RNNCell",
    "ReduceOnPlateau",
    "Residual",
    "Schedule",
    "Sequential",
    "Standardizer",
    "StepDecay",
    "Sweep",
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
    "flatten",
    "functional_call",
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
    "sweep",
    "train_test_split",
    "unflatten",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
]
