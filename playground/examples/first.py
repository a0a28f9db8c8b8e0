"""The first graph: (a b + c) squared, and how it changes with each number.

Press Run, or Ctrl+Enter. The graph opens at the right: Space plays it,
the arrow keys step. Change a number, or the formula, and run it again.
"""

from autograd import Value, draw

a = Value(2.0, label="a")
b = Value(-3.0, label="b")
c = Value(10.0, label="c")

d = a * b + c
d.label = "d"
loss = d * d
loss.label = "loss"

loss.backward()
for x in (a, b, c):
    print(f"d loss / d {x.label} = {x.grad}")

draw(loss).save("first.html")
