"""This project, compiled as it is where there is no LLVM: the same, in NumPy or plain Python."""

from __future__ import annotations

from functools import partial

from benchmarks.peers import ours_jit

xor = partial(ours_jit.xor, backend="python")
moons = partial(ours_jit.moons, backend="numpy")
mapped = partial(ours_jit.mapped, backend="numpy")
digits = partial(ours_jit.digits, backend="numpy")
gpt = partial(ours_jit.gpt, backend="numpy")
rosenbrock = partial(ours_jit.rosenbrock, backend="numpy")
hessian = partial(ours_jit.hessian, backend="numpy")
