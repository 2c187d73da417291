"""From arrays to text: tables, plain text, JSON, CSV, diagnostics and PyTorch's `print`.

The command line and the interpreter call the modules here; they know arrays and plain data, no tape.
"""
