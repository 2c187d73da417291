import torch
w = torch.tensor(0.9, requires_grad=True)
h = torch.tensor(1.0)
for t in range(6):
    h = torch.sin(w * h)
    if t % 2 == 1:
        loss = h ** 2
        loss.backward()
        print(t, f"{w.grad.item():.5f}")
        w.grad = None
        h = h.detach()
