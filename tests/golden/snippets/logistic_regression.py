import torch

X = torch.tensor([[0.5], [1.0], [1.5], [3.0], [3.5], [4.0]])
y = torch.tensor([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for i in range(200):
    p = torch.sigmoid(X @ w + b)
    loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
        b -= 0.5 * b.grad
        w.grad.zero_()
        b.grad.zero_()
    if i % 50 == 0:
        print(i, f"{loss.item():.3f}")
print("accuracy:", ((p > 0.5).float() == y).float().mean().item())
