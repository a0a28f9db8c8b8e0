"""The first stages: the program that a function computes, and that of its derivative."""
