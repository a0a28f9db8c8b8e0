"""Walking a graph of Values. Nothing here recurses, so no graph is too deep."""

from collections.abc import Collection, Iterable

from autograd.value import Value


def topological_order(*roots: Value, frontier: Collection[Value] = ()) -> list[Value]:
    """Every Value that the roots depend on, and the roots, operands before results.

    Each Value is listed once. The walk ends at the frontier, whose Values are not listed.

    >>> x = Value(2.0, label="x")
    >>> y = x * x
    >>> topological_order(y) == [x, y]
    True
    """
    order: list[Value] = []
    seen = set(frontier)
    stack: list[Value | None] = list(reversed(roots))
    while stack:
        node = stack.pop()
        if node is None:  # all operands of the node below are listed
            finished = stack.pop()
            assert finished is not None
            order.append(finished)
        elif node not in seen:
            seen.add(node)
            stack += [node, None]
            stack += [x for x in reversed(node.operands) if isinstance(x, Value) and x not in seen]
    return order


def dependents(order: Iterable[Value], sources: Iterable[Value]) -> set[Value]:
    """The sources, and every Value of an order, operands before results, computed from one.

    >>> x, y = Value(1.0), Value(2.0)
    >>> z = x * y
    >>> dependents(topological_order(z), [x]) == {x, z}
    True
    """
    found = set(sources)
    for node in order:
        if any(isinstance(x, Value) and x in found for x in node.operands):
            found.add(node)
    return found


def leaves(order: Iterable[Value]) -> list[Value]:
    """The Values among these that are not results of an operation.

    >>> x, y = Value(1.0), Value(2.0)
    >>> leaves(topological_order(x * y + 1)) == [x, y]
    True
    """
    return [node for node in order if node.primitive is None]


def reaches(root: Value, sources: Collection[Value]) -> bool:
    """Whether a Value is one of these, or computed from one; the walk ends where it is known.

    >>> x, y = Value(1.0), Value(2.0)
    >>> reaches(x * x + 1, {x}), reaches(x * x, {y})
    (True, False)
    """
    seen, stack = {root}, [root]
    while stack:
        node = stack.pop()
        if node in sources:
            return True
        new = [x for x in node.operands if isinstance(x, Value) and x not in seen]
        seen.update(new)
        stack += new
    return False
