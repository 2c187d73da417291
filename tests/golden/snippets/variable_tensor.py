import torch
from torch.autograd import Variable

x = Variable(torch.Tensor([3]), requires_grad=True)
y = x ** 2 + 2 * x
y.backward()
print(x.grad)
print(torch.Tensor([[1, 2], [3, 4]]))
