"""Effects of a function while it is traced: noticed before they happen.

Python reports each call to a profile function before it is made, calls of functions written in C
included. So a trace that is about to print, to read a clock or a file, or to run unknown code is
stopped before it does so. Functions on a list may be called; all others are refused.

Since that makes a trace about three times slower, it is done only where something that a function
can reach is not known to be pure by its name (`is_pure`, `are_pure`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from threading import get_ident
from types import CodeType, FrameType, ModuleType
from typing import Any, TypeVar

from autograd.jit.calls.caches import Misses
from autograd.jit.calls.libraries import LIBRARIES, root_of

T = TypeVar("T")

_OWN = {"autograd", "nn", "numpy"}
_PURE = """
    builtins math cmath operator _operator itertools functools _functools copy copyreg types
    typing _typing enum dataclasses collections _collections _collections_abc abc _abc fractions
    decimal _decimal _pydecimal statistics _statistics string _string re _sre numbers contextlib
    heapq _heapq bisect _bisect array weakref _weakref _weakrefset contextvars _contextvars
    reprlib struct _struct textwrap json _json pickle _pickle datetime _datetime calendar uuid
    keyword inspect dis opcode pathlib fnmatch ntpath posixpath genericpath argparse graphlib
    annotationlib colorsys zlib binascii hashlib _hashlib _sha1 _sha2 _md5 _blake2 base64 _thread
    unicodedata
"""
PURE = _OWN | {"attr", "attrs"} | set(_PURE.split())
"""Modules whose functions do nothing but compute, or change what they are given."""

_IMPURE = {
    *("print", "open", "input", "exec", "eval", "compile", "breakpoint", "globals", "__import__"),
    *("now", "utcnow", "today", "getcontext", "setcontext", "localcontext", "uuid1", "uuid4"),
    *("exit", "start_new_thread", "start_new", "copy_context", "currentframe", "_getframe", "dump"),
    *("samples", "redirect_stdout", "redirect_stderr", "chdir"),
    *("fromtimestamp", "timestamp", "astimezone", "cache_info"),
    *("get_ident", "get_native_id", "_get_main_thread_ident", "_count"),
    *("ContextVar.set", "ContextVar.reset", "Context.run"),
}
"""Functions of theirs that do not."""

_READ_ALL = {
    "annotationlib",
    "copy",
    "dataclasses",
    "inspect",
    "json",
    "pprint",
    "reprlib",
    "argparse",
    "attr",
}
_READ_ALL |= {"pickle", "_pickle"}
"""Modules whose code reads every attribute of what it is given."""

_ASKED = {
    ("reprlib", get_ident),  # the thread, so as to notice a text that would contain itself
    ("dataclasses", get_ident),
    ("typing", sys._getframe),  # who asks whether an object fits a protocol
    ("typing", getattr(sys, "_getframemodulename", sys._getframe)),
}
"""What modules ask for that has no effect on what they compute, though it could elsewhere."""

_INDIRECT = {"vars", "dir", "type", "__build_class__", "__class__"}
"""Names by which code that no name tells may come to run."""


def is_pure(module: str, name: str = "") -> bool:
    """Whether what a module calls by this name only computes, and reads nothing unseen.

    >>> is_pure("math", "exp"), is_pure("builtins", "print"), is_pure("time", "time")
    (True, False, False)
    """
    root = module.partition(".")[0]
    is_known = root in PURE and root not in _READ_ALL and root not in _MIXED
    return is_known and name not in _IMPURE and name not in _INDIRECT


def are_pure(names: Iterable[str]) -> bool:
    """Whether no built-in function or attribute among these names may do more than compute."""
    found = set(names)
    return found.isdisjoint(_IMPURE) and found.isdisjoint(_INDIRECT)


_MIXED = {"pathlib", "uuid", "hashlib", "calendar", "weakref", "_thread"}
"""Modules that compute or do more, as the case may be."""

OF_NUMPY = {
    *("load", "loadtxt", "genfromtxt", "fromfile", "memmap", "save", "savez", "savetxt"),
    *("savez_compressed", "default_rng", "seterr", "geterr", "set_printoptions"),
    *("get_printoptions", "array2string", "array_repr", "array_str"),
}
"""Functions of NumPy that read or write files, or draw from what the system has."""

_PLAIN_C = {
    f
    for f in vars(sys.modules["builtins"]).values()
    if callable(f) and not isinstance(f, type) and getattr(f, "__name__", "") not in _IMPURE
} - {vars, dir}


RANDOM = "draws random numbers: draw by a key that is an argument (autograd.random), or pass them"


class Stopped(BaseException):  # not an Exception: the function must not catch it
    """A trace was about to do more than compute.

    Attributes:
        reason: what, or "" if the trace is to be made again with what was learned.
        learned: code that was not known, with the globals it reads; None if it names nothing new.
        cache: the function whose cache was about to be filled; None if that was not the reason.
    """

    def __init__(
        self,
        reason: str,
        learned: tuple[CodeType, dict[str, Any]] | None = None,
        cache: Any = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.learned = learned
        self.cache = cache


def watched(
    call: Callable[[], T],
    known: dict[int, CodeType],
    everything: bool,
    caches: Sequence[Any] = (),
) -> T:
    """Make a call, and stop it before it has an effect that cannot be undone.

    Args:
        call: what to do.
        known: the code, by its `id`, whose names have been looked up.
        everything: whether every attribute counts already, whatever its name.
        caches: the functions with caches that may be called.

    Raises:
        Stopped: it was about to have one, or to run code that is not known.

    >>> watched(lambda: 3, {}, True)
    3
    """
    before = sys.getprofile()
    if before is not None:
        raise Stopped("cannot be traced while another profiler is active")
    judge = _Judge(call, known, everything, Misses(caches))
    sys.setprofile(judge.callback())
    try:
        return call()
    finally:
        sys.setprofile(before)
        if judge.stopped is not None:
            raise judge.stopped from None


class _Judge:
    """What may run in one trace."""

    def __init__(
        self, call: Any, known: dict[int, CodeType], everything: bool, misses: Misses
    ) -> None:
        self.stopped: Stopped | None = None
        self._first = call.__code__
        self._known = known
        self._everything = everything
        self._misses = misses

    def callback(self) -> Callable[[FrameType, str, Any], None]:
        """The profile function. It is called twice for each call that is made."""
        free: set[int] = set()  # the ids of code that may run
        inner = {id(watched.__code__)}  # of the engine's own, which may call what it wants
        kept: list[Any] = []
        allowed = set[Any](_PLAIN_C)  # the same of functions and methods written in C
        importing: FrameType | None = None
        misses = self._misses

        def profile(frame: FrameType, event: str, arg: Any) -> None:
            nonlocal importing
            if importing is not None:
                if event == "return" and frame is importing:
                    importing = None
            elif event == "call":
                code = frame.f_code
                if id(code) in misses.codes and (cache := misses.filled(code)) is not None:
                    self._stop("fills a cache", cache=cache)
                if id(code) not in free:
                    if code.co_filename.startswith("<frozen importlib"):
                        importing = frame
                        return
                    module = str(frame.f_globals.get("__name__"))
                    if module.partition(".")[0] in _OWN or code.co_filename.startswith("<jit"):
                        inner.add(id(code))
                    else:
                        self._check_code(code, module, frame.f_globals)
                    kept.append(code)
                    free.add(id(code))
            elif event == "c_call" and id(frame.f_code) not in inner:
                owner = getattr(arg, "__self__", None)
                kind = owner if isinstance(owner, type) else type(owner)
                known = arg if kind is ModuleType else (kind, arg.__name__)
                if known not in allowed:
                    if (frame.f_globals.get("__name__"), arg) in _ASKED:
                        return
                    self._check_c_code(arg, owner)
                    allowed.add(known)

        return profile

    def _stop(self, reason: str, learned: Any = None, cache: Any = None) -> None:
        self.stopped = Stopped(reason, learned, cache)
        raise self.stopped

    def _check_code(self, code: CodeType, module: str, space: dict[str, Any]) -> None:
        if code is self._first or id(code) in self._known:
            return
        if module.partition(".")[0] not in LIBRARIES or code.co_filename == "<string>":
            if code.co_freevars:
                self._stop(
                    f"calls {code.co_qualname} ({code.co_filename}:{code.co_firstlineno}), whose"
                    " closure cannot be reached by names: pass it as an argument"
                )
            self._stop("", (code, space))  # a user's, or written for a class
        self._check(module, f"{module}.{code.co_qualname}", is_pure=True)

    def _check_c_code(self, f: Any, owner: Any) -> None:
        name = f.__name__
        if type(owner) is ModuleType:
            module = owner.__name__
            shown = name if module == "builtins" else f"{module}.{name}"
        else:
            kind = owner if isinstance(owner, type) else type(owner)
            module = root_of(next((k for k in kind.__mro__ if name in vars(k)), kind))
            shown = f"{kind.__name__}.{name}"
        self._check(module, shown, is_pure=name not in _IMPURE and shown not in _IMPURE)
        if f in (vars, dir) and not self._everything:
            self._stop("")

    def _check(self, module: str, shown: str, is_pure: bool) -> None:
        """Stop before a function of the standard library, unless it but computes."""
        root = module.partition(".")[0]
        if root in ("random", "_random"):
            self._stop(RANDOM)
        if root not in PURE or not is_pure:
            reason = "which may have effects: call it outside, and pass the result in"
            self._stop(f"calls {shown}, {reason}")
        if root in _READ_ALL and not self._everything:
            self._stop("")
