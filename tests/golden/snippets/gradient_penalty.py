import torch

x = torch.tensor([0.5, -1.0, 2.0], requires_grad=True)
w = torch.tensor([1.0, 2.0, -0.5], requires_grad=True)
out = torch.tanh((w * x).sum())
g, = torch.autograd.grad(out, x, create_graph=True)
penalty = (g.norm(2) - 1) ** 2
penalty.backward()
print(f"{penalty.item():.4f}")
print(w.grad)
