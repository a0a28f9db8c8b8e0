"""Runs between Python's objects, called as Python calls its own functions in C.

To put numbers into a buffer, call machine code through `ctypes` and take out what it left takes
Python several times as long as a formula takes the processor. Here machine code reads the floats
and arrays that it is called with, runs the program, and makes floats or fills an array
(`object_code`). It knows how CPython lays out floats and tuples, and NumPy arrays: `is_known` and
`knows_arrays` check that. Python's lock is held all the while: one buffer serves all threads.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from autograd.jit.arrays.views import Numbers
from autograd.jit.native.object_code import CODE
from autograd.jit.native.target import Library

Shape = tuple[int, ...] | None
"""Of an array that is an argument; None of a float."""

_CALLS = ("PyTuple_New", "PyFloat_FromDouble", "PyBool_FromLong", "Py_DecRef")
_FASTCALL = 0x80  # METH_FASTCALL: the arguments come as an array


class _Method(ctypes.Structure):
    """CPython's PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


@cache
def _methods() -> tuple[dict[str, _Method], Library]:
    """The methods that such functions share, and their code, which each of them keeps.

    Threads that come here at once make some each, and one of these stays.
    """
    library = Library(CODE, _CALLS)
    names = ("floats", "array")
    made = {x: _Method(b"run", library.address(x), _FASTCALL, None) for x in names}
    return made, library


@cache
def knows_arrays() -> bool:
    """Whether NumPy lays arrays out as the machine code expects."""
    word, short = ctypes.c_void_p.from_address, ctypes.c_int.from_address
    for x in (np.zeros((2, 3)), np.zeros((4, 5))[:, ::2], np.zeros(3, np.float32), np.zeros(())):
        lengths = (ctypes.c_int64 * x.ndim).from_address(word(id(x) + 32).value or 0)
        if not (
            word(id(x) + 16).value == x.ctypes.data
            and short(id(x) + 24).value == x.ndim
            and tuple(lengths) == x.shape
            and word(id(x) + 56).value == id(x.dtype)
            and bool(short(id(x) + 64).value & 1) == x.flags.c_contiguous
            and bool(short(id(x) + 64).value & 256) == x.flags.aligned
        ):
            return False
    return True


def object_call(
    makes: str,
    run: int,
    buffer: Numbers,
    shapes: Sequence[Shape],
    outputs: int,
    start: int,
    *reads: object,
) -> Callable[..., Any]:
    """A function that runs a program, called by Python as one of its own in C.

    Args:
        makes: `"floats"`: from floats to a tuple of floats, which is empty where it does not apply
            (so there must be an output). `"array"`: from an array for the outputs and the
            arguments to whether that array was filled.
        run: the address of a function from that of a buffer to what was found.
        buffer: the buffer, which nothing else uses; the inputs come first.
        shapes: of each argument.
        outputs: how many there are.
        start: where in the buffer they are.
        reads: what the function is alive with, and what it reads.

    Raises:
        RuntimeError: this Python does not show machine code its functions.
    """
    methods, library = _methods()
    address = buffer.ctypes.data
    lengths = np.array([n for shape in shapes for n in shape or ()], np.int64)
    entries: list[int] = []
    place = lengths.ctypes.data
    for shape in shapes:
        entries += (1, -1, 0) if shape is None else (int(np.prod(shape)), len(shape), place)
        place += lengths.itemsize * len(shape or ())
    table = np.array(
        [
            *(id(float), id(np.ndarray), id(np.dtype(np.float64)), len(shapes), outputs),
            *(run, address, address + start * buffer.itemsize, tuple.__basicsize__, *entries),
        ],
        np.int64,
    )
    new: Any = ctypes.pythonapi.PyCFunction_NewEx
    new.argtypes = ctypes.c_void_p, ctypes.py_object, ctypes.py_object
    new.restype = ctypes.py_object
    kept = methods, library.life, buffer, lengths, np.dtype(np.float64), *reads
    made: Callable[..., Any] = new(ctypes.addressof(methods[makes]), table, kept)
    return made
