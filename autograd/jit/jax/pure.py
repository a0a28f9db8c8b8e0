"""`as_jax`: a function of numbers as a function of JAX.

The function is traced at an example, by the compiler's trace, and each trace is a *branch*: what it
computes, and the conditions under which the function computes that. The function of JAX chooses
among the branches that it knows. Where it knows none it raises, by a callback to Python, since a
compiled function of JAX has no other way; or it gives NaN, where that is asked for.

A branch that is not taken is computed at its example, so that nothing in it is infinite or NaN, in
derivatives too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from inspect import signature
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from autograd.definitions import INTEGER, kinds
from autograd.errors import FallbackError, TraceError
from autograd.jit.calls.leaves import ARGUMENTS
from autograd.jit.jax.branches import Branch, holding, takes, traced
from autograd.jit.jax.pytrees import arrays_in, register_classes, structured
from autograd.jit.unsupported import Unsupported
from autograd.number import describe

F = Callable[..., Any]


class JaxFunction:
    """A function of JAX, made by `as_jax`.

    Attributes:
        branches: how many branches of the function it knows, by the values of static arguments.
    """

    def __init__(
        self,
        f: F,
        static: frozenset[int | str],
        dtype: str,
        otherwise: str,
        examples: Sequence[tuple[tuple[Any, ...], dict[str, Any]]],
    ) -> None:
        self._f = f
        self._static = static
        self._dtype = dtype
        self._otherwise = otherwise
        self._examples = examples
        self._known: dict[Any, list[Branch]] = {}
        update_wrapper(self, f, updated=())
        self._name = str(getattr(f, "__name__", type(f).__name__))
        for args, options in examples:
            key = self._split(args, options)[2]
            if key not in self._known:
                self._known[key] = self._traced(args, options)

    @property
    def branches(self) -> dict[Any, int]:
        """How many branches there are."""
        return {key: len(found) for key, found in self._known.items()}

    def also(self, *example: Any, **options: Any) -> JaxFunction:
        """A function that knows the branch of another example too.

        >>> import jax
        >>> from autograd import as_jax
        >>> jax.config.update("jax_enable_x64", True)
        >>> size = as_jax(lambda x: x if x > 0 else -x, 1.0).also(-1.0)
        >>> float(size(-3.0)), float(jax.grad(size)(-3.0))
        (3.0, -1.0)
        """
        examples = [*self._examples, (example, options)]
        return JaxFunction(self._f, self._static, self._dtype, self._otherwise, examples)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """What the function returns, for numbers and tracers of JAX."""
        dtype = self._type()
        args, options, key = self._split(args, options)
        if key not in self._known:
            self._known[key] = self._traced(*self._merged(key))
        known = self._known[key]
        for branch in known:
            if branch.captured_state.check() is None:
                change = branch.captured_state.change() or "something it can reach"
                raise TraceError(
                    f"as_jax: {self._name} reads {change}, which has changed since it was traced:"
                    " call as_jax again, or pass it as an argument"
                )
        first = known[0]
        inputs = _inputs(first, args, options, dtype, self._name)
        numbers = self._computed(known, inputs, dtype)
        return structured(first.result, numbers)

    def __repr__(self) -> str:
        return f"<as_jax of {self._name}>"

    def _type(self) -> Any:
        if self._dtype == "float64" and not jax.config.jax_enable_x64:
            raise TypeError(
                f"as_jax: {self._name} computes with float64, which JAX has turned off: call"
                ' jax.config.update("jax_enable_x64", True) first, or ask for'
                ' as_jax(..., dtype="float32")'
            )
        return jnp.dtype(self._dtype)

    def _computed(self, known: Sequence[Branch], inputs: Sequence[Any], dtype: Any) -> Any:
        """The numbers of the result, of the branch that holds."""
        if len(known) == 1:
            only, holds = known[0].outputs(inputs, dtype)
            return only if holds is None else only * self._checked(holds, dtype)
        stopped = [lax.stop_gradient(x) for x in inputs]
        marks = jnp.stack([holding(branch, stopped, dtype) for branch in known])
        cuts = np.cumsum([x.size for x in inputs])[:-1]
        numbers: Any = None
        for branch, holds in reversed([*zip(known, marks, strict=True)]):
            examples = np.split(np.array(branch.example), cuts)
            safe = [
                jnp.where(holds, x, jnp.asarray(y, dtype))
                for x, y in zip(inputs, examples, strict=True)
            ]
            found, _ = branch.outputs(safe, dtype)
            numbers = found if numbers is None else jnp.where(holds, found, numbers)
        return numbers * self._checked(marks.any(), dtype)

    def _checked(self, holds: Any, dtype: Any) -> Any:
        """1 where a branch holds; elsewhere an error, or NaN.

        A factor of the result is one of its derivatives too, so none can do without it.
        """
        if self._otherwise == "nan":
            return lax.stop_gradient(jnp.where(holds, 1.0, jnp.nan).astype(dtype))
        message = (
            f"as_jax: {self._name} takes a branch that none of its {len(self._examples)} examples"
            " takes: add one that does, as_jax(f, *example).also(*other_example), or choose by"
            " autograd.where"
        )

        def judge(holds: Any) -> Any:
            if not np.all(holds):
                raise ValueError(message)
            return np.ones(np.shape(holds), dtype)

        def asked(holds: Any) -> Any:
            result = jax.ShapeDtypeStruct(holds.shape, dtype)
            return jax.pure_callback(judge, result, holds, vmap_method="broadcast_all")

        def passed(holds: Any) -> Any:
            return holds.astype(dtype)

        return lax.stop_gradient(lax.cond(holds, passed, asked, holds))

    # Tracing

    def _split(self, args: Any, options: Any) -> tuple[tuple[Any, ...], dict[str, Any], Any]:
        """The arguments that are not static, and a key of the others."""
        static = self._static
        if not static:
            return args, options, ()
        names = list(_names(self._f))
        kept, fixed = list[tuple[Any, Any]](), list[tuple[Any, Any]]()
        for i, x in enumerate(args):
            is_static = i in static or (i < len(names) and names[i] in static)
            (fixed if is_static else kept).append((i, x))
        fixed += [(name, x) for name, x in sorted(options.items()) if name in static]
        key = tuple([(place, type(x), x) for place, x in fixed])
        try:
            hash(key)
        except TypeError:
            raise TypeError(
                f"as_jax: a static argument of {self._name} must be hashable, got {describe(key)}"
            ) from None
        return (
            tuple([x for _, x in kept]),
            {name: x for name, x in options.items() if name not in static},
            key,
        )

    def _merged(self, key: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The first example, with other values for its static arguments."""
        args, options, _ = self._split(*self._examples[0])
        return _with_static(args, options, key)

    def _traced(self, args: tuple[Any, ...], options: dict[str, Any]) -> list[Branch]:
        """The branches of all examples that have the static arguments of this one."""
        key = self._split(args, options)[2]
        given = [(args, options)]
        given += [x for x in self._examples if self._split(*x)[2] == key and x[0] is not args]
        found: list[Branch] = []
        for example in given:
            branch = self._branch(*self._split(*example))
            if found and (branch.arguments, branch.result) != (found[0].arguments, found[0].result):
                raise ValueError(
                    f"as_jax: two examples of {self._name} have different structures, or results"
                    f" that do: {found[0].arguments[2:]} and {branch.arguments[2:]}"
                )
            if not any(takes(other, branch.example) for other in found):
                found.append(branch)
        return found

    def _branch(self, args: Any, options: Any, key: Any) -> Branch:
        """The branch that an example takes."""
        f = self._f if not key else _filled(self._f, key)
        leaves: list[Any] = []
        try:
            definition = ARGUMENTS.define_call(args, options, leaves)
        except Unsupported as problem:
            raise FallbackError(self._name, str(problem)) from None
        try:
            register_classes(definition)
            return traced(f, self._name, definition, [float(x) for x in leaves])
        except Unsupported as problem:
            raise FallbackError(self._name, str(problem)) from None
        except TypeError as problem:
            if INTEGER not in kinds(definition):
                raise
            raise TypeError(
                f"as_jax: {self._name}: {problem} (an argument that is needed as an integer belongs"
                " into static=)"
            ) from problem


def _inputs(branch: Branch, args: Any, options: Any, dtype: Any, name: str) -> list[Any]:
    """The numbers of arguments, in flat arrays."""
    _, _, (_, _, *positional), (_, keys, *keyword) = branch.arguments
    if len(args) != len(positional) or options.keys() != set(keys):
        expected = [f"{len(positional)} arguments", *(f"{key}=" for key in keys)]
        raise TypeError(
            f"as_jax: {name} was traced with {', '.join(expected)}, got {len(args)}"
            + "".join([f", {key}=" for key in options])
        )
    found: list[Any] = []
    named = [f"argument {i}" for i in range(len(positional))]
    for path, part, x in zip(named, positional, args, strict=True):
        found += arrays_in(part, x, f"as_jax: {name}: {path}", dtype)
    for key, part in zip(keys, keyword, strict=True):
        found += arrays_in(part, options[key], f"as_jax: {name}: {key}", dtype)
    return found


def _names(f: F) -> Iterable[str]:
    try:
        return signature(f).parameters
    except (TypeError, ValueError):
        return ()


def _with_static(
    args: Sequence[Any], options: dict[str, Any], key: Any
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """All arguments of a call, given those that are static by place and name."""
    found, named = list(args), dict(options)
    for place, _, x in key:
        if isinstance(place, int):
            found.insert(place, x)
        else:
            named[place] = x
    return tuple(found), named


def _filled(f: F, key: Any) -> F:
    """The function of the arguments that are not static."""

    def filled(*args: Any, **options: Any) -> Any:
        found, named = _with_static(args, options, key)
        return f(*found, **named)

    return filled
