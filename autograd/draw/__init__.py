"""Drawing a graph of Values: what is computed from what, with data and gradients.

A drawing is made in steps, each a file that knows nothing of the next:

- `rewrites` give the graph another form; `structure` is its shape in plain integers;
- `uses` finds the neurons and layers of a model in it, `repeats` the parts of the same shape;
- `details` says what is drawn together, `assembly` makes a `scene` of it, `summary` one of what is
  too large; `plan` chooses among them;
- `numbers` reads data and gradients for a scene;
- `dot` writes both in the DOT language and `render` has Graphviz make a picture of that, or `page`
  makes a web page that goes through the graph step by step.

`draw` joins them behind `Drawing`. `record` does the same for a whole training, and `draw_model`
draws a network rather than a graph.

>>> from autograd import Value
>>> a = Value(2.0, "a")
>>> b = a * 3
>>> print(draw(b))  # doctest: +ELLIPSIS
digraph ...
"""

from autograd.draw.drawing import Drawing, draw
from autograd.draw.network.draw_model import draw_model
from autograd.draw.recording import Recording, record

__all__ = ["Drawing", "Recording", "draw", "draw_model", "record"]
