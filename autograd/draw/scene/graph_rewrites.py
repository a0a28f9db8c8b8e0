"""Rewrites of a graph before it is drawn: the same numbers in a form that shows more, or less.

A rewrite takes the outputs of a graph and returns those of the new one. Nothing is computed again:
data and gradients are copied. Leaves, and all below the first change, remain the same objects; the
given graph is not changed. What replaces a Value is in the same scope, and is added to `scopes`;
`origins` tell how the same rewrite has the numbers of a later moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

from autograd.draw.scene.numbers import operand_numbers
from autograd.draw.scene.paths import box_of
from autograd.draw.scene.readings import united
from autograd.graph import topological_order
from autograd.modes import observing, recorded
from autograd.primitives.arithmetic import add, identity, mul
from autograd.primitives.definition import Primitive
from autograd.primitives.reductions import inner, total
from autograd.scopes import Scope
from autograd.value import Value, record

Operands: TypeAlias = tuple[Any, ...]
Rewritten: TypeAlias = Mapping[Value, Value]
Origins: TypeAlias = "dict[Value, Value]"
"""The Value whose number each new one has; itself, if it is computed from its operands."""

Rule: TypeAlias = Callable[[Value, Rewritten], Value | None]
"""The replacement of an operation, given those of its operands; `None` for no change."""

ADD, MUL, SUM, DOT = add.primitive, mul.primitive, total.primitive, inner.primitive
IDENTITY = identity.primitive


def without_identities(
    roots: Sequence[Value],
    scopes: dict[Value, Scope] | None = None,
    origins: Origins | None = None,
) -> tuple[Value, ...]:
    """The graph without the operations that only hand a number on, as nested derivatives have them.

    Outputs stay, and what has a label.

    >>> from autograd import grad
    >>> [slope] = without_identities([grad(lambda x: x * x)(Value(3.0))])
    >>> sorted({x.primitive.name for x in topological_order(slope) if x.primitive})
    ['add', 'mul']
    """
    order = topological_order(*roots)
    kept = set(roots)
    dropped = {x for x in order if x.primitive is IDENTITY and not x.label and x not in kept}
    if not dropped:
        return tuple(roots)

    def rule(value: Value, new: Rewritten) -> Value:
        operands = _operands(value.operands, new)
        return operands[0] if value in dropped else _with_operands(value, operands)

    return _rewritten(order, roots, rule, {} if scopes is None else scopes, origins)


def unfold_dots(
    roots: Sequence[Value],
    scopes: dict[Value, Scope] | None = None,
    origins: Origins | None = None,
) -> tuple[Value, ...]:
    """The graph with every dot product replaced by its products and their sum.

    The derivative of a sum in each term is 1, so the gradient of a product is that of the dot.

    >>> from autograd import dot
    >>> x, y = Value(2.0), Value(3.0)
    >>> [opened] = unfold_dots([dot([x, y], [5.0, 7.0])])
    >>> opened.primitive, [product.data for product in opened.operands]
    (<primitive add>, [10.0, 21.0])
    """

    def rule(value: Value, new: Rewritten) -> Value:
        operands = _operands(value.operands, new)
        if value.primitive is not DOT or not operands:
            return _with_operands(value, operands)
        half = len(operands) // 2
        pairs = zip(operands[:half], operands[half:], strict=True)
        products = [_product(value, a, b) for a, b in pairs]
        if len(products) == 1:
            return _like(value, MUL, operands)
        return _like(value, ADD if len(products) == 2 else SUM, tuple(products))

    order = topological_order(*roots)
    return _rewritten(order, roots, rule, {} if scopes is None else scopes, origins)


def _product(dot: Value, a: Any, b: Any) -> Any:
    if not isinstance(a, Value) and not isinstance(b, Value):
        return a * b
    return result_of(MUL, (a, b), float(a) * float(b), dot.grad)


def gather_sums(
    roots: Sequence[Value],
    paths: Mapping[Value, str] = MappingProxyType({}),
    scopes: dict[Value, Scope] | None = None,
    origins: Origins | None = None,
) -> tuple[Value, ...]:
    """The graph with every chain of additions replaced by one sum, of equal terms.

    A partial sum is gathered if only a sum in the same scope reads it and it has no label; the 0
    that the built-in `sum` starts from is left out. Without scopes, the terms of a neuron, by the
    `paths` of its parameters, stay a separate sum.

    >>> import builtins
    >>> terms = [Value(float(i)) for i in range(4)]
    >>> [gathered] = gather_sums([builtins.sum(terms)])
    >>> gathered.primitive, gathered.operands == tuple(terms)
    (<primitive sum>, True)
    """
    order = topological_order(*roots)
    scopes = {} if scopes is None else scopes
    partial = _partial_sums(order, roots, scopes)
    if paths and not scopes:
        partial -= _sums_of_neurons(order, partial, paths)
    if not partial:
        return tuple(roots)

    def rule(value: Value, new: Rewritten) -> Value | None:
        if value in partial:
            return None
        if not any(isinstance(x, Value) and x in partial for x in value.operands):
            return _with_operands(value, _operands(value.operands, new))
        terms = _operands(_terms(value, partial), new)
        return _like(value, ADD if len(terms) == 2 else SUM, terms)

    return _rewritten(order, roots, rule, scopes, origins)


def _partial_sums(
    order: Sequence[Value], roots: Sequence[Value], scopes: Mapping[Value, Scope]
) -> set[Value]:
    """The sums that only another sum reads, and only once."""
    readings = Counter(x for value in order for x in value.operands if isinstance(x, Value))
    kept = set(roots)
    return {
        x
        for value in order
        if _is_sum(value)
        for x in value.operands
        if isinstance(x, Value)
        and _is_sum(x)
        and readings[x] == 1
        and not x.label
        and x not in kept
        and scopes.get(x) is scopes.get(value)
    }


def _sums_of_neurons(
    order: Sequence[Value], partial: set[Value], paths: Mapping[Value, str]
) -> set[Value]:
    """The partial sums that belong to one neuron, while the sum that reads them does not.

    A sum belongs to a neuron if each of its terms reads parameters of it, and no two read the same.
    """
    reads: dict[
        Value, set[Value]
    ] = {}  # the parameters of each partial sum that belongs to one neuron
    found: set[Value] = set()
    for value in order:
        if not _is_sum(value):
            continue
        terms = [x for x in value.operands if isinstance(x, Value) or x != 0]
        # Popped, since nothing else needs them: a long chain has one set, not one for each sum.
        inside = {x: reads.pop(x) for x in terms if x in reads}
        parts = [inside[x] if x in inside else _weights(x, paths) for x in terms]
        boxes = {box_of(paths[next(iter(part))]) if part else None for part in parts}
        together = united(parts) if len(boxes) == 1 else None
        if together is None:
            found.update(x for x, part in inside.items() if len(part) > 1)
        elif value in partial:
            reads[value] = together
    return found


def _weights(term: Any, paths: Mapping[Value, str]) -> set[Value]:
    """The parameter that a term is, or those of one neuron in a product that is not a power."""
    if not isinstance(term, Value):
        return set()
    if term in paths:
        return {term}
    if term.primitive is not MUL and term.primitive is not DOT:
        return set()
    factors = [x for x in term.operands if isinstance(x, Value)]
    weights = {x for x in factors if x in paths}
    others = [x for x in factors if x not in paths]
    is_power = len(weights) + len(others) < len(factors) or any(
        not weights.isdisjoint(y for y in x.operands if isinstance(y, Value))
        for x in others
        if x.primitive is MUL
    )
    return set() if is_power or len({box_of(paths[x]) for x in weights}) != 1 else weights


def _is_sum(value: Value) -> bool:
    return value.primitive is ADD or value.primitive is SUM


def _terms(value: Value, partial: set[Value]) -> Iterator[Any]:
    """The operands of a sum, with partial sums replaced by their operands."""
    waiting = list(reversed(value.operands))
    while waiting:
        x = waiting.pop()
        if isinstance(x, Value):
            if x in partial:
                waiting.extend(reversed(x.operands))
            else:
                yield x
        elif x != 0:
            yield x


def _rewritten(
    order: Sequence[Value],
    roots: Sequence[Value],
    rule: Rule,
    scopes: dict[Value, Scope],
    origins: Origins | None,
) -> tuple[Value, ...]:
    """The outputs of the graph with a rule applied to every operation, operands first."""
    new: dict[Value, Value] = {}
    made_now: list[Value] = []
    with recorded(), observing(made_now.append):
        for value in order:
            made_now.clear()
            made = value if value.primitive is None else rule(value, new)
            if made is not None:
                new[value] = made
            if value in scopes:
                scopes.update(dict.fromkeys(made_now, scopes[value]))
            if origins is not None:
                for one in made_now:
                    origins[one] = origins.get(value, value) if one is made else one
    return tuple(new[root] for root in roots)


def compute_again(values: Iterable[Value]) -> None:
    """Compute Values from the current numbers of their operands, in this order."""
    for value in values:
        if value.primitive is not None:
            value.data = value.primitive.value(*operand_numbers(value))


def renew(origins: Origins) -> None:
    """Give what a rewrite made the numbers that the graph has now.

    >>> x, origins = Value(2.0), {}
    >>> terms = [x * 2, x * 3, x * 5]
    >>> [gathered] = gather_sums([terms[0] + terms[1] + terms[2]], origins=origins)
    >>> [total] = origins.values()
    >>> x.data = 4.0
    >>> compute_again(topological_order(total))
    >>> renew(origins)
    >>> gathered.primitive, gathered.data
    (<primitive sum>, 40.0)
    """
    for value, origin in origins.items():
        if value is origin:
            compute_again([value])
        else:
            value.data = origin.data


def _operands(operands: Iterable[Any], new: Rewritten) -> Operands:
    return tuple(new[x] if isinstance(x, Value) else x for x in operands)


def _with_operands(value: Value, operands: Operands) -> Value:
    """The value itself if its operands are the same objects, else a copy with these operands."""
    if all(new is old for new, old in zip(operands, value.operands, strict=True)):
        return value
    assert value.primitive is not None
    return _like(value, value.primitive, operands)


def _like(value: Value, primitive: Primitive, operands: Operands) -> Value:
    return result_of(primitive, operands, value.data, value.grad, value.label)


def result_of(
    primitive: Primitive, operands: Operands, data: float, grad: Any = 0.0, label: str = ""
) -> Value:
    """A Value that is the result of an operation, whatever the operation says of its number."""
    if primitive.arity is None or len(operands) > 2:
        value = record(data, primitive, operands, None)
    else:
        value = record(data, primitive, operands[0], operands[1] if len(operands) == 2 else None)
    value.grad = grad
    value.label = label
    return value
