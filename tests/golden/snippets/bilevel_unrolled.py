import torch
lr = torch.tensor(0.1, requires_grad=True)
w = torch.tensor([1.0, -2.0], requires_grad=True)
cur = w
for _ in range(3):
    loss = (cur ** 2).sum()
    g, = torch.autograd.grad(loss, cur, create_graph=True)
    cur = cur - lr * g
(cur ** 2).sum().backward()
print(lr.grad, w.grad)
