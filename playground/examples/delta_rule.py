"""The delta rule by hand, and two slips in it that a check of gradients finds.

A published listing leaves the factor d_o out of the hidden deltas, and
moves the hidden biases by d_o in place of d_m. Both are in `backprop`
here: read what gradcheck says, then mend them.
"""

from math import exp

from autograd import GradientError, Value, draw
from autograd import sigmoid as sigmoid_of_values
from autograd.testing import gradcheck

ROW, TARGET = (1.0, 1.0), 0.0


def sigmoid(x):
    return sigmoid_of_values(x) if isinstance(x, Value) else 1 / (1 + exp(-x))


def forward(net):
    hidden = [sigmoid(w1 * ROW[0] + w2 * ROW[1] + b) for w1, w2, b in net["hidden"]]
    w1, w2, w3, b = net["output"]
    return hidden, sigmoid(w1 * hidden[0] + w2 * hidden[1] + w3 * hidden[2] + b)


def loss(net):
    _, o = forward(net)
    return (o - TARGET) ** 2 / 2


def backprop(net):
    hidden, o = forward(net)
    d_o = (o - TARGET) * o * (1 - o)
    by_neuron = []
    for m, w in zip(hidden, net["output"]):
        d_m = w * m * (1 - m)  # slip one: d_o * w * m * (1 - m)
        by_neuron.append([d_m * ROW[0], d_m * ROW[1], d_o])  # slip two: d_m is the bias's
    return {"hidden": by_neuron, "output": [d_o * m for m in hidden] + [d_o]}


net = {
    "hidden": [[0.5, -0.75, 0.25], [-1.0, 0.5, 0.125], [0.75, 1.0, -0.5]],
    "output": [1.0, -0.5, 0.75, -0.25],
}
try:
    print(gradcheck(loss, [net], derivative=backprop))
except GradientError as error:
    print(error)

# The engine needs no derivation: the same loss, on Values.
labelled = {
    "hidden": [
        [Value(x, f"h{i}.{name}") for name, x in zip(("w1", "w2", "bias"), row)]
        for i, row in enumerate(net["hidden"], start=1)
    ],
    "output": [Value(x, f"y.{n}") for n, x in zip(("w1", "w2", "w3", "bias"), net["output"])],
}
error = loss(labelled)
error.label = "error"
error.backward()
draw(error).save("delta_rule.html")
