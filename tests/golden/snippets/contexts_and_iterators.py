import torch
import torch.nn as nn
import itertools
from itertools import cycle, repeat, islice, pairwise, chain, starmap, takewhile
from collections import deque
from torch.utils.data import ConcatDataset, TensorDataset, DataLoader, random_split

c = cycle("abc")
print([next(c) for _ in range(7)])
for i, letter in zip(range(4), cycle([1, 2])):
    print(i, letter, end=" ")
print(list(islice(cycle([1, 2, 3]), 2, 8)), list(repeat(0, 3)), list(zip(range(3), repeat("x"))))
print(list(pairwise([1, 2, 3, 4])), list(chain.from_iterable([[1], [2, 3]])), list(chain([1], (2,))))
print(list(starmap(pow, [(2, 3), (3, 2)])), list(takewhile(lambda v: v < 3, [1, 2, 3, 1])))
d = deque([1, 2, 3, 4], maxlen=4)
d.rotate(1)
print(d)
d.rotate(-2)
print(d, d.index(3), d.count(1))
d.extendleft([8, 9])
d.remove(9)
print(d)

class Timer:
    def __init__(self, name):
        self.name = name
    def __enter__(self):
        print("enter", self.name)
        return self
    def __exit__(self, kind, value, trace):
        print("exit", self.name, kind.__name__ if kind else None, value)
        return self.name == "quiet"

with Timer("a") as t, Timer("b"):
    print(t.name)
with Timer("quiet"):
    raise ValueError("lost")
try:
    with Timer("loud") as t, torch.no_grad():
        1 / 0
except ZeroDivisionError as e:
    print("caught", e)
print(torch.is_grad_enabled())
def early():
    for i in range(3):
        with Timer(f"turn {i}"):
            if i == 1:
                return i
print(early())

class Causal(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mask", torch.tril(torch.ones(2, 2)), persistent=False)
        self.register_buffer("scale", torch.tensor(2.0))
        self.lin = nn.Linear(1, 1)
m = Causal()
print(list(m.state_dict()), [n for n, _ in m.named_buffers()], m.double().mask.dtype)
m.load_state_dict(m.state_dict())
a = TensorDataset(torch.arange(3.0))
b = TensorDataset(torch.arange(10.0, 12.0))
both = ConcatDataset([a, b])
print(len(both), both[3], both[-1], both.cumulative_sizes)
for (batch,) in DataLoader(both, batch_size=2):
    print(batch)
