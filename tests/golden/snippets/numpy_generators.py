import torch
import numpy as np
rng = np.random.RandomState(3)
print(rng.randint(0, 6, (2, 3)), rng.rand(2), rng.randn(3), rng.normal(1, 2, size=2), rng.permutation(5), rng.uniform(-1, 1), rng.choice(5, 3, replace=False))
np.random.seed(0); a = np.random.rand()
g = np.random.default_rng(42)
print(g.random(2), g.integers(0, 10, size=5), g.integers(10), g.normal(size=(2, 2)), g.standard_normal(3), g.permutation(6), g.uniform(0, 2), g.choice([1, 2, 3], 2), g.choice(4, p=[.1, .2, .3, .4]), g.integers(1, 6, size=4, endpoint=True))
x = [1, 2, 3, 4, 5, 6]; g.shuffle(x); print(x)
y = np.arange(7); g.shuffle(y); print(y, g.permutation(y), g.permutation(y.reshape(-1, 1))[:3])
z = [1, 2, 3, 4, 5, 6]; rng.shuffle(z); print(z, rng.permutation([3, 4, 5]))
print(a, np.random.rand(), type(rng.rand(2)), torch.from_numpy(g.normal(size=3)), torch.tensor(rng.rand(2)))
try: g.integers(3, 3)
except ValueError as e: print(e)
