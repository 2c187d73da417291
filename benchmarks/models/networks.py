"""Layers, norms, convolutions, lookups."""

from __future__ import annotations

from benchmarks.models import Model, Whole
from benchmarks.models.regressions import classes_jax

NORM = "loss = sum(gelu(layer_norm(x, [x.shape[1]], g, b))*v)"


def norm_torch(m, x, g, b, v):
    """Rows made normal, and gelu."""
    return (m.nn.functional.gelu(m.nn.functional.layer_norm(x, [x.shape[1]], g, b)) * v).sum()


def norm_jax(np, x, g, b, v):
    """The same."""
    from jax.nn import gelu

    centred = x - x.mean(1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(1, keepdims=True) + 1e-5)
    return (gelu(scaled * g + b, approximate=False) * v).sum()


BATCH = "loss = sum(relu(batch_norm(x @ w, None, None, g, b, training=True))*v)"


def batch_torch(m, w, g, b, x, v):
    """A layer whose columns are made normal."""
    f = m.nn.functional
    return (f.relu(f.batch_norm(x @ w, None, None, g, b, training=True)) * v).sum()


def batch_jax(np, w, g, b, x, v):
    """The same."""
    from jax.nn import relu

    h = x @ w
    centred = h - h.mean(0)
    scaled = centred / np.sqrt((centred**2).mean(0) + 1e-5)
    return (relu(scaled * g + b) * v).sum()


ATTENTION = "loss = sum(softmax(q @ k.transpose(1, 2)/8, -1) @ v * u)"


def attention_torch(m, q, k, v, u):
    """Attention of some heads."""
    return (m.softmax(q @ k.transpose(1, 2) / 8, -1) @ v * u).sum()


def attention_jax(np, q, k, v, u):
    """The same."""
    from jax.nn import softmax

    return (softmax(q @ k.swapaxes(1, 2) / 8, -1) @ v * u).sum()


LAYERS = """
h = relu(x @ w1 + b1)
h = relu(h @ w2 + b2)
loss = cross_entropy(h @ w3 + b3, y)
"""


def layers_torch(m, w1, b1, w2, b2, w3, b3, x, y):
    """Three layers and a cross entropy."""
    h = m.relu(x @ w1 + b1)
    h = m.relu(h @ w2 + b2)
    return m.nn.functional.cross_entropy(h @ w3 + b3, y)


def layers_jax(np, w1, b1, w2, b2, w3, b3, x, y):
    """The same."""
    from jax.nn import relu

    h = relu(x @ w1 + b1)
    return classes_jax(np, w3, b3, relu(h @ w2 + b2), y)


CONVOLUTION = """
h = relu(conv2d(x, w, b, padding=1))
loss = sum(mean(h, [2, 3])**2)
"""


def convolution_torch(m, w, b, x):
    """One convolution and a mean."""
    h = m.relu(m.nn.functional.conv2d(x, w, b, padding=1))
    return (h.mean([2, 3]) ** 2).sum()


def _convolved(x, w, b, padding):
    from jax.lax import conv_general_dilated

    return conv_general_dilated(x, w, (1, 1), [(padding, padding)] * 2) + b[:, None, None]


def convolution_jax(np, w, b, x):
    """The same."""
    from jax.nn import relu

    return (relu(_convolved(x, w, b, 1)).mean((2, 3)) ** 2).sum()


PICTURES = """
h = max_pool2d(relu(conv2d(x, w1, b1)), 2)
h = max_pool2d(relu(conv2d(h, w2, b2)), 2)
loss = cross_entropy(h.flatten(1) @ w3, y)
"""


def pictures_torch(m, w1, b1, w2, b2, w3, x, y):
    """A small network on pictures."""
    f = m.nn.functional
    h = f.max_pool2d(m.relu(f.conv2d(x, w1, b1)), 2)
    h = f.max_pool2d(m.relu(f.conv2d(h, w2, b2)), 2)
    return f.cross_entropy(h.flatten(1) @ w3, y)


def _pooled(x):
    from jax.lax import max, reduce_window

    return reduce_window(x, -float("inf"), max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def pictures_jax(np, w1, b1, w2, b2, w3, x, y):
    """The same."""
    from jax.nn import relu

    h = _pooled(relu(_convolved(x, w1, b1, 0)))
    h = _pooled(relu(_convolved(h, w2, b2, 0)))
    return classes_jax(np, w3, 0.0, h.reshape(len(h), -1), y)


LOOKUP = """
h = tanh(mean(e[i], 1) @ w)
loss = sum(h*v)
"""


def lookup(m, e, w, i, v):
    """Bags of words: rows of a table, their means, a layer."""
    return (m.tanh(e[i].mean(1) @ w) * v).sum()


VARIATIONAL = """
h = tanh(x @ w1)
mu, s = h @ w2, h @ w3
z = mu + exp(0.5*s)*n
y = tanh(z @ w4) @ w5
loss = mean(sum((x - y)**2, 1) - 0.5*sum(1 + s - mu**2 - exp(s), 1))
"""


def variational(m, w1, w2, w3, w4, w5, x, n):
    """The bound of a variational autoencoder."""
    h = m.tanh(x @ w1)
    mu, s = h @ w2, h @ w3
    z = mu + m.exp(0.5 * s) * n
    y = m.tanh(z @ w4) @ w5
    return (((x - y) ** 2).sum(1) - 0.5 * (1 + s - mu**2 - m.exp(s)).sum(1)).mean()


MODELS = (
    Model(
        "layer norm, gelu",
        NORM,
        norm_torch,
        norm_jax,
        lambda n: ({"x": (n, 512), "g": (512,), "b": (512,)}, {"v": (n, 512)}),
        (10, 1000),
        lambda n: 512 * n,
    ),
    Model(
        "attention",
        ATTENTION,
        attention_torch,
        attention_jax,
        lambda n: (dict.fromkeys("qkv", (8, n, 64)), {"u": (8, n, 64)}),
        (16, 128),
        lambda n: 8 * n * n,
    ),
    Model(
        "convolution",
        CONVOLUTION,
        convolution_torch,
        convolution_jax,
        lambda n: ({"w": (n, n // 2, 3, 3), "b": (n,)}, {"x": (n, n // 2, 2 * n, 2 * n)}),
        (4, 16),
        lambda n: 4 * n**4,
    ),
    Model(
        "network on pictures",
        PICTURES,
        pictures_torch,
        pictures_jax,
        lambda n: (
            {"w1": (8, 1, 3, 3), "b1": (8,), "w2": (16, 8, 3, 3), "b2": (16,), "w3": (400, 10)},
            {"x": (n, 1, 28, 28), "y": Whole((n,), 10)},
        ),
        (1, 64),
        lambda n: 8 * 26 * 26 * n,
    ),
    Model(
        "batch norm",
        BATCH,
        batch_torch,
        batch_jax,
        lambda n: ({"w": (64, n // 8), "g": (n // 8,), "b": (n // 8,)}, {"x": (n, 64), "v": (n, n // 8)}),
        (64, 2048),
        lambda n: n * n // 8,
    ),
    Model(
        "three layers",
        LAYERS,
        layers_torch,
        layers_jax,
        lambda n: (
            {"w1": (64, n), "b1": (n,), "w2": (n, n), "b2": (n,), "w3": (n, 10), "b3": (10,)},
            {"x": (n, 64), "y": Whole((n,), 10)},
        ),
        (16, 256),
        lambda n: n * n,
        {"w1": 0.1, "w2": 0.1, "w3": 0.1},
    ),
    Model(
        "embedding lookup",
        LOOKUP,
        lookup,
        lookup,
        lambda n: ({"e": (4 * n, 64), "w": (64, 16)}, {"i": Whole((n, 10), 4 * n), "v": (n, 16)}),
        (10, 1000),
        lambda n: 640 * n,
    ),
    Model(
        "variational loss",
        VARIATIONAL,
        variational,
        variational,
        lambda n: (
            {"w1": (100, 64), "w2": (64, 8), "w3": (64, 8), "w4": (8, 64), "w5": (64, 100)},
            {"x": (n, 100), "n": (n, 8)},
        ),
        (20, 2000),
        lambda n: 100 * n,
        dict.fromkeys(("w1", "w2", "w3", "w4", "w5"), 0.1),
    ),
)
