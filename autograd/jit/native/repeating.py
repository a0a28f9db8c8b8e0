"""Repeating: a program run many times by one call, each run given results of the one before.

What repeats is machine code as well, the same for all programs. Before a run it copies a row to the
inputs that change; after it, the results to a row of their own, and the first of these to the first
inputs. So each run is the very code of a single one, and no result differs in any bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from autograd.jit.arrays.views import Numbers
from autograd.jit.native.target import Function, Library, library

_POINTERS = ["numbers", "changing", "rows", "left", "functions", "copies"]
_COUNTS = ["width", "turns", "leaves", "carried", "parts", "count"]
_FIELDS = [*_POINTERS, *_COUNTS]
"""What a plan says, eight bytes each; width, leaves and what is carried in bytes."""

_LOADS = "\n".join(
    f"  %at.{name} = getelementptr i64, ptr %plan, i64 {k}\n  %{name} = load {kind}, ptr %at.{name}"
    for k, name in enumerate(_FIELDS)
    for kind in ["ptr" if name in _POINTERS else "i64"]
)

_TEXT = f"""
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)

define i64 @repeat(ptr %plan) {{
{_LOADS}
  br label %turn
turn:
  %t = phi i64 [0, %0], [%next, %carry]
  %row.at = mul i64 %t, %width
  %row = getelementptr i8, ptr %rows, i64 %row.at
  call void @llvm.memcpy.p0.p0.i64(ptr %changing, ptr %row, i64 %width, i1 false)
  br label %part
part:
  %k = phi i64 [0, %turn], [%k.next, %passed]
  %function.at = getelementptr ptr, ptr %functions, i64 %k
  %function = load ptr, ptr %function.at
  %status = call i64 %function(ptr %numbers)
  %k.next = add i64 %k, 1
  %failed = icmp ne i64 %status, 0
  br i1 %failed, label %end, label %passed
passed:
  %parts.left = icmp ult i64 %k.next, %parts
  br i1 %parts.left, label %part, label %results
results:
  %record.at = mul i64 %t, %leaves
  %record = getelementptr i8, ptr %left, i64 %record.at
  br label %copy
copy:
  %c = phi i64 [0, %results], [%c.next, %copy]
  %copy.at = mul i64 %c, 3
  %to.at = getelementptr i64, ptr %copies, i64 %copy.at
  %from.at = getelementptr i64, ptr %to.at, i64 1
  %size.at = getelementptr i64, ptr %to.at, i64 2
  %to.offset = load i64, ptr %to.at
  %from.offset = load i64, ptr %from.at
  %size = load i64, ptr %size.at
  %to = getelementptr i8, ptr %record, i64 %to.offset
  %from = getelementptr i8, ptr %numbers, i64 %from.offset
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 %size, i1 false)
  %c.next = add i64 %c, 1
  %copies.left = icmp ult i64 %c.next, %count
  br i1 %copies.left, label %copy, label %carry
carry:
  call void @llvm.memcpy.p0.p0.i64(ptr %numbers, ptr %record, i64 %carried, i1 false)
  %next = add i64 %t, 1
  %turns.left = icmp ult i64 %next, %turns
  br i1 %turns.left, label %turn, label %end
end:
  %made = phi i64 [%t, %part], [%next, %carry]
  ret i64 %made
}}
"""


class Repetition(NamedTuple):
    """What is repeated, how often, and where its numbers come from and go.

    Attributes:
        rows: for each run the inputs that change; they come right after those that are carried.
        left: a row of results for each run. What is the same in each is in it already.
        carried: how many results, the first, are the first inputs of the next run.
        sources: for each result that is computed, its place in the row, and that among the
            outputs.
        handed: for each result that is an input, its place in the row, and that of the input.
    """

    rows: Numbers
    left: Numbers
    carried: int
    sources: Sequence[tuple[int, int]]
    handed: Sequence[tuple[int, int]]

    def run(self, made: Library, names: Sequence[str], buffer: Numbers, start: int) -> int:
        """Repeat it until a run finds that it cannot be done; how many were made.

        Args:
            made: the code.
            names: its functions, in order.
            buffer: their numbers; the inputs, of the first run, are in it.
            start: where in the buffer the outputs lie.
        """
        functions = np.array([made.address(name) for name in names], np.int64)
        copies = _copies([*((to, start + k) for to, k in self.sources), *self.handed])
        buffer_at = buffer.ctypes.data
        plan = {
            "numbers": buffer_at,
            "changing": buffer_at + buffer.itemsize * self.carried,
            "rows": self.rows.ctypes.data,
            "width": self.rows.itemsize * self.rows.shape[1],
            "turns": len(self.rows),
            "left": self.left.ctypes.data,
            "leaves": self.left.itemsize * self.left.shape[1],
            "carried": buffer.itemsize * self.carried,
            "functions": functions.ctypes.data,
            "parts": len(functions),
            "copies": copies.ctypes.data,
            "count": len(copies),
        }
        fields = np.array([plan[name] for name in _FIELDS], np.int64)
        return _repeat()(fields.ctypes.data)


def _copies(places: Sequence[tuple[int, int]]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Where to, where from and how many bytes: neighbours that go to neighbours in one piece."""
    pairs = sorted(places)
    breaks = [0, *(k for k, (a, b) in enumerate(pairwise(pairs), 1) if (a[0] + 1, a[1] + 1) != b)]
    ends = [*breaks[1:], len(pairs)]
    pieces = [(*pairs[a], b - a) for a, b in zip(breaks, ends, strict=True) if b > a]
    return 8 * np.array(pieces, np.int64).reshape(-1, 3)


@cache
def _repeat() -> Function:
    return library(_TEXT, frozenset({"memcpy"})).function("repeat")
