"""Random numbers as functions of a key, in the conventions of `jax.random`.

A *key* is a value, a pair of whole numbers of 32 bits. A draw reads it and changes nothing, so the
same key gives the same number, here, in compiled code and in a training that is resumed. Who draws
twice needs two keys, which `split` and `fold_in` make of one:

>>> from autograd import random
>>> key = random.key(0)
>>> first, second = random.split(key)
>>> random.uniform(first) == random.uniform(first), random.uniform(first) == random.uniform(second)
(True, False)

Inside `jit` a key is an argument like any other number, and one compiled function serves all keys:

>>> from autograd import jit
>>> @jit
... def noisy(x, key):
...     return x + 0.1 * random.normal(key)
>>> noisy(1.0, first) == 1.0 + 0.1 * random.normal(first)
True

The words are those of `jax.random` with the same seed, and so are `split`, `fold_in` and the bits
of a draw (`jax_threefry_partitionable`, the default since JAX 0.5). A uniform number has 53 bits
here, and 52 there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from math import prod
from operator import index
from typing import Any, NamedTuple, TypeAlias

from autograd.functions import take
from autograd.number import as_integer, describe, is_number
from autograd.primitives.definition import Variadic
from autograd.primitives.piecewise import floor
from autograd.primitives.threefry import MASK, deviate, first_word, fraction, row, second_word
from autograd.value import Value

__all__ = ["Key", "bernoulli", "choice", "fold_in", "key", "normal", "split", "uniform"]

Shape: TypeAlias = int | Iterable[int]
"""The lengths of nested lists, the outermost first; () for one number."""


class Key(NamedTuple):
    """A key: two words, in a compiled function two traced numbers.

    Attributes:
        high: the upper 32 bits, as a whole number.
        low: the lower 32 bits.
    """

    high: Any
    low: Any


def key(seed: Any) -> Key:
    """The key for a seed.

    Args:
        seed: an integer from -2**63 to 2**64 - 1. In a compiled function it may be an argument, or
            computed: a whole number that a float holds exactly, from -2**53 to 2**53.

    Raises:
        TypeError: the seed is not an integer.
        ValueError: it is out of range.

    >>> key(42)
    Key(high=0.0, low=42.0)
    """
    if isinstance(seed, Value):
        return Key(floor(seed / 2.0**32) % 2.0**32, seed % 2.0**32)
    try:
        number = index(seed)
    except TypeError:
        raise TypeError(f"key: seed must be an integer, got {describe(seed)}") from None
    if not -(2**63) <= number < 2**64:
        raise ValueError(f"key: seed must be from -2**63 to 2**64 - 1, got {number}")
    return Key(float(number >> 32 & MASK), float(number & MASK))


def split(key: Key, num: int = 2) -> list[Key]:
    """New keys, made of one, which is not to be used any more.

    Args:
        key: a key.
        num: how many.

    Raises:
        TypeError: what was given is no key, or `num` not an integer.
        ValueError: `num` is not positive.

    >>> [tuple(map(hex, map(int, k))) for k in split(Key(0, 0))]
    [('0x6b200159', '0x99ba4efe'), ('0x375f238f', '0xcddb151d')]
    """
    count = as_integer(num, "split: num", 1)
    return [_folded(_checked("split", key), float(i)) for i in range(count)]


def fold_in(key: Key, data: Any) -> Key:
    """A new key, made of a key and a number: that of a step, or of a row.

    `fold_in(key, i)` is `split(key, num)[i]`, also for an `i` that is known when compiled code runs
    only. Of one key either the one or the other is to be used.

    Args:
        key: a key.
        data: a whole number from 0 to 2**32 - 1.

    Raises:
        TypeError: what was given is no key, or `data` not a number.
        ValueError: `data` is not such a number.

    >>> fold_in(key(0), 3) == split(key(0), 5)[3]
    True
    """
    return _folded(_checked("fold_in", key), data)


def uniform(key: Key, shape: Shape = (), minval: Any = 0.0, maxval: Any = 1.0) -> Any:
    """Numbers that are spread evenly from `minval` to `maxval`.

    Derivatives: those of `minval + (maxval - minval) * u`, with u from 0 to 1, without 1.

    Args:
        key: a key, which is used up.
        shape: the lengths of the nested lists that are returned; () for one number.
        minval: the lower end.
        maxval: the upper end, which is not reached but by rounding.

    Raises:
        TypeError: what was given is no key, or no shape.
        ValueError: a length is negative.

    >>> uniform(key(0)) == (0x6B20015999BA4EFE >> 11) * 2.0**-53
    True
    >>> uniform(key(0), 2, 10, 20)
    [14.184571117163866, 12.162954546055113]
    """
    numbers = _drawn("uniform", fraction, key, shape)
    if not (_is(minval, 0.0) and _is(maxval, 1.0)):
        width = maxval - minval
        numbers = [minval + width * u for u in numbers]
    return _nested(numbers, shape)


def normal(key: Key, shape: Shape = (), mean: Any = 0.0, scale: Any = 1.0) -> Any:
    """Numbers with the normal distribution.

    Derivatives: those of `mean + scale * z`, with z of mean 0 and standard deviation 1.

    Args:
        key: a key, which is used up.
        shape: the lengths of the nested lists that are returned; () for one number.
        mean: the mean.
        scale: the standard deviation.

    Raises:
        TypeError: what was given is no key, or no shape.
        ValueError: a length is negative.

    >>> from autograd import grad
    >>> z = normal(key(0))
    >>> grad(lambda mean, scale: normal(key(0), (), mean, scale), (0, 1))(1.0, 2.0) == (1.0, z)
    True
    """
    numbers = _drawn("normal", deviate, key, shape)
    if not (_is(mean, 0.0) and _is(scale, 1.0)):
        numbers = [mean + scale * z for z in numbers]
    return _nested(numbers, shape)


def bernoulli(key: Key, p: Any = 0.5, shape: Shape = ()) -> Any:
    """Whether something happens that has the probability `p`: conditions, as for `where`.

    In a compiled function `where(bernoulli(key, p), x, y)` is one specialisation, and `if` two.
    No derivative flows to `p`.

    Args:
        key: a key, which is used up.
        p: the probability.
        shape: the lengths of the nested lists that are returned; () for one condition.

    Returns:
        `u < p` for uniform numbers u.

    Raises:
        TypeError: what was given is no key, or no shape.
        ValueError: `p` is not from 0 to 1, or a length is negative.

    >>> bernoulli(key(0), 0.3, 4)
    [False, True, False, False]
    """
    if not 0 <= p <= 1:
        raise ValueError(f"bernoulli: p must be from 0 to 1, got {p!r}")
    return _nested([u < p for u in _drawn("bernoulli", fraction, key, shape)], shape)


def choice(key: Key, a: Sequence[Any], shape: Shape = ()) -> Any:
    """Some of the items of a list, each with the same probability, with replacement.

    Derivatives: those of the items that are chosen.

    Args:
        key: a key, which is used up.
        a: numbers, or structures of numbers of one shape: fewer than 2**32.
        shape: the lengths of the nested lists that are returned; () for one item.

    Raises:
        TypeError: what was given is no key, or no shape.
        ValueError: there are no items, or a length is negative.

    >>> choice(key(0), [10.0, 20.0, 30.0], 5)
    [20.0, 10.0, 30.0, 20.0, 20.0]
    """
    count = len(a)
    if not 0 < count <= MASK:
        raise ValueError(f"choice: expected from 1 to 2**32 - 1 items, got {count}")
    numbers = _drawn("choice", fraction, key, shape)
    return _nested([take(a, floor(u * count)) for u in numbers], shape)  # below count: see a test


def _checked(name: str, key: Any) -> Key:
    """The key, if it is a pair of numbers: a list or a row of an array, too."""
    if hasattr(key, "__len__") and len(key) == 2 and all(map(is_number, key)):
        return Key(*key)
    hint = f": write random.key({key!r})" if key.__class__ is int else ""
    raise TypeError(f"{name}: expected a key, as random.key(0) is, got {describe(key)}{hint}")


def _folded(key: Key, data: Any) -> Key:
    return Key(first_word(*key, 0.0, data), second_word(*key, 0.0, data))


def _lengths(name: str, shape: Shape) -> tuple[int, ...]:
    lengths = tuple(shape) if hasattr(shape, "__iter__") else (shape,)
    return tuple([as_integer(n, f"{name}: shape[{i}]", 0) for i, n in enumerate(lengths)])


def _drawn(name: str, draw: Variadic, key: Key, shape: Shape) -> list[Any]:
    """A number for each place, in order; the counter is the index of the place."""
    pair, count = _checked(name, key), prod(_lengths(name, shape))
    if pair.high.__class__ is pair.low.__class__ is float:
        with suppress(ValueError, OverflowError):  # are raised below, where they are said to be
            return row(draw.primitive, *pair, count)
    return [draw(*pair, float(i >> 32), float(i & MASK)) for i in range(count)]


def _nested(items: Iterable[Any], shape: Shape) -> Any:
    """The items as nested lists of that shape."""
    return _rows(iter(items), _lengths("", shape))


def _rows(items: Iterator[Any], lengths: tuple[int, ...]) -> Any:
    if not lengths:
        return next(items)
    return [_rows(items, lengths[1:]) for _ in range(lengths[0])]


def _is(x: Any, number: float) -> bool:
    return x.__class__ in (float, int) and x == number
