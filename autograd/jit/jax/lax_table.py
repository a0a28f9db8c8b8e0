"""The table of JAX: each primitive on whole arrays, by functions of `jax.numpy`.

A lowering follows the value rule in `autograd.primitives`. Where a rule raises it gives infinity or
NaN. A primitive of any number of operands is lowered to a function of one array, whose last axis
are the operands. A primitive without an entry is computed by its value rule, number by number, in a
callback to Python.

`FOLLOWING` are those whose derivative in JAX is their rule. That of all others is made of the rule
(`lax_rules`).
"""

from __future__ import annotations

import math
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from autograd.jit.jax import lax_functions as of
from autograd.jit.jax.lax_functions import Lowering
from autograd.jit.programs.inline import formula_program
from autograd.jit.programs.rewrites import BUILT_IN, CHOICES
from autograd.primitives.definition import Primitive
from autograd.primitives.norms import norm
from autograd.primitives.threefry import OF_WORDS

HELD = Primitive(
    "held",
    BUILT_IN["stop_gradient"].value,
    BUILT_IN["stop_gradient"].derivative,
    facts=" ".join(BUILT_IN["stop_gradient"].facts),
)
"""`stop_gradient` where JAX differentiates: no rewrite knows it, so none drops it."""

TIMES = Primitive(
    "times",
    BUILT_IN["mul"].value,
    BUILT_IN["mul"].derivative,
    facts=" ".join(BUILT_IN["mul"].facts - {"commutative"}),
)
"""A product whose first operand is linear in tangents: no operand is put into another place."""

_FUNCTIONS_OF_JAX: dict[str, Any] = {
    "sqrt": jnp.sqrt, "exp": jnp.exp, "exp2": jnp.exp2, "expm1": jnp.expm1, "log": jnp.log,
    "log2": jnp.log2, "log10": jnp.log10, "log1p": jnp.log1p, "atan2": jnp.arctan2,
    "sin": jnp.sin, "cos": jnp.cos, "tan": jnp.tan, "sinh": jnp.sinh, "cosh": jnp.cosh,
    "tanh": jnp.tanh, "asin": jnp.arcsin, "acos": jnp.arccos, "atan": jnp.arctan,
    "asinh": jnp.arcsinh, "acosh": jnp.arccosh, "atanh": jnp.arctanh, "erf": lax.erf,
    "erfc": lax.erfc,
}  # fmt: skip

_FOLLOWING: dict[str, Lowering] = {
    **dict.fromkeys(("identity", "finite"), lambda x: x),
    "stop_gradient": lax.stop_gradient,
    "neg": lambda x: -x,
    "add": of.by_pairs("sum", lambda a, b: a + b),
    "sub": of.by_pairs("sum", lambda a, b: a - b),
    "mul": of.by_pairs("product", lambda a, b: a * b),
    "where": lambda condition, x, y: jnp.where(condition != 0.0, x, y),
    **{name: partial(of.compared, name) for name in of.COMPARED},
    **{name: of.whole(getattr(jnp, name)) for name in ("floor", "ceil", "trunc")},
    "rint": lambda x: jnp.where(jnp.isfinite(x), jnp.rint(x), jnp.nan),
    "sign": of.sign,
    "sum": lambda x: jnp.sum(x, axis=-1),
    "dot": of.dot,
    "accumulate": of.dot,
}
"""The built-in operations whose derivative in JAX is their rule."""

_OTHERS: dict[str, Lowering] = {
    **_FUNCTIONS_OF_JAX,
    "div": of.quotient,
    "floordiv": of.floordiv,
    "mod": of.mod,
    "fmod": lambda a, b: lax.rem(*of.together(a, b)),
    "remainder": of.remainder,
    **dict.fromkeys(("pow", "pow_number", "number_pow"), of.power),
    "abs": jnp.abs,
    "copysign": jnp.copysign,
    "maximum": of.maximum,
    "minimum": of.minimum,
    "cbrt": of.cbrt,
    "hypot": of.hypot,
    "degrees": lambda x: x * (180.0 / math.pi),
    "radians": lambda x: x * (math.pi / 180.0),
    "sigmoid": of.sigmoid,
    "relu": lambda x: jnp.where(x < 0.0, 0.0, x),
    "leaky_relu": lambda x, slope: jnp.where(x <= 0.0, slope * x, x),
    "elu": lambda x, alpha: jnp.where(x <= 0.0, alpha * jnp.expm1(jnp.minimum(x, 0.0)), x),
    "silu": of.silu,
    "softplus": of.softplus,
    "softsign": lambda x: of.quotient(x, 1.0 + jnp.abs(x)),
    "gelu": of.gelu,
    "gelu_tanh": of.gelu_tanh,
    "prod": lambda x: jnp.prod(x, axis=-1),
    "max": lambda x: jnp.max(x, axis=-1),
    "min": lambda x: jnp.min(x, axis=-1),
    "logsumexp": of.logsumexp,
}
"""The others."""

JAX: dict[Primitive, Lowering] = {
    **{BUILT_IN[name]: lowering for name, lowering in (_FOLLOWING | _OTHERS).items()},
    **{made: partial(of.chosen, x.name) for x, made in CHOICES.items()},
    **{made: partial(of.draw, of_words) for made, of_words in OF_WORDS.items()},
    HELD: lax.stop_gradient,
    TIMES: _FOLLOWING["mul"],
    norm.primitive: of.norm,
}
"""The lowering of each operation. A number taken by an index is a step of its own (`take`)."""

FOLLOWING: set[Primitive] = {
    *(BUILT_IN[name] for name in _FOLLOWING),
    *CHOICES.values(),
    *OF_WORDS,
    HELD,
    TIMES,
}
"""The operations whose derivative in JAX is their rule."""


FORMULAS: dict[Primitive, Lowering] = {}
"""The formulas of primitives that are `opaque`."""


@lru_cache(maxsize=4096)
def opaque(made: Primitive) -> Primitive:
    """A primitive that has a formula, as one without: nothing inlines it, and its rule stays."""
    found = Primitive(
        made.name, made.value, made.derivative, facts=" ".join(made.facts), domain=made.domain
    )
    FORMULAS[found] = formula(made)
    return found


def computed(made: Primitive) -> Lowering:
    """What an operation is on arrays; without lowering or formula, its value rule in a callback."""
    return JAX.get(made) or FORMULAS.get(made) or partial(_called, made)


def _on_columns(made: Primitive) -> Lowering:
    """An operation on arrays, or numbers, one for each operand."""
    if made.arity is not None:
        return computed(made)
    return lambda *columns: computed(made)(jnp.stack(jnp.broadcast_arrays(*columns), axis=-1))


def formula(made: Primitive) -> Lowering:
    """The formula of a primitive on arrays."""

    def compute(*operands: Any) -> Any:
        program = formula_program(made, len(operands))
        given = list(jnp.broadcast_arrays(*map(jnp.asarray, operands)))
        found = program.interpret(given, _on_columns)
        return jnp.zeros_like(given[0]) + found[program.outputs[0]]

    return compute


def _called(made: Primitive, *operands: Any) -> Any:
    """The value rule for each number, called by JAX on the host; NaN where it raises."""
    of_rows = made.arity is None
    given = [operands[0]] if of_rows else list(jnp.broadcast_arrays(*map(jnp.asarray, operands)))
    shape = given[0].shape[:-1] if of_rows else given[0].shape
    dtype = given[0].dtype

    def value(*at: float) -> float:
        try:
            return float(made.value(*at))
        except (ArithmeticError, ValueError, LookupError):
            return math.nan

    def host(*arrays: Any) -> Any:
        columns = [np.asarray(x, np.float64) for x in arrays]
        if of_rows:
            rows = columns[0].reshape(-1, columns[0].shape[-1]).tolist()
            found, of = [value(*row) for row in rows], columns[0].shape[:-1]
        else:
            of = np.broadcast_shapes(*[x.shape for x in columns])
            flat = [np.broadcast_to(x, of).reshape(-1).tolist() for x in columns]
            found = [value(*at) for at in zip(*flat, strict=True)]
        return np.array(found, np.float64).reshape(of).astype(dtype)

    result = jax.ShapeDtypeStruct(shape, dtype)
    return jax.pure_callback(host, result, *given, vmap_method="broadcast_all")


def of_arrays(function: Lowering, made: Primitive) -> Lowering:
    """The lowering of a user's primitive: a function of arrays of one shape, traceable by JAX."""

    def compute(*operands: Any) -> Any:
        given = list(jnp.broadcast_arrays(*map(jnp.asarray, operands)))
        found = jnp.asarray(function(*given))
        if found.shape != given[0].shape:
            raise TypeError(
                f"the JAX lowering of {made.name} gives the shape {found.shape} for operands of"
                f" shape {given[0].shape}"
            )
        return found.astype(given[0].dtype)

    return compute


__all__ = ["FOLLOWING", "HELD", "JAX", "TIMES", "computed", "of_arrays", "opaque"]
