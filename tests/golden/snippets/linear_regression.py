import torch

x = torch.tensor([0.0, 1.0, 2.0, 3.0, 4.0])
y = 3 * x + 1
w = torch.tensor(0.0, requires_grad=True)
b = torch.tensor(0.0, requires_grad=True)
lr = 0.05
for epoch in range(200):
    pred = w * x + b
    loss = ((pred - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
        b -= lr * b.grad
    w.grad.zero_()
    b.grad.zero_()
    if epoch % 50 == 0:
        print(f"epoch {epoch}: loss={loss.item():.4f}")
print(f"w = {w.item():.2f}, b = {b.item():.2f}")
