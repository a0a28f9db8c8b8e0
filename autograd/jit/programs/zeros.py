"""Signs of zeros: which nodes may be -0.0 where somebody can tell it from 0.0.

`atan2(0.0, -1.0)` is pi and `atan2(-0.0, -1.0)` is -pi, and what a function returns may go on into
such a function. So a compiled zero has the sign of the plain one wherever that can be told. Mostly
it cannot: a square, an exponential, a comparison is the same for both, and so is a number that is
added to another than 0. There a program may be simpler than where signs count. Derivatives are left
out of this: their zeros may have either sign.

In a traced program a `sum` or `dot` starts from 0.0, as `sum` in Python does, and is never -0.0. A
chain of additions starts with its first term: it is -0.0 if all terms are. In a program whose
additions have been gathered every `sum` and `dot` is of the second kind, and 0.0 is added to it
where it stands for one of the first and that makes a difference.
"""

from __future__ import annotations

from math import copysign
from operator import eq

from autograd.jit.programs.program import Program

_NEVER = frozenset(
    {
        "exp",
        "exp2",
        "cos",
        "cosh",
        "sigmoid",
        "abs",
        "hypot",
        "acos",
        "acosh",
        "erfc",
        "log",
        "log2",
    }
    | {"log10", "floor", "ceil", "trunc", "sign", "softplus", "logsumexp", "number_pow"}
    | {"less", "less_equal", "equal", "not_equal"}
)
"""The operations whose result is never -0.0; it does not depend on the sign of a zero either."""

_TELL = frozenset({"atan2", "copysign"})
"""The operations that give something else for -0.0 than for 0.0."""

_DOTS = frozenset({"dot", "accumulate"})
_KEEP = frozenset({"sub", "relu", "sqrt", "identity", "stop_gradient", "finite"})
"""The operations that give -0.0 only if the first operand is -0.0."""


def may_be_negative(program: Program, gathered: bool) -> list[bool]:
    """Which nodes may be -0.0.

    Args:
        program: where to look.
        gathered: whether a `sum` or `dot` is -0.0 if all its terms are.

    >>> from autograd.primitives import TABLE
    >>> program = Program()
    >>> x = program.input("x")
    >>> square = program.apply(TABLE["mul"], x, x)
    >>> total = program.apply(TABLE["sum"], x, x)
    >>> may_be_negative(program, gathered=True), may_be_negative(program, gathered=False)
    ([True, False, True], [True, False, False])
    """
    found: list[bool] = []
    constants = program.constants
    for node, (operation, operands) in enumerate(
        zip(program.operations, program.operands, strict=True)
    ):
        if operation is None:
            number = constants.get(node)
            found.append(number is None or (number == 0.0 and copysign(1.0, number) < 0.0))
            continue
        name = operation.name
        if name in _NEVER or (name in ("sum", "dot") and not gathered):
            found.append(False)
        elif name in ("add", "sum"):
            found.append(all(map(found.__getitem__, operands)))
        elif name in _KEEP:
            found.append(found[operands[0]])
        elif name == "mul":
            found.append(operands[0] != operands[1])
        elif name in _DOTS:
            half = len(operands) // 2
            found.append(not any(map(eq, operands[:half], operands[half:])))
        elif name == "pow_number":
            found.append(constants.get(operands[1], 1.0) % 2.0 != 0.0)
        elif name in ("maximum", "minimum", "max", "min"):
            found.append(any(map(found.__getitem__, operands)))
        elif name in ("where", "take"):
            found.append(any(found[i] for i in operands[1:]))
        else:
            found.append(True)
    return found


def told_apart(program: Program, pure: frozenset[object]) -> list[bool]:
    """Of which nodes somebody can tell whether they are -0.0 or 0.0.

    Args:
        program: where to look; its outputs can be told, but for derivatives.
        pure: the operations that are known; others may tell anything.
    """
    told = set(program.outputs).difference(program.suspects)
    constants = program.constants
    for node in reversed(range(len(program))):
        operation, operands = program.operations[node], program.operands[node]
        if operation is None:
            continue
        name = operation.name
        if name in _TELL or operation not in pure:
            told.update(operands)
        elif node not in told or name in _NEVER:
            continue
        elif name in ("where", "take"):
            told.update(operands[1:])
        elif name == "mul":
            if operands[0] != operands[1]:
                told.update(operands)
        elif name in ("add", "sub", "sum"):
            if not any(map(constants.get, operands)):  # beside another number a 0 is lost
                told.update(operands)
        elif name == "div":
            told.add(operands[0])
        elif name in _DOTS:
            half = len(operands) // 2
            left, right = operands[:half], operands[half:]
            if any(map(eq, left, right)):  # a square has no sign
                told.update(i for a, b in zip(left, right, strict=True) if a != b for i in (a, b))
            else:
                told.update(operands)
        elif name != "pow_number" or constants.get(operands[1], 1.0) % 2.0 != 0.0:
            told.update(operands)
    return [node in told for node in range(len(program))]


def signs_told(program: Program, pure: frozenset[object], gathered: bool) -> list[bool]:
    """At which nodes a rule must not confuse the zeros: they can be told, and both may come.

    A 0.0 that is added makes a difference to -0.0 alone.
    """
    told = told_apart(program, pure)
    if any(told):
        negative = may_be_negative(program, gathered)
        for node, operation in enumerate(program.operations):
            if told[node] and operation is not None and operation.name == "add":
                others = [i for i in program.operands[node] if program.constants.get(i) != 0.0]
                told[node] = all(negative[i] for i in others)
    return told


def told_zeros(program: Program, pure: frozenset[object]) -> list[bool]:
    """At which nodes of a gathered program a zero must have the right sign, and might have none."""
    told = told_apart(program, pure)
    if any(told):
        negative = may_be_negative(program, gathered=True)
        for node, operation in enumerate(program.operations):
            name = operation.name if operation is not None else ""
            told[node] = told[node] and (negative[node] or name in ("floor", "ceil", "trunc"))
    return told
