"""Signed numbers as strokes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.draw.dot.scale import AMPLE, DENSE, NEGATIVE, POSITIVE, Range, Scale
from autograd.draw.scene.numbers import Span

numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(numbers, min_size=2), st.sampled_from([AMPLE, DENSE]))
def test_larger_numbers_have_wider_strokes(xs: list[float], strokes: Range) -> None:
    scale = Scale.of([Span(x, x) for x in xs], strokes)
    ordered = sorted(xs, key=abs)
    widths = [scale.width(x) for x in ordered]
    assert widths == sorted(widths)
    assert strokes.thinnest <= widths[0] <= widths[-1] <= strokes.widest
    if ordered[-1]:
        assert widths[-1] == strokes.widest
        assert scale.colour(ordered[-1]) == (POSITIVE if ordered[-1] > 0 else NEGATIVE)


@given(st.lists(numbers, min_size=1))
def test_the_sign_of_even_the_smallest_number_can_be_seen(xs: list[float]) -> None:
    scale = Scale.of([Span(x, x) for x in xs])
    for x in xs:
        if scale.strength(x):
            red, blue = (int(scale.colour(x)[k : k + 2], 16) for k in (1, 5))
            assert (red > blue) == (x > 0)
            assert ("style" in scale.stroke(Span(x, x))) == (x < 0)


def test_a_span_of_both_signs_has_both_colours() -> None:
    stroke = Scale(4.0).stroke(Span(-1.0, 4.0))
    assert stroke["color"] == f"{Scale(4.0).colour(-1.0)}:{POSITIVE}"
    assert float(stroke["penwidth"]) == AMPLE.widest


@pytest.mark.parametrize("span", [None, Span(0.0, 0.0), Span(-0.0, 0.0)])
def test_nothing_and_zero_are_plain(span: Span | None) -> None:
    assert Scale(1.0).stroke(span) == Scale(0.0).stroke(span) == {}


def test_what_is_not_finite_is_outside_of_the_scale() -> None:
    scale = Scale.of([Span(math.nan, math.nan), Span(-3.0, math.inf), None])
    assert scale.largest == 3.0
    assert scale.stroke(Span(math.nan, math.nan)) == scale.stroke(Span(0.0, math.inf)) != {}
