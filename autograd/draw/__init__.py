"""Drawing a graph of Values: what is computed from what, with data and gradients.

A drawing is made in steps, each a package that knows nothing of the next:

- `scene` decides what is drawn, and reads data and gradients for it;
- `dot` writes both in the DOT language and has Graphviz make a picture of that;
- `page` makes a web page of both that goes through the graph step by step.

`drawing` joins them behind `draw`, and `recording` does so for a whole training; `moment` keeps its
numbers apart from those of later steps. `network` draws a network rather than a graph. `arguments`
are checked alike in all of them. `from autograd import draw` is the function `draw`, too.

>>> from autograd import Value
>>> a = Value(2.0, "a")
>>> b = a * 3
>>> print(draw(b))  # doctest: +ELLIPSIS
digraph ...
"""

from autograd.callable_package import make_callable
from autograd.draw.drawing import Drawing, draw
from autograd.draw.network.draw_model import draw_model
from autograd.draw.recording import Recording, record

__all__ = ["Drawing", "Recording", "draw", "draw_model", "record"]

make_callable(__name__, draw)
