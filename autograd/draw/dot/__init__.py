"""From a `Scene` to DOT, the language of Graphviz, and from DOT to a picture.

`writer` writes it, with the `looks` of nodes, the `labels` that hold any text, the `scale` of the
lines and the `legend` that explains them; neurons stand in `rows`; `effort` bounds the time of the
layout; `render` has Graphviz make the picture, if need be with the one that is `bundled` with
pygraphviz.
"""
