"""From a graph of Values to a `Scene`: what is drawn, and which numbers it shows.

`graph_rewrites` transforms the graph; `structure` is its shape in plain integers. `uses` finds the
neurons and layers of a model in it, by the `paths` of its parameters and the `readings` of them;
`inputs` finds the numbers they read; `repeats` the parts of the same shape. `units` decides what is
folded into one node and `details` what is drawn together; `assembly` makes a scene of that, with
the `parts` that a scene has, and `summary` that of a graph that is too large. What is too
large is folded further by `coarser`: the turns of loops, which `turns` finds among the `blocks`,
and operations as `formulas`. `plan` chooses among the `foldings`, within `limits`, one of which is
the number of `ranks`. `numbers` reads data and gradients for a
scene; for a picture an operation and its result are `joined`.
"""
