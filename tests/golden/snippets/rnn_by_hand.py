import torch

W = torch.tensor([[0.5, -0.3], [0.2, 0.4]], requires_grad=True)
U = torch.tensor([[1.0], [-1.0]], requires_grad=True)
h = torch.zeros(2, 1)
inputs = [0.5, -0.2, 0.9]
for x in inputs:
    h = torch.tanh(W @ h + U * x)
loss = (h ** 2).sum()
loss.backward()
print(h)
print(W.grad)
print(U.grad)
