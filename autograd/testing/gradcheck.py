"""`gradcheck`: does the engine's derivative agree with finite differences?"""

from collections.abc import Callable, Sequence
from typing import Any

from autograd import tree
from autograd.errors import GradientError
from autograd.testing.differences import numerical_jacobian
from autograd.transforms import jacobian


def gradcheck(
    f: Callable[..., Any],
    args: Sequence[Any],
    *,
    h: float | None = None,
    rtol: float = 1e-6,
) -> None:
    """Compare the derivatives of a function with central differences, number by number.

    A derivative passes if it differs from the numerical one by no more than twice the estimated
    error of that, plus `rtol` of its size.

    Args:
        f: a function of numbers, or of nested lists, tuples and dicts of numbers, that returns
            such; it must be smooth within two steps of the arguments.
        args: its arguments, a list or tuple.
        h: the step of the differences; by default the cube root of the machine epsilon times
            `max(1, |x|)`.
        rtol: the relative difference to accept.

    Raises:
        GradientError: some derivative disagrees; the text is a table of those that do. It is an
            AssertionError too.
        TypeError: the arguments or the result hold something that is no number.

    >>> from autograd import exp, primitive
    >>> gradcheck(lambda x, y: x * exp(y), (2.0, 0.5))
    >>> @primitive(lambda g, out, x: g * x)
    ... def wrong_square(x):
    ...     return x * x
    >>> gradcheck(wrong_square, (3.0,))
    Traceback (most recent call last):
        ...
    autograd.errors.GradientError: 1 of 1 derivatives disagree with finite differences
    derivative                 engine         numerical   estimated error
    d out / d args[0]               3                 6           2.2e-10
    """
    structure = tuple(args)
    rows = tree.leaves(jacobian(f, tuple(range(len(structure))))(*structure))
    columns = numerical_jacobian(f, structure, h)
    outputs = paths(f(*structure), "out")
    inputs = paths(structure, "args")
    wrong = []
    for i, out in enumerate(outputs):
        for j, argument in enumerate(inputs):
            engine, numerical = rows[i * len(inputs) + j], columns[j][i]
            allowed = 2 * numerical.error + rtol * max(abs(engine), abs(numerical.value))
            if not abs(engine - numerical.value) <= allowed:
                wrong.append((f"d {out} / d {argument}", engine, *numerical))
    if wrong:
        width = max(len(name) for name, *_ in wrong)
        table = [
            f"{'derivative':<{width}} {'engine':>15} {'numerical':>17} {'estimated error':>17}",
            *(f"{name:<{width}} {a:>15.9g} {b:>17.9g} {e:>17.3g}" for name, a, b, e in wrong),
        ]
        count = len(outputs) * len(inputs)
        raise GradientError(
            f"{len(wrong)} of {count} derivatives disagree with finite differences\n"
            + "\n".join(table)
        )


def paths(structure: Any, root: str = "") -> list[str]:
    """How to reach each leaf of a nested structure, in order.

    >>> paths({"w": [1.0, 2.0], "b": 3.0})
    ["['w'][0]", "['w'][1]", "['b']"]
    """
    if isinstance(structure, dict):
        return [p for key, x in structure.items() for p in paths(x, f"{root}[{key!r}]")]
    if isinstance(structure, list | tuple):
        return [p for i, x in enumerate(structure) for p in paths(x, f"{root}[{i}]")]
    return [root]
