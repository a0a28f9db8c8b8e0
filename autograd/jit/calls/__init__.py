"""How a call of a compiled function finds its code, and what of the function may change."""
