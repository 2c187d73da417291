"""Linear algebra."""

from __future__ import annotations

from benchmarks.models import Model

GAUSSIAN = """
n = len(a)
L = linalg.cholesky(a @ a.T/n + eye(n, dtype=float64))
z = linalg.solve_triangular(L, x.T, upper=False)
loss = 0.5*sum(z**2) + len(x)*sum(log(diagonal(L)))
"""


def gaussian_torch(m, a, x):
    """The likelihood of points under a Gaussian with a full covariance."""
    n = len(a)
    low = m.linalg.cholesky(a @ a.T / n + m.eye(n, dtype=m.float64))
    z = m.linalg.solve_triangular(low, x.T, upper=False)
    return 0.5 * (z**2).sum() + len(x) * m.log(m.diagonal(low)).sum()


def gaussian_jax(np, a, x):
    """The same."""
    from jax.scipy.linalg import solve_triangular

    n = len(a)
    low = np.linalg.cholesky(a @ a.T / n + np.eye(n))
    z = solve_triangular(low, x.T, lower=True)
    return 0.5 * (z**2).sum() + len(x) * np.log(np.diagonal(low)).sum()


PROCESS = """
n = len(x)
z = x/exp(k)
g = sum(z*z, 1)
K = exp(s - 0.5*(g[:, None] + g - 2*(z @ z.T))) + exp(e)*eye(n, dtype=float64)
L = linalg.cholesky(K)
v = linalg.solve_triangular(L, y[:, None], upper=False)
loss = 0.5*sum(v**2) + sum(log(diagonal(L)))
"""


def process_torch(m, k, s, e, x, y):
    """The marginal likelihood of a Gaussian process with a squared exponential kernel."""
    z = x / m.exp(k)
    g = (z * z).sum(1)
    cov = m.exp(s - 0.5 * (g[:, None] + g - 2 * (z @ z.T))) + m.exp(e) * m.eye(len(x), dtype=m.float64)
    low = m.linalg.cholesky(cov)
    v = m.linalg.solve_triangular(low, y[:, None], upper=False)
    return 0.5 * (v**2).sum() + m.log(m.diagonal(low)).sum()


def process_jax(np, k, s, e, x, y):
    """The same."""
    from jax.scipy.linalg import solve_triangular

    z = x / np.exp(k)
    g = (z * z).sum(1)
    cov = np.exp(s - 0.5 * (g[:, None] + g - 2 * (z @ z.T))) + np.exp(e) * np.eye(len(x))
    low = np.linalg.cholesky(cov)
    v = solve_triangular(low, y[:, None], lower=True)
    return 0.5 * (v**2).sum() + np.log(np.diagonal(low)).sum()


FACTORS = "loss = sum(sigmoid(k)*(r - u @ v.T)**2) + 0.1*(sum(u**2) + sum(v**2))"


def factors(sigmoid, u, v, r, k):
    """A matrix as the product of two thin ones, by the entries that count."""
    return (sigmoid(k) * (r - u @ v.T) ** 2).sum() + 0.1 * ((u**2).sum() + (v**2).sum())


def factors_torch(m, u, v, r, k):
    """With PyTorch's sigmoid."""
    return factors(m.sigmoid, u, v, r, k)


def factors_jax(np, u, v, r, k):
    """With JAX's."""
    from jax.nn import sigmoid

    return factors(sigmoid, u, v, r, k)


MODELS = (
    Model(
        "Gaussian likelihood",
        GAUSSIAN,
        gaussian_torch,
        gaussian_jax,
        lambda n: ({"a": (n, n)}, {"x": (n // 2, n)}),
        (20, 200),
        lambda n: n * n,
    ),
    Model(
        "matrix factorisation",
        FACTORS,
        factors_torch,
        factors_jax,
        lambda n: ({"u": (n, 20), "v": (n // 2, 20)}, {"r": (n, n // 2), "k": (n, n // 2)}),
        (40, 1000),
        lambda n: n * n // 2,
    ),
    Model(
        "Gaussian process",
        PROCESS,
        process_torch,
        process_jax,
        lambda n: ({"k": (3,), "s": (), "e": ()}, {"x": (n, 3), "y": (n,)}),
        (30, 300),
        lambda n: n * n,
    ),
)
