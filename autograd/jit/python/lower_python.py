"""A program as straight-line Python: for small graphs, and wherever there is no NumPy.

Each operation becomes an expression, by its template. One that is read once is written into the
expression that reads it; one that is read several times gets a name, `dot_3`. That reads
better, and saves the interpreter from storing numbers that it is about to load. An expression that
grows too long for a line gets a name too, which also keeps the parser from nesting deeply.

Long sums become several statements, each continuing the last, so that the order of additions is the
same. Where the built-in `sum` compensates for rounding (Python 3.12), so does the code for three
terms and more (for fewer it makes no difference). Very long code is cut (`chunks`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from math import isnan
from typing import Any, NamedTuple

from autograd.jit.generated import define
from autograd.jit.programs.compound import Compound
from autograd.jit.programs.identifiers import Identifiers
from autograd.jit.programs.program import GuardFailure, Program
from autograd.jit.programs.reads import reads
from autograd.jit.programs.rewrites import FINITE, OPERATIONS, PURE
from autograd.jit.python.chunks import KEPT, functions, listed
from autograd.jit.python.pairs import PAIR, sigmoid_pairs
from autograd.jit.python.straight import PythonFunction, Straight
from autograd.jit.python.templates import (
    COMPENSATES,
    LEVELS,
    NAMES,
    PYTHON,
    TEMPORARY,
    Template,
    constant,
    template,
)
from autograd.jit.python.turns import write_compound
from autograd.jit.tuning import (
    FEWEST_OF_SPAN,
    LINE,
    LINES_KEPT_APART,
    MOST_LINES,
    SUSPECTS_TOGETHER,
)
from autograd.modes import pause_gc
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive
from autograd.primitives.zero import SYMBOLIC_ZERO

ATOM = LEVELS["atom"]
DOT = TABLE["dot"]
RESERVED = (
    *(TEMPORARY, KEPT, "OverflowError", "FloatingPointError", "run", "numbers"),
    *("range", "reversed", "zip"),
)


def _total(*xs: float) -> float:
    """The sum of numbers; of symbolic zeros alone it is one."""
    flowing = [x for x in xs if x is not SYMBOLIC_ZERO]
    return sum(flowing, 0.0) if flowing or not xs else SYMBOLIC_ZERO


_SYMBOLIC: dict[Primitive, Callable[..., float]] = {
    TABLE["sum"]: _total,
    TABLE["identity"]: TABLE["identity"].value,
    OPERATIONS["stop_gradient"]: OPERATIONS["stop_gradient"].value,
}
"""The value rules of operations for which the templates do not do where symbolic zeros stay."""


class Expression(NamedTuple):
    """The text of a node that has no name yet.

    Attributes:
        text: Python.
        level: how tightly it holds together.
        is_total: whether it cannot raise.
        test: the text as a condition, where that is shorter.
    """

    text: str
    level: int
    is_total: bool
    test: str | None = None


def lower(program: Program, longest: int = MOST_LINES, symbolic: bool = False) -> PythonFunction:
    """The program as a Python function.

    Args:
        program: what to lower.
        symbolic: whether constants that are symbolic zeros stay what they are, so that nothing
            flows past them: as exact as the plain function, and slower.
        longest: how many lines one function may have; longer code becomes several.

    >>> program = Program()
    >>> x, y = program.input("x"), program.input("y[0]")
    >>> program.outputs.append(program.apply(TABLE["mul"], x, program.apply(TABLE["exp"], y)))
    >>> print(lower(program).source)
    def run(numbers):
        (x, y_0) = numbers
        return (x * exp(y_0),)
    <BLANKLINE>
    >>> lower(program).run([2.0, 0.0])
    (2.0,)
    """
    with pause_gc():
        writer = Writer(program, symbolic)
        straight = writer.straight()
        texts = functions(*straight[:3], longest, writer.spans)
        namespace = dict(straight.namespace)
        for text in texts:
            run = define(text, namespace, text[len("def ") : text.index("(")])
    operations = len(program) - program.operations.count(None)
    whole = None
    if sum(map(len, straight[:3])) <= LINES_KEPT_APART:
        rows = [listed(f"{x} = {{}}", straight.given[at]) for x, at in writer.spans.items()]
        whole = straight._replace(lines=[*chain(*rows), *straight.lines])
    return PythonFunction("\n\n".join(texts), run, whole, operations)


class Writer:
    """Writes the source of one program.

    Args:
        program: the program.
        is_symbolic: whether symbolic zeros stay what they are.
        outer: writes the program of which this one is the body of a loop.

    Attributes:
        program, is_symbolic: as given.
        namespace: what the code mentions.
        names: gives out names.
        lines: the statements so far.
        results: for each loop, the names of its results.
        spans: of the names of rows, where among the inputs these are.
    """

    def __init__(
        self, program: Program, is_symbolic: bool = False, outer: Writer | None = None
    ) -> None:
        self.namespace: dict[str, Any] = (
            outer.namespace
            if outer
            else {
                **NAMES,
                "GuardFailure": GuardFailure,
                "isnan": isnan,
                "SYMBOLIC_ZERO": SYMBOLIC_ZERO,
            }
        )
        self.is_symbolic = is_symbolic
        self._rules = _SYMBOLIC if is_symbolic else {}
        self.program = program
        self.names: Identifiers = (
            outer.names if outer else Identifiers([*self.namespace, *RESERVED])
        )
        self._functions: dict[Callable[..., float], str] = outer._functions if outer else {}
        self.results: dict[int, list[str]] = {}
        self.spans: dict[str, slice] = {}
        self._places = {} if outer else {node: k for k, node in enumerate(program.inputs)}
        self._start = "0.0" if is_symbolic else "-0.0"  # of a sum, as it was traced or is gathered
        self._written: dict[int, Expression] = {}
        self.lines: list[str] = []
        self._reads = reads(program)
        self._pairs = sigmoid_pairs(program, self._reads)

    def inside(self, body: Program) -> Writer:
        """What writes the body of a loop."""
        return Writer(body, self.is_symbolic, self)

    def constant(self, number: float) -> str:
        """The text of a number."""
        is_zero = self.is_symbolic and number is SYMBOLIC_ZERO
        return "SYMBOLIC_ZERO" if is_zero else constant(number)

    def text(self, node: int, named: bool = False) -> str:
        """The text of an operand."""
        return self._operand(node, "choice", named)

    def span(self, nodes: Sequence[int]) -> slice | None:
        """Where the nodes are among the inputs, if they follow each other there at even steps."""
        places = [self._places.get(i, -1) for i in nodes]
        if len(places) < FEWEST_OF_SPAN or min(places) < 0:
            return None
        found = range(places[0], places[-1] + 1, max(1, places[1] - places[0]))
        return slice(found.start, found.stop, found.step) if places == [*found] else None

    def straight(self, given: Sequence[str] = ()) -> Straight:
        """The code, for inputs that have these names, or get new ones."""
        program = self.program
        known = iter(given)
        for node in program.inputs:
            name = next(known) if given else self.names.like(program.names.get(node, "x"))
            self._written[node] = Expression(name, ATOM, True)
        for node, number in program.constants.items():
            self._written[node] = Expression(self.constant(number), ATOM, True)
        given = [self._written[node].text for node in program.inputs]
        guards: dict[int, list[bool]] = {}
        for node, outcome in program.guards:
            guards.setdefault(node, []).append(outcome)
        for node, operation in enumerate(program.operations):
            if operation is not None and self._reads[node]:
                self._write(node, operation)
            for outcome in guards.get(node, ()):
                self._guard(node, outcome)
        self._discard_if("not -inf < {} < inf", program.suspects, "a derivative is not finite")
        if not self._rules:
            self._discard_if("not -inf < {} < inf", program.regrouped, "a sum is too large")
        returned = [self._operand(node, "choice") for node in program.outputs]
        return Straight(given, self.lines, returned, self.namespace)

    def _write(self, node: int, operation: Primitive) -> None:
        """Write a node, as an expression that waits to be read or as a statement."""
        operands = self.program.operands[node]
        if node in self._pairs:
            self._write_pair(*self._pairs[node])
            return
        if node in self._written:
            return
        if operation is FINITE:
            text = self._operand(operands[0], "atom", named=True)
            self.lines.append(f"if not -inf < {text} < inf:")
            self.lines.append('    raise OverflowError("the result is too large")')
            self._written[node] = Expression(text, ATOM, True)
            return
        if isinstance(operation, Compound):
            if name := write_compound(self, node, operation):
                self._written[node] = Expression(name, ATOM, True)
            return
        template = self._template(node, operation)
        if operation in self._rules:
            self._written[node] = self._call(operands, operation.name, self._rules[operation])
        elif template is not None and template.endswith("..."):
            self._chain(node, operation, template)
        else:
            self._written[node] = self._expression(node, operation, template)
        if self._reads[node] != 1 or len(self._written[node].text) > LINE:
            self._named(node)

    def _template(self, node: int, operation: Primitive) -> str | None:
        found = PYTHON.get(operation)
        if found is None or isinstance(found, str):
            return found
        return found(*map(self.program.constants.get, self.program.operands[node]))

    def _expression(self, node: int, operation: Primitive, text: str | None) -> Expression:
        operands = self.program.operands[node]
        if text is None:
            found = self._call(operands, operation.name, operation.value)
            return found if operation in PURE else found._replace(text=f"float({found.text})")
        self._shorten(operands)
        is_total = "total" in operation.facts and all(self._written[i].is_total for i in operands)
        made = template(text)
        test = made.test and self._filled(template(made.test), operands)
        return Expression(self._filled(made, operands), made.level, is_total, test)

    def _filled(self, made: Template, operands: Sequence[int]) -> str:
        text = made.texts[0]
        for (operand, level, lazy), after in zip(made.places, made.texts[1:], strict=True):
            node = operands[operand]
            named = operand in made.repeated or (lazy and not self._written[node].is_total)
            text += self._operand(node, level, named) + after
        return text

    def _operand(self, node: int, level: str, named: bool = False) -> str:
        """The text of an operand, in parentheses where its place asks for them."""
        written = self._named(node) if named else self._written[node]
        if level == "test" and written.test is not None:
            return written.test
        return written.text if written.level >= LEVELS[level] else f"({written.text})"

    def _chain(self, node: int, operation: Primitive, text: str) -> None:
        """Write a sum, a product or a dot product, over several lines if it is long."""
        operands = self.program.operands[node]
        count = len(operands) // (2 if operation is DOT else 1)
        sign = text[-6:-3]
        is_product = sign == " * "
        start = "1.0" if is_product else self._start if count else "0.0"
        links = [start] if count == 0 or start == "0.0" else []
        if COMPENSATES and not is_product and count > 2:
            self._compensated(node, operation)
            return
        name = ""
        for k in range(count):
            if operation is DOT:
                link = self._product(operands[k], operands[count + k])
            else:
                link = self._operand(operands[k], "sign" if is_product else "product")
            if links and sum(map(len, links)) + 3 * len(links) + len(link) > LINE:
                name, links = self._statement(node, name, sign.join(links)), []
                links = [name]
            links.append(link)
        is_total = all(self._written[i].is_total for i in operands)
        level = LEVELS["product" if is_product or len(links) == 1 else "sum"]
        self._written[node] = Expression(sign.join(links), level, is_total)
        if name:
            self._statement(node, name, sign.join(links))
            self._written[node] = Expression(name, ATOM, True)

    def _compensated(self, node: int, operation: Primitive) -> None:
        """Write a sum or a dot product by the built-in `sum`."""
        operands = self.program.operands[node]
        if operation is DOT:
            half = len(operands) // 2
            links = [self._product(operands[k], operands[half + k]) for k in range(half)]
        else:
            links = [self._operand(i, "choice") for i in operands]
        first, *others = listed(f"sum({{}}, {self._start})", links)
        if others:
            name = self._fresh(node)
            self.lines += [f"{name} = {first}", *others]
            self._written[node] = Expression(name, ATOM, True)
        else:
            is_total = all(self._written[i].is_total for i in operands)
            self._written[node] = Expression(first, ATOM, is_total)

    def _product(self, a: int, b: int) -> str:
        constants = self.program.constants
        if constants.get(a) == 1.0 or constants.get(b) == 1.0:
            return self._operand(b if constants.get(a) == 1.0 else a, "product")
        return f"{self._operand(a, 'product')} * {self._operand(b, 'sign')}"

    def _statement(self, node: int, name: str, text: str) -> str:
        name = name or self._fresh(node)
        self.lines.append(f"{name} = {text}")
        return name

    def _shorten(self, operands: Sequence[int]) -> None:
        """Give names to operands, the longest first, until they fit on a line together."""
        texts = {i: len(self._written[i].text) for i in operands}
        for i in sorted(texts, key=lambda i: -texts[i]):
            if sum(texts.values()) <= LINE:
                return
            texts[i] = len(self._named(i).text)

    def _fresh(self, node: int) -> str:
        operation = self.program.operations[node]
        assert operation is not None
        return self.names.numbered(operation.name)

    def _named(self, node: int) -> Expression:
        """The node as a name, or as a number: a constant, of this program or one around it."""
        written = self._written[node]
        if written.text.isidentifier() or self.program.operations[node] is None:
            return written
        written = Expression(self._statement(node, "", written.text), ATOM, True)
        self._written[node] = written
        return written

    def _write_pair(self, at_x: int, at_minus_x: int) -> None:
        """Write the sigmoids of a number and of its negative together."""
        if at_x in self._written:
            return
        x = self._operand(self.program.operands[at_x][0], "atom", named=True)
        names = {node: self._fresh(node) for node in (at_x, at_minus_x)}
        text = PAIR.format(x=x, at_x=names[at_x], at_minus_x=names[at_minus_x])
        self.lines += text.split("\n")
        for node, name in names.items():
            self._written[node] = Expression(name, ATOM, True)

    def _guard(self, node: int, outcome: bool) -> None:
        text = self._operand(node, "test")
        self.lines.append(f"if not ({text}):" if outcome else f"if {text}:")
        self.lines.append("    raise GuardFailure")

    def _call(self, operands: Sequence[int], name: str, rule: Callable[..., float]) -> Expression:
        """The call of a value rule."""
        known = self._functions.get(rule)
        if known is None:
            known = self._functions[rule] = self.names.like(f"value_of_{name}")
            self.namespace[known] = rule
        text = ", ".join(self._operand(i, "choice") for i in operands)
        return Expression(f"{known}({text})", ATOM, False)

    def _discard_if(self, condition: str, nodes: Sequence[int], problem: str) -> None:
        """Write that the run does not count if a condition holds for the sum of some nodes."""
        names = [self._named(i).text for i in nodes if i in self._written]
        for start in range(0, len(names), SUSPECTS_TOGETHER):
            before, after = condition.split("{}")
            first, *others = names[start : start + SUSPECTS_TOGETHER]
            if others:
                self.lines.append(f"if {before}({first}")
                self.lines += [f"    + {name}" for name in others]
                self.lines.append(f"){after}:")
            else:
                self.lines.append(f"if {before}{first}{after}:")
            self.lines.append(f'    raise FloatingPointError("{problem}")')
