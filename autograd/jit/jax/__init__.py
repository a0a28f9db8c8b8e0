"""The stage that lowers programs to JAX: for accelerators and many hosts, and for JAX itself.

`lax_table` has what each operation is there, `lax_rules` its derivative, which is its own rule,
traced (`traced_rules`); `staging` makes array operations and loops of a program, and `evaluation`
computes them on JAX's arrays. `lower_jax` is the backend. `pure` is `autograd.as_jax`: `pytrees`
and `static_arguments` say what it is given, `checks` what it raises.
"""
