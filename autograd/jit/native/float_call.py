"""A run from Python's floats to floats, called as Python calls its own functions in C.

To pack numbers into a buffer, call machine code through `ctypes` and unpack what it left takes
Python several times as long as a formula takes the processor. Here machine code reads the floats
that it is called with, runs the program, and makes the floats that it returns. It knows how CPython
lays out floats and tuples, which `nested_lists.is_known` checks. Python's lock is held all the
while, so that one buffer serves all threads.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from autograd.jit.arrays.views import Numbers
from autograd.jit.native.target import Library

_CODE = """
declare ptr @PyTuple_New(i64)
declare ptr @PyFloat_FromDouble(double)
declare void @Py_DecRef(ptr)

; A tuple of the outputs for these inputs: an empty one if they are not so many floats, or if the
; run finds something. The data of the array %self are the class of floats, the numbers of inputs
; and outputs, the function, its buffer, where the outputs are, and where in a tuple the items are.
define ptr @call(ptr %self, ptr %args, i64 %given) {
  %data_at = getelementptr i8, ptr %self, i64 16
  %data = load ptr, ptr %data_at
  %float = load i64, ptr %data
  %inputs_at = getelementptr i64, ptr %data, i64 1
  %inputs = load i64, ptr %inputs_at
  %outputs_at = getelementptr i64, ptr %data, i64 2
  %outputs = load i64, ptr %outputs_at
  %run_at = getelementptr i64, ptr %data, i64 3
  %run = load ptr, ptr %run_at
  %numbers_at = getelementptr i64, ptr %data, i64 4
  %numbers = load ptr, ptr %numbers_at
  %results_at = getelementptr i64, ptr %data, i64 5
  %results = load ptr, ptr %results_at
  %head_at = getelementptr i64, ptr %data, i64 6
  %head = load i64, ptr %head_at
  %are_all = icmp eq i64 %given, %inputs
  br i1 %are_all, label %make, label %other
make:  ; before the buffer is touched: Python may collect garbage here, and call this again
  %made = call ptr @PyTuple_New(i64 %outputs)
  %is_made = icmp ne ptr %made, null
  br i1 %is_made, label %read, label %failed
read:
  %i = phi i64 [0, %make], [%i_after, %number]
  %are_read = icmp eq i64 %i, %inputs
  br i1 %are_read, label %compute, label %item
item:
  %item_at = getelementptr ptr, ptr %args, i64 %i
  %x = load ptr, ptr %item_at
  %kind_at = getelementptr i8, ptr %x, i64 8
  %kind = load i64, ptr %kind_at
  %is_float = icmp eq i64 %kind, %float
  br i1 %is_float, label %number, label %drop
number:
  %number_at = getelementptr i8, ptr %x, i64 16
  %bits = load i64, ptr %number_at
  %to = getelementptr i64, ptr %numbers, i64 %i
  store i64 %bits, ptr %to
  %i_after = add i64 %i, 1
  br label %read
compute:
  %status = call i64 %run(ptr %numbers)
  %is_right = icmp eq i64 %status, 0
  br i1 %is_right, label %start, label %drop
start:
  %slots = getelementptr i8, ptr %made, i64 %head
  br label %write
write:
  %j = phi i64 [0, %start], [%j_after, %kept]
  %are_written = icmp eq i64 %j, %outputs
  br i1 %are_written, label %done, label %result
result:
  %result_at = getelementptr double, ptr %results, i64 %j
  %result_number = load double, ptr %result_at
  %y = call ptr @PyFloat_FromDouble(double %result_number)
  %is_there = icmp ne ptr %y, null
  br i1 %is_there, label %kept, label %lost
kept:
  %slot = getelementptr ptr, ptr %slots, i64 %j
  store ptr %y, ptr %slot
  %j_after = add i64 %j, 1
  br label %write
done:
  ret ptr %made
drop:
  call void @Py_DecRef(ptr %made)
  br label %other
other:
  %empty = call ptr @PyTuple_New(i64 0)
  ret ptr %empty
lost:
  call void @Py_DecRef(ptr %made)
  br label %failed
failed:
  ret ptr null
}
"""
_CALLS = ("PyTuple_New", "PyFloat_FromDouble", "Py_DecRef")
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
def _method() -> tuple[_Method, Library]:
    """The method that all such functions share, and its code; they are never freed."""
    library = Library(_CODE, _CALLS)
    return _Method(b"run", library.address("call"), _FASTCALL, None), library


def float_call(
    run: int, buffer: Numbers, inputs: int, outputs: int, start: int, *reads: object
) -> Callable[..., tuple[float, ...]]:
    """A function from floats to a tuple of floats; the tuple is empty where it does not apply.

    Args:
        run: the address of a function from that of a buffer to what was found.
        buffer: the buffer, which nothing else uses; the inputs come first.
        inputs: how many there are.
        outputs: how many there are; not 0.
        start: where in the buffer they are.
        reads: what the function is alive with, and what it reads.

    Raises:
        RuntimeError: this Python does not show machine code its functions.
    """
    method, _ = _method()
    address = buffer.ctypes.data
    results, head = address + start * buffer.itemsize, tuple.__basicsize__
    places = id(float), inputs, outputs, run, address, results, head
    new: Any = ctypes.pythonapi.PyCFunction_NewEx
    new.argtypes, new.restype = (
        (ctypes.c_void_p, ctypes.py_object, ctypes.py_object),
        ctypes.py_object,
    )
    made: Callable[..., tuple[float, ...]] = new(
        ctypes.addressof(method), np.array(places, np.int64), (buffer, *reads)
    )
    return made
