"""`gradcheck`: derivatives compared with finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from autograd import tree
from autograd.errors import GradientError
from autograd.modes import pause_gc
from autograd.testing.checking.by_hand import rows_by_hand
from autograd.testing.checking.consistency import asymmetries, strays, violations
from autograd.testing.checking.diagnosis import Case, diagnose
from autograd.testing.checking.findings import Diagnosis, Entry, GradcheckResult, InconclusiveError
from autograd.testing.checking.second_look import GivenErrors, look_again
from autograd.testing.numerical.differences import Differences, differentiate
from autograd.testing.numerical.lines import Flat
from autograd.trace import Trace
from autograd.transforms import jvp
from autograd.value import Value

MODES = ("reverse", "forward")


def gradcheck(
    f: Callable[..., Any],
    args: Sequence[Any],
    *,
    order: int = 1,
    modes: Sequence[str] = MODES,
    derivative: Callable[..., Any] | None = None,
    method: str = "ridders",
    inconclusive: str = "raise",
) -> GradcheckResult:
    """Compare the derivatives of a function with numerical ones, number by number.

    There is no tolerance to choose. Each numerical derivative comes with an estimate of its error,
    from its extrapolation and from the rounding that the values of `f` show; a derivative passes if
    it differs by no more than twice that. Before one is called wrong, `f` is run on Values, whose
    graph bounds the rounding inside it, and that of the derivative. Where no estimate is reliable
    (a kink, a pole, an edge of the domain, noise) the derivative is inconclusive: it neither passes
    nor fails. A derivative so small that rounding hides it is "unresolved": it passes, and the
    printed result says that it could not be distinguished from 0.

    With both modes, first derivatives must also obey their laws: forward mode is the transpose of
    reverse mode, and both are linear. From the second order on, the order of differentiation must
    not matter. A derivative outside of the pattern (`sparsity`) must be 0.

    Args:
        f: a function of numbers, or of nested lists, tuples, dicts and arrays of numbers, that
            returns the same. It may take Values only (`x.tanh()`).
        args: its arguments, a list or tuple.
        order: the highest order of derivatives to check. Those of order 2 are compared with
            differences of the exact first derivatives, and so on.
        modes: the modes of the engine to check: "reverse", "forward" or both.
        derivative: a derivative written by hand to check instead of the engine's. It is called
            with the arguments of `f`, as floats, and returns one gradient for each argument, in the
            argument's structure (for a single argument, the gradient alone is accepted); where `f`
            returns a structure, that structure with such gradients in place of numbers. Where `f`
            returns an array, arrays of its shape followed by the argument's are accepted too. The
            engine is then not involved: `f` may be plain Python.
        method: the method of the numerical derivatives, as in `numerical_gradient`.
        inconclusive: "raise" an error where a derivative cannot be judged, or "skip" it; the
            result lists those.

    Returns:
        What was compared; printed, a table of what is not right.

    Raises:
        GradientError: some derivative is wrong. Its text is a table of those, and what is likely
            wrong; its attribute `result` holds the same as data. It is an AssertionError too.
        InconclusiveError: none is known to be wrong, and some cannot be judged. It is not an
            AssertionError.
        TypeError: the arguments or the result hold something that is not a number.
        ValueError: an option is unknown, or `derivative` is given with a higher order.

    >>> from autograd import exp, primitive
    >>> gradcheck(lambda x, y: x * exp(y), (2.0, 0.5))
    <GradcheckResult: 2 of 2 derivatives agree>
    >>> def loss(w, b):
    ...     return (3.0 * w + b - 1.0) ** 2
    >>> def by_hand(w, b):
    ...     return (2 * (3.0 * w + b - 1.0), 2 * (3.0 * w + b - 1.0))  # 3 * is missing
    >>> gradcheck(loss, (0.5, 0.25), derivative=by_hand)
    Traceback (most recent call last):
        ...
    autograd.errors.GradientError: 1 of 2 derivatives disagree with finite differences
    derivative                    given       numerical  error      ratio
    d out / d args[0]               1.5             4.5  1e-13   0.333333
    likely: another's place: the derivative in args[0] is the one in args[1]
    likely: a factor: the derivative in args[0] is 1/3 times what it should be
    """
    _check_options(order, modes, derivative, inconclusive)
    entries: list[Entry] = []
    laws = []
    diagnoses: list[Diagnosis] = []
    function = f
    for n in range(1, order + 1):
        found = differentiate(function, args, method)
        names = _names(found, n)
        if derivative is not None:
            given = {"derivative": rows_by_hand(derivative, found.flat)}
        else:
            given = {mode: _ENGINE[mode](found.flat) for mode in modes}
            laws += strays(found.flat, given)
        new = [e for mode, matrix in given.items() for e in _entries(mode, matrix, found, names)]
        off = GivenErrors(found.flat, derivative)
        if method == "ridders":
            new = look_again(new, found, off, found.inputs)
        entries += new
        for _, group in groupby(new, key=lambda entry: entry.mode):
            case = _case(list(group), found)
            cut = _cut(found.flat, case) if derivative is None else []
            known = {diagnosis.kind for diagnosis in diagnoses}
            diagnoses += [d for d in cut or diagnose(case) if d.kind not in known]
        if all(entry.verdict != "wrong" for entry in new) and derivative is None:
            if n == 1 and set(modes) == set(MODES):
                laws += violations(found.flat, found.rows)
            if n > 1:
                laws += _symmetry(next(iter(given.values())), found, names, off)
        function = _derivatives(found.flat.f)
    result = GradcheckResult(entries, laws, diagnoses)
    __tracebackhide__ = True  # of pytest: it shows the line that asked, not this function
    if result.wrong or result.violations:
        raise GradientError(str(result), result)
    if result.inconclusive and inconclusive == "raise":
        raise InconclusiveError(str(result), result)
    return result


def _check_options(order: int, modes: Sequence[str], derivative: Any, inconclusive: str) -> None:
    if type(order) is not int or order < 1:
        raise ValueError(f"gradcheck: order must be an integer of at least 1, got {order!r}")
    if isinstance(modes, str) or not modes or not set(modes) <= set(MODES):
        raise ValueError(f"gradcheck: modes must be some of {MODES}, got {modes!r}")
    if inconclusive not in ("raise", "skip"):
        raise ValueError(f"gradcheck: inconclusive must be 'raise' or 'skip', got {inconclusive!r}")
    if derivative is not None and order > 1:
        raise ValueError(
            "gradcheck: a derivative written by hand is checked at order 1; to check the second,"
            " hand in the first as f and the second as derivative"
        )


def _reverse(flat: Flat) -> list[list[float]]:
    """The derivatives by reverse mode, a row for each number of the result."""
    return _derivatives(flat.f)(*flat.at(flat.numbers))


def _forward(flat: Flat) -> list[list[float]]:
    """The same by forward mode, along one number of the arguments at a time."""
    columns = []
    for i in range(len(flat.numbers)):
        tangents = flat.at([float(j == i) for j in range(len(flat.numbers))])
        columns.append(tree.leaves(jvp(flat.f, flat.at(flat.numbers), tangents)[1]))
    return [[column[k] for column in columns] for k in range(len(flat.values))]


_ENGINE = {"reverse": _reverse, "forward": _forward}


def _derivatives(f: Callable[..., Any]) -> Callable[..., list[list[Any]]]:
    """The derivatives of every number of the result in every number of the arguments, as rows."""

    def rows(*args: Any) -> list[list[Any]]:
        with pause_gc():
            trace = Trace(f, args, range(len(args)))
            return [
                trace.gradients({y: 1.0} if isinstance(y, Value) else {}) for y in trace.results
            ]

    return rows


def _names(found: Differences, order: int) -> list[tuple[str, tuple[str, ...]]]:
    """For each number of an `order - 1`-th derivative, its output and its inputs."""
    if order == 1:
        return [(output, ()) for output in found.outputs]
    count = len(found.inputs)
    if not count:
        return []
    originals = len(found.outputs) // count ** (order - 1)
    names = []
    for k in range(len(found.outputs)):
        at = k
        inputs: list[str] = []
        for _ in range(order - 1):
            at, column = divmod(at, count)
            inputs.insert(0, found.inputs[column])
        output = "out" if originals == 1 else f"out number {at}"
        names.append((output, tuple(inputs)))
    return names


def _entries(
    mode: str,
    matrix: Sequence[Sequence[float]],
    found: Differences,
    names: Sequence[tuple[str, tuple[str, ...]]],
) -> list[Entry]:
    return [
        Entry(output, (*before, path), mode, given, *estimate, place=(i, j))
        for i, (output, before) in enumerate(names)
        for j, path in enumerate(found.inputs)
        for given, estimate in [(matrix[i][j], found.rows[i][j])]
    ]


def _case(entries: Sequence[Entry], found: Differences) -> Case:
    return Case(
        entries,
        [entry for entry in entries if entry.verdict == "wrong"],
        list(zip(found.inputs, found.flat.numbers, strict=True)),
        list(zip(found.outputs, found.flat.values, strict=True)),
    )


def _cut(flat: Flat, case: Case) -> list[Diagnosis]:
    """Whether a derivative is 0 because the function left the engine."""
    if not case.wrong or any(entry.given for entry in case.wrong):
        return []
    args = flat.at(flat.numbers)
    results = Trace(flat.f, args, range(len(args))).results
    if all(isinstance(results[entry.place[0]], Value) for entry in case.wrong):
        return []
    words = (
        "the graph is cut: the function returns a plain number where its arguments are Values, so"
        " it computes with math or float(); use the functions of autograd, or hand in derivative="
    )
    return [Diagnosis("cut", words)]


def _symmetry(
    matrix: Sequence[Sequence[float]],
    found: Differences,
    names: Sequence[tuple[str, tuple[str, ...]]],
    off: GivenErrors,
) -> list[Any]:
    """The derivatives that change with the order of the last two differentiations."""
    count = len(found.inputs)
    laws = []
    for start in range(0, len(matrix), count or 1):
        block = slice(start, start + count)
        output = names[start][0]
        of_block = lambda i, j, start=start: off(start + i, j)
        laws += asymmetries(matrix[block], found.rows[block], found.inputs, output, of_block)
    return laws
