"""The middle stage: graphs as parallel lists of operations, and the passes that simplify them."""
