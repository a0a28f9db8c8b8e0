"""`jit`: functions of single numbers, compiled: trace, differentiate, simplify, lift, lower.

Import it from here: `from autograd.jit import jit`.
"""

from autograd.errors import TraceError
from autograd.jit.api import Jitted, jit

__all__ = ["Jitted", "TraceError", "jit"]
