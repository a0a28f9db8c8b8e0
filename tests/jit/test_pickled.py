"""Compiled functions are pickled and copied."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from functools import partial
from typing import Any

import cloudpickle
import pytest

from autograd import grad
from autograd.jit import jit


def cube(x: Any) -> Any:
    return x**3


def scaled(rate: float, x: Any) -> Any:
    return rate * x


@jit(backend="numpy")
def square(x: Any) -> Any:
    return x * x


class Scale:
    def __init__(self, rate: float) -> None:
        self.rate = rate

    def by(self, x: Any) -> Any:
        return self.rate * x

    def __call__(self, x: Any) -> Any:
        return self.rate * x

    @jit
    def compiled(self, x: Any) -> Any:
        return self.rate * x


renamed = jit(cube, backend="numpy")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (renamed, 8.0),
        (jit(cube), 8.0),
        (square, 4.0),
        (jit(partial(scaled, 3.0), backend="python"), 6.0),
        (jit(Scale(3.0).by), 6.0),
        (jit(Scale(3.0)), 6.0),
        (Scale(3.0).compiled, 6.0),
    ],
)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_what_has_a_name_is_pickled(made: Any, expected: float, protocol: int) -> None:
    for _ in range(2):
        found = pickle.loads(pickle.dumps(made, protocol))
        assert found(2.0) == found(2.0) == expected == made(2.0)
        assert getattr(found, "_options", "") == getattr(made, "_options", "")


def test_a_decorated_function_is_the_same_one_afterwards() -> None:
    assert pickle.loads(pickle.dumps(square)) is square
    assert copy.deepcopy(renamed) is copy.copy(renamed) is renamed


@pytest.mark.parametrize("f", [cube, lambda x: x])
def test_a_derivative_says_what_to_do(f: Any) -> None:
    made = jit(grad(f))
    text = rf"grad\({f.__name__}\) cannot be pickled.*compile a function that calls.*cloudpickle"
    with pytest.raises(pickle.PicklingError, match=text):
        pickle.dumps(made)
    assert cloudpickle.loads(cloudpickle.dumps(made))(2.0) == made(2.0)


def test_a_function_without_a_name_says_what_to_do() -> None:
    rate = 3.0
    made = jit(lambda x: rate * x, backend="numpy")
    with pytest.raises(pickle.PicklingError, match="cloudpickle"):
        pickle.dumps(made)
    found = cloudpickle.loads(cloudpickle.dumps(made))
    assert found(2.0) == found(2.0) == 6.0
    assert found._options.backend == "numpy"


def test_cloudpickle_takes_it_to_another_process(tmp_path: Any) -> None:
    rate = 3.0
    made = jit(lambda x: rate * x)
    assert made(2.0) == 6.0
    (tmp_path / "f").write_bytes(cloudpickle.dumps(made))
    code = "import pickle, sys; print(pickle.load(open(sys.argv[1], 'rb'))(2.0))"
    command = [sys.executable, "-c", code, str(tmp_path / "f")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "6.0\n"


class Owner:
    """Keeps what is compiled of a method of its own, and of an object."""

    def __init__(self) -> None:
        self.rate = 1.0
        self.scale = Scale(1.0)
        self.by = jit(self._by, backend="python")
        self.scaled = jit(self.scale, backend="python")

    def _by(self, x: Any) -> Any:
        return self.rate * x


def test_a_copy_in_depth_goes_with_the_copied_object() -> None:
    owner = Owner()
    assert (owner.by(3.0), owner.scaled(3.0)) == (3.0, 3.0)
    copied = copy.deepcopy(owner)
    copied.rate = copied.scale.rate = 5.0
    assert (copied.by(3.0), copied.scaled(3.0)) == (15.0, 15.0)
    assert (owner.by(3.0), owner.scaled(3.0)) == (3.0, 3.0)
    again = copy.deepcopy(owner.by)
    owner.rate = 2.0
    assert (owner.by(3.0), again(3.0)) == (6.0, 3.0)
