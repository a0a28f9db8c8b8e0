"""Functions of functions: derivatives as new functions, composable to any order.

Each transform calls the function on fresh leaves, which records a graph (a `Trace`), and walks that
graph with the derivative rules, backwards or forwards. It never touches `.grad`.

Plain numbers in give plain numbers out. If an argument is a Value, or the function uses an argument
of an outer transform, the result is a Value: that is why `grad(grad(f))` works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import index
from typing import Any

from autograd import tree
from autograd.modes import pause_gc
from autograd.number import as_flag, describe, is_number
from autograd.sweeps import check_mode, rows_of
from autograd.trace import Trace
from autograd.value import Value

ArgNums = int | Sequence[int]


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
            return value, _one_or_all(wanted, trace.structured(gradients))

    return named("value_and_grad", f, call)


def jacobian(
    f: Callable[..., Any], argnums: ArgNums = 0, has_aux: bool = False, mode: str = "auto"
) -> Callable[..., Any]:
    """The derivatives of every number that a function returns, as a function of its arguments.

    Entries that are 0 for all arguments are not computed: the graph says which these are, and
    columns (or rows) that do not meet are computed together, as in `sparse_jacobian`.

    Args:
        f: a function of numbers or nested structures of them, that returns the same.
        argnums: as in `grad`.
        has_aux: as in `grad`.
        mode: "forward", "reverse", or "auto" for the one that does less.

    Returns:
        A function that returns the structure of `f`'s result, with each number replaced by its
        gradient, in the structure of the argument: for lists, the rows of the matrix
        `J[i][j] = d f_i / d x_j`. Arrays in give arrays out, as in JAX: the derivatives of an array
        in an array are one of shape `result.shape + argument.shape`. With `has_aux` it returns the
        pair of that and `aux`.

    Raises:
        TypeError: `f` is not a function, or `argnums` are not integers.
        ValueError: there is no such mode; (when called) there is no such argument.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    >>> import numpy as np
    >>> jacobian(lambda x: x * x)(np.array([2.0, 3.0]))
    array([[4., 0.],
           [0., 6.]])
    """
    return _jacobian("jacobian", f, argnums, has_aux, mode)


def jacfwd(
    f: Callable[..., Any], argnums: ArgNums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """`jacobian` in forward mode: for functions of few numbers that return many.

    >>> jacfwd(lambda x: [x, x * x, x * x * x])(2.0)
    [1.0, 4.0, 12.0]
    """
    return _jacobian("jacfwd", f, argnums, has_aux, "forward")


def jacrev(
    f: Callable[..., Any], argnums: ArgNums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """`jacobian` in reverse mode: for functions of many numbers that return few.

    >>> jacrev(lambda x: x[0] * x[1] * x[2])([2.0, 3.0, 4.0])
    [12.0, 8.0, 6.0]
    """
    return _jacobian("jacrev", f, argnums, has_aux, "reverse")


def value_and_jacobian(
    f: Callable[..., Any], argnums: ArgNums = 0, has_aux: bool = False, mode: str = "auto"
) -> Callable[..., Any]:
    """`jacobian` that returns the pair of the function's result and its derivatives.

    With `has_aux` the first is the pair `(result, aux)`.

    >>> value_and_jacobian(lambda x: [x[0] * x[1], x[0]])([2.0, 3.0])
    ([6.0, 2.0], [[3.0, 2.0], [1.0, 0.0]])
    """
    return _jacobian("value_and_jacobian", f, argnums, has_aux, mode, with_value=True)


def hessian(
    f: Callable[..., Any], argnums: ArgNums = 0, has_aux: bool = False, mode: str = "auto"
) -> Callable[..., Any]:
    """The second derivatives of a function that returns one number.

    It is the Jacobian of the gradient, and symmetric: of two equal entries one is computed.

    Args:
        f: as in `grad`.
        argnums: as in `grad`.
        has_aux: as in `grad`.
        mode: "forward" (over reverse), "reverse" (over reverse), or "auto" for the one that does
            less.

    Returns:
        A function that returns the structure of the argument twice nested: for a list, the rows of
        the matrix `H[i][j] = d2 f / dx_i dx_j`; for an array of n numbers, an array of shape
        `(n, n)`. With `has_aux` it returns the pair of that and `aux`.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    check_function("hessian", f, has_aux)
    slope = grad(f, argnums, has_aux)
    made = _jacobian("hessian", slope, argnums, has_aux, mode, is_symmetric=True)
    return named("hessian", f, made)


def _jacobian(
    who: str,
    f: Callable[..., Any],
    argnums: ArgNums,
    has_aux: bool,
    mode: str,
    with_value: bool = False,
    is_symmetric: bool = False,
) -> Callable[..., Any]:
    """`jacobian` and what is like it."""
    check_function(who, f, has_aux)
    wanted = wanted_of(argnums)
    modes = check_mode(who, mode)

    def call(*args: Any, **options: Any) -> Any:
        positions = positions_of(wanted, args)
        with pause_gc():
            trace = Trace(f, args, positions, options, has_aux)
            found = tree.outer(
                trace.definition,
                _one_or_all(wanted, trace.arguments, (tuple, None)),
                rows_of(trace, modes, is_symmetric),
            )
            if with_value:
                return ((trace.value, trace.aux) if has_aux else trace.value), found
            return (found, trace.aux) if has_aux else found

    return named(who, f, call)


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


def check_function(transform: str, f: Any, has_aux: Any = False) -> None:
    """Raise TypeError for arguments that no transform takes."""
    if not callable(f):
        hint = "" if transform in ("jvp", "vjp", "hvp") else f"; write {transform}(f)(x)"
        raise TypeError(f"{transform}: expected a function, got {describe(f)}{hint}")
    as_flag(has_aux, f"{transform}: has_aux")


def wanted_of(argnums: Any) -> int | tuple[int, ...]:
    """The argument numbers as an integer or a tuple of integers."""
    is_many = isinstance(argnums, Iterable) and not isinstance(argnums, str | bytes)
    numbers = list(argnums) if is_many else [argnums]
    try:
        if any(isinstance(n, bool) for n in numbers):
            raise TypeError
        found = tuple(map(index, numbers))
    except TypeError:
        raise TypeError(
            "argnums: expected the position of an argument, an integer, or a sequence of them,"
            f" got {describe(argnums)}"
        ) from None
    return found if is_many else found[0]


def positions_of(wanted: int | tuple[int, ...], args: Sequence[Any]) -> list[int]:
    """The argument numbers as a list of indices, counted from the end where negative."""
    numbers = [wanted] if isinstance(wanted, int) else wanted
    for n in numbers:
        if not -len(args) <= n < len(args):
            raise ValueError(
                f"argnums: there is no argument {n} among the {len(args)} given by position"
                " (keyword arguments are not differentiated)"
            )
    positions = [n % len(args) for n in numbers]
    if len(set(positions)) < len(positions):
        raise ValueError(f"argnums: expected different arguments, got {wanted}")
    return positions


def _one_or_all(
    wanted: int | tuple[int, ...], found: Sequence[Any], head: tuple[Any, ...] = ()
) -> Any:
    return found[0] if isinstance(wanted, int) else (*head, *found)


def _check_sequence(name: str, primals: Any, tangents: Any) -> None:
    for role, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, list | tuple):
            raise TypeError(
                f"{name}: expected {role} as a list or tuple of arguments, got {describe(given)}"
            )


def named(transform: str, f: Callable[..., Any], made: Callable[..., Any]) -> Callable[..., Any]:
    """A transformed function, with a name and a docstring that say of what."""
    name = getattr(f, "__name__", type(f).__name__)
    made.__name__ = made.__qualname__ = f"{transform}({name})"
    made.__doc__ = f"{transform} of {name}."
    made.__wrapped__ = f  # type: ignore[attr-defined]  # whose signature it has
    return made
