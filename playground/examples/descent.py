"""From the perceptron to gradient descent: gates, softmax, and three learning rates.

A step neuron is AND, OR or NAND; XOR takes two layers. Then the bowl
w0^2 + w1^2, whose gradient is (2 w0, 2 w1): each step of descent
multiplies the distance by |1 - 2 lr|.
"""

from autograd import Value, draw, grad, softmax

ROWS = [(0, 0), (0, 1), (1, 0), (1, 1)]


def perceptron(bias, w1, w2):
    return lambda x1, x2: int(bias + w1 * x1 + w2 * x2 > 0)


gates = {
    "AND": perceptron(-0.7, 0.5, 0.5),
    "OR": perceptron(-0.2, 0.5, 0.5),
    "NAND": perceptron(0.7, -0.5, -0.5),
}
gates["XOR"] = lambda x1, x2: gates["AND"](gates["NAND"](x1, x2), gates["OR"](x1, x2))
for name, gate in gates.items():
    print(f"{name:<5}", [gate(*row) for row in ROWS])

print("\nsoftmax:", [round(y, 8) for y in softmax([0.5, 1.5, 2.5])])


def bowl(w0, w1):
    return w0**2 + w1**2


print("gradient at (3, 4):", grad(bowl, (0, 1))(3.0, 4.0), "\n")
for lr in (0.1, 0.001, 1.05):
    w = (-3.0, 4.0)
    for _ in range(50):
        w = tuple(x - lr * d for x, d in zip(w, grad(bowl, (0, 1))(*w)))
    print(f"learning rate {lr:<6} after 50 steps: {bowl(*w):.3g}")

w0, w1 = Value(-3.0, "w0"), Value(4.0, "w1")
loss = bowl(w0, w1)
loss.label = "loss"
loss.backward()
draw(loss).save("bowl.html")
