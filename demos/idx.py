"""Reading MNIST's IDX files: a magic number, the sizes, then one byte for each pixel or label.

The format is that of LeCun, Cortes and Burges, "The MNIST database of handwritten digits" (1998):
two zero bytes, a byte for the kind of number (8: unsigned byte), a byte for how many dimensions;
the sizes as big-endian 32-bit integers; the numbers, the last dimension fastest. A file may be
compressed with gzip, as it is published, or plain.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import NamedTuple

GZIP_MAGIC = b"\x1f\x8b"
UNSIGNED_BYTE = 8
FILES = {
    "training": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


class Images(NamedTuple):
    """Grey images of one size, each with its label.

    Attributes:
        rows: one for each image, its pixels line after line, from 0.0 (empty) to 1.0 (full).
        labels: the class of each.
        height: of every image, in pixels.
        width: likewise.
    """

    rows: list[list[float]]
    labels: list[int]
    height: int
    width: int


def read_idx(path: Path, dimensions: int) -> tuple[tuple[int, ...], bytes]:
    """The sizes and the bytes of an IDX file.

    Args:
        path: of the file, compressed or plain; what is in it decides, not its name.
        dimensions: how many sizes it should have: 3 for images, 1 for labels.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no such file, or not all of one; the message names the file.
    """
    content = path.read_bytes()
    if content.startswith(GZIP_MAGIC):
        try:
            content = gzip.decompress(content)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"{path}: damaged or truncated gzip file: {error}") from None
    expected = bytes((0, 0, UNSIGNED_BYTE, dimensions))
    if content[:4] != expected:
        raise ValueError(
            f"{path}: not an IDX file of unsigned bytes in {dimensions} dimension(s):"
            f" it must start with {expected.hex(' ')}, got {content[:4].hex(' ') or 'nothing'}"
        )
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise ValueError(
            f"{path}: truncated: the header has {start} bytes, the file {len(content)}"
        )
    sizes = struct.unpack(f">{dimensions}I", content[4:start])
    body = content[start:]
    if 0 in sizes:
        raise ValueError(f"{path}: empty: its sizes are {_times(sizes)}")
    if len(body) != prod(sizes):
        fault = "truncated" if len(body) < prod(sizes) else "too long"
        raise ValueError(
            f"{path}: {fault}: expected {_times(sizes)} = {prod(sizes)} bytes after the header,"
            f" got {len(body)}"
        )
    return sizes, body


def read_images(images: Path, labels: Path, classes: int = 10) -> Images:
    """The images of one IDX file with the labels of another.

    Args:
        images: a file of three dimensions: how many, height, width.
        labels: a file of one dimension.
        classes: a label must be below this.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file is not right, or the two do not belong together.
    """
    (count, height, width), pixels = read_idx(images, 3)
    (named,), marks = read_idx(labels, 1)
    if named != count:
        raise ValueError(f"{labels}: {named} labels for the {count} images of {images}")
    if max(marks) >= classes:
        raise ValueError(
            f"{labels}: expected labels from 0 to {classes - 1}, got {max(marks)}"
            f" for image {marks.index(max(marks))}"
        )
    size = height * width
    shades = [byte / 255 for byte in range(256)]
    rows = [[shades[p] for p in pixels[i * size : (i + 1) * size]] for i in range(count)]
    return Images(rows, list(marks), height, width)


def read_mnist(folder: Path) -> tuple[Images, Images]:
    """MNIST's training and test images, from a folder with its four files.

    Args:
        folder: holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, the same with `t10k`,
            each as it stands or with `.gz` after its name.

    Raises:
        OSError: a file is missing or cannot be read.
        ValueError: a file is not right, or two do not belong together.
    """
    training, test = (
        read_images(find(folder, images), find(folder, labels)) for images, labels in FILES.values()
    )
    if (training.height, training.width) != (test.height, test.width):
        raise ValueError(
            f"{folder}: training images of {training.height} x {training.width} pixels,"
            f" test images of {test.height} x {test.width}"
        )
    return training, test


def find(folder: Path, name: str) -> Path:
    """The file of that name, or of that name with `.gz`.

    Raises:
        FileNotFoundError: there is neither.
    """
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise FileNotFoundError(f"{folder}: there is neither {name} nor {name}.gz in it")


def _times(sizes: Sequence[int]) -> str:
    return " x ".join(map(str, sizes))
