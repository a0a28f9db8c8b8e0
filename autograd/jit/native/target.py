"""The target: LLVM's language compiled for the processor that this process runs on."""

from __future__ import annotations

import ctypes
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from functools import cache, lru_cache
from typing import NamedTuple

import llvmlite.binding as llvm
import numpy as np

from autograd.forks import at_fork
from autograd.jit.native import object_cache

Function = Callable[[int], int]
"""From the address of a buffer to what was found (`finiteness`)."""


_LLVM = threading.RLock()
"""Held by whoever calls LLVM, and across a fork, so that no child inherits it mid-work."""
at_fork(before=_LLVM.acquire, after_in_parent=_LLVM.release, after_in_child=_LLVM.release)


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
    with _LLVM:
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
    """Functions in machine code; it lives as long as this object, or as any of them.

    The garbage collector calls the finalisers of a cycle in any order, and each of them may still
    call the code. So what LLVM made is held outside of any cycle, by a finaliser, and freed when
    the last reference to `life` goes. That is an array, which the collector does not know: it
    cannot be part of a cycle, and outlives what refers to it.

    Args:
        text: a module with functions from the address of a buffer to a whole number.
        calls: the functions outside of the module that it calls.
        is_quick: whether code that is sooner there is good enough, until there is faster code.

    Attributes:
        is_quick: whether it is such code: not if the disk had the faster one.

    Raises:
        RuntimeError: there is none of that name in this process. (Called, it would end it.)
    """

    def __init__(self, text: str, calls: Iterable[str] = (), is_quick: bool = False) -> None:
        self.life = np.empty(0)
        self._addresses: dict[str, int] = {}
        made: list[bytes] = []
        with _LLVM:
            _free_unused()
            processor = llvm.get_host_cpu_name(), features().flatten()
            for level in (2, 0) if is_quick else (2,):
                entry = object_cache.entry(text, *processor, f"O{level}, sroa")
                kept = object_cache.read(entry) if entry else None
                if kept:
                    break
            self._engine, resources = _compile(text, calls, processor, level, kept, made.append)
        self.is_quick = level == 0
        if entry and made:
            object_cache.write(entry, made[0])
        weakref.finalize(self.life, _free, resources).atexit = False  # memory goes with the process

    def address(self, name: str) -> int:
        """Where a function is, as long as `life` lives."""
        if name not in self._addresses:  # LLVM takes long to say
            with _LLVM:
                self._addresses[name] = int(self._engine.get_function_address(name))
        return self._addresses[name]

    def function(self, name: str, *reads: object) -> Function:
        """A function, which keeps its code alive, and what it reads."""
        function = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)(self.address(name))
        function.keeps = self.life, reads  # type: ignore[attr-defined]
        return function


_UNUSED: deque[ExitStack] = deque()
"""What is to be freed. The collector may come by in a thread that holds another lock, which whoever
holds this one may wait for: it does not wait, and the next one to hold it frees."""


def _free(resources: ExitStack) -> None:
    _UNUSED.append(resources)
    if _LLVM.acquire(blocking=False):
        try:
            _free_unused()
        finally:
            _LLVM.release()


def _free_unused() -> None:
    while _UNUSED:
        with suppress(IndexError):
            _UNUSED.popleft().close()


def _compile(
    text: str,
    calls: Iterable[str],
    processor: tuple[str, str],
    level: int,
    kept: bytes | None,
    made: Callable[[bytes], object],
) -> tuple[llvm.ExecutionEngine, ExitStack]:
    """An engine, and the function that frees all its parts, its context last.

    Args:
        text: the module.
        calls: the functions outside of it that it calls.
        processor: the name of the processor, and what it can do.
        level: how much LLVM does for speed, of 3.
        kept: the machine code of the module, if it was compiled before.
        made: receives that code if it was not.
    """
    with ExitStack() as stack:
        context = stack.enter_context(llvm.create_context())  # the global one keeps all constants
        module = stack.enter_context(llvm.parse_assembly("" if kept else text, context))
        name, can = processor
        machine = _target().create_target_machine(  # one for each engine, which takes it over
            cpu=name, features=can, opt=level, jit=True
        )
        with (
            llvm.create_pipeline_tuning_options() as options,
            llvm.create_pass_builder(machine, options) as builder,
            llvm.create_new_module_pass_manager() as passes,
        ):
            passes.add_sroa_pass()  # registers for slots; what else there is to do the writer did
            passes.run(module, builder)
        engine = stack.enter_context(llvm.create_mcjit_compiler(module, machine))
        for name in calls:
            if llvm.address_of_symbol(name) is None:
                raise RuntimeError(f"jit: the C library of this platform has no function {name}")
        engine.set_object_cache(lambda _, code: made(code), lambda _: kept)
        engine.finalize_object()
        return engine, stack.pop_all()


@lru_cache(maxsize=8)
def library(text: str, calls: frozenset[str] = frozenset(), is_quick: bool = False) -> Library:
    """The functions of a module; the same ones for the same text, if it was compiled lately.

    A derivative is often compiled more than once.
    """
    return Library(text, calls, is_quick)
