"""The entry of a compiled function: a whole call, in code that is generated for it.

`flatten` handles any structure, and spends most of its time on finding out which it is. An *entry*
is written for one structure of arguments and one specialisation. It checks whether arguments have
that structure, takes the numbers out, has them computed, and builds the result. A small program
that runs in Python is part of it. That of `step(p, x)`, with two floats and a number, is

    def call(_args, _options):
        if _options or _check() is None:
            raise _Other
        (_v1, x,) = _args
        if not (_v1.__class__ is _list):
            raise _Other
        (p_0, p_1,) = _v1
        if not (p_0.__class__ is p_1.__class__ is x.__class__ is _float):
            raise _Other
        mul_1 = x * p_1
        return [p_0 - mul_1, p_1 + mul_1]

Other programs are handed the numbers in *parts*: an array stays an array, and the numbers between
two arrays form one list. With an array of 100 rows for `x` and machine code, it is

    def call(_args, _options):
        if _options:
            raise _Other
        (_v1, _v2,) = _args
        if not (_v1.__class__ is _list) or len(_v1) != 2:
            raise _Other
        if _v2.__class__ is not _ndarray or _v2.dtype is not _float64 or _v2.shape != (100, 2):
            raise _Other
        _part0 = [*_v1,]
        if set(map(type, _part0)) != {_float}:
            raise _Other
        data, nodes, given = _run((_part0, _v2.ravel(),), True)
        listed = data.tolist() if hasattr(data, 'tolist') else data
        return [*listed[0:2],]

Where nothing but these numbers is computed with, and no Value is made, they go from the arguments
to the program and from there to the result, with nothing between them. Machine code that is soon
done reads the arguments itself and fills an array (`autograd.jit.native.object_calls`); the last
lines are then

        _ready()
        data = _empty(3)
        if not _call(data, *_part0, _v2):
            if _v2.__class__ is not _ndarray or ...:
                raise _Other
            if not _call(data, *_part0, _dense(_v2)):
                data = _as_array(_run((_part0, _v2.ravel(),), True)[0], _float64)
        listed = data.tolist() if hasattr(data, 'tolist') else data
        return [*listed[0:2],]

Other code is handed them in the buffer of a machine, and the result is built from its outputs:

        _machine = _taken()
        try:
            _k16(_machine.cells, 0, *_part0)
            _machine.inputs[_k17] = _v2.ravel()
            data = _machine.compute()
            ...
        except _failures:
            pass
        finally:
            _give(_machine)

An entry never decides anything: where it raises, the call takes the general path.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from struct import Struct
from types import MappingProxyType
from typing import Any

from autograd.definitions import Definition
from autograd.jit.calls.compiled import FAILURES
from autograd.jit.calls.reading import Entry, Singles
from autograd.jit.calls.reading_parts import ArrayReader, Parts
from autograd.jit.calls.writing import MENTIONED, Source, Writing
from autograd.jit.programs.program import GuardFailure
from autograd.jit.python.straight import Straight
from autograd.jit.tuning import FEW_SINGLES

Run = Callable[[Sequence[Any], bool], tuple[Any, Sequence[Any], Sequence[Any]]]
"""From the parts, and whether all are floats, to the numbers of a run, the nodes that stand for
them, and the inputs."""


def entry_of_straight(
    arguments: Definition,
    straight: Straight,
    result: Definition,
    sources: Sequence[Source],
    refusals: Sequence[str] = (),
    mentioned: Mapping[str, Any] = MappingProxyType({}),
) -> Entry | None:
    """The entry with straight-line code in it, for floats alone; None if there is none.

    Args:
        arguments: the definition of the pair of arguments and keyword arguments.
        straight: the program; its inputs are the numbers among the arguments.
        result: the definition of the result.
        sources: where the numbers of the result come from.
        refusals: further conditions under which it does not apply.
        mentioned: what these mention.

    >>> from autograd.jit.calls.leaves import ARGUMENTS
    >>> double = entry_of_straight(ARGUMENTS.define_call((3.0,), {}, []),
    ...     Straight(["x"], [], ["x * 2.0"], {}), "number", [("float", 0)])
    >>> double((4.0,), {})
    8.0
    """
    reading = Singles(straight)
    used = Counter(k for kind, k in sources if kind in ("float", "bool"))
    returned = [f"_y{k}" if used[k] > 1 else y for k, y in enumerate(straight.returned)]
    writing = Writing(reading.constant, sources, returned)
    try:
        reading.read_call(arguments, refusals)
        if not straight.checks_floats:
            reading.check_floats()
    except GuardFailure:
        return None
    lines = [
        *straight.lines,
        *(f"_y{k} = {y}" for k, y in enumerate(straight.returned) if used[k] != 1),
        f"return {writing.expression(result)}",
    ]
    try:
        return reading.compiled(lines, {**straight.namespace, **MENTIONED, **mentioned})
    except SyntaxError:  # the result is nested too deeply for the expressions that are put into it
        return None


def entry_in_parts(
    arguments: Definition,
    run: Run,
    result: Definition,
    sources: Sequence[Source],
    array_reader: ArrayReader | None = None,
    direct: Mapping[str, Any] | None = None,
) -> Entry | None:
    """The entry that hands the numbers over in parts; None if the structure is too large.

    Args:
        arguments: the definition of the pair of arguments and keyword arguments.
        run: what they are handed to.
        result: the definition of the result.
        sources: where the numbers of the result come from.
        array_reader: how long lists become arrays, if they may.
        direct: what computes it with nothing in between, if that can be: `_ready` raises
            GuardFailure where the program does not hold, `_taken` is a machine, `_give` takes it
            back. Perhaps `_object_call` makes a call of Python's objects, of `_outputs` numbers.

    >>> from autograd.jit.calls.leaves import ARGUMENTS
    >>> entry = entry_in_parts(ARGUMENTS.define_call(([1.0, 2.0], 3.0), {}, []),
    ...     lambda parts, are_floats: (parts[0], (), ()), (list, None, *["number"] * 2),
    ...     [("float", 0), ("float", 2)])
    >>> entry(([4.0, 5.0], 6.0), {})
    [4.0, 6.0]
    """
    reading = Parts(array_reader)
    try:
        reading.read_call(arguments, ())
    except GuardFailure:
        return None
    text = Writing(reading.constant, sources).expression(result)
    parts, build = reading.finished(), []
    singles = re.findall(r"listed\[\d+\]", text)
    if len(singles) == text.count("listed") <= FEW_SINGLES:
        text = re.sub(r"listed(\[\d+\])", r"_float(data\1)", text)
    elif "listed" in text:
        build.append("listed = data.tolist() if hasattr(data, 'tolist') else data")
    build.append(f"return {text}")
    run_text = f"_run({parts}, {reading.are_floats})"
    general = [f"data, nodes, given = {run_text}", *build]
    lines = [*reading.late, *general]
    namespace: dict[str, Any] = {"_run": run, "_failures": FAILURES, **MENTIONED}
    if direct is not None and reading.are_floats:
        namespace |= direct
        called = _by_one_call(reading, run_text, build, namespace)
        lines = called or [*reading.late, *_by_machine(reading, build), *general]
    return reading.compiled(lines, namespace)


def _by_one_call(
    reading: Parts, run: str, build: Sequence[str], namespace: dict[str, Any]
) -> list[str] | None:
    """The statements of a call of machine code that reads the arguments and fills an array.

    None if there is no such call; else what they mention is added to the namespace.
    """
    shapes: list[tuple[int, ...] | None] = []
    for part in reading.parts:
        shapes += [None] * part.size if part.shape is None else [part.shape]
    made = namespace["_object_call"]("array", shapes) if "_object_call" in namespace else None
    if made is None:
        return None
    import numpy as np

    namespace |= {"_call": made, "_empty": np.empty, "_dense": np.ascontiguousarray}
    namespace |= {"_as_array": np.asarray, "_float64": np.dtype(np.float64)}
    given = [part.given for part in reading.parts]
    dense = [x if x.startswith("*") else f"_dense({x})" for x in given]
    return [
        "_ready()",
        f"data = _empty({namespace['_outputs']})",
        f"if not _call({', '.join(['data', *given])}):",
        *[f"    {line}" for line in reading.late],
        f"    if not _call({', '.join(['data', *dense])}):",
        f"        data = _as_array({run}[0], _float64)",
        *[re.sub(_SPAN, r"data[\1:\2]", line) for line in build],
    ]


_SPAN = r"_floats\(data, (\d+), (\d+), \(\d+,\)\)"
"""Numbers of a run as a flat array."""


def _by_machine(reading: Parts, build: Sequence[str]) -> list[str]:
    """The statements that put the numbers into a machine, compute, and build the result."""
    put, start = [], 0
    for part in reading.parts:
        if part.shape is None:
            pack = reading.constant(Struct(f"{part.size}d").pack_into)
            put.append(f"{pack}(_machine.cells, {8 * start}, *{part.text})")
        else:
            where = reading.constant(slice(start, start + part.size))
            put.append(f"_machine.inputs[{where}] = {part.text}")
        start += part.size
    build = [re.sub(_SPAN, r"data[\1:\2].copy()", line) for line in build]
    return [
        "_ready()",
        "_machine = _taken()",
        "try:",
        *[f"    {line}" for line in (*put, "data = _machine.compute()", *build)],
        "except _failures:",
        "    pass",
        "finally:",
        "    _give(_machine)",
    ]


def not_entered(args: Any, options: Any) -> Any:
    """Leave a call to the general path."""
    raise GuardFailure
