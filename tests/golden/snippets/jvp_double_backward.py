import torch
x = torch.tensor([1., 2., 3.], requires_grad=True)
v = torch.tensor([1., 0., -1.])
y = x ** 2 * x.sum()
u = torch.zeros_like(y, requires_grad=True)
vj = torch.autograd.grad(y, x, u, create_graph=True)[0]
jv = torch.autograd.grad(vj, u, v)[0]
print(jv)
