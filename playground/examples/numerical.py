"""Numerical differentiation beside backpropagation: the same, but for the time.

A central difference takes two values of the loss for each parameter;
backpropagation finds all derivatives in one pass. The ratio of the two
grows with the number of parameters: make HIDDEN larger.
"""

import random
from time import perf_counter

from autograd import draw
from nn import MLP, cross_entropy, normal

INPUTS, HIDDEN, ROWS, H = 8, 6, 20, 1e-4

# For odd i one constant, labelled 1; for even i noise, labelled 0.
rng = random.Random(0)
rows, labels = [], []
for i in range(1, ROWS + 1):
    constant = (i % 100) / 10
    rows.append([rng.gauss(0, 1) if i % 2 == 0 else constant for _ in range(INPUTS)])
    labels.append(i % 2)

network = MLP(INPUTS, [HIDDEN, 2], activation="sigmoid", init=normal(0.1), rng=0)
parameters = network.parameters()


def loss(rows=rows, labels=labels):
    return cross_entropy([network(row) for row in rows], labels)


begun = perf_counter()
network.zero_grad()
loss().backward()
backprop = [p.grad for p in parameters]
quick = perf_counter() - begun

begun = perf_counter()
numerical = []
for p in parameters:
    at = p.data
    p.data = at + H
    above = loss().data
    p.data = at - H
    numerical.append((above - loss().data) / (2 * H))
    p.data = at
slow = perf_counter() - begun

print(f"{len(parameters)} parameters, {ROWS} rows")
print("largest difference:", f"{max(abs(a - b) for a, b in zip(backprop, numerical)):.1e}")
print(f"backpropagation {quick:.3f} s, numerically {slow:.3f} s: {slow / quick:.0f} times as long")

draw(loss(rows[:1], labels[:1])).save("one_row.html")
