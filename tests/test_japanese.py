"""The pages in Japanese say what those in English say, in one terminology and one typography."""

import re
from collections import Counter
from pathlib import Path

import pytest
from markdown import ROOT

JA = ROOT / "docs" / "ja"
PAGES = sorted(JA.rglob("*.md"))
ENGLISH = {page: ROOT / "docs" / page.relative_to(JA) for page in PAGES}
ENGLISH[JA / "README.md"] = ROOT / "README.md"
TRANSLATED = [pair for pair in ENGLISH.items() if pair[1].exists()]
LINE_BY_LINE = [pair for pair in TRANSLATED if pair[0].name != "glossary.md"]
TUTORIAL = [pair for pair in TRANSLATED if pair[0].parent.name == "tutorial"]

BENCHMARKS = re.compile(r"^<!-- benchmarks -->.*^<!-- /benchmarks -->\n", re.M | re.S)
BLOCK = re.compile(r"^```(\w+)\n((?s:.*?))^```$\n?", re.M)
PART = re.compile(rf"{BLOCK.pattern}|^(#+|-|\d\.) |((?:^\|.*\n)+)|^!\[.*\]\((.+)\)$", re.M)
BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
WORD = re.compile(r"(?<!^- )(?<!^\d\. )\*\*([^*\n]+)\*\*", re.M)  # not the title of an item
EMPHASIS = re.compile(r"(?<!\*)\*{1,2}([^*\s](?:[^*\n]*[^*\s])?)\*{1,2}(?!\*)")
CODE = re.compile(r"`[^`\n]+`")
KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]{2,}")
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*")

RIVALS = {  # what others call it, and what it is called here
    "中間層": "隠れ層",
    "学習係数": "学習率",
    "学習レート": "学習率",
    "誤差関数": "損失関数",
    "コスト関数": "損失関数",
    "活性関数": "活性化関数",
    "伝搬": "順伝播",
    "バックプロパゲーション": "誤差逆伝播法",
    "誤差逆伝播(?!法)": "誤差逆伝播法",
    "計算木": "計算グラフ",
    "チェ[イー]ンルール": "連鎖律",
    "連鎖則": "連鎖律",
    "局所的な(?:微分|勾配)": "局所微分",
    "局所勾配": "局所微分",
    "数値的な?微分": "数値微分",
    "ステップ(?:サイズ|幅)": "刻み幅",
    "最適化(?:手法|器|アルゴリズム)": "オプティマイザ",
    "慣性項": "モーメンタム",
    "クロスエントロピー": "交差エントロピー",
    "エンベディング": "埋め込み",
    "最急降下法": "勾配降下法",
    "ヤコビアン": "ヤコビ行列",
    "ヘシアン": "ヘッセ行列",
}
LETTER = "\u3005\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u9fff"
MARK = "\u3001\u3002\u300c\u300d\uff08\uff09\uff1a"  # comma, full stop, brackets, colon
FAULTS = {
    "an unusual width": r"[\uff0c\uff0e\uff10-\uff19\uff1b-\uff9f\u3000\u301c!?;]",
    "ASCII punctuation": rf"[{LETTER}{MARK}][,.:()]|[()][{LETTER}]",
    "no space beside Latin": rf"[{LETTER}][A-Za-z0-9`]|[A-Za-z0-9`%][{LETTER}]",
    "a space in Japanese": rf"[{LETTER}] [{LETTER}]|[{MARK}] (?!\|)|(?<!\|) [{MARK}]",
    "a full stop in a cell or heading": r"\u3002(?= \|)|^#.*\u3002$",
    "no full stop": rf"^(?!#|\||!|<).*[{LETTER}`\w]$",
    "a broken line": r"^(?![#|!<-]).+\n(?=[^\n#|!<-])(?!\d\. )",
    "bold that Markdown does not see": rf"[{MARK}]</b>[{LETTER}]|[{LETTER}]<b>[{MARK}]",
}


def text(page: Path) -> str:
    """A page without what a command writes into it."""
    return BENCHMARKS.sub("", page.read_text(encoding="utf-8"))


def outline(page: Path) -> list[object]:
    """What a page consists of: headings by level, items, blocks, rows of tables, pictures."""
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


def flat(text: str) -> str:
    """A text in one line, so that nothing in it is broken in two."""
    return " ".join(text.split())


def name(page: Path) -> str:
    """What a page is called among those in Japanese, or in the repository."""
    return str(page.relative_to(JA if JA in page.parents else ROOT))


def translations() -> dict[str, str]:
    """The words in Japanese by those in English."""
    return {word: row[1] for word, row in terms(JA / "glossary.md").items()}


def translated(word: str, words: dict[str, str]) -> str | None:
    """A word in Japanese: found in any number, and by the beginning of a longer one.

    >>> translated("Leaves", {"leaf": "L"}), translated("loss", {"loss function": "F"})
    ('L', 'F')
    >>> translated("all", {"leaf": "L"})
    """
    singular = re.sub("(ve)?s$", lambda end: "f" if end[1] else "", word.lower())
    forms = (word.lower(), singular)
    longer = (x for form in forms for x in words if x.startswith(f"{form} "))
    return next((words[x] for x in (*forms, *longer) if x in words), None)


def linked(page: Path) -> set[Path]:
    """The files that a page links to."""
    targets = re.findall(r"\]\(([^)#]+)", text(page))
    return {(page.parent / target).resolve() for target in targets}


def test_every_page_of_the_tutorial_is_translated() -> None:
    chapters = set((ROOT / "docs" / "tutorial").glob("*.md"))
    assert len(chapters) > 10
    assert {english for _, english in TUTORIAL} == chapters


@pytest.mark.parametrize(("page", "english"), LINE_BY_LINE, ids=name)
def test_a_translation_has_the_headings_items_blocks_tables_and_pictures(
    page: Path, english: Path
) -> None:
    assert outline(page) == outline(english), "change both pages, in the same order"


@pytest.mark.parametrize(("page", "english"), LINE_BY_LINE, ids=name)
def test_a_translated_section_has_the_names_and_numbers(page: Path, english: Path) -> None:
    for ours, theirs in zip(sections(page), sections(english), strict=True):
        for things in (CODE, NUMBER):
            missing = Counter(things.findall(flat(theirs))) - Counter(things.findall(flat(ours)))
            assert not missing, f"{ours.splitlines()[0]} lacks {missing}"


def test_the_glossary_has_every_word_with_the_names_of_its_meaning() -> None:
    ours, theirs = terms(JA / "glossary.md"), terms(ROOT / "docs" / "glossary.md")
    assert set(theirs) <= set(ours)
    for word, row in theirs.items():
        assert set(CODE.findall(row[-1])) <= set(CODE.findall(ours[word][-1])), word
    assert all(len(row) == 3 for row in ours.values())
    assert len({row[1] for row in ours.values()}) == len(ours), "two words with one translation"


@pytest.mark.parametrize("page", [JA / "quickstart.md", *(page for page, _ in TUTORIAL)], ids=name)
def test_words_that_a_page_introduces_are_in_the_glossary(page: Path) -> None:
    words = WORD.findall(prose(page))
    assert words or page.name in ("README.md", "09-array-speed.md")
    assert set(words) <= set(translations().values())


def test_what_a_chapter_introduces_its_translation_introduces_by_the_word_of_the_glossary() -> None:
    words, found = translations(), 0
    for page, english in TUTORIAL:
        for ours, theirs in zip(sections(page), sections(english), strict=True):
            for word in EMPHASIS.findall(flat(CODE.sub("", theirs))):
                if wanted := translated(word, words):
                    found += 1
                    assert wanted in BOLD.findall(ours), f"{page.name}: {word}"
    assert found > 30


def rivals(text: str) -> list[str]:
    """The words of a text that the glossary has another word for."""
    return [f"{found}: {word}" for x, word in RIVALS.items() for found in re.findall(x, text)]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_thing_is_called_by_the_word_of_the_glossary(page: Path) -> None:
    assert rivals(prose(page)) == []


def test_another_word_is_found() -> None:
    assert set(RIVALS.values()) <= set(translations().values())
    assert rivals("誤差逆伝播法と計算グラフ") == []
    assert rivals("誤差逆伝播と計算木") == ["誤差逆伝播: 誤差逆伝播法", "計算木: 計算グラフ"]


def spellings(text: str) -> set[str]:
    """The words in katakana that a text has with a long vowel at their end and without."""
    words = set(KATAKANA.findall(text))
    return {word for word in words if word + "ー" in words}


def test_a_word_is_spelled_in_one_way() -> None:
    assert spellings("パラメータとフォルダ") == set()
    assert spellings("パラメータとパラメーター") == {"パラメータ"}
    assert spellings("".join(map(prose, PAGES))) == set()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_is_linked_with_its_neighbours_and_with_its_original(page: Path) -> None:
    others = {english for _, english in TRANSLATED} - {ENGLISH[page], ROOT / "README.md"}
    again = linked(page) & others
    assert not again, f"there is a page in Japanese for {again}"
    if page != JA / "README.md":
        above = page.parent.parent if page.name == "README.md" else page.parent
        assert page in linked(above / "README.md")
    if ENGLISH[page].exists():
        assert ENGLISH[page] in linked(page)
        assert page in linked(ENGLISH[page])


@pytest.mark.parametrize("page", PAGES, ids=name)
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
