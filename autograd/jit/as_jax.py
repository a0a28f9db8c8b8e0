"""`as_jax`: what users call; JAX is imported when it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from autograd.jit.backends import DTYPES, check_backend
from autograd.number import describe

if TYPE_CHECKING:
    from autograd.jit.jax.pure import JaxFunction

OTHERWISE = ("raise", "nan")


def as_jax(
    f: Callable[..., Any],
    *example: Any,
    static: int | str | Iterable[int | str] = (),
    dtype: str = "float64",
    otherwise: str = "raise",
    **options: Any,
) -> JaxFunction:
    """A function of numbers as a pure function of JAX, which JAX can trace.

    It can be put under `jax.jit`, `vmap`, `grad`, `jvp`, `hessian`, `shard_map`, `jax.export` and
    into optax. Loops become those of JAX, and what is alike array operations. Derivatives are those
    of the engine's own rules, at corners too, and those of your primitives. Where the engine raises
    (`1 / 0`), JAX gives infinity or NaN, and so do derivatives that do not exist.

    Args:
        f: a function of numbers, nested lists, tuples and dicts of them, arrays of NumPy or JAX,
            and objects of registered classes. It reads no Value from outside:
            `nn.functional_call` makes a model a function of its parameters.
        example: arguments to trace it with. Those of a call have the same structure; an array may
            stand for a list, or for rows of lists.
        static: places or names of arguments that are no numbers to compute with, such as a count:
            each value is traced by itself. With `jax.jit`, name them there too.
        dtype: `"float64"`, for which JAX needs `jax.config.update("jax_enable_x64", True)`;
            `"float32"` or `"bfloat16"`. All is computed in that type.
        otherwise: what becomes of a call that takes a branch which no example takes. `"raise"`
            raises an error, by a callback to Python; `"nan"` makes NaN of all results, without a
            callback, which cannot be exported.
        options: keyword arguments of the example.

    Returns:
        The function. Its method `also(*example)` makes one that knows the branch of another example
        too.

    Raises:
        FallbackError: the function cannot be compiled: it has effects, or reads what a pure
            function cannot read. It is never run plain.
        TraceError: it takes the number of a Value; (when called) what it reads has changed.
        ValueError, TypeError: there is no such type, or (when called) arguments have another
            structure, or float64 is turned off.
        ImportError: JAX is not installed.

    With the extra `jax`

        jax.config.update("jax_enable_x64", True)
        f = as_jax(lambda w, xs: sum((w * x - 1.0) ** 2 for x in xs), 0.5, [1.0, 2.0, 3.0])
        jax.jit(jax.grad(f))(0.5, [1.0, 2.0, 3.0])

    gives 2.0. docs/scale.md has more.
    """
    if dtype not in DTYPES:
        raise ValueError(
            f"as_jax: dtype must be one of {', '.join(map(repr, DTYPES))}, got {dtype!r}"
        )
    if otherwise not in OTHERWISE:
        raise ValueError(f"as_jax: otherwise must be 'raise' or 'nan', got {describe(otherwise)}")
    if not callable(f):
        raise TypeError(f"as_jax: expected a function, got {describe(f)}")
    check_backend("jax", "as_jax")
    from autograd.jit.jax.pure import JaxFunction

    return JaxFunction(f, static, dtype, otherwise, [(example, options)])
