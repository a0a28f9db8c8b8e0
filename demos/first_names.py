"""First names to learn from, as tokens; and what can be said about the next letter by counting.

The names are 5,163 of the 1990 census of the United States; first_names.txt says where they are
from. A name is written between two edges, both token 0, and its letters are 1 to 26: a model that
is given all tokens but the last is to foresee all but the first.

A guess of the next letter is worth its cross-entropy: the mean of `-log(probability)` over the
letters of a name and the edge that ends it, in nats, and then over the names.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from string import ascii_lowercase
from typing import NamedTuple

EDGE = 0
TOKENS = 1 + len(ascii_lowercase)
HELD_OUT = 0.1  # the share of the names that nothing is learned from


class Names(NamedTuple):
    """Names to learn from, and others that are kept to test what was learned."""

    training: list[str]
    held_out: list[str]


def all_names() -> list[str]:
    """The names of the census, in lower case and alphabetical order, each once.

    >>> names = all_names()
    >>> len(names), names[0], names[-1]
    (5163, 'aaron', 'zulma')
    """
    lines = Path(__file__).with_suffix(".txt").read_text(encoding="ascii").splitlines()
    return [name for line in lines if not line.startswith("#") for name in line.split()]


def split(names: Sequence[str], rng: random.Random) -> Names:
    """Put a random tenth of the names aside."""
    shuffled = rng.sample(names, len(names))
    count = max(1, round(HELD_OUT * len(names)))
    return Names(shuffled[count:], shuffled[:count])


def encode(name: str) -> list[int]:
    """The tokens of a name, from edge to edge.

    >>> encode("abby")
    [0, 1, 2, 2, 25, 0]
    """
    return [EDGE, *(1 + ascii_lowercase.index(letter) for letter in name), EDGE]


def decode(tokens: Sequence[int]) -> str:
    """The letters among some tokens.

    >>> decode([0, 1, 2, 2, 25, 0])
    'abby'
    """
    return "".join(ascii_lowercase[token - 1] for token in tokens if token != EDGE)


def loss(names: Sequence[str], probability: Callable[[int, int], float]) -> float:
    """What a guess is worth on names.

    Args:
        names: at least one.
        probability: how likely the guess makes a token (the second) after another (the first).

    >>> round(loss(["ann", "bo"], lambda before, token: 1 / TOKENS), 6) == round(math.log(27), 6)
    True
    """
    total = 0.0
    for name in names:
        pairs = list(pairwise(encode(name)))
        total -= sum(math.log(probability(*pair)) for pair in pairs) / len(pairs)
    return total / len(names)


def guesses(names: Names) -> dict[str, float]:
    """The losses, on the names held out, of guesses by counting in the others.

    One is added to every count, so that nothing is held to be impossible (Laplace's rule).

    >>> losses = list(guesses(split(all_names(), random.Random(0))).values())
    >>> losses == sorted(losses, reverse=True)
    True
    """
    tokens = [encode(name) for name in names.training]
    letters = Counter(token for name in tokens for token in name[1:])
    pairs = Counter(pair for name in tokens for pair in pairwise(name))
    firsts = Counter(token for name in tokens for token in name[:-1])
    rules: dict[str, Callable[[int, int], float]] = {
        "all letters alike": lambda before, token: 1 / TOKENS,
        "by how frequent a letter is": lambda before, token: (
            (letters[token] + 1) / (letters.total() + TOKENS)
        ),
        "by the letter before": lambda before, token: (
            (pairs[before, token] + 1) / (firsts[before] + TOKENS)
        ),
    }
    return {rule: loss(names.held_out, probability) for rule, probability in rules.items()}
