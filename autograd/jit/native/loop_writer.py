"""The code of a program with loops: a number is a register, a row a part of the buffer.

What is carried from turn to turn is a slot. Rows of inputs that lie side by side are read where
they are. The body is written once, as instructions on single numbers (`scalars`), and once more on
those of as many turns as a register holds, where these need nothing of each other (`wide`).

What is not finite is noticed as everywhere (`finiteness`): before an operation that could hide it,
at the outputs, in what a turn leaves or the last one carries out, which may be read in part, and in
what is carried to a turn that may forget it (`forgotten`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from autograd.jit.native.code import Code
from autograd.jit.native.copies import copies
from autograd.jit.native.finiteness import Findings
from autograd.jit.native.loop_body import Body, plus
from autograd.jit.native.simd import load, store
from autograd.jit.programs.program import Program
from autograd.jit.tuning import LEAST_COPIED


class LoopWriter:
    """Writes the function.

    Args:
        program: the program.
        width: how many numbers a register of the processor holds.
        rows: the inputs and outputs that are rows, and how long they are.

    Attributes:
        code: its instructions.
        width: as it is given.
        looks: what it finds.
        inputs, outputs: how many there are; they are the first numbers of the buffer.
        size: how many numbers the buffer holds.
        literals: numbers that are in it from the beginning.
        lengths: for a row whose length is found in each run, the place of that.
    """

    def __init__(self, program: Program, width: int, rows: Mapping[int, int] = {}) -> None:
        self.code = Code(is_compact=True)
        self.width = width
        self.looks = Findings()
        self.looks.begin(self.code)
        sizes = [[rows.get(i, 1) for i in nodes] for nodes in (program.inputs, program.outputs)]
        self.inputs, self.outputs = map(sum, sizes)
        self.size = self.inputs + self.outputs
        self.literals: list[tuple[int, Sequence[float]]] = []
        self.lengths: dict[int, int] = {}
        body = Body(self, program, {})
        for node, end, size in zip(program.inputs, accumulate(sizes[0]), sizes[0], strict=True):
            body.places[node] = end - size
        body.write()
        starts = accumulate(sizes[1][:-1], initial=self.inputs)
        outputs = dict(zip(starts, program.outputs, strict=False))
        for start, node in [*outputs.items()]:
            if node in rows:
                self._copy(body.places[node], start, rows[outputs.pop(start)])
        self._put_out(body, outputs)

    def _copy(self, source: int, target: int, length: int) -> None:
        with self.code.loop(0, length) as turn:
            store(load(self.code, plus(self.code, turn, source)), plus(self.code, turn, target))

    def _put_out(self, body: Body, outputs: dict[int, int]) -> None:
        """Write the outputs, by place; numbers of a row by a loop."""
        code = self.code
        placed = [(body.places[node], k) for k, node in outputs.items() if node in body.places]
        for copy in copies(placed):
            if copy.length < LEAST_COPIED:
                continue
            with code.loop(0, copy.length) as turn:
                x = load(code, plus(code, turn, copy.source))
                self.looks.at(x)
                store(x, plus(code, code.times(turn, copy.stride), copy.target))
            for k in range(copy.length):
                del outputs[copy.target + k * copy.stride]
        for k, node in outputs.items():
            body.finite(node)
            store(body.number(node), str(k))

    def room(self, count: int) -> int:
        """Reserve a part of the buffer; its start."""
        self.size += count
        return self.size - count

    def module(self) -> str:
        """The text of the function."""
        status, code = self.looks.status(), self.code
        declared = [f"declare {text}" for text in code.functions.values()]
        head = "define i64 @run(ptr noalias %numbers) {"
        lines = [*declared, *code.helpers.values(), head, *code.slots, *code.lines]
        return "\n".join([*lines, f"  ret i64 {status}", "}", "!0 = !{}"])
