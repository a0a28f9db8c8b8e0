"""The ways in which a function of a list is called in the property tests: compiled, and plain.

Each *use* makes two functions out of one: what a user would write with the plain function, and the
same with `jit` somewhere in it, outside a transform, inside it, or between two. `USES` is the table
of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle, islice
from typing import Any

import installed
from hypothesis import currently_in_test_context, event

from autograd import Value, grad, hessian, hvp, jvp, value_and_grad, vjp
from autograd.jit import jit
from autograd.testing.agreement.judge import check

F = Callable[..., Any]
Jit = Callable[[F], F]

BACKENDS = (*installed.BACKENDS, "auto")
TANGENT = (1.0, -0.5, 0.25, 2.0)


def backward(f: F, parameters: Sequence[Value] = ()) -> F:
    """The result, and the gradients that `backward()` leaves in the arguments and parameters."""

    def run(x: Sequence[Any]) -> Any:
        leaves = [Value(number) for number in x]
        for p in parameters:
            p.grad = 0.0
        out = f(leaves)
        if isinstance(out, Value):
            out.backward()
        return [out, [leaf.grad for leaf in leaves], [p.grad for p in parameters]]

    return run


def backward_analysed(f: F, box: list[Any], parameters: Sequence[Value]) -> F:
    """The numbers of `backward`, by a transform: `f` reads its parameters in the box."""

    def loss(x: Any, w: Any) -> Any:
        box[:] = w
        return f(x)

    def run(x: Sequence[Any]) -> Any:
        out, (by_x, by_w) = value_and_grad(loss, (0, 1))(x, [Value(p._data) for p in parameters])
        return [out, by_x, by_w]

    return run


def _tangent(x: Sequence[Any]) -> list[float]:
    return list(islice(cycle(TANGENT), len(x)))


def _slopes(f: F) -> F:
    """The derivative along a tangent of the derivative along it: a second derivative."""
    return lambda x: jvp(lambda y: jvp(f, (y,), (_tangent(x),))[1], (x,), (_tangent(x),))


def _pulled(f: F) -> F:
    def run(x: Any) -> Any:
        out, pull = vjp(f, x)
        return [out, pull(2.0)]

    return run


def _summed_gradient(f: F) -> F:
    return _gradient_of_sum(grad(f))


def _gradient_of_sum(slope: F) -> F:
    return grad(lambda x: sum(slope(x)))


FIRST: dict[str, Callable[[F], F]] = {
    "grad": grad,
    "value_and_grad": value_and_grad,
    "jvp": lambda f: lambda x: jvp(f, (x,), (_tangent(x),)),
    "vjp": _pulled,
}
SECOND: dict[str, Callable[[F], F]] = {
    "hessian": hessian,
    "hvp": lambda f: lambda x: hvp(f, (x,), (_tangent(x),)),
    "grad of grad": _summed_gradient,
    "jvp of jvp": _slopes,
}


def _outside(transform: Callable[[F], F], f: F, compiled: Jit) -> F:
    return compiled(transform(f))


def _inside(transform: Callable[[F], F], f: F, compiled: Jit) -> F:
    return transform(compiled(f))


def _both(transform: Callable[[F], F], f: F, compiled: Jit) -> F:
    return compiled(transform(compiled(f)))


PLACES = {"jit({}(f))": _outside, "{}(jit(f))": _inside, "jit({}(jit(f)))": _both}


def uses(transforms: dict[str, Callable[[F], F]]) -> dict[str, tuple[Callable[[F], F], Any]]:
    """For each transform and each place for `jit`: the transform, and what to do instead."""
    return {
        place.format(name): (transform, partial(made, transform))
        for name, transform in transforms.items()
        for place, made in PLACES.items()
    }


VALUES: dict[str, Any] = {"jit(f)": (lambda f: f, lambda f, compiled: compiled(f))}
GRADIENTS = uses(FIRST)
CURVATURES = uses(SECOND) | {
    "grad(sum(jit(grad(f))))": (
        _summed_gradient,
        lambda f, compiled: _gradient_of_sum(compiled(grad(f))),
    )
}


def _composed(f: F, g: F) -> F:
    return lambda x: f([g(x), *x[:-1]]) + g(x)


def _steps(f: F) -> F:
    """Steps of a training, with the gradients inside: parameters in, new ones out."""

    def steps(x: list[Any]) -> list[Any]:
        for _ in range(3):
            x = [v - 0.125 * g for v, g in zip(x, grad(f)(x), strict=True)]
        return x

    return steps


def _own(f: F) -> F:
    return _composed(f, f)


def _nested(f: F, compiled: Jit) -> F:
    inner = compiled(f)
    return compiled(_composed(inner, inner))


COMPOSED: dict[str, Any] = {
    "jit(jit(f) of jit(f))": (_own, _nested),
    "f of jit(f)": (_own, lambda f, compiled: _composed(f, compiled(f))),
    "grad(jit(jit(f) of jit(f)))": (lambda f: grad(_own(f)), lambda f, c: grad(_nested(f, c))),
    "jit(grad(f of jit(f)))": (
        lambda f: grad(_own(f)),
        lambda f, compiled: compiled(grad(_composed(f, compiled(f)))),
    ),
    "jit(steps by grad(f))": (_steps, lambda f, compiled: compiled(_steps(f))),
}


def compiler(backend: str) -> Jit:
    """`jit` for a backend."""
    return lambda f: jit(f, backend=backend)


def listed(f: F) -> F:
    """A function of a list of numbers."""
    return lambda x: f(*x)


def agree(f: F, use: tuple[Any, Any], backend: str, at: Sequence[Any], **options: Any) -> None:
    """Both ways of a use do the same at each point, and at the first one again."""
    plain, made = use[0](f), use[1](f, compiler(backend))
    for point in (*at[:2], at[0], *at[2:]):
        how = check(plain, made, [point], **options)
        if currently_in_test_context():
            event(how)
