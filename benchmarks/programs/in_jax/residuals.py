"""Functions of many results, and the blocks of which their Jacobians are made."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array


def curve(p: Array, xs: Array, ys: Array) -> Array:
    """All points at once."""
    return p[0] * jnp.exp(-p[1] * xs) + p[2] - ys


def _moved(point: Array) -> Array:
    x, y, heading, speed, pedal, steer = point
    dt = 0.1
    return jnp.stack(
        [
            x + dt * speed * jnp.cos(heading),
            y + dt * speed * jnp.sin(heading),
            heading + dt * speed / 2.5 * jnp.tan(steer),
            speed + dt * pedal,
        ]
    )


def shooting_jacobian(points: Array) -> Array:
    """A block of 4 x 6 for each step, and ones where it should lead."""
    steps = len(points) - 1
    blocks = jax.vmap(jax.jacfwd(_moved))(points[:-1])
    dense = jnp.zeros((steps, 4, steps + 1, 6))
    k = jnp.arange(steps)
    dense = dense.at[k, :, k, :].set(-blocks)
    dense = dense.at[k, :, k + 1, :].set(jnp.eye(4, 6))
    return dense.reshape(4 * steps, -1)


def _error(pose: Array, point: Array, pixel: Array) -> Array:
    angle = jnp.linalg.norm(pose[:3])
    axis = pose[:3] / angle
    turned = point * jnp.cos(angle) + jnp.cross(axis, point) * jnp.sin(angle)
    seen = turned + axis * (axis @ point) * (1 - jnp.cos(angle)) + pose[3:]
    flat = seen[:2] / seen[2]
    r2 = flat @ flat
    return 500 * (1 + 0.1 * r2 + 0.01 * r2 * r2) * flat - pixel


def bundle_jacobian(poses: Array, points: Array, pixels: Array) -> tuple[Array, Array]:
    """Blocks of 2 x 6 and 2 x 3 for each point and camera."""
    by_both = jax.jacfwd(_error, argnums=(0, 1))
    by_camera = jax.vmap(by_both, in_axes=(0, None, 0))
    of_pose, of_point = jax.vmap(by_camera, in_axes=(None, 0, 0))(poses, points, pixels)
    count, cameras = pixels.shape[:2]
    i, j = jnp.arange(count), jnp.arange(cameras)
    in_poses = jnp.zeros((count, cameras, 2, cameras, 6)).at[:, j, :, j, :]
    in_points = jnp.zeros((count, cameras, 2, count, 3)).at[i, :, :, i, :]
    return (
        in_poses.set(of_pose.transpose(1, 0, 2, 3)).reshape(count * cameras * 2, -1),
        in_points.set(of_point).reshape(count * cameras * 2, -1),
    )


def _flow(ends: Array, admittance: Array) -> Array:
    """Active power into a line at both ends, then reactive power, by voltages and angles."""
    vi, vj, ai, aj = ends
    g, b = admittance
    c, s = jnp.cos(ai - aj), jnp.sin(ai - aj)
    return jnp.stack(
        [
            vi * vi * g - vi * vj * (g * c - b * s),
            vj * vj * g - vi * vj * (g * c + b * s),
            vi * vi * b - vi * vj * (g * s + b * c),
            vj * vj * b - vi * vj * (b * c - g * s),
        ]
    )


def power_flow_jacobian(
    voltages: Array,
    angles: Array,
    active: Array,
    reactive: Array,
    admittances: Array,
    lines: Sequence[tuple[int, int]],
) -> Array:
    """A block of 4 x 4 for each line, added up."""
    n = len(voltages)
    i, j = np.array(lines).T
    ends = jnp.stack([voltages[i], voltages[j], angles[i], angles[j]], axis=1)
    blocks = jax.vmap(jax.jacfwd(_flow))(ends, admittances)
    at = np.stack([i, j, n + i, n + j], axis=1)
    return jnp.zeros((2 * n, 2 * n)).at[at[:, :, None], at[:, None, :]].add(blocks)
