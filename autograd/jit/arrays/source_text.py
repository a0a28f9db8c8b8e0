"""Texts of expressions: a part of an array, a call, an operator."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.jit.arrays.views import Shape, View, contiguous

_SIGNS = {
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
    "equal": "==",
    "not_equal": "!=",
}

OPERATORS = {
    "add": "{} + {}",
    "sub": "{} - {}",
    "mul": "{} * {}",
    "div": "{} / {}",
    "neg": "-{}",
    "identity": "+{}",
    **{f"where_{name}": f"np.where({{}} {sign} {{}}, {{}}, {{}})" for name, sign in _SIGNS.items()},
    **{name: f"np.float64({{}} {sign} {{}})" for name, sign in _SIGNS.items()},
}
"""The text of operations that have an operator."""


def call_text(function: str, operands: Sequence[str]) -> str:
    """The text of a call.

    >>> call_text("tanh", ["z1"])
    'tanh(z1)'
    """
    return f"{function}({', '.join(operands)})"


def atom(text: str) -> str:
    """The text of an expression, in brackets if it has operators.

    >>> atom("w1"), atom("np.take(w, index_1)"), atom("a + b")
    ('w1', 'np.take(w, index_1)', '(a + b)')
    """
    is_atom = text.replace(".", "").replace("_", "").isalnum() or text.endswith((")", "]"))
    return text if is_atom and " " not in text.split("(")[0].split("[")[0] else f"({text})"


def factor(text: str) -> str:
    """The text of a factor of a matrix product."""
    return text if text.endswith(".T") else atom(text)


def shape_text(shape: Shape) -> str:
    """A shape as arguments of `reshape`.

    >>> shape_text((2, 3)), shape_text(())
    ('2, 3', '()')
    """
    return ", ".join(map(str, shape)) or "()"


def part_of(name: str, shape: Shape, part: View) -> str | None:
    """The text for a part of an array, or None if there is no short one.

    Args:
        name: the array's name.
        shape: its shape.
        part: a view of its numbers, counted row by row.

    >>> part_of("z", (4, 3), View(0, (3, 4), (1, 3)))
    'z.T'
    >>> part_of("z", (4,), View(0, (4, 1), (1, 0)))
    'z[:, None]'
    >>> part_of("z", (4, 2), View(1, (4,), (2,)))
    'z[:, 1]'
    >>> part_of("z", (12,), View(2, (3, 2), (3, 1)))
    'z[2:11].reshape(3, 3)[:, :2]'
    """
    whole = contiguous(0, shape)
    if part == whole:
        return name
    if not shape:
        return f"np.full({part.shape}, {name})"
    text = _indexed(name, whole, part) or _reshaped(name, whole, part)
    if text is None and len(part.shape) == 2 and 0 < part.strides[0] < part.strides[1]:
        mirrored = part_of(name, shape, View(part.start, part.shape[::-1], part.strides[::-1]))
        return None if mirrored is None else f"{mirrored}.T"
    return text


def _indexed(name: str, whole: View, part: View) -> str | None:
    """By slices, numbers and new axes, if its axes are some of the array's in their order."""
    places, rest = [], part.start
    for stride in whole.strides:
        places.append(rest // stride)
        rest %= stride
    texts: list[str] = []
    axis = 0
    for length, stride in zip(part.shape, part.strides, strict=True):
        if length == 1:
            texts.append("None")
            continue
        while axis < len(places) and whole.strides[axis] != stride:
            texts.append(str(places[axis]))
            axis += 1
        if axis == len(places) or places[axis] + length > whole.shape[axis]:
            return None
        texts.append(_slice(places[axis], length, whole.shape[axis]))
        axis += 1
    texts += [str(place) for place in places[axis:]]
    return f"{name}[{', '.join(texts)}]" if texts else name


def _slice(start: int, length: int, size: int) -> str:
    if length == size:
        return ":"
    stop = start + length
    return f"{start or ''}:{stop if stop < size else ''}"


def _reshaped(name: str, whole: View, part: View) -> str | None:
    """As a span of the array in another shape, and perhaps a part of each of its rows."""
    is_down = any(s <= 0 and n > 1 for s, n in zip(part.strides, part.shape, strict=True))
    if is_down or not part.shape:
        return None
    flat = name if len(whole.shape) == 1 else f"{name}.ravel()"
    if part == contiguous(part.start, part.shape):
        shape = shape_text(part.shape)
        text = f"{flat}{_stretch(part.start, part.size, whole.size)}"
        return text if len(part.shape) == 1 else f"{text}.reshape({shape})"
    if len(part.shape) == 1:
        step = part.strides[0]
        stop = part.start + step * (part.shape[0] - 1) + 1
        return f"{flat}[{part.start or ''}:{stop if stop < whole.size else ''}:{step}]"
    if 1 in part.shape[:2] and len(part.shape) == 2:
        axis = part.shape.index(1)
        line = View(part.start, (part.size,), (part.strides[1 - axis],))
        inside = part_of(name, whole.shape, line)
        return None if inside is None else inside + ("[:, None]" if axis else "[None]")
    rows, columns = part.shape[0], part.shape[-1]
    if len(part.shape) == 2 and part.strides[1] == 1 and part.strides[0] > columns:
        width = part.strides[0]
        if part.start + rows * width <= whole.size:
            stretch = _stretch(part.start, rows * width, whole.size)
            return f"{flat}{stretch}.reshape({rows}, {width})[:, :{columns}]"
    return None


def _stretch(start: int, size: int, whole: int) -> str:
    return "" if size == whole else f"[{_slice(start, size, whole)}]"
