"""The values of the language that are neither tensors nor Python's own, and how they print and convert."""
