"""Programs that run under Pyodide: what the library does there, and what it says."""

HEAD = """
from autograd import Value, draw, grad, jit, value_and_grad
from nn import MLP, SGD, binary_cross_entropy, fit, uniform

X = [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]
T = [0.0, 1.0, 1.0, 0.0]


def network():
    return MLP(
        2, [3, 1], activation="sigmoid", output_activation="sigmoid", init=uniform(0.5), rng=0
    )


def cost(model):
    return binary_cross_entropy([model(row) for row in X], T)


def train(model, f, epochs):
    optimizer = SGD(model.parameters(), lr=5.0)
    for _ in range(epochs):
        loss = f()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [model(row).data for row in X]
"""

# These print the same here and there, but for the last digits of the mathematical functions.
SAME = {
    "xor by the engine": """
model = network()
print(*train(model, lambda: cost(model), 300))
""",
    "xor compiled": """
model = network()
print(*train(model, jit(lambda: cost(model)), 1500))
""",
    "xor by fit": """
model = network()
optimizer = SGD(model.parameters(), lr=5.0)
fit(model, (X, T), loss=binary_cross_entropy, optimizer=optimizer, epochs=1500)
print(*[model(row).data for row in X])
""",
    "draws by keys": """
from autograd import random
key = random.key(7)
print(random.normal(key), random.uniform(key), *random.split(key)[0])
""",
    "draws by seeds": """
import random
from nn import MLP
random.seed(3)
print(random.gauss(0, 1), *[p.data for p in MLP(3, [2], rng=5).parameters()])
""",
    "derivatives of higher order": """
from autograd import hessian, sin
print(hessian(lambda w: sin(w[0]) * w[1] ** 3)([0.5, -2.0]), grad(grad(sin))(1.0))
""",
    "a loop, compiled": """
from autograd import scan
def f(a):
    return scan(lambda c, x: (c * a + x, None), 0.0, [1.0, 2.0, 3.0] * 50)[0]
print(*value_and_grad(f)(0.5), *jit(value_and_grad(f))(0.5))
""",
    "a long program, compiled": """
from autograd import sin
def f(x, y):
    for i in range(3000):
        y = y * x + 0.5 * y - 0.1 if i % 3 else sin(y) * 0.1 + x
    return y
print(*jit(value_and_grad(f))(0.3, 0.2), *value_and_grad(f)(0.3, 0.2))
""",
    "a model, saved": """
import os
from nn import load, save
model, other = network(), network()
train(model, lambda: cost(model), 3)
for _ in range(2):
    save("model.json", model)
load("model.json", other)
assert [p.data for p in model.parameters()] == [p.data for p in other.parameters()]
print(*os.listdir())
""",
    "copies": """
import copy, pickle
y = x = Value(1.0, "x")
for i in range(3000):
    y = y * 1.001
for z in (pickle.loads(pickle.dumps(y)), copy.deepcopy(y)):
    z.backward()
    print(z.data)
""",
    "a check": """
from autograd import tanh
from autograd.testing import gradcheck
print(str(gradcheck(lambda x, y: tanh(x) * y ** 3, (0.5, 2.0))))
""",
}

# The pages are the same to the byte: nothing in them depends on mathematical functions.
DRAWN = {
    "a graph": """
a, b = Value(2.0, "a"), Value(-3.0, "b")
loss = (a * b + 10.0) ** 2
loss.backward()
draw(loss).save("loss.html")
draw(loss).save("loss.html")
""",
    "shown": """
draw(Value(2.0, "x") * 3.0).show()
""",
    "a training": """
from autograd.draw import record
w = Value(1.0, "w")
recording = record()
for _ in range(5):
    loss = (w * 2.0 - 3.0) * (w * 2.0 - 3.0)
    w.grad = 0.0
    loss.backward()
    recording(loss)
    w.data -= 0.125 * w.grad
recording.save("training.html")
""",
}

# What a browser lacks is said, each with what is to be in the message.
SAID = {
    "no numpy": (
        """
import warnings
model = network()
for backend in ("numpy", "native"):
    compiled = jit(lambda: cost(model), backend=backend)
    assert compiled().data == cost(model).data
""",
        ["jit: backend 'numpy' needs numpy", "'native' needs numpy and llvmlite", "program.py:"],
        "",
    ),
    "no Graphviz": (
        'draw(Value(2.0)).save("graph.svg")',
        [],
        "RenderError: the drawing cannot be rendered",
    ),
    "no picture of a network": (
        'from autograd.draw import draw_model\ndraw_model(network()).save("network.dot")\n'
        'draw_model(network()).save("network.png")',
        [],
        "RenderError: the drawing cannot be rendered",
    ),
    "no safetensors": (
        'from nn import save\nsave("model.safetensors", network())',
        [],
        "A file named .json needs nothing",
    ),
    "no threads": (
        "import threading\nthreading.Thread(target=print).start()",
        [],
        "RuntimeError: can't start new thread",
    ),
    "what leaves the graph": (
        "import math\nmath.sin(Value(2.0))",
        ["of program.py: math.sin(x) returns a plain number"],
        "",
    ),
}

# Chains that CPython frees: in WebAssembly their nodes must not be freed from within each other.
DEEP = {
    "a chain": (
        "y = Value(1.0)\nfor i in range(200_000):\n    y = y * 0.5 if i % 2 else y * 2.0\ny = 0\n"
    ),
    "a chain of many operands": (
        "from autograd import dot\ny = Value(1.0)\n"
        "for i in range(50_000):\n    y = dot([y, y, 1.0], [0.5, 0.25, 0.125])\ny = 0\n"
    ),
    "gradients that are Values": (
        "x = Value(1.0)\ny = x\nfor i in range(20_000):\n    y = y * 1.0\n"
        "y.backward(create_graph=True)\nassert x.grad.data == 1.0\ny = x = 0\n"
    ),
    "gone through": (
        "x = Value(1.0)\ny = x\nfor i in range(100_000):\n    y = y + 1.0\ny.backward()\n"
        "assert x.grad == 1.0\n"
    ),
}
