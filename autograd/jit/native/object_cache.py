"""Machine code on the disk, for the next process: LLVM's time is spent once for a program.

An entry is a file, named by a digest of all that the code depends on: the text of the module, the
processor and what it can do, and the versions of LLVM and Python. It is written whole and begins
with a digest of the rest, so that a damaged one is noticed, and ignored. Whoever can write
an entry decides what this process runs. So the folder must belong to the user, with no rights for
others, and so must each entry; else nothing is read or written, and one warning says why.

`CHAINRULE_CACHE_DIR` names the folder; `off`, or no text at all, turns the cache off.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import warnings
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

from autograd.files import write_whole
from autograd.jit.tuning import MOST_BYTES_KEPT

VARIABLE = "CHAINRULE_CACHE_DIR"
_DIGEST = 32
_NAME = re.compile(r"[0-9a-f]{64}\.o")
_FORMAT = b"chainrule 1\n"
_OPEN = "can be opened by others"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def entry(text: str, *target: str) -> Path | None:
    """The file for the machine code of a module; None if there is no cache.

    Args:
        text: the module, in LLVM's language.
        target: the processor, what it can do, and how the code is made.
    """
    folder = _folder(os.environ.get(VARIABLE))
    if folder is None:
        return None
    versions = llvmlite.__version__, str(llvm.llvm_version_info), sys.version, sys.platform
    key = "\0".join((*versions, llvm.get_default_triple(), *target, text))
    return folder / f"{sha256(_FORMAT + key.encode()).hexdigest()}.o"


def read(path: Path) -> bytes | None:
    """The machine code in an entry; None if there is none, or it is damaged or not the user's."""
    try:
        with open(path, "rb", opener=_not_a_link) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or _fault(status):
                return None
            content = file.read()
        os.utime(path)  # the entries used last are kept
    except OSError:
        return None
    digest, code = content[:_DIGEST], content[_DIGEST:]
    return code if sha256(code).digest() == digest else None


def write(path: Path, code: bytes) -> None:
    """Keep machine code, if the disk takes it, and remove what was not used for longest."""
    with suppress(OSError):
        write_whole(path, sha256(code).digest() + code)
        path.chmod(0o600)
        _remove_oldest(path.parent)


def _remove_oldest(folder: Path) -> None:
    """Remove entries until those that are left are few enough bytes."""
    found = []
    with os.scandir(folder) as files:
        for file in files:
            if not _NAME.fullmatch(file.name):  # what else is there is not the cache's
                continue
            with suppress(OSError):  # another process removes them too
                status = file.stat(follow_symlinks=False)
                found.append((status.st_mtime, status.st_size, file.path))
    left = sum(size for _, size, _ in found)
    for _, size, name in sorted(found):
        if left <= MOST_BYTES_KEPT:
            return
        with suppress(OSError):
            os.unlink(name)
        left -= size


@cache
def _folder(named: str | None) -> Path | None:
    """The folder, made if necessary; None if there is to be none, or others could write in it."""
    if named in ("", "off") or not hasattr(os, "getuid"):
        return None
    try:
        folder = Path(named).expanduser().absolute() if named else _default()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fault = _fault(folder.stat())
    except (OSError, RuntimeError, ValueError) as error:
        if not named:  # there is no home, or none to write in
            return None
        folder, fault = Path(named), f"cannot be used ({error})"
    if not fault:
        return folder
    remedy = "make it private (chmod 700), or set" if fault == _OPEN else "set"
    warnings.warn(
        f"jit: machine code is not kept for the next process: {folder} {fault}:"
        f" {remedy} {VARIABLE} to another folder, or to off",
        RuntimeWarning,
        stacklevel=2,
    )
    return None


def _default() -> Path:
    """Where the user's caches are, by the conventions of the platform."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "chainrule" / "code"
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if os.path.isabs(home) else Path.home() / ".cache") / "chainrule" / "code"


def _fault(status: os.stat_result) -> str:
    """What is wrong with who may write a file or folder; empty if nothing is."""
    if status.st_uid != os.getuid():
        return "belongs to another user"
    return _OPEN if status.st_mode & _OTHERS else ""


def _not_a_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
