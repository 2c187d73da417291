"""`x[key] op= value` finds what holds it and the key once, and assigns to the tensor in the end."""
import torch


def told(name, thing):
    print(name)
    return thing


numbers, table = [1, 2], {"a": 1}
told("list", numbers)[told("place", 0)] += 1
told("dict", table)[told("key", "a")] *= 5
t = torch.ones(3)
told("tensor", t)[told("at", 1)] += 1
told("tensor", t)[told("mask", t > 1)] *= 3


class Counter:
    def __init__(self):
        self.count = 0


counter = Counter()
told("object", counter).count += 2
print(numbers, table, t, counter.count)

x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
y = x * 1
y[...] *= 2
print(y, y._version)
y = x * 1
y[:] += y
print(y, y._version)
y = x * 1
part = y[0]
part[...] *= 2
y[0] -= 1
print(y, part, y._version)
y = x * 1
y[[0, 1]] /= 2
print(y, y._version)
y.sum().backward()
print(x.grad)
with torch.no_grad():
    x[0] += 1
    x[:] *= 2
print(x, x._version)
w = torch.tensor(2.0, requires_grad=True)
y = x * 1
y[0] **= w
try:
    y.sum().backward()
except RuntimeError as error:
    print(str(error)[:70])
