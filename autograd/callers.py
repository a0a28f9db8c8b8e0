"""Which function a frame is calling, found in its bytecode: what asks a Value for its number.

A function written in C, as those of `math`, has no frame: `math.exp(x)` calls `x.__float__` from
the frame that holds the call. The current instruction of that frame is the call, and the
instructions before it show where the function came from: a name, an attribute, an argument of
`map`. They are executed symbolically, once for each place; the names are looked up each time. No
source is needed, and anything that cannot be followed is unknown.
"""

from __future__ import annotations

import builtins
import cmath
import math
import sys
from collections import deque
from collections.abc import Iterator
from functools import reduce
from types import BuiltinFunctionType, CodeType, FrameType, ModuleType
from typing import Any, NamedTuple

CHECKS = ("isnan", "isinf", "isfinite", "isclose", "ulp")
"""Functions of `math` that lose no derivative: they only inspect a number."""

MATHEMATICS = {
    function: name
    for module in (cmath, math)
    for name, function in vars(module).items()
    if callable(function) and name not in CHECKS and not name.startswith("_")
}
"""The other functions of `math` and `cmath`."""

_BUILTINS = vars(builtins)
_CONSUMERS = {
    id(x)
    for x in (
        all,
        any,
        deque,
        dict,
        frozenset,
        list,
        max,
        min,
        next,
        reduce,
        set,
        sorted,
        sum,
        tuple,
    )
}
"""Functions that run an iterator, which may call a function of `math`."""


class Symbol(NamedTuple):
    """The origin of an object on the stack of a frame.

    Attributes:
        kind: `"local"`, `"global"`, `"attribute"`, `"item"`, `"constant"`, `"call"`, `"null"` or
            `"unknown"`.
        name: the name, the constant, or the symbol of the item's key.
        parts: the object whose attribute or item it is; of a call, the function and its arguments.
    """

    kind: str
    name: Any = None
    parts: tuple[Symbol, ...] = ()


UNKNOWN, NULL = Symbol("unknown"), Symbol("null")
_COMPUTING = ("BINARY", "COMPARE", "BUILD", "FORMAT", "CONTAINS", "IS_OP", "UNARY")
_NULL_IS_ABOVE = sys.version_info >= (3, 13)
"""Whether the NULL of a call that is not a method's lies above the function."""

_ALWAYS_KEYWORDS = sys.version_info >= (3, 14)
"""Whether `f(*args)` has a place for keyword arguments on the stack, though there are none."""


class Site:
    """What a frame does at one of its instructions.

    Attributes:
        code: kept alive, so that its `id` is not reused.
        function: what is called; unknown, where the instruction is not a call.
        operands: the arguments, or what else lies on top of the stack.
        formats: whether it is `%`, which formats text if its left operand is a string.
        is_float: whether what is called is named `float`.
    """

    __slots__ = ("code", "formats", "function", "is_float", "operands")

    def __init__(
        self,
        code: CodeType,
        function: Symbol = UNKNOWN,
        operands: tuple[Symbol, ...] = (),
        formats: bool = False,
    ) -> None:
        self.code = code
        self.function = function
        self.operands = operands
        self.formats = formats
        self.is_float = function == Symbol("global", "float")


_sites: dict[tuple[int, int], Site] = {}
_MOST_SITES = 10_000


def site(frame: FrameType) -> Site:
    """What the frame does at its current instruction."""
    code = frame.f_code
    key = id(code), frame.f_lasti
    found = _sites.get(key)
    if found is None:
        if len(_sites) >= _MOST_SITES:
            _sites.clear()
        try:
            found = _followed(code, frame.f_lasti)
        except Exception:  # instructions of a newer Python
            found = Site(code)
        _sites[key] = found
    return found


def mathematics(frame: FrameType) -> str | None:
    """The name of the function of `math` that the frame calls, or has called for it, if any."""
    here = _sites.get((id(frame.f_code), frame.f_lasti)) or site(frame)
    if here.is_float and "float" not in frame.f_globals:
        return None
    function = here.function
    called = _looked_up(function, frame)
    name = _mathematical(called)
    if name is None and (called is None or id(called) in _CONSUMERS):
        for symbol in (*_arguments(function), *here.operands):
            for x in (symbol, *_arguments(symbol)):
                name = name or _held(_looked_up(x, frame))
    return name


def is_harmless(frame: FrameType) -> bool:
    """Whether what the frame does now with the number of a Value loses no derivative."""
    here = site(frame)
    function = _looked_up(here.function, frame)
    return here.formats or any(function is getattr(math, name) for name in CHECKS)


def name(frame: FrameType) -> str:
    """The name of what the frame calls now, as in its code; empty if it calls nothing."""
    called = site(frame).function
    text = ""
    while called.kind == "attribute":
        text, called = f".{called.name}{text}", called.parts[0]
    return f"{called.name}{text}()" if called.kind in ("local", "global") else ""


def _followed(code: CodeType, place: int) -> Site:
    """The site at a place of the code, by symbolic execution from the beginning."""
    import dis

    stack: list[Symbol] = []
    stacks: dict[int, list[Symbol]] = {}
    for step in dis.get_instructions(code):
        stack = stacks.pop(step.offset, stack)
        operation, argument = step.opname, step.arg or 0
        if step.offset == place:
            break
        if step.opcode in dis.hasjrel or step.opcode in dis.hasjabs:
            stacks.setdefault(step.argval, _moved(stack, step, dis.stack_effect, jump=True))
        _follow(stack, step, operation, argument, dis.stack_effect)
    else:
        return Site(code)
    if operation.startswith(("CALL", "PRECALL")) and "INTRINSIC" not in operation:
        called, operands = _call(stack, operation, argument)
        return Site(code, called, operands)
    is_percent = operation == "BINARY_OP" and step.argrepr in ("%", "%=")
    return Site(code, UNKNOWN, tuple(stack[-2:]), is_percent)


def _follow(stack: list[Symbol], step: Any, operation: str, argument: int, effect: Any) -> None:
    """Execute an instruction on the symbolic stack."""
    pair = isinstance(step.arg, int) and bool(argument & 1)
    if operation == "LOAD_GLOBAL":
        whole = Symbol("global", step.argval)
        stack += ([whole, NULL] if _NULL_IS_ABOVE else [NULL, whole]) if pair else [whole]
    elif operation.startswith(("LOAD_FAST", "LOAD_DEREF", "LOAD_NAME", "LOAD_CLASSDEREF")):
        names = step.argval if isinstance(step.argval, tuple) else (step.argval,)
        stack += [Symbol("local", x) for x in names]
    elif operation == "STORE_FAST_LOAD_FAST":
        _popped(stack, 1)
        stack.append(Symbol("local", step.argval[1]))
    elif operation in ("LOAD_ATTR", "LOAD_METHOD"):
        whole = Symbol("attribute", step.argval, _popped(stack, 1))
        stack += [whole] * (1 + (operation == "LOAD_METHOD" or effect(step.opcode, argument) > 0))
    elif operation.startswith(("LOAD_CONST", "LOAD_SMALL_INT")):
        stack.append(Symbol("constant", step.argval))
    elif operation == "PUSH_NULL":
        stack.append(NULL)
    elif operation == "COPY":
        stack.append(stack[-argument] if argument <= len(stack) else UNKNOWN)
    elif operation == "SWAP":
        if argument <= len(stack):
            stack[-1], stack[-argument] = stack[-argument], stack[-1]
    elif operation == "BINARY_SUBSCR" or (operation, step.argrepr) == ("BINARY_OP", "[]"):
        base, key = _popped(stack, 2)
        stack.append(Symbol("item", key, (base,)))
    elif operation in ("PRECALL", "KW_NAMES", "GET_ITER", "NOP", "RESUME", "CACHE"):
        pass
    elif operation.startswith("CALL") and "INTRINSIC" not in operation:
        called, operands = _call(stack, operation, argument)
        count = {"CALL": 2, "CALL_KW": 3}.get(operation, 0)
        _popped(stack, count + argument if count else 3 + (argument & 1 or _ALWAYS_KEYWORDS))
        stack.append(Symbol("call", None, (called, *operands)))
    else:
        stack[:] = _moved(stack, step, effect, jump=False)


def _moved(stack: list[Symbol], step: Any, effect: Any, jump: bool) -> list[Symbol]:
    """The stack after an instruction of which only the stack effect is known."""
    change = effect(step.opcode, step.arg, jump=jump)
    found = list(stack)
    if change < 0:
        _popped(found, -change)
    if change <= 0 and step.opname.startswith(_COMPUTING):
        _popped(found, 1)
        found.append(UNKNOWN)
    return found + [UNKNOWN] * change


def _call(stack: list[Symbol], operation: str, argument: int) -> tuple[Symbol, tuple[Symbol, ...]]:
    """The function that is called, and its arguments."""
    found = list(stack)
    if operation == "CALL_FUNCTION_EX":
        operands = _popped(found, 1 + (argument & 1 or _ALWAYS_KEYWORDS))
    else:
        _popped(found, operation == "CALL_KW")
        operands = _popped(found, argument)
    first, second = _popped(found, 2)
    return (second if first is NULL else first), operands


def _popped(stack: list[Symbol], count: int) -> tuple[Symbol, ...]:
    missing = max(0, count - len(stack))
    found = stack[len(stack) - count + missing :] if count else []
    del stack[len(stack) - len(found) :]
    return (UNKNOWN,) * missing + tuple(found)


def _arguments(symbol: Symbol) -> Iterator[Symbol]:
    """The arguments of a call, and of calls in them."""
    for x in symbol.parts[1:] if symbol.kind == "call" else ():
        yield x
        yield from _arguments(x)


def _looked_up(symbol: Symbol, frame: FrameType) -> Any:
    """The object, if it can be found without running anything; else `None`."""
    kind, name, parts = symbol
    if kind == "local" and name in (local := frame.f_locals):
        return local[name]
    if kind in ("local", "global"):  # whose truth is not asked: it may be an array
        return frame.f_globals.get(name, _BUILTINS.get(name))
    if kind == "attribute":
        base = _looked_up(parts[0], frame)
        return base.__dict__.get(name) if type(base) is ModuleType else _attribute(base, name)
    if kind == "constant":
        return name
    if kind == "item":
        base, key = _looked_up(parts[0], frame), _looked_up(name, frame)
        try:
            return base[key] if type(base) in (dict, list, tuple) else None
        except (LookupError, TypeError):
            return None
    return None


def _attribute(x: Any, name: str) -> Any:
    for holder in (x, *(type(x).__mro__ if not isinstance(x, type) else x.__mro__)):
        try:
            held = vars(holder)
        except TypeError:  # slots
            continue
        if name in held:
            found = held[name]
            return found.__func__ if isinstance(found, staticmethod) else found
    return None


def _mathematical(x: Any) -> str | None:
    """The name of a function of `math`; `None` for anything else."""
    return MATHEMATICS.get(x) if type(x) is BuiltinFunctionType else None


def _held(x: Any) -> str | None:
    """The name of a function of `math` that this is, or that an iterator or a partial holds."""
    import gc

    name = _mathematical(x)
    kind = type(x)
    if name is None and (
        (kind.__module__ in ("itertools", "functools") or kind in (map, filter, zip, enumerate))
        or kind.__name__ == "ufunc"
    ):
        for held in gc.get_referents(x):
            name = name or (_held(held) if held is not x else None)
    return name
