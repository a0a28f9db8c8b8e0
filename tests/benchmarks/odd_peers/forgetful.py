"""A peer that computes with the numbers of its first call for ever."""

from benchmarks.programs import ours_plain


def prepare(program, points):
    return ours_plain.prepare(program, [points[0]] * len(points))
