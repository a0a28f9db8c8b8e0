"""The diagram of a network: units in columns, weights as lines.

`layered` finds the layers of a model by the paths of its parameters, `columns` places the units,
`diagram` says how they are drawn, and `draw_model` is what users call.
"""
