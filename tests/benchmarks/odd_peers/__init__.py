"""Peers that programs must not be compared with."""
