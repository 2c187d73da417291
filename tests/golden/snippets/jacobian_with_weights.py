import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x ** 2 * x.sum()
rows = []
for i in range(3):
    v = torch.eye(3)[i]
    y.backward(v, retain_graph=True)
    rows += [x.grad.clone()]
    x.grad.zero_()
print(torch.stack(rows))
