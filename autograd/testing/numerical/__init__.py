"""Derivatives from values alone, each with an estimate of its error.

`differences` has the public functions and the table of methods: `ridders` (the default, which
extrapolates in a `tableau`), those of `one_step`, and the `complex_step`. They evaluate a function
along `lines` through a point, and give `estimates`; `noise` estimates the rounding in a function's
values.
"""
