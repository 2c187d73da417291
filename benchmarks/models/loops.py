"""Loops with equal turns."""

from __future__ import annotations

from benchmarks.models import Model

RECURRENT = """
h = zeros(x.shape[1], w.shape[0], dtype=float64)
for t in range(len(x)):
    h = tanh(x[t] @ u + h @ w + b)
loss = sum(h**2)
"""


def recurrent_torch(m, u, w, b, x):
    """A recurrent network."""
    h = m.zeros(x.shape[1], w.shape[0], dtype=m.float64)
    for t in range(len(x)):
        h = m.tanh(x[t] @ u + h @ w + b)
    return (h**2).sum()


def recurrent_jax(np, u, w, b, x):
    """The same."""
    h = np.zeros((x.shape[1], w.shape[0]))
    for t in range(len(x)):
        h = np.tanh(x[t] @ u + h @ w + b)
    return (h**2).sum()


FILTER = """
m = zeros(2, dtype=float64)
P = eye(2, dtype=float64)
I = eye(2, dtype=float64)
Q = exp(q)*I
r = exp(s)
h = stack([c, 1 - c])
loss = 0
for t in range(len(y)):
    m = A @ m
    P = A @ P @ A.T + Q
    v = y[t] - h @ m
    S = h @ P @ h + r
    k = P @ h/S
    m = m + k*v
    P = P - k[:, None]*(h @ P)
    loss = loss + 0.5*(v*v/S + log(S))
"""


def filtered(m, mean, cov, A, noise, r, h, seen):
    """One step of the filter: mean and covariance after it, and what it adds to the loss."""
    mean = A @ mean
    cov = A @ cov @ A.T + noise
    v = seen - h @ mean
    total = h @ cov @ h + r
    k = cov @ h / total
    return mean + k * v, cov - k[:, None] * (h @ cov), 0.5 * (v * v / total + m.log(total))


def filter_torch(m, A, q, s, c, y):
    """A Kalman filter of two states: the likelihood of what was seen."""
    mean, cov = m.zeros(2, dtype=m.float64), m.eye(2, dtype=m.float64)
    noise, r, h = m.exp(q) * cov, m.exp(s), m.stack([c, 1 - c])
    loss = 0
    for t in range(len(y)):
        mean, cov, more = filtered(m, mean, cov, A, noise, r, h, y[t])
        loss = loss + more
    return loss


def filter_jax(np, A, q, s, c, y):
    """The same as a scan: JAX would compile a loop for minutes."""
    from jax.lax import scan

    noise, r, h = np.exp(q) * np.eye(2), np.exp(s), np.stack([c, 1 - c])

    def step(state, seen):
        mean, cov, more = filtered(np, *state, A, noise, r, h, seen)
        return (mean, cov), more

    return scan(step, (np.zeros(2), np.eye(2)), y)[1].sum()


INTEGRATOR = """
u, v = exp(0.1*a), exp(0.1*b)
for t in range(100):
    du = u - u*v
    dv = u*v - v
    p, q = u + 0.01*du, v + 0.01*dv
    u, v = u + 0.02*(p - p*q), v + 0.02*(p*q - q)
loss = sum(u*v)
"""


def stepped(u, v):
    """One step of the midpoint rule."""
    du = u - u * v
    dv = u * v - v
    p, q = u + 0.01 * du, v + 0.01 * dv
    return u + 0.02 * (p - p * q), v + 0.02 * (p * q - q)


def integrator_torch(m, a, b):
    """Hares and lynxes, from many beginnings."""
    u, v = m.exp(0.1 * a), m.exp(0.1 * b)
    for _ in range(100):
        u, v = stepped(u, v)
    return (u * v).sum()


def integrator_jax(np, a, b):
    """The same as a loop of JAX's."""
    from jax.lax import fori_loop

    u, v = fori_loop(0, 100, lambda _, state: stepped(*state), (np.exp(0.1 * a), np.exp(0.1 * b)))
    return (u * v).sum()


MODELS = (
    Model(
        "recurrent net",
        RECURRENT,
        recurrent_torch,
        recurrent_jax,
        lambda n: ({"u": (n, n), "w": (n, n), "b": (n,)}, {"x": (100 if n > 16 else 20, 16, n)}),
        (8, 64),
        lambda n: (100 if n > 16 else 20) * 16 * n,
        {"w": 0.1, "u": 0.1},
    ),
    Model(
        "Kalman filter",
        FILTER,
        filter_torch,
        filter_jax,
        lambda n: ({"A": (2, 2), "q": (), "s": (), "c": ()}, {"y": (n,)}),
        (10, 100),
        lambda n: 4 * n,
        {"A": 0.5},
    ),
    Model(
        "integrator",
        INTEGRATOR,
        integrator_torch,
        integrator_jax,
        lambda n: ({"a": (n,), "b": (n,)}, {}),
        (10, 10_000),
        lambda n: n,
    ),
)
