"""Networks to ONNX: `to_onnx` writes what a trained network computes for other programs to run.

The model is for inference: dropout is left out, and nothing is differentiated. Its input `inputs`
has shape (batch, inputs of the network), its output `outputs` shape (batch, outputs), where a
network with one output returns its number itself. Parameters have the names that `state_dict`
gives them. This module needs onnx; onnxruntime, a browser or a phone runs the file.

Source: the operators of https://onnx.ai/onnx/operators, opset 17.

>>> from nn import MLP
>>> from nn.onnx import to_onnx
>>> model = to_onnx(MLP(2, [3, 1], activation="tanh", rng=0))
>>> [node.op_type for node in model.graph.node]
['Gemm', 'Tanh', 'Gemm']
>>> [parameter.name for parameter in model.graph.initializer]
['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias']
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import autograd
from autograd.extras import missing
from autograd.files import AnyPath, write_whole
from autograd.number import describe
from nn.activation_names import ACTIVATIONS, ROW_ACTIVATIONS, activation_name, identity, step
from nn.batch_norm import BatchNorm
from nn.dropout import Dropout
from nn.module import Module
from nn.stages import Around, Each, Sums, stages
from nn.tensors import numbers, shape, tensors

try:
    import onnx
    from onnx import helper
except ImportError as error:
    raise ImportError(missing("nn.onnx", "onnx", ["onnx"])) from error

__all__ = ["to_onnx"]

OPSET, IR = 17, 8  # those of 2022: what has been published since then reads them
TYPES = {"float64": onnx.TensorProto.DOUBLE, "float32": onnx.TensorProto.FLOAT}

LARGEST = (2 - 2**-23) * 2.0**127  # of float32

_REMEDY = "; torch.onnx.export(nn.torch.to_torch(model), ...) writes layers that PyTorch has"

_Node = Callable[..., str]


def _gelu(node: _Node, x: str) -> str:
    """`x (1 + erf(x / sqrt 2)) / 2`, which from -100 down is 0, of minus infinity too."""
    share = node("Add", 1.0, node("Erf", node("Mul", x, 0.5**0.5)))
    return node("Mul", node("Max", x, -100.0), node("Mul", 0.5, share))


_OPERATORS: dict[Any, Callable[[_Node, str], str]] = {
    identity: lambda node, x: x,
    step: lambda node, x: node("Relu", node("Sign", x)),
    autograd.sigmoid: lambda node, x: node("Sigmoid", x),
    autograd.tanh: lambda node, x: node("Tanh", x),
    autograd.relu: lambda node, x: node("Relu", x),
    # The slope of ONNX's own LeakyRelu is a float32; its Elu, Softplus and Softsign are, in
    # onnxruntime, of float32 alone.
    autograd.leaky_relu: lambda node, x: node("Max", x, node("Mul", x, 0.01)),
    autograd.elu: lambda node, x: node(
        "Add", node("Relu", x), node("Sub", node("Exp", node("Min", x, 0.0)), 1.0)
    ),
    autograd.gelu: _gelu,
    autograd.silu: lambda node, x: node("Mul", x, node("Sigmoid", x)),
    autograd.softplus: lambda node, x: node(
        "Add",
        node("Relu", x),
        node("Log", node("Add", node("Exp", node("Neg", node("Abs", x))), 1.0)),
    ),
    autograd.softsign: lambda node, x: node("Div", x, node("Add", node("Abs", x), 1.0)),
    autograd.softmax: lambda node, x: node("Softmax", x, axis=-1),
    autograd.log_softmax: lambda node, x: node("LogSoftmax", x, axis=-1),
}
"""By activation: adds the operators that compute it to a graph, and returns their output's name."""


def to_onnx(model: Any, path: AnyPath | None = None, *, dtype: str = "float64") -> Any:
    """The ONNX model that computes what a network does, for any number of rows at once.

    Args:
        model: an `MLP`, a `Layer`, or a `Sequential` or `Residual` of these, of activations, of
            `Dropout` and of `BatchNorm`.
        path: a file to write it to; none by default.
        dtype: of parameters, inputs and outputs: `"float64"`, in which onnxruntime's outputs agree
            with ours to rounding, or `"float32"`, which is smaller, runs everywhere, and agrees to
            seven digits.

    Returns:
        The `onnx.ModelProto`.

    Raises:
        TypeError: a module or an activation has no counterpart in ONNX, or computes something else
            than its class does; in float64 so has gelu, for which onnxruntime has no erf.
        ValueError: a layer takes another number of inputs than there are, the model has no layer,
            or `dtype` is unknown.
        OSError: the file cannot be written.
    """
    if not isinstance(dtype, str) or dtype not in TYPES:
        raise ValueError(f"to_onnx: dtype must be one of {', '.join(TYPES)}, got {describe(dtype)}")
    graph = _Graph(model, dtype)
    graph.add(model, "inputs")
    if graph.first is None:
        raise ValueError("to_onnx: the model has no Layer: how many inputs it takes is not known")
    graph.nodes[-1].output[0] = "outputs"
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            type(model).__name__,
            [helper.make_tensor_value_info("inputs", graph.type, ["batch", graph.first])],
            [helper.make_tensor_value_info("outputs", graph.type, ["batch", graph.width])],
            graph.tensors,
        ),
        producer_name="chainrule",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR,
    )
    onnx.checker.check_model(made, full_check=True)
    if path is not None:
        write_whole(path, made.SerializeToString())
    return made


class _Graph:
    """The operators and tensors of a model, as they are added."""

    def __init__(self, model: Any, dtype: str) -> None:
        self.type = TYPES[dtype]
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []
        self.first: int | None = None  # numbers in a row of inputs
        self.width: int | None = None  # in a row of what there is so far
        named = tensors(model).items() if isinstance(model, Module) else ()
        self._names = {(*map(id, numbers(x)), shape(x)): name for name, x in named}
        self._known: set[str] = set()

    def add(self, model: Any, x: str) -> str:
        """Add what a module computes of a tensor; the name of the result."""
        for stage in stages(model, "to_onnx", remedy=_REMEDY):
            if isinstance(stage, Sums):
                x = self._sums(stage.layer, x)
            elif isinstance(stage, Around):
                x = self._around(stage.module, x)
            elif isinstance(stage, Each):
                x = self._each(stage.function, x)
            elif isinstance(stage, BatchNorm):
                x = self._normalised(stage, x)
            else:
                assert isinstance(stage, Dropout)  # which is nothing in inference
        return x

    def node(self, operator: str, *inputs: str | float, **attributes: Any) -> str:
        """Add an operator; the name of its output."""
        names = [x if isinstance(x, str) else self._tensor(f"number {x}", (), [x]) for x in inputs]
        output = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, names, [output], **attributes))
        return output

    def _sums(self, layer: Any, x: str) -> str:
        neurons = layer.neurons
        counts = {len(neuron.weights) for neuron in neurons}
        if len(counts) != 1:
            raise ValueError(
                f"to_onnx: {layer!r}: expected as many weights in each neuron, got"
                f" {', '.join(map(str, sorted(counts)))}"
            )
        nout, nin = len(neurons), *counts
        self._takes(layer, nin)
        self.width = nout
        parameters: list[tuple[list[Any], tuple[int, ...]]]
        parameters = [([w for neuron in neurons for w in neuron.weights], (nout, nin))]
        biases = [neuron.bias for neuron in neurons]
        if any(bias is not None for bias in biases):
            parameters.append(([0.0 if bias is None else bias for bias in biases], (nout,)))
        return self.node("Gemm", x, *(self._parameter(*p) for p in parameters), transB=1)

    def _takes(self, layer: Any, count: int) -> None:
        if self.width not in (None, count):
            raise ValueError(f"to_onnx: {layer!r} takes {count} inputs, but there are {self.width}")
        self.first = self.first or count

    def _normalised(self, norm: BatchNorm, x: str) -> str:
        """By the running statistics; the `epsilon` of ONNX's own operator is a float32."""
        count = len(norm.weight)
        self._takes(norm, count)
        self.width = count
        kept = norm.running_mean, norm.running_var, norm.weight, norm.bias
        mean, var, weight, bias = (self._parameter(list(values), (count,)) for values in kept)
        size = self.node("Sqrt", self.node("Add", var, norm.eps))
        scaled = self.node("Div", self.node("Sub", x, mean), size)
        return self.node("Add", self.node("Mul", scaled, weight), bias)

    def _around(self, module: Any, x: str) -> str:
        before, inside = self.width, self.add(module, x)
        before = before or self.first  # of the first layer, which may be in here
        if self.width != before:
            raise ValueError(
                f"to_onnx: Residual: expected as many outputs as inputs, {before}, got {self.width}"
            )
        return self.node("Add", x, inside)

    def _parameter(self, values: list[Any], size: tuple[int, ...]) -> str:
        name = self._names.get((*map(id, values), size), f"parameter {len(self.tensors)}")
        return self._tensor(name, size, [float(value) for value in values])

    def _tensor(self, name: str, size: tuple[int, ...], content: list[float]) -> str:
        if name not in self._known:
            self._known.add(name)
            large = next((x for x in content if LARGEST < abs(x) < math.inf), None)
            if large is not None and self.type == TYPES["float32"]:
                raise ValueError(f"to_onnx: {name}: {large!r} is beyond float32")
            self.tensors.append(helper.make_tensor(name, self.type, size, content))
        return name

    def _each(self, function: Any, x: str) -> str:
        add = _OPERATORS.get(function) if callable(getattr(function, "__hash__", None)) else None
        if add is None:
            named = {**ACTIVATIONS, **ROW_ACTIVATIONS}
            name = getattr(function, "__name__", None)
            raise TypeError(
                f"to_onnx: {activation_name(function)} has no counterpart"
                + (
                    f": write activation={name!r}"  # a function of NumPy, say
                    if name in named
                    else f"; those that have are {', '.join(named)}"
                )
            )
        if function is autograd.gelu and self.type == TYPES["float64"]:
            raise TypeError(
                "to_onnx: 'gelu' has no counterpart in float64: onnxruntime has no erf there; write"
                " dtype='float32'"
            )
        return add(self.node, x)
