"""Scalar automatic differentiation: write one number at a time, read the graph, run at array speed.

A `Value` is one number that remembers how it was computed. `backward()` applies the chain rule:

>>> from autograd import Value, draw, grad, jit, sin
>>> a = Value(2.0, label="a")
>>> b = a * 3
>>> c = b * b
>>> c.backward()
>>> a.grad
36.0

`draw(c)` is a picture of its graph, `draw(c).save("graph.html")` a page that steps through it.
Transforms take the derivative of a function, of any order; `jit` compiles one to array code:

>>> grad(sin)(0.0)
1.0
>>> @jit
... def square(x):
...     return x * x
>>> grad(square)(3.0)
6.0

What there is, each with an example in its docstring:

- `Value`; `no_grad`, `stop_gradient`; `pause_gc` for large graphs
- functions on floats and Values: those of `math` (`exp`, `log`, ...), activations (`relu`, `gelu`,
  ...), and functions of many numbers (`sum`, `mean`, `dot`, `softmax`, ...)
- transforms: `grad`, `value_and_grad`, `jacobian` (`jacfwd`, `jacrev`, `value_and_jacobian`),
  `hessian`, `jvp`, `vjp`, `hvp`; `vmap`
- `sparsity`: where a derivative is not 0; `sparse_jacobian`, `sparse_hessian`: only that
- loops that `jit` compiles as loops: `scan`, `fori_loop`; `while_loop`
- `register_dataclass`, `register_container`: user-defined classes as structures of numbers
- `primitive`: a user-defined operation, with its derivative
- `autograd.random`: random numbers as functions of a key, which can be compiled
- `as_jax`: a function of numbers as one of JAX, for accelerators and clusters
- `draw`, and `autograd.draw` with `draw_model` and `record`; `scope` and `record_scopes`, for boxes
  in drawings; `jit`, and `autograd.jit`
- `autograd.scipy`: SciPy's solvers with exact derivatives, of nested structures
- `autograd.testing`: `gradcheck`, which finds a wrong derivative, and more for checks
- errors and warnings: `AutogradError` and its subclasses, `LeftGraphWarning`

Networks, losses and optimisers are the package `nn`.
"""

from os.path import exists
from typing import TYPE_CHECKING

from autograd import functions
from autograd.errors import (
    AutogradError,
    FallbackError,
    GradientError,
    LeftGraphWarning,
    PatternError,
    RenderError,
    TraceError,
)
from autograd.functions import *  # noqa: F403
from autograd.later import importer
from autograd.modes import is_recording, no_grad, pause_gc
from autograd.primitives import SYMBOLIC_ZERO, Primitive, primitive
from autograd.primitives.activations import *  # noqa: F403
from autograd.primitives.elementary import *  # noqa: F403
from autograd.primitives.gammas import *  # noqa: F403
from autograd.primitives.piecewise import *  # noqa: F403
from autograd.primitives.special import *  # noqa: F403
from autograd.value import Value

if TYPE_CHECKING:
    from autograd import random as random
    from autograd import scipy as scipy
    from autograd import testing as testing
    from autograd.containers import register_container, register_dataclass
    from autograd.draw import draw as draw
    from autograd.jacobians import hessian, jacfwd, jacobian, jacrev, value_and_jacobian
    from autograd.jit import jit as jit
    from autograd.jit.as_jax import as_jax
    from autograd.loops import fori_loop, scan, while_loop
    from autograd.mapping import vmap
    from autograd.scopes import record_scopes, scope
    from autograd.sparse import sparse_hessian, sparse_jacobian, sparsity
    from autograd.transforms import grad, hvp, jvp, value_and_grad, vjp
else:  # with it every name would have a type
    __getattr__ = importer(
        __name__,
        {
            "containers": "register_container register_dataclass",
            "transforms": "grad hvp jvp value_and_grad vjp",
            "jacobians": "hessian jacfwd jacobian jacrev value_and_jacobian",
            "mapping": "vmap",
            "loops": "fori_loop scan while_loop",
            "scopes": "record_scopes scope",
            "sparse": "sparse_hessian sparse_jacobian sparsity",
            "draw": "",
            "jit": "",
            "jit.as_jax": "as_jax",
            "random": "",
            "scipy": "",
            "testing": "",
        },
    )

_FOLDER = __file__.removesuffix("__init__.py")

if exists(f"{_FOLDER}tracer.py"):  # HIPS autograd's, never this project's
    from warnings import warn

    warn(
        f"chainrule and HIPS autograd, which share the import name autograd, are both installed in"
        f" {_FOLDER}: the second has overwritten files of the first, which is broken now."
        " Remove both (pip uninstall autograd chainrule) and install the one that you need, or"
        " each in a separate environment",
        RuntimeWarning,
        stacklevel=2,
    )


def __dir__() -> list[str]:
    return sorted([*__all__, "draw", "jit", "random", "testing"])


__all__ = [
    "SYMBOLIC_ZERO",
    "AutogradError",
    "FallbackError",
    "GradientError",
    "LeftGraphWarning",
    "PatternError",
    "Primitive",
    "RenderError",
    "TraceError",
    "Value",
    "as_jax",
    "fori_loop",
    "grad",
    "hessian",
    "hvp",
    "is_recording",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "no_grad",
    "pause_gc",
    "primitive",
    "record_scopes",
    "register_container",
    "register_dataclass",
    "scan",
    "scope",
    "sparse_hessian",
    "sparse_jacobian",
    "sparsity",
    "value_and_grad",
    "value_and_jacobian",
    "vjp",
    "vmap",
    "while_loop",
]
__all__ += functions.__all__
