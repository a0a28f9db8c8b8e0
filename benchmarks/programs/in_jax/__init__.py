"""The programs as users of JAX write them: arrays where there are rows, `scan` where turns need the
one before. Modules and functions have the names of the plain ones.

A function is differentiated as a whole, but for `NAME_jacobian`: JAX has no sparse Jacobians, and
who knows the blocks differentiates these and puts them where they belong.
"""
