"""Answers recorded from PyTorch, the scripts that record them, and the tests that replay them."""
