import random
import numpy as np
import torch

np.random.seed(3)
random.seed(7)
torch.manual_seed(1)
print(torch.rand(2), np.random.rand(), np.random.randint(0, 10), random.random(), random.randint(1, 6))
print(torch.from_numpy(np.random.randn(2, 3)), torch.tensor(np.random.normal(1.0, 2.0, size=3)))
print(torch.tensor(np.random.uniform(-1, 1, (2, 2))), torch.tensor(np.random.permutation(5)))
items = list(range(6))
random.shuffle(items)
print(items, random.choice(items), random.sample(items, 3), random.uniform(0, 1), random.gauss(0, 1), torch.rand(1))
x = torch.arange(6.0).reshape(2, 3)
print(x.t().contiguous().view(6), x.t().is_contiguous(), x.contiguous() is x, x.stride(), x.stride(0))
