"""`derivative_property`: one line over a function makes a property test of its derivative.

    from autograd import log
    from autograd.testing import derivative_property

    @derivative_property(domain=(0.1, 5.0))
    def test_entropy(p):
        return -p * log(p)

pytest collects it, Hypothesis draws the points, `gradcheck` judges, and a failure is shown at the
simplest point where it fails. This module needs Hypothesis, which the test extra installs.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import event, example, given, reject
from hypothesis import strategies as st

from autograd.number import describe
from autograd.testing.checking.findings import InconclusiveError
from autograd.testing.checking.gradcheck import gradcheck

Test = Callable[[], None]
_OPTIONS = inspect.signature(gradcheck)


def derivative_property(
    domain: Any = (-4.0, 4.0),
    *,
    derivative: Callable[..., Any] | None = None,
    order: int = 1,
    examples: Sequence[Sequence[Any]] = (),
    **options: Any,
) -> Callable[[Callable[..., Any]], Test]:
    """Make a test of a function's derivative, at points that Hypothesis draws.

    Where the numerical derivative is not reliable (a kink, a pole), another point is drawn. The
    number of points is set as for any test of Hypothesis, with its `settings` above or below this
    decorator.

    Args:
        domain: where to draw the arguments. A pair of floats is a closed interval; a list of
            domains is a list of numbers, so `[(0.0, 1.0)] * 3` is a list of three; a Hypothesis
            strategy is used directly. One of these holds for every argument; a dict has one for
            each argument by name; arguments it leaves out keep their defaults. Those of
            `pytest.mark.parametrize` come from there.
        derivative: a hand-written gradient of the function, which then takes plain floats: called
            with the drawn arguments, it returns one derivative for each. By default the engine's
            derivative is tested.
        order: the highest order of derivatives to test, as for `gradcheck`.
        examples: points that are always tested, each a list of the arguments.
        options: further keyword arguments for `gradcheck`.

    Returns:
        A decorator. It turns the function into a test without arguments, with the same name and
        docstring.

    Raises:
        TypeError: (when decorating) a domain is not one of the above, `gradcheck` has no such
            option, or the function has no arguments or is a coroutine.
        ValueError: (when decorating) an interval is empty, a name in `domain` is not an argument,
            or an example has another number of arguments.
        GradientError: (by the test) a derivative is wrong; it is an AssertionError.

    >>> from autograd import exp, primitive
    >>> @derivative_property(domain={"x": (-1.0, 1.0), "w": [(0.0, 2.0)] * 2})
    ... def test_product(x, w):
    ...     return w[0] * exp(x * w[1])
    >>> test_product()
    >>> @derivative_property(domain=(1.0, 2.0), derivative=lambda x: 3 * x, examples=[[1.5]])
    ... def test_square(x):
    ...     return x * x
    >>> test_square()  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
        ...
    autograd.errors.GradientError: 1 of 1 derivatives disagree
    """
    try:
        _OPTIONS.bind(None, (), **options)
    except TypeError as error:
        raise TypeError(f"derivative_property: {error}") from None

    def decorate(function: Callable[..., Any]) -> Test:
        names = _parameters(function)
        strategies = _strategies(domain, names)

        @functools.wraps(function)
        def check(**arguments: Any) -> None:
            numbers = [arguments.pop(name) for name in strategies]

            def drawn(*numbers: Any) -> Any:
                return function(**dict(zip(strategies, numbers, strict=True)), **arguments)

            try:
                gradcheck(drawn, numbers, derivative=derivative, order=order, **options)
            except InconclusiveError as reason:
                event(f"inconclusive: {reason}")
                reject()

        test: Any = check
        signature = inspect.signature(function)
        test.__signature__ = signature.replace(
            parameters=[
                p.replace(default=p.empty, kind=p.KEYWORD_ONLY)
                for p in signature.parameters.values()
                if p.name in strategies or p.default is p.empty
            ]
        )
        for point in examples:
            if len(point) != len(strategies):
                raise ValueError(
                    f"derivative_property: {function.__name__} is tested in {len(strategies)}"
                    f" arguments, and an example has {len(point)}"
                )
            test = example(**dict(zip(strategies, point, strict=True)))(test)
        made: Any = given(**strategies)(test)
        made.is_derivative_property = True  # for the marker of the pytest plugin
        return made  # type: ignore[no-any-return]

    return decorate


def _parameters(function: Callable[..., Any]) -> list[str]:
    """The names of a function's positional arguments."""
    if inspect.iscoroutinefunction(function):
        raise TypeError("derivative_property: a coroutine has no derivative")
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(function).parameters.values()
    if not parameters or any(p.kind not in kinds for p in parameters):
        raise TypeError(
            f"derivative_property: {function.__name__} must have arguments that all have a name"
        )
    given = _parametrized(function)
    names = [p.name for p in parameters if p.name not in given]
    if not names:
        raise TypeError(
            f"derivative_property: all arguments of {function.__name__} come from parametrize:"
            " there is none to differentiate"
        )
    return names


def _parametrized(function: Callable[..., Any]) -> set[str]:
    """The arguments that `pytest.mark.parametrize` gives."""
    found: set[str] = set()
    for mark in getattr(function, "pytestmark", []):
        if mark.name == "parametrize":
            names = mark.args[0] if mark.args else mark.kwargs["argnames"]
            found |= {x.strip() for x in (names.split(",") if isinstance(names, str) else names)}
    return found


def _strategies(domain: Any, names: Sequence[str]) -> dict[str, st.SearchStrategy[Any]]:
    """For each argument a strategy."""
    if not isinstance(domain, Mapping):
        return {name: strategy(domain, name) for name in names}
    if unknown := [name for name in domain if name not in names]:
        raise ValueError(
            f"derivative_property: there is no argument named {unknown[0]!r} among {list(names)}"
        )
    return {name: strategy(domain[name], name) for name in names if name in domain}


def strategy(domain: Any, path: str) -> st.SearchStrategy[Any]:
    """What to draw an argument from.

    Args:
        domain: an interval, a list or dict of domains, or a strategy.
        path: its name in errors.

    >>> strategy([(0.0, 1.0)], "x")
    tuples(floats(min_value=0.0, max_value=1.0)).map(list)
    """
    if isinstance(domain, st.SearchStrategy):
        return domain
    if isinstance(domain, list):
        parts = [strategy(x, f"{path}[{i}]") for i, x in enumerate(domain)]
        return st.tuples(*parts).map(list)
    if isinstance(domain, dict):
        return st.fixed_dictionaries(
            {key: strategy(x, f"{path}[{key!r}]") for key, x in domain.items()}
        )
    if (
        not isinstance(domain, tuple)
        or len(domain) != 2
        or not all(isinstance(end, int | float) for end in domain)
    ):
        raise TypeError(
            f"derivative_property: the domain of {path} must be a pair of floats, a list or dict of"
            f" domains, or a strategy, got {describe(domain)}"
        )
    low, high = map(float, domain)
    if not -math.inf < low <= high < math.inf:
        raise ValueError(
            f"derivative_property: the domain of {path} must be a finite interval, got {domain}"
        )
    return st.floats(low, high)
