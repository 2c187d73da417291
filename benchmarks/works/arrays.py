"""Value and gradient of functions of large arrays, of a chain of matrices and of a small network.

The contenders: gradcli's compiled program; PyTorch; JAX's jit; autograd; and NumPy as somebody would
write value and gradient by hand. numexpr has no gradients and is given both formulas.
"""

from __future__ import annotations

from functools import partial

from benchmarks.works import Work


def gradcli(source, **arrays):
    """gradcli's compiled program, with respect to all inputs."""
    import gradcli as package

    program = package.compile(source, wrt=list(arrays))

    def run():
        result = program(**arrays)
        return [result.grads[name] for name in arrays]

    run()
    return run


def torch(function, **arrays):
    """PyTorch's eager backward."""
    import torch as package

    leaves = [package.from_numpy(each).requires_grad_() for each in arrays.values()]

    def run():
        for leaf in leaves:
            leaf.grad = None
        function(package, *leaves).backward()
        return [leaf.grad for leaf in leaves]

    return run


def jax(function, **arrays):
    """JAX's jit of value_and_grad, in 64 bits."""
    import jax as package

    package.config.update("jax_enable_x64", True)
    numpy = package.numpy
    compiled = package.jit(
        package.value_and_grad(lambda *leaves: function(numpy, *leaves), argnums=tuple(range(len(arrays))))
    )
    leaves = [numpy.asarray(each) for each in arrays.values()]
    return lambda: package.block_until_ready(compiled(*leaves))


def autograd(function, **arrays):
    """HIPS autograd."""
    import autograd.numpy as numpy

    import autograd as package

    leaves = list(arrays.values())
    both = package.value_and_grad(lambda leaves: function(numpy, *leaves))
    return lambda: both(leaves)


def data(*shapes):
    """Normally distributed numbers, the same for every contender."""
    import numpy as np

    generator = np.random.default_rng(0)
    return [generator.standard_normal(shape) for shape in shapes]


# ---- transcendental ----

WAVE = "sum(sin(x)*exp(-x**2) + tanh(x)*log1p(x**2))"


def wave(m, x):
    """The first function, in any of the array packages."""
    return m.sum(m.sin(x) * m.exp(-(x**2)) + m.tanh(x) * m.log1p(x**2))


def wave_by_hand(x):
    """Its value and gradient in NumPy."""
    import numpy as np

    def run():
        square = x * x
        bell, sine, flat, slow = np.exp(-square), np.sin(x), np.tanh(x), np.log1p(square)
        value = np.sum(sine * bell + flat * slow)
        slope = np.cos(x) * bell - 2 * x * sine * bell + (1 - flat * flat) * slow
        return value, slope + flat * 2 * x / (1 + square)

    return run


def wave_numexpr(x):
    """Value and gradient as two expressions, which numexpr compiles and runs on its threads."""
    import numexpr

    value = "sum(sin(x)*exp(-x**2) + tanh(x)*log1p(x**2))"
    slope = "(cos(x) - 2*x*sin(x))*exp(-x**2) + (1-tanh(x)**2)*log1p(x**2) + tanh(x)*2*x/(1+x**2)"
    return lambda: (numexpr.evaluate(value, {"x": x}), numexpr.evaluate(slope, {"x": x}))


# ---- memory-bound ----

WEIGHTED = "sum((x - y)**2 * w)"


def weighted(m, x, y, w):
    """Weighted squares, where arithmetic costs nothing and memory everything."""
    return m.sum((x - y) ** 2 * w)


def weighted_by_hand(x, y, w):
    """Its value and three gradients in NumPy."""

    def run():
        difference = x - y
        square = difference * difference
        slope = 2 * difference * w
        return (square * w).sum(), slope, -slope, square

    return run


# ---- broadcasting ----

OUTER = "sum(tanh(a[:, None] * b[None, :]))"


def outer(m, a, b):
    """All products of two vectors."""
    return m.sum(m.tanh(a[:, None] * b[None, :]))


def outer_by_hand(a, b):
    """Its value and two gradients in NumPy."""
    import numpy as np

    def run():
        flat = np.tanh(a[:, None] * b[None, :])
        slope = 1 - flat * flat
        return flat.sum(), slope @ b, a @ slope

    return run


# ---- matrices ----

CHAIN = "sum(a @ b @ c @ d)"


def chain(m, a, b, c, d):
    """A product of four matrices."""
    return m.sum(a @ b @ c @ d)


def chain_by_hand(a, b, c, d):
    """Its value and four gradients in NumPy."""
    import numpy as np

    def run():
        ab = a @ b
        abc = ab @ c
        g = np.ones((len(a), d.shape[1]))
        g3 = g @ d.T
        g2 = g3 @ c.T
        return (abc @ d).sum(), g2 @ b.T, a.T @ g2, ab.T @ g3, abc.T @ g

    return run


NETWORK = "sum((tanh(x @ w + u) @ v - y)**2)"


def network(m, w, u, v, x, y):
    """Two layers and a squared error."""
    return m.sum((m.tanh(x @ w + u) @ v - y) ** 2)


def network_by_hand(w, u, v, x, y):
    """Its value and gradients in NumPy."""
    import numpy as np

    def run():
        hidden = np.tanh(x @ w + u)
        miss = hidden @ v - y
        g = 2 * miss
        back = (g @ v.T) * (1 - hidden * hidden)
        return (miss * miss).sum(), x.T @ back, back.sum(0), hidden.T @ g, back @ w.T, -g

    return run


def contenders(source, function, by_hand, shapes):
    """The table row's contenders over arrays of these shapes, by name."""

    def named(build, first):
        return lambda: build(first, **shapes())

    found = {
        "gradcli": named(gradcli, source),
        "JAX": named(jax, function),
        "PyTorch": named(torch, function),
        "autograd": named(autograd, function),
        "NumPy": lambda: by_hand(**shapes()),
    }
    if function is wave:
        found["numexpr"] = lambda: wave_numexpr(**shapes())
    return found


def _arrays(**shapes):
    return dict(zip(shapes, data(*shapes.values()), strict=True))


SIZES = {"1": 1, "10^3": 10**3, "10^5": 10**5, "10^6": 10**6, "10^7": 10**7}
WAVE_BARS = {10**5: 1.0, 10**6: 1.0, 10**7: 0.65}


def _bars(size, **others):
    """Never slower than autograd or NumPy by hand beyond 10⁴ elements."""
    return {"autograd": 1.0, "NumPy": 1.0, **others} if size > 10**4 else {}


def _side(size):
    return max(round(size**0.5), 1)


WORKS = [
    *[
        Work(
            f"transcendental {label}",
            contenders(WAVE, wave, wave_by_hand, partial(_arrays, x=(size,))),
            _bars(size, JAX=WAVE_BARS.get(size, 1.0), PyTorch=1.0),
        )
        for label, size in SIZES.items()
    ],
    *[
        Work(
            f"memory-bound {label}",
            contenders(
                WEIGHTED, weighted, weighted_by_hand, partial(_arrays, x=(size,), y=(size,), w=(size,))
            ),
            _bars(size),
        )
        for label, size in SIZES.items()
    ],
    *[
        Work(
            f"broadcasting {label}",
            contenders(OUTER, outer, outer_by_hand, partial(_arrays, a=(_side(size),), b=(_side(size),))),
            _bars(size),
        )
        for label, size in SIZES.items()
    ],
    Work(
        "matrix chain 300",
        contenders(
            CHAIN,
            chain,
            chain_by_hand,
            partial(_arrays, a=(300, 300), b=(300, 300), c=(300, 300), d=(300, 300)),
        ),
        _bars(90_000),
    ),
    Work(
        "network 256×512×10",
        contenders(
            NETWORK,
            network,
            network_by_hand,
            partial(_arrays, w=(256, 512), u=(512,), v=(512, 10), x=(256, 256), y=(256, 10)),
        ),
        _bars(131_072),
    ),
]
