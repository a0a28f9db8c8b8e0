"""What makes a site of the pages of docs/, which are written to be read in the repository too.

A page links to files beside docs/, such as `../demos/gpt.py`: each of them becomes a page of the
site, code as code. A docstring has examples as doctests, which are no Markdown: each becomes a
block. `mkdocs.yml` names this file as hooks, and as an extension of mkdocstrings.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"(\]\()([^)#\s]+)([^)]*\))")
CODE = re.compile(r"^```.*?^```$|^:::.*?$", re.MULTILINE | re.DOTALL)


def in_site(path: str) -> str:
    """The page of the site for a file of the repository.

    >>> in_site("docs/jit.md"), in_site("demos/gpt.py"), in_site("CONTRIBUTING.md")
    ('jit.md', 'files/demos/gpt.py.md', 'files/CONTRIBUTING.md')
    """
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return f"files/{path}" if path.endswith(".md") else f"files/{path}.md"


def in_repository(page: str) -> str:
    """The file of the repository that a page of the site is made of."""
    path = page.removeprefix("files/")
    if path == page:
        return f"docs/{page}"
    return path if (ROOT / path).exists() else path.removesuffix(".md")


def links(source: str, text: str) -> set[str]:
    """The files and folders of the repository that a text links to."""
    folder = posixpath.dirname(source)
    targets = [match[2] for match in LINK.finditer(CODE.sub("", text))]
    paths = {posixpath.normpath(posixpath.join(folder, x)) for x in targets if "://" not in x}
    return {path for path in paths if (ROOT / path).exists()}


def content(path: str) -> str:
    """A file of the repository as a page: Markdown as it is, else as code; a folder as a list."""
    file = ROOT / path
    if file.is_dir():
        listed = [x.name for x in sorted(file.iterdir()) if x.suffix]
        return f"# {path}\n\n" + "\n".join(f"- `{name}`" for name in listed)
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".md":
        return text
    return f"# {path}\n\n````{'python' if file.suffix == '.py' else 'text'}\n{text}````\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each file beside docs/ that a page links to, and so on."""
    waiting = [file.src_uri for file in files if file.src_uri.endswith(".md")]
    while waiting:
        source = in_repository(waiting.pop())
        text = content(source)
        for path in sorted(links(source, text)) if source.endswith(".md") else ():
            page = in_site(path)
            if not path.startswith("docs/") and page not in files.src_uris:
                level = InclusionLevel.NOT_IN_NAV
                files.append(File.generated(config, page, content=content(path), inclusion=level))
                waiting.append(page)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links lead to pages of the site."""
    here = page.file.src_uri
    source = in_repository(here)
    if not source.endswith(".md"):
        return markdown

    def lead(match: re.Match[str]) -> str:
        if "://" in match[2]:
            return match[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), match[2]))
        to = posixpath.relpath(in_site(path), posixpath.dirname(here))
        return f"{match[1]}{to}{match[3]}"

    parts = re.split(f"({CODE.pattern})", markdown, flags=CODE.flags)
    return "".join(part if i % 2 else LINK.sub(lead, part) for i, part in enumerate(parts))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Say which language a page is in: a browser chooses the shapes of characters by it."""
    if page.file.src_uri.startswith("ja/"):
        return output.replace('<html lang="en"', '<html lang="ja"', 1)
    return output


class Doctests(griffe.Extension):
    """Doctests of docstrings as blocks of code."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Change the docstring of an object that was loaded."""
        if obj.docstring:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(text: str) -> str:
    """A text with each doctest, up to the next empty line, in a block.

    >>> fenced(">>> 1 + 1" + chr(10) + "2").splitlines()
    ['```pycon', '>>> 1 + 1', '2', '```']
    """
    return re.sub(r"^( *)(>>> (?:.+\n?)+)", _block, text + "\n", flags=re.MULTILINE).rstrip("\n")


def _block(match: re.Match[str]) -> str:
    indent, lines = match[1], match[2].rstrip("\n")
    return f"{indent}```pycon\n{indent}{lines}\n{indent}```\n"
