"""The reader of MNIST's files, on small files written byte by byte."""

import gzip
import struct
from pathlib import Path

import pytest

from demos.idx import FILES, find, read_idx, read_images, read_mnist


def idx(*sizes: int, body: bytes, kind: int = 8) -> bytes:
    return bytes((0, 0, kind, len(sizes))) + struct.pack(f">{len(sizes)}I", *sizes) + body


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


IMAGES = idx(2, 2, 3, body=bytes([0, 51, 102, 153, 204, 255, *range(6)]))
LABELS = idx(2, body=bytes([7, 0]))


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_images_with_their_labels(tmp_path: Path, ending: str) -> None:
    images = read_images(
        write(tmp_path / f"images{ending}", IMAGES), write(tmp_path / f"labels{ending}", LABELS)
    )
    assert images.labels == [7, 0]
    assert (images.height, images.width) == (2, 3)
    assert images.rows[0] == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert images.rows[1] == [i / 255 for i in range(6)]
    assert all(type(pixel) is float for row in images.rows for pixel in row)


def test_what_is_in_a_file_decides_whether_it_is_compressed(tmp_path: Path) -> None:
    (tmp_path / "labels").write_bytes(gzip.compress(LABELS))
    assert read_idx(tmp_path / "labels", 1) == ((2,), bytes([7, 0]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file of unsigned bytes in 1 dimension.*00 00 08 01, got nothing"),
        (b"\x00\x00", "got 00 00"),
        (b"%PDF-1.7", "got 25 50 44 46"),
        (IMAGES, "00 00 08 01, got 00 00 08 03"),
        (idx(2, body=b"\0" * 8, kind=13), "got 00 00 0d 01"),
        (LABELS[:6], "truncated: the header has 8 bytes, the file 6"),
        (LABELS[:-1], "truncated: expected 2 = 2 bytes after the header, got 1"),
        (LABELS + b"\0", "too long: expected 2 = 2 bytes after the header, got 3"),
        (idx(0, body=b""), "empty: its sizes are 0"),
    ],
)
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_wrong_file_is_named_with_what_is_wrong(
    tmp_path: Path, ending: str, content: bytes, message: str
) -> None:
    path = write(tmp_path / f"labels{ending}", content)
    with pytest.raises(ValueError, match=message) as error:
        read_idx(path, 1)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    "damage", [lambda z: z[:-6], lambda z: z[:12], lambda z: z[:12] + b"?" * 9]
)
def test_a_damaged_gzip_file(tmp_path: Path, damage: object) -> None:
    path = tmp_path / "labels.gz"
    path.write_bytes(damage(gzip.compress(LABELS)))  # type: ignore[operator]
    with pytest.raises(ValueError, match=r"labels\.gz: damaged or truncated gzip file"):
        read_idx(path, 1)


def test_labels_that_do_not_fit_the_images(tmp_path: Path) -> None:
    images = write(tmp_path / "images", IMAGES)
    with pytest.raises(ValueError, match="3 labels for the 2 images"):
        read_images(images, write(tmp_path / "labels", idx(3, body=b"\0\1\2")))
    with pytest.raises(ValueError, match="labels from 0 to 9, got 10 for image 1"):
        read_images(images, write(tmp_path / "labels", idx(2, body=b"\0\x0a")))


def test_the_four_files(tmp_path: Path) -> None:
    for names, ending in zip(FILES.values(), ("", ".gz"), strict=True):
        for name, content in zip(names, (IMAGES, LABELS), strict=True):
            write(tmp_path / f"{name}{ending}", content)
    training, test = read_mnist(tmp_path)
    assert training == test
    assert find(tmp_path, FILES["test"][0]).suffix == ".gz"
    write(tmp_path / FILES["test"][0], idx(2, 3, 2, body=bytes(12)))  # a plain file comes first
    with pytest.raises(ValueError, match="training images of 2 x 3 pixels, test images of 3 x 2"):
        read_mnist(tmp_path)
    (tmp_path / FILES["training"][1]).unlink()
    with pytest.raises(FileNotFoundError, match="neither train-labels-idx1-ubyte nor train-labels"):
        read_mnist(tmp_path)
