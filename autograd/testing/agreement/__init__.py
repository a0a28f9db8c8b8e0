"""Checks that compiled functions equal plain ones: random programs, numbers of every kind."""
