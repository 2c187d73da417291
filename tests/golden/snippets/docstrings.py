"""Module docstring.

More."""
import torch
def f(x):
    """
    Doc.
    """
    return x
def g(x):
    '''doc'''
    # comment only
    y = x  # trailing

    return y
print(f(1), g(2))
