"""What the standard library writes for dataclasses is watched where it is used."""

from __future__ import annotations

from dataclasses import dataclass

from autograd.jit import jit


def test_a_dataclass_that_cannot_be_a_key_is_watched_by_name_only() -> None:
    """Its data may be large: it is not compared at each call, unless the function reads it."""

    @dataclass(frozen=True)
    class Problem:
        rate: float
        rows: list[float]

    problem, table = Problem(0.5, [1.0]), {"a": 2.0}
    compiled = jit(lambda x: x * problem.rate * table["a"])
    assert compiled(3.0) == 3.0
    problem.rows.append(2.0)
    assert compiled(3.0) == 3.0
    assert compiled.stats["specialisations"] == 1
