"""Writing a file such that nobody ever sees a part of it, not even after the process is killed.

The content goes to a second file in the same folder, is forced to the disk, and takes the place of
the first in one step. A process that is killed on the way leaves that second file behind; whoever
writes the same file next removes it.
"""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import sys
from pathlib import Path
from typing import BinaryIO


def write_whole(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file wholly or not at all.

    Args:
        path: where to. A link stays a link; its target is written.
        content: all of it.

    Returns:
        The path.

    Raises:
        OSError: the file cannot be written. What was there before is still there.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_whole(f"{folder}/note.txt", b"hello").read_text()
    'hello'
    """
    path = Path(path)
    check_folder(path)
    target = path.resolve()
    _remove_leftovers(target)
    # Not `tempfile`: its files are closed to everyone else, whatever the umask says.
    unfinished = target.with_name(f".{target.name}.{os.urandom(8).hex()}.tmp")
    try:
        with open(unfinished, "xb") as file:
            _claim(file)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    return path


def check_folder(path: Path) -> None:
    """Make sure that the folder the file shall be in exists.

    Raises:
        FileNotFoundError: it does not.

    >>> check_folder(Path("no/such/folder/file.json"))
    Traceback (most recent call last):
    FileNotFoundError: [Errno 2] There is no such folder: 'no/such/folder'
    """
    if not path.resolve().parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "There is no such folder", str(path.parent))


def _remove_leftovers(target: Path) -> None:
    """Remove the unfinished files of the target whose writers are dead."""
    pattern = f".{glob.escape(target.name)}.{'[0-9a-f]' * 16}.tmp"
    for leftover in list(target.parent.glob(pattern)):
        with contextlib.suppress(OSError):
            with open(leftover, "r+b") as file:
                _claim(file)  # raises while the writer lives
            leftover.unlink()


def _claim(file: BinaryIO) -> None:
    """Hold the file until it is closed, or the process ends in any way; raise if another does."""
    if sys.platform != "win32":  # there nobody can remove a file that is open
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sync_folder(folder: Path) -> None:
    """Force the new name to the disk, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
