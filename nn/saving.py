"""Saving a model and its training in one file, and loading them back to the last bit.

A `Checkpoint` is the content of such a file: a number for each parameter path, the state of the
optimiser and of the random generator, and whatever else the training needs later. The suffix of the
file names one of the `FORMATS`.

Old files have no checksum and are read without one. A newer one says that it `requires` a checksum,
so that a missing one is noticed like any other damage.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any

from autograd import Value
from autograd.files import AnyPath, as_path, write_whole
from autograd.number import describe
from nn.contracts import Stateful
from nn.formats import FOREIGN, FORMATS, UNSEALED, CheckpointError, check_seal, sealed
from nn.module import Module, named_numbers
from nn.tensors import assignments, state_dict

KIND = "chainrule checkpoint"
VERSION = 1
REQUIRES = ["checksum"]  # features that a reader must know
TENSORS = [*REQUIRES, "tensors"]  # those of a file whose parameters are tensors by name


@dataclass(frozen=True)
class Checkpoint:
    """The content of a file.

    Attributes:
        parameters: a number for each path, or a tensor for each name.
        has_tensors: whether they are tensors.
        optimizer: the state of the optimiser, if it was saved.
        rng: the state of the random generator, if it was saved.
        extra: what else was saved.
    """

    parameters: dict[str, Any]
    has_tensors: bool
    optimizer: dict[str, Any] | None
    rng: list[Any] | None
    extra: dict[str, Any]

    def restore(
        self,
        model: Module,
        optimizer: Stateful | None = None,
        rng: random.Random | None = None,
    ) -> None:
        """Put everything back, or raise and change nothing; see `load`."""
        moves = self._assignments(model)
        state = None if rng is None else self._rng_state()
        if optimizer is not None and self.optimizer is None:
            raise CheckpointError("no optimizer was saved: load the model without one")
        with unchanged_on_error(optimizer):
            if optimizer is not None and self.optimizer is not None:
                load_part("optimiser", optimizer, self.optimizer)
            if rng is not None and state is not None:
                try:
                    rng.setstate(state)
                except Exception as error:
                    raise CheckpointError(f"the random generator refuses it: {error}") from error
        for parameter, number in moves:
            parameter.data = number

    def _assignments(self, model: Module) -> list[tuple[Value, float]]:
        """Which parameter of the model gets which number."""
        if self.has_tensors:
            try:
                return assignments(model, self.parameters, "the file")
            except (ValueError, TypeError) as error:
                raise CheckpointError(str(error)) from None
        named = dict(named_numbers(model))
        _check_paths(list(named), sorted(self.parameters))
        return [(named[path], number) for path, number in self.parameters.items()]

    def _rng_state(self) -> tuple[Any, ...]:
        if self.rng is None:
            raise CheckpointError("no random generator was saved: load without one")
        try:
            version, words, gauss = self.rng
            state = (version, tuple(words), gauss)
            if not all(0 <= word < 2**32 for word in words) or type(gauss) not in (float, NoneType):
                raise ValueError("a number is out of range, or of another kind")
            random.Random().setstate(state)
        except (ValueError, TypeError, OverflowError) as error:
            raise CheckpointError(
                f"the state of the random generator is broken: {error}"
            ) from error
        return state


@contextmanager
def unchanged_on_error(*parts: Stateful | None) -> Iterator[None]:
    """If the block raises, restore the state that all parts had before it."""
    before = [(part, part.state()) for part in parts if part is not None]
    try:
        yield
    except BaseException:
        for part, state in before:
            with suppress(Exception):  # the first error says more than its consequences
                part.load_state(state)
        raise


def load_part(name: str, part: Stateful, state: dict[str, Any]) -> None:
    """Load a part's state; CheckpointError, with `name`, if that raises anything."""
    try:
        part.load_state(state)
    except CheckpointError:
        raise
    except Exception as error:  # a part may be user-defined
        raise CheckpointError(f"the state of the {name} does not fit: {error}") from error


def save(
    path: AnyPath,
    model: Module,
    optimizer: Stateful | None = None,
    *,
    rng: random.Random | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Path:
    """Write the parameters of a model to a file, with the rest of its training if given.

    The file is written whole or not at all: whenever the process is killed, the old file or the new
    one is there. It carries a checksum, so that `load` notices any later change.

    Args:
        path: the file. Its suffix names the format: `.json`, or `.safetensors` if the package
            safetensors is installed. The latter has the tensors of `model.state_dict()`, for
            PyTorch and others.
        model: whose parameters to save.
        optimizer: whose `state()` to save.
        rng: the generator whose state to save.
        extra: anything else for `load` to return: numbers, strings, booleans, `None`, and lists and
            dicts of them (a tuple comes back as a list).

    Returns:
        The path.

    Raises:
        ValueError: the suffix is not one of these, or two parameters have the same path.
        TypeError: something in `extra` or in a state cannot be saved, or the arguments are in the
            wrong order.
        ImportError: the suffix is `.safetensors`, and the package is not installed.
        OSError: the file cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> from nn import MLP
    >>> model, twin = MLP(2, [3, 1], rng=0), MLP(2, [3, 1], rng=1)
    >>> with TemporaryDirectory() as folder:
    ...     path = save(f"{folder}/model.json", model, extra={"epoch": 3})
    ...     load(path, twin)
    {'epoch': 3}
    >>> twin([1.0, 2.0]).data == model([1.0, 2.0]).data
    True
    """
    path = _checked_path("save", path, model, optimizer)
    suffix = checked_suffix("save", path)
    named = list(named_numbers(model))
    parameters: dict[str, Any] = {name: parameter.data for name, parameter in named}
    if len(parameters) < len(named):
        names = [name for name, _ in named]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"save: two parameters have the same path: {twice}")
    has_tensors = FORMATS[suffix].has_tensors
    if has_tensors:
        parameters = state_dict(model)
    tree = {
        "checksum": UNSEALED,
        "format": KIND,
        "version": VERSION,
        "requires": TENSORS if has_tensors else REQUIRES,
        "optimizer": None if optimizer is None else optimizer.state(),
        "rng": None if rng is None else rng.getstate(),
        "extra": dict(extra or {}),
    }
    return write_whole(path, sealed(FORMATS[suffix].encode(parameters, tree)))


def load(
    path: AnyPath,
    model: Module,
    optimizer: Stateful | None = None,
    *,
    rng: random.Random | None = None,
) -> dict[str, Any]:
    """Restore what `save` has saved. If anything does not fit, nothing is changed.

    Old files, which have no checksum, are read without one.

    Args:
        path: the file.
        model: gets the parameters; it must have the same paths.
        optimizer: gets its state, if given.
        rng: the generator that gets its state, if given.

    Returns:
        The `extra` that was saved.

    Raises:
        CheckpointError: the file is truncated, damaged, changed or not a checkpoint, the model has
            other parameters, or the file holds no optimiser or generator, or one that does not
            fit. It is a ValueError.
        TypeError: the arguments are in the wrong order.
        ValueError: the suffix is neither `.json` nor `.safetensors`.
        ImportError: the suffix is `.safetensors`, and the package is not installed.
        OSError: the file cannot be read.
    """
    path = _checked_path("load", path, model, optimizer)
    checkpoint = read(path)
    try:
        checkpoint.restore(model, optimizer, rng)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    return checkpoint.extra


def read(path: AnyPath) -> Checkpoint:
    """The content of a file, without a model to put it into; errors as of `load`."""
    path = as_path(path, "load")
    suffix = checked_suffix("load", path)
    content = path.read_bytes()
    try:
        return _checked(content, *FORMATS[suffix].decode(content))
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error


def _checked_path(owner: str, path: Any, model: Any, optimizer: Any) -> Path:
    """The path; TypeError if the arguments are in the wrong order."""
    if not isinstance(path, str | bytes | os.PathLike) and hasattr(path, "named_parameters"):
        raise TypeError(
            f"{owner}: the path comes first: {owner}('model.json', model),"
            f" got {type(path).__name__} and {describe(model)}"
        )
    file = as_path(path, owner)
    if isinstance(model, type) or not hasattr(model, "named_parameters"):
        given = f"the class {model.__name__}" if isinstance(model, type) else describe(model)
        raise TypeError(
            f"{owner}: expected a model after the path: {owner}({file.name!r}, model), got {given}"
        )
    if optimizer is not None and (isinstance(optimizer, type) or not hasattr(optimizer, "state")):
        raise TypeError(
            f"{owner}: expected an optimizer after the model, got {describe(optimizer)}: write"
            f" {owner}({file.name!r}, model, optimizer)"
        )
    return file


def checked_suffix(owner: str, path: Path) -> str:
    """The suffix of the file; ValueError if it does not name a format.

    >>> checked_suffix("save", Path("model.JSON"))
    '.json'
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(
            f"{owner}: the name must end in one of {', '.join(FORMATS)}, got {path.name!r}"
        )
    return suffix


def _check_paths(expected: list[str], found: list[str]) -> None:
    for names, others, problem in (
        (expected, found, "lacks the parameter {} of the model"),
        (found, expected, "has a parameter {}, which the model lacks"),
    ):
        known = set(others)
        odd = [name for name in names if name not in known]
        if odd:
            more = f" (and {len(odd) - 1} more)" if len(odd) > 1 else ""
            raise CheckpointError(f"the file {problem.format(odd[0] + more)}")


def _checked(content: bytes, parameters: Any, tree: Any) -> Checkpoint:
    """The checkpoint that was read; CheckpointError if it is not one."""
    if not isinstance(tree, dict) or tree.get("format") != KIND:
        raise CheckpointError(FOREIGN)
    if tree.get("version") != VERSION:
        raise CheckpointError(f"expected version {VERSION}, got {describe(tree.get('version'))}")
    requires = tree.get("requires", [])
    if requires not in ([], REQUIRES, TENSORS):
        raise CheckpointError(
            f"it requires {describe(requires)}, which this version of chainrule does not know"
        )
    if requires or "checksum" in tree:
        check_seal(content, tree.get("checksum"))
    for name, kinds in _KINDS.items():
        if name not in tree or not isinstance(tree[name], kinds):
            raise CheckpointError(f"{name!r} is missing or broken")
    if not isinstance(parameters, dict):
        raise CheckpointError("'parameters' is missing or broken")
    has_tensors = requires == TENSORS
    for path, number in parameters.items():
        if not has_tensors and type(number) is not float:
            raise CheckpointError(f"parameter {path}: expected a float, got {describe(number)}")
    return Checkpoint(parameters, has_tensors, tree["optimizer"], tree["rng"], tree["extra"])


_KINDS = {"optimizer": dict | None, "rng": list | None, "extra": dict}
