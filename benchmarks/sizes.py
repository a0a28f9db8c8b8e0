"""How much disk each extra takes: what its packages, and all that these need, have installed.

    python -m benchmarks.sizes

Only what is installed here is measured, from the lists of files that pip keeps; an extra that lacks
a package says which one. Python, pip and this project are not counted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from benchmarks.environment import ROOT

OWN = "chainrule"


class MissingError(Exception):
    """A package is not installed."""


def extras() -> dict[str, list[str]]:
    """The requirements of each extra, as `pyproject.toml` has them."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found: dict[str, list[str]] = tomllib.loads(text)["project"]["optional-dependencies"]
    return found


def packages(requirements: Iterable[str], seen: set[str] | None = None) -> set[str]:
    """The names of the packages that requirements bring, with all that these need.

    Raises:
        MissingError: one is not installed.

    >>> "numpy" in packages(["packaging"])
    False
    """
    seen = set() if seen is None else seen
    for name, wanted in map(_read, requirements):
        for extra in wanted or {""}:
            key = f"{name}[{extra}]" if extra else name
            if key in seen:
                continue
            seen.add(key)
            packages(_needs(name, extra), seen)
            seen.add(name)
    return {key for key in seen if "[" not in key and key != OWN}


def _read(requirement: str) -> tuple[str, set[str]]:
    parsed = Requirement(requirement)
    return re.sub(r"[-_.]+", "-", parsed.name).lower(), parsed.extras


def _needs(name: str, extra: str) -> Iterator[str]:
    """What a package requires here, with one of its extras or without."""
    if name == OWN:
        yield from extras()[extra]
        return
    try:
        listed = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        raise MissingError(name) from None
    for line in listed:
        marker = Requirement(line).marker
        if marker is None or marker.evaluate({"extra": extra}):
            yield line.partition(";")[0]


def size(name: str) -> int:
    """The bytes of the files that a package has installed."""
    files = [Path(str(file.locate())) for file in metadata.files(name) or []]
    return sum(path.stat().st_size for path in files if path.is_file())


def main() -> None:
    """Print a line for each extra: megabytes, the number of packages, the largest ones."""
    for extra, requirements in extras().items():
        try:
            sizes = {name: size(name) / 1e6 for name in packages(requirements)}
        except MissingError as missing:
            print(f"{extra:12} {missing} is not installed")
            continue
        largest = sorted(sizes, key=lambda name: -sizes[name])[:3]
        shown = ", ".join(f"{name} {sizes[name]:.0f}" for name in largest)
        print(f"{extra:12} {sum(sizes.values()):5.0f} MB, {len(sizes):3} packages: {shown}")


if __name__ == "__main__":
    main()
