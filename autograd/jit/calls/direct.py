"""A whole call in one function: straight-line code between its arguments and its result.

A call of a compiled function reads its arguments, checks the guard, runs the program and rebuilds
the result. For a small program that takes as long as the program itself. Where everything is floats
the steps become one function: the arguments are unpacked into the program's variables, and the
result is built from its expressions. That of `step(p, x)`, with two floats and a number, is

    def _direct(_args, _options):
        if _options or _look() is None:
            return _unfit
        (_v1, x,) = _args
        if not (_v1.__class__ is _list):
            return _unfit
        (p_0, p_1,) = _v1
        if not (p_0.__class__ is p_1.__class__ is x.__class__ is _float):
            return _unfit
        mul_1 = x * p_1
        return [p_0 - mul_1, p_1 + mul_1]

It never decides anything: where it returns `UNFIT`, or raises, the call takes the general path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from autograd.jit.calls.vectors import NUMBER
from autograd.jit.calls.writing import Source, expression
from autograd.jit.python.straight import Straight

UNFIT = object()
"""Returned in place of a result where the code does not fit the arguments."""

_CLASSES = {"floats": "list", "list": "list", "tuple": "tuple", "dict": "dict"}
_NAMES = {"_unfit": UNFIT, "_float": float, "_list": list, "_tuple": tuple, "_dict": dict}

Direct = Callable[[Any, Any], Any]
"""From arguments and keyword arguments to the result, or `UNFIT`."""


def direct(
    description: Any,
    straight: Straight,
    result: Any,
    sources: Sequence[Source],
    refusals: Sequence[str] = (),
    mentioned: Mapping[str, Any] = MappingProxyType({}),
) -> Direct | None:
    """Write the function of a whole call; None if there is none for it.

    Args:
        description: what `flatten` says of the pair of arguments and keyword arguments.
        straight: the program; its inputs are the numbers among the arguments.
        result: the structure of the result.
        sources: where the numbers of the result come from.
        refusals: further conditions under which it does not fit.
        mentioned: what these mention.

    >>> from autograd.jit.calls.treedef import flatten
    >>> double = direct(flatten(((3.0,), {}), []), Straight(["x"], [], ["x * 2.0"], {}),
    ...                 "number", [("float", 0)])
    >>> double((4.0,), {}), double((4,), {}) is UNFIT
    (8.0, True)
    """
    _, (_, *args), (_, keys, *_) = description
    if keys:
        return None
    reading = _Reading(straight)
    try:
        reading.unpack("_args", args)
    except _NotRead:
        return None
    count = Counter(k for kind, k in sources if kind in ("float", "bool"))
    returned = [f"_y{k}" if count[k] > 1 else y for k, y in enumerate(straight.returned)]
    text, constants = expression(result, sources, returned)
    body = [
        *_refused(" or ".join(["_options", *refusals])),
        *reading.lines,
        *reading.floats(),
        *straight.lines,
        *(f"_y{k} = {y}" for k, y in enumerate(straight.returned) if count[k] != 1),
        f"return {text}",
    ]
    source = "def _direct(_args, _options):\n" + "".join([f"    {line}\n" for line in body])
    namespace = {**straight.namespace, **reading.namespace, **constants, **_NAMES, **mentioned}
    try:
        exec(compile(source, "<jit call>", "exec"), namespace)
    except SyntaxError:  # the result is nested too deeply for the expressions that are put into it
        return None
    found: Direct = namespace["_direct"]
    return found


class _NotRead(Exception):  # noqa: N818 - not an error: the general way is as good
    """There is something in the structure that is not read directly."""


class _Reading:
    """The statements that take arguments apart.

    Only classes are compared. A sequence of another length cannot be unpacked, which raises.
    """

    def __init__(self, straight: Straight) -> None:
        self.lines: list[str] = []
        self.namespace: dict[str, Any] = {}
        self._names = iter(straight.given)
        self._takes_apart = straight.takes_apart
        self._numbers: list[str] = []
        self._count = 0

    def unpack(self, text: str, parts: Sequence[Any]) -> None:
        """Read the things in a sequence, in order."""
        if not parts:
            raise _NotRead
        place = len(self.lines)
        names: list[str] = []
        classes: dict[str, list[str]] = {}
        for part in parts:
            if part == NUMBER:
                self._numbers.append(next(self._names))
                names.append(self._numbers[-1])
                continue
            if part.__class__ is str:
                raise _NotRead
            self._count += 1
            names.append(f"_v{self._count}")
            kind, *inside = part
            if kind in _CLASSES:
                classes.setdefault(_CLASSES[kind], []).append(names[-1])
            self._read(names[-1], kind, inside)
        checks = [line for kind, same in classes.items() for line in _refused(_unlike(same, kind))]
        self.lines[place:place] = [f"({', '.join(names)},) = {text}", *checks]

    def floats(self) -> list[str]:
        """The statements that check that all numbers are floats."""
        return _refused(_unlike(self._numbers, "float")) if self._numbers else []

    def _read(self, name: str, kind: str, parts: list[Any]) -> None:
        if kind in ("list", "tuple"):
            self.unpack(name, parts)
        elif kind == "floats":
            self.unpack(name, [NUMBER] * parts[0])
        elif kind == "dict":
            keys = self._constant(parts.pop(0))
            self.lines += _refused(f"_tuple({name}) != {keys}")
            self.unpack(f"{name}.values()", parts)
        elif kind == "numbers" and parts[1] == "f" and self._takes_apart:
            self._array(name, parts[0])
        elif kind == "same":
            self.lines += _refused(f"{name} is not {self._constant(parts[0].thing)}")
        elif kind == "fixed" and parts[0] in (type(None), bool):
            self.lines += _refused(f"{name} is not {self._constant(parts[1])}")
        else:
            raise _NotRead

    def _array(self, name: str, shape: tuple[int, ...]) -> None:
        import numpy as np

        self.namespace |= {"_ndarray": np.ndarray, "_float64": np.dtype("float64")}
        size = int(np.prod(shape))
        if size == 0:
            raise _NotRead
        self.lines += _refused(
            f"{name}.__class__ is not _ndarray or {name}.dtype is not _float64"
            f" or {name}.shape != {shape}"
        )
        names = [next(self._names) for _ in range(size)]
        listed = f"{name}.tolist()" if len(shape) == 1 else f"{name}.ravel().tolist()"
        self.lines.append(f"({', '.join(names)},) = {listed}")

    def _constant(self, thing: Any) -> str:
        name = f"_c{len(self.namespace)}"
        self.namespace[name] = thing
        return name


def _refused(condition: str) -> list[str]:
    return [f"if {condition}:", "    return _unfit"]


def _unlike(names: Sequence[str], kind: str) -> str:
    """The condition that not all are of one class."""
    return f"not ({' is '.join([f'{name}.__class__' for name in names])} is _{kind})"
