"""Generators of odd input, deterministic by seed: what they make ends in a result or a GradcliError.

One module a generator, as the table in `__main__` names them. Each offers `case(random)`, which gives a
`cases.Case`. `python -m tests.fuzz NAME --number N --seed S` runs many, the tests a few.
"""
