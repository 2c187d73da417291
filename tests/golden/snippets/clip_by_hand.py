import torch

w = torch.tensor([3.1, 4.2], requires_grad=True)
loss = (w ** 2).sum() * 10
loss.backward()
total_norm = w.grad.norm()
print(total_norm)
max_norm = 5.0
if total_norm > max_norm:
    with torch.no_grad():
        w.grad.mul_(max_norm / total_norm)
print(w.grad, w.grad.norm())
clipped = w.grad.clamp(-3.5, 3.5)
print(clipped)
