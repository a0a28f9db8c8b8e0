"""Nested structures: apart and together again."""

from typing import Any

import numpy as np
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
    assert tree.unflatten(tree.flatten(structure)[1], tree.leaves(structure)) == structure


def test_arrays_are_structures_and_keep_their_shape() -> None:
    array = np.arange(6.0).reshape(2, 3)
    doubled = tree.map_leaves(lambda x, y: x + y, {"w": array}, {"w": array})
    assert doubled["w"].dtype == float
    np.testing.assert_array_equal(doubled["w"], 2 * array)
    values = tree.map_leaves(Value, array)
    assert values.shape == (2, 3)
    assert tree.leaves(values) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert tree.map_leaves(float, np.array([])).dtype == float


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
        (np.zeros((1, 2)), r"p: expected a dict .*, got ndarray"),
    ],
)
def test_a_mismatch_names_the_place(other: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        tree.map_leaves(lambda x, y: x, {"a": [1.0], "b": 2.0}, other, path="p")


def test_arrays_of_other_shapes_do_not_match() -> None:
    with pytest.raises(ValueError, match=r"p: expected an array of shape \(2, 3\), got "):
        tree.map_leaves(lambda x, y: x, np.zeros((2, 3)), np.zeros((3, 2)), path="p")
