"""Signs of zeros: which nodes may be -0.0 where that differs observably from 0.0.

`atan2(0.0, -1.0)` is pi and `atan2(-0.0, -1.0)` is -pi, and a function's result may be an operand
of such a function. So a compiled zero has the sign of the plain one wherever that is observable.
Mostly it is not: a square, an exponential, a comparison is the same for both, and so is a sum with
a number other than 0. There a program may be simplified further. Derivatives are excluded: their
zeros may have either sign.

In a traced program a `sum` or `dot` starts from 0.0, as `sum` in Python does, and is never -0.0. A
chain of additions starts with its first term: it is -0.0 if all terms are. In a program whose
additions have been gathered every `sum` and `dot` is of the second kind, and 0.0 is added to it
where it stands for one of the first and that makes a difference.
"""

from __future__ import annotations

from math import copysign, inf
from operator import eq

from autograd.jit.programs.program import Program
from autograd.jit.programs.rewrites import OPERATIONS, PURE
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive
from autograd.primitives.tracing import ACCUMULATE


def _said(fact: str) -> frozenset[Primitive]:
    """The operations of which a fact is claimed."""
    return frozenset(made for made in PURE if fact in made.facts)


ADD, SUB, MUL, DIV = TABLE["add"], TABLE["sub"], TABLE["mul"], TABLE["div"]
SUM, DOT, POWER = TABLE["sum"], TABLE["dot"], TABLE["pow_number"]
_CHOSEN = (TABLE["where"], OPERATIONS["take"])
_CHAINS = frozenset({SUM, DOT})
_DOTS = frozenset({DOT, ACCUMULATE})
_NEVER, _TELL, _KEEP = _said("unsigned") - _CHAINS, _said("tells"), _said("follows")
_WHOLE = _said("unsigned") & _said("jumps")
_NEUTRAL = {made: (made.joins or made).neutral for made in PURE}
_SUMS = frozenset(made for made, neutral in _NEUTRAL.items() if neutral == 0.0)
_EXTREMES = frozenset(made for made, neutral in _NEUTRAL.items() if neutral in (inf, -inf))


class Zeros:
    """The zeros of a program whose signs matter.

    Args:
        program: the program; the signs of its outputs are observable, except of derivatives.
        pure: the operations that are known; others may observe any sign.
        gathered: whether a `sum` or `dot` is -0.0 if all its terms are.

    Attributes:
        told: the nodes whose zeros differ observably by their sign.
        never: those of them, and constants, that are never -0.0.

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> x = program.input("x")
    >>> square = program.apply(TABLE["mul"], x, x)
    >>> program.outputs.append(program.apply(TABLE["sum"], x, square))
    >>> zeros = Zeros(program, frozenset(TABLE.values()), gathered=True)
    >>> zeros.told, zeros.never
    ({1, 2}, {1, 2})
    """

    def __init__(self, program: Program, pure: frozenset[object], gathered: bool) -> None:
        self._program = program
        self._is_never = _NEVER if gathered else _NEVER | _CHAINS
        numbers = program.constants.items()
        self.never = {i for i, x in numbers if x != 0.0 or copysign(1.0, x) > 0.0}
        self.told = set(program.outputs).difference(program.suspects)
        self._look_back(pure)
        self._look_on()

    def _look_back(self, pure: frozenset[object]) -> None:
        """Propagate `told` from nodes to their operands."""
        constants, operations = self._program.constants, self._program.operations
        told, is_never = self.told, self._is_never
        tell = {op for op in set(operations) if op is not None and (op in _TELL or op not in pure)}
        for node in range(len(operations) - 1, -1, -1):
            if node not in told and not (tell and operations[node] in tell):
                continue
            operation, operands = operations[node], self._program.operands[node]
            if operation is None:
                continue
            if operation in tell:
                told.update(operands)
            elif operation is MUL:
                if operands[0] != operands[1]:
                    told.update(operands)
            elif operation in is_never:
                continue
            elif operation in (ADD, SUM):
                # beside a term that is never -0.0 the sign of a zero does not matter
                never = next(filter(self._is_plainly_never, operands), None)
                told.update(operands if never is None else (never,))
            elif operation is SUB:
                told.update(operands[: 1 if self._is_plainly_never(operands[0]) else 2])
            elif operation in _CHOSEN:
                told.update(operands[1:])
            elif operation is DIV:
                told.add(operands[0])
            elif operation in _DOTS:
                half = len(operands) // 2
                if not any(map(eq, operands[:half], operands[half:])):  # a square is never -0.0
                    told.update(operands)
            elif operation is not POWER or constants.get(operands[1], 1.0) % 2.0 != 0.0:
                told.update(operands)

    def _is_plainly_never(self, node: int, depth: int = 3) -> bool:
        """Whether a node is never -0.0, by its operation and a bounded number of nodes below."""
        operation, operands = self._program.operations[node], self._program.operands[node]
        if operation is None:
            return node in self.never
        if operation is MUL or (operation in _DOTS and operation not in self._is_never):
            half = len(operands) // 2
            return any(map(eq, operands[:half], operands[half:]))
        if depth and operation in _SUMS:
            first = operands[:1] if operation is SUB else operands
            return any(self._is_plainly_never(i, depth - 1) for i in first)
        return operation in self._is_never

    def _look_on(self) -> None:
        """Propagate `never` from constants to results."""
        program, found, is_never = self._program, self.never, self._is_never
        for node in sorted(self.told):
            operation, operands = program.operations[node], program.operands[node]
            if operation is None:
                continue
            if operation is MUL:
                never = operands[0] == operands[1]
            elif operation in is_never:
                never = True
            elif operation in (ADD, SUM):
                never = not found.isdisjoint(operands)
            elif operation in _KEEP:
                never = operands[0] in found
            elif operation in _DOTS:
                half = len(operands) // 2
                never = any(map(eq, operands[:half], operands[half:]))
            elif operation is POWER:
                never = program.constants.get(operands[1], 1.0) % 2.0 == 0.0
            elif operation in _EXTREMES:
                never = found.issuperset(operands)
            else:
                never = operation in _CHOSEN and found.issuperset(operands[1:])
            if never:
                found.add(node)

    def rounded(self) -> set[int]:
        """The nodes of a gathered program where a zero needs the right sign, and might lack it."""
        operations = self._program.operations

        def is_told(node: int) -> bool:
            return node not in self.never or operations[node] in _WHOLE

        return set(filter(is_told, self.told))
