"""Which inputs each node of a graph depends on: by a derivative that can be other than 0.

A set of inputs is an integer, whose bit `k` is input `k`: a node's set is the union of those of its
operands. An operand from which nothing can flow is left out: a condition, a factor that is the
plain number 0, what `floor` is taken of. What the numbers at hand decide is no reason to leave one
out, since other numbers decide otherwise: the larger of two depends on both.

The derivative rules are asked (`flowing`), and nothing is said here of any operation. They run on
probes, which stand for any number, and where a rule asks a probe which of two cases applies, both
are tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd.errors import ARITHMETIC
from autograd.primitives import TABLE
from autograd.primitives.definition import Primitive
from autograd.primitives.zero import SYMBOLIC_ZERO
from autograd.value import Value

MOST_CASES = 64
"""So many cases of a rule are tried; of a rule with more, something may flow to each operand."""

MOST_KNOWN = 10_000
"""So many answers of `flowing` are kept."""

_BUILT_IN = frozenset(TABLE.values())
"""The operations whose rules never change; one of a user may read what does."""

_ONLY_SIGN_MATTERS = frozenset(x for x in _BUILT_IN if "pow" not in x.name)
"""The operations whose rules ask of a plain number at most whether it is above 0, 0 or below."""

_known: dict[Any, tuple[int, ...] | None] = {}
_known_of_users: dict[Any, tuple[int, ...] | None] = {}
"""The answers of `flowing`; those of rules of users are forgotten before each graph."""


def union(sets: Iterable[int]) -> int:
    """The inputs that are in any of these sets."""
    found = 0
    for x in sets:
        found |= x
    return found


def set_of_any(row: Iterable[Any]) -> int:
    """The inputs that any of these depends on; plain numbers among them depend on none."""
    return union([x for x in row if x.__class__ is int])


class Everywhere(tuple[Any, ...]):
    """A row whose length is not known: what may be in any place of it."""

    __slots__ = ()

    def __getitem__(self, place: Any) -> Any:
        return super().__getitem__(0)


def dependences(order: Iterable[Value], inputs: Sequence[Value]) -> dict[int, Any]:
    """The inputs that each node depends on, by the node's `id`; of a loop, a row of such sets.

    A node that is not in the result depends on none.

    Args:
        order: the graph, operands before results.
        inputs: the Values that are not differentiated further.

    >>> from autograd import floor
    >>> x, y = Value(2.0), Value(3.0)
    >>> z = x * y + floor(x)
    >>> bin(dependences([z.operands[0], z.operands[1], z], [x, y])[id(z)])
    '0b11'
    """
    _known_of_users.clear()
    found: dict[int, Any] = {id(x): 1 << k for k, x in enumerate(inputs)}
    for node in order:
        primitive = node._primitive
        if primitive is not None:
            given = [
                _set_of(x, found) if x.__class__ is Value else constants(x) for x in node.operands
            ]
            reached = reach(primitive, *given)
            if reached or reached.__class__ is not int:
                found[id(node)] = reached
    return found


def _set_of(x: Value, found: dict[int, Any]) -> Any:
    """What a Value depends on; a row of constants is one of these."""
    if (known := found.get(id(x))) is not None:
        return known
    data: Any = x._data
    return constants(data) if hasattr(data, "__iter__") else 0


def constants(x: Any) -> Any:
    """Plain numbers, and rows of them, as floats: an integer would be a set of inputs.

    >>> constants((1, (2.0, 3)))
    (1.0, (2.0, 3.0))
    """
    return tuple(map(constants, x)) if hasattr(x, "__iter__") else float(x)


def reach(primitive: Primitive, *operands: Any) -> Any:
    """What the result of an operation depends on.

    Args:
        primitive: the operation.
        operands: for each operand what it depends on, or the plain number (a float) that it is.

    >>> reach(TABLE["mul"], 0b01, 0b10), reach(TABLE["mul"], 0b01, 0.0)
    (3, 0)
    """
    special = getattr(primitive, "dependence", None)
    if special is not None:
        return special(operands)
    sets = [x for x in operands if x.__class__ is int and x]
    if not sets:
        return 0
    places = flowing(primitive, operands)
    if places is not None:
        sets = [operands[i] for i in places if operands[i].__class__ is int]
    found = union(sets)
    return next((x for x in sets if x == found), found)  # one object, which may be large


def flowing(primitive: Primitive, operands: Sequence[Any]) -> tuple[int, ...] | None:
    """The places of the operands to which something can flow; None for all of them.

    Args:
        primitive: the operation.
        operands: floats for plain numbers, anything else for what varies.

    >>> flowing(TABLE["mul"], ["a", "b"]), flowing(TABLE["mul"], ["a", 0.0])
    (None, ())
    >>> flowing(TABLE["where"], ["condition", "x", "y"])
    (1, 2)
    """
    only = _sign if primitive in _ONLY_SIGN_MATTERS else float
    shape = tuple([only(x) if isinstance(x, float) else None for x in operands])
    known = _known if primitive in _BUILT_IN else _known_of_users
    key = primitive, shape
    try:
        return known[key]
    except KeyError:
        if len(known) >= MOST_KNOWN:
            known.clear()
    found = known[key] = _tried(primitive, shape)
    return found


def _sign(x: float) -> float:
    """A number of the same sign: few stand for all, so that few answers are kept."""
    return 1.0 if x > 0 else -1.0 if x < 0 else x


def _tried(primitive: Primitive, shape: Sequence[float | None]) -> tuple[int, ...] | None:
    """The same, by the rule itself, in each case that it tells apart."""
    varies = {i for i, x in enumerate(shape) if x is None}
    cases = _Cases()
    probe = Probe(cases)
    zero: Any = SYMBOLIC_ZERO if primitive.is_product else 0.0
    given = [probe if x is None else x or zero for x in shape]
    found: set[int] = set()
    is_answered = False
    while cases.is_open:
        cases.start()
        try:
            flow: Any = primitive.derivative(probe, probe, *given)
            parts = (flow,) if primitive.arity == 1 else tuple(flow)
            found |= {i for i in varies if type(parts[i]) is Probe or parts[i] != 0}
            is_answered = True
        except ARITHMETIC:
            pass  # no derivative exists in this case
        except Exception:  # a rule of floats, which no probe can follow
            return None
        if cases.is_lost:
            return None
        cases.next()
    return None if not is_answered or found == varies == {*range(len(shape))} else tuple(found)


class _Cases:
    """The answers to the questions of a rule: in each run the last that was True is False.

    Attributes:
        is_open: whether there are more cases.
        is_lost: whether the rule did what no probe can follow, or has too many cases. It is asked
            for as well as raised, since a rule may catch what is raised in it.
    """

    def __init__(self) -> None:
        self.is_open = True
        self.is_lost = False
        self._tried = 0
        self._answers: list[bool] = []
        self._asked = 0

    def start(self) -> None:
        """Before a run."""
        self._asked = 0

    def answer(self) -> bool:
        """The answer to the next question.

        Raises:
            TypeError: so many were asked that there are too many cases, or the rule never ends.
        """
        self._asked += 1
        if self._asked > MOST_CASES:
            raise self.lost()
        if self._asked > len(self._answers):
            self._answers.append(True)
        return self._answers[self._asked - 1]

    def next(self) -> None:
        """After a run: the answers of the next one."""
        self._tried += 1
        self.is_lost = self._tried > MOST_CASES
        answers = self._answers
        while answers and not answers[-1]:
            answers.pop()
        self.is_open = bool(answers)
        if answers:
            answers[-1] = False

    def lost(self) -> TypeError:
        """Note that the rule cannot be followed; the error to raise."""
        self.is_lost = True
        return TypeError("a probe is no number")


class Probe:
    """What stands for any number: whatever is computed with it is another."""

    __slots__ = ("cases",)

    def __init__(self, cases: _Cases) -> None:
        self.cases = cases

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What `isinstance` asks: a rule of a user is that for Values."""
        return Value

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__"):
            self.cases.lost()
        raise AttributeError(name)

    def _is_no_number(self, *_: Any) -> Any:
        raise self.cases.lost()

    __float__ = __int__ = __index__ = __round__ = __hash__ = _is_no_number

    def __bool__(self) -> bool:
        return self.cases.answer()

    def _apply(self, primitive: Primitive, operands: Any) -> Probe:
        return self

    def _apply_unary(self, primitive: Primitive) -> Probe:
        return self

    def _made(self, *_: Any) -> Any:
        return self

    def _sum(self, other: Any) -> Any:
        return self

    def _product(self, other: Any) -> Any:
        return other if other is SYMBOLIC_ZERO else self

    __add__ = __radd__ = __sub__ = __rsub__ = __truediv__ = __pow__ = __rpow__ = _made
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __neg__ = __pos__ = __abs__ = _made
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _made
    __mul__ = __rmul__ = __rtruediv__ = _product
