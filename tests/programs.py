"""Hypothesis strategies over the table of primitives: points to test one at, and programs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from autograd import Value, sigmoid
from autograd.primitives import TABLE
from autograd.testing import DOMAINS

SMOOTH = [name for name, domain in DOMAINS.items() if domain.smooth]


def domain_of(name: str, count: int) -> tuple[tuple[float, float], ...]:
    """The interval of each of `count` operands."""
    intervals = DOMAINS[name].operands
    return intervals if TABLE[name].arity is not None else intervals * count


@st.composite
def points(draw: st.DrawFn, name: str) -> list[float]:
    """Operands at which a primitive may be tested."""
    arity = TABLE[name].arity
    count = arity if arity is not None else 2 * draw(st.integers(1, 3))  # halves, for `dot`
    intervals = domain_of(name, count)
    one = st.tuples(*[st.floats(low, high, exclude_min=True) for low, high in intervals])
    return list(draw(one.filter(lambda xs: not DOMAINS[name].near_corner(*xs))))


def differentiable(name: str, at: Sequence[float]) -> tuple[Callable[..., Any], list[float]]:
    """A primitive as a function of those of its operands that are not always plain numbers."""
    constant = DOMAINS[name].constant
    primitive = TABLE[name]
    if constant is None:
        return primitive, list(at)
    fixed, free = at[constant], [x for i, x in enumerate(at) if i != constant]
    return (lambda *xs: primitive(*xs[:constant], fixed, *xs[constant:])), free


@dataclass(frozen=True)
class Program:
    """A straight-line program: each step applies a primitive to earlier numbers."""

    steps: tuple[tuple[str, tuple[int, ...]], ...]

    def __call__(self, *inputs: Any) -> Any:
        numbers = list(inputs)
        for name, sources in self.steps:
            operands = prepared(name, [numbers[i] for i in sources])
            if not isinstance(numbers[0], Value):
                assume(not DOMAINS[name].near_corner(*operands))
            numbers.append(TABLE[name](*operands))
        return numbers[-1]


def prepared(name: str, operands: list[Any]) -> list[Any]:
    """The operands moved smoothly into the domain of a primitive."""
    inside: list[Any] = []
    for i, ((low, high), x) in enumerate(
        zip(domain_of(name, len(operands)), operands, strict=True)
    ):
        share = 0.7 if i == DOMAINS[name].constant else sigmoid(x)
        inside.append(low + (high - low) * share)
    return inside


@st.composite
def programs(draw: st.DrawFn, inputs: int = 2, names: Sequence[str] = tuple(TABLE)) -> Program:
    """Programs of a few steps over the given primitives."""
    steps = []
    for position in range(inputs, inputs + draw(st.integers(1, 8))):
        name = draw(st.sampled_from(names))
        arity = TABLE[name].arity
        count = arity if arity is not None else 2 * draw(st.integers(1, 2))
        source = st.integers(0, position - 1)
        steps.append((name, tuple(draw(source) for _ in range(count))))
    return Program(tuple(steps))


__all__ = ["SMOOTH", "Program", "differentiable", "domain_of", "points", "programs"]
