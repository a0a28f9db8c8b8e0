"""The graphs that the pages of the tests show, with what the engine says of them."""

from __future__ import annotations

from collections.abc import Iterator

from autograd import Value
from autograd.flow import pullback
from autograd.graph import topological_order
from nn import MLP, binary_cross_entropy, uniform

ROWS = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
TARGETS = [0.0, 1.0, 1.0, 0.0]


def xor_network() -> MLP:
    return MLP(
        2, [3, 1], activation="sigmoid", output_activation="sigmoid", init=uniform(0.5), rng=7
    )


def xor_loss(network: MLP) -> Value:
    """The loss of one row, with gradients."""
    loss: Value = binary_cross_entropy(network([Value(1.0, "x1"), Value(0.0, "x2")]), 1.0)
    loss.label = "loss"
    loss.backward()
    return loss


def forward(loss: Value) -> Iterator[dict[str, float]]:
    """The data known at the start, and after each operation: by the name of the node."""
    order = topological_order(loss)
    known = {f"n{i}": value.data for i, value in enumerate(order) if value.primitive is None}
    yield dict(known)
    for i, value in enumerate(order):
        if value.primitive is not None:
            known[f"n{i}"] = value.data
            yield dict(known)


def backward(loss: Value) -> Iterator[dict[str, float]]:
    """The gradients there are once the output has its own, and after each operation backwards."""
    order = topological_order(loss)
    name = {value: f"n{i}" for i, value in enumerate(order)}
    known = {name[loss]: 1.0}
    yield dict(known)
    for value in reversed(order):
        if value.primitive is None:
            continue
        for operand, flow in zip(value.operands, pullback(value, known[name[value]]), strict=True):
            if isinstance(operand, Value):
                known[name[operand]] = known.get(name[operand], 0.0) + float(flow)
        yield dict(known)
