"""Straight-line code as Python functions: one, or several in sequence if it is very long.

To compile a function Python takes many times the memory of its text. Code of more than `MOST_LINES`
lines is therefore cut into *chunks*, each a function that is compiled by itself, and `run` calls
them in turn. That saves memory, not time: what one chunk computes and a later one reads has to go
through a list, `kept`, and shorter code is both compiled and run faster in one piece. The list
starts as the numbers of the inputs, and every chunk appends to it; where in it a number will be is
known when the code is written. A number is appended once, and taken out once in each chunk that
reads it. The outputs are appended last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from autograd.jit.python.templates import TEMPORARY
from autograd.jit.tuning import LINE, LINES_OF_CHUNK, MOST_LINES, UNPACKED_TOGETHER

KEPT = "kept"
"""The name of the list."""

_NAMES = re.compile(r"[^\W\d]\w*")
_ASSIGNED = re.compile(r"^ *(\w+) = ", re.MULTILINE)


def functions(
    given: Sequence[str],
    lines: Sequence[str],
    returned: Sequence[str],
    longest: int = MOST_LINES,
    spans: Mapping[str, slice] = MappingProxyType({}),
) -> list[str]:
    """The code of functions of which the last, `run`, takes the inputs and returns the outputs.

    Args:
        given: the names of the inputs.
        lines: statements; those that belong to the one before are indented, or its `else`, or
            begin with its last parenthesis.
        returned: expressions for the outputs.
        longest: how many lines one function may have.
        spans: names of parts of the inputs. What is only read as one of these is not unpacked.

    >>> print(*functions(["x"], ["y = exp(x)"], ["x", "y"]))
    def run(numbers):
        (x,) = numbers
        y = exp(x)
        return (x, y)
    <BLANKLINE>
    """
    loads = [*listed("{} = numbers", given)]
    if spans:
        names = set(_NAMES.findall("\n".join((*lines, *returned))))
        loads = [
            *_checked("numbers", len(given)),
            *_loads({k: name for k, name in enumerate(given) if name in names}, "numbers"),
            *_rows(spans, "numbers"),
        ]
    if len(loads) + len(lines) + len(returned) <= longest:
        body = [*loads, *lines, *listed("return {}", returned)]
        return [_function("run(numbers)", body)]
    size = min(LINES_OF_CHUNK, longest)
    parts: list[tuple[Sequence[str], Sequence[str]]] = [(chunk, ()) for chunk in _cut(lines, size)]
    parts += [((), returned[i : i + size]) for i in range(0, len(returned), size)]
    mentioned = [set(_NAMES.findall("\n".join((*chunk, *outputs)))) for chunk, outputs in parts]
    last_reader = {name: k for k, names in enumerate(mentioned) for name in names}
    places = {name: place for place, name in enumerate(given)}
    count = len(given)
    made: list[str] = []
    for k, ((chunk, outputs), names) in enumerate(zip(parts, mentioned, strict=True)):
        body = [
            *_loads({places[name]: name for name in names & places.keys()}),
            *_rows({name: at for name, at in spans.items() if name in names}),
            *chunk,
        ]
        assigned = dict.fromkeys(_ASSIGNED.findall("\n".join(chunk)))
        kept = [name for name in assigned if last_reader[name] > k and name != TEMPORARY]
        places.update((name, count + i) for i, name in enumerate(kept))
        count += len(kept) + len(outputs)
        if kept or outputs:
            body += listed(f"{KEPT} += {{}}", [*kept, *outputs])
        made.append(_function(f"run_{k + 1}({KEPT})", body))
    body = [
        f"{KEPT} = list(numbers)",
        *_checked(KEPT, len(given)),
        *(f"run_{k + 1}({KEPT})" for k in range(len(parts))),
        f"return tuple({KEPT}[{count - len(returned)}:])",
    ]
    return [*made, _function("run(numbers)", body)]


def listed(line: str, texts: Sequence[str]) -> list[str]:
    """A line with a tuple in it, over several if it is long.

    >>> listed("return {}", ["x", "y"])
    ['return (x, y)']
    """
    inside = ", ".join(texts) + ("," if len(texts) == 1 else "")
    if len(line) + len(inside) <= LINE:
        return [line.format(f"({inside})")]
    first, last = line.split("{}")
    return [f"{first}(", *(f"    {text}," for text in texts), f"){last}"]


def _checked(numbers: str, count: int) -> list[str]:
    return [
        f"if len({numbers}) != {count}:",
        f'    raise ValueError("expected {count} numbers to unpack")',
    ]


def _rows(spans: Mapping[str, slice], kept: str = KEPT) -> Iterator[str]:
    for name, at in spans.items():
        step = f":{at.step}" if at.step > 1 else ""
        yield f"{name} = {kept}[{at.start}:{at.stop}{step}]"


def _loads(names: dict[int, str], kept: str = KEPT) -> Iterator[str]:
    """Statements that take numbers out of the list, neighbours together.

    >>> list(_loads({3: "y", 7: "z", 2: "x"}))
    ['(x, y,) = kept[2:4]', '(z,) = kept[7:8]']
    """
    places = sorted(names)
    first = 0
    for k, place in enumerate(places, 1):
        if k == len(places) or places[k] != place + 1 or k - first == UNPACKED_TOGETHER:
            texts = ", ".join([names[i] for i in places[first:k]])
            yield f"({texts},) = {kept}[{places[first]}:{place + 1}]"
            first = k


def _function(head: str, body: Sequence[str]) -> str:
    return f"def {head}:\n" + "".join([f"    {line}\n" for line in body])


def _cut(lines: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """The lines in chunks, none of which begins within a statement."""
    first = 0
    while first < len(lines):
        last = min(first + size, len(lines))
        while last < len(lines) and (lines[last][0] in " )" or lines[last] == "else:"):
            last += 1
        yield lines[first:last]
        first = last
