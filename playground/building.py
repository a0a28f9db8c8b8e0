"""The folder of the playground: its page, this checkout's packages as a zip, and the examples.

The same checkout gives the same files to the byte, whenever and wherever it is built.
"""

from __future__ import annotations

import ast
import io
import json
import shutil
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha384
from pathlib import Path
from typing import Any

from autograd.files import write_whole

HERE = Path(__file__).parent
ROOT = HERE.parent
PACKAGES = ("autograd", "nn")
EXAMPLES = ("first", "xor", "numerical", "delta_rule", "descent", "layer")  # as they are offered
SETTINGS = "playground.json"
PALETTE = ROOT / "autograd" / "draw" / "page" / "files" / "palette.css"  # of the graph's page

VERSION = "314.0.7"
PYODIDE = f"https://cdn.jsdelivr.net/npm/pyodide@{VERSION}/"  # the files of npm, as they are
INTEGRITY = {  # of all that the page loads from there; another file is refused by the browser
    "pyodide.mjs": "sha384-Lp79fMwxa4n2BLtugpUAoQMlbxIdg8iCUiP1r3h7nJLkQjwlXT1JzZTeHVL+f4Dg",
    "pyodide.asm.mjs": "sha384-/2281iaC0Iimw0B3Kagy1DBfZcJG3W4KYW+EmOqhsdY3fR9BJ88FE2Zt6y0KQKpa",
    "pyodide.asm.wasm": "sha384-y++qrQ72KPA1fTjLIuGMP+jppgGxjbLCgfdb0zMrnNnQVhxRUXTOTF6rTxNzllSu",
    "python_stdlib.zip": "sha384-xW3A5jmenkrPXbsgrIaB1FCJh9OuLT7FRMagsJMgtlhVc19k/mSy3+7nMaF/d767",
    "pyodide-lock.json": "sha384-o8SQQvpVlZnOl04+3dFTJipKxul9GbViVusA379wlOrfHSgxbzt0yPiqCTxOiYES",
}


def build(out: Path, pyodide: Path | None = None) -> dict[str, bytes]:
    """Write the folder of the playground.

    Args:
        out: the folder: a new or empty one, or one that this function wrote, which is replaced.
        pyodide: the unpacked npm package of Pyodide, to be served from there too; by default the
            page loads the pinned version from a content delivery network.

    Returns:
        The files, by their path in the folder.

    Raises:
        ValueError: the folder holds something else, or the other one is not that package.
        OSError: a file cannot be read or written.
    """
    files = contents(pyodide)
    if out.is_dir() and any(out.iterdir()):
        if not (out / SETTINGS).is_file():
            raise ValueError(
                f"{out} holds other files: expected a new or empty folder, or one built before"
                f" (which has a file {SETTINGS}); name another by --out"
            )
        shutil.rmtree(out)
    for name, content in sorted(files.items(), key=lambda file: file[0] != SETTINGS):
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    return files


def contents(pyodide: Path | None = None) -> dict[str, bytes]:
    """What `build` writes."""
    files = {
        file.name: file.read_bytes()
        for file in sorted((HERE / "page").iterdir())
        if file.is_file() and file.suffix != ".py"
    }
    files["palette.css"] = PALETTE.read_bytes()
    files["python.zip"] = archive()
    own = {} if pyodide is None else package(pyodide)
    files |= {f"pyodide/{name}": content for name, content in own.items()}
    settings = {
        "pyodide": "pyodide/" if own else PYODIDE,
        "integrity": {name: integrity(x) for name, x in own.items()} or INTEGRITY,
        "examples": [example(name) for name in EXAMPLES],
    }
    files[SETTINGS] = json.dumps(settings, indent=1).encode()
    return files


def archive() -> bytes:
    """The packages, and the Python side of the page, as a zip."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, path in [*_sources(), ("running.py", HERE / "page" / "running.py")]:
            entry = zipfile.ZipInfo(name)  # of 1980: when it was built is no part of it
            packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return found.getvalue()


def _sources() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path


def package(folder: Path) -> dict[str, bytes]:
    """The files of the npm package of Pyodide that a page needs.

    Raises:
        ValueError: the folder has not all of them.
    """
    missing = [name for name in INTEGRITY if not (folder / name).is_file()]
    if missing:
        raise ValueError(
            f"{folder} is not the npm package of Pyodide: it has no {', '.join(missing)}"
            f" (`npm pack pyodide@{VERSION}`, unpacked, has them in the folder package)"
        )
    return {name: (folder / name).read_bytes() for name in INTEGRITY}


def integrity(content: bytes) -> str:
    """The hash of a file, as browsers check it."""
    return f"sha384-{b64encode(sha384(content).digest()).decode()}"


def example(name: str) -> dict[str, Any]:
    """An example: its name, its title (the first line of its docstring) and its text."""
    text = (HERE / "examples" / f"{name}.py").read_text(encoding="utf-8")
    title = (ast.get_docstring(ast.parse(text)) or name).partition("\n")[0].rstrip(".")
    return {"name": name, "title": title, "program": text}
