"""What a trace refuses: each row of the table of remedies, with its place, and the remedy."""

from __future__ import annotations

import copy
import math
import pickle
import random
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from inspect import getsourcelines
from typing import Any

import pytest

import autograd
from autograd import FallbackError, TraceError, Value, floor, grad, sin, sqrt, trunc
from autograd.jit import jit
from autograd.jit.tracing.tape import REMEDIES

# fmt: off
REFUSED: dict[str, list[tuple[Callable[[Any], Any], Callable[[Any], Any]]]] = {
    "data": [
        (lambda v: v * v.data, lambda v: v * v.detach()),
        (lambda v: 1.0 if v.data > 0 else v, lambda v: 1.0 if v > 0 else v),
    ],
    "float()": [
        (lambda v: float(v) * 2, lambda v: v * 2),
        (lambda v: math.sin(v), lambda v: sin(v)),
        (lambda v: math.fsum([v, v]), lambda v: autograd.sum([v, v])),
    ],
    "int()": [
        (lambda v: [1.0, 2.0, 3.0][int(v)], lambda v: autograd.take([1.0, 2.0, 3.0], trunc(v))),
        (lambda v: int(v) * 2, lambda v: autograd.trunc(v) * 2),
    ],
    "round()": [
        (lambda v: round(v) * 2, lambda v: autograd.floor(v + 0.5) * 2),
        (lambda v: round(v, 3), lambda v: v),
    ],
    "trunc()": [(lambda v: math.trunc(v), lambda v: autograd.trunc(v))],
    "floor()": [(lambda v: math.floor(v), lambda v: autograd.floor(v))],
    "ceil()": [(lambda v: math.ceil(v), lambda v: autograd.ceil(v))],
    "format or print": [
        (lambda v: f"{v:.2f}", lambda v: v),
        (lambda v: f"{v}", lambda v: v),
        (lambda v: str(v), lambda v: v),
        (lambda v: "%s" % v, lambda v: v),  # noqa: UP031
        (lambda v: repr(v), lambda v: v),
        (lambda v: f"{[v]}", lambda v: v),
        (lambda v: f"{v!r}", lambda v: v),
    ],
    "copy or pickle": [
        (lambda v: copy.copy(v) * 2, lambda v: v.detach() * 2),
        (lambda v: copy.deepcopy([v])[0], lambda v: v),
        (lambda v: pickle.dumps(v), lambda v: v),
    ],
    "assignment to .data": [(lambda v: setattr(v, "data", 1.0), lambda v: v)],
    "backward()": [
        (lambda v: (v * v).backward(), lambda v: grad(lambda u: u * u)(v)),
        (lambda v: (v * v).backward(create_graph=True), lambda v: grad(lambda u: u * u)(v)),
    ],
    "zero_grad()": [(lambda v: (v * v).zero_grad(), lambda v: v)],
}
"""For each row of the table of remedies: what is refused, and what it says to write instead."""
# fmt: on

CASES = [(what, *pair) for what, pairs in REFUSED.items() for pair in pairs]


def test_each_remedy_is_tested() -> None:
    assert set(REFUSED) == set(REMEDIES)


@pytest.mark.filterwarnings("ignore::autograd.LeftGraphWarning")  # of the plain run, first
@pytest.mark.parametrize(("what", "refused", "instead"), CASES, ids=[case[0] for case in CASES])
def test_what_needs_a_number_is_refused_with_its_place_and_a_remedy(
    what: str, refused: Callable[[Any], Any], instead: Callable[[Any], Any], capsys: Any
) -> None:
    w = Value(2.25)
    line = getsourcelines(refused)[1]
    for f, args in ((refused, (Value(1.5),)), (lambda: refused(w), ())):
        compiled = jit(f)
        for _ in range(2):
            with pytest.raises(TraceError) as error:
                compiled(*args)
            message = str(error.value)
            assert message.startswith(f"{__file__}:{line}: {what} of ")
            assert REMEDIES[what] in message
    compiled = jit(instead)
    for x in (1.5, 0.25, 2.5):
        assert float(compiled(Value(x))) == float(instead(Value(x)))
    assert autograd.modes.is_tracing is False


def test_numbers_of_constants_may_be_asked_for() -> None:
    def f(x: Any) -> Any:
        two = Value(2.0)
        return x * float(two * 3) + int(two) + round(two + 0.25) + two.data

    compiled = jit(f)
    for x in (1.0, 2.0):
        assert compiled(x) == f(x)


def test_a_refusal_does_not_last() -> None:
    """What was refused is asked again at each call, and other structures are traced."""
    f = jit(lambda x, say: str(x) if say else x * 2)
    for _ in range(2):
        with pytest.raises(TraceError):
            f(1.0, True)
        assert f(2.0, False) == 4.0


# fallback="raise"


LOG: list[Any] = []


def failing(x: Any) -> Any:
    raise LookupError("no such row")


NOT_COMPILED: dict[str, Callable[[Any], Any]] = {
    "draws random numbers": lambda x: x * random.random(),
    "changes captured state": lambda x: (LOG.append(x), x * x)[1],
    "could not be traced: LookupError: no such row": failing,
    "could not be traced: TypeError": lambda x: sum(range(x)),
    "more than 8 specialisations": lambda x: sum(x * k for k in range(20) if x > k),
    "has met numbers that compiled code cannot handle": grad(
        lambda x: x * x + sqrt(floor(x / 100))
    ),
}
"""What a function does that cannot be compiled, by what is said of it."""


def test_fallback_raise_says_what_the_warning_says() -> None:
    """And in each call, after the compiled specialisations, without running the plain function."""
    draws = NOT_COMPILED["draws random numbers"]
    with pytest.warns(RuntimeWarning) as warned:
        jit(draws)(1.0)
    compiled = jit(draws, fallback="raise")
    random.seed(1)
    state = random.getstate()
    for _ in range(2):
        with pytest.raises(FallbackError) as error:
            compiled(1.0)
        assert str(warned[0].message).startswith(f"{error.value}; ")
        assert str(error.value).endswith(error.value.reason)
        assert str(pickle.loads(pickle.dumps(error.value))) == str(error.value)
    assert random.getstate() == state


@pytest.mark.parametrize("reason", NOT_COMPILED)
def test_fallback_raise_raises_wherever_the_plain_function_would_run_for_good(reason: str) -> None:
    compiled = jit(NOT_COMPILED[reason], fallback="raise")
    numbers: list[Any] = [3] if "TypeError" in reason else [100.5, *(k + 0.5 for k in range(19))]
    with suppress(FallbackError), warnings.catch_warnings():
        warnings.simplefilter("error")
        for x in numbers:
            compiled(x)
    for _ in range(20):
        with pytest.raises(FallbackError, match=reason):
            compiled(numbers[-1])


def test_fallback_raise_keeps_what_is_compiled() -> None:
    compiled = jit(lambda x: sum(x * k for k in range(20) if x > k), fallback="raise")
    with suppress(FallbackError):
        for k in range(20):
            compiled(k + 0.5)
    assert compiled.traces == 8
    assert compiled(3.5) == 3.5 * (0 + 1 + 2 + 3)
    with pytest.raises(TraceError):
        jit(lambda x: x.data, fallback="raise")(1.0)


def test_fallback_is_copied_and_checked() -> None:
    compiled: Any = jit(fallback="raise")(partial(failing))
    for other in (copy.deepcopy(compiled), pickle.loads(pickle.dumps(compiled))):
        with pytest.raises(FallbackError):
            other(1.0)
    with pytest.raises(ValueError, match="fallback must be 'warn' or 'raise', got str 'no'"):
        jit(failing, fallback="no")
