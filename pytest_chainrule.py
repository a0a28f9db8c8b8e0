"""The pytest plugin: the fixture `gradcheck`, and the marker `derivative_property`.

    def test_my_loss(gradcheck):
        gradcheck(my_loss, (0.5, 2.0), derivative=my_gradient)

    @pytest.mark.derivative_property(domain=(0.1, 5.0))
    def test_entropy(p):
        return -p * log(p)

pytest finds it where chainrule is installed, in every project; so nothing but pytest is imported
before a test asks for it. `pytest -m derivative_property` runs the property tests alone, whichever
way they were written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = "derivative_property"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, also under `--strict-markers`."""
    config.addinivalue_line(
        "markers",
        f"{_NAME}(domain=(-4.0, 4.0), **options): the function is no test but what is tested: its"
        " derivative, at points that Hypothesis draws (autograd.testing.derivative_property)",
    )


@pytest.fixture(scope="session")
def gradcheck() -> Callable[..., Any]:
    """`autograd.testing.gradcheck`: compares derivatives with numerical ones, whose error it knows.

    With `derivative=` a derivative that is written by hand, else this engine's.
    """
    from autograd.testing import gradcheck

    return gradcheck


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> Any:
    """A property test of the derivative, for a function with the marker."""
    marks = getattr(obj, "pytestmark", None)
    if not isinstance(marks, list) or not collector.istestfunction(obj, name):
        return None
    mark = next((x for x in marks if getattr(x, "name", None) == _NAME), None)
    if mark is None or hasattr(obj, "hypothesis"):  # a property test already: the marker selects it
        return None
    if isinstance(collector, pytest.Class):
        raise collector.CollectError(
            f"{name}: the marker {_NAME} is for functions of a module: a method has no number for"
            " self"
        )
    from autograd.testing import derivative_property

    try:
        made = derivative_property(*mark.args, **mark.kwargs)(obj)
    except (TypeError, ValueError, ImportError) as error:
        raise collector.CollectError(f"{name}: {error}") from error
    setattr(collector.obj, name, made)  # where a test looks for its function
    return list(collector._genfunctions(name, made))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail where the marker has made no property: of a class, a module, a method, a fixture."""
    function = getattr(item, "obj", None)
    if item.get_closest_marker(_NAME) and not hasattr(function, "hypothesis"):
        pytest.fail(
            f"the marker {_NAME} is for functions of a module, each with its own: here it would"
            " check nothing",
            pytrace=False,
        )


def pytest_itemcollected(item: pytest.Item) -> None:
    """The marker, for the tests that the decorator has made."""
    if getattr(getattr(item, "obj", None), "is_derivative_property", False):
        item.add_marker(_NAME)
