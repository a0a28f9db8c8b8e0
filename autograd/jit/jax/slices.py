"""Numbers at places of an array: as slices of it, where the places are regular.

XLA computes a slice on the way, together with what reads it, while an index is a copy, and its
derivative adds numbers up one by one.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from autograd.jit.arrays.views import View, factors, strided


def sliced(flat: Any, index: Any) -> Any:
    """The numbers at an index, in its shape.

    Args:
        flat: an array of JAX with one axis.
        index: an array of NumPy.
    """
    shape = index.shape
    if shape == flat.shape and (index == range(len(index))).all():
        return flat
    view = strided(index)
    if view is None and (found := factors(index.reshape(-1))) is not None:
        view = strided(index.reshape(found))
    found_slice = _slice(flat, view.normalised()) if view is not None else None
    if found_slice is None:
        return flat.at[index].get(mode="promise_in_bounds")
    return found_slice.reshape(shape)


def _slice(flat: Any, view: View) -> Any:
    """The numbers of a view; None where its axes overlap."""
    lengths = zip(view.shape, view.strides, strict=True)
    axes = [(stride, n, axis) for axis, (n, stride) in enumerate(lengths)]
    moving = sorted((axis for axis in axes if axis[0]), key=lambda axis: -abs(axis[0]))
    start = view.start + sum(stride * (n - 1) for stride, n, _ in moving if stride < 0)
    reach = [abs(stride) * (n - 1) for stride, n, _ in moving]
    if any(sum(reach[i + 1 :]) >= abs(moving[i][0]) for i in range(len(moving))):
        return None
    found = flat[start : start + sum(reach) + 1]
    for place, (stride, n, _) in enumerate(moving):
        step, last = abs(stride), found.ndim - 1
        if place == len(moving) - 1:
            found = lax.slice_in_dim(found, 0, step * (n - 1) + 1, step, axis=last)
            continue
        short = n * step - found.shape[-1]
        if short > 0:
            found = lax.pad(found, jnp.zeros((), found.dtype), [(0, 0, 0)] * last + [(0, short, 0)])
        elif short < 0:
            found = lax.slice_in_dim(found, 0, n * step, axis=last)
        found = found.reshape(*found.shape[:-1], n, step)
    if not moving:
        found = found.reshape(())
    backwards = [place for place, (stride, _, _) in enumerate(moving) if stride < 0]
    if backwards:
        found = lax.rev(found, backwards)
    order = [axis for _, _, axis in moving]
    found = lax.transpose(found, sorted(range(len(order)), key=order.__getitem__))
    return lax.broadcast_in_dim(found, view.shape, sorted(order))
