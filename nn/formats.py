"""The formats of a checkpoint: numbers by path, and a tree of everything else, as bytes and back.

Either format keeps every float to the last bit, infinities and NaN included. `.json` needs no
library; it has a number for each path. `.safetensors` needs the library of that name, and every
framework that knows the format can read it: it has tensors, as `Module.state_dict` (in old files,
one without dimensions for each path); the tree is in the metadata, as JSON.
Nothing is ever unpickled: a bad file can hold wrong numbers, but it cannot run code.

A file carries the SHA-256 of all its bytes, computed with zeros in its place: the first entry of
the tree, which both formats write before anything else. One changed byte, anywhere, is noticed.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from autograd.errors import AutogradError
from autograd.extras import missing
from autograd.number import describe
from autograd.text import visible

_TAG = (
    "$float"  # marks the floats that JSON cannot write; a user's key of this name gets one more $
)
_METADATA = "chainrule"  # the key under which safetensors keeps the tree

FOREIGN = (
    "this is not a checkpoint of chainrule; tensors of another library go into a model by"
    " model.load_state_dict(load_file(path)), by load_file of safetensors.numpy, or of"
    " safetensors.torch, which knows bfloat16 too"
)

UNSEALED = "0" * 64  # in place of the checksum, while it is computed
ACCEPTED = "edited"  # in place of the checksum, by a user who has changed the file on purpose


class CheckpointError(AutogradError, ValueError):
    """A file is not a checkpoint, or not one of this model: raised by `load`."""


class Format(NamedTuple):
    """How a checkpoint becomes bytes, and bytes a checkpoint (or a `CheckpointError`).

    Attributes:
        encode: the bytes of parameters and a tree.
        decode: the parameters and the tree in bytes.
        has_tensors: whether parameters are tensors by name; else they are numbers by path.
    """

    encode: Callable[[dict[str, Any], dict[str, Any]], bytes]
    decode: Callable[[bytes], tuple[Any, Any]]
    has_tensors: bool


def sealed(content: bytes) -> bytes:
    """The content of a file, with its checksum in the place of `UNSEALED`."""
    return content.replace(UNSEALED.encode(), hashlib.sha256(content).hexdigest().encode(), 1)


def check_seal(content: bytes, checksum: Any) -> None:
    """Raise CheckpointError unless the content of a file matches its checksum."""
    if checksum == ACCEPTED:
        return
    if isinstance(checksum, str) and len(checksum) == len(UNSEALED) and checksum.isascii():
        original = content.replace(checksum.encode(), UNSEALED.encode(), 1)
        if hashlib.sha256(original).hexdigest() == checksum:
            return
    raise CheckpointError(
        "its checksum does not match: the file was damaged or changed after it was saved. Take"
        f' another copy; or, if you changed it on purpose, write "{ACCEPTED}" in place of the'
        " checksum"
    )


def to_json(tree: Any) -> str:
    """A tree of numbers, strings, booleans, `None`, lists and dicts, as JSON in the strict sense.

    Raises:
        TypeError: it holds something else.

    >>> to_json({"loss": [0.1, float("inf")]})
    '{"loss": [0.1, {"$float": "inf"}]}'
    """
    return json.dumps(_packed(tree, ""), allow_nan=False)


def from_json(content: bytes | str) -> Any:
    """The tree that `to_json` was given.

    Raises:
        CheckpointError: this is not strict JSON, or a key occurs twice.

    >>> from_json('{"loss": [0.1, {"$float": "inf"}]}')
    {'loss': [0.1, inf]}
    """
    try:
        return json.loads(
            content,
            object_pairs_hook=_unpacked,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except CheckpointError:
        raise
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"the file is truncated or not a checkpoint: {error}") from error


def _packed(x: Any, where: str) -> Any:
    if isinstance(x, float):
        return float(x) if math.isfinite(x) else {_TAG: repr(float(x))}
    if x is None or isinstance(x, bool | int | str):
        return x
    if isinstance(x, list | tuple):
        return [_packed(item, f"{where}[{i}]") for i, item in enumerate(x)]
    if isinstance(x, dict):
        for key in x:
            if not isinstance(key, str):
                raise TypeError(
                    f"save: {visible(where)}: a key must be a string, got {describe(key)}"
                )
        return {
            "$" * _is_tag(key) + key: _packed(x[key], f"{where}.{key}" if where else key)
            for key in x
        }
    raise TypeError(f"save: {visible(where)}: this cannot be saved: {describe(x)}")


def _unpacked(pairs: list[tuple[str, Any]]) -> Any:
    if len(pairs) == 1 and pairs[0][0] == _TAG and pairs[0][1] in ("inf", "-inf", "nan"):
        return float(pairs[0][1])
    return {key[_is_tag(key) :]: x for key, x in _once(pairs).items()}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A dict of the pairs; CheckpointError if two have the same key."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise CheckpointError(f"the file has {twice!r} twice: remove one")
    return found


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not in the JSON standard")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits} is beyond the range of floats")
    return number


def _is_tag(key: str) -> bool:
    return key.endswith(_TAG) and not key[: -len(_TAG)].strip("$")


def _encode_json(parameters: dict[str, float], tree: dict[str, Any]) -> bytes:
    return to_json({**tree, "parameters": parameters}).encode()


def _decode_json(content: bytes) -> tuple[Any, Any]:
    tree = from_json(content)
    return tree.get("parameters") if isinstance(tree, dict) else None, tree


def _encode_safetensors(parameters: dict[str, Any], tree: dict[str, Any]) -> bytes:
    numpy, library = _safetensors("save")
    tensors = {name: numpy.array(tensor, numpy.float64) for name, tensor in parameters.items()}
    content: bytes = library.numpy.save(tensors, {_METADATA: to_json(tree)})
    return content


def _decode_safetensors(content: bytes) -> tuple[Any, Any]:
    numpy, library = _safetensors("load")
    length = int.from_bytes(content[:8], "little")
    try:
        header = json.loads(content[8 : 8 + length], object_pairs_hook=_once)
        is_ours = _METADATA in (header.get("__metadata__") or {})
    except CheckpointError:
        raise
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise CheckpointError(f"the file is truncated or not a checkpoint: {error}") from error
    if not is_ours:
        raise CheckpointError(FOREIGN)
    try:
        tensors = library.numpy.load(content)
    except (library.SafetensorError, KeyError, TypeError) as error:  # the latter: an unknown dtype
        raise CheckpointError(f"the file is truncated or not a checkpoint: {error}") from error
    tree = header["__metadata__"][_METADATA]
    for path, tensor in tensors.items():
        if tensor.dtype != numpy.float64:
            raise CheckpointError(
                f"parameter {path}: expected numbers of type float64, got {tensor.dtype}"
            )
    return {path: tensor.tolist() for path, tensor in tensors.items()}, from_json(tree)


def _safetensors(owner: str) -> tuple[Any, Any]:
    try:
        import numpy
        import safetensors.numpy
    except ImportError as error:
        needs = missing(
            f"{owner}: a file named .safetensors", "safetensors", ["safetensors", "numpy"]
        )
        raise ImportError(f"{needs}.\nA file named .json needs nothing.") from error
    return numpy, safetensors


FORMATS = {
    ".json": Format(_encode_json, _decode_json, False),
    ".safetensors": Format(_encode_safetensors, _decode_safetensors, True),
}
