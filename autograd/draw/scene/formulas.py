"""An operation as a formula, as somebody would write it: `(rate + sigma / 2) * maturity`.

What has a label stands by its label, and what has none by its own formula, as deep as fits. Of
several operations that are drawn as one, it is what they have in common.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from autograd.draw.scene.parts import Place
from autograd.draw.scene.structure import Structure
from autograd.text import visible

Name: TypeAlias = Callable[[Sequence[Place]], str | None]
"""The name of what is read at some places.

Empty where it has none, so that its own formula is written; `None` where that is not to be.
"""

LONGEST = 36  # characters of a formula
LONGEST_NAME = 16
DEEPEST = 6  # operations in each other
MOST_OPERANDS = 3
LEFT_OUT = "…"
ATOM = 5
PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "//": 2, "%": 2, "**": 4}
UNORDERED = ("//", "%")  # of which a * (b % c) is another number than a * b % c
NEGATION = 3
BRACKETS = re.compile(r"\([^()]*\)")
JOINT = re.compile(r"[\s+*/%^=-]")  # between the parts of a name that is a formula


def formula(structure: Structure, members: Sequence[int], name: Name, constants: bool) -> str:
    """The formula of a result, or of several: what is not true of all of them is left out.

    Args:
        structure: the graph.
        members: the results, all of the same operation.
        name: names the operand of all of them; see `Name`.
        constants: write plain numbers; else they are left out, as in a graph drawn for others.

    >>> from autograd import Value, exp
    >>> x, y = Value(2.0, "x"), Value(3.0, "y")
    >>> structure = Structure.of([exp(-x / (y - 0.5)) * (x + y) ** 2])
    >>> name = lambda places: structure.operand_label(places)
    >>> formula(structure, [len(structure.order) - 1], name, True)
    'exp(-x / (y - 0.5)) * (x + y) ** 2'
    >>> structure = Structure.of([(x - 1.5) ** 2, (y - 2.5) ** 2])
    >>> formula(structure, structure.outputs, name, True)
    '(… - …) ** 2'
    """
    best = ""
    for depth in range(1, DEEPEST + 1):
        text, _ = _written(structure, members, name, constants, depth)
        if best and (len(text) > LONGEST or text == best):
            break
        best = text
    return best


def _written(
    structure: Structure, members: Sequence[int], name: Name, constants: bool, depth: int
) -> tuple[str, int]:
    """Results as one operation on its operands, and how strongly that binds."""
    primitive, tails = structure.primitives[members[0]], structure.tails
    assert primitive is not None

    def operand(k: int) -> tuple[str, int]:
        places = [(i, k) for i in members]
        read = list(dict.fromkeys(tails[i][k] for i in members))
        if read == [None]:
            number, *others = {
                structure.bits(i, k): structure.number(i, k) for i in members
            }.values()
            text = f"{number:.4g}" if constants and not others else LEFT_OUT
            return text, NEGATION if text.startswith("-") else ATOM
        known = name(places)
        if known:
            return named(known)
        inner = [tail for tail in read if tail is not None]
        made = {(structure.primitives[tail], len(tails[tail])) for tail in inner}
        is_left_out = known is None or len(inner) < len(read) or len(made) > 1
        if is_left_out or structure.primitives[inner[0]] is None or depth == 1:
            return LEFT_OUT, ATOM
        return _written(structure, inner, name, constants, depth - 1)

    count = len(tails[members[0]])
    return written(primitive.symbol, [operand(k) for k in range(count)[: MOST_OPERANDS + 1]])


def written(symbol: str, operands: Sequence[tuple[str, int]]) -> tuple[str, int]:
    """An operation on operands, and how strongly it binds; given the same of each operand.

    >>> written("*", [("a + b", PRECEDENCE["+"]), ("c", ATOM)])
    ('(a + b) * c', 2)
    >>> written("*", [("a", ATOM), written("%", [("b", ATOM), ("c", ATOM)])])
    ('a * (b % c)', 2)
    """
    strength = PRECEDENCE.get(symbol)
    if strength is not None and len(operands) == 2:
        (left, binds_left), (right, binds_right) = operands
        is_power = symbol == "**"
        if binds_left < strength + is_power:
            left = f"({left})"
        if binds_right < strength + (not is_power and symbol not in "+*"):
            right = f"({right})"
        return f"{left} {symbol} {right}", strength - (symbol in UNORDERED)
    if symbol == "-" and len(operands) == 1:
        [(text, binds)] = operands
        return f"-{text}" if binds >= NEGATION else f"-({text})", NEGATION
    said = [text for text, _ in operands[:MOST_OPERANDS]]
    said += [LEFT_OUT] * (len(operands) > MOST_OPERANDS)
    return f"{symbol}({', '.join(said)})", ATOM


def named(name: str) -> tuple[str, int]:
    """A name in a formula, and how strongly it binds: it may be a formula itself.

    >>> named("w1"), named("f(x + 1)"), named("x1*w1 + b")
    (('w1', 5), ('f(x + 1)', 5), ('x1*w1 + b', 0))
    """
    text = shortened(name)
    inside, before = text, ""
    while inside != before:
        inside, before = BRACKETS.sub("", inside), inside
    return text, 0 if JOINT.search(inside, 1) else ATOM


def shortened(name: str) -> str:
    """A name in one line, cut where it is long."""
    text = visible(name)
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + LEFT_OUT
