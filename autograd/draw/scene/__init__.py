"""From a graph of Values to a `Scene`: what is drawn, and which numbers it shows.

`rewrites` give the graph another form; `structure` is its shape in plain integers. `uses` finds the
neurons and layers of a model in it, by the `paths` of its parameters and the `readings` of them;
`inputs` the numbers they read; `repeats` the parts of the same shape. `units` says what is folded
into one node and `details` what is drawn together; `assembly` makes a scene of it, in the `parts`
that a scene has, and `summary` one of what is too large. `plan` chooses among them. `numbers` reads
data and gradients for a scene.
"""
