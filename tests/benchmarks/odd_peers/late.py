"""A peer whose value is another one from the twentieth call on."""

from benchmarks.job import Job
from benchmarks.programs import ours_plain


def prepare(program, points):
    calls = 0

    def counted(job):
        def step():
            nonlocal calls
            calls += 1
            job.step()

        def state():
            value, *others = job.state()
            return [value + (calls >= 20), *others]

        return Job(step, state)

    return [counted(job) for job in ours_plain.prepare(program, points)]
