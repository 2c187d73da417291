import torch

print(torch.arange(30))
print(torch.arange(40.0))
print(torch.arange(40.0) / 7)
print(torch.arange(60).reshape(2, 30))
print(torch.linspace(0, 1, 25, requires_grad=True))
