"""Drawing a graph of Values. `help(autograd.draw.draw)` has the arguments of `draw`.

>>> from autograd import Value, draw
>>> a = Value(2.0, "a")
>>> b = a * 3
>>> print(draw(b))  # doctest: +ELLIPSIS
digraph ...

`draw_model` draws a network, `record` a whole training. A drawing is made in steps, each a package
that does not depend on the next:

- `scene` decides what is drawn, and reads data and gradients for it;
- `dot` writes both in the DOT language, and Graphviz renders that;
- `page` makes a web page of both that steps through the graph.

`drawing` joins them behind `draw`, `recording` behind `record`; `picture` is what they return and
`showing` where it is seen; `sizes` says what can be read on a slide or on paper; `moment` separates
their numbers from those of later steps. `network` draws networks. `arguments` checks what all are
given.
"""

from autograd.callable_package import make_callable
from autograd.draw.drawing import draw
from autograd.draw.network.draw_model import draw_model
from autograd.draw.picture import Drawing
from autograd.draw.recording import Recording, record

__all__ = ["Drawing", "Recording", "draw", "draw_model", "record"]

make_callable(__name__, draw)
