r"""Vectors: numbers that are computed together, each in a lane of a register.

They have the operators of a number, and each writes an instruction. So a formula in Python writes
the code of that formula:

>>> code = Code()
>>> x = Lanes(code, "%x", 4)
>>> y = x * x + 1.0
>>> print("\n".join(code.lines))
  %v1 = fmul <4 x double> %x, %x
  %v2 = fadd <4 x double> %v1, splat (double 0x3FF0000000000000)
"""

from __future__ import annotations

import struct

from autograd.jit.native.code import Code, Index


def lanes(width: int, kind: str = "double") -> str:
    """The LLVM type of a vector.

    >>> lanes(1), lanes(8, "i1")
    ('double', '<8 x i1>')
    """
    return kind if width == 1 else f"<{width} x {kind}>"


def literal(number: float, width: int = 1) -> str:
    """A float as LLVM reads it, exact to the last bit.

    >>> literal(2.0), literal(0.0, 4)
    ('0x4000000000000000', 'zeroinitializer')
    """
    bits = struct.unpack("<Q", struct.pack("<d", number))[0]
    if width > 1 and bits == 0:
        return "zeroinitializer"
    text = f"0x{bits:016X}"
    return text if width == 1 else f"splat (double {text})"


class Lanes:
    """A value of the code: numbers that are computed together.

    Args:
        code: where its operators write.
        name: what the value is called there.
        width: how many numbers there are.
        constant: what each of them is, if that is known.
    """

    __slots__ = ("code", "constant", "name", "width")

    def __init__(self, code: Code, name: str, width: int, constant: float | None = None) -> None:
        self.code = code
        self.name = name
        self.width = width
        self.constant = constant

    @property
    def kind(self) -> str:
        """The type."""
        return lanes(self.width)

    def like(self, number: float) -> Lanes:
        """A constant of the same width."""
        return splat(self.code, number, self.width)

    def made(self, instruction: str) -> Lanes:
        """The result of an instruction, of the same width."""
        return Lanes(self.code, self.code.value(instruction), self.width)

    def _binary(self, operation: str, other: Lanes | float) -> Lanes:
        other = other if isinstance(other, Lanes) else self.like(other)
        return self.made(f"{operation} {self.kind} {self.name}, {other.name}")

    def __add__(self, other: Lanes | float) -> Lanes:
        return self._binary("fadd", other)

    def __sub__(self, other: Lanes | float) -> Lanes:
        return self._binary("fsub", other)

    def __mul__(self, other: Lanes | float) -> Lanes:
        return self._binary("fmul", other)

    def __truediv__(self, other: Lanes | float) -> Lanes:
        return self._binary("fdiv", other)

    def __radd__(self, other: float) -> Lanes:
        return self.like(other) + self

    def __rsub__(self, other: float) -> Lanes:
        return self.like(other) - self

    def __rmul__(self, other: float) -> Lanes:
        return self.like(other) * self

    def __rtruediv__(self, other: float) -> Lanes:
        return self.like(other) / self

    def __neg__(self) -> Lanes:
        return self.made(f"fneg {self.kind} {self.name}")

    def __abs__(self) -> Lanes:
        return self.intrinsic("fabs")

    def compared(self, relation: str, other: Lanes | float) -> Mask:
        """Where a relation holds: `oeq`, `une`, `olt`, `ole`, `ogt`, `oge`."""
        other = other if isinstance(other, Lanes) else self.like(other)
        return Mask(self.code.value(f"fcmp {relation} {self.kind} {self.name}, {other.name}"))

    def __lt__(self, other: Lanes | float) -> Mask:
        return self.compared("olt", other)

    def __gt__(self, other: Lanes | float) -> Mask:
        return self.compared("ogt", other)

    def __ge__(self, other: Lanes | float) -> Mask:
        return self.compared("oge", other)

    def where(self, mask: Mask, other: Lanes | float) -> Lanes:
        """These numbers where the mask holds, the others elsewhere."""
        other = other if isinstance(other, Lanes) else self.like(other)
        condition = f"{lanes(self.width, 'i1')} {mask}"
        return self.made(f"select {condition}, {self.kind} {self.name}, {other.kind} {other.name}")

    def intrinsic(self, name: str, *others: Lanes) -> Lanes:
        """A function that LLVM has for any width."""
        suffix = "f64" if self.width == 1 else f"v{self.width}f64"
        return self.call(f"llvm.{name}.{suffix}", *others)

    def call(self, function: str, *others: Lanes) -> Lanes:
        """A function of numbers of this width."""
        operands = (self, *others)
        types = ", ".join([self.kind] * len(operands))
        self.code.functions[function] = f"{self.kind} @{function}({types})"
        texts = ", ".join(f"{self.kind} {x.name}" for x in operands)
        return self.made(f"call {self.kind} @{function}({texts})")

    def each(self, function: str, *others: Lanes) -> Lanes:
        """A function of single numbers, called for one after the other."""
        if self.width == 1:
            return self.call(function, *others)
        found = "poison"
        for i in range(self.width):
            one, *rest = (x.lane(i) for x in (self, *others))
            number = one.call(function, *rest)
            found = self.code.value(
                f"insertelement {self.kind} {found}, double {number.name}, i64 {i}"
            )
        return Lanes(self.code, found, self.width)

    def lane(self, i: int) -> Lanes:
        """One of the numbers."""
        if self.width == 1:
            return self
        text = f"extractelement {self.kind} {self.name}, i64 {i}"
        return Lanes(self.code, self.code.value(text), 1)

    def halves(self) -> tuple[Lanes, Lanes]:
        """The first half of the numbers, and the second."""
        half = self.width // 2
        if half == 1:
            return self.lane(0), self.lane(1)
        kind = f"{self.kind} {self.name}, {self.kind} poison"
        first, second = (
            self.code.value(f"shufflevector {kind}, <{half} x i32> <{which}>")
            for which in (
                ", ".join(f"i32 {i}" for i in range(start, start + half)) for start in (0, half)
            )
        )
        return Lanes(self.code, first, half), Lanes(self.code, second, half)

    def added(self) -> Lanes:
        """The sum of the numbers, half of them to the other half."""
        if self.width == 1:
            return self
        first, second = self.halves()
        return (first + second).added()

    def spread(self, width: int) -> Lanes:
        """The number in every lane of a vector; numbers of that width stay as they are."""
        if width == self.width:
            return self
        kind = lanes(width)
        first = self.code.value(f"insertelement {kind} poison, double {self.name}, i64 0")
        text = f"shufflevector {kind} {first}, {kind} poison, <{width} x i32> zeroinitializer"
        return Lanes(self.code, self.code.value(text), width)

    def bits(self) -> str:
        """The numbers as whole numbers of 64 bits; the name of these."""
        return self.code.value(f"bitcast {self.kind} {self.name} to {lanes(self.width, 'i64')}")


class Mask(str):
    """The name of truth values, one for each lane."""

    __slots__ = ()


def splat(code: Code, number: float, width: int = 1) -> Lanes:
    """A constant."""
    return Lanes(code, literal(number, width), width, number)


def load(code: Code, offset: Index, width: int = 1) -> Lanes:
    """Contiguous numbers of the buffer."""
    text = f"load {lanes(width)}, ptr {code.address(offset)}, align 8"
    return Lanes(code, code.value(text), width)


def store(x: Lanes, offset: Index) -> None:
    """Write numbers into the buffer, contiguously."""
    at = x.code.address(offset)
    x.code.lines.append(f"  store {x.kind} {x.name}, ptr {at}, align 8")


class Cell:
    """A slot that holds numbers.

    Args:
        code: where it is used.
        first: what it holds from here on.
        width: how many numbers.
    """

    __slots__ = ("_address", "_code", "_width")

    def __init__(self, code: Code, first: float, width: int = 1) -> None:
        self._code = code
        self._width = width
        self._address = code.slot(lanes(width), literal(first, width))

    def get(self) -> Lanes:
        """What it holds."""
        text = f"load {lanes(self._width)}, ptr {self._address}"
        return Lanes(self._code, self._code.value(text), self._width)

    def set(self, x: Lanes) -> None:
        """Change what it holds."""
        self._code.lines.append(f"  store {x.kind} {x.name}, ptr {self._address}")
