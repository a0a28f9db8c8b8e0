"""What the programs compute with: arguments as nested lists, and what is fixed for a problem.

Each function takes the size and returns a `Problem`. What a size counts is said there. All data are
drawn from a fixed seed, so that each process makes the same for itself.
"""

from __future__ import annotations

import math
import random
from typing import Any, NamedTuple


class Problem(NamedTuple):
    """A program's arguments.

    Attributes:
        arguments: numbers, or nested lists of them.
        settings: what is no number to compute with (counts, indexes), as keywords; fixed when a
            program is compiled.
    """

    arguments: tuple[Any, ...]
    settings: dict[str, Any]


def normals(seed: int, *shape: int, scale: float = 1.0) -> Any:
    """Nested lists of normally distributed numbers, of this shape."""
    rng = random.Random(seed)

    def draw(shape: tuple[int, ...]) -> Any:
        if not shape:
            return scale * rng.gauss(0.0, 1.0)
        return [draw(shape[1:]) for _ in range(shape[0])]

    return draw(shape)


def walk(seed: int, steps: int) -> list[float]:
    """A random walk."""
    path, position = [], 0.0
    for step in normals(seed, steps):
        position += step
        path.append(position)
    return path


def _of(*arguments: Any, **settings: Any) -> Problem:
    return Problem(arguments, settings)


def black_scholes(size: int) -> Problem:
    """So many strikes."""
    return _of([100.0, 0.03, 0.2, 1.0, *(95.0 + 2.0 * i for i in range(size))])


def asian_option(size: int) -> Problem:
    """So many paths of 50 steps."""
    return _of([100.0, 100.0, 0.03, 0.2], normals(1, size, 50))


def discounted_sum(size: int) -> Problem:
    """So many payments."""
    rng = random.Random(2)
    return _of([90.0, 0.004], [0.5 + rng.random() for _ in range(size)])


def garch(size: int) -> Problem:
    """So many returns."""
    return _of([1e-6, 0.08, 0.9], normals(3, size, scale=0.01))


def kalman(size: int) -> Problem:
    """So many observations."""
    return _of([0.1, 0.05, 1.0], walk(4, size))


def hmm(size: int) -> Problem:
    """So many observations, of 5 states."""
    return _of(normals(5, 5, 5), [-2.0, -1.0, 0.0, 1.0, 2.0], normals(6, size))


def logistic_regression(size: int) -> Problem:
    """So many rows, of 10 features."""
    targets = [float(z > 0) for z in normals(7, size)]
    return _of(normals(8, 11), normals(9, size, 10), targets)


def gaussian_process(size: int) -> Problem:
    """So many points of a sine."""
    rng = random.Random(10)
    xs = sorted(5 * rng.random() for _ in range(size))
    return _of([0.1, -0.1, -2.0], xs, [math.sin(x) for x in xs])


def curve(size: int) -> Problem:
    """So many points."""
    xs = [5.0 * i / size for i in range(size)]
    return _of([1.0, 1.0, 0.1], xs, [2.0 * math.exp(-0.7 * x) + 0.3 for x in xs])


def lorenz(size: int) -> Problem:
    """So many steps of a hundredth."""
    return _of([10.0, 28.0, 8 / 3, 1.0, 1.0, 1.0], steps=size)


def neural_ode(size: int) -> Problem:
    """So many steps around the circle, by 16 hidden units."""
    circle = [[math.cos(0.1 * k), math.sin(0.1 * k)] for k in range(1, size + 1)]
    w1, b1 = normals(11, 16, 2, scale=0.5), normals(12, 16, scale=0.1)
    return _of(w1, b1, normals(13, 2, 16, scale=0.3), [0.1, -0.1], [1.0, 0.0], circle)


def nbody(size: int) -> Problem:
    """So many bodies."""
    rng = random.Random(14)
    return _of(normals(15, size, 3), [0.5 + rng.random() for _ in range(size)])


def mpc(size: int) -> Problem:
    """So many steps of a tenth of a second."""
    return _of(normals(16, size, 2, scale=0.05), [0.1, 0.2, 0.05, 4.0])


def shooting(size: int) -> Problem:
    """So many points of a trajectory."""
    return _of(normals(17, size, 6, scale=0.3))


def bundle(size: int) -> Problem:
    """So many points, seen by 5 cameras."""
    poses = normals(19, 5, 6, scale=0.1)
    points = [[x, y, z + 6.0] for x, y, z in normals(20, size, 3)]
    return _of(poses, points, normals(18, size, 5, 2))


def power_flow(size: int) -> Problem:
    """So many buses: a tree, and half as many lines again."""
    rng = random.Random(21)
    lines = [(i, rng.randrange(i)) for i in range(1, size)]
    for _ in range(size // 2):
        i, j = rng.sample(range(size), 2)
        lines.append((i, j))
    admittances = [[2 * rng.random(), 10 * rng.random()] for _ in lines]
    voltages = [1.0 + 0.05 * z for z in normals(22, size)]
    angles, active, reactive = (normals(seed, size, scale=0.1) for seed in (23, 24, 25))
    return _of(voltages, angles, active, reactive, admittances, lines=lines)


def lstm(size: int) -> Problem:
    """A sequence of so many pairs, and 8 units, or fewer where the sequence is shorter."""
    units = min(8, size)
    return _of(normals(26, 4 * units, units + 3, scale=0.3), normals(27, size, 2))


def attention(size: int) -> Problem:
    """So many tokens of that width, or of 16 where there are more."""
    width = min(16, size)
    return _of(normals(28, 3, width, width, scale=0.25), normals(29, size, width))


def convolution(size: int) -> Problem:
    """A square image of that side, and two filters of 5 x 5."""
    return _of(normals(30, 2, 5, 5, scale=0.2), normals(31, size, size))


def soft_dtw(size: int) -> Problem:
    """Two walks of so many steps."""
    return _of(walk(32, size), walk(33, size))


def ctc(size: int) -> Problem:
    """So many frames over a blank and 11 letters, and a text of 10, or fewer to fit the frames."""
    letters, length = 12, min(10, size // 3)
    rng = random.Random(34)
    text = [rng.randrange(1, letters) for _ in range(length)]
    return _of(normals(35, size, letters), text=text)


def ising(size: int) -> Problem:
    """A square of that side."""
    return _of(normals(36, size, size), 0.5)
