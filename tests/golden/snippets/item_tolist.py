import torch

t = torch.tensor([[1, 2], [3, 4]])
print(t.tolist(), t[1, 0].item(), t.sum().item())
f = torch.tensor([0.5, 0.25, -8.0])
print(f.tolist())
print(f.max().item(), f.min().item())
print(torch.tensor(True).item())
for v in f.tolist():
    print(v * 2)
