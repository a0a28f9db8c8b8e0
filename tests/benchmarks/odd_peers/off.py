"""A peer whose last derivative is off by a millionth, at the second point only."""

from benchmarks.job import Job
from benchmarks.programs import ours_plain


def prepare(program, points):
    jobs = ours_plain.prepare(program, points)

    def state():
        *others, last = jobs[-1].state()
        return [*others, last * (1 + 1e-6)]

    return [*jobs[:-1], Job(jobs[-1].step, state)]
