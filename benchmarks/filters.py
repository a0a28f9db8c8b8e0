"""What is to be measured, as it is said on the command line: `THING/PEER`, `THING` or `/PEER`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import typer


def known(things: Iterable[str], peers: Iterable[str]) -> Callable[[list[str]], list[str]]:
    """A check of filters: they name what there is.

    Raises:
        typer.BadParameter: (when called) one does not; the message says what there is.
    """

    def checked(filters: list[str]) -> list[str]:
        for chosen in filters:
            thing, _, peer = chosen.partition("/")
            for name, names in ((thing, things), (peer, peers)):
                if name and name not in names:
                    raise typer.BadParameter(f"there is no {name!r}; there are {', '.join(names)}")
        return filters

    return checked


def wants(filters: Iterable[str], thing: str, peer: str) -> bool:
    """Whether filters let a pair through; no filters let everything through.

    >>> wants([], "xor", "jax"), wants(["/jax"], "xor", "jax")
    (True, True)
    >>> wants(["xor", "moons/jit"], "xor", "jax"), wants(["xor", "moons/jit"], "moons", "jax")
    (True, False)
    """
    pairs = [chosen.partition("/") for chosen in filters]
    return not pairs or any(t in ("", thing) and p in ("", peer) for t, _, p in pairs)
