import shutil
import sys
from pathlib import Path

import pytest

ENGINES = ["dot", "pygraphviz"]


def only(engine: str | None, monkeypatch: pytest.MonkeyPatch, empty: Path) -> None:
    """Leave one Graphviz to be found, or none."""
    if engine == "dot":
        pytest.importorskip("graphviz", reason="graphviz, which runs dot, is not installed")
        if shutil.which("dot") is None:
            pytest.skip("there is no dot on the PATH")
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
