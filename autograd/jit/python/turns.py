"""Loops as `for` statements: rows are lists, and the body stands indented below.

c = 0.25
row_1 = []
for x in xs:
    row_1.append(c * x)
    (c,) = (c + x,)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.jit.programs.compound import Compound, Item, Literal
from autograd.jit.programs.loops import Loop
from autograd.jit.python.chunks import listed
from autograd.jit.tuning import LIST_PRINTED

if TYPE_CHECKING:
    from autograd.jit.python.lower_python import Writer


def write_compound(writer: Writer, node: int, operation: Compound) -> str | None:
    """Write a row or a loop as statements.

    Returns:
        The name of the row, or the expression of the item; nothing for a loop.
    """
    operands = writer.program.operands[node]
    if isinstance(operation, Loop):
        writer.results[node] = _loop(writer, operation, operands)
        return None
    if isinstance(operation, Item):
        results = writer.results.get(operands[0])
        if results is not None:
            return results[operation.place]
        return f"{writer.text(operands[0])}[{operation.place}]"
    name = writer.names.numbered("row")
    if span := writer.span(operands):
        writer.spans[name] = span
        return name
    if isinstance(operation, Literal) and len(operation.numbers) > LIST_PRINTED:
        numbers = operation.numbers
        writer.namespace[name] = numbers if writer.is_symbolic else tuple(map(float, numbers))
        return name
    if isinstance(operation, Literal):
        texts = [writer.constant(x) for x in operation.numbers]
    else:
        texts = [writer.text(i) for i in operands]
    writer.lines += listed(f"{name} = {{}}", texts)
    return name


def _loop(writer: Writer, loop: Loop, operands: tuple[int, ...]) -> list[str]:
    """Write a loop; the names of its results."""
    body, k, lines = loop.body, loop.carried, writer.lines
    inner = writer.inside(body)
    read = [writer.names.like(body.names.get(i, "x")) for i in body.inputs[: k + loop.rows]]
    carry, items = read[:k], read[k:]
    for name, i in zip(carry, operands, strict=False):
        lines.append(f"{name} = {writer.text(i)}")
    rows = [writer.text(i) for i in operands[k : k + loop.rows]]
    same = [writer.text(i, named=True) for i in operands[k + loop.rows :]]
    left = [writer.names.numbered("row") for _ in range(loop.left)]
    lines += [f"{name} = []" for name in left]
    head: list[str] = []
    if loop.is_reversed:
        rows = [f"reversed({row})" for row in rows]
    if loop.again is not None:
        condition = writer.inside(loop.again).straight([*read, *same])
        head = [*condition.lines, f"if not ({condition.returned[0]}):", "    break"]
        lines.append("while True:")
    elif not rows:
        lines.append(f"for _ in range({loop.turns}):")
    elif len(rows) == 1:
        lines.append(f"for {items[0]} in {rows[0]}:")
    else:
        lines.append(f"for {', '.join(items)} in zip({', '.join(rows)}):")
    straight = inner.straight([*read, *same])
    turn = [*head, *straight.lines]
    turn += [
        f"{name}.append({text})" for name, text in zip(left, straight.returned[k:], strict=True)
    ]
    moved = [pair for pair in zip(carry, straight.returned[:k], strict=True) if pair[0] != pair[1]]
    if moved:
        names, texts = zip(*moved, strict=True)
        turn += listed(f"({', '.join(names)},) = {{}}", texts)
    lines += [f"    {line}" for line in turn or ["pass"]]
    if loop.is_reversed:
        lines += [f"{name}.reverse()" for name in left]
    return [*carry, *left]
