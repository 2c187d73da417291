import torch
def show(g):
    print("grad of y:", g)
x = torch.tensor([1., 2.], requires_grad=True)
y = x ** 2
z = y.mean()
y.register_hook(show)
y.register_hook(print)
z.backward()
print(x.grad)
