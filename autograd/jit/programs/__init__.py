"""The middle stage: graphs as parallel lists of operations, and what makes them smaller."""
