"""`jit`: functions of single numbers at array speed. `help(autograd.jit.jit)` has its arguments.

>>> from autograd import jit
>>> @jit
... def error(xs, ts):
...     return sum((x - t) ** 2 for x, t in zip(xs, ts))
>>> error([1.0, 2.0], [0.0, 0.0])
5.0

The stages, each a package: trace and differentiate (`tracing`), simplify (`programs`), lift
(`arrays`), lower (`python`, `arrays`, `native`). `from autograd.jit import jit` works too, and
`register_lowering` says how a backend computes a primitive of yours.
"""

from typing import TYPE_CHECKING

from autograd.callable_package import make_callable
from autograd.errors import TraceError
from autograd.jit.api import Jitted, jit
from autograd.later import importer

if TYPE_CHECKING:
    from autograd.jit.lowerings import register_lowering
else:
    __getattr__ = importer(__name__, {"lowerings": "register_lowering"})

__all__ = ["Jitted", "TraceError", "jit", "register_lowering"]

make_callable(__name__, jit)
