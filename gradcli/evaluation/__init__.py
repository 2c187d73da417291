"""`evaluate` and `compile`: inputs, one run, its result, compiled programs."""
