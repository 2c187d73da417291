import torch
from torch.autograd import Variable
x = Variable(torch.ones(2, 2), requires_grad=True)
y = x + 2
z = y * y * 3
out = z.mean()
out.backward()
print(x.grad)
print(x.grad.data)
print(x.data[0])
print(x.data[0][1], x.grad.data[0, 0])
v = torch.autograd.Variable(torch.Tensor([1, 2, 3]))
print(v, v.requires_grad)
print(y.creator if False else y.grad_fn is not None)
