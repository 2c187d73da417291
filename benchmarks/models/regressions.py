"""Regressions."""

from __future__ import annotations

from benchmarks.models import Model, Whole

CLASSES = "loss = cross_entropy(x @ w + b, y)"


def classes_torch(m, w, b, x, y):
    """Softmax regression."""
    return m.nn.functional.cross_entropy(x @ w + b, y)


def classes_jax(np, w, b, x, y):
    """The same."""
    from jax.nn import log_softmax

    return -np.take_along_axis(log_softmax(x @ w + b, 1), y[:, None], 1).mean()


LOGISTIC = """
z = x @ w + b
loss = mean(softplus(z) - sigmoid(y)*z) + 0.01*sum(w**2)
"""


def logistic_torch(m, w, b, x, y):
    """Logistic regression with a penalty."""
    z = x @ w + b
    return (m.nn.functional.softplus(z) - m.sigmoid(y) * z).mean() + 0.01 * (w**2).sum()


def logistic_jax(np, w, b, x, y):
    """The same."""
    from jax.nn import sigmoid, softplus

    z = x @ w + b
    return (softplus(z) - sigmoid(y) * z).mean() + 0.01 * (w**2).sum()


POISSON = """
z = x @ w + b
loss = mean(exp(z) - y**2*z)
"""


def poisson(m, w, b, x, y):
    """Poisson regression."""
    z = x @ w + b
    return (m.exp(z) - y**2 * z).mean()


MODELS = (
    Model(
        "softmax regression",
        CLASSES,
        classes_torch,
        classes_jax,
        lambda n: ({"w": (50, 100), "b": (100,)}, {"x": (n, 50), "y": Whole((n,), 100)}),
        (50, 10_000),
        lambda n: 100 * n,
    ),
    Model(
        "logistic regression",
        LOGISTIC,
        logistic_torch,
        logistic_jax,
        lambda n: ({"w": (20,), "b": ()}, {"x": (n, 20), "y": (n,)}),
        (100, 50_000),
        lambda n: 20 * n,
    ),
    Model(
        "Poisson regression",
        POISSON,
        poisson,
        poisson,
        lambda n: ({"w": (50,), "b": ()}, {"x": (n, 50), "y": (n,)}),
        (100, 10_000),
        lambda n: 50 * n,
        {"w": 0.1},
    ),
)
