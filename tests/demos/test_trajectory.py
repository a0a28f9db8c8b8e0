"""The trajectory demo: the motion keeps its energy, the solver arrives, and so does the pole."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from autograd import cos, jacrev, jvp
from demos.cart_pole import CART, GRAVITY, LENGTH, POLE, SwingUp, rates
from demos.trajectory import by_casadi, by_engine, solution_report, solve

numbers = st.floats(-3.0, 3.0)


def energy(state: Any) -> Any:
    """Of motion and of height, from the positions and speeds of both masses."""
    _, angle, speed, turning = state
    along = speed * speed + 2 * LENGTH * speed * turning * cos(angle) + (LENGTH * turning) ** 2
    return CART * speed**2 / 2 + POLE * along / 2 - POLE * GRAVITY * LENGTH * cos(angle)


@given(state=st.lists(numbers, min_size=4, max_size=4), force=numbers)
def test_energy_changes_by_the_work_of_the_force_alone(state: list[float], force: float) -> None:
    _, power = jvp(energy, (state,), (list(rates(state, force)),))
    assert power == pytest.approx(force * state[2], abs=1e-9)


@pytest.fixture(scope="module")
def solved() -> Any:
    problem = SwingUp(intervals=20)
    functions = by_engine(problem)
    return problem, functions, solve(problem, functions)


@pytest.mark.slow
def test_derivatives_are_the_dense_ones(solved: Any) -> None:
    problem, functions, _ = solved
    rng = np.random.default_rng(0)
    z, weights = rng.normal(size=len(problem.guess())), rng.normal(size=4 * problem.intervals)
    expected = jacrev(problem.defects)(z.tolist())
    assert functions.jacobian(z).toarray() == pytest.approx(np.array(expected), abs=1e-12)
    bend, step = functions.bend(z, weights).toarray(), 1e-5
    for k in range(0, len(z), 7):
        moved = np.eye(len(z))[k] * step
        slopes = [weights @ functions.jacobian(x).toarray() for x in (z + moved, z - moved)]
        assert bend[k] == pytest.approx((slopes[0] - slopes[1]) / (2 * step), abs=1e-5)
    assert len(functions.jacobian.sweeps) <= 8
    assert len(functions.bend.sweeps) == 2


def largest_error(problem: SwingUp, z: list[float]) -> float:
    """How far a state is from where the motion, solved finely, takes the state before it."""
    states, forces = problem.points(z)
    errors = []
    for k in range(problem.intervals):
        slope = (forces[k + 1] - forces[k]) / problem.step
        moved = solve_ivp(
            lambda t, y, k=k, slope=slope: rates(y.tolist(), forces[k] + slope * t),
            (0, problem.step),
            states[k],
            rtol=1e-9,
            atol=1e-12,
        )
        errors.append(np.abs(moved.y[:, -1] - states[k + 1]).max())
    return float(max(errors))


@pytest.mark.slow
def test_the_trajectory_is_a_motion_the_better_the_shorter_the_intervals(solved: Any) -> None:
    problem, _, solution = solved
    assert solution.is_optimal
    assert len(solution.costs) < 60
    ends = [problem.tip(state) for state in problem.points(solution.z)[0]]
    assert ends[0] == pytest.approx((0.0, -LENGTH))
    assert ends[-1] == pytest.approx((problem.distance, LENGTH))
    finer = SwingUp(intervals=40)
    found = solve(finer, by_engine(finer))
    assert found.cost == pytest.approx(solution.cost, rel=0.05)
    assert 4 * largest_error(finer, found.z) < largest_error(problem, solution.z) < 0.5


@pytest.mark.slow
def test_casadi_takes_the_solver_to_the_same_optimum(solved: Any) -> None:
    pytest.importorskip("casadi")
    problem, functions, solution = solved
    other = by_casadi(problem)
    same = solve(problem, other)
    assert same.cost == pytest.approx(solution.cost, rel=1e-9)
    assert len(same.costs) == len(solution.costs)
    assert same.z == pytest.approx(solution.z, abs=1e-6)
    assert "CasADi" in solution_report(problem, {functions: solution, other: same})


@pytest.mark.slow
def test_a_solver_without_iterations_has_not_arrived(solved: Any) -> None:
    problem, functions, _ = solved
    assert not solve(problem, functions, iterations=3).is_optimal
