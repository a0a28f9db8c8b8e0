"""Nested structures: apart and together again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, tree

structures = st.recursive(
    st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=3), inner)
    ),
)


@given(structures)
def test_rebuilding_from_the_leaves_changes_nothing(structure: Any) -> None:
    assert tree.rebuild(structure, iter(tree.leaves(structure))) == structure


def test_values_are_leaves() -> None:
    x = Value(1.0)
    assert tree.leaves([x, {"a": (2, x)}]) == [x, 2, x]


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ({"a": [1.0], "c": 2.0}, r"p: expected a dict with the keys \['a', 'b'\], got dict"),
        ({"a": [1.0, 2.0], "b": 2.0}, r"p\['a'\]: expected a list of 1, got list"),
        ({"a": [1.0], "b": [2.0]}, r"p\['b'\]: expected a number, got list"),
        ([1.0], r"p: expected a dict .*, got list"),
    ],
)
def test_a_mismatch_names_the_place(other: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        tree.map_leaves(lambda x, y: x, {"a": [1.0], "b": 2.0}, other, path="p")
