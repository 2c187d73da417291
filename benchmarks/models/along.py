"""Work along a dim: scans, slices, orders."""

from __future__ import annotations

from benchmarks.models import Model

RUNNING = """
c = cumsum(x, 0)
loss = sum((c[1::2] - 0.5*c[::2])**2)/len(x)
"""


def running(m, x):
    """Running sums, and every other one of them."""
    c = m.cumsum(x, 0)
    return ((c[1::2] - 0.5 * c[::2]) ** 2).sum() / len(x)


ORDERED = """
s = sort(x).values
loss = sum((s[1:] - s[:-1])**2*w)
"""


def ordered_torch(m, x, w):
    """Weighted squares of the gaps between numbers in order."""
    s = m.sort(x).values
    return ((s[1:] - s[:-1]) ** 2 * w).sum()


def ordered_jax(np, x, w):
    """The same."""
    s = np.sort(x)
    return ((s[1:] - s[:-1]) ** 2 * w).sum()


SMOOTH = """
d = x[1:-1, 1:-1]
loss = sum((4*d - x[:-2, 1:-1] - x[2:, 1:-1] - x[1:-1, :-2] - x[1:-1, 2:])**2) + sum((x - y)**2)
"""


def smooth(m, x, y):
    """A picture that is to be smooth and near another: five slices of one array."""
    d = x[1:-1, 1:-1]
    around = x[:-2, 1:-1] + x[2:, 1:-1] + x[1:-1, :-2] + x[1:-1, 2:]
    return ((4 * d - around) ** 2).sum() + ((x - y) ** 2).sum()


MODELS = (
    Model("running sums", RUNNING, running, running, lambda n: ({"x": (n,)}, {}), (1000, 10**6), lambda n: n),
    Model(
        "sorted gaps",
        ORDERED,
        ordered_torch,
        ordered_jax,
        lambda n: ({"x": (n,)}, {"w": (n - 1,)}),
        (1000, 10**6),
        lambda n: n,
    ),
    Model(
        "smooth picture",
        SMOOTH,
        smooth,
        smooth,
        lambda n: ({"x": (n, n)}, {"y": (n, n)}),
        (30, 1000),
        lambda n: n * n,
    ),
)
