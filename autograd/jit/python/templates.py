"""The operations as Python expressions.

A template is the value rule as an expression of operands `a`, `b`, `c`. Python's own parser reads
it once: where an operand stands in the tree says which expressions need parentheses there, whether
it might go uncomputed (the side of a choice that is not taken: what might raise is replaced by its
name), and whether it is a condition (a comparison is then written as one). An operand that occurs
twice is given a name first.

A primitive without a template is called by its value rule. The test suite compares every template
with the rule it stands for, bit by bit, and the errors too.
"""

from __future__ import annotations

import ast
import builtins
import math
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from autograd.jit.programs.rewrites import OPERATIONS
from autograd.primitives.definition import Primitive

LEVELS = {
    name: level
    for level, name in enumerate(
        ("choice", "test", "compare", "sum", "product", "sign", "power", "atom")
    )
}
"""The precedence of an expression, from `x if c else y` to a name or a call."""

_PLACES: dict[type[ast.AST], tuple[str, dict[str, str]]] = {
    **dict.fromkeys((ast.Add, ast.Sub), ("sum", {"left": "sum", "right": "product"})),
    **dict.fromkeys(
        (ast.Mult, ast.Div, ast.FloorDiv, ast.Mod),
        ("product", {"left": "product", "right": "sign"}),
    ),
    ast.Pow: ("power", {"left": "atom", "right": "atom"}),
    ast.USub: ("sign", {"operand": "power"}),
    **dict.fromkeys((ast.And, ast.Or), ("test", {"values": "compare"})),
    ast.Compare: ("compare", {"left": "sum", "comparators": "sum"}),
    ast.IfExp: ("choice", {"test": "test", "body": "compare"}),
    ast.Call: ("atom", {}),
}
"""The precedence of each kind of expression, and of what stands in it: a choice if not said."""

_UNKNOWN: tuple[str, dict[str, str]] = ("choice", {})
_OPERANDS = "abcdef"

Pick: TypeAlias = Callable[..., str | None]
"""What picks a template by those operands that are constants; the others are None."""


class Template(NamedTuple):
    """An expression with places for operands.

    Attributes:
        texts: what stands between the places, before the first and after the last.
        places: for each place the operand, its level, and whether it may go uncomputed.
        level: of the whole expression.
        repeated: the operands that have several places.
        test: the comparison that a number is made of: all that is written of it in a condition.
    """

    texts: tuple[str, ...]
    places: tuple[tuple[int, str, bool], ...]
    level: int
    repeated: frozenset[int]
    test: str | None


@cache
def template(text: str) -> Template:
    """The template for an expression.

    >>> template("a + b").texts, [level for _, level, _ in template("a + b").places]
    (('', ' + ', ''), ['sum', 'product'])
    """
    root = ast.parse(text, mode="eval").body
    places = sorted(_places(root, "choice", False))
    starts = [0, *(column + 1 for column, *_ in places)]
    stops = [*(column for column, *_ in places), len(text)]
    texts = tuple(text[i:j] for i, j in zip(starts, stops, strict=True))
    operands = [operand for _, operand, *_ in places]
    repeated = frozenset(operand for operand in operands if operands.count(operand) > 1)
    made_of = re.fullmatch(r"1\.0 if (.*) else 0\.0", text)
    test = made_of and made_of[1]
    level = LEVELS[_kind(root)[0]]
    return Template(texts, tuple(place[1:] for place in places), level, repeated, test)


def filled(text: str, operands: Sequence[str]) -> str:
    """A template with names, or what holds together like them, in its places.

    >>> filled("a - b", ["x", "y[1]"])
    'x - y[1]'
    """
    made = template(text)
    parts = [
        operands[k] + after for (k, *_), after in zip(made.places, made.texts[1:], strict=True)
    ]
    return "".join([made.texts[0], *parts])


def known_template(text: str, operation: Primitive) -> str:
    """A template of a user, checked to be one; what it mentions is in `NAMES` from now on.

    Raises:
        ValueError: it is something else than arithmetic, comparisons, choices and calls of
            functions of `math`, or built-in ones, on the operands.
    """
    operands, found = [*_OPERANDS[: operation.arity]], dict[str, object]()
    try:
        nodes = list(ast.walk(ast.parse(text, mode="eval").body))
    except SyntaxError:
        raise ValueError(f"the template {text!r} of {operation.name} is no expression") from None
    for node in nodes:
        if isinstance(node, ast.Name) and node.id not in _OPERANDS:
            found[node.id] = getattr(math, node.id, None) or getattr(builtins, node.id, None)
        if isinstance(node, ast.Name):
            is_known = node.id in operands or bool(found.get(node.id))
        elif isinstance(node, ast.Constant):
            is_known = type(node.value) in (int, float)
        else:
            signs = ast.expr_context | ast.operator | ast.cmpop | ast.USub
            is_known = isinstance(node, signs) or _kind(node) is not _UNKNOWN
        if not is_known:
            raise ValueError(
                f"the template {text!r} of {operation.name} has {ast.unparse(node)!r}, which is no"
                f" operand ({', '.join(operands)}), sign or choice, nor a function of `math`"
            )
    NAMES.update(found)
    return text


def _kind(node: ast.AST) -> tuple[str, dict[str, str]]:
    return _PLACES.get(node.op.__class__ if hasattr(node, "op") else node.__class__, _UNKNOWN)


def _places(node: ast.AST, level: str, is_lazy: bool) -> Iterator[tuple[int, int, str, bool]]:
    """The column of each operand, its number, its level, and whether it may go uncomputed."""
    if isinstance(node, ast.Name) and node.id in _OPERANDS:
        yield node.col_offset, _OPERANDS.index(node.id), level, is_lazy
    for field, inside in ast.iter_fields(node):
        is_side = isinstance(node, ast.IfExp) and field != "test"
        for child in inside if isinstance(inside, list) else [inside]:
            if isinstance(child, ast.AST):
                wanted = _kind(node)[1].get(field, "choice")
                yield from _places(child, wanted, is_lazy or is_side)


def _call(name: str) -> str:
    return f"{name}({', '.join(_OPERANDS[: OPERATIONS[name].arity])})"


_CALLED = """
    exp exp2 expm1 log log2 log10 log1p sqrt sin cos tan asin acos atan atan2 hypot sinh cosh tanh
    asinh acosh atanh erf erfc degrees radians abs copysign fmod remainder
"""
"""Those that are a function of `math`, or a built-in one."""


def _power(base: float | None, exponent: float | None) -> str | None:
    """A power, where a constant among the operands sees to it that the result is real."""
    is_real = (base or 0.0) > 0.0 or (exponent is not None and exponent.is_integer())
    return "a ** b" if is_real else None


_BUILT_IN: dict[str, str | Pick] = {
    # arithmetic
    "identity": "a",
    "stop_gradient": "a",
    "neg": "-a",
    "add": "a + b",
    "sub": "a - b",
    "mul": "a * b",
    "div": "a / b",
    "floordiv": "a // b",
    "mod": "a % b",
    "pow_number": _power,
    "number_pow": _power,
    # elementary
    **{name: _call(name) for name in _CALLED.split()},
    "sigmoid": "1.0 / (1.0 + exp(-a)) if a >= 0.0 else (_e := exp(a)) / (1.0 + _e)",
    # piecewise
    "floor": "float(floor(a))",
    "ceil": "float(ceil(a))",
    "trunc": "float(trunc(a))",
    "maximum": "b if a < b or b != b else a",
    "minimum": "b if b < a or b != b else a",
    "where": "b if a else c",
    "less": "1.0 if a < b else 0.0",
    "less_equal": "1.0 if a <= b else 0.0",
    "equal": "1.0 if a == b else 0.0",
    "not_equal": "1.0 if a != b else 0.0",
    # activations
    "relu": "0.0 if a < 0.0 else a",
    "leaky_relu": "b * a if a <= 0.0 else a",
    "elu": "b * expm1(a) if a <= 0.0 else a",
    "softplus": "(0.0 if 0.0 > a else a) + log1p(exp(-abs(a)))",
    "softsign": "a / (1.0 + abs(a))",
    # reductions
    "sum": "a + ...",
    "prod": "a * ...",
    "dot": "a * b + ...",
}

PYTHON: dict[Primitive, str | Pick] = {OPERATIONS[name]: made for name, made in _BUILT_IN.items()}
"""The template of each operation that has one, or what picks it.

Of any number of operands it is a link of a chain, with the sign that joins the links.
"""

COMPENSATES = sys.version_info >= (3, 12)
"""Whether the built-in `sum`, and so the value rule of `sum` and `dot`, compensates rounding."""

TEMPORARY = "_e"
"""The one variable that the templates assign to."""

NAMES: dict[str, Any] = {
    name: getattr(math, name, None) or getattr(builtins, name)
    for text in (*PYTHON.values(), "inf nan")
    if isinstance(text, str)
    for name in re.findall(r"[a-z]\w+(?=\()|inf|nan", text)
} | ({"sum": sum} if COMPENSATES else {})
"""What the templates mention."""


def constant(number: float) -> str:
    """A float as Python writes it, by itself or in parentheses.

    >>> constant(0.1), constant(-2.0), constant(float("inf")), constant(-float("nan"))
    ('0.1', '(-2.0)', 'inf', '(-nan)')
    """
    size = repr(abs(number))  # nan has a sign too, which `copysign` reads
    return size if math.copysign(1.0, number) > 0 else f"(-{size})"
