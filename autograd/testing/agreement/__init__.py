"""Whether compiled functions do what plain ones do: random programs, numbers of every kind."""
