"""The first stages: the graph of Values that a function leaves, and that of its derivative."""
