"""`Conv1d` and `Conv2d`: the same few weights at every place of a signal or an image."""

from __future__ import annotations

import random
from typing import Any

from autograd import dot
from autograd.number import as_flag, as_integer, describe, is_number
from nn.initializers import generator
from nn.matrices import Row, drawn
from nn.module import Module
from nn.sizes import NO_ROW, checked_row

Pair = tuple[int, int]


class _Convolution(Module):
    """What both have in common; a signal is an image of one row."""

    takes = ""  # what a channel is

    def __init__(
        self,
        nin: int,
        nout: int,
        size: Pair,
        stride: Pair,
        padding: Pair,
        bias: bool,
        rng: random.Random | int | None,
    ) -> None:
        name = type(self).__name__
        self.nin, nout = as_integer(nin, f"{name}: nin", 1), as_integer(nout, f"{name}: nout", 1)
        self.size, self.stride, self.padding = size, stride, padding
        rng = generator(rng)
        inputs = self.nin * size[0] * size[1]
        self.weight = drawn(rng, inputs, nout, self.nin, *self._shape())
        self.bias = drawn(rng, inputs, nout) if as_flag(bias, f"{name}: bias") else None

    def _shape(self) -> tuple[int, ...]:
        """That of the weights for one channel."""
        return self.size

    def _image(self, image: Any) -> list[list[list[Any]]]:
        """For each channel an image, of one for each channel."""
        image = self._checked(image)
        (above, beside), (height, width) = self.padding, self.size
        empty = [0.0] * (len(image[0][0]) + 2 * beside)
        padded = [
            [
                *[empty] * above,
                *[[*[0.0] * beside, *row, *[0.0] * beside] for row in channel],
                *[empty] * above,
            ]
            for channel in image
        ]
        if len(padded[0]) < height or len(empty) < width:
            raise ValueError(
                f"{self!r}: what it is given, {len(padded[0])} x {len(empty)} with its padding, is"
                f" smaller than the weights, {height} x {width}"
            )
        (down, right) = self.stride
        windows = [
            [
                [
                    x
                    for channel in padded
                    for row in channel[top : top + height]
                    for x in row[left : left + width]
                ]
                for left in range(0, len(empty) - width + 1, right)
            ]
            for top in range(0, len(padded[0]) - height + 1, down)
        ]
        found = []
        for i, weights in enumerate(self.weight):
            flat = _flat(weights)
            sums: Any = [[dot(flat, window) for window in row] for row in windows]
            if self.bias is not None:
                sums = [[x + self.bias[i] for x in row] for row in sums]
            found.append(sums)
        return found

    def _checked(self, image: Any) -> list[list[Row]]:
        """The image, whose rows are Values and floats and have one length."""
        expected = f"{self!r}: expected {self.nin} channels, each {self.takes},"
        if not _is_list(image):
            raise TypeError(f"{expected} got {describe(image)}")
        if len(image) != self.nin:
            raise ValueError(f"{expected} got {len(image)}")
        for channel in image:
            if not _is_list(channel) or not all(map(_is_list, channel)):
                odd = channel[0] if self.takes == Conv1d.takes else channel
                raise TypeError(f"{expected} got a channel that is {describe(odd)}")
        shapes = {tuple(map(len, channel)) for channel in image}
        if len(shapes) != 1 or len(set(*shapes)) != 1:
            what = "there are no rows" if shapes == {()} else "rows differ in length"
            raise ValueError(f"{expected} but {what}")
        return [[checked_row(row, len(row), self) for row in channel] for channel in image]

    def _shown(self, size: Any, stride: Any, padding: Any) -> str:
        options = f", stride={stride}" if stride not in (1, (1, 1)) else ""
        options += f", padding={padding}" if padding not in (0, (0, 0)) else ""
        options += ", bias=False" if self.bias is None else ""
        return f"{type(self).__name__}({self.nin}, {len(self.weight)}, {size}{options})"


class Conv1d(_Convolution):
    """At each place of a signal the weighted sum of what is around it, the same weights everywhere.

    Args:
        nin: how many channels the signal has.
        nout: how many the result has.
        size: how many places a sum is over.
        stride: how far apart these are.
        padding: how many zeros stand before and after the signal.
        bias: whether there are biases.
        rng: where the weights are drawn from: a `random.Random`, a seed, or `None` for the
            generator of the module `random`.

    Attributes:
        weight: `nout` times `nin` times `size` Values.
        bias: `nout` Values, or `None`.

    Raises:
        ValueError: a size is out of its range.
        TypeError: an argument is of the wrong kind.

    Source: Waibel et al., "Phoneme recognition using time-delay neural networks" (1989).

    >>> layer = Conv1d(1, 2, 3, padding=1, rng=0)
    >>> [len(channel) for channel in layer([[1.0, 2.0, 3.0, 4.0]])]
    [4, 4]
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        size: int,
        *,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
        rng: random.Random | int | None = None,
    ) -> None:
        size = as_integer(size, "Conv1d: size", 1)
        stride = as_integer(stride, "Conv1d: stride", 1)
        padding = as_integer(padding, "Conv1d: padding", 0)
        super().__init__(nin, nout, (1, size), (1, stride), (0, padding), bias, rng)

    takes = "a list of numbers"

    def _shape(self) -> tuple[int, ...]:
        return self.size[1:]

    def __call__(self, signal: Any) -> list[list[Any]]:
        """For each channel of the result a list of numbers.

        Args:
            signal: for each channel a list of numbers; of a single channel, its list itself.

        Raises:
            ValueError: there are other channels, they differ in length, or are too short.
        """
        if not _is_list(signal):
            return self._image(signal)  # which says what is expected
        channels = [signal] if len(signal) and is_number(signal[0]) else signal
        return [channel[0] for channel in self._image([[channel] for channel in channels])]

    def __repr__(self) -> str:
        return self._shown(self.size[1], self.stride[1], self.padding[1])


class Conv2d(_Convolution):
    """The same for an image: sums over rectangles.

    Args:
        nin: how many channels the image has.
        nout: how many the result has.
        size: the height and the width of the rectangle, or one number for both.
        stride: how far apart rectangles are, down and to the right.
        padding: how many zeros stand above and below, and on the left and the right.
        bias: whether there are biases.
        rng: as for `Conv1d`.

    Attributes:
        weight: `nout` times `nin` times height times width Values.
        bias: `nout` Values, or `None`.

    Raises:
        ValueError: a size is out of its range.
        TypeError: an argument is of the wrong kind.

    Source: LeCun et al., "Backpropagation applied to handwritten zip code recognition" (1989).

    >>> layer = Conv2d(1, 2, 2, rng=0)
    >>> image = [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]
    >>> [(len(channel), len(channel[0])) for channel in layer(image)]
    [(1, 2), (1, 2)]
    """

    takes = "a list of rows"

    def __init__(
        self,
        nin: int,
        nout: int,
        size: int | Pair,
        *,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        bias: bool = True,
        rng: random.Random | int | None = None,
    ) -> None:
        super().__init__(
            nin,
            nout,
            _pair("size", size, 1),
            _pair("stride", stride, 1),
            _pair("padding", padding, 0),
            bias,
            rng,
        )

    def __call__(self, image: Any) -> list[list[list[Any]]]:
        """For each channel of the result an image, a list of rows.

        Args:
            image: for each channel a list of rows of numbers.

        Raises:
            ValueError: there are other channels, rows differ in length, or are too few or short.
        """
        return self._image(image)

    def __repr__(self) -> str:
        return self._shown(*[x[0] if x[0] == x[1] else x for x in self._sizes()])

    def _sizes(self) -> list[Pair]:
        return [self.size, self.stride, self.padding]


def _pair(name: str, given: Any, least: int) -> Pair:
    pair = list(given) if hasattr(given, "__iter__") else [given, given]
    if len(pair) != 2:
        raise ValueError(f"Conv2d: {name}: expected a number or two, got {describe(given)}")
    one, other = [as_integer(x, f"Conv2d: {name}", least) for x in pair]
    return one, other


def _is_list(x: Any) -> bool:
    """Whether it is a list of something, or an array."""
    is_kind = hasattr(x, "__len__") and hasattr(x, "__iter__") and getattr(x, "shape", None) != ()
    return is_kind and not isinstance(x, (str, bytes, *NO_ROW))


def _flat(x: Any) -> list[Any]:
    return [leaf for part in x for leaf in _flat(part)] if isinstance(x, list) else [x]
