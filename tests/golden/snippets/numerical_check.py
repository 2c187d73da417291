import torch

def f(x):
    return (x ** 3 - 2 * x).sin()

x = torch.tensor(0.8, dtype=torch.double, requires_grad=True)
f(x).backward()
h = 1e-6
numeric = (f(x.detach() + h) - f(x.detach() - h)) / (2 * h)
print(f"{x.grad.item():.6f} {numeric.item():.6f}")
print((x.grad - numeric).abs() < 1e-8)
print(x)
