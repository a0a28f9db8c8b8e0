"""The operations as Python expressions.

A template is the text of the value rule with places for the operands: `{0:sum} + {1:product}`. The
word after the colon is the precedence that an operand needs there without parentheses, a level of
Python's grammar. There are two special words: for operands that are not always computed
(`{1:choice?}`: an expression that might raise is replaced by its name) and for conditions
(`{0:test}`: a comparison is written as a condition). An operand that occurs twice is given a name
first.

A primitive without a template is called by its value rule. The test suite compares every template
with the rule it stands for, bit by bit, and the errors too.
"""

from __future__ import annotations

import builtins
import math
import re
import sys
from typing import NamedTuple

from autograd.primitives import TABLE

LEVELS = {
    name: level
    for level, name in enumerate(
        ("choice", "test", "compare", "sum", "product", "sign", "power", "atom")
    )
}
"""The precedence of an expression, from `x if c else y` to a name or a call."""


class Template(NamedTuple):
    """An expression with places for operands.

    Attributes:
        texts: what stands between the places, before the first and after the last.
        places: for each place the operand, its level, and whether it may go uncomputed.
        level: of the whole expression.
        repeated: the operands that have several places.
    """

    texts: tuple[str, ...]
    places: tuple[tuple[int, str, bool], ...]
    level: int
    repeated: frozenset[int]


def template(level: str, text: str) -> Template:
    """A template as it is written in the table.

    >>> template("sum", "{0:sum} + {1:product}").texts
    ('', ' + ', '')
    """
    parts = re.split(r"\{(\d)(?::(\w+)(\??))?\}", text)
    places = tuple(
        (int(parts[i]), parts[i + 1] or "choice", bool(parts[i + 2]))
        for i in range(1, len(parts), 4)
    )
    operands = [operand for operand, _, _ in places]
    repeated = frozenset(operand for operand in operands if operands.count(operand) > 1)
    return Template(tuple(parts[::4]), places, LEVELS[level], repeated)


def _call(name: str) -> tuple[str, str]:
    places = range(TABLE[name].arity or 0)
    return "atom", f"{name}({', '.join([f'{{{i}}}' for i in places])})"


_CALLED = """
    exp exp2 expm1 log log2 log10 log1p sqrt sin cos tan asin acos atan atan2 hypot sinh cosh tanh
    asinh acosh atanh erf erfc degrees radians abs copysign fmod remainder
"""
"""Those that are a function of `math`, or a built-in one."""

_TEXTS = {
    # arithmetic
    "identity": ("choice", "{0}"),
    "stop_gradient": ("choice", "{0}"),
    "neg": ("sign", "-{0:power}"),
    "add": ("sum", "{0:sum} + {1:product}"),
    "sub": ("sum", "{0:sum} - {1:product}"),
    "mul": ("product", "{0:product} * {1:sign}"),
    "div": ("product", "{0:product} / {1:sign}"),
    "floordiv": ("product", "{0:product} // {1:sign}"),
    "mod": ("product", "{0:product} % {1:sign}"),
    # elementary
    **{name: _call(name) for name in _CALLED.split()},
    "sigmoid": (
        "choice",
        "1.0 / (1.0 + exp(-{0})) if {0} >= 0.0 else (_e := exp({0})) / (1.0 + _e)",
    ),
    # piecewise
    "floor": ("atom", "float(floor({0}))"),
    "ceil": ("atom", "float(ceil({0}))"),
    "trunc": ("atom", "float(trunc({0}))"),
    "maximum": ("choice", "{1} if {0} < {1} or {1} != {1} else {0}"),
    "minimum": ("choice", "{1} if {1} < {0} or {1} != {1} else {0}"),
    "where": ("choice", "{1:compare?} if {0:test} else {2:choice?}"),
    # activations
    "relu": ("choice", "0.0 if {0} < 0.0 else {0}"),
    "leaky_relu": ("choice", "{1:product?} * {0} if {0} <= 0.0 else {0}"),
    "elu": ("choice", "{1:product?} * expm1({0}) if {0} <= 0.0 else {0}"),
    "softplus": ("sum", "(0.0 if 0.0 > {0} else {0}) + log1p(exp(-abs({0})))"),
    "softsign": ("product", "{0} / (1.0 + abs({0}))"),
}

CONDITIONS = {
    "less": "{0:sum} < {1:sum}",
    "less_equal": "{0:sum} <= {1:sum}",
    "equal": "{0:sum} == {1:sum}",
    "not_equal": "{0:sum} != {1:sum}",
}
"""Comparisons: a number, 1.0 or 0.0, but written without the detour where one is a condition."""

TESTS = {name: template("compare", text) for name, text in CONDITIONS.items()}

PYTHON: dict[str, Template] = {
    **{name: template(level, text) for name, (level, text) in _TEXTS.items()},
    **{name: template("choice", f"1.0 if {text} else 0.0") for name, text in CONDITIONS.items()},
}
"""The primitives of a fixed number of operands that have a template."""

CHAINS = {"sum": 1, "prod": 1, "dot": 2}
"""Those of any number, written as a chain of `+` or `*`; with how many factors to a link."""

COMPENSATES = sys.version_info >= (3, 12)
"""Whether the built-in `sum`, and so the value rule of `sum` and `dot`, compensates rounding."""

POWERS = {
    "pow_number": template("power", "{0:atom} ** {1:atom}"),
    "number_pow": template("power", "{0:atom} ** {1:atom}"),
}
"""Powers, where the constant among the operands sees to it that the result is real."""

TEMPORARY = "_e"
"""The one variable that the templates assign to."""

NAMES = {
    name: getattr(math, name, None) or getattr(builtins, name)
    for _, text in (*_TEXTS.values(), ("", "inf nan"))
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
