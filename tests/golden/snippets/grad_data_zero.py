import torch
x = torch.tensor([1., 2.], requires_grad=True)
for i in range(3):
    y = (x * x).sum()
    y.backward()
    print(x.grad)
    x.grad.data.zero_()
print(x.grad)
x.grad.zero_()
x.grad.detach_()
x.grad.fill_(7.)
print(x.grad)
