"""Random programs together with points at which no step of theirs is near a corner.

Hypothesis likes 0, 1 and equal numbers, where corners are: a property that rejects such draws loses
a third of them, and with bad luck so many in a row that the health check ends it.
"""

from itertools import islice
from typing import Any

from hypothesis import strategies as st

from autograd.testing.programs.expressions import Expression, Step
from autograd.testing.strategies import expressions, on_from

Point = tuple[float, float]

TURNS = 20


@st.composite
def smooth_programs(
    draw: st.DrawFn, points: int = 1, within: float = 2.0, **options: Any
) -> tuple[Any, ...]:
    """A program of two inputs, and points that are drawn, or else lie where those lead to.

    A program that has none of these (`relu(x - x)`) gives way to a sum.
    """
    program = draw(expressions(within=within, **options))
    coordinate = st.floats(-within, within)
    drawn = draw(st.lists(st.tuples(coordinate, coordinate), min_size=points, max_size=points))
    found = [smooth_point(program, at, within) for at in drawn]
    if None in found:
        return Expression(2, [Step("add", (0, 1))]), *drawn
    return program, *found


def smooth_point(program: Expression, at: Point, within: float) -> Point | None:
    """The point, or the first one on its way through the square at which the program is smooth."""
    way = islice(on_from(at, [(-within, within)] * 2), TURNS)
    return next(((x, y) for x, y in way if program.is_smooth_at((x, y))), None)
