"""The tables of lowerings, and what users add to them."""

import pytest
from installed import BACKENDS
from jit_programs import bits

from autograd import copysign, jit, primitive
from autograd.jit.programs.rewrites import BUILT_IN

NUMBERS = [0.0, -0.0, 1.0, -2.5, 3.0] * 3


def named(name, arity):
    """A primitive of a user with the name of a built-in one; what it gives is -0.0 for zeros."""
    if arity == 1:
        return primitive(lambda g, out, x: -g, name=name)(lambda x: -abs(x))
    return primitive(lambda g, out, *xs: [-g] * len(xs), name=name)(lambda *xs: -abs(xs[0]))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", BUILT_IN)
def test_the_name_of_an_operation_decides_nothing(name, backend):
    arity = BUILT_IN[name].arity
    own = named(name, arity)

    def f(xs):
        made = [own(*[x] * (arity or 2)) for x in xs]
        return [*[y + 0.0 for y in made], *[copysign(1.0, y) for y in made]]

    compiled = jit(f, backend=backend)
    for _ in range(2):
        assert [*map(bits, compiled(NUMBERS))] == [*map(bits, f(NUMBERS))]
