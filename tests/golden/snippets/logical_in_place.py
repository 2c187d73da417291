"""Logical operations in place leave the history as it is, and are a write all the same."""
import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * 2
y.logical_not_()
print(y, y._version)
y.sum().backward()
print(x.grad)
y = x * 3
y[0].logical_and_(y[1])
y.logical_or_(x)
y.logical_xor_(x)
print(y)
y.sum().backward()
print(x.grad)
y = x.exp()
y.logical_not_()
try:
    y.sum().backward()
except RuntimeError as error:
    print(str(error)[:60])
x.logical_not_()
print(x)
try:
    y.float_power_(2)
except RuntimeError as error:
    print(error)
