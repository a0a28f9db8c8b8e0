"""Which tests run, how hard they try, and on how many cores: see `strength`."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import strength
from hypothesis import settings

os.environ["CHAINRULE_CACHE_DIR"] = "off"  # in the processes that tests start, too
PRINTING = ("COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "NO_COLOR", "PY_COLORS", "PYTHONWARNINGS")
collect_ignore_glob = ["**/conftest.py"]  # they hold no doctests, and all have the same name


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full-strength", action="store_true", help="every test, all its examples")
    parser.addoption(
        "--beyond-quick", action="store_true", help="of these, what is more than quick"
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("gate" if tries_all(config) else "quick")
    if config.getoption("--hypothesis-seed") is not None:
        settings.register_profile("seeded", settings(), derandomize=False)
        settings.load_profile("seeded")


def pytest_sessionstart() -> None:
    """What programs print does not depend on who started the tests."""
    for name in PRINTING:
        os.environ.pop(name, None)


def tries_all(config: pytest.Config) -> bool:
    """Whether the tests run at full strength."""
    return any(map(config.getoption, ("--full-strength", "--beyond-quick")))


def names_tests(config: pytest.Config) -> bool:
    """Whether the command line names tests, and not only files and folders."""
    return any("::" in argument for argument in config.args)


def names_no_files(config: pytest.Config) -> bool:
    """Whether the command line names folders, or nothing: one does not work at one place then."""
    return any(Path(argument).is_dir() for argument in config.args)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Folders are shared out; files and tests that are named run here, as one debugs them."""
    return None if names_no_files(config) else 0


def pytest_itemcollected(item: pytest.Item) -> None:
    """A mark for what a test needs."""
    for fixture, mark in {"driver": "browser", "torch": "peers"}.items():
        if fixture in getattr(item, "fixturenames", ()):
            item.add_marker(mark)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not quick, unless it is asked for; what may take long comes first."""
    marked = {item for item in items if any(map(item.get_closest_marker, strength.MARKS))}
    beyond = marked | strength.second_halves(items)
    kept = set(items)
    if config.getoption("--beyond-quick"):
        kept = {x for x in items if x in beyond or strength.takes_examples(getattr(x, "obj", None))}
    elif not (tries_all(config) or config.option.markexpr or names_tests(config)):
        kept -= beyond if names_no_files(config) else marked
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = sorted(filter(kept.__contains__, items), key=lambda item: item not in marked)


@pytest.fixture(scope="session")
def torch() -> Any:
    """PyTorch, to compare with."""
    return pytest.importorskip("torch")


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C is what it is at a terminal: who started the tests may have set it to be ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the garbage collector need not go through it again."""
    gc.collect()
    gc.freeze()
