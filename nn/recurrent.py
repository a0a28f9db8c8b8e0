"""`RNNCell`, `GRUCell` and `LSTMCell`: one turn of a recurrent network.

A cell takes the inputs of a turn and the state that the last one left. The loop over turns is
Python's, or `autograd.scan`, which compiles its body once:

>>> from autograd import scan
>>> cell = GRUCell(1, 3, rng=0)
>>> def turn(state, row):
...     state = cell(row, state)
...     return state, None
>>> state, _ = scan(turn, [0.0] * 3, [[0.5], [1.0], [-1.0]])
>>> len(state)
3

Names and shapes of the weights are PyTorch's: `weight_ih` has the rows of all gates, one gate after
the other.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from autograd import sigmoid, tanh
from autograd.number import as_flag, as_integer, describe
from nn.initializers import generator
from nn.matrices import Row, drawn, linear
from nn.module import Module
from nn.sizes import checked_row


class _Cell(Module):
    """What the cells have in common: the weights, and the weighted sums of all gates."""

    gates = 1

    def __init__(
        self,
        nin: int,
        size: int,
        *,
        bias: bool = True,
        rng: random.Random | int | None = None,
    ) -> None:
        name = type(self).__name__
        nin, size = as_integer(nin, f"{name}: nin", 1), as_integer(size, f"{name}: size", 1)
        rng = generator(rng)
        rows = self.gates * size
        self.size = size
        self.weight_ih = drawn(rng, size, rows, nin)
        self.weight_hh = drawn(rng, size, rows, size)
        has_bias = as_flag(bias, f"{name}: bias")
        self.bias_ih = drawn(rng, size, rows) if has_bias else None
        self.bias_hh = drawn(rng, size, rows) if has_bias else None

    def _sums(self, inputs: Iterable[Any], state: Any) -> tuple[Row, list[Row], list[Row]]:
        """The state as a row, and the weighted sums of inputs and of state, a row a gate."""
        row = checked_row(inputs, len(self.weight_ih[0]), self)
        before = [0.0] * self.size if state is None else checked_row(state, self.size, self)
        return (
            before,
            self._by_gate(linear(self.weight_ih, row, self.bias_ih)),
            self._by_gate(linear(self.weight_hh, before, self.bias_hh)),
        )

    def _by_gate(self, sums: Row) -> list[Row]:
        return [sums[i : i + self.size] for i in range(0, len(sums), self.size)]

    def __repr__(self) -> str:
        bias = "" if self.bias_ih is not None else ", bias=False"
        return f"{type(self).__name__}({len(self.weight_ih[0])}, {self.size}{bias})"


class RNNCell(_Cell):
    """`tanh` of weighted sums of the inputs and the state.

    Args:
        nin: the number of inputs.
        size: how many numbers the state has.
        bias: whether there are biases.
        rng: where the weights are drawn from: a `random.Random`, a seed, or `None` for the
            generator of the module `random`.

    Raises:
        ValueError: a size is not positive.
        TypeError: an argument is of the wrong kind.

    Source: Elman, "Finding structure in time" (1990).

    >>> len(RNNCell(2, 3, rng=0)([1.0, 2.0]))
    3
    """

    def __call__(self, inputs: Iterable[Any], state: Iterable[Any] | None = None) -> Row:
        """The next state.

        Args:
            inputs: `nin` numbers.
            state: the last state; `None` for zeros.

        Raises:
            ValueError: one has another length.
            TypeError: something is not a number.
        """
        _, (a,), (b,) = self._sums(inputs, state)
        return [tanh(x + y) for x, y in zip(a, b, strict=True)]


class GRUCell(_Cell):
    """A gated recurrent unit: gates decide how much of the state is read, and how much is kept.

    Arguments are those of `RNNCell`; gates stand in the order reset, update, new.

    Source: Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
    machine translation" (2014), eq. 5 to 8, with the reset after the product, as in PyTorch.

    >>> len(GRUCell(2, 3, rng=0)([1.0, 2.0]))
    3
    """

    gates = 3

    def __call__(self, inputs: Iterable[Any], state: Iterable[Any] | None = None) -> Row:
        """The next state; arguments and errors as of `RNNCell`."""
        before, of_inputs, of_state = self._sums(inputs, state)
        found = []
        for h, ri, zi, ni, rh, zh, nh in zip(before, *of_inputs, *of_state, strict=True):
            reset, update = sigmoid(ri + rh), sigmoid(zi + zh)
            new = tanh(ni + reset * nh)
            found.append((1 - update) * new + update * h)
        return found


class LSTMCell(_Cell):
    """Long short-term memory: a memory beside the state, which gates write, keep and read.

    Arguments are those of `RNNCell`; gates stand in the order input, forget, cell, output.

    Source: Hochreiter and Schmidhuber, "Long short-term memory" (1997); Gers, Schmidhuber and
    Cummins, "Learning to forget" (2000), for the forget gate.

    >>> state, memory = LSTMCell(2, 3, rng=0)([1.0, 2.0])
    >>> len(state), len(memory)
    (3, 3)
    """

    gates = 4

    def __call__(
        self, inputs: Iterable[Any], state: tuple[Iterable[Any], Iterable[Any]] | None = None
    ) -> tuple[Row, Row]:
        """The next state, and the next memory.

        Args:
            inputs: `nin` numbers.
            state: the last state and memory; `None` for zeros.

        Raises:
            ValueError: one has another length.
            TypeError: something is not a number.
        """
        pair = (None, None) if state is None else state
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(
                f"{self!r}: expected the state and the memory, a pair of rows, got"
                f" {describe(pair)}: write cell(row, (state, memory))"
            )
        before, memory = pair
        _, of_inputs, of_state = self._sums(inputs, before)
        kept = [0.0] * self.size if memory is None else checked_row(memory, self.size, self)
        states, memories = [], []
        for c, ii, fi, gi, oi, ih, fh, gh, oh in zip(kept, *of_inputs, *of_state, strict=True):
            memories.append(sigmoid(fi + fh) * c + sigmoid(ii + ih) * tanh(gi + gh))
            states.append(sigmoid(oi + oh) * tanh(memories[-1]))
        return states, memories
