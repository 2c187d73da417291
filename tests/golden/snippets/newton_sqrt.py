import torch

def f(x):
    return x * x - 2

x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
for _ in range(6):
    y = f(x)
    y.backward()
    x.data -= y.data / x.grad
    x.grad.zero_()
print(f"{x.item():.12f}")
print(x)
