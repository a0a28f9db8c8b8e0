"""A hidden layer with a pluggable activation: deltas and new weights, worked out.

Two inputs, three neurons, a batch of two rows, and a signal from below:
the derivative of some loss in each output. Deltas, the signal upwards
and the new weights are gradients of the sum of signal times output. Try
"tanh" and "relu".
"""

from autograd import Value, dot, draw
from autograd import sum as total
from nn import ACTIVATIONS

ACTIVATION, ALPHA = "sigmoid", 0.01
INPUTS = [[3.0, 2.0], [2.0, 1.0]]
SIGNAL = [[0.1, 0.2, 0.3], [0.2, 0.1, 0.1]]
WEIGHTS = [  # a row for each neuron, the bias last
    [0.08747274, -0.01430365, -0.02422826],
    [-0.13266593, -0.00041423, -0.01598157],
    [-0.02683147, 0.01577013, 0.02105254],
]

activation = ACTIVATIONS[ACTIVATION]
x = [[Value(v, f"row {i}: x{j}") for j, v in enumerate(row, 1)] for i, row in enumerate(INPUTS, 1)]
w = [[Value(v, f"n{i}: w{j}") for j, v in enumerate(row, 1)] for i, row in enumerate(WEIGHTS, 1)]
for i, row in enumerate(w, 1):
    row[-1].label = f"n{i}: bias"

sums = [[dot(neuron[:-1], row) + neuron[-1] for neuron in w] for row in x]
outputs = [[activation(z) for z in row] for row in sums]
loss = total(dot(row, signal) for row, signal in zip(outputs, SIGNAL))
loss.label = "signal · outputs"
loss.backward()


def show(name, rows):
    print(name)
    for row in rows:
        print("   ", " ".join(f"{v:+.8f}" for v in row))


show("outputs", [[y.data for y in row] for row in outputs])
show("deltas", [[z.grad for z in row] for row in sums])
show("signal upwards", [[v.grad for v in row] for row in x])
show("new weights", [[v.data - ALPHA * v.grad for v in row] for row in w])
draw(loss).save("layer.html")
