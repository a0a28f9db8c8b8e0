"""Derivatives from values alone, each with an estimate of its own error.

`differences` is what users call, with a table of methods: `ridders` (the default, which
extrapolates in a `tableau`), those of `one_step`, and the `complex_step`. They evaluate a function
along `lines` through a point, and give `estimates`; `noise` says how much of a function's values is
rounding.
"""
