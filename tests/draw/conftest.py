import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from strength import slowly

from autograd.draw.dot import bundled, render

ENGINES = ["dot", "pygraphviz"]
SECOND = "pygraphviz" if shutil.which("dot") else "dot"
"""Left to the gate: the other one is here, and is the first to be looked for."""


@cache
def has_neato() -> bool:
    """Whether the dot on the PATH has the layout of that name."""
    done = subprocess.run(["dot", "-Kneato", "-Tsvg"], input=b"graph {}", capture_output=True)
    return done.returncode == 0


def only(engine: str | None, monkeypatch: pytest.MonkeyPatch, empty: Path) -> None:
    """Leave one Graphviz to be found, or none."""
    if engine == "dot":
        pytest.importorskip("graphviz", reason="graphviz, which runs dot, is not installed")
        if shutil.which("dot") is None:
            pytest.skip("there is no dot on the PATH")
        if not has_neato():
            pytest.skip("dot has no neato, which draws networks: a package of its own in Debian 14")
    else:
        monkeypatch.setenv("PATH", str(empty))
        assert shutil.which("dot") is None
    if engine == "pygraphviz":
        pytest.importorskip("pygraphviz", reason="pygraphviz is not installed")
    else:
        monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture(params=[slowly(x) if x == SECOND else x for x in ENGINES])
def engine(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """The one Graphviz that can be found."""
    only(request.param, monkeypatch, tmp_path_factory.mktemp("empty"))
    return str(request.param)


@pytest.fixture
def without_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Graphviz inside pygraphviz draws in this process: starting one takes ten times as long.

    `test_pygraphviz_draws_in_this_process_as_in_its_own` holds the one to the other.
    """

    def output(command: list[str], text: bytes) -> bytes:
        *_, site, kind = command
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return bundled.drawn(site, kind, text)
        except Exception as error:
            raise subprocess.CalledProcessError(1, command, stderr=str(error).encode()) from error

    monkeypatch.setattr(render, "_output", output)


@pytest.fixture
def each_engine(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Iterator[str]]:
    """A loop over the same: for what takes long to compute, and is then rendered by each."""
    empty = tmp_path_factory.mktemp("empty")

    @contextmanager
    def alone(name: str) -> Iterator[None]:
        with monkeypatch.context() as patch:
            only(name, patch, empty)
            yield

    def engines() -> Iterator[str]:
        missing = []
        for name in ENGINES:
            try:
                with alone(name):
                    yield name
            except pytest.skip.Exception as reason:
                missing.append(str(reason))
        if len(missing) == len(ENGINES):
            pytest.skip("; ".join(missing))

    return engines


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No Graphviz can be found."""
    only(None, monkeypatch, tmp_path_factory.mktemp("empty"))
