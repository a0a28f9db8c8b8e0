"""Numbers in nested lists as arrays: all that are floats, and nothing else."""

from __future__ import annotations

import gc
import math
import sys
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from installed import BACKENDS

from autograd import Value, grad, value_and_grad
from autograd.jit import jit
from autograd.jit.programs.program import GuardFailure

np = pytest.importorskip("numpy")
from autograd.jit.arrays import nested_lists  # noqa: E402 - it imports NumPy

READERS: dict[str, Any] = {"numpy": nested_lists.array_reader}
if "native" in BACKENDS:
    from autograd.jit.native import nested_lists as native

    READERS["native"] = native.array_reader

of_all_readers = pytest.mark.parametrize("array_reader", READERS.values(), ids=READERS)
REFUSALS = (GuardFailure, ValueError)

levels = st.lists(
    st.tuples(st.sampled_from([list, tuple]), st.integers(1, 4)), min_size=1, max_size=4
)


def nested(levels: list[tuple[type, int]], numbers: Any) -> Any:
    (kind, length), *inside = levels
    return kind([nested(inside, numbers) if inside else next(numbers) for _ in range(length)])


def size(levels: list[tuple[type, int]]) -> int:
    return math.prod(length for _, length in levels)


@of_all_readers
@given(levels=levels, data=st.data())
def test_the_numbers_are_those_of_the_lists(array_reader: Any, levels: Any, data: Any) -> None:
    read = array_reader(levels)
    floats = data.draw(st.lists(st.floats(), min_size=size(levels), max_size=size(levels)))
    found = read(nested(levels, iter(floats)))
    assert found.tobytes() == np.array(floats, float).tobytes()


class Mine(float):
    pass


@of_all_readers
@pytest.mark.parametrize("place", [0, 1, 5])
@pytest.mark.parametrize(
    "other", [1, True, None, "1.0", Value(1.0), Mine(1.0), np.float64(1.0), [1.0], 10**400, 1j]
)
def test_anything_but_a_float_is_refused(other: Any, place: int, array_reader: Any) -> None:
    read = array_reader([(list, 3), (list, 2)])
    numbers: list[Any] = [1.0] * 6
    numbers[place] = other
    with pytest.raises(REFUSALS):
        read([numbers[:2], numbers[2:4], numbers[4:]])


class Listed(list[Any]):
    pass


@of_all_readers
@pytest.mark.parametrize(
    "other",
    [
        *([], [[1.0, 2.0]], [[1.0, 2.0]] * 3, [[1.0], [1.0, 2.0]], [[1.0, 2.0, 3.0]] * 2),
        *([(1.0, 2.0)] * 2, ([1.0, 2.0],) * 2, [1.0, 2.0], [[[1.0, 2.0]]] * 2, None, 3.0),
        *(np.ones((2, 2)), {0: [1.0, 2.0], 1: [1.0, 2.0]}, Listed([[1.0, 2.0]] * 2), "ab"),
        [Listed([1.0, 2.0])] * 2,
    ],
)
def test_other_structures_are_refused(other: Any, array_reader: Any) -> None:
    read = array_reader([(list, 2), (list, 2)])
    assert read([[1.0, 2.0], [3.0, 4.0]]).tolist() == [1.0, 2.0, 3.0, 4.0]
    with pytest.raises(REFUSALS):
        read(other)


@pytest.mark.skipif("native" not in READERS, reason="LLVM is not installed")
def test_where_objects_are_laid_out_otherwise_python_writes_them_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(native, "is_known", lambda: False)
    assert native.array_reader([(list, 2)]).__module__ == nested_lists.__name__


@of_all_readers
def test_reading_keeps_no_reference(array_reader: Any) -> None:
    read = array_reader([(list, 40)])
    numbers = [1e300 + i * 1e290 for i in range(40)]
    before = [sys.getrefcount(x) for x in numbers], sys.getrefcount(numbers)
    for _ in range(100):
        read(numbers)
    gc.collect()
    assert ([sys.getrefcount(x) for x in numbers], sys.getrefcount(numbers)) == before


ROWS = {
    "list": lambda n: [0.5 + i / 8 for i in range(n)],
    "lists": lambda n: [[0.5 + i / 8, i / 4] for i in range(n // 2)],
    "tuples": lambda n: tuple((0.5 + i / 8, i / 4) for i in range(n // 2)),
    "deep": lambda n: [[[i / 8, 1.0], (0.25, i / 4)] for i in range(n // 4)],
    "dict": lambda n: {"w": [[i / 8] * 4 for i in range(n // 4)], "b": [1.0] * n},
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kind", ROWS)
def test_long_lists_in_and_out_are_those_of_the_plain_function(kind: str, backend: str) -> None:
    def leaves(x: Any) -> list[Any]:
        if isinstance(x, dict):
            return [y for item in x.values() for y in leaves(item)]
        return [y for item in x for y in leaves(item)] if isinstance(x, list | tuple) else [x]

    def total(x: Any) -> Any:
        return sum(k * a * a for k, a in enumerate(leaves(x)))

    def doubled(x: Any) -> Any:
        if isinstance(x, dict):
            return {key: doubled(item) for key, item in x.items()}
        return type(x)(map(doubled, x)) if isinstance(x, list | tuple) else x * 2.0

    for f in (total, doubled, grad(total), value_and_grad(total)):
        compiled = jit(f, backend=backend)
        for n in (8, 40, 40, 120, 40):
            x = ROWS[kind](n)
            assert compiled(x) == f(x)
        assert compiled.stats["plain"] == 0


def test_values_and_integers_among_long_lists_take_the_general_path() -> None:
    plain = lambda x: sum(a * a for a in x)
    compiled = jit(plain, backend=BACKENDS[-1])
    for last in (1.0, 2.0, 3, Value(4.0), True, 5.0):
        x = [*([0.5] * 63), last]
        found, expected = compiled(x), plain(x)
        assert type(found) is type(expected)
        assert float(getattr(found, "data", found)) == float(getattr(expected, "data", expected))


def test_threads_read_their_own_lists() -> None:
    compiled = jit(lambda x: [a * 2.0 for a in x], backend=BACKENDS[-1])
    wrong: list[Any] = []

    def work(start: float) -> None:
        x = [start + i for i in range(100)]
        for _ in range(200):
            if compiled(x) != [a * 2.0 for a in x]:
                wrong.append(start)

    threads = [threading.Thread(target=work, args=(1000.0 * k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
