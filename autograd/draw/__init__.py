"""Drawing a graph of Values. `help(autograd.draw.draw)` has the arguments of `draw`.

>>> from autograd import Value, draw
>>> a = Value(2.0, "a")
>>> b = a * 3
>>> print(draw(b))  # doctest: +ELLIPSIS
digraph ...

`draw_model` draws a network, `record` a whole training. A drawing is made in steps, each a package
that knows nothing of the next:

- `scene` decides what is drawn, and reads data and gradients for it;
- `dot` writes both in the DOT language and has Graphviz make a picture of that;
- `page` makes a web page of both that goes through the graph step by step.

`drawing` joins them behind `draw`, `recording` behind `record`; `moment` keeps their numbers apart
from those of later steps. `network` draws networks. `arguments` are checked alike in all of them.
"""

from autograd.callable_package import make_callable
from autograd.draw.drawing import Drawing, draw
from autograd.draw.network.draw_model import draw_model
from autograd.draw.recording import Recording, record

__all__ = ["Drawing", "Recording", "draw", "draw_model", "record"]

make_callable(__name__, draw)
