"""The backends of the compiler that can be used here: some need NumPy, or LLVM too."""

from autograd.jit import backends

BACKENDS = [
    name for name, backend in backends.BACKENDS.items() if backend.is_quick and not backend.missing
]
"""Those that compile quickly; JAX has tests of its own."""
