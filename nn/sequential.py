"""`Sequential`: modules one after the other; `Residual`: the input added to what a module makes.

`Flatten` stands between modules of images and modules of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakSet

from autograd.mapping import each
from autograd.number import describe, is_number
from autograd.random import Key, fold_in
from nn.activation_names import ACTIVATIONS, ROW_ACTIVATIONS
from nn.batch_norm import BatchNorm, batch_norms, of_batch
from nn.data import Rows, as_rows
from nn.dropout import check_reaches, takes_key
from nn.layers import MLP, Layer, Neuron
from nn.module import Module
from nn.normalization import LayerNorm, RMSNorm
from nn.sizes import NO_ROW


class Sequential(Module):
    """Each module, or function, takes what the one before returns.

    Those of `ACTIVATIONS` are applied to each number of it. What takes a row, a `Layer` or softmax,
    takes the number of a layer of one neuron as a row of one.

    Args:
        layers: modules, or functions such as `autograd.softmax`.

    Attributes:
        layers: the same, a list.

    Raises:
        TypeError: one of them cannot be called.

    >>> from autograd import softmax
    >>> from nn import Layer
    >>> model = Sequential(Layer(2, 3, activation="tanh", rng=0), Layer(3, 2, False), softmax)
    >>> round(sum(p.data for p in model([1.0, 2.0])), 12)
    1.0
    """

    def __init__(self, *layers: Callable[..., Any]) -> None:
        for i, layer in enumerate(layers):
            if isinstance(layer, type) or not callable(layer):
                raise TypeError(
                    f"Sequential: expected modules or functions, got {describe(layer)} as number"
                    f" {i}: write Sequential(Layer(2, 3), Layer(3, 1))"
                )
        self.layers = list(layers)

    def __call__(self, inputs: Any, key: Key | None = None) -> Any:
        """What the last module returns.

        Args:
            inputs: what the first takes.
            key: what modules and functions draw by that take a key, such as `Dropout`; each gets
                another.

        Raises:
            TypeError: a module has dropout, and takes no key.
        """
        outputs = inputs
        for i, layer in enumerate(self.layers):
            outputs = call(layer, outputs, None if key is None else fold_in(key, i))
        return outputs

    def on_batch(self, rows: Rows, key: Key | None = None) -> list[Any]:
        """What the last module returns for each row of a batch, in a training.

        It is what the calls with each row return, but for modules that need the whole batch, such
        as `BatchNorm`: their method `on_batch` gets it.

        Args:
            rows: those of the batch.
            key: what modules and functions draw by; each gets another for each row.

        Raises:
            TypeError: a module has a `BatchNorm` in it, and no such method.
        """
        outputs = as_rows(rows, "on_batch: rows")
        for i, layer in enumerate(self.layers):
            outputs = on_batch(layer, outputs, None if key is None else fold_in(key, i))
        return outputs

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(_shown, self.layers))})"


class Residual(Module):
    """The input plus what a module makes of it: what the module learns is the difference.

    Args:
        module: makes as many numbers as it takes.

    Raises:
        TypeError: it cannot be called.

    Source: He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (2015), eq. 1.

    >>> Residual(lambda row: [2 * x for x in row])([1.0, 2.0])
    [3.0, 6.0]
    """

    adds_inputs = True  # which `draw_model` draws

    def __init__(self, module: Callable[..., Any]) -> None:
        if isinstance(module, type) or not callable(module):
            raise TypeError(f"Residual: expected a module or a function, got {describe(module)}")
        self.module = module

    def __call__(self, inputs: Any, key: Key | None = None) -> Any:
        """The sum, in the structure of the inputs: a number, a row, or rows.

        Raises:
            ValueError: the module makes another number of numbers.
        """
        return _added(inputs, call(self.module, inputs, key))

    def on_batch(self, rows: Rows, key: Key | None = None) -> list[Any]:
        """The sums of the rows of a batch, in a training; see `Sequential.on_batch`."""
        given = as_rows(rows, "on_batch: rows")
        return each(lambda _, x, y: _added(x, y), given, on_batch(self.module, given, key))

    def __repr__(self) -> str:
        return f"Residual({_shown(self.module)})"


class Flatten(Module):
    """All numbers of rows of rows as one row, the last index the quickest: an image for a `Layer`.

    >>> from nn import Conv2d, Layer
    >>> model = Sequential(Conv2d(1, 2, 2, rng=0), Flatten(), Layer(4, 1, rng=1))
    >>> len(Flatten()(model.layers[0]([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])))
    4
    """

    def __call__(self, inputs: Any) -> list[Any]:
        """The row.

        Args:
            inputs: a number, a row, rows, and so on.

        Raises:
            TypeError: something is neither a number nor rows.
        """
        if is_number(inputs):
            return [inputs]
        if not _is_row(inputs):
            raise TypeError(f"Flatten: expected rows of numbers, got {describe(inputs)}")
        return [x for part in inputs for x in self(part)]

    def __repr__(self) -> str:
        return "Flatten()"


_OF_ROWS = (Neuron, Layer, MLP, LayerNorm, RMSNorm, BatchNorm)


def call(layer: Any, inputs: Any, key: Key | None) -> Any:
    """What a module or a function returns, called with a key if there is one and it takes it.

    Raises:
        TypeError: it has dropout, and takes no key.
    """
    if isinstance(layer, _OF_ROWS) or _is_one_of(layer, ROW_ACTIVATIONS):
        inputs = [inputs] if is_number(inputs) else inputs
    elif _is_one_of(layer, ACTIVATIONS):
        return _of_each(layer, inputs)
    if key is None:
        return layer(inputs)
    if not isinstance(layer, Module):
        return layer(inputs, key=key) if takes_key(layer, any_name=False) else layer(inputs)
    module: Any = layer
    kind: Any = type(module)
    if _takes_key(kind):
        return module(inputs, key=key)
    if module not in _without_dropout:
        check_reaches(module)
        _without_dropout.add(module)
    return module(inputs)


def on_batch(layer: Any, rows: Sequence[Any], key: Key | None) -> list[Any]:
    """What a module or a function returns for each row of a batch.

    Raises:
        TypeError: it has a `BatchNorm` in it, and no method `on_batch`.
    """
    if batch_norms(layer):
        if isinstance(layer, BatchNorm):
            rows = [[x] if is_number(x) else x for x in rows]
        return of_batch(layer)(rows, key=key)
    if key is None:
        return each(lambda _, row: call(layer, row, None), rows)
    return each(lambda _, row, i: call(layer, row, fold_in(key, i)), rows, range(len(rows)))


_without_dropout: WeakSet[Module] = WeakSet()


@lru_cache(maxsize=256)
def _takes_key(kind: Any) -> bool:
    """Whether modules of a class are called with a key."""
    return takes_key(kind.__call__)


def _is_one_of(function: Any, table: Mapping[str, Any]) -> bool:
    return any(function is known for known in table.values())


def _is_row(x: Any) -> bool:
    is_list = hasattr(x, "__len__") and not isinstance(x, (str, bytes, *NO_ROW))
    return is_list and getattr(x, "shape", None) != ()


def _of_each(function: Any, x: Any) -> Any:
    """A function of each number, in the structure of the rows that these are in."""
    return [_of_each(function, y) for y in x] if _is_row(x) else function(x)


def _added(x: Any, y: Any) -> Any:
    alone = is_number(x), is_number(y)
    if all(alone):
        return x + y
    are_rows = [*map(_is_row, (x, y))]
    if any(alone):  # a layer of one neuron returns its number itself
        row, other = (y, x) if alone[0] else (x, y)
        if any(are_rows) and len(row) == 1:
            return [_added(row[0], other)]
    elif all(are_rows) and len(x) == len(y):
        return [_added(a, b) for a, b in zip(x, y, strict=True)]
    raise ValueError(
        f"Residual: the module must return as many numbers as it is given, got {describe(x)} and"
        f" {describe(y)}"
    )


def _shown(layer: Any) -> str:
    return repr(layer) if isinstance(layer, Module) else getattr(layer, "__name__", repr(layer))
