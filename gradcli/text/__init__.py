"""Numbers and tensors as text; below everything that prints."""
