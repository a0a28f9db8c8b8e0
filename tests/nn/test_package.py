"""The package as a whole."""

import pytest

import nn


def test_everything_named_is_there() -> None:
    assert all(hasattr(nn, name) for name in nn.__all__)
    assert sorted(set(nn.__all__)) == sorted(nn.__all__) == dir(nn)


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(AttributeError, match=r"module 'nn' has no attribute 'fitt'"):
        _ = nn.fitt
