"""What is what in PyTorch: pairs of activations and modules, and of layers and modules.

Names and shapes of parameters are the same on both sides, so that a pair says no more than how
either side is made, and which options of PyTorch's have to be at their defaults. Imported by
`nn.torch`, which needs PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn as modules

import autograd
from nn.attention import MultiHeadAttention
from nn.batch_norm import BatchNorm
from nn.convolution import Conv1d, Conv2d
from nn.embedding import Embedding
from nn.module import Module
from nn.normalization import LayerNorm, RMSNorm
from nn.recurrent import GRUCell, LSTMCell, RNNCell
from nn.sequential import Flatten

ACTIVATIONS: dict[Any, Callable[[], Any]] = {
    autograd.sigmoid: modules.Sigmoid,
    autograd.tanh: modules.Tanh,
    autograd.relu: modules.ReLU,
    autograd.leaky_relu: modules.LeakyReLU,
    autograd.elu: modules.ELU,
    autograd.gelu: modules.GELU,
    autograd.silu: modules.SiLU,
    # from its threshold on it is x itself; by default 20, where that is off by 2e-9
    autograd.softplus: lambda: modules.Softplus(threshold=40.0),
    autograd.softsign: modules.Softsign,
    autograd.softmax: lambda: modules.Softmax(dim=-1),
    autograd.log_softmax: lambda: modules.LogSoftmax(dim=-1),
}
"""By activation: what makes PyTorch's module with the same arguments."""

_ROW = {"dim": (-1, 1, None)}  # of a row, and of a batch of rows
ACTIVATION_OPTIONS: dict[str, dict[str, tuple[Any, ...]]] = {
    "LeakyReLU": {"negative_slope": (0.01,)},
    "ELU": {"alpha": (1.0,)},
    "GELU": {"approximate": ("none",)},
    "Softplus": {"beta": (1.0,), "threshold": (20.0, 40.0)},
    "Softmax": _ROW,
    "LogSoftmax": _ROW,
}
"""By class of PyTorch: attributes, and which each may be."""


class Pair(NamedTuple):
    """A layer and its module.

    Attributes:
        to_theirs: makes the module for a layer, with any numbers.
        to_ours: makes the layer for a module, with any numbers.
        options: attributes of the module, and which each may be.
    """

    to_theirs: Callable[[Any], Any]
    to_ours: Callable[[Any], Module]
    options: dict[str, tuple[Any, ...]]


def _cell(ours: Any, theirs: Any) -> Pair:
    return Pair(
        lambda m: theirs(len(m.weight_ih[0]), m.size, bias=m.bias_ih is not None),
        lambda m: ours(m.input_size, m.hidden_size, bias=m.bias, rng=0),
        {"nonlinearity": ("tanh",)} if ours is RNNCell else {},
    )


def _convolution(ours: Any, theirs: Any, of_pair: Callable[[Any], Any]) -> Pair:
    return Pair(
        lambda m: theirs(
            m.nin,
            len(m.weight),
            of_pair(m.size),
            stride=of_pair(m.stride),
            padding=of_pair(m.padding),
            bias=m.bias is not None,
        ),
        lambda m: ours(
            m.in_channels,
            m.out_channels,
            of_pair(m.kernel_size),
            stride=of_pair(m.stride),
            padding=of_pair(m.padding),
            bias=m.bias is not None,
            rng=0,
        ),
        {"dilation": ((1,), (1, 1)), "groups": (1,), "padding_mode": ("zeros",)},
    )


LAYERS: dict[Any, tuple[Any, Pair]] = {
    Embedding: (
        modules.Embedding,
        Pair(
            lambda m: modules.Embedding(len(m.weight), len(m.weight[0])),
            lambda m: Embedding(m.num_embeddings, m.embedding_dim, rng=0),
            {"padding_idx": (None,), "max_norm": (None,), "scale_grad_by_freq": (False,)},
        ),
    ),
    LayerNorm: (
        modules.LayerNorm,
        Pair(
            lambda m: modules.LayerNorm(len(m.weight), eps=m.eps),
            lambda m: LayerNorm(m.normalized_shape[-1], eps=m.eps),
            {"elementwise_affine": (True,)},
        ),
    ),
    BatchNorm: (
        modules.BatchNorm1d,
        Pair(
            lambda m: modules.BatchNorm1d(len(m.weight), eps=m.eps, momentum=m.momentum),
            lambda m: BatchNorm(m.num_features, eps=m.eps, momentum=m.momentum),
            {"affine": (True,), "track_running_stats": (True,)},
        ),
    ),
    RMSNorm: (
        modules.RMSNorm,
        Pair(
            lambda m: modules.RMSNorm(len(m.weight), eps=m.eps),
            lambda m: RMSNorm(
                m.normalized_shape[-1],
                eps=torch.finfo(m.weight.dtype).eps if m.eps is None else m.eps,
            ),
            {"elementwise_affine": (True,)},
        ),
    ),
    Conv1d: (modules.Conv1d, _convolution(Conv1d, modules.Conv1d, lambda pair: pair[-1])),
    Conv2d: (modules.Conv2d, _convolution(Conv2d, modules.Conv2d, lambda pair: pair)),
    RNNCell: (modules.RNNCell, _cell(RNNCell, modules.RNNCell)),
    GRUCell: (modules.GRUCell, _cell(GRUCell, modules.GRUCell)),
    LSTMCell: (modules.LSTMCell, _cell(LSTMCell, modules.LSTMCell)),
    Flatten: (
        modules.Flatten,
        Pair(
            lambda m: modules.Flatten(),
            lambda m: Flatten(),
            {"start_dim": (1,), "end_dim": (-1,)},  # of a batch, whose rows are flattened
        ),
    ),
    MultiHeadAttention: (
        modules.MultiheadAttention,
        Pair(
            lambda m: modules.MultiheadAttention(
                len(m.out_proj.neurons), m.heads, bias=m.in_proj_bias is not None, batch_first=True
            ),
            lambda m: MultiHeadAttention(
                m.embed_dim, m.num_heads, bias=m.in_proj_bias is not None, rng=0
            ),
            {"dropout": (0.0,), "bias_k": (None,), "bias_v": (None,), "add_zero_attn": (False,)},
        ),
    ),
}
"""By layer: the class of PyTorch's, and how one is made of the other."""


def tensors_of(module: Any) -> dict[str, Any]:
    """What is in `state_dict` on both sides: not the count of batches that BatchNorm has."""
    buffers = [x for x in module.named_buffers() if not x[0].endswith("num_batches_tracked")]
    return dict([*module.named_parameters(), *buffers])


ALONE = (MultiHeadAttention, modules.MultiheadAttention)
"""What has a counterpart by itself only: PyTorch's takes three tensors, and returns two."""


def not_in_a_sequence(layer: Any) -> str:
    """What is wrong with one of these in a sequence."""
    return (
        f"{layer!r} is in a Sequential, where PyTorch's has no place, since it is called as"
        " attention(rows, rows, rows): give it by itself"
    )
