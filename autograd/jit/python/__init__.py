"""The last stage for small programs: straight-line Python."""
