"""Files written whole: what stands in the place already, who else writes it, what goes wrong."""

import errno
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograd import Value, files
from autograd.draw import draw, record
from autograd.files import write_whole
from nn import MLP, History, save

ROOT = Path(__file__).parent.parent
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has neither pipes nor permissions")
ROOTLESS = pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere"
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def a_link_to_a_device(path: Path) -> None:
    path.symlink_to(os.devnull)


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path)


@POSIX
@pytest.mark.parametrize(
    "make", [a_pipe, a_socket, Path.mkdir, a_link_to_a_device, a_link_to_itself]
)
def test_what_is_no_file_is_refused(
    make: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    make(Path("it.json"))
    before = os.lstat("it.json")
    with pytest.raises(OSError, match=r"it\.json") as caught:
        write_whole("it.json", b"1")
    assert caught.value.errno in (errno.EINVAL, errno.EISDIR, errno.ELOOP)
    assert os.path.samestat(os.lstat("it.json"), before)
    assert names(tmp_path) == ["it.json"]


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="there is no /dev/stdout")
@pytest.mark.parametrize("name", ["/dev/stdout", "out.txt", "/proc/self/fd/1"])
def test_output_that_goes_to_a_file_is_not_cut_off(name: str, tmp_path: Path) -> None:
    code = (
        "import sys; from autograd.files import write_whole\n"
        "print('before', flush=True)\n"
        "try: write_whole(sys.argv[1], b'content')\n"
        "except OSError as error: print(error)\n"
    )
    with open(tmp_path / "out.txt", "wb") as out:
        subprocess.run(
            [sys.executable, "-c", code, name],
            stdout=out,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True,
        )
    first, second = (tmp_path / "out.txt").read_text().splitlines()
    assert first == "before"
    assert "line by line" in second


@POSIX
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_permissions_of_any_other(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        write_whole(tmp_path / "a", b"1")
        open(tmp_path / "b", "w").close()
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o666, 0o777, 0o200, 0o2660])
def test_permissions_survive(mode: int, tmp_path: Path) -> None:
    file = write_whole(tmp_path / "a", b"1")
    file.chmod(mode)
    mode = stat.S_IMODE(file.stat().st_mode)
    for umask in (0o022, 0o077):
        before = os.umask(umask)
        try:
            write_whole(file, b"22")
        finally:
            os.umask(before)
        assert stat.S_IMODE(file.stat().st_mode) == mode
    file.chmod(0o600)
    assert file.read_bytes() == b"22"


@POSIX
def test_a_closed_file_is_never_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_whole(tmp_path / "secret", b"1")
    file.chmod(0o600)
    seen = []
    sync = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda fd: (seen.append(os.fstat(fd).st_mode & 0o077), sync(fd))
    )
    write_whole(file, b"2")
    assert seen[0] == 0


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root may give a file away")
def test_the_owner_survives(tmp_path: Path) -> None:
    file = write_whole(tmp_path / "a", b"1")
    os.chown(file, 12345, 23456)
    write_whole(file, b"2")
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 23456)


@POSIX
def test_another_group_gets_no_more_than_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_whole(tmp_path / "a", b"1")
    file.chmod(0o664)

    def refuse(descriptor: int, uid: int, gid: int) -> None:
        raise PermissionError(errno.EPERM, "not yours")

    monkeypatch.setattr(os, "fchown", refuse)
    write_whole(file, b"2")
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


@ROOTLESS
def test_what_is_write_protected_stays(tmp_path: Path) -> None:
    file = write_whole(tmp_path / "a", b"1")
    file.chmod(0o444)
    with pytest.raises(PermissionError, match="write-protected"):
        write_whole(file, b"2")
    file.chmod(0o644)
    tmp_path.chmod(0o555)
    try:
        for name in ("a", "new"):
            with pytest.raises(PermissionError, match=f"beside its place.*{name}'$"):
                write_whole(tmp_path / name, b"2")
    finally:
        tmp_path.chmod(0o755)
    assert file.read_bytes() == b"1"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize(
    "name",
    ["n" * 255, "é" * 127, "\N{GRINNING FACE}" * 63, "a[1]*?", " ", "-", ".hidden", "n" * 100],
)
def test_every_name_that_can_be_opened_can_be_written(name: str, tmp_path: Path) -> None:
    try:
        open(tmp_path / name, "wb").close()
    except OSError:
        pytest.skip("this file system has no such names")
    for content in (b"1", b"22"):
        assert write_whole(tmp_path / name, content).read_bytes() == content
    leftover = tmp_path / f"{files._prefix(tmp_path / name)}{'0' * 16}.tmp"
    leftover.touch()
    write_whole(tmp_path / name, b"3")
    assert names(tmp_path) == [name]


def test_a_name_that_is_too_long_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="n" * 300):
        write_whole(tmp_path / ("n" * 300), b"1")
    assert names(tmp_path) == []


class AnyPath:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


@pytest.mark.parametrize("kind", [str, Path, os.fsencode, AnyPath])
def test_paths_of_every_kind(kind: Callable[[Path], str], tmp_path: Path) -> None:
    assert write_whole(kind(tmp_path / "a"), b"1") == tmp_path / "a"
    model = MLP(2, [1], rng=0)
    drawing = draw(Value(1.0) + 2)
    assert save(kind(tmp_path / "m.json"), model) == tmp_path / "m.json"
    assert drawing.save(kind(tmp_path / "d.dot")) == tmp_path / "d.dot"
    assert History([{"epoch": 1}]).to_csv(kind(tmp_path / "h.csv")) == tmp_path / "h.csv"
    with record(kind(tmp_path / "r.html")) as recording:
        recording(Value(1.0) + 2)
    assert names(tmp_path) == ["a", "d.dot", "h.csv", "m.json", "r.html"]


def test_a_relative_path_is_that_of_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    assert write_whole("a", b"1") == Path("a")
    with record("r.html") as recording:
        recording(Value(1.0) + 2)
        monkeypatch.chdir("other")
    write_whole("../b", b"1")
    assert names(tmp_path) == ["a", "b", "other", "r.html"]
    assert names(tmp_path / "other") == []


@POSIX
def test_links(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "link").symlink_to("far/file")  # leads nowhere as yet
    (tmp_path / "chain").symlink_to("link")
    for content in (b"1", b"2"):
        assert write_whole(tmp_path / "chain", content) == tmp_path / "chain"
        assert (tmp_path / "far" / "file").read_bytes() == content
    assert os.readlink(tmp_path / "link") == "far/file"
    assert os.readlink(tmp_path / "chain") == "link"
    os.link(tmp_path / "far" / "file", tmp_path / "hard")
    write_whole(tmp_path / "chain", b"3")
    assert (tmp_path / "hard").read_bytes() == b"2"
    (tmp_path / "lost").symlink_to("none/file")
    with pytest.raises(FileNotFoundError, match=r"no such folder: .*none"):
        write_whole(tmp_path / "lost", b"1")
    assert names(tmp_path) == ["chain", "far", "hard", "link", "lost"]
    assert names(tmp_path / "far") == ["file"]


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), MemoryError()]
)
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_what_goes_wrong_leaves_the_old_file(
    error: BaseException, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_whole(tmp_path / "a", b"1")

    def fail(*given: object) -> None:
        raise error

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(type(error)) as caught:
        write_whole(file, b"22")
    if isinstance(error, OSError):
        assert "No space left on device" in str(caught.value)
        assert str(file) in str(caught.value)
    monkeypatch.undo()
    assert names(tmp_path) == ["a"]
    assert file.read_bytes() == b"1"


WRITER = """
import sys
from autograd.files import write_whole

name, letter, times = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3])
for i in range(times):
    write_whole(name, letter * (1000 + i))
    with open(name, "rb") as file:
        content = file.read()
    assert len(set(content)) == 1 and len(content) >= 1000, content[:100]
"""


def test_processes_that_write_one_file(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path / "shared"), letter, "150"],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for letter in "abcd"
    ]
    assert [writer.communicate()[1] for writer in writers] == [""] * 4
    assert names(tmp_path) == ["shared"]


@POSIX
def test_a_writer_that_is_taken_for_dead_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the creation of its file and its lock, somebody else's write removes the file."""
    claim = files._claim
    calls = []

    def claimed(file: object) -> bool:
        calls.append(file)
        if len(calls) == 1:
            assert len(names(tmp_path)) == 1
            write_whole(tmp_path / "a", b"other")  # calls this again, and finds a leftover
            assert names(tmp_path) == ["a"]
        return claim(file)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "_claim", claimed)
    write_whole(tmp_path / "a", b"mine")
    assert len(calls) >= 3
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"mine"


@POSIX
def test_what_another_is_writing_stays(tmp_path: Path) -> None:
    import fcntl

    unfinished = tmp_path / f".a.json.{'0' * 16}.tmp"
    with open(unfinished, "xb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        write_whole(tmp_path / "a.json", b"1")
        assert unfinished.exists()
    write_whole(tmp_path / "a.json", b"2")
    assert names(tmp_path) == ["a.json"]


@POSIX
def test_what_a_killed_writer_leaves_goes_with_the_next_write(tmp_path: Path) -> None:
    code = (
        "import os, signal; from autograd.files import write_whole\n"
        "os.fsync = lambda fd: os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_whole('a', b'new')\n"
    )
    write_whole(tmp_path / "a", b"old")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == -signal.SIGKILL
    assert len(names(tmp_path)) == 2
    assert (tmp_path / "a").read_bytes() == b"old"
    write_whole(tmp_path / "b", b"1")
    assert len(names(tmp_path)) == 3
    write_whole(tmp_path / "a", b"1")
    assert names(tmp_path) == ["a", "b"]
