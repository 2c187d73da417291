"""How many small faults in the rules would the tests notice? `python -m tests.mutation` asks; CI does not."""
