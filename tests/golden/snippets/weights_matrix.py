import torch

a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
b = torch.tensor([[5.0, 6.0], [7.0, 8.0]], requires_grad=True)
c = a + 2 * b
print(c)
w = torch.tensor([[1.0, 0.1], [0.01, 0.001]])
c.backward(w)
print(a.grad)
print(b.grad)
