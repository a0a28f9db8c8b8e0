"""How accurate every primitive is, measured: `python -m autograd.testing.accuracy`.

`measure` defines the error and its limit, and the public functions: `measure_all` for built-in
primitives, `measure` for a user-defined one. Operands come from `points`, exact results from
`references`, the reasons for errors above the limit from `reasons`; `report` makes a table of the
results, and a page of the documentation.

Measuring needs mpmath, which the test extra installs.
"""
