import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ENGINES = ["dot", "pygraphviz"]


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


@pytest.fixture(params=ENGINES)
def engine(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """The one Graphviz that can be found."""
    only(request.param, monkeypatch, tmp_path_factory.mktemp("empty"))
    return str(request.param)


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No Graphviz can be found."""
    only(None, monkeypatch, tmp_path_factory.mktemp("empty"))
