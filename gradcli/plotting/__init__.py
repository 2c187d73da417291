"""`gradcli plot`: a function and its derivatives over a range, as a picture.

`along` evaluates a program at any points of a range, `sampling` chooses them, `features` finds what is worth
a mark, `curves` makes a `Figure` (`figure`) of it; `surface` does the same for two inputs. Each file in
`canvas` draws a figure in one format.
"""
