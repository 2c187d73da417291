import contextlib
import dataclasses
import torch
from dataclasses import dataclass
from torch.utils.data import DataLoader, default_collate


@dataclass(frozen=True, order=True)
class Result:
    loss: float
    name: str = "x"


@dataclass
class Loose:
    n: int


@dataclass(order=True)
class Best(Result if False else Loose):
    m: int = 0


rs = [Result(0.3, "b"), Result(0.1, "z"), Result(0.1, "a")]
print(sorted(rs), min(rs), max(rs), rs[0] > rs[1], rs[1] <= rs[1], rs[0] >= rs[1], rs[2] < rs[1])
print(sorted([Best(2, 1), Best(1, 5), Best(1, 3)], reverse=True))


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, "|", e)


def change():
    rs[0].loss = 1


attempt(change)
attempt(lambda: Result(1.0) < Best(1))
attempt(lambda: Loose(1) < Loose(2))
attempt(lambda: Result(1.0) < 3)
try:
    change()
except dataclasses.FrozenInstanceError as e:
    print("frozen", isinstance(e, AttributeError))


@contextlib.contextmanager
def evaluating(net):
    was = net.training
    net.eval()
    try:
        yield net
    finally:
        net.train(was)


net = torch.nn.Dropout(0.5)
with evaluating(net) as n:
    print(n.training, n(torch.ones(3)))
print(net.training)

# what batches are made of
print(list(DataLoader(list(zip(torch.arange(4.0), "abcd")), batch_size=2)))
print(default_collate([(1, "a", [2.0, "x"]), (2, "b", [3.0, "y"])]))
print(default_collate([{"s": "p", "n": 1}, {"s": "q", "n": 2}]), default_collate(["a", "b"]))

# what hooks give
def hooked(hook):
    x = torch.ones(2, requires_grad=True)
    x.register_hook(hook)
    x.sum().backward()
    return x.grad


def shorter(g):
    return g[:1]


attempt(lambda: hooked(shorter))
attempt(lambda: hooked(lambda g: g[:1]))
attempt(lambda: hooked(lambda g: "a"))
attempt(lambda: hooked(lambda g: 3))
attempt(lambda: hooked(lambda g: None))
attempt(lambda: hooked(lambda g: g * 2))
