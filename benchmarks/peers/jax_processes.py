"""Several processes that make the steps of one job together, over the loopback.

The process that is timed starts the others and gives them the problem. They make step after step,
of which each waits for that of the first; they end when it does.

    python -P -m benchmarks.peers.jax_processes MODULE ADDRESS NUMBER < PROBLEM
"""

from __future__ import annotations

import importlib
import os
import pickle
import socket
import subprocess
import sys
import threading

import jax

from benchmarks.problems import Shared

_others: list[subprocess.Popen[bytes]] = []
"""They end where what is here is no longer open."""


def meet(problem: Shared, module: str) -> None:
    """Start the other processes, each for the job `joint` of a module, and wait for all."""
    if problem.processes == 1 or jax.distributed.is_initialized():
        return
    with socket.create_server(("localhost", 0)) as server:
        address = f"localhost:{server.getsockname()[1]}"
    for number in range(1, problem.processes):
        command = [sys.executable, "-P", "-m", __name__, module, address, str(number)]
        other = subprocess.Popen(command, stdin=subprocess.PIPE)
        assert other.stdin is not None
        pickle.dump(problem, other.stdin)
        other.stdin.flush()
        _others.append(other)
    jax.distributed.initialize(address, problem.processes, 0, initialization_timeout=60)


def main() -> None:
    """Make steps until the first process ends."""
    module, address, number = sys.argv[1:]
    problem: Shared = pickle.load(sys.stdin.buffer)

    def end() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=end, daemon=True).start()
    jax.distributed.initialize(address, problem.processes, int(number), initialization_timeout=60)
    job = importlib.import_module(module).joint(problem)
    while True:
        job.step()


if __name__ == "__main__":
    main()
