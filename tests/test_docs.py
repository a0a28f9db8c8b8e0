"""What README.md and the pages of docs/ say is true: code runs, and prints what they show."""

import re
from collections import Counter
from pathlib import Path

import pytest
from markdown import ROOT, assert_printed, blocks, changed, run
from pictures import assert_same_picture
from strength import slowly

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TUTORIAL = ROOT / "docs" / "images" / "tutorial"
LINKED = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
WITH_CODE = [page for page in PAGES if any(b.language == "python" for b in blocks(page))]
WITH_CODE.sort(key=lambda page: "ja" not in page.parts)  # an original after its translation
WITH_CODE = list({str(blocks(page)): page for page in WITH_CODE}.values())  # and it alone is run
TRAINING = {"checking", "recipes", "training", "07-training", "08-classification", "10-gpt"}
WITH_CODE = [slowly(page) if page.stem in TRAINING else page for page in WITH_CODE]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: str(page.relative_to(ROOT)))
def test_code_runs_and_prints_what_the_page_shows(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(page, tmp_path)
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r'\.save\("([^"]+)"\)', text):
        assert (tmp_path / name).stat().st_size > 1000
    for name in re.findall(r"\((?:\.\./)+images/tutorial/([^)]+)\)", text):
        assert_same_picture(tmp_path / name, TUTORIAL / name)


def test_every_picture_of_the_tutorial_is_shown() -> None:
    chapters = "".join(
        p.read_text(encoding="utf-8") for p in (ROOT / "docs" / "tutorial").glob("*.md")
    )
    for picture in TUTORIAL.iterdir():
        assert f"(../images/tutorial/{picture.name})" in chapters


@pytest.mark.parametrize(
    ("made", "kept"), [("neuron.svg", "stuck.svg"), ("gates.png", "hidden.png")]
)
def test_another_picture_is_not_the_same(made: str, kept: str) -> None:
    assert_same_picture(TUTORIAL / made, TUTORIAL / made)
    with pytest.raises(AssertionError, match=kept):
        assert_same_picture(TUTORIAL / made, TUTORIAL / kept)


@pytest.mark.parametrize("page", LINKED, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        path, _, part = target.partition("#")
        if path.startswith("http"):
            continue
        led_to = page.parent / path if path else page
        assert led_to.exists(), target
        if part:
            titles = re.findall(r"^#+ (.+)$", led_to.read_text(encoding="utf-8"), re.MULTILINE)
            assert part in [anchor(title) for title in titles], target


def anchor(title: str) -> str:
    """The part of an address that leads to a title.

    >>> anchor("Dropout, and other models that draw")
    'dropout-and-other-models-that-draw'
    """
    return re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")


def test_the_index_has_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index
    chapters = (ROOT / "docs" / "tutorial" / "README.md").read_text(encoding="utf-8")
    assert "(tutorial/README.md)" in index
    for page in (ROOT / "docs" / "tutorial").glob("[0-9]*.md"):
        assert f"({page.name})" in chapters
    for page in (ROOT / "docs" / "howto").glob("*.md"):
        assert f"(howto/{page.name})" in index


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_of_other_libraries_can_be_read(page: Path) -> None:
    """A `py` block is not run: it shows how another library says the same."""
    for block in blocks(page):
        if block.language == "py":
            compile(block.text, page.name, "exec")


def test_the_picture_of_the_architecture_names_what_exists() -> None:
    picture = (ROOT / "docs" / "images" / "travel.svg").read_text(encoding="utf-8")
    texts = " ".join(re.findall(r">([^<]+)</text>", picture))
    names = re.findall(r"[a-z]+(?:/[a-z]+)*(?:\.py|/)(?!\w)", texts)
    assert len(names) > 10
    for name in names:
        assert (ROOT / "autograd" / name).exists(), name


def test_the_tree_of_the_architecture_names_what_exists_and_all_of_the_core() -> None:
    tree = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("```")[1]
    named = set(re.findall(r"\w+\.py", tree))
    assert named <= {path.name for part in ("autograd", "nn") for path in (ROOT / part).rglob("*")}
    assert {path.name for path in (ROOT / "autograd").glob("[!_]*.py")} <= named
    core = tree.partition("\n  scipy/")[0]
    again = [name for name, count in Counter(re.findall(r"\w+\.py", core)).items() if count > 1]
    assert again == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_quick_start_is_two_commands_of_one_line() -> None:
    train, test = [b.text for b in blocks(ROOT / "README.md") if b.language == "bash"]
    for command in (train, test):
        assert command.count("\n") == 1
        assert command.startswith("python3 -m venv .venv && ")
    assert train.rstrip().endswith("-m demos.xor")
    assert test.rstrip().endswith("-m pytest")


def test_a_difference_changes_the_code_before_it() -> None:
    assert changed("a\n  b\nc\n", "-  b\n+  d\n+  e\n-c\n") == "a\n  d\n  e\n"
    with pytest.raises(AssertionError, match="z"):
        changed("a\n", "-z\n+b\n")


@pytest.mark.parametrize(
    ("expected", "printed"),
    [("1 2e-13 3\n", "1 9e-12 3\n"), ("a\n...\nz\n", "a\nb\nc\nz\n"), ("", "")],
)
def test_output_may_differ_in_estimated_errors_and_where_the_page_has_dots(
    expected: str, printed: str
) -> None:
    assert_printed(expected, printed)


@pytest.mark.parametrize(
    ("expected", "printed"), [("1 2e-13 3\n", "1 2e-13 4\n"), ("", "a\n"), ("a\n", "")]
)
def test_other_output_is_found(expected: str, printed: str) -> None:
    with pytest.raises(AssertionError, match="the page says"):
        assert_printed(expected, printed)
