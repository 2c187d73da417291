import torch
x = torch.tensor(2., requires_grad=True)
y1, y2 = x ** 2, x ** 3
torch.autograd.backward([y1, y2])
print(x.grad)
x.grad = None
torch.autograd.backward((x ** 2, x ** 3), (torch.tensor(1.), torch.tensor(2.)))
print(x.grad)
g = torch.autograd.grad([x ** 2, x ** 3], [x], grad_outputs=[torch.tensor(1.), torch.tensor(0.5)])
print(g)
