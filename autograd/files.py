"""Atomic writes: nobody ever sees a part of a file, not even after the process is killed.

The content goes to a second file in the same folder, is flushed to the disk, and replaces the first
in one step. A process that is killed before that leaves the second file behind; the next writer of
the same file removes it.

A lock distinguishes a live writer from a dead one, since the system releases it however a process
ends. Between a file's creation and its lock its writer seems dead, so both sides check again: a
process holds the lock of a file that it removes, and a writer whose file is gone, or locked by
another process, starts again with a new one (`_unfinished`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, TypeAlias

from autograd.number import describe

AnyPath: TypeAlias = "str | bytes | os.PathLike[str] | os.PathLike[bytes]"

LONGEST = (
    100  # bytes of the name that the unfinished file's name repeats; file systems allow 143 or 255
)
UNFINISHED = re.compile(r"[0-9a-f]{16}\.tmp")
KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def as_path(path: AnyPath, owner: str) -> Path:
    """A path in any of its forms as a `Path`; errors name the `owner`, who needs it.

    Raises:
        TypeError: it is not a path.

    >>> as_path(b"model.json", "save").name
    'model.json'
    >>> as_path(3, "save")
    Traceback (most recent call last):
    TypeError: save: expected the path of a file, such as 'folder/name.suffix', got int 3
    """
    try:
        return Path(os.fsdecode(path))
    except TypeError:
        raise TypeError(
            f"{owner}: expected the path of a file, such as 'folder/name.suffix',"
            f" got {describe(path)}"
        ) from None


def write_whole(path: AnyPath, content: bytes) -> Path:
    """Write a file atomically: all of it or nothing.

    If several threads or processes write at once, each writes a whole file, and the last one stays.
    An existing file keeps its permissions and, where the system allows it, its owner; a new one
    gets those that `open` would give it. Another hard link to the file keeps the old content.

    Args:
        path: the file. A symbolic link stays a link; its target is written.
        content: all of it.

    Returns:
        The path.

    Raises:
        OSError: the file cannot be written: there is no such folder or no space, the file or its
            folder is write-protected, or a folder, pipe, socket or device is in its place. The old
            content is still there.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_whole(f"{folder}/note.txt", b"hello").read_text()
    'hello'
    """
    path = as_path(path, "write_whole")
    target = check_folder(path)
    before = _replaceable(path, target)
    try:
        _remove_leftovers(target)
        _write(target, content, before)
    except OSError as error:
        # The error names the requested file, not the unfinished one.
        reason = f"{error.strerror or error} (the new file is written beside its place first)"
        raise OSError(error.errno or errno.EIO, reason, str(path)) from error
    _sync_folder(target.parent)
    return path


def check_folder(path: Path) -> Path:
    """Check that the folder of the file exists.

    Returns:
        The file itself, where `path` is a symbolic link to it.

    Raises:
        FileNotFoundError: it does not exist.

    >>> check_folder(Path("no/such/folder/file.json"))
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] There is no such folder: 'no/such/folder'
    """
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        shown = target.parent if path.is_symlink() else path.parent
        raise FileNotFoundError(errno.ENOENT, "There is no such folder", str(shown))
    return target


def _replaceable(path: Path, target: Path) -> os.stat_result | None:
    """The status of the file to be replaced; `None` if there is none.

    Raises:
        OSError: it must not be replaced.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    kind = KINDS.get(stat.S_IFMT(found.st_mode))
    if kind == KINDS[stat.S_IFDIR]:
        raise IsADirectoryError(errno.EISDIR, "A folder cannot be written as a file", str(path))
    if kind is not None:
        raise OSError(errno.EINVAL, f"Only a file can be written whole; this is {kind}", str(path))
    is_nameless = not target.exists() and path.exists()  # such as /proc/self/fd/3, once removed
    if is_nameless or _is_printed_to(found):
        reason = "Only a file can be written whole; this is where a process writes line by line"
        raise OSError(errno.EINVAL, reason, str(path))
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "The file is write-protected", str(path))
    return found


def _is_printed_to(found: os.stat_result) -> bool:
    """Whether it is an input or output of this process: what is printed later would be lost."""
    for descriptor in range(3):
        with contextlib.suppress(OSError):
            if os.path.samestat(found, os.fstat(descriptor)):
                return True
    return False


def _write(target: Path, content: bytes, before: os.stat_result | None) -> None:
    unfinished, file = _unfinished(target, 0o666 if before is None else 0o600)
    try:
        with file:
            file.write(content)
            file.flush()
            if before is not None:
                _copy_rights(target, before, file.fileno())
            os.fsync(file.fileno())
            if sys.platform != "win32":  # on Windows an open file cannot be renamed
                os.replace(
                    unfinished, target
                )  # while the lock is held, so that the writer does not seem dead
        if sys.platform == "win32":
            os.replace(unfinished, target)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


def _unfinished(target: Path, mode: int) -> tuple[Path, BinaryIO]:
    """A new file beside the target, locked."""
    while True:
        path = target.with_name(f"{_prefix(target)}{os.urandom(8).hex()}.tmp")
        # Not `tempfile`: its files are private, whatever the umask.
        file = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | _RDWR, mode), "wb")
        try:
            _claim(file)
            if os.fstat(file.fileno()).st_nlink or sys.platform == "win32":
                return path, file
        except BlockingIOError:  # another process is removing it as a leftover
            pass
        except BaseException:
            file.close()
            path.unlink(missing_ok=True)
            raise
        file.close()


def _prefix(target: Path) -> str:
    """The prefix of the names of a target's unfinished files, shortened if its name is long."""
    name = os.fsencode(target.name)
    shown = blake2b(name, digest_size=16).hexdigest() if len(name) > LONGEST else target.name
    return f".{shown}."


def _remove_leftovers(target: Path) -> None:
    """Remove the unfinished files of the target whose writers are dead."""
    prefix = _prefix(target)
    with contextlib.suppress(OSError), os.scandir(target.parent) as entries:
        leftovers = [
            entry.path
            for entry in entries
            if entry.name.startswith(prefix) and UNFINISHED.fullmatch(entry.name[len(prefix) :])
        ]
        for leftover in leftovers:
            with contextlib.suppress(OSError):
                with open(leftover, "r+b", opener=_without_waiting) as file:
                    is_dead = _claim(file)  # raises while the writer is alive
                    if is_dead:
                        os.unlink(leftover)
                if sys.platform == "win32":  # on Windows an open file cannot be removed
                    os.unlink(leftover)


def _copy_rights(target: Path, before: os.stat_result, descriptor: int) -> None:
    """Give the new file the owner, the access lists and the permissions of the old one."""
    if sys.platform == "win32":
        return
    mode = stat.S_IMODE(before.st_mode)
    with contextlib.suppress(OSError):  # only root may change the owner
        os.fchown(descriptor, before.st_uid, -1)
    try:
        os.fchown(descriptor, -1, before.st_gid)
    except OSError:  # another group must not get the permissions of this one
        mode = (mode & ~0o070) | (mode & 0o007) << 3
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            for name in os.listxattr(target):
                with contextlib.suppress(OSError):
                    os.setxattr(descriptor, name, os.getxattr(target, name))
    os.fchmod(descriptor, mode)


_RDWR = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _claim(file: BinaryIO) -> bool:
    """Lock the file until it is closed, or the process ends in any way.

    Returns:
        Whether it is locked: not on Windows, nor in a file system without locks.

    Raises:
        BlockingIOError: another process holds the lock.
    """
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:
            return False
    return sys.platform != "win32"


def _sync_folder(folder: Path) -> None:
    """Flush the new name to the disk, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
