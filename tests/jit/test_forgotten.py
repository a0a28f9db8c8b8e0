"""A number that a loop carries, then overwrites, raises in machine code too if it is not finite."""

from collections.abc import Callable
from typing import Any

import pytest

from autograd import exp2, fori_loop, jit, log, minimum, scan, sin, while_loop

ORDINARY = [0.5, 1.5, 0.7, 1.0, 3.0, 1.6, 2.5, 1.0, 0.1]


def scanned(step: Callable[..., Any], init: Callable[..., Any]) -> Callable[..., Any]:
    """The sum of all that a scan over rows of three numbers gives."""

    def f(x: list[float]) -> Any:
        last, left = scan(step, init(x), [x[i : i + 3] for i in range(0, len(x), 3)])
        return (sum(last) if isinstance(last, tuple) else last) + sum(left)

    return f


def same(count: int) -> Callable[..., Any]:
    return lambda x: x[0] if count == 1 else (x[0],) * count


PROGRAMS = {
    "overwritten": scanned(lambda c, r: (exp2(r[1]), minimum(1.0, r[2])), same(1)),
    "logarithm": scanned(lambda c, r: (log(r[1]), r[0]), same(1)),
    "quotient": scanned(lambda c, r: (1.0 / r[1], r[0]), same(1)),
    "the first": scanned(lambda c, r: (r[0] * 2.0, r[2]), lambda x: exp2(x[1])),
    "a turn later": scanned(lambda c, r: ((exp2(r[1]), c[0] * 2.0), r[2]), same(2)),
    "two turns later": scanned(lambda c, r: ((exp2(r[1]), c[0] * 2.0, c[1] + 1.0), r[2]), same(3)),
    "moved": scanned(lambda c, r: ((c[1], c[0], exp2(r[1])), r[2]), same(3)),
    "added up": scanned(lambda c, r: ((exp2(r[1]), c[0] + c[1]), r[2]), same(2)),
    "overwritten in a loop": scanned(
        lambda c, r: (scan(lambda d, e: (e * 3.0, e), exp2(r[1]), r)[0], r[2]), same(1)
    ),
    "made in a loop": scanned(
        lambda c, r: (fori_loop(0, 3, lambda i, d: exp2(r[1]) * sin(r[0]), c), r[2]), same(1)
    ),
    "of a while_loop": lambda x: while_loop(
        lambda c: c[0] < 4.0, lambda c: (c[0] + 1.0, exp2(x[1]), c[1] * 2.0), (x[0], x[1], x[1])
    )[0],
}


def outcome(f: Callable[..., Any], x: list[float]) -> Any:
    try:
        return float(f(x))
    except (ArithmeticError, ValueError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("backend", ["python", "numpy", "native"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_overwritten_raises_in_compiled_loops_too(name: str, backend: Any) -> None:
    if backend == "native":
        pytest.importorskip("llvmlite")
    f = PROGRAMS[name]
    compiled = jit(f, backend=backend)
    assert compiled(ORDINARY) == pytest.approx(float(f(ORDINARY)), rel=1e-12)
    raised = 0
    for place in (1, 4, 7):
        for number in (0.0, -1.0, 2000.0, 1e200):
            x = [*ORDINARY[:place], number, *ORDINARY[place + 1 :]]
            expected = outcome(f, x)
            raised += isinstance(expected, tuple)
            found = outcome(compiled, x)
            if isinstance(expected, tuple):
                assert found == expected, x
            else:
                assert found == pytest.approx(expected, rel=1e-12), x
    assert raised
