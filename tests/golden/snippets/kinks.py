import torch
x = torch.tensor([-1., 0., 1.], requires_grad=True)
for f in [torch.abs, torch.relu, torch.sign, torch.nn.functional.leaky_relu, torch.nn.functional.hardtanh]:
    g, = torch.autograd.grad(f(x).sum(), x)
    print(g)
a = torch.tensor([1., 2., 2.], requires_grad=True)
print(torch.autograd.grad(a.max(), a)[0], torch.autograd.grad(a.amax(), a)[0])
print(torch.autograd.grad(torch.maximum(a, torch.tensor(2.)).sum(), a)[0])
print(torch.autograd.grad(a.clamp(min=2.).sum(), a)[0], torch.autograd.grad(a.median(), a)[0])
