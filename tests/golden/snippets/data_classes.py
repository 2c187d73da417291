import torch
import torch.nn as nn
from dataclasses import dataclass, field, asdict, replace
from typing import List, Optional

@dataclass
class Config:
    """Settings."""
    lr: float = 0.1
    epochs: int = 3
    sizes: List[int] = field(default_factory=lambda: [2, 4])
    name: Optional[str] = None

    def total(self):
        return sum(self.sizes)

    @property
    def double(self):
        return 2 * self.lr

c = Config(epochs=5)
print(c, c.total(), c.double, c == Config(epochs=5), c != Config())
d = Config(0.2, name="x")
d.sizes.append(7)
print(d.sizes, Config().sizes, Config.lr)
d.lr = 1e-3
print(d, asdict(d))
print(replace(d, epochs=1).epochs)

@dataclass
class Point:
    x: torch.Tensor
    y: float
    norm: float = field(default=0.0, repr=False)
    def __post_init__(self):
        self.norm = (self.x ** 2).sum().item() + self.y ** 2

p = Point(torch.tensor([3.0, 0.0]), 4)
print(p, p.norm)
try:
    Point(1)
except TypeError as e:
    print(e)
try:
    Point(1, 2, z=3)
except TypeError as e:
    print(e)

@dataclass(frozen=True)
class Fixed:
    a: int
    b: int = 2
f = Fixed(1)
print(f)
try:
    f.a = 3
except AttributeError as e:
    print(e)

@dataclass
class Deep(Config):
    depth: int = 2
print(Deep(depth=3, lr=0.5))
configs = [Config(lr=10 ** -i) for i in range(3)]
print([k.lr for k in configs], min(configs, key=lambda k: k.lr).lr)
@dataclass
class Batch:
    inputs: torch.Tensor
    targets: torch.Tensor
    def __len__(self):
        return len(self.inputs)
    def to(self, dtype):
        return Batch(self.inputs.to(dtype), self.targets)
b = Batch(torch.ones(3, 2), torch.zeros(3))
print(len(b), b.to(torch.float64).inputs.dtype, b)
def register(cls):
    print("registered", cls.__name__)
    return cls
@register
@dataclass
class Last:
    n: int = 1
print(Last(), isinstance(Last(), Last))
