"""The target: LLVM's language compiled for the processor that this process runs on."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import NamedTuple

import llvmlite.binding as llvm

Function = Callable[[int], int]
"""From the address of a buffer to what was found (`looks`)."""


class Registers(NamedTuple):
    """The registers of the processor for floats.

    Attributes:
        width: how many numbers each holds.
        number: how many there are.
    """

    width: int
    number: int


@cache
def features() -> llvm.FeatureMap:
    """What the processor that this process runs on can do."""
    return llvm.get_host_cpu_features()


def registers() -> Registers:
    """The registers of that processor."""
    if features().get("avx512f"):
        return Registers(8, 32)
    if features().get("avx"):
        return Registers(4, 16)
    return Registers(2, 32 if features().get("neon") else 16)


@cache
def _target() -> llvm.Target:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple()


class Library:
    """Functions in machine code; they live as long as this object.

    Args:
        text: a module with functions from the address of a buffer to a whole number.
        calls: the functions outside of the module that it calls.

    Raises:
        RuntimeError: there is none of that name in this process. (Called, it would end it.)
    """

    def __init__(self, text: str, calls: Iterable[str] = ()) -> None:
        machine = _target().create_target_machine(  # one for each engine, which takes it over
            cpu=llvm.get_host_cpu_name(), features=features().flatten(), opt=2, jit=True
        )
        context = llvm.create_context()  # the global one keeps every constant for ever
        module = llvm.parse_assembly(text, context)
        passes = llvm.create_new_module_pass_manager()
        passes.add_sroa_pass()  # registers for slots; what else there is to do the writer has done
        passes.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options()))
        self._engine = llvm.create_mcjit_compiler(module, machine)
        for name in calls:
            if llvm.address_of_symbol(name) is None:
                raise RuntimeError(f"jit: the C library of this platform has no function {name}")
        self._engine.finalize_object()

    def function(self, name: str) -> Function:
        """A function."""
        address = self._engine.get_function_address(name)
        return ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)(address)


@lru_cache(maxsize=8)
def library(text: str, calls: frozenset[str] = frozenset()) -> Library:
    """The functions of a module; the same ones for the same text, if it was compiled lately.

    A derivative is often compiled more than once. A text that reads a table has its address in it,
    so it is the same only where that table is.
    """
    return Library(text, calls)
