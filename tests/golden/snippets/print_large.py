import torch

print(torch.arange(1001))
print(torch.arange(1000.0).reshape(100, 10)[:3])
print(torch.arange(10000.0).reshape(100, 100))
print(torch.zeros(50, 50))
print(torch.ones(20, 10, 10))
