"""Machine code on the disk: the next process uses it, if it is whole and the user's own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("llvmlite")

from autograd.jit.native import object_cache
from autograd.jit.native.target import Library

PROGRAM = """
from autograd import jit, sin
from autograd.jit.native import object_cache

kept = object_cache.read
object_cache.read = lambda path: print("found" if (code := kept(path)) else "not found") or code
mixed = [7 * i * i % 50 for i in range(50)]  # what is gathered by a table of indexes
step = jit(lambda x: sum(sin(x[i]) * sin(a) for i, a in zip(mixed, x)), backend="native")
print([step([0.1 * i + shift for i in range(50)]) for shift in (0.0, 1.0)])
"""


def run(folder: object) -> tuple[str, list[str]]:
    """The results of the program in a process with this cache, and what came of each look-up."""
    environment = {**os.environ, object_cache.VARIABLE: str(folder)}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    *looked, results = done.stdout.splitlines()
    return results, looked + done.stderr.splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty private folder."""
    object_cache._folder.cache_clear()
    yield tmp_path / "cache"
    object_cache._folder.cache_clear()


def test_the_next_process_finds_the_code_and_computes_the_same(folder: Path) -> None:
    first, second, off = run(folder), run(folder), run("off")
    assert first[0] == second[0] == off[0]
    count = len([*folder.iterdir()])
    assert [first[1], second[1], off[1]] == [["not found"] * count, ["found"] * count, []]
    assert folder.stat().st_mode & 0o777 == 0o700


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def link(path: Path) -> None:
    path.rename(path.with_suffix(".other"))
    path.symlink_to(path.with_suffix(".other"))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a flipped bit": flip,
    "cut": lambda path: path.write_bytes(path.read_bytes()[:100]),
    "empty": lambda path: path.write_bytes(b""),
    "a link": link,
    "open to others": lambda path: path.chmod(0o666),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_an_entry_that_is_damaged_or_open_to_others_is_not_read(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(object_cache.VARIABLE, str(folder))
    path = object_cache.entry("text")
    assert path is not None
    for _ in range(2):
        object_cache.write(path, b"code" * 100)
        assert object_cache.read(path) == b"code" * 100
        DAMAGES[name](path)
        assert object_cache.read(path) is None
        path.unlink()


def test_a_damaged_entry_is_written_again(folder: Path) -> None:
    results, _ = run(folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    for path in before:
        flip(path)
    assert run(folder) == (results, ["not found"] * len(before))
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.slow
def test_several_processes_at_once_agree(folder: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        found = [*pool.map(run, [folder] * 3)]
    assert len({results for results, _ in found}) == 1
    assert all(map(object_cache.read, folder.iterdir()))
    assert run(folder)[1] == ["found"] * len(found[0][1])


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o777])
def test_a_folder_that_others_can_open_is_refused_with_one_warning(
    folder: Path, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir()
    folder.chmod(mode)
    monkeypatch.setenv(object_cache.VARIABLE, str(folder))
    with pytest.warns(RuntimeWarning, match=r"can be opened by others: make it private") as warned:
        assert [object_cache.entry("text") for _ in range(3)] == [None] * 3
    assert len(warned) == 1


@pytest.mark.parametrize("inside", ["", "inside"])
def test_a_folder_that_cannot_be_made_is_named(
    folder: Path, inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write_text("a file")
    monkeypatch.setenv(object_cache.VARIABLE, str(folder / inside))
    match = r"/cache(/inside)? cannot be used \(.*\): set CHAINRULE_CACHE_DIR to another"
    with pytest.warns(RuntimeWarning, match=match):
        assert object_cache.entry("text") is None


def test_a_folder_is_named_from_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv(object_cache.VARIABLE, "~/cache")
    path = object_cache.entry("text")
    assert path is not None
    assert path.parent == folder


@pytest.mark.parametrize("value", ["", "off"])
def test_it_can_be_turned_off(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(object_cache.VARIABLE, value)
    assert object_cache.entry("text") is None


def test_code_is_of_one_text_and_one_processor(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(object_cache.VARIABLE, str(folder))
    targets = [("a", "x86"), ("b", "x86"), ("a", "arm"), ("a", "x86", "O0"), ("ax86",)]
    assert len({object_cache.entry(*target) for target in targets}) == len(targets)


def test_what_was_not_used_for_longest_is_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(object_cache.VARIABLE, str(folder))
    monkeypatch.setattr(object_cache, "MOST_BYTES_KEPT", 1000)
    paths = [object_cache.entry(f"module {i}") for i in range(4)]
    (folder / "notes").write_bytes(bytes(2000))
    os.utime(folder / "notes", (0, 0))
    for age, path in enumerate(paths):
        assert path is not None
        object_cache.write(path, bytes(300))
        os.utime(path, (age, age))
    assert [path.exists() for path in paths if path] == [False, True, True, True]
    assert (folder / "notes").exists()


def test_code_from_the_disk_calls_the_c_library(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(object_cache.VARIABLE, str(folder))
    text = """declare double @hypot(double, double)

define i64 @run0(ptr %numbers) {
  %x = load double, ptr %numbers
  %y = call double @hypot(double %x, double 4.0)
  %z = fptosi double %y to i64
  ret i64 %z
}"""
    import numpy as np

    buffer = np.array([3.0])
    for _ in range(2):
        assert Library(text, ["hypot"]).function("run0")(buffer.ctypes.data) == 5
    with pytest.raises(RuntimeError, match="no function unheard_of"):
        Library(text, ["unheard_of"])
