"""A peer whose gradient of the function of Rosenbrock is off by a millionth in one dimension."""

from benchmarks.job import Job
from benchmarks.peers import numpy_hand
from benchmarks.problems import Network, Point


def rosenbrock(problem: Point) -> Job:
    right = numpy_hand.rosenbrock(problem)

    def state() -> list[float]:
        gradient = list(right.state())
        gradient[7] *= 1 + 1e-6
        return gradient

    return Job(right.step, state)


def xor(problem: Network) -> Job:
    raise OverflowError("too much for this peer")
