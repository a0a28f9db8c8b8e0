"""From a `Scene` to DOT, the language of Graphviz, and from DOT to a picture.

`writer` writes it, with the `styles` of nodes, the `labels` that hold any text, the `scale` of the
lines and the `legend` that explains them; `rows` keeps neurons in order; `effort` bounds the time
of the layout; `render` runs Graphviz, if necessary the one that is `bundled` with pygraphviz.
"""
