"""`gradcheck` of a function of PyTorch: the derivative that `torch.autograd` gives, checked.

    import torch
    from autograd.testing.torch import gradcheck

    gradcheck(lambda x: (x * torch.sin(x)).sum(), (torch.tensor([1.0, 2.0]),))

It takes what `torch.autograd.gradcheck` takes, has no tolerance to choose, and says what is likely
wrong. Values are computed in double precision. This module needs PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.extras import missing
from autograd.number import describe
from autograd.testing.checking.findings import GradcheckResult
from autograd.testing.checking.gradcheck import gradcheck as check

try:
    import numpy as np
    import torch
except ImportError as error:
    raise ImportError(missing("autograd.testing.torch", "torch", ["torch", "numpy"])) from error

__all__ = ["gradcheck"]


def gradcheck(f: Callable[..., Any], inputs: Any, **options: Any) -> GradcheckResult:
    """Check the derivatives of a function of tensors.

    Args:
        f: called with tensors of double precision; returns a tensor, or several in a tuple or list.
        inputs: a tensor, or a tuple of tensors: where to check. Those of floats are differentiated;
            others are passed on.
        options: `inconclusive` and `method`, as for `autograd.testing.gradcheck`.

    Returns:
        The result of `autograd.testing.gradcheck`; `d out[1] / d args[0][2]` is a derivative of the
        result's number 1 in the third number of the first tensor of floats.

    Raises:
        GradientError: some derivative is wrong; it is an AssertionError too.
        InconclusiveError: some cannot be judged.
        TypeError: an input is no tensor, no tensor has floats, a result is no tensor of floats, or
            the function has parameters of single precision.

    >>> class Cube(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x**3
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return g * 3 * ctx.saved_tensors[0]  # should be squared
    >>> gradcheck(Cube.apply, torch.tensor([2.0]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    autograd.errors.GradientError: 1 of 1 derivatives disagree with finite differences
    ...
    """
    given = (inputs,) if isinstance(inputs, torch.Tensor) else tuple(_sequence(inputs))
    for i, x in enumerate(given):
        if not isinstance(x, torch.Tensor):
            raise TypeError(f"gradcheck: inputs[{i}]: expected a tensor, got {describe(x)}")
    places = [i for i, x in enumerate(given) if x.is_floating_point()]
    if not places:
        raise TypeError("gradcheck: expected a tensor of floats among the inputs, got none")

    def called(tensors: Sequence[Any]) -> Any:
        everything = list(given)
        for i, x in zip(places, tensors, strict=True):
            everything[i] = x.reshape(given[i].shape)
        try:
            return _flat(f(*everything))
        except RuntimeError as error:
            if "dtype" not in str(error):
                raise
            raise TypeError(
                f"gradcheck: {error}: f is called with tensors of double precision: a module of"
                " single precision is brought there by module.double()"
            ) from error

    def tensors(arrays: Sequence[Any], is_wanted: bool) -> list[Any]:
        return [
            torch.tensor(np.asarray(x, dtype=float), dtype=torch.float64, requires_grad=is_wanted)
            for x in arrays
        ]

    def values(*arrays: Any) -> Any:
        return called(tensors(arrays, is_wanted=False)).detach().numpy()

    def derivatives(*arrays: Any) -> Any:
        with torch.inference_mode(False), torch.enable_grad():  # whatever the caller is in
            leaves = tensors(arrays, is_wanted=True)
            rows = [_gradients(y, leaves) for y in called(leaves)]
        return tuple(np.array(column) for column in zip(*rows, strict=True))

    points = [given[i].detach().double().reshape(-1).numpy() for i in places]
    return check(values, points, derivative=derivatives, **options)


def _gradients(y: Any, leaves: list[Any]) -> list[Any]:
    if not y.requires_grad:
        return [np.zeros(len(x)) for x in leaves]
    found = torch.autograd.grad(y, leaves, retain_graph=True, allow_unused=True)
    return [
        np.zeros(len(x)) if g is None else g.detach().numpy()
        for g, x in zip(found, leaves, strict=True)
    ]


def _flat(out: Any) -> Any:
    """All numbers of the result in one tensor."""
    parts = list(out) if isinstance(out, tuple | list) else [out]
    for part in parts:
        if not isinstance(part, torch.Tensor) or not part.is_floating_point():
            raise TypeError(f"gradcheck: expected a tensor of floats as a result, got {part!r}")
    return torch.cat([part.reshape(-1) for part in parts])


def _sequence(x: Any) -> Sequence[Any]:
    if not isinstance(x, tuple | list):
        raise TypeError(f"gradcheck: expected a tensor or a tuple of them, got {describe(x)}")
    return x
