"""Elementwise work, and sums over short dims."""

from __future__ import annotations

from benchmarks.models import Model

MIXTURE = """
z = (x[:, None] - m)/exp(s)
loss = -sum(logsumexp(log_softmax(w, 0) - s - 0.5*z**2, 1))
"""


def mixture_torch(m_, x, w, m, s):
    """The negative log likelihood of points under ten Gaussians."""
    z = (x[:, None] - m) / m_.exp(s)
    return -m_.logsumexp(m_.log_softmax(w, 0) - s - 0.5 * z**2, 1).sum()


def mixture_jax(np, x, w, m, s):
    """The same."""
    from jax.nn import log_softmax
    from jax.scipy.special import logsumexp

    z = (x[:, None] - m) / np.exp(s)
    return -logsumexp(log_softmax(w, 0) - s - 0.5 * z**2, 1).sum()


DISTANCES = """
d = x[:, None] - x[None]
r = sqrt(sum(d*d, 2) + eye(len(x), dtype=float64))
loss = sum(1/r)
"""


def distances_torch(m, x):
    """The potential of points in space."""
    d = x[:, None] - x[None]
    return (1 / m.sqrt((d * d).sum(2) + m.eye(len(x), dtype=m.float64))).sum()


def distances_jax(np, x):
    """The same."""
    d = x[:, None] - x[None]
    return (1 / np.sqrt((d * d).sum(2) + np.eye(len(x)))).sum()


MEANS = """
d = sum((x[:, None] - c)**2, 2)
loss = sum(amin(d, 1))
"""


def means_torch(m, c, x):
    """The squared distances to the nearest of some centres."""
    return ((x[:, None] - c) ** 2).sum(2).amin(1).sum()


def means_jax(np, c, x):
    """The same."""
    return ((x[:, None] - c) ** 2).sum(2).min(1).sum()


POWERS = "loss = sum(where(x > 0, abs(x)**2.5, exp(x) - 1))"


def powers(m, x):
    """A power on one side, an exponential on the other."""
    return m.where(x > 0, m.abs(x) ** 2.5, m.exp(x) - 1).sum()


BRANCHES = "loss = sum(where(x > 0, x**2.5, exp(x) - 1))"


def branches_torch(m, x):
    """The same without the absolute value: the other side of the choice is nan."""
    return m.where(x > 0, x**2.5, m.exp(x) - 1).sum()


def branches_jax(np, x):
    """The same; JAX's gradient would be nan, so the base is made safe, as its users have to."""
    return np.where(x > 0, np.where(x > 0, x, 1.0) ** 2.5, np.exp(x) - 1).sum()


OPTIONS = """
a = 0.2*exp(0.1*v)
d1 = (log(exp(0.1*s)/exp(0.1*k)) + 0.02 + 0.5*a*a)/a
d2 = d1 - a
c = 0.7071067811865476
loss = sum(exp(0.1*s)*0.5*(1 + erf(d1*c)) - exp(0.1*k - 0.02)*0.5*(1 + erf(d2*c)))
"""


def options(m, erf, s, v, k):
    """Black and Scholes' prices of calls."""
    a = 0.2 * m.exp(0.1 * v)
    d1 = (m.log(m.exp(0.1 * s) / m.exp(0.1 * k)) + 0.02 + 0.5 * a * a) / a
    d2 = d1 - a
    root = 0.7071067811865476
    first = m.exp(0.1 * s) * 0.5 * (1 + erf(d1 * root))
    return (first - m.exp(0.1 * k - 0.02) * 0.5 * (1 + erf(d2 * root))).sum()


def options_torch(m, s, v, k):
    """With PyTorch's erf."""
    return options(m, m.erf, s, v, k)


def options_jax(np, s, v, k):
    """With JAX's."""
    from jax.scipy.special import erf

    return options(np, erf, s, v, k)


MODELS = (
    Model(
        "mixture",
        MIXTURE,
        mixture_torch,
        mixture_jax,
        lambda n: ({"w": (10,), "m": (10,), "s": (10,)}, {"x": (n,)}),
        (300, 100_000),
        lambda n: 10 * n,
    ),
    Model(
        "pair distances",
        DISTANCES,
        distances_torch,
        distances_jax,
        lambda n: ({"x": (n, 3)}, {}),
        (30, 500),
        lambda n: 3 * n * n,
    ),
    Model("powers", POWERS, powers, powers, lambda n: ({"x": (n,)}, {}), (1000, 10**6), lambda n: n),
    Model(
        "two branches",
        BRANCHES,
        branches_torch,
        branches_jax,
        lambda n: ({"x": (n,)}, {}),
        (1000, 10**6),
        lambda n: n,
        compared=False,  # PyTorch's gradient is nan where the power has no derivative
    ),
    Model(
        "Black-Scholes",
        OPTIONS,
        options_torch,
        options_jax,
        lambda n: ({"s": (n,), "v": (n,)}, {"k": (n,)}),
        (1000, 10**6),
        lambda n: n,
    ),
    Model(
        "k means",
        MEANS,
        means_torch,
        means_jax,
        lambda n: ({"c": (16, 3)}, {"x": (n, 3)}),
        (100, 20_000),
        lambda n: 48 * n,
    ),
)
