"""Which backend compiles a function, and what is said where one cannot."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

from autograd import tanh
from autograd.jit import backends, jit


def lowered_by(f: Callable[..., Any], count: int) -> str:
    """The module of the backend that compiles a function of so many numbers."""
    compiled = jit(f)
    for _ in range(2):
        compiled([0.5] * count)
    (path,) = compiled._paths()
    return type(path.compiled.lowered).__module__


def broad(xs: list[Any]) -> Any:
    return sum(tanh(x) * x for x in xs)


def deep(xs: list[Any]) -> Any:
    out = xs[0]
    for x in xs[1:]:
        out = tanh(out * x)
    return out


def pair(xs: list[Any]) -> Any:
    return xs[0] * xs[1]


CHOICES = [  # the function, how many numbers, and the room of its backend, by what is installed
    (broad, 20, "python", "python", "python"),
    (broad, 600, "native", "arrays", "python"),
    (deep, 600, "native", "python", "python"),
    (deep, 3000, "native", "python", "python"),
    (pair, 60, "python", "python", "python"),
    (pair, 1000, "native", "python", "python"),  # Python reads them one by one
]


@pytest.mark.parametrize(
    "installed", [("numpy", "llvmlite"), ("numpy",), ()], ids=lambda names: "+".join(names) or "-"
)
@pytest.mark.parametrize(("f", "count", "native", "arrays", "python"), CHOICES)
def test_the_backend_that_suits_is_chosen(
    f: Callable[..., Any],
    count: int,
    native: str,
    arrays: str,
    python: str,
    installed: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not all(map(find_spec, installed)):
        pytest.skip(f"needs {' and '.join(installed)}")
    monkeypatch.setattr(backends, "find_spec", lambda name: name in installed or None)
    room = {2: native, 1: arrays, 0: python}[len(installed)]
    assert f"jit.{room}." in lowered_by(f, count)


def test_a_backend_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda name: name == "numpy" or None)
    jit(broad, backend="numpy")
    with pytest.raises(ImportError, match=r"(?s)'native' needs llvmlite.*\.\[native\]"):
        jit(broad, backend="native")
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"(?s)'numpy' needs numpy.*\.\[jit\]"):
        jit(broad, backend="numpy")


def test_in_a_browser_it_says_so_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "IN_BROWSER", True)
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    numbers = [float(i) for i in range(40)]
    for backend, missing in (("numpy", "numpy"), ("native", "numpy and llvmlite")):
        with pytest.warns(RuntimeWarning, match=f"'{backend}' needs {missing}.*Python") as caught:
            compiled = jit(broad, backend=backend)
        assert caught[0].filename == __file__
        assert compiled(numbers) == broad(numbers)
        assert compiled.stats["plain"] == 0
    jit(broad)
    jit(broad, backend="python")  # without a warning
