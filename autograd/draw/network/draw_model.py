"""`draw_model`: the diagram of a network, as in textbooks.

`layered` finds the layers in the model, `diagram` writes the picture.
"""

from __future__ import annotations

from typing import Any, get_args

from autograd.draw.arguments import Direction, check_labels, digits, one_of
from autograd.draw.network.diagram import Show, diagram
from autograd.draw.network.layered import layers_of
from autograd.draw.picture import Drawing


def draw_model(
    model: Any,
    *,
    show: Show = "data",
    direction: Direction = "LR",
    precision: int = 3,
) -> Drawing:
    """Draw a network: its units as circles in columns, its weights as lines between them.

    The width and the strength of a line show the size of the weight, its hue and stroke the sign:
    vermillion and solid above zero, blue and dashed below. A unit shows its bias, and a border
    drawn in the same way. Where there is space, weights have their numbers beside them, and those
    with labels their labels. Of more than 16 units in a column, those in the middle are left out.

    Args:
        model: an MLP, a layer, a neuron, or a module with layers in attributes and lists, one after
            the other: anything whose `named_parameters()` have such paths, in this order.
        show: `"data"` for weights and biases themselves, `"gradients"` for their gradients.
        direction: the direction of the network: `"LR"` from left to right, `"RL"`, `"TB"` from top
            to bottom, or `"BT"`.
        precision: the number of significant digits to show, from 1 to 17.

    Returns:
        The drawing. In a notebook it shows itself; elsewhere, `save` or `show` it.

    Raises:
        ValueError: the parameters of the model are not those of layers of neurons, or another
            argument is not one of these.
        TypeError: the model has no `named_parameters()`, `precision` is not an integer, or a label
            is not a string.

    >>> from nn import MLP
    >>> drawing = draw_model(MLP(2, [3, 1], rng=0))
    >>> drawing.source.count(" -> ")  # 2 * 3 + 3 * 1 weights
    9
    """
    one_of("draw_model: show", show, get_args(Show))
    one_of("draw_model: direction", direction, get_args(Direction))
    spec = f".{digits('draw_model: precision', precision)}g"
    layers = layers_of(model)
    check_labels("draw_model", (parameter for _, parameter in model.named_parameters()))
    return Drawing(diagram(layers, show=show, direction=direction, spec=spec))
