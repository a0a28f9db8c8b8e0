"""Programs of single numbers, as people of the field write them, beside other ways to do the same.

    python -m benchmarks programs

Each program is a function with Python loops over numbers, written with no compiler in mind. CasADi
runs the same source on its symbols. For JAX it is written with arrays and its loops (`in_jax`), for
numba with its derivatives worked out (`by_hand`).

To add a program: a function in one of the modules beside this one, its data in `data.py`, an entry
here, and a function of the same name in `in_jax` and `by_hand`, or a reason.
"""

from __future__ import annotations

from benchmarks.programs import (
    alignments,
    data,
    dynamics,
    energies,
    finance,
    inference,
    networks,
    residuals,
)
from benchmarks.programs.program import Program

SECOND = {"numba": "second derivatives of a recurrence are not reasonably worked out by hand"}

PROGRAMS = {
    program.name: program
    for program in (
        Program(
            "black_scholes",
            "Black-Scholes, 1 strike",
            finance.black_scholes,
            data.black_scholes,
            size=1,
            small=3,
        ),
        Program(
            "black_scholes_hessian",
            "its Hessian",
            finance.black_scholes,
            data.black_scholes,
            size=1,
            small=2,
            derivative="hessian",
            without={"numba": "fifteen second derivatives are not reasonably worked out by hand"},
        ),
        Program(
            "asian_option",
            "Asian option, 100 paths of 50 steps",
            finance.asian_option,
            data.asian_option,
            size=100,
            small=4,
        ),
        Program(
            "discounted_sum",
            "120 discounted payments",
            finance.discounted_sum,
            data.discounted_sum,
            size=120,
            small=9,
            wrt=(0, 1),
        ),
        Program(
            "garch", "GARCH(1,1), 1,000 returns", inference.garch, data.garch, size=1000, small=12
        ),
        Program(
            "kalman",
            "Kalman filter, 200 observations",
            inference.kalman,
            data.kalman,
            size=200,
            small=8,
        ),
        Program(
            "hmm",
            "HMM of 5 states, 100 observations",
            inference.hmm,
            data.hmm,
            size=100,
            small=4,
            wrt=(0, 1),
        ),
        Program(
            "logistic_regression",
            "logistic regression, 1,000 rows of 10",
            inference.logistic_regression,
            data.logistic_regression,
            size=1000,
            small=12,
        ),
        Program(
            "gaussian_process",
            "Gaussian process, 30 points",
            inference.gaussian_process,
            data.gaussian_process,
            size=30,
            small=5,
        ),
        Program(
            "curve_jacobian",
            "exponential curve, 100 points: Jacobian",
            residuals.curve,
            data.curve,
            size=100,
            small=7,
            derivative="jacobian",
        ),
        Program(
            "lorenz",
            "Lorenz, 250 Runge-Kutta steps",
            dynamics.lorenz,
            data.lorenz,
            size=250,
            small=6,
        ),
        Program(
            "neural_ode",
            "neural ODE, 16 units, 20 steps",
            dynamics.neural_ode,
            data.neural_ode,
            size=20,
            small=2,
            wrt=(0, 1, 2, 3),
        ),
        Program("nbody_20", "20 bodies", energies.nbody, data.nbody, size=20, small=4),
        Program("nbody_50", "50 bodies", energies.nbody, data.nbody, size=50, small=3),
        Program("mpc", "car, 50 steps", dynamics.mpc, data.mpc, size=50, small=5),
        Program(
            "mpc_hessian",
            "car, 10 steps: Hessian",
            dynamics.mpc,
            data.mpc,
            size=10,
            small=3,
            derivative="hessian",
            without=SECOND,
        ),
        Program(
            "shooting_jacobian",
            "multiple shooting, 50 points: Jacobian",
            residuals.shooting,
            data.shooting,
            size=50,
            small=4,
            derivative="jacobian",
        ),
        Program(
            "bundle_jacobian",
            "bundle adjustment, 50 points: Jacobian",
            residuals.bundle,
            data.bundle,
            size=50,
            small=2,
            wrt=(0, 1),
            derivative="jacobian",
        ),
        Program(
            "power_flow_jacobian",
            "power flow, 100 buses: Jacobian",
            residuals.power_flow,
            data.power_flow,
            size=100,
            small=6,
            wrt=(0, 1),
            derivative="jacobian",
        ),
        Program("lstm", "LSTM of 8 units, 50 pairs", networks.lstm, data.lstm, size=50, small=2),
        Program(
            "attention",
            "attention, 16 tokens of width 16",
            networks.attention,
            data.attention,
            size=16,
            small=3,
        ),
        Program(
            "convolution",
            "convolution, 2 filters over 28 x 28",
            networks.convolution,
            data.convolution,
            size=28,
            small=8,
        ),
        Program(
            "soft_dtw",
            "soft-DTW of 40 by 40",
            alignments.soft_dtw,
            data.soft_dtw,
            size=40,
            small=5,
            wrt=(0, 1),
        ),
        Program("ctc", "CTC, 40 frames, 10 letters", alignments.ctc, data.ctc, size=40, small=7),
        Program(
            "ising",
            "Ising mean field, 24 x 24",
            energies.ising,
            data.ising,
            size=24,
            small=3,
            wrt=(0, 1),
        ),
    )
}
