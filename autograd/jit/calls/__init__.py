"""Calls of a compiled function: finding the right code, and guarding the captured state."""
