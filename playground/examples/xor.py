"""XOR by a 2-3-1 network, and the matrix formulas that the engine finds alone.

In matrix form, with N rows: dz2 = y - t, dW2 = a1^T dz2, and db2 is the
column sums of dz2. A gradient has the shape of its parameter; the
product with a transpose is the sum over the rows. Here nobody writes
them down, and a training is recorded: press Play in the page.
"""

from autograd import jit
from autograd.draw import record
from nn import MLP, SGD, binary_cross_entropy, uniform

X = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
T = [0.0, 1.0, 1.0, 0.0]
EPOCHS = 600

network = MLP(
    2, [3, 1], activation="sigmoid", output_activation="sigmoid", init=uniform(0.5), rng=0
)


@jit
def cost():
    return binary_cross_entropy([network(row) for row in X], T)


# The formulas, and the engine: the mean over the rows divides by N.
cost().backward()
hidden, output = network.layers
activations = [[h.data for h in hidden(row)] for row in X]
dz2 = [network(row).data - t for row, t in zip(X, T)]
dW2 = [sum(a1[j] * d for a1, d in zip(activations, dz2)) / len(X) for j in range(3)]
print("dW2 by a1^T dz2:", [round(d, 9) for d in dW2])
print("    the engine: ", [round(w.grad, 9) for w in output.neurons[0].weights])

optimizer = SGD(network.parameters(), lr=5.0)
recording = record(model=network, boundary=(network, X, T), every=25, title="XOR")
for _ in range(EPOCHS):
    loss = cost()
    optimizer.zero_grad()
    loss.backward()
    recording(cost)
    optimizer.step()

print(f"\nloss {loss.data:.4f} after {EPOCHS} epochs")
for row, t in zip(X, T):
    print(row, "->", f"{network(row).data:.3f}", "target", t)
recording.save("xor.html")
