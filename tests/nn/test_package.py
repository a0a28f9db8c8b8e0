"""The package as a whole."""

import nn


def test_everything_named_is_there() -> None:
    assert all(hasattr(nn, name) for name in nn.__all__)
    assert sorted(set(nn.__all__)) == sorted(nn.__all__)
