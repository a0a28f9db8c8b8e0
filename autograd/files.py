"""Writing a file such that nobody ever sees a part of it, not even after the process is killed.

The content goes to a second file in the same folder, is forced to the disk, and takes the place of
the first in one step. A process that is killed on the way leaves that second file behind; whoever
writes the same file next removes it.

A living writer is told from a dead one by a lock, which the system releases when a process ends in
any way. Between a file's creation and its lock it looks dead, so both sides check again: whoever
removes a file holds its lock while doing so, and a writer whose file is gone, or locked by somebody
else, begins anew with another one (`_unfinished`).
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

LONGEST = 100  # bytes of a name that the unfinished file repeats; file systems take 143 or 255
UNFINISHED = re.compile(r"[0-9a-f]{16}\.tmp")
KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def as_path(path: AnyPath, owner: str) -> Path:
    """A path in any of its forms as a `Path`; `owner` says in the error who asked for it.

    Raises:
        TypeError: it is no path.

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
    """Write a file wholly or not at all.

    What several threads or processes write at once are whole files; the last one stays. A file that
    was there keeps its permissions and, where the system lets it, its owner; a new one gets those
    that `open` would give it. Another hard link to the file keeps the old content.

    Args:
        path: where to. A symbolic link stays a link; its target is written.
        content: all of it.

    Returns:
        The path.

    Raises:
        OSError: the file cannot be written: there is no such folder or no room, the file or its
            folder is write-protected, or there is a folder, pipe, socket or device in its place.
            What was there before is still there.

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
        # Said of the file that was asked for, not of the unfinished one.
        reason = f"{error.strerror or error} (the new file is written beside its place first)"
        raise OSError(error.errno or errno.EIO, reason, str(path)) from error
    _sync_folder(target.parent)
    return path


def check_folder(path: Path) -> Path:
    """Make sure that the folder the file shall be in exists.

    Returns:
        The file itself, where `path` is a symbolic link to it.

    Raises:
        FileNotFoundError: it does not.

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
    """What is known of the file that is to be replaced; `None` if there is none.

    Raises:
        OSError: it must not be replaced.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    kind = KINDS.get(stat.S_IFMT(found.st_mode))
    if kind == KINDS[stat.S_IFDIR]:
        raise IsADirectoryError(errno.EISDIR, "A folder is no file to write to", str(path))
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
    """Whether it is this process's own input or output: what is printed later would be lost."""
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
            if sys.platform != "win32":  # there an open file cannot be renamed
                os.replace(unfinished, target)  # while the lock is held: nobody takes it for dead
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
        # Not `tempfile`: its files are closed to everyone else, whatever the umask says.
        file = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | _RDWR, mode), "wb")
        try:
            _claim(file)
            if os.fstat(file.fileno()).st_nlink or sys.platform == "win32":
                return path, file
        except BlockingIOError:  # somebody takes it for a leftover, and removes it
            pass
        except BaseException:
            file.close()
            path.unlink(missing_ok=True)
            raise
        file.close()


def _prefix(target: Path) -> str:
    """What the names of all unfinished files of a target begin with; a short one if its is long."""
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
                    is_dead = _claim(file)  # raises while the writer lives
                    if is_dead:
                        os.unlink(leftover)
                if sys.platform == "win32":  # there an open file cannot be removed
                    os.unlink(leftover)


def _copy_rights(target: Path, before: os.stat_result, descriptor: int) -> None:
    """Give the new file the owner, the access lists and the permissions of the old one."""
    if sys.platform == "win32":
        return
    mode = stat.S_IMODE(before.st_mode)
    with contextlib.suppress(OSError):  # only root may give a file away
        os.fchown(descriptor, before.st_uid, -1)
    try:
        os.fchown(descriptor, -1, before.st_gid)
    except OSError:  # another group must not get what this one may do
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
    """Hold the file until it is closed, or the process ends in any way.

    Returns:
        Whether it is held: not on Windows, nor in a file system that has no locks.

    Raises:
        BlockingIOError: somebody else holds it.
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
    """Force the new name to the disk, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
