"""What a function of JAX raises: by a callback to Python, since it has no other way."""

from __future__ import annotations

from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.custom_batching import custom_vmap

from autograd.jit.jax.lax_functions import varying


def checked(holds: Any, message: str, dtype: Any) -> Any:
    """1 where a condition holds; elsewhere a ValueError with this message.

    The callback runs only where the condition does not hold, also under `vmap`, where JAX would
    turn a branch into a choice between both sides: it is asked of all rows at once.

    Args:
        holds: a bool of JAX.
        message: what is wrong, and the remedy.
        dtype: of the result.
    """

    def judge(holds: Any) -> Any:
        if not np.all(holds):
            raise ValueError(message)
        return np.ones((), dtype)

    def asked(holds: Any) -> Any:
        result = jax.ShapeDtypeStruct((), dtype)
        return varying(jax.pure_callback(judge, result, holds, vmap_method="sequential"), holds)

    def passed(holds: Any) -> Any:
        return holds.astype(dtype)

    factor = custom_vmap(lambda holds: lax.cond(holds, passed, asked, holds))

    def of_rows(count: int, are_rows: Any, holds: Any) -> Any:
        return factor(holds.all()), False

    factor.def_vmap(of_rows)
    return cast(Any, lax.stop_gradient(factor(lax.stop_gradient(holds))))


def spoiling(x: Any, holds: Any, mark: Any) -> Any:
    """A summand that is nothing where a condition holds, and elsewhere a mark: NaN, or what raises.

    So are its derivatives of any order, also in a sum with what does not depend on `x`: a mark that
    is a factor of a constant is none of the derivative, which is 0.

    Args:
        x: what derivatives may be taken in; a sum stands for all of its operands.
        holds: a bool of JAX.
        mark: NaN, or what `checked` returns.
    """
    return _spoiling(x, holds, mark)


def _value(x: Any, holds: Any, mark: Any) -> Any:
    return varying(jnp.where(holds, -0.0, mark).astype(x.dtype), x)  # -0.0 + 0.0 would be 0.0


def _jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    found = _spoiling(*primals)
    return found, jnp.where(primals[1], 0.0, found * tangents[0])  # where, since 0 * inf is NaN


_spoiling: Any = jax.custom_jvp(_value)
_spoiling.defjvp(_jvp)
