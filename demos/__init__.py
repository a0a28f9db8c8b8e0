"""Programs that a person runs: each trains something small, and shows what was learned."""
