"""Calls of a compiled function: finding the right code, and guarding the captured state.

A call comes in by `entry`, code written for one structure of its arguments, or by `calls`, which
tries the specialisations (`specialisation`, `compiled`) and traces the function if none applies.
What a call leaves in a graph is an `operation`.

A trace captures what the function reads from outside (`captured`):

- `named` reads in its bytecode which names count, and what it may ask without a name;
- `walk` goes from object to object, and writes a `guard`; a table says how to watch each kind
  (`watched_data`, `watched_classes`, `watched_objects`, `watched_functions`);
- `snapshot` puts back what the trace has changed; `effects` stops it before it does what cannot be
  put back, and `keys` before it uses a number as a key.

What cannot be watched is refused: the function runs plain, with one warning (`warnings`).
"""
