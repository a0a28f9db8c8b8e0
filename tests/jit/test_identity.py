"""Whether two objects are one: what a function may ask, and what compiled code has to know."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from installed import BACKENDS

from autograd import Value
from autograd.jit import jit
from nn import MLP, l2

A, B = Value(2.0), Value(2.0)


def kept_apart(values: Any) -> Any:
    seen: set[Value] = set()
    total: Any = 0.0
    for x in values:
        if x not in seen:
            seen.add(x)
            total = total + x
    return total


def counted(values: Any) -> Any:
    return {x: i for i, x in enumerate(values)}


QUESTIONS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "is": lambda x, a, b: x if a is b else -x,
    "is not": lambda x, a, b: x if a is not b else -x,
    "id": lambda x, a, b: x * (1.0 + (id(a) == id(b))),
    "in": lambda x, a, b: x + kept_apart([a, b]),
    "keys": lambda x, a, b: x * len(counted([a, b])),
    "set": lambda x, a, b: x * len({a, b}),
    "set()": lambda x, a, b: x * len(set([a, b])),  # noqa: C405 - the call is what is asked about
    "fromkeys": lambda x, a, b: x * len(dict.fromkeys([a, b])),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("holder", [list, dict, "attributes", "items"])
def test_captured_values_that_become_one_or_two(
    question: Callable[[Any, Any, Any], Any], backend: str, holder: Any
) -> None:
    class Pair:
        pass

    table: Any = {"a": A, "b": B}
    pair: Any = Pair()
    pair.a, pair.b = A, B
    row = [A, B]
    mixed = [A, 1.0, B]
    f, change = {
        list: (lambda x: question(x, row[0], row[1]), lambda v: row.__setitem__(1, v)),
        dict: (lambda x: question(x, table["a"], table["b"]), lambda v: table.update(b=v)),
        "attributes": (lambda x: question(x, pair.a, pair.b), lambda v: setattr(pair, "b", v)),
        "items": (lambda x: question(x, mixed[0], mixed[2]), lambda v: mixed.__setitem__(2, v)),
    }[holder]
    compiled = jit(f, backend=backend)
    for b in (B, B, A, A, B, Value(2.0)):
        change(b)
        assert float(compiled(3.0)) == float(f(3.0))
    assert compiled.stats["plain"] == 0


def test_captured_lists_that_become_one() -> None:
    pair = [[1.0], [1.0]]
    compiled = jit(lambda x: x if pair[0] is pair[1] else -x)
    assert compiled(3.0) == -3.0
    pair[1] = pair[0]
    assert compiled(3.0) == 3.0


def test_weights_that_are_tied_later_count_once() -> None:
    model = MLP(2, [2, 1], rng=0)
    compiled = jit(lambda: l2(model.parameters(), 1.0))
    before = compiled().data
    first, second = model.layers[0].neurons
    second.weights[0] = first.weights[0]
    assert compiled().data == pytest.approx(l2(model.parameters(), 1.0).data) != before
    assert compiled.stats["plain"] == 0


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_one_value_given_twice(question: Callable[[Any, Any, Any], Any]) -> None:
    compiled = jit(lambda x, a, b: question(x, a, b))
    compiled_row = jit(lambda x, row: question(x, row[0], row[1]))
    pairs = [(A, B), (A, A), (B, A), (B, B)]
    expected = [float(question(3.0, a, b)) for a, b in pairs]
    with pytest.warns(RuntimeWarning, match="may compare objects by identity"):
        assert [float(compiled(3.0, a, b)) for a, b in pairs] == expected
    with pytest.warns(RuntimeWarning, match="may compare objects by identity"):
        assert [float(compiled_row(3.0, [a, b])) for a, b in pairs] == expected
    assert compiled.stats["plain"] == 2


def test_a_value_given_that_is_captured_too() -> None:
    compiled = jit(lambda x: 2 * x if x is A else 3 * x)
    with pytest.warns(RuntimeWarning, match="given one object in two places"):
        assert [compiled(x).data for x in (B, A, B)] == [6.0, 4.0, 6.0]


@pytest.mark.parametrize("made", [list, tuple, np.array])
def test_one_list_given_twice(made: Callable[[Any], Any]) -> None:
    def kernel(a: Any, b: Any) -> Any:
        product = sum(x * y for x, y in zip(a, b, strict=True))
        return product + 0.5 if a is b else product

    compiled = jit(kernel)
    x, y = made([1.0, 2.0]), made([1.0, 2.0])
    with pytest.warns(RuntimeWarning, match="pass a copy"):
        assert [compiled(a, b) for a, b in [(x, y), (x, x), (y, x)] * 10] == [5.0, 5.5, 5.0] * 10
    assert compiled.stats["plain"] == 10


def test_a_function_that_does_not_ask_is_given_one_twice() -> None:
    compiled = jit(lambda a, b: a[0] * b[0] if b is not None and type(b) is list else 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [compiled(row, row) for row in ([2.0], [3.0])] == [4.0, 9.0]
    assert compiled.stats["plain"] == 0
