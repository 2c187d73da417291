import torch

print(torch.tensor([1e-8, 1.0, 1e8]))
print(torch.tensor([1e-5, 1e-4]))
print(torch.tensor([1.0, 1e5]))
print(torch.tensor([1.5, 123456.0]))
print(torch.tensor([1e10, 2e10]))
print(torch.tensor([1e8, 1.0]))
print(torch.tensor([0.00012, 0.5]))
print(torch.tensor([[1e-10, 1.0], [3.0, -2e-3]]))
print(torch.tensor([99999999.0, 1.0]))
print(torch.tensor([1000.5, 0.001]))
print(torch.tensor([0.0001, 0.00025]))
print(torch.tensor([0.0, 1e-20]))
