"""Every built-in operation, once: the value rule and the derivative rule side by side.

`definition` says what a primitive is; the other modules define the primitives of the `TABLE`, which
tests, drawing and compiler read. A user-defined primitive needs no entry in it.
"""

from autograd.primitives import (
    activations,
    arithmetic,
    elementary,
    gammas,
    piecewise,
    reductions,
    special,
)
from autograd.primitives.definition import FACTS, Primitive, primitive, select
from autograd.primitives.zero import SYMBOLIC_ZERO

PAGES = (arithmetic, elementary, gammas, piecewise, activations, reductions, special)

TABLE: dict[str, Primitive] = {
    function.primitive.name: function.primitive
    for page in PAGES
    for function in vars(page).values()
    if hasattr(function, "primitive")
}

__all__ = ["FACTS", "PAGES", "SYMBOLIC_ZERO", "TABLE", "Primitive", "primitive", "select"]
