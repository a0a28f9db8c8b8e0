"""The first stages: the graph of Values that a function makes, and that of its derivative."""
