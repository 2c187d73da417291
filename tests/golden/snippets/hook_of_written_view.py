import torch


def heard(name):
    return lambda g: print(name, g)


# A view's hook is one of its history: one that it gets later joins the first, until somebody asks for another.
a = torch.tensor([[0.0, 2.0], [2.0, 3.0]], requires_grad=True)
b = a.T
b.register_hook(heard("first"))
with torch.no_grad():
    a.mul_(2)
b.register_hook(heard("second"))
(b * b).sum().backward()
print(a.grad)

former = a.T
loss = (former * former).sum()
former.register_hook(heard("first"))
with torch.no_grad():
    a.zero_()
former.register_hook(heard("second"))
print(former.grad_fn is None)
former.register_hook(heard("third"))
(former * 3).sum().backward()
print(a.grad)

x = torch.ones(3, requires_grad=True)
y = x * 2
view = y[1:]
product = view.sum() * 5
view.register_hook(heard("first")).remove()
y.add_(1)
view.register_hook(heard("second"))
(view.sum() * 3).backward(retain_graph=True)
product.backward()
print(x.grad)
