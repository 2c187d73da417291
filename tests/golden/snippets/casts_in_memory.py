# Another dtype lies in memory as what it is made of.
import torch

cast_twice = (torch.tensor([[2.0, -1.0], [-0.5, 0.5]]) > 0).float().double()
print(cast_twice.sum())
a = torch.arange(6.0).reshape(2, 3).T
turned = torch.tensor([[[-1.0, 1.0]], [[-2.0, 3.0]]]).permute(2, 1, 0)
every_second = torch.arange(12.0).reshape(3, 4)[:, ::2]
for x in (a, a[:, None].transpose(0, 2), turned, every_second, a.expand(2, 3, 2)):
    for f in ("bool", "double", "int", "long", "half", "float"):
        y = getattr(x, f)()
        print(f, y.stride(), y.is_contiguous())
    print(x.to(torch.bool).stride(), x.to(torch.float64).stride(), x.type(torch.bool).stride())
    print((x.double() * 2).stride(), x.double().exp().stride())
try:
    print(a.bool().view(-1))
except RuntimeError as error:
    print(error)

w = torch.arange(6.0).reshape(2, 3).requires_grad_()
y = w.T.double()
print(y.view(3, 2), y.reshape(-1))
y.backward(torch.arange(6.0, dtype=torch.float64).reshape(3, 2))
print(w.grad, w.grad.stride())
v = torch.arange(6.0).reshape(2, 3).T.requires_grad_()
v.double().sum().backward()
print((cast_twice * 2).stride())
print(v.grad.stride(), v.double().grad_fn.name())
