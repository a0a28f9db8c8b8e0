"""What happens step by step."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax


def lorenz(p: Array, steps: int) -> Array:
    """A vector carried from step to step."""
    sigma, rho, beta = p[:3]
    h = 0.01

    def slope(u: Array) -> Array:
        x, y, z = u
        return jnp.stack([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])

    def turn(u: Array, _: None) -> tuple[Array, None]:
        a = slope(u)
        b = slope(u + h / 2 * a)
        c = slope(u + h / 2 * b)
        d = slope(u + h * c)
        return u + h / 6 * (a + 2 * b + 2 * c + d), None

    end = lax.scan(turn, p[3:], None, length=steps)[0]
    return end @ end


def neural_ode(w1: Array, b1: Array, w2: Array, b2: Array, start: Array, path: Array) -> Array:
    """The network in arrays, the steps in a scan."""
    dt = 0.1

    def slope(x: Array) -> Array:
        return w2 @ jnp.tanh(w1 @ x + b1) + b2

    def turn(x: Array, goal: Array) -> tuple[Array, Array]:
        k1 = slope(x)
        k2 = slope(x + dt / 2 * k1)
        k3 = slope(x + dt / 2 * k2)
        k4 = slope(x + dt * k3)
        x = x + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return x, ((x - goal) ** 2).sum()

    return lax.scan(turn, start, path)[1].sum()


def mpc(controls: Array, start: Array) -> Array:
    """The states of a scan; then the cost of all at once."""
    dt = 0.1

    def turn(state: Array, control: Array) -> tuple[Array, Array]:
        x, y, heading, speed = state
        pedal, steer = control
        state = jnp.stack(
            [
                x + dt * speed * jnp.cos(heading),
                y + dt * speed * jnp.sin(heading),
                heading + dt * speed / 2.5 * jnp.tan(steer),
                speed + dt * pedal,
            ]
        )
        return state, state

    x, y, _, speed = lax.scan(turn, start, controls)[1].T
    pedal, steer = controls.T
    cost = (x - 0.5 * dt * jnp.arange(len(controls))) ** 2 + (y - jnp.sin(0.2 * x)) ** 2
    return (cost + 0.1 * (speed - 5) ** 2 + 0.01 * pedal**2 + 0.1 * steer**2).sum()
