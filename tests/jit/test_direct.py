"""Calls that go from the arguments to a machine and from there to the result, nothing between."""

import copy
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from installed import BACKENDS

import autograd
from autograd import jit, value_and_grad
from autograd.jit.calls.specialisation import Path

arrays_compute = pytest.mark.parametrize("backend", [b for b in BACKENDS if b != "python"])
floats = st.floats(-3.0, 3.0)
arguments = st.recursive(
    floats,
    lambda inner: st.one_of(
        st.lists(floats, min_size=1, max_size=40),
        st.lists(st.tuples(floats, floats), min_size=1, max_size=20),
        st.tuples(inner, inner),
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=2),
        st.builds(
            lambda n, k, x: np.linspace(x, x + 1.0, n * k).reshape(n, k),
            *[st.integers(1, 5)] * 2,
            floats,
        ),
        st.builds(lambda n, x: np.linspace(x, x + 1.0, 2 * n)[::2], st.integers(1, 40), floats),
    ),
    max_leaves=6,
)


def numbers_of(x: Any) -> list[Any]:
    """The numbers in a structure, in order."""
    if isinstance(x, dict):
        return [number for key in x for number in numbers_of(x[key])]
    if isinstance(x, list | tuple | np.ndarray):
        return [number for part in x for number in numbers_of(part)]
    return [x]


def moved(x: Any, step: float) -> Any:
    """The same structure of other numbers."""
    if isinstance(x, dict):
        return {key: moved(part, step) for key, part in x.items()}
    return type(x)(moved(part, step) for part in x) if isinstance(x, list | tuple) else x + step


def program(x: Any) -> Any:
    total: Any = 0.0
    for i, number in enumerate(numbers_of(x)):
        total = total + autograd.exp(number * 0.5) * (i + 1.0) + number * number
    return total


def same(found: Any, expected: Any) -> None:
    """Equal, of the same classes."""
    assert type(found) is type(expected)
    if isinstance(expected, np.ndarray):
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    elif isinstance(expected, list | tuple | dict):
        assert len(found) == len(expected)
        for one, other in zip(numbers_of(found), numbers_of(expected), strict=True):
            assert one == pytest.approx(other, rel=1e-12)
    else:
        assert found == pytest.approx(expected, rel=1e-12)


@arrays_compute
@given(x=arguments)
def test_results_are_those_of_plain_and_nobody_writes_over_them(backend: str, x: Any) -> None:
    plain = value_and_grad(program)
    fast = jit(plain, backend=backend)
    for _ in range(4):  # until it is compiled, and has an entry
        first = fast(x)
    kept, given = copy.deepcopy(first), copy.deepcopy(x)
    for step in (0.25, -0.5):
        other = moved(x, step)
        for found, expected in zip(fast(other), plain(other), strict=True):
            same(found, expected)
    for found, expected, was in zip(first, plain(x), kept, strict=True):
        same(found, expected)
        assert numbers_of(found) == numbers_of(was)
    assert numbers_of(x) == numbers_of(given)
    with pytest.raises(OverflowError):
        fast(moved(x, 2000.0))
    for found, was in zip(fast(x), kept, strict=True):
        assert numbers_of(found) == numbers_of(was)


def unaligned(x: Any) -> Any:
    """The same numbers at an odd address."""
    there = np.zeros(x.nbytes + 1, np.uint8)[1:].view(np.float64).reshape(x.shape)
    there[...] = x
    return there


class Other(np.ndarray):
    """An array of another class."""


FORMS = {
    "Fortran": np.asfortranarray,
    "backwards": lambda x: x[::-1],
    "every other": lambda x: np.repeat(x, 2, axis=0)[::2],
    "unaligned": unaligned,
    "single precision": lambda x: x.astype(np.float32),
    "integers": lambda x: (10 * x).astype(int),
    "other bytes": lambda x: x.astype(">f8"),
    "another class": lambda x: x.view(Other),
    "objects": lambda x: x.astype(object),
    "lists": lambda x: x.tolist(),
    "flat": lambda x: x.ravel(),
    "more dimensions": lambda x: x[None],
    "more dimensions behind": lambda x: x[..., None],
    "fewer rows": lambda x: x[:2],
    "infinite": lambda x: np.where(x == x.max(), np.inf, x),
}


@arrays_compute
@pytest.mark.filterwarnings("ignore:jit. .* float32:RuntimeWarning")
@pytest.mark.parametrize("form", FORMS)
def test_an_array_of_another_form_is_what_it_is_to_plain(backend: str, form: str) -> None:
    plain = value_and_grad(program)
    fast = jit(plain, backend=backend)
    x = np.linspace(-1.0, 1.0, 9).reshape(3, 3)
    for _ in range(4):
        fast(x)
    other = FORMS[form](x)
    for _ in range(4):
        outcomes = []
        for f in (fast, plain):
            try:
                outcomes.append(f(other))
            except (ArithmeticError, TypeError, ValueError) as error:
                outcomes.append(type(error))
        if isinstance(outcomes[1], type):
            assert outcomes[0] is outcomes[1]
        else:
            for found, expected in zip(*outcomes, strict=True):
                same(found, expected)
    same(fast(x)[1], plain(x)[1])


@arrays_compute
def test_nothing_is_between_an_array_and_the_machine(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = value_and_grad(program)
    fast = jit(plain, backend=backend)
    x = np.linspace(0.0, 1.0, 50)
    for _ in range(4):
        fast(x)
    asked = []
    run = Path.run
    monkeypatch.setattr(Path, "run", lambda *args: asked.append(args) or run(*args))
    for other in (x + 0.1, np.repeat(x, 2)[::2]):
        same(fast(other)[1], plain(other)[1])
    assert not asked
    with pytest.raises(OverflowError):
        fast(x + 2000.0)


@arrays_compute
def test_threads_have_machines_of_their_own(backend: str) -> None:
    plain = value_and_grad(program)
    fast = jit(plain, backend=backend)
    points = [np.linspace(k, k + 1.0, 60) for k in range(4)]
    expected = [plain(x)[1] for x in points]
    for _ in range(4):
        fast(points[0])
    wrong = []

    def call(k: int) -> None:
        for _ in range(200):
            if not np.allclose(fast(points[k])[1], expected[k], rtol=1e-12):
                wrong.append(k)

    threads = [threading.Thread(target=call, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
