"""How accurate every primitive is, measured: `python -m autograd.testing.accuracy`.

`measure` defines the error and its limit, and has what is public: `measure_all`, which measures
built-in primitives, and `measure`, which measures one of a user's own. It takes the operands from
`points`, the truth from `references`, and what excuses an error above the limit from `reasons`;
`report` makes a table of the results, and a page of the documentation.

Measuring needs mpmath, which the test extra installs.
"""
