"""This engine beside others, measured in one run."""

from autograd.extras import explain_missing

explain_missing("python -m benchmarks", "bench", ("typer", "tqdm", "numpy", "matplotlib", "pyperf"))
