"""Derivatives as formulas: from the tape to an expression tree, to laws, to text in several syntaxes.

`tree` is what is printed, `recording` turns tape into it, `normal` and `laws` make it short, `proof`
compares it with what `eval` computes, `printers` writes it. The command line and Python call `api`.
"""
