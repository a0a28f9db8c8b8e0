"""A peer that cannot do it."""


def prepare(program, points):
    raise OverflowError("too much for this peer")
