"""The diagram of a network: units in columns, weights as lines.

`layered` finds the layers of a model by the paths of its parameters, `placement` places the units,
`diagram` draws them, and `draw_model` is the public function.
"""
