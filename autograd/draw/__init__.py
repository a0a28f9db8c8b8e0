"""Drawing a graph of Values: what is computed from what, with data and gradients.

Three steps, each a file that knows nothing of the next: `scene` says what the picture contains,
`dot` writes it in the DOT language, `render` has Graphviz make a picture of that. `drawing` joins
them behind `draw` and `Drawing`.

>>> from autograd import Value
>>> a = Value(2.0, "a")
>>> b = a * 3
>>> print(draw(b))  # doctest: +ELLIPSIS
digraph ...
"""

from autograd.draw.drawing import Drawing, draw

__all__ = ["Drawing", "draw"]
