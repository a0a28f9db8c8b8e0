"""Programs that a person runs: each trains something small, and shows what was learned.

`python -m demos` lists them.
"""

from autograd.extras import explain_missing

explain_missing(
    "the demo", "demos", ("typer", "tqdm", "matplotlib", "numpy", "sklearn", "pygraphviz")
)
