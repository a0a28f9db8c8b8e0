"""Numbers in nested lists and tuples as one array, by machine code that reads Python's objects.

To check that a list holds floats alone and to copy them takes Python 25 ns a number, in rows 80 ns.
Machine code follows the pointers of the list itself, in 2 ns. It knows how CPython lays out lists,
tuples and floats, which `is_known` checks, and it is called with Python's lock held, so that
nothing can change meanwhile.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Sequence
from functools import cache
from math import prod
from typing import Any

import numpy as np

from autograd.jit.arrays.nested_lists import array_reader as arrays_reader
from autograd.jit.native.target import Library
from autograd.jit.programs.program import GuardFailure

_CODE = """
; The numbers in an object whose levels are described at `level`, each by the class, the length and
; where the items are (a tuple), or 0 if a pointer is there to them (a list). Numbers go to `out`.
; It returns the place after the last one, or null if the object is another.
define ptr @read(ptr %object, ptr %level, i64 %depth, ptr %out, i64 %float) {
  %kind_at = getelementptr i8, ptr %object, i64 8
  %kind = load i64, ptr %kind_at
  %wanted = load i64, ptr %level
  %is_kind = icmp eq i64 %kind, %wanted
  br i1 %is_kind, label %sized, label %other
sized:
  %size_at = getelementptr i8, ptr %object, i64 16
  %size = load i64, ptr %size_at
  %length_at = getelementptr i8, ptr %level, i64 8
  %length = load i64, ptr %length_at
  %is_long = icmp eq i64 %size, %length
  br i1 %is_long, label %start, label %other
start:
  %inline_at = getelementptr i8, ptr %level, i64 16
  %inline = load i64, ptr %inline_at
  %is_inline = icmp ne i64 %inline, 0
  %inside = getelementptr i8, ptr %object, i64 %inline
  %pointer_at = getelementptr i8, ptr %object, i64 24
  %pointed = load ptr, ptr %pointer_at
  %items = select i1 %is_inline, ptr %inside, ptr %pointed
  %is_last = icmp eq i64 %depth, 1
  %next = getelementptr i8, ptr %level, i64 24
  %deeper = sub i64 %depth, 1
  br label %loop
loop:
  %i = phi i64 [0, %start], [%i_after, %number], [%i_after, %row]
  %at = phi ptr [%out, %start], [%at_number, %number], [%at_row, %row]
  %is_done = icmp eq i64 %i, %size
  br i1 %is_done, label %done, label %item
item:
  %item_at = getelementptr ptr, ptr %items, i64 %i
  %found = load ptr, ptr %item_at
  %i_after = add i64 %i, 1
  br i1 %is_last, label %leaf, label %row
leaf:
  %leaf_kind_at = getelementptr i8, ptr %found, i64 8
  %leaf_kind = load i64, ptr %leaf_kind_at
  %is_float = icmp eq i64 %leaf_kind, %float
  br i1 %is_float, label %number, label %other
number:
  %number_at = getelementptr i8, ptr %found, i64 16
  %bits = load i64, ptr %number_at
  store i64 %bits, ptr %at
  %at_number = getelementptr i8, ptr %at, i64 8
  br label %loop
row:
  %at_row = call ptr @read(ptr %found, ptr %next, i64 %deeper, ptr %at, i64 %float)
  %is_other = icmp eq ptr %at_row, null
  br i1 %is_other, label %other, label %loop
done:
  ret ptr %at
other:
  ret ptr null
}

; The same into an array, whose data are where its third field points. `levels` holds the class of
; floats and the depth before the levels.
define i64 @fill(ptr %object, ptr %levels, ptr %array) {
  %float = load i64, ptr %levels
  %depth_at = getelementptr i8, ptr %levels, i64 8
  %depth = load i64, ptr %depth_at
  %level = getelementptr i8, ptr %levels, i64 16
  %data_at = getelementptr i8, ptr %array, i64 16
  %data = load ptr, ptr %data_at
  %end = call ptr @read(ptr %object, ptr %level, i64 %depth, ptr %data, i64 %float)
  %is_other = icmp eq ptr %end, null
  %found = select i1 %is_other, i64 0, i64 1
  ret i64 %found
}
"""


@cache
def _fill() -> Callable[[Any, int, Any], int]:
    """The function from an object, the address of its levels and an array to whether it fits."""
    library = Library(_CODE)
    made = ctypes.PYFUNCTYPE(ctypes.c_int64, ctypes.py_object, ctypes.c_void_p, ctypes.py_object)(
        library.address("fill")
    )
    made.keeps = library.life  # type: ignore[attr-defined]
    return made


def is_known() -> bool:
    """Whether this Python lays objects out as the machine code expects."""
    sizes = [kind.__basicsize__ for kind in (object, float, list)]
    if sys.implementation.name != "cpython" or sizes != [16, 24, 40]:
        return False
    number, array = 0.1, np.zeros(1)
    row, rows = (number,), [number]
    word, double = ctypes.c_void_p.from_address, ctypes.c_double.from_address
    items = word(id(rows) + 24).value
    return (
        all(word(id(x) + 8).value == id(type(x)) for x in (number, row, rows))
        and word(id(row) + 16).value == word(id(rows) + 16).value == 1
        and word(id(row) + tuple.__basicsize__).value == id(number)
        and items is not None
        and word(items).value == id(number)
        and double(id(number) + 16).value == number
        and word(id(array) + 16).value == array.ctypes.data
    )


def array_reader(levels: Sequence[tuple[type, int]]) -> Callable[[Any], Any]:
    """The function that puts the numbers of nested lists and tuples into one array.

    Args:
        levels: their class and length (not 0), from the outermost to those of floats.

    Returns:
        The function, which raises GuardFailure (or ValueError, on another Python) for anything
        else.

    >>> array_reader([(list, 2), (tuple, 1)])([(1.0,), (2.0,)])
    array([1., 2.])
    """
    if not is_known():
        return arrays_reader(levels)
    fill, size, empty = _fill(), prod(length for _, length in levels), np.empty
    inside = tuple.__basicsize__
    entries = [(id(kind), length, inside * (kind is tuple)) for kind, length in levels]
    table = np.array([id(float), len(levels), *(x for entry in entries for x in entry)], np.int64)
    address = table.ctypes.data

    def read(x: Any, kept: Any = table) -> Any:
        made = empty(size)
        if not fill(x, address, made):
            raise GuardFailure
        return made

    return read
