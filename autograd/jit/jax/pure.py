"""`as_jax`: a function of numbers as a function of JAX.

The function is traced at an example, by the compiler's trace, and each trace is a *branch*: what it
computes, and the conditions under which the function computes that. The function of JAX chooses
among the branches that it knows. Where it knows none it raises, or gives NaN, where that is asked
for.

A branch that is not taken is computed at its example, so that nothing in it is infinite or NaN, in
derivatives too. All of it is under `jax.jit`: a call outside of JAX's transforms is compiled once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, update_wrapper
from itertools import repeat
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from autograd.definitions import INTEGER, Definition, kinds
from autograd.errors import ARITHMETIC, FallbackError, TraceError
from autograd.jit.jax.branches import Branch, holding, takes, traced
from autograd.jit.jax.checks import checked, spoiling
from autograd.jit.jax.pytrees import (
    EXAMPLES,
    arrays_in,
    flat,
    pieces,
    register_classes,
    structured,
)
from autograd.jit.jax.static_arguments import Fixed, StaticArguments, filled
from autograd.jit.unsupported import Unsupported
from autograd.tree import unflatten

F = Callable[..., Any]
Call = tuple[tuple[Any, ...], dict[str, Any]]


class JaxFunction:
    """A function of JAX, made by `as_jax`.

    Args:
        f: the function of numbers.
        static: its static arguments; this and the next two as `as_jax` is given them.
        dtype: the type of all numbers.
        otherwise: what becomes of a branch that is not known.
        examples: calls of the function.
        before: the function that knows all of these but the last.

    Attributes:
        branches: how many branches of the function it knows, by the values of static arguments.
    """

    def __init__(
        self,
        f: F,
        static: Any,
        dtype: str,
        otherwise: str,
        examples: Sequence[Call],
        before: JaxFunction | None = None,
    ) -> None:
        self._f = f
        self._given = static
        self._dtype = dtype
        self._otherwise = otherwise
        self._examples = examples
        self._known: dict[Any, list[Branch]] = {}
        self._compiled: dict[Any, Callable[..., Any]] = {}
        update_wrapper(self, f, updated=())
        self._name = str(getattr(f, "__name__", type(f).__name__))
        self._static = StaticArguments(f, self._name, static)
        self._before = before
        for example in examples:
            self._know(self._static.split(*example)[2])
        self._before = None

    @property
    def branches(self) -> dict[Any, int]:
        """How many branches there are."""
        return {key: len(found) for key, found in self._known.items()}

    def is_kept(self) -> bool:
        """Whether all that it reads from outside is what it was when it was traced.

        A call asks that too, but not one that `jax.jit` has compiled.
        """
        return all(b.captured_state.is_kept() for known in self._known.values() for b in known)

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
        return JaxFunction(self._f, self._given, self._dtype, self._otherwise, examples, self)

    def __call__(self, *args: Any, **options: Any) -> Any:
        """What the function returns, for numbers and tracers of JAX."""
        dtype = self._type()
        args, options, fixed = self._static.split(args, options)
        key = self._know(fixed)
        known = self._known[key]
        for branch in known:
            if branch.captured_state.check() is None:
                change = branch.captured_state.change() or "something it can reach"
                raise TraceError(
                    f"as_jax: {self._name} reads {change}, which has changed since it was traced:"
                    " call as_jax again, or pass it as an argument"
                )
        inputs = _inputs(known[0], args, options, dtype, self._name)
        compiled = self._compiled[key]
        is_traced = any(isinstance(x, jax.core.Tracer) for x in jax.tree.leaves(inputs))
        found, holds = compiled(inputs, checks=is_traced)
        if isinstance(holds, jax.core.Tracer):  # within a function that JAX traces
            found, holds = compiled(inputs, checks=True)
        if holds is not None and not holds:
            raise ValueError(self._message())
        return structured(known[0].result, found)

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

    def _results(
        self, known: Sequence[Branch], inputs: Sequence[Any], checks: bool
    ) -> tuple[list[Any], Any]:
        """The numbers of the result, of the branch that holds, and whether one does.

        Args:
            known: the branches.
            inputs: the numbers of the arguments, in arrays and lists of scalars.
            checks: whether to raise where none does, by a callback; then that is None.
        """
        dtype = jnp.dtype(self._dtype)
        given = [flat(x, dtype) for x in inputs]
        numbers, holds = self._chosen(known, given, dtype)
        if holds is not None and not checks and self._otherwise == "raise":
            return [*pieces(known[0].result, numbers)], holds
        if holds is not None:
            is_nan = self._otherwise == "nan"
            mark = jnp.nan if is_nan else checked(holds, self._message(), dtype)
            total = sum([x.sum() for x in given], jnp.zeros((), dtype))
            numbers += spoiling(total, lax.stop_gradient(holds), mark)
        return [*pieces(known[0].result, numbers)], None

    def _chosen(
        self, known: Sequence[Branch], inputs: Sequence[Any], dtype: Any
    ) -> tuple[Any, Any]:
        """The numbers of the branch that holds, and whether one does; None if all do."""
        if len(known) == 1:
            return known[0].outputs(inputs, dtype)
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
        return numbers, marks.any()

    def _message(self) -> str:
        return (
            f"as_jax: {self._name} takes a branch that none of its {len(self._examples)} examples"
            " takes: add one that does, as_jax(f, *example).also(*other_example), or choose by"
            " autograd.where"
        )

    # Tracing

    def _know(self, fixed: Fixed) -> Any:
        """The key of some static arguments, whose branches are known from now on."""
        key = self._static.key(fixed)
        if key not in self._known:
            self._known[key] = known = self._traced(key, fixed)
            self._compiled[key] = jax.jit(partial(self._results, known), static_argnames="checks")
        return key

    def _traced(self, key: Any, fixed: Fixed) -> list[Branch]:
        """The branches of all examples that have these static arguments; or else of all examples.

        With other static arguments than its own an example need not be one: it is left out where
        the function raises, if another one is left.
        """
        examples = [self._static.split(*x) for x in self._examples]
        own = [x for x in examples if self._static.key(x[2]) == key]
        found: list[Branch] = []
        raised: Exception | None = None
        is_new = self._static.key(examples[-1][2]) == key
        if self._before and len(own) > is_new and self._before.is_kept():
            found = [*self._before._known[key]]
            own, examples = own[-1:] if is_new else [], []
        for args, options, mine in own or examples:
            try:
                branch = self._branch(args, options, mine if own else fixed)
            except ARITHMETIC as error:
                if own:
                    raise
                raised = raised or error
                continue
            if found:
                self._compare(found[0], branch)
            if not any(takes(other, branch.example) for other in found):
                found.append(branch)
        if raised and not found:
            raise raised
        return found

    def _compare(self, first: Branch, other: Branch) -> None:
        """Raise a ValueError if two branches have arguments or results of different structures."""
        for what, one, two in (
            ("arguments", first.arguments, other.arguments),
            ("results", first.result, other.result),
        ):
            if one != two:
                raise ValueError(
                    f"as_jax: {what} of {self._name} have different structures for two of its"
                    f" examples: {_shown(one)} and {_shown(two)}"
                )

    def _branch(self, args: Any, options: Any, fixed: Fixed) -> Branch:
        """The branch that an example takes."""
        leaves: list[Any] = []
        try:
            definition = EXAMPLES.define_call(args, options, leaves)
            register_classes(definition)
            numbers = [float(x) for x in leaves]
            return traced(filled(self._f, fixed), self._name, definition, numbers)
        except Unsupported as problem:
            raise FallbackError(self._name, str(problem), "as_jax") from None
        except TypeError as problem:
            if not leaves or INTEGER not in kinds(definition):
                raise
            raise TypeError(
                f"as_jax: {self._name}: {problem} (an argument that is needed as an integer belongs"
                " into static=)"
            ) from problem


class _Number:
    def __repr__(self) -> str:
        return "number"


def _shown(definition: Definition) -> str:
    """A structure as text.

    >>> _shown((dict, ("w", "b"), ("floats", 2), "number"))
    "{'w': [number, number], 'b': number}"
    """
    text = repr(unflatten(definition, repeat(_Number())))
    return text if len(text) <= 80 else f"{text[:79]}…"


def _inputs(branch: Branch, args: Any, options: Any, dtype: Any, name: str) -> list[Any]:
    """The numbers of arguments, in arrays and lists of scalars."""
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
