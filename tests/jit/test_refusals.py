"""What a trace refuses: each row of the table of remedies, with its place, and the remedy."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from inspect import getsourcelines
from typing import Any

import pytest

import autograd
from autograd import Value, grad, sin, trunc
from autograd.errors import TraceError
from autograd.jit import jit
from autograd.tape import REMEDIES

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
