"""The site: its navigation has every page, and its reference every public name."""

import importlib
import re

import pytest
from markdown import ROOT

DOCS = ROOT / "docs"
CONFIG = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
PACKAGES = (
    "autograd",
    "autograd.random",
    "autograd.draw",
    "autograd.jit",
    "autograd.testing",
    "nn",
)
BESIDE = {"autograd.scipy": "scipy", "nn.sklearn": "sklearn", "nn.torch": "torch"}
REFERENCE = re.findall(
    r"^::: (\S+)$",
    "".join(page.read_text(encoding="utf-8") for page in (DOCS / "reference").glob("*.md")),
    re.MULTILINE,
)


def test_the_navigation_has_every_page_once() -> None:
    navigation = CONFIG.partition("\nnav:\n")[2]
    named = re.findall(r"([\w/-]+\.md)$", navigation, re.MULTILINE)
    pages = [page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")]
    assert sorted(named) == sorted(pages)


@pytest.mark.parametrize("package", [*PACKAGES, *BESIDE])
def test_the_reference_has_every_public_name(package: str) -> None:
    pytest.importorskip(BESIDE.get(package, "autograd"))
    public = importlib.import_module(package)
    for name in public.__all__:
        places = [path.rpartition(".")[0] for path in REFERENCE if path.endswith(f".{name}")]
        found = [getattr(importlib.import_module(place), name) for place in places]
        assert any(x is getattr(public, name) for x in found), name


def test_no_name_is_there_twice() -> None:
    assert len(REFERENCE) == len(set(REFERENCE))


def test_files_that_the_configuration_names_exist() -> None:
    for path in re.findall(r"\b(?:docs/|assets/)[\w./-]+\w", CONFIG.partition("\nnav:")[0]):
        assert (DOCS / path.removeprefix("docs/")).exists(), path
