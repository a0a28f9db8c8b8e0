"""The names of operands, in the node that they are operands of, where the edge of each ends.

Beside the edges they would lie on each other, and on boxes, wherever edges meet. Here each has its
cell at the front of the node, and before it the port of its edge.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.draw.arguments import Direction
from autograd.draw.dot.labels import written
from autograd.draw.dot.styles import FAINT

CELLS = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
GAP = 4  # points between the tip of an arrow and the name


def with_operands(cells: Sequence[str], names: Sequence[str], direction: Direction) -> str:
    """The rows of a table: the cells of a node, and at its front those of its operands, if named.

    >>> with_operands(["exp", "1"], [], "LR")
    '<TR><TD>exp</TD><VR/><TD>1</TD></TR>'
    >>> with_operands(["/", "1"], ["1", "2"], "LR").count("PORT")
    2
    """
    bare = "<VR/>".join(f"<TD>{cell}</TD>" for cell in cells)
    if not names:
        return f"<TR>{bare}</TR>"
    ports = [f'<TD PORT="{port(i)}" {{gap}}="{GAP}"></TD>' for i in range(len(names))]
    said = [
        f'<TD CELLPADDING="1"><FONT COLOR="{FAINT}">{written(name)}</FONT></TD>' for name in names
    ]
    if direction in ("LR", "RL"):
        pairs = [(entry.format(gap="WIDTH"), name) for entry, name in zip(ports, said, strict=True)]
        rows = ["".join(pair if direction == "LR" else pair[::-1]) for pair in pairs]
        front = f'<TD CELLPADDING="0">{_table(rows)}</TD>'
        return f"<TR>{'<VR/>'.join((front, bare) if direction == 'LR' else (bare, front))}</TR>"
    lines = ["".join(ports).format(gap="HEIGHT"), "".join(said)]
    table = _table(lines if direction == "TB" else lines[::-1])
    span = 2 * len(cells) - 1  # the lines between cells count as columns
    front = f'<TR><TD COLSPAN="{span}" CELLPADDING="0">{table}</TD></TR>'
    row = f"<TR>{bare}</TR>"
    return "<HR/>".join((front, row) if direction == "TB" else (row, front))


def port(index: int) -> str:
    """The name of the port of an operand.

    >>> port(0)
    'o0'
    """
    return f"o{index}"


def _table(rows: Sequence[str]) -> str:
    return f"{CELLS}{''.join(f'<TR>{row}</TR>' for row in rows)}</TABLE>"
