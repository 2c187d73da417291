import torch
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vmap

functional = torch.autograd.functional
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x.detach()
w = torch.tensor([1.0, 0.0, 3.0], requires_grad=True)
A = torch.arange(9.0).view(3, 3)


def told(value):
    return (value.grad_fn.name() if value.grad_fn else None), value.requires_grad


numbers = {
    "square": lambda t: (t**2).sum(),
    "twice": lambda t: (2 * t).sum(),
    "quadratic": lambda t: t @ A @ t,
    "sine": lambda t: t.sin().sum(),
    "weighted": lambda t: (t.sin() * w).sum(),
    "product": lambda t: (t * t).sum(),
    "relu": lambda t: t.relu().sum(),
    "size": lambda t: t.abs().sum(),
    "mean": lambda t: t.mean(),
    "one": lambda t: t[0],
    "dot": lambda t: t @ t,
    "rosenbrock": lambda t: (1 - t[0]) ** 2 + 100 * (t[1] - t[0] ** 2) ** 2,
}
for name, f in numbers.items():
    for point in (x, y):
        print(name, told(grad(f)(point)), told(hessian(f)(point)), told(jacrev(f)(point)))
        print(told(jacfwd(f)(point)), told(jvp(f, (point,), (torch.ones(3),))[1]))
        print(told(functional.hessian(f, point, create_graph=True)))
        if name in ("square", "sine", "weighted", "product"):
            print(told(functional.hvp(f, point, torch.ones(3), create_graph=True)[1]))
        print(told(functional.hessian(f, point)))
vectors = {
    "half": lambda t: t / 2,
    "less": lambda t: 3 - t,
    "turned": lambda t: t.view(3, 1).T,
    "weighted": lambda t: t * w,
    "matrix": lambda t: A @ t,
    "constant": lambda t: w * 2,
    "moved": lambda t: t + w,
    "clamped": lambda t: t.clamp(0, 2),
    "root": lambda t: t.sqrt(),
    "softmax": lambda t: t.softmax(0),
    "outer": lambda t: torch.outer(t, t),
    "chosen": lambda t: torch.where(t > 1, t, t * 2),
    "differences": lambda t: t[1:] - t[:-1],
}
for name, f in vectors.items():
    for point in (x, y):
        print(name, told(jacrev(f)(point)), told(jacfwd(f)(point)))
        print(told(jvp(f, (point,), (torch.ones(3),))[1]))
        print(told(functional.jacobian(f, point, create_graph=True)))
print(vmap(grad(torch.sin))(x).grad_fn.name())
# What is constant has a history all the same, and zeros come of it.
second = hessian(numbers["product"])(x)
print(second)
print(torch.autograd.grad(second.sum(), x))
