"""The pages in Japanese say what those in English say, in one terminology and one typography."""

import re
from collections import Counter
from pathlib import Path

import pytest
from markdown import ROOT

JA = ROOT / "docs" / "ja"
PAGES = sorted(JA.glob("*.md"))
TRANSLATED = [(JA / "README.md", ROOT / "README.md")] + [
    (page, ROOT / "docs" / page.name)
    for page in PAGES
    if page.name != "README.md" and (ROOT / "docs" / page.name).exists()
]
LINE_BY_LINE = [pair for pair in TRANSLATED if pair[0].name != "glossary.md"]

BENCHMARKS = re.compile(r"^<!-- benchmarks -->.*^<!-- /benchmarks -->\n", re.M | re.S)
BLOCK = re.compile(r"^```(\w+)\n((?s:.*?))^```$\n?", re.M)
PART = re.compile(rf"{BLOCK.pattern}|^(#+) |((?:^\|.*\n)+)|^!\[.*\]\((.+)\)$", re.M)
BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
CODE = re.compile(r"`[^`\n]+`")
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*")

LETTER = "\u3005\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u9fff"
MARK = "\u3001\u3002\u300c\u300d\uff08\uff09\uff1a"  # comma, full stop, brackets, colon
FAULTS = {
    "an unusual width": r"[\uff0c\uff0e\uff10-\uff19\uff1b-\uff9f\u3000\u301c!?;]",
    "ASCII punctuation": rf"[{LETTER}{MARK}][,.:()]|[()][{LETTER}]",
    "no space beside Latin": rf"[{LETTER}][A-Za-z0-9`]|[A-Za-z0-9`%][{LETTER}]",
    "a space in Japanese": rf"[{LETTER}] [{LETTER}]|[{MARK}] (?!\|)|(?<!\|) [{MARK}]",
    "a full stop in a cell or heading": r"\u3002(?= \|)|^#.*\u3002$",
    "no full stop": rf"^(?!#|\||!|<).*[{LETTER}`\w]$",
    "a broken line": r"^(?![#|!<-]).+\n(?=[^\n#|!<-])",
    "bold that Markdown does not see": rf"[{MARK}]</b>[{LETTER}]|[{LETTER}]<b>[{MARK}]",
}


def text(page: Path) -> str:
    """A page without what a command writes into it."""
    return BENCHMARKS.sub("", page.read_text(encoding="utf-8"))


def outline(page: Path) -> list[object]:
    """What a page consists of: levels of headings, blocks, rows of tables, pictures."""
    found: list[object] = []
    for language, code, heading, table, picture in PART.findall(text(page)):
        if heading:
            found.append(heading)
        elif table:
            found.append(table.count("\n"))
        else:
            found.append(Path(picture).name if picture else (language, code))
    return found


def sections(page: Path) -> list[str]:
    """The prose of each section, with its heading."""
    return re.split(r"^(?=#)", BLOCK.sub("", text(page)), flags=re.M)[1:]


def prose(page: Path) -> str:
    """What is to be read: without blocks, pictures and targets of links; code is a letter."""
    plain = CODE.sub("`x`", BLOCK.sub("", text(page)))
    plain = re.sub(r"^!\[(.*)\]\(.*\)$", r"# \1", plain, flags=re.M)
    plain = plain.replace("\n[English](", "\n# [English](")
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", plain)


def faults(text: str) -> list[str]:
    """What is wrong with the typography of a text, and where."""
    found = []
    for name, pattern in FAULTS.items():
        plain = BOLD.sub(r"<b>\1</b>" if "bold" in name else r"\1", text)
        for match in re.finditer(pattern, plain, re.M):
            start = max(match.start() - 8, plain.rfind("\n", 0, match.start()) + 1)
            found.append(f"{name}: {plain[start : match.end() + 8]}")
    return found


def terms(page: Path) -> dict[str, list[str]]:
    """The rows of a glossary by their first cell."""
    rows = [row.strip("| ").split(" | ") for row in re.findall(r"^\| .*", text(page), re.M)]
    titles = {"word", "\u82f1\u8a9e"}
    assert len({row[0] for row in rows} - titles) == sum(row[0] not in titles for row in rows)
    return {row[0]: row for row in rows if row[0] not in titles}


@pytest.mark.parametrize(("page", "english"), LINE_BY_LINE, ids=lambda page: page.name)
def test_a_translation_has_the_headings_blocks_tables_and_pictures(
    page: Path, english: Path
) -> None:
    assert outline(page) == outline(english), "change both pages, in the same order"


@pytest.mark.parametrize(("page", "english"), LINE_BY_LINE, ids=lambda page: page.name)
def test_a_translated_section_has_the_names_and_numbers(page: Path, english: Path) -> None:
    for ours, theirs in zip(sections(page), sections(english), strict=True):
        for things in (CODE, NUMBER):
            missing = Counter(things.findall(theirs)) - Counter(things.findall(ours))
            assert not missing, f"{ours.splitlines()[0]} lacks {missing}"


def test_the_glossary_has_every_word_with_the_names_of_its_meaning() -> None:
    ours, theirs = terms(JA / "glossary.md"), terms(ROOT / "docs" / "glossary.md")
    assert set(theirs) <= set(ours)
    for word, row in theirs.items():
        assert set(CODE.findall(row[-1])) <= set(CODE.findall(ours[word][-1])), word
    assert all(len(row) == 3 for row in ours.values())
    assert len({row[1] for row in ours.values()}) == len(ours), "two words with one translation"


def test_words_that_the_quick_start_introduces_are_in_the_glossary() -> None:
    words = BOLD.findall(prose(JA / "quickstart.md"))
    assert len(words) > 10
    assert set(words) <= {row[1] for row in terms(JA / "glossary.md").values()}


def test_pages_are_linked_with_each_other_and_with_their_originals() -> None:
    index = text(JA / "README.md")
    for page in PAGES:
        assert page.name == "README.md" or f"]({page.name})" in index
    originals = dict(TRANSLATED)
    for page in PAGES:
        targets = re.findall(r"\]\(([^)#]+)", text(page))
        found = [(page.parent / target).resolve() for target in targets]
        originals_linked = [path for path in found if path in originals.values()]
        own = originals.get(page)
        assert own is None or own in originals_linked
        others = set(originals_linked) - {own, ROOT / "README.md"}
        assert not others, f"{page.name}: there is a page in Japanese for {others}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_typography(page: Path) -> None:
    assert faults(prose(page)) == []


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("an unusual width", "\u5fae\u5206\uff0c\u3067\u3059\u3002"),
        ("an unusual width", "\uff76\u3067\u3059\u3002"),
        ("ASCII punctuation", "\u5fae\u5206(x)\u3067\u3059\u3002"),
        ("no space beside Latin", "Value\u3067\u3059\u3002"),
        ("no space beside Latin", "\u6570`x` \u3067\u3059\u3002"),
        ("a space in Japanese", "\u6570 \u3067\u3059\u3002"),
        ("a space in Japanese", "\u6570\u3001 x \u3067\u3059\u3002"),
        ("a full stop in a cell or heading", "| \u6570\u3002 |"),
        ("a full stop in a cell or heading", "# \u6570\u3002"),
        ("no full stop", "\u6570\u3067\u3059"),
        ("a broken line", "\u6570\u3067\u3059\u3002\n\u6570\u3067\u3059\u3002"),
        ("bold that Markdown does not see", "**\u6570\u3002**\u6570\u3067\u3059\u3002"),
    ],
)
def test_a_fault_of_typography_is_found(fault: str, line: str) -> None:
    assert any(found.startswith(fault) for found in faults(line))
    assert faults("\u6570 x\uff08`x`\uff09\u3067\u3059\u3002\n\n| \u6570 | `x` |\n") == []
