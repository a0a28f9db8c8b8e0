"""`jit`: functions of single numbers, compiled: trace, differentiate, simplify, lift, lower.

`from autograd import jit` and `from autograd.jit import jit` are both the function.
"""

from autograd.callable_package import make_callable
from autograd.errors import TraceError
from autograd.jit.api import Jitted, jit

__all__ = ["Jitted", "TraceError", "jit"]

make_callable(__name__, jit)
