import torch

print(torch.tensor(3.0), torch.tensor(3), torch.tensor(True))
print(torch.tensor([1.0, 2.0]), torch.tensor([1.5, -2.25]))
print(torch.tensor([[1, -20], [300, 4]]))
print(torch.tensor([[True, False], [False, True]]))
print(torch.tensor([]), torch.zeros(0, 3), torch.zeros(2, 0))
print(torch.tensor([[0.1, 0.22], [0.333, 4.4444]]))
print(torch.zeros(2, 2, 2))
print(torch.tensor([1.0, float("nan"), float("inf"), -float("inf")]))
print(torch.tensor([[1.0, float("inf")], [-0.5, 100.0]]))
print(torch.tensor(0.1), torch.tensor(1e10), torch.tensor(1e-7), torch.tensor(123456.789))
