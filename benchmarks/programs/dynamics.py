"""What happens step by step: differential equations, and a car that is driven."""

from __future__ import annotations

from typing import Any

from autograd import cos, sin, tan, tanh


def lorenz(p: Any, steps: int) -> Any:
    """Lorenz's equations, by the method of Runge and Kutta of order 4; the squared end.

    Lorenz, "Deterministic nonperiodic flow" (1963), equations 25 to 27. Kutta, "Beitrag zur
    näherungsweisen Integration totaler Differentialgleichungen" (1901).
    """
    sigma, rho, beta, x, y, z = p
    h = 0.01

    def slope(x: Any, y: Any, z: Any) -> Any:
        return sigma * (y - x), x * (rho - z) - y, x * y - beta * z

    for _ in range(steps):
        a = slope(x, y, z)
        b = slope(x + h / 2 * a[0], y + h / 2 * a[1], z + h / 2 * a[2])
        c = slope(x + h / 2 * b[0], y + h / 2 * b[1], z + h / 2 * b[2])
        d = slope(x + h * c[0], y + h * c[1], z + h * c[2])
        x = x + h / 6 * (a[0] + 2 * b[0] + 2 * c[0] + d[0])
        y = y + h / 6 * (a[1] + 2 * b[1] + 2 * c[1] + d[1])
        z = z + h / 6 * (a[2] + 2 * b[2] + 2 * c[2] + d[2])
    return x * x + y * y + z * z


def neural_ode(w1: Any, b1: Any, w2: Any, b2: Any, start: Any, path: Any) -> Any:
    """A network as the slope of a differential equation: how far its solution is from a path.

    Chen, Rubanova, Bettencourt and Duvenaud, "Neural ordinary differential equations" (2018);
    differentiated step by step, not by their adjoint method.
    """

    def slope(x: Any) -> Any:
        h = [tanh(b + row[0] * x[0] + row[1] * x[1]) for row, b in zip(w1, b1, strict=True)]
        out = []
        for row, b in zip(w2, b2, strict=True):
            s = b
            for w, v in zip(row, h, strict=True):
                s = s + w * v
            out.append(s)
        return out

    x, dt, loss = start, 0.1, 0.0
    for goal in path:
        k1 = slope(x)
        k2 = slope([a + dt / 2 * k for a, k in zip(x, k1, strict=True)])
        k3 = slope([a + dt / 2 * k for a, k in zip(x, k2, strict=True)])
        k4 = slope([a + dt * k for a, k in zip(x, k3, strict=True)])
        x = [x[i] + dt / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]) for i in range(2)]
        loss = loss + (x[0] - goal[0]) ** 2 + (x[1] - goal[1]) ** 2
    return loss


def mpc(controls: Any, start: Any) -> Any:
    """The cost of the controls of a car, pedal and steering angle at each step.

    The kinematic bicycle model: Rajamani, "Vehicle dynamics and control" (2012), section 2.2, with
    the reference point at the rear axle.
    """
    x, y, heading, speed = start
    dt, cost = 0.1, 0.0
    for k, (pedal, steer) in enumerate(controls):
        x, y, heading, speed = (
            x + dt * speed * cos(heading),
            y + dt * speed * sin(heading),
            heading + dt * speed / 2.5 * tan(steer),
            speed + dt * pedal,
        )
        cost = cost + (x - 0.5 * k * dt) ** 2 + (y - sin(0.2 * x)) ** 2
        cost = cost + 0.1 * (speed - 5) ** 2 + 0.01 * pedal * pedal + 0.1 * steer * steer
    return cost
