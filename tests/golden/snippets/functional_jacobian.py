import torch
from torch.autograd.functional import jacobian, hessian
def f(x):
    return x ** 2
def g(x):
    return (x ** 3).sum()
x = torch.tensor([1., 2., 3.])
print(jacobian(f, x))
print(hessian(g, x))
print(torch.autograd.functional.vjp(g, x))
print(torch.autograd.functional.jvp(f, x, torch.ones(3)))
print(torch.autograd.functional.hvp(g, x, torch.ones(3)))
print(torch.autograd.functional.vhp(g, x, torch.ones(3)))
