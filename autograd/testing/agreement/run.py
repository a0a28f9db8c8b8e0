"""Random programs, compiled and plain, compared at the same numbers."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd import FallbackError, Value, jvp, value_and_grad
from autograd.jit import jit
from autograd.testing.agreement.judge import check
from autograd.testing.agreement.programs import RandomProgram, random_points, random_program

F = Callable[[Any], Any]

INTERPRETED = 2
"""How many runs of a program are interpreted, before it is compiled."""

POINTS = 6
"""The number of points at which each program is tried; at the first one it is tried three times."""


def _moved(f: F) -> F:
    return lambda x: jvp(f, (x,), (_tangent(x),))


def _tangent(x: Sequence[Any]) -> list[float]:
    return [(1.0, -0.5, 2.0)[i % 3] for i in range(len(x))]


def _of_first(f: F, derive: Callable[[F], F]) -> F:
    """`derive` of a function of the first input, which captures Values with the numbers of the
    others: nobody asks for derivatives in these.
    """
    captured: list[Value] = []
    derived = derive(lambda x: f([*x, *captured]))

    def run(x: Sequence[Any]) -> Any:
        if any(isinstance(number, Value) for number in x):  # whose errors are analysed
            return derive(lambda first: f([*first, *x[1:]]))(x[:1])
        captured.extend(Value(number) for number in x[1 + len(captured) :])
        for value, number in zip(captured, x[1:], strict=True):
            value.data = number
        return derived(x[:1])

    return run


USES: dict[str, tuple[Callable[[F], F], Callable[[F, Callable[[F], F]], F]]] = {
    "jit(f)": (lambda f: f, lambda f, compiled: compiled(f)),
    "jit(value_and_grad(f))": (value_and_grad, lambda f, compiled: compiled(value_and_grad(f))),
    "value_and_grad(jit(f))": (value_and_grad, lambda f, compiled: value_and_grad(compiled(f))),
    "jit(jvp(f))": (_moved, lambda f, compiled: compiled(_moved(f))),
    "value_and_grad(jit(f)), captured": (
        lambda f: _of_first(f, value_and_grad),
        lambda f, compiled: _of_first(f, lambda g: value_and_grad(compiled(g))),
    ),
    "jit(value_and_grad(f)), captured": (
        lambda f: _of_first(f, value_and_grad),
        lambda f, compiled: _of_first(f, lambda g: compiled(value_and_grad(g))),
    ),
    "jvp(jit(f)), captured": (
        lambda f: _of_first(f, _moved),
        lambda f, compiled: _of_first(f, lambda g: _moved(compiled(g))),
    ),
}
"""What is compared: for each use, the plain function and the one that runs compiled code."""


@dataclass(frozen=True)
class Difference:
    """A program that computes something else when it is compiled.

    Attributes:
        program: the program.
        use: how it was called, a key of `USES`.
        backend: the backend that compiled it.
        points: the calls; the last one differs.
        message: what was found.
    """

    program: RandomProgram
    use: str
    backend: str
    points: list[list[float]]
    message: str

    def __str__(self) -> str:
        calls = "\n".join(f"    {point}," for point in self.points)
        return (
            f"{self.use} with backend={self.backend!r} differs from the plain function in the last"
            f" of these calls:\n\ncalls = [\n{calls}\n]\n\n{self.program.source}\n\n{self.message}"
        )


@dataclass
class Agreement:
    """The result of a comparison.

    Attributes:
        programs: the number of programs that were compared, each by each backend.
        calls: the number of calls, each of them compiled and plain.
        outcomes: the number of calls by outcome.
        differences: the programs that differ.
    """

    programs: int = 0
    calls: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)


def compare(
    seeds: Iterable[int],
    backends: Sequence[str],
    most: int = 1,
    shrink: bool = True,
    uses: Sequence[str] = (),
) -> Agreement:
    """Compare random programs, one for each seed, by each backend.

    Args:
        seeds: one for each program, which depends on nothing else.
        backends: the backends that compile them.
        most: the number of differences after which to stop.
        shrink: whether to search for a smaller program that differs.
        uses: keys of `USES`, each of which is compared. If there are none, the value is, and a
            derivative: one of the other uses, drawn at random for each program.
    """
    result = Agreement()
    derivatives = [use for use in USES if use != "jit(f)"]
    for seed in seeds:
        rng = random.Random(f"agreement {seed}")
        program = random_program(rng)
        points = random_points(rng, program.inputs, POINTS)
        result.programs += 1
        for use in uses or ("jit(f)", rng.choice(derivatives)):
            for backend in backends:
                found = differs(program, use, backend, points, result)
                if found is not None:
                    result.differences.append(shrunk(found) if shrink else found)
                    if len(result.differences) >= most:
                        return result
    return result


def differs(
    program: RandomProgram,
    use: str,
    backend: str,
    points: Sequence[list[float]],
    result: Agreement | None = None,
) -> Difference | None:
    """The first call in which the compiled program differs, if there is one."""
    plainly, compiled = USES[use]
    plain, made = (
        plainly(program),
        compiled(program, lambda f: jit(f, backend=backend, compile_after=INTERPRETED)),
    )
    done: list[list[float]] = []
    for point in (points[0], *points[:2], points[0], *points[2:]):
        done.append(point)
        try:
            how = check(plain, made, [point], signs=use == "jit(f)")
        except AssertionError as error:
            return Difference(program, use, backend, done, str(error))
        except FallbackError:  # JAX never runs the plain function instead
            how = "refused"
        if result is not None:
            result.calls += 1
            result.outcomes[how.partition(" ")[0]] += 1
    return None


def shrunk(found: Difference) -> Difference:
    """A difference whose program and calls cannot be made smaller."""
    for points in ([found.points[-1]] * 2, found.points):
        if again := differs(found.program, found.use, found.backend, _few(points)):
            found = again
            break
    going = True
    while going:
        going = False
        for program in found.program.smaller():
            points = [point[: program.inputs] for point in found.points]
            try:
                again = differs(program, found.use, found.backend, _few(points))
            except Exception:  # a smaller program may be invalid
                continue
            if again is not None:
                found, going = again, True
                break
    return found


def _few(points: Sequence[list[float]]) -> list[list[float]]:
    return list(points[:1]) if len(points) < 2 else list(points)
