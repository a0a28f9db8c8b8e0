r"""Code: the text of one function in LLVM's intermediate representation, written line by line.

A value that changes from turn to turn of a loop is in a *slot* (LLVM: `alloca`), a cell of memory
that LLVM turns into a register. Language reference: https://llvm.org/docs/LangRef.html

>>> code = Code()
>>> with code.loop(0, 10) as i:
...     _ = code.value(f"mul i64 {i}, {i}")
>>> print("\n".join(code.lines))
  store i64 0, ptr %slot1
  br label %loop2
loop2:
  %v3 = load i64, ptr %slot1
  %v4 = mul i64 %v3, %v3
  %v5 = add nuw nsw i64 %v3, 1
  store i64 %v5, ptr %slot1
  %v6 = icmp ult i64 %v5, 10
  br i1 %v6, label %loop2, label %loop2.end
loop2.end:
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

Index: TypeAlias = str
"""A whole number of 64 bits: the name of a value, or the number itself."""


class Code:
    """The body of a function, being written.

    Attributes:
        lines: the instructions, in order.
        slots: the declarations of slots, which belong at the beginning of the function.
        functions: what the code calls, with their types.
        helpers: functions that belong to the code, by name.
        is_compact: whether a formula for many numbers is one of these too.
    """

    def __init__(self, is_compact: bool = False) -> None:
        self.lines: list[str] = []
        self.slots: list[str] = []
        self.functions: dict[str, str] = {}
        self.helpers: dict[str, str] = {}
        self.is_compact = is_compact
        self._count = 0

    def name(self, prefix: str = "v") -> str:
        """A name that no other value has."""
        self._count += 1
        return f"{prefix}{self._count}"

    def value(self, instruction: str) -> str:
        """Write an instruction; the name of what it computes."""
        self._count += 1
        name = f"%v{self._count}"
        self.lines.append(f"  {name} = {instruction}")
        return name

    def slot(self, kind: str, first: str, for_all: bool = False) -> str:
        """A cell that holds a value from turn to turn; its address.

        Args:
            kind: the type of the value.
            first: what the cell holds from here on.
            for_all: whether it does so from the beginning of the function on.
        """
        name = "%" + self.name("slot")
        self.slots.append(f"  {name} = alloca {kind}")
        (self.slots if for_all else self.lines).append(f"  store {kind} {first}, ptr {name}")
        return name

    @contextmanager
    def loop(self, start: Index | int, stop: Index | int, step: int = 1) -> Iterator[Index]:
        """Repeat what the block writes for each index, at least once."""
        if isinstance(start, int) and isinstance(stop, int) and start + step >= stop:
            yield str(start)
            return
        slot, label = self.slot("i64", str(start)), self.name("loop")
        self.lines += [f"  br label %{label}", f"{label}:"]
        index = self.value(f"load i64, ptr {slot}")
        yield index
        after = self.value(f"add nuw nsw i64 {index}, {step}")
        self.lines.append(f"  store i64 {after}, ptr {slot}")
        again = self.value(f"icmp ult i64 {after}, {stop}")
        self.lines += [f"  br i1 {again}, label %{label}, label %{label}.end", f"{label}.end:"]

    def plus(self, a: Index, b: Index) -> Index:
        """The sum of two indexes."""
        if a == "0" or b == "0":
            return b if a == "0" else a
        if a.isdigit() and b.isdigit():
            return str(int(a) + int(b))
        return self.value(f"add nsw i64 {a}, {b}")

    def any(self, mask: str, width: int) -> str:
        """Whether one of these truth values holds."""
        if width == 1:
            return mask
        kind = f"<{width} x i1>"
        function = f"llvm.vector.reduce.or.v{width}i1"
        self.functions[function] = f"i1 @{function}({kind})"
        return self.value(f"call i1 @{function}({kind} {mask})")

    def times(self, index: Index, factor: int) -> Index:
        """An index times a number."""
        if factor in (0, 1) or index.isdigit():
            return index if factor == 1 else str(int(index) * factor if factor else 0)
        return self.value(f"mul nsw i64 {index}, {factor}")

    def address(self, offset: Index, base: str = "%numbers", kind: str = "double") -> str:
        """Where something lies."""
        return self.value(f"getelementptr {kind}, ptr {base}, i64 {offset}")
