import torch

w = torch.tensor([2.0, -3.0], requires_grad=True)
v = torch.zeros(2)
lr, mu = 0.1, 0.9
for step in range(20):
    loss = (w ** 2 * torch.tensor([1.0, 0.5])).sum()
    loss.backward()
    with torch.no_grad():
        v = mu * v + w.grad
        w -= lr * v
    w.grad = None
    if step % 5 == 4:
        print(step + 1, f"{loss.item():.4f}", w.detach())
