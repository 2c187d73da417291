"""Derivatives as formulas: from the tape to an expression tree, to laws, to text in several syntaxes.

`tree` is what is printed, `recording` turns tape into a sum (`normal`) of products (`terms`) by the table
of `rules`; `laws` between sums (`identities`), `writing`, `forms` and `reading` make it short, `proof`
compares it with what `eval` computes, `printers` write it. The command line and Python call `api`, which
puts one question to `asked`.
"""
