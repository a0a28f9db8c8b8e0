"""Functions of functions: derivatives as new functions, composable to any order. Here are those
along one direction; `autograd.jacobians` has those that are matrices.

Each transform calls the function on fresh leaves, which records a graph (a `Trace`), and walks that
graph with the derivative rules, backwards or forwards. It never touches `.grad`.

Plain numbers in give plain numbers out. If an argument is a Value, or the function uses an argument
of an outer transform, the result is a Value: that is why `grad(grad(f))` works.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd import tree
from autograd.arguments import (
    ArgNums,
    check_function,
    named,
    one_or_all,
    positions_of,
    wanted_of,
)
from autograd.modes import pause_gc
from autograd.number import describe, is_number
from autograd.trace import Trace
from autograd.value import Value


def grad(f: Callable[..., Any], argnums: ArgNums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The gradient of a function that returns one number, as a function of the same arguments.

    Args:
        f: a function of numbers, or of nested lists, tuples and dicts of numbers, and objects of
            registered classes (`register_dataclass`, `register_container`).
        argnums: which positional arguments to differentiate in; a sequence gives a tuple of
            gradients.
        has_aux: whether `f` returns a pair `(result, aux)`. The second item, of any kind, is not
            differentiated; Values in its lists, tuples, dicts and arrays become plain numbers.

    Returns:
        A function of the same arguments (keyword arguments are passed on unchanged) that returns
        the derivatives in the structure of the argument; with `has_aux` the pair of these and
        `aux`.

    Raises:
        TypeError: `f` is not a function, or `argnums` are not integers; (when called) an argument
            holds something that is not a number, or `f` returns more than one number.
        ValueError: (when called) there is no such argument.

    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    >>> grad(lambda p: p["w"] * p["w"] + p["b"])({"w": 3.0, "b": 1.0})
    {'w': 6.0, 'b': 1.0}
    >>> grad(lambda x: (x**3, {"square": x**2}), has_aux=True)(2.0)
    (12.0, {'square': 4.0})
    """
    check_function("grad", f, has_aux)
    both = value_and_grad(f, argnums, has_aux)

    def call(*args: Any, **options: Any) -> Any:
        value, gradient = both(*args, **options)
        return (gradient, value[1]) if has_aux else gradient

    return named("grad", f, call)


def value_and_grad(
    f: Callable[..., Any], argnums: ArgNums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """`grad` that returns the pair of the function's value and the gradient.

    With `has_aux` the first is the pair `(value, aux)`.

    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    >>> value_and_grad(lambda x: (x**3, "cube"), has_aux=True)(2.0)
    ((8.0, 'cube'), 12.0)
    """
    check_function("value_and_grad", f, has_aux)
    wanted = wanted_of(argnums)

    def call(*args: Any, **options: Any) -> tuple[Any, Any]:
        positions = positions_of(wanted, args)
        with pause_gc():
            trace = Trace(f, args, positions, options, has_aux)
            out = trace.out
            if not is_number(out):
                raise TypeError(
                    f"grad: expected the function to return one number, got {describe(out)}"
                    " (jacobian differentiates structures of numbers)"
                )
            gradients = trace.gradients({out: 1.0} if isinstance(out, Value) else {})
            value = (trace.value, trace.aux) if has_aux else trace.value
            return value, one_or_all(wanted, trace.structured(gradients))

    return named("value_and_grad", f, call)


def jvp(
    f: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    has_aux: bool = False,
) -> tuple[Any, ...]:
    """Forward mode: a function's value, and its derivative along a direction.

    Args:
        f: a function of numbers or nested structures of them, that returns the same.
        primals: its arguments, a list or tuple.
        tangents: the direction, in the structure of `primals`.
        has_aux: as in `grad`.

    Returns:
        The value and its tangent, both in the structure of the result; with `has_aux`, `aux` as
        third.

    Raises:
        ValueError: the structures of primals and tangents differ.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    check_function("jvp", f, has_aux)
    _check_sequence("jvp", primals, tangents)
    definition = tree.flatten(tuple(primals), "tangents")[1]
    directions = tree.leaves_like(definition, tuple(tangents), "tangents")
    with pause_gc():
        trace = Trace(f, primals, range(len(primals)), has_aux=has_aux)
        moved = trace.tangents(dict(zip(trace.inputs, directions, strict=True)))
        return (trace.value, moved, trace.aux) if has_aux else (trace.value, moved)


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Reverse mode: a function's value, and the pullback of cotangents through it.

    Args:
        f: a function of numbers or nested structures of them, that returns the same.
        primals: its arguments.
        has_aux: as in `grad`.

    Returns:
        The value, and a function that takes a cotangent in the structure of the value and returns
        a tuple with the derivatives for each argument; with `has_aux`, `aux` as third.

    >>> out, pullback = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> out, pullback(1.0)
    (6.0, (3.0, 2.0))
    """
    check_function("vjp", f, has_aux)
    with pause_gc():
        trace = Trace(f, primals, range(len(primals)), has_aux=has_aux)

    def pull(cotangent: Any) -> tuple[Any, ...]:
        seeds: dict[Value, Any] = {}
        found = tree.leaves_like(trace.definition, cotangent, "cotangent")
        for y, g in zip(trace.results, found, strict=True):
            if isinstance(y, Value):
                seeds[y] = seeds[y] + g if y in seeds else g
        return tuple(trace.structured(trace.gradients(seeds)))

    return (trace.value, pull, trace.aux) if has_aux else (trace.value, pull)


def hvp(
    f: Callable[..., Any],
    primals: Sequence[Any] | None = None,
    tangents: Sequence[Any] | None = None,
    argnums: ArgNums = 0,
) -> Any:
    """The product of a function's Hessian with a vector, without forming the Hessian.

    It is the derivative of the gradient along the tangents, forward over reverse: Pearlmutter,
    "Fast exact multiplication by the Hessian" (1994).

    Args:
        f: a function that returns one number.
        primals: its arguments, a list or tuple. Without them the result is a function of `x`, a
            vector `v` in the structure of `x` and further arguments, as solvers take it
            (`hessp` of `scipy.optimize.minimize`): `jit` compiles it.
        tangents: the direction, in the structure of `primals`.
        argnums: the arguments to differentiate in, as in `grad`.

    Returns:
        The product, in the structure of the gradient.

    Raises:
        TypeError: `f` is not a function, or there are no tangents for the primals.
        ValueError: there are no primals, and `argnums` is not 0.

    >>> hvp(lambda x: x[0] ** 2 * x[1], ([2.0, 3.0],), ([1.0, 0.0],))
    [6.0, 4.0]
    >>> hvp(lambda x: x[0] ** 2 * x[1])([2.0, 3.0], [1.0, 0.0])
    [6.0, 4.0]
    """
    check_function("hvp", f)
    if primals is None and tangents is None:
        if wanted_of(argnums) != 0:
            raise ValueError(
                "hvp: without primals the result is a function of (x, v, ...), which is"
                f" differentiated in x, got argnums {argnums!r}: reorder with a lambda around f"
            )
        slope = grad(f)

        def product(x: Any, v: Any, *args: Any, **options: Any) -> Any:
            return jvp(lambda x: slope(x, *args, **options), (x,), (v,))[1]

        return named("hvp", f, product)
    return jvp(grad(f, argnums), primals, tangents)[1]  # type: ignore[arg-type]


def _check_sequence(name: str, primals: Any, tangents: Any) -> None:
    for role, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, list | tuple):
            raise TypeError(
                f"{name}: expected {role} as a list or tuple of arguments, got {describe(given)}"
            )
