"""This engine beside others, measured in one run."""
