"""A pole is swung up by a cart: an optimal trajectory, by exact sparse derivatives.

    python -m demos.trajectory

The motion is written one number at a time (`demos.cart_pole`). A solver of SciPy, `trust-constr`,
asks for the Jacobian of its equations and the Hessian of their weighted sum; `sparse_jacobian` and
`sparse_hessian` compute what is not 0 in them, in as many sweeps as the patterns have colours,
compiled. Where CasADi is installed, the same solver is given the same problem with its derivatives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import numpy as np
import typer
from scipy.optimize import NonlinearConstraint, minimize

from autograd import dot, jit, sparse_hessian, sparse_jacobian, value_and_grad
from demos.cart_pole import SwingUp
from demos.program import Out, fail, positive, program, written
from demos.trajectory_pictures import save_convergence, save_path, save_patterns

FEASIBLE = 1e-8  # equations are met if they are nearer to 0 than this
SAME = 1e-6  # two costs nearer than this, of their size, are of the same optimum
REPEATS = 200  # so many calls of a function are timed


@dataclass(frozen=True)
class Functions:
    """What the solver asks for, of a vector of unknowns.

    Attributes:
        name: who computes them.
        cost: the value and the gradient of the cost.
        curvature: its Hessian, sparse.
        defects: the equations.
        jacobian: their Jacobian, sparse.
        bend: of unknowns and weights, the Hessian of the weighted sum of the equations, sparse.
        seconds: how long it took until each was ready.
    """

    name: str
    cost: Callable[[Any], Any]
    curvature: Callable[[Any], Any]
    defects: Callable[[Any], Any]
    jacobian: Any
    bend: Any
    seconds: float = field(default=0.0)


def by_engine(problem: SwingUp) -> Functions:
    """The functions, by this engine, compiled."""

    def bent(z: Any, weights: Any) -> Any:
        return dot(list(weights), problem.defects(z))

    begun = perf_counter()
    made = {
        "cost": jit(value_and_grad(problem.cost), compile_after=0),
        "curvature": jit(sparse_hessian(problem.cost), compile_after=0),
        "defects": jit(lambda z: np.array(problem.defects(z)), compile_after=0),
        "jacobian": jit(sparse_jacobian(problem.defects), compile_after=0),
        "bend": jit(sparse_hessian(bent), compile_after=0),
    }
    return called("chainrule", made, problem, begun)


def by_casadi(problem: SwingUp) -> Functions:
    """The functions, by CasADi.

    Raises:
        ImportError: it is not installed.
    """
    casadi = import_module("casadi")
    begun = perf_counter()
    z = casadi.SX.sym("z", len(problem.guess()))
    numbers = [z[k] for k in range(z.numel())]
    cost = problem.cost(numbers)
    defects = casadi.vertcat(*problem.defects(numbers, casadi.sin, casadi.cos))
    weights = casadi.SX.sym("weights", defects.numel())
    curvature, slope = casadi.hessian(cost, z)
    both = casadi.Function("cost", [z], [cost, slope])
    parts = {
        "curvature": casadi.Function("curvature", [z], [curvature]),
        "jacobian": casadi.Function("jacobian", [z], [casadi.jacobian(defects, z)]),
        "bend": casadi.Function(
            "bend", [z, weights], [casadi.hessian(casadi.dot(weights, defects), z)[0]]
        ),
    }
    equations = casadi.Function("defects", [z], [defects])

    def value_and_slope(x: Any) -> Any:
        value, gradient = both(x)
        return float(value), gradient.full().ravel()

    def sparse(f: Any) -> Callable[..., Any]:
        return lambda *args: f(*args).sparse().tocsr()

    made = {name: sparse(f) for name, f in parts.items()}
    made |= {"cost": value_and_slope, "defects": lambda x: equations(x).full().ravel()}
    return called("CasADi", made, problem, begun)


def called(name: str, made: dict[str, Any], problem: SwingUp, begun: float) -> Functions:
    """The functions, each called twice: what is compiled is traced first."""
    functions = Functions(name, **made)
    for f, args in arguments(functions, problem) * 2:
        f(*args)
    return Functions(name, **made, seconds=perf_counter() - begun)


def arguments(functions: Functions, problem: SwingUp) -> list[tuple[Any, tuple[Any, ...]]]:
    """Each function, and numbers to call it with."""
    z = np.array(problem.guess())
    weights = np.ones(4 * problem.intervals)
    plain = functions.cost, functions.curvature, functions.defects, functions.jacobian
    return [*((f, (z,)) for f in plain), (functions.bend, (z, weights))]


@dataclass(frozen=True)
class Solution:
    """What the solver found.

    Attributes:
        z: the unknowns.
        cost: the cost there.
        defect: the largest defect that is left.
        costs: the cost after each iteration.
        defects: the largest defect after each iteration.
        seconds: how long it took.
        is_optimal: whether the solver says so, and the equations are met.
    """

    z: list[float]
    cost: float
    defect: float
    costs: list[float]
    defects: list[float]
    seconds: float
    is_optimal: bool


def solve(problem: SwingUp, functions: Functions, iterations: int = 300) -> Solution:
    """The trajectory of least cost, by SciPy's `trust-constr`.

    Source: Lalee, Nocedal and Plantenga, "On the implementation of an algorithm for large-scale
    equality constrained optimization" (1998).
    """
    costs: list[float] = []
    defects: list[float] = []

    def note(z: Any, state: Any) -> None:
        costs.append(float(state.fun))
        defects.append(float(state.constr_violation))

    equations = NonlinearConstraint(
        functions.defects, 0.0, 0.0, jac=functions.jacobian, hess=functions.bend
    )
    begun = perf_counter()
    found = minimize(
        functions.cost,
        np.array(problem.guess()),
        jac=True,
        hess=functions.curvature,
        method="trust-constr",
        constraints=equations,
        callback=note,
        options={"gtol": 1e-8, "xtol": 1e-10, "maxiter": iterations},
    )
    seconds = perf_counter() - begun
    defect = float(found.constr_violation)
    is_optimal = found.status in (1, 2) and defect < FEASIBLE
    cost = float(found.fun)
    return Solution(found.x.tolist(), cost, defect, costs, defects, seconds, is_optimal)


def microseconds(f: Any, args: tuple[Any, ...]) -> float:
    """How long a call takes: the least of many."""
    best = float("inf")
    for _ in range(REPEATS):
        begun = perf_counter()
        f(*args)
        best = min(best, perf_counter() - begun)
    return best * 1e6


def structure_report(problem: SwingUp, functions: Functions) -> str:
    """What the derivatives are like, as text."""
    lines = [
        f"1. {len(problem.guess())} unknowns, {4 * problem.intervals} equations:"
        f" {problem.intervals} intervals in {problem.seconds:g} s",
        "",
        "     derivative                      rows x columns    not 0    sweeps",
    ]
    for name, made in (
        ("Jacobian of the equations", functions.jacobian),
        ("Hessian of their weighted sum", functions.bend),
    ):
        rows, columns = made.pattern.shape
        size = f"{rows} x {columns}"
        lines.append(f"     {name:<30}{size:>16}{made.pattern.nnz:9}{len(made.sweeps):10}")
    return "\n".join(lines)


def solution_report(problem: SwingUp, found: dict[Functions, Solution]) -> str:
    """What was found by each, as text."""
    lines = [
        "2. trust-constr of SciPy, with the derivatives of each",
        "",
        "     derivatives   iterations            cost   largest defect   made in   solved in",
    ]
    for functions, solution in found.items():
        lines.append(
            f"     {functions.name:<12}{len(solution.costs):12}{solution.cost:16.9f}"
            f"{solution.defect:17.1e}{functions.seconds:8.2f} s{solution.seconds:10.2f} s"
        )
    lines += ["", "     microseconds a call    cost  its Hessian  equations  Jacobian  Hessian"]
    for functions in found:
        times = [microseconds(f, args) for f, args in arguments(functions, problem)]
        lines.append(
            f"     {functions.name:<20}{times[0]:7.0f}{times[1]:13.0f}{times[2]:11.0f}"
            f"{times[3]:10.0f}{times[4]:9.0f}"
        )
    return "\n".join(lines)


app = program()


@app.command()
def main(
    intervals: Annotated[int, typer.Option(min=2, help="Parts of the time.")] = 25,
    seconds: Annotated[float, typer.Option(callback=positive, help="Time it may take.")] = 2.0,
    iterations: Annotated[
        int, typer.Option(min=1, help="Iterations of the solver, at most.")
    ] = 300,
    out: Out = Path("out/trajectory"),
) -> None:
    """Swing a pole up with the least force, by a solver with exact sparse derivatives.

    Writes path.png, pattern.png and convergence.png. The exit code is 1 if the solver did not
    arrive, or if it arrives elsewhere with the derivatives of CasADi, where that is installed.
    """
    problem = SwingUp(intervals, seconds)
    engine = by_engine(problem)
    print(structure_report(problem, engine))
    found = {engine: solve(problem, engine, iterations)}
    try:
        other = by_casadi(problem)
        found[other] = solve(problem, other, iterations)
    except ImportError:
        other = None
    print("\n" + solution_report(problem, found))
    if other is None:
        print("\n     With CasADi installed (pip install casadi), it stands beside.")
    solution = found[engine]
    out.mkdir(parents=True, exist_ok=True)
    written(
        [
            save_path(problem, solution.z, out / "path.png"),
            save_patterns(
                {
                    "Jacobian of the equations": engine.jacobian,
                    "Hessian of their weighted sum": engine.bend,
                },
                out / "pattern.png",
            ),
            save_convergence(solution.costs, solution.defects, out / "convergence.png"),
        ]
    )
    faults = []
    if not solution.is_optimal:
        faults.append(
            f"Not solved: after {len(solution.costs)} iterations the largest defect is"
            f" {solution.defect:.1e}. Try more --iterations, or other --intervals."
        )
    costs = [x.cost for x in found.values() if x.is_optimal]
    if costs and max(costs) - min(costs) > SAME * max(costs):
        faults.append("The derivatives of CasADi lead to another optimum.")
    if faults:
        fail(*faults)


if __name__ == "__main__":
    app()
