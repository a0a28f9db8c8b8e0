"""What a function of JAX raises: by a callback to Python, since it has no other way."""

from __future__ import annotations

from typing import Any, cast

import jax
import numpy as np
from jax import lax
from jax.custom_batching import custom_vmap

from autograd.jit.jax.lax_functions import varying


def checked(holds: Any, message: str, dtype: Any) -> Any:
    """1 where a condition holds; elsewhere a ValueError with this message.

    A factor of the result is one of its derivatives too, so none can do without it. The callback
    runs only where the condition does not hold, also under `vmap`, where JAX would turn a branch
    into a choice between both sides: it is asked of all rows at once.

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
