import torch
x = torch.tensor(10.0, requires_grad=True)
n = 0
while True:
    y = (x - 2) ** 2
    y.backward()
    if x.grad.abs() < 1e-3:
        break
    with torch.no_grad():
        x -= 0.1 * x.grad
    x.grad.zero_()
    n += 1
print(n, f"{x.item():.3f}")
