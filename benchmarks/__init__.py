"""This engine beside others, measured in one run."""

try:
    from autograd.extras import explain_missing
except ModuleNotFoundError:  # in a process that measures HIPS autograd, which has the same name
    pass
else:
    needed = ("typer", "tqdm", "numpy", "matplotlib", "pyperf")
    explain_missing("python -m benchmarks", "bench", needed)
