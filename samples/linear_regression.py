# Linear regression by hand-written descent, as PyTorch's tutorials do it.
import torch

x = torch.tensor([[1.0], [2.0], [3.0], [4.0]])
y = torch.tensor([[3.1], [4.9], [7.2], [8.8]])
w = torch.zeros(1, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)

for epoch in range(1, 401):
    loss = torch.mean((x @ w + b - y) ** 2)
    loss.backward()
    with torch.no_grad():
        w -= 0.05 * w.grad
        b -= 0.05 * b.grad
    w.grad.zero_()
    b.grad.zero_()
    if epoch % 100 == 0:
        print(f"epoch {epoch}: loss {loss.item():.4f}, w {w.item():.3f}, b {b.item():.3f}")
