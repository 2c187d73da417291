"""How gradcli's time grows with the size of the work: one work for each size, and an exponent fitted to them.

There are no contenders: the bar is on the exponent, 1 for linear.
"""

from __future__ import annotations

from functools import partial

from benchmarks.works import Work


def long_program(size):
    """A program of so many statements, each of which reads the one before."""
    import gradcli

    text = "y0 = x\n" + "\n".join(f"y{at} = y{at - 1}*1.0001 + 0.5" for at in range(1, size))
    return lambda: gradcli.evaluate(text, {"x": 1.0}).grads


def long_expression(size):
    """A sum of so many terms."""
    import gradcli

    text = " + ".join(f"sin({at}*x)" for at in range(size))
    return lambda: gradcli.evaluate(text, {"x": 1.0}).grads


def loop(size):
    """A `for` loop of so many turns."""
    import gradcli

    text = f"y = x\nfor i in range({size}):\n    y = y*1.0001 + 0.5\ny"
    return lambda: gradcli.evaluate(text, {"x": 1.0}, max_steps=0).grads


def elements(size):
    """Value and gradient over so many elements."""
    import numpy as np

    import gradcli

    x = np.linspace(-1.0, 1.0, size)
    program = gradcli.compile("sum(sin(x)*exp(-x**2) + tanh(x)*log1p(x**2))")

    def once():
        return program(x=x).grads["x"]

    once()
    return once


def lines(size):
    """So many programs in one call."""
    from benchmarks.works.programs import alike, gradcli_lines

    return gradcli_lines(alike, size)


CURVES = {
    "statements": (long_program, (1_000, 4_000, 16_000)),
    "terms": (long_expression, (1_000, 4_000, 16_000)),
    "turns of a loop": (loop, (2_000, 8_000, 32_000, 128_000)),
    "elements": (elements, (100_000, 400_000, 1_600_000, 6_400_000)),
    "lines": (lines, (2_000, 8_000, 32_000)),
}

WORKS = [
    Work(f"growth: {size:,} {curve}", {"gradcli": partial(build, size)}, curve=curve, size=size)
    for curve, (build, sizes) in CURVES.items()
    for size in sizes
]
