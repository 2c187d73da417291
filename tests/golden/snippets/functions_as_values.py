import torch
def apply(f, x):
    return f(x)
print(apply(torch.sin, torch.tensor(0.)), apply(torch.relu, torch.tensor([-1., 1.])))
fs = [torch.sin, torch.cos, torch.exp]
x = torch.tensor(0., requires_grad=True)
for f in fs:
    print(torch.autograd.grad(f(x), x)[0])
